"""What is the earliest, or the latest, of everybody's times? Kept, and found again only where it was taken away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TypeAlias

Dated: TypeAlias = tuple[str, datetime]
"""A name (a leader, an address) and a time."""


class Extremes:
    """The earliest (``best`` min) or latest (max) time of each name."""

    def __init__(self, best: Callable[[Iterable[datetime]], datetime], found: Iterable[Dated]) -> None:
        self._best = best
        self.of: dict[str, datetime] = {}
        """Times by name; who has none is not in it."""
        self.change((), found, lambda _: ())

    def change(
        self, lost: Iterable[Dated], found: Iterable[Dated], again: Callable[[str], Iterable[datetime]]
    ) -> Mapping[str, datetime | None]:
        """Take times away and add others; return what stood there before, of every name whose time is another now.

        ``again`` yields all times of a name that are left.
        """
        before: dict[str, datetime | None] = {}
        asked = {name: at for name, at in lost if self.of.get(name) == at}
        for name, at in found:
            known = self.of.get(name)
            if known is None or (at != known and self._best((at, known)) == at):
                before.setdefault(name, known)
                self.of[name] = at
        for name, at in asked.items():
            if self.of[name] == at:
                before.update(self.again(name, again(name)))
        return before

    def again(self, name: str, times: Iterable[datetime]) -> Mapping[str, datetime | None]:
        """Find the time of ``name`` among all its ``times``; return what stood there before if that is another."""
        known, left = self.of.pop(name, None), tuple(times)
        if left:
            self.of[name] = self._best(left)
        return {} if self.of.get(name) == known else {name: known}
