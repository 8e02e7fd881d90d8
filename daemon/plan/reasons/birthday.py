"""birthday: of key people, as the calendar knows it; a reminder and a draft of that day (PRACTICE 5.6).

Only with a touch in the last 24 months: once too often is once too often (S35).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from daemon.model import Cause
from daemon.plan.desk import Desk
from daemon.plan.reasons.reason import Reason, Reminded

NAME = "birthday"
AHEAD = 7
TOUCHED = timedelta(days=730)


def source(person: str, day: str) -> str:
    """Return the key of the fact that ``person`` has their birthday on ``day`` ("03-14")."""
    return f"birthday/{person}/{day}"


def _awake(desk: Desk) -> Iterator[str]:
    yield from sorted(desk.state.birthdays)


def _causes(desk: Desk, person: str, _: Reminded | None) -> Iterator[Cause]:
    opinion, day = desk.opinions.get(person), desk.state.birthdays.get(person, "")
    if opinion is None or not opinion.key or opinion.last_touch is None:
        return
    if desk.state.now - opinion.last_touch > TOUCHED:
        return
    today = desk.time.day_of(desk.state.now)
    ahead = (today + timedelta(days=number) for number in range(AHEAD + 1))
    on = next((one for one in ahead if f"{one:%m-%d}" == day), None)
    if on is not None:
        yield Cause(reason=NAME, person=person, evidence=(source(person, day),), day=on)


REASON = Reason(name=NAME, causes=_causes, awake=_awake)
