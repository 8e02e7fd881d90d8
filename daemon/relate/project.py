"""Is somebody known from one project only? The series, title or thread that is nearly all there was (C21).

A one-to-one or a call is a tie of its own, never a project. A habit that is rarer than every two weeks (E10's measure)
is a project only when the calendar itself calls it a series, and then it ends one gap after its last occurrence:
friends who dine once a month stay friends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median

from daemon.model import Touchpoint

SHARE = 0.8
REST = timedelta(days=30)
OFTEN = 16
"""Days: a median gap up to this is a habit of at least every two weeks (P6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One series, title or thread with at least 80 % of somebody's touches; ``ended`` if it was not gone on with."""

    name: str
    ended: datetime
    met_since: bool
    """There was a one-to-one or a call after it."""


class Threads:
    """What the touches of one person belong to, kept while they come in order of time, without notes."""

    def __init__(self) -> None:
        self._all = 0
        self._parts: dict[str, _Part] = {}
        self._largest = (0, "")
        self._deep: datetime | None = None

    def add(self, day: date, item: Touchpoint) -> None:
        """Add one touch, with the user's day of it."""
        self._all += 1
        if item.kind in {"one-to-one", "call"}:
            self._deep = item.at
        name = name_of(item)
        if name is None:
            return
        part = self._parts.get(name)
        if part is None:
            part = self._parts[name] = _Part()
        part.count, part.last = part.count + 1, item
        if not part.days or part.days[-1] != day:
            part.days.append(day)
        if part.count >= self._largest[0]:
            self._largest = max(self._largest, (part.count, name))

    def project(self) -> Project | None:
        """Return the one project behind the touches, or None."""
        count, name = self._largest
        if not count or count < SHARE * self._all:
            return None
        part = self._parts[name]
        ended = _end(part)
        if ended is None or part.last is None:
            return None
        return Project(name=name, ended=ended, met_since=self._deep is not None and self._deep > part.last.at)


def has_ended(found: Project | None, ahead: Sequence[Touchpoint], now: datetime) -> bool:
    """Tell whether the project ended 30 days ago or more, with nobody met one-to-one since and nothing of it ahead."""
    if found is None or found.met_since or now - found.ended < REST:
        return False
    return all(name_of(item) != found.name for item in ahead)


def name_of(item: Touchpoint) -> str | None:
    """Return what makes ``item`` part of something longer: the series, the thread, else the title."""
    if item.kind in {"one-to-one", "call", "note"}:
        return None
    return item.series or item.thread or item.title.casefold() or None


@dataclass(slots=True, kw_only=True)
class _Part:
    count: int = 0
    last: Touchpoint | None = None
    days: list[date] = field(default_factory=list)


def _end(part: _Part) -> datetime | None:
    last = part.last
    if last is None or last.series is None:
        return None if last is None else last.at
    gaps = [(after - before).days for before, after in pairwise(part.days)]
    gap = median(gaps) if gaps else 0
    if gap <= OFTEN:
        return last.at
    return last.at + timedelta(days=gap) if last.recurring else None
