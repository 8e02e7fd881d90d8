"""anniversary: a year to the day since the two first met, with something two-way since (PRACTICE 5.6).

Not from the first half year of the data, where the first meeting on record may be the hundredth (P26).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from daemon.model import Cause, Touchpoint
from daemon.plan.desk import Desk
from daemon.plan.reasons.reason import Reason, Reminded

NAME = "anniversary"
AHEAD = 7
HALF_A_YEAR = timedelta(days=183)
NEARLY = timedelta(days=350)
IN_TOUCH = timedelta(days=7)
"""Who was in touch so lately needs no date to write to each other."""
_MET: frozenset[str] = frozenset({"one-to-one", "small-group", "gathering", "routine-meeting", "call"})
_QUOTED: frozenset[str] = frozenset({"one-to-one", "small-group", "gathering"})


def _awake(desk: Desk) -> Iterator[str]:
    for person, opinion in desk.opinions.items():
        known_for = desk.state.now - (opinion.first_touch or desk.state.now)
        if len(opinion.two_way_days) > 1 and known_for > NEARLY:
            yield person


def _causes(desk: Desk, person: str, _: Reminded | None) -> Iterator[Cause]:
    opinion, now = desk.opinions[person], desk.state.now
    met = _met(desk, person)
    if met is None or opinion.last_touch is None or now - opinion.last_touch < IN_TOUCH:
        return
    then, today = desk.time.day_of(met.at), desk.time.day_of(now)
    day = _a_year_after(then)
    if 0 <= (day - today).days <= AHEAD and any(one > then for one in opinion.two_way_days):
        yield Cause(reason=NAME, person=person, evidence=(met.key,), day=day)


def _met(desk: Desk, person: str) -> Touchpoint | None:
    """Return the first meeting, if it was one to remember: seen by Kith as the first, not private, in person."""
    earliest, ignored = desk.state.earliest, desk.state.settings.routine.ignore_titles
    met = next((item for item in desk.facts(person) if item.kind in _MET), None)
    if met is None or met.kind not in _QUOTED or met.private or earliest is None or met.at - earliest < HALF_A_YEAR:
        return None
    if met.kind == "gathering" and met.rule != "N1":
        return None  # of a crowd nobody can say that the two met
    return None if any(word and word.casefold() in met.title.casefold() for word in ignored) else met


def _a_year_after(day: date) -> date:
    return day.replace(year=day.year + 1) if (day.month, day.day) != (2, 29) else date(day.year + 1, 2, 28)


REASON = Reason(name=NAME, causes=_causes, awake=_awake)
