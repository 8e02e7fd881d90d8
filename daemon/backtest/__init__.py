"""What would Kith have proposed in the past year, and what came of it? A replay that never looks ahead (pure).

The user sets capacity and cadence from evidence before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from daemon.backtest.by_time import ByTime
from daemon.backtest.outbox import Outbox, Proposed
from daemon.backtest.outcomes import OUTCOMES, SIX_WEEKS, Judged, Missed, Result, Tally, judge, week_of
from daemon.backtest.past import Known, Past
from daemon.backtest.walk import Walk
from daemon.model import Routine, Settings, local_day
from daemon.plan.agenda import DAY, at_time, monday_of
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
    "replay",
    "week_of",
]
MONDAY = 0


class Knowing(Protocol):
    """Tells what was known on a day: ``Walk`` or ``ByTime``."""

    def to(self, now: datetime) -> Known:
        """Return what was known at ``now``, not before the day of the last look."""


def looks(weeks: int, now: datetime, settings: Settings) -> tuple[datetime, ...]:
    """Return when Kith would have looked: at the beginning of each working day of the last ``weeks`` whole weeks and of
    this one, until ``now``; at least once a week."""
    me, today = settings.me, local_day(now, settings.me.zone)
    first = monday_of(today) - 7 * weeks * DAY
    days = (first + number * DAY for number in range((today - first).days + 1))
    found = (at_time(day, me.hours[0], me.zone) for day in days if _is_working(day, settings.routine))
    return tuple(at for at in found if at <= now)


def replay(
    knowing: Knowing, times: Iterable[datetime], several: Sequence[Settings], past: Past, templates: Mapping[str, str]
) -> tuple[Outbox, ...]:
    """Return what would stand at the end under each of ``several`` settings, looked at ``times``."""
    boxes = tuple(Outbox(settings=settings) for settings in several)
    kept = Summaries()
    for at in times:
        known = knowing.to(at)
        for box in boxes:
            box.look(known, past.vocabulary, templates, kept)
    return boxes


def _is_working(day: date, routine: Routine) -> bool:
    return day.weekday() == MONDAY or (day.weekday() not in routine.days_off and day not in routine.holidays)
