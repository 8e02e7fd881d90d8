"""What would Kith have proposed in the past year, and what came of it? A replay that never looks ahead (pure).

The user sets capacity and cadence from evidence before anything is written.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from daemon.backtest.by_time import ByTime
from daemon.backtest.outbox import Outbox, Proposed
from daemon.backtest.outcomes import OUTCOMES, SIX_WEEKS, Judged, Missed, Result, Tally, judge, week_of
from daemon.backtest.past import Known, Past
from daemon.backtest.walk import Walk
from daemon.model import Routine, Settings, Touchpoint, local_day
from daemon.plan.agenda import DAY, at_time, monday_of
from daemon.plan.follow_ups import FIRST
from daemon.relate import Summaries

__all__ = [
    "OUTCOMES",
    "SIX_WEEKS",
    "ByTime",
    "Judged",
    "Knowing",
    "Known",
    "Missed",
    "Outbox",
    "Past",
    "Proposed",
    "Result",
    "Tally",
    "Walk",
    "judge",
    "looks",
    "mornings_after",
    "replay",
    "week_of",
]
MONDAY = 0
LONGEST_WEEKEND = 3
"""Days until the next working morning, mostly."""


class Knowing(Protocol):
    """Tells what was known on a day: ``Walk`` or ``ByTime``."""

    def to(self, now: datetime) -> Known:
        """Return what was known at ``now``, not before the day of the last look."""


def looks(
    weeks: int, now: datetime, settings: Settings, mornings: Container[date] | None = None
) -> tuple[datetime, ...]:
    """Return when Kith would have looked in the last ``weeks`` whole weeks and in this one, until ``now``.

    That is at the beginning of each working day; of each Monday and of the ``mornings`` only, if those are given.
    """
    me, today = settings.me, local_day(now, settings.me.zone)
    first = monday_of(today) - 7 * weeks * DAY
    days = (first + number * DAY for number in range((today - first).days + 1))
    chosen = (
        day
        for day in days
        if day.weekday() == MONDAY or (_is_working(day, settings.routine) and (mornings is None or day in mornings))
    )
    return tuple(at for day in chosen if (at := at_time(day, me.hours[0], me.zone)) <= now)


def mornings_after(facts: Mapping[str, Sequence[Touchpoint]], zone: ZoneInfo) -> frozenset[date]:
    """Return the days after somebody was met for the first time: then a follow-up is due within 48 hours."""
    firsts = (next((item for item in items if item.kind in FIRST), None) for items in facts.values())
    days = (local_day(item.at, zone) for item in firsts if item is not None)
    return frozenset(day + number * DAY for day in days for number in range(1, LONGEST_WEEKEND + 1))


def replay(
    knowing: Knowing, times: Iterable[datetime], several: Sequence[Settings], past: Past, templates: Mapping[str, str]
) -> tuple[Outbox, ...]:
    """Return what would stand at the end under each of ``several`` settings, looked at ``times``."""
    boxes = tuple(Outbox(settings=settings) for settings in several)
    kept = Summaries(growing=True)
    for at in times:
        known = knowing.to(at)
        for box in boxes:
            box.look(known, past.vocabulary, templates, kept)
    return boxes


def _is_working(day: date, routine: Routine) -> bool:
    return day.weekday() not in routine.days_off and day not in routine.holidays
