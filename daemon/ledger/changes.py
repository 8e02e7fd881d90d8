"""Which rows changed since a commit, and what were they before? The last few thousand are remembered, no more."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from daemon.ledger.indexes import key_of

Changed: TypeAlias = Iterable[tuple[str, bytes | None, bytes | None]]
"""Table, row before, row after; None: not there."""
_REMEMBERED = 5_000
"""Changed rows that are remembered; after more, whoever asks what changed looks at everything again."""


class Changes:
    """The rows that commits changed after the commit ``begun``, as they were before."""

    def __init__(self, begun: int) -> None:
        self._begun = begun
        self._rows: deque[tuple[int, str, str, bytes | None]] = deque()
        """Commit, table, key, and the row as it was."""

    def __len__(self) -> int:
        return len(self._rows)

    def note(self, sequence: int, changed: Changed) -> None:
        """Remember what the commit ``sequence``, the last one, changed."""
        for table, before, after in changed:
            self._rows.extend((sequence, table, key, raw) for key, raw in _keys(before, after))
            if len(self._rows) > _REMEMBERED:  # this commit is forgotten as a whole, too
                self._rows.clear()
                self._begun = sequence
                return

    def forget(self, until: int) -> None:
        """Remember no change up to the commit ``until``: nobody will ask."""
        while self._rows and self._rows[0][0] <= until:
            self._rows.popleft()
        self._begun = max(self._begun, until)

    def since(self, sequence: int, staged: Changed) -> dict[str, dict[str, bytes | None]] | None:
        """Return the rows changed after commit ``sequence`` and in ``staged``, by table and key, as they were then.

        None when that is not known.
        """
        if sequence < self._begun:
            return None
        found: dict[str, dict[str, bytes | None]] = {}
        for number, table, key, before in reversed(self._rows):
            if number <= sequence:
                break
            found.setdefault(table, {})[key] = before
        for table, before, after in staged:
            for key, raw in _keys(before, after):
                found.setdefault(table, {}).setdefault(key, raw)
        return found


def _keys(before: bytes | None, after: bytes | None) -> Iterator[tuple[str, bytes | None]]:
    """Yield the keys whose document is another one once ``after`` takes the place of ``before``, and what it was."""
    old, new = (None if raw is None else key_of(raw) for raw in (before, after))
    if old is not None:
        yield old, before
    if new is not None and new != old:
        yield new, None
