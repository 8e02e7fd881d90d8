"""What is left when the ledger's file is damaged? The most that can be proven from it and from its older generations.

A snapshot or a run of commits is believed as far as it is whole and without a gap: first the file itself, then each
generation, and on top whichever commits carry the numbers that come next, wherever they stand. Behind a gap nothing is
believed but the rows of *lasting* tables, each of which is true by itself: what was read, what the user decided, what
was written outside. The others (cursors above all) stay as before the gap, so that the accounts are read again from
there and nothing the lost commits held is missed for good.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from daemon.ledger.lines import HIGHEST, Line, rows
from daemon.ledger.replay import Content, Scan, commits, scan


class Damaged(Exception):
    """The ledger's file is damaged, and no generation of it can be read either; the text says where."""


@dataclass(frozen=True, slots=True)
class Healing:
    """What was done about a damaged file: which file was ``believed``, and how many commits are ``lost``."""

    believed: str
    lost: int

    def __str__(self) -> str:
        lost = f"{self.lost} commits are lost" if self.lost else "nothing is lost"
        return f"the ledger's file was damaged and lies in corrupt/ now; {lost}, going on from {self.believed}"


def heal(broken: Scan, path: Path, generations: Sequence[Path], lasting: Collection[str]) -> tuple[Content, Healing]:
    """Return what can be proven, and how. ``generations``: the newest first. Raises Damaged, NewerFormat, OSError."""
    name, base = _best((path, broken), generations, path)
    files = [item for item in (*reversed(generations), path) if item.exists()]
    _continue(base, files)
    newest = _keep(base, files, lasting)
    lost = max(newest - base.sequence, 0)
    sequence = max(newest, base.sequence) + 1
    return replace(base, sequence=sequence, indexes={}), Healing(believed=name, lost=lost)


def _best(first: tuple[Path, Scan], generations: Iterable[Path], path: Path) -> tuple[str, Content]:
    found = [first, *((item, scan(item)) for item in generations if item.exists())]
    good = [(item.name, result.content) for item, result in found if result.whole]
    if not good:
        place = f"byte {first[1].end} of {first[1].size}"
        raise Damaged(f"{path.name} is damaged at {place}, and there is no generation of it that can be read")
    return max(good, key=lambda pair: pair[1].sequence)


def _continue(base: Content, files: Sequence[Path]) -> None:
    """Apply the commits that follow without a gap, wherever they stand; the oldest file's first."""
    known = -1
    while known != base.sequence:
        known = base.sequence
        for line in chain.from_iterable(map(commits, files)):
            if line.mark == base.sequence + 1:
                _apply(base, line, None)
                base.sequence += 1


def _keep(base: Content, files: Iterable[Path], lasting: Collection[str]) -> int:
    """Apply what lasts of the commits behind a gap; return the newest commit's number."""
    newest = base.sequence
    for file in files:
        for line in commits(file):
            if isinstance(line.mark, int) and line.mark > base.sequence:
                _apply(base, line, lasting)
                newest = max(newest, line.mark)
    return newest


def _apply(base: Content, line: Line, only: Collection[str] | None) -> None:
    for table, number, raw, _ in rows(line):
        if only is None or table in only or number == HIGHEST:
            base.put(table, number, raw)
