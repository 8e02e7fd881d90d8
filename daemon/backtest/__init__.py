"""What would Kith have proposed in the past year, and what came of it? A replay that never looks ahead (pure).

The user sets capacity and cadence from evidence before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from daemon.backtest.by_time import ByTime
from daemon.backtest.outbox import Outbox, Proposed
from daemon.backtest.outcomes import OUTCOMES, SIX_WEEKS, Judged, Missed, Result, Tally, judge, week_of
from daemon.backtest.past import Known, Past
from daemon.backtest.walk import Walk
from daemon.model import Routine, Settings, Touchpoint, instant, local_day
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
    "replay",
    "week_of",
]
MONDAY = 0
LONGEST_HOLIDAYS = 21
"""Days looked through for a working morning."""


class Knowing(Protocol):
    """Tells what was known on a day: ``Walk`` or ``ByTime``."""

    def to(self, now: datetime) -> Known:
        """Return what was known at ``now``, not before the day of the last look."""


def looks(
    weeks: int, now: datetime, past: Past, facts: Mapping[str, Sequence[Touchpoint]] | None = None
) -> tuple[datetime, ...]:
    """Return when a look is taken in the last ``weeks`` whole weeks and in this one, until ``now``.

    Each Monday, and on the working mornings on which somebody new may ask for a follow-up: after first meetings, where
    the ``facts`` are given, else after every event with guests; and after what the user told. Hours are the user's.
    """
    me, today = past.settings.me, local_day(now, past.settings.me.zone)
    first = monday_of(today) - 7 * weeks * DAY
    days = (first + number * DAY for number in range((today - first).days + 1))
    busy = _mornings(_met(past) if facts is None else _met_first(facts), past)
    chosen = (day for day in days if day.weekday() == MONDAY or day in busy)
    return tuple(at for day in chosen if (at := at_time(day, me.hours[0], me.zone)) <= now)


def _mornings(times: Iterable[datetime], past: Past) -> frozenset[date]:
    """Return the next working day after each of ``times``, and after each decision."""
    zone, routine, found = past.settings.me.zone, past.settings.routine, set[date]()
    for day in {local_day(at, zone) for at in (*times, *(item.at for item in past.decisions))}:
        days = (day + number * DAY for number in range(1, LONGEST_HOLIDAYS))
        found.update(next(([morning] for morning in days if _is_working(morning, routine)), ()))
    return frozenset(found)


def _met(past: Past) -> Iterator[datetime]:
    zone = past.settings.me.zone
    return (instant(event.start, zone) for event in past.records.events.values() if event.guests)


def _met_first(facts: Mapping[str, Sequence[Touchpoint]]) -> Iterator[datetime]:
    firsts = (next((item for item in items if item.kind in FIRST), None) for items in facts.values())
    return (item.at for item in firsts if item is not None)


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
