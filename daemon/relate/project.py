"""Is somebody known from one project only? The series, title or thread that is nearly all there was (C21).

A one-to-one or a call is a tie of its own, never a project. A habit that is rarer than every two weeks (E10's measure)
is a project only when the calendar itself calls it a series, and then it ends one gap after its last occurrence:
friends who dine once a month stay friends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

from daemon.model import Touchpoint, local_day

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


def project(touches: Sequence[Touchpoint], zone: ZoneInfo) -> Project | None:
    """Return the one project behind ``touches`` (in order of time, without notes), or None."""
    counts = Counter(name for item in touches if (name := name_of(item)) is not None)
    if not counts:
        return None
    name, count = max(counts.items(), key=lambda pair: (pair[1], pair[0]))
    if count < SHARE * len(touches):
        return None
    mine = [item for item in touches if name_of(item) == name]
    ended = _end(mine, zone)
    if ended is None:
        return None
    met = any(item.kind in {"one-to-one", "call"} and item.at > mine[-1].at for item in touches)
    return Project(name=name, ended=ended, met_since=met)


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


def _end(mine: Sequence[Touchpoint], zone: ZoneInfo) -> datetime | None:
    last = mine[-1]
    if last.series is None:
        return last.at
    days = sorted({local_day(item.at, zone) for item in mine})
    gaps = [(after - before).days for before, after in pairwise(days)]
    gap = median(gaps) if gaps else 0
    if gap <= OFTEN:
        return last.at
    return last.at + timedelta(days=gap) if last.recurring else None
