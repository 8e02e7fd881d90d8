"""conversation: the user wishes to talk for longer (an ``x``); half an hour is offered on two days (PRACTICE 5.5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from daemon.model import Cause
from daemon.plan.agenda import DAY, at_time
from daemon.plan.desk import Desk
from daemon.plan.reasons.reason import Reason, Reminded

NAME = "conversation"
HOURS = tuple(time(hour) for hour in (14, 10, 15, 11, 16))
"""When half an hour is offered, the first free of them; on the second day the other way round."""
HALF_HOUR = timedelta(minutes=30)
OFFERED = (2, 12)
"""From so many days after the reminder, up to so many."""


def _causes(desk: Desk, person: str, reminded: Reminded | None) -> Iterator[Cause]:
    if reminded is not None and reminded.kind == "follow-up" and reminded.reason == NAME:
        times = tuple(_times(desk, reminded.start))
        if len(times) > 1:
            yield Cause(reason=NAME, person=person, evidence=reminded.evidence, times=times)


def _times(desk: Desk, start: datetime) -> Iterator[datetime]:
    """Yield two free half hours on two working days of the time to come."""
    first, hours = desk.time.day_of(start) + OFFERED[0] * DAY, HOURS
    found = 0
    for number in range(OFFERED[1] - OFFERED[0]):
        day = first + number * DAY
        at = next((at for hour in hours if (at := _free(desk, day, hour)) is not None), None)
        if at is not None and found < 2:
            found, hours = found + 1, (HOURS[1], HOURS[0], *HOURS[2:])
            yield at


def _free(desk: Desk, day: date, hour: time) -> datetime | None:
    at = at_time(day, hour, desk.state.settings.me.zone)
    is_free = desk.time.is_working(day) and desk.time.is_free(at) and desk.time.is_free(at + HALF_HOUR / 2)
    return at if is_free else None


# an ``x`` is the user's word of today: each asks for a conversation of its own
REASON = Reason(name=NAME, causes=_causes, again=None)
