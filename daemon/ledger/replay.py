"""What does a file of lines hold? Snapshot and commits, one after the other, as far as they are whole.

Three ends are told apart: all of it is whole; a *torn tail*, bytes of a commit that was never acknowledged; and
*damage*, bytes that are not whole although whole lines stand behind them, which no crash of ours leaves.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from connectors.files import CHUNK, open_regular
from daemon.ledger.lines import FORMAT, HIGHEST, INDEX, Line, Part, Rows, part_rows, read, rows, whole_start
from daemon.ledger.places import drop, put, put_part


class NewerFormat(Exception):
    """The ledger's file was written by a newer Kith."""


@dataclass(slots=True)
class Content:
    """Tables as they stand after commit ``sequence``, and the highest id ever given in each."""

    tables: dict[str, Rows] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)
    sequence: int = 0
    indexes: dict[str, dict[str, bytes]] = field(default_factory=dict)
    """What the snapshot holds of indexes: JSON by table and label."""
    since: dict[str, set[int]] = field(default_factory=dict)
    """Ids of rows that commits after the snapshot changed, by table."""
    make: Callable[[str], Rows] = lambda _: {}
    """Makes the rows of a table, none yet."""

    def rows(self, table: str) -> Rows:
        """Return the rows of ``table``, made if need be."""
        if table not in self.tables:
            self.tables[table] = self.make(table)
        return self.tables[table]

    def put(self, table: str, number: bytes, raw: bytes | None, at: int = -1) -> None:
        """Do what one cell of a line says; ``at`` is the byte of the file at which its row begins, -1 if not known."""
        if number == HIGHEST:
            self.last[table] = max(self.last.get(table, 0), int(raw or 0))
            self.rows(table)
        elif number.startswith(INDEX):
            self.indexes.setdefault(table, {})[number[len(INDEX) :].decode()] = raw or b""
        else:
            self.since.setdefault(table, set()).add(int(number))
            if raw is None:
                drop(self.rows(table), int(number))
            else:
                put(self.rows(table), int(number), raw, at)


@dataclass(slots=True)
class Replay:
    """A file being read. ``whole`` is False while parts of its snapshot are missing; then nothing of it is believed."""

    content: Content = field(default_factory=Content)
    whole: bool = False
    commits: bool = False
    """Tell whether a commit was read yet."""
    _next: int = 1
    _before: bytes | None = None

    def take(self, line: bytes, start: int) -> bool:
        """Apply ``line``, which begins at byte ``start``, if it is whole and the next; the one before written twice is
        no harm. Raises NewerFormat."""
        if line == self._before:
            return True
        found = read(line)
        if found is None or not self._follows(found.mark):
            return False
        self._apply(found, start)
        self._before = line
        return True

    def _follows(self, mark: int | Part) -> bool:
        if isinstance(mark, int):
            fresh = not self.whole and self._next == 1 and mark == 1
            return fresh or (self.whole and mark == self.content.sequence + 1)
        if mark.format > FORMAT:
            raise NewerFormat(f"the ledger is in format {mark.format}; this Kith knows {FORMAT}")
        return not self.whole and mark.number == self._next

    def _apply(self, line: Line, start: int) -> None:
        if isinstance(line.mark, int):
            self.content.sequence = line.mark
            self.whole = self.commits = True
        else:
            self.content.sequence = line.mark.sequence
            self._next += 1
            self.whole = line.mark.number == line.mark.of
            if (found := part_rows(line)) is not None:
                table, numbers, part, starts = found
                put_part(self.content.rows(table), numbers, part, starts, start)
                return
        for table, number, raw, at in rows(line):
            self.content.put(table, number, raw, at if at < 0 else start + at)


@dataclass(frozen=True, slots=True)
class Scan:
    """A file read to its end. ``snapshot`` and ``end``: where the snapshot, and all that is whole, ends (bytes).

    ``whole``: the content is that of a commit; ``damage``: no crash of ours leaves such a file.
    """

    content: Content = field(default_factory=Content)
    whole: bool = False
    snapshot: int = 0
    end: int = 0
    size: int = 0
    damage: bool = True


def scan(path: Path, make: Callable[[str], Rows] = lambda _: {}) -> Scan:
    """Read the file at ``path`` as far as it is whole, into tables that ``make`` makes.

    Raises NewerFormat, OSError (a link is refused).
    """
    replay, snapshot, end, size, behind = Replay(Content(make=make)), 0, 0, 0, False
    with closing(pieces(path)) as found:
        for line, ended in found:
            start, size = size, size + len(line) + ended
            if start == end and ended and replay.take(line, start):
                end = size
                snapshot = snapshot if replay.commits else end
            elif (ended and read(line) is not None) or _runs_on(line):
                behind = True
    damage = behind or not replay.whole  # emptied, overwritten, or a snapshot that is not all there
    return Scan(replay.content, replay.whole, snapshot, end, size, damage)


def _runs_on(line: bytes) -> bool:
    """Tell whether other bytes stand where the line feed of a whole line should be; zeros are a page never written."""
    found = whole_start(line)
    return found is not None and bool(found[1].strip(b"\0"))


def commits(path: Path) -> Iterator[Line]:
    """Yield every whole commit of the file at ``path``, whatever stands between or behind them. Raises OSError.

    Of format 2 only: commits of format 1 were counted anew at each fold, so their numbers prove nothing.
    """
    for line, _ in pieces(path):
        rest = line
        while (found := whole_start(rest)) is not None:
            made, rest = found[0], found[1][1:]
            if isinstance(made.mark, int):
                yield made


def pieces(path: Path, start: int = 0) -> Generator[tuple[bytes, bool]]:
    """Yield the lines of the file at ``path`` from byte ``start``, and if a line feed ends each. Raises OSError."""
    file = open_regular(path)
    try:
        os.lseek(file, start, os.SEEK_SET)
        begun: list[bytes] = []
        while chunk := os.read(file, CHUNK):
            first, *others = chunk.split(b"\n")
            begun.append(first)
            if others:
                yield b"".join(begun), True
                yield from ((line, True) for line in others[:-1])
                begun = [others[-1]]
        if rest := b"".join(begun):
            yield rest, False
    finally:
        os.close(file)
