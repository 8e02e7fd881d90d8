"""Why now? What a reminder may say of how often two people are in touch, and of what Kith could not see lately.

Only what a record proves, or what the user asked for: an interval that Kith set itself is nobody's habit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isclose

from daemon.compose.templates import Value
from daemon.model import MEETINGS, Opinion, Person, SourceState, State, Touchpoint, local_day
from daemon.relate.cadence import HABIT, STRETCH
from daemon.relate.choices import choices
from daemon.relate.rhythm import median_gap

_FACE_TO_FACE = MEETINGS - {"call"}
NOTHING: Mapping[str, Value] = {"habit": "", "weeks": 0, "days": 0}


def rhythm(person: Person, opinion: Opinion | None, touches: Iterable[Touchpoint], state: State) -> Mapping[str, Value]:
    """Return why the interval is what it is: ``habit`` as a code, and ``weeks`` or ``days``, the other 0.

    The codes: ``aim`` (the user wants it so), ``meet``, ``talk`` or ``touch`` (what the two usually do), "" (neither).
    """
    if opinion is None:
        return NOTHING
    wished = _wished(person, state)
    gap = _usual(opinion)
    if wished is None and gap is not None:
        return {"habit": _way(opinion, touches, state), "weeks": max(round(gap / 7), 1), "days": 0}
    days = wished or (state.settings.cadence.key[0] if "key" in opinion.marks else 0)
    if not 0 < days <= opinion.ideal:
        return NOTHING
    return {"habit": "aim", "weeks": 0 if days % 7 else days // 7, "days": days if days % 7 else 0}


def unseen(touches: Iterable[Touchpoint], state: State) -> SourceState | None:
    """Return the source of the last of ``touches`` if it has a problem: then more may have happened (C25)."""
    last = max(touches, key=lambda touch: (touch.at, touch.key), default=None)
    ill = (source for source in state.sources.values() if source.problem)
    return next((source for source in ill if last is not None and source.account == last.account), None)


def _usual(opinion: Opinion) -> float | None:
    """Return the pair's own median gap in days, if it is what the ideal interval was made of (PRACTICE 3)."""
    gap = median_gap(opinion.two_way_days) if len(opinion.two_way_days) >= HABIT else None
    stretched = gap or opinion.ideal
    while stretched < opinion.ideal and not isclose(stretched, opinion.ideal):
        stretched *= STRETCH
    return gap if isclose(stretched, opinion.ideal) else None


def _wished(person: Person, state: State) -> int | None:
    """Return the days that the user said, or configured for the person or else for a tag."""
    said = choices(state.decisions, state.now).get(person.id)
    wishes = [state.settings.people[address] for address in person.addresses if address in state.settings.people]
    tags = [state.settings.tags[tag] for wish in wishes for tag in wish.tags if tag in state.settings.tags]
    own = next((wish.every for wish in wishes if wish.every), None)
    return (said.every if said else None) or own or min((tag.every for tag in tags if tag.every), default=None)


def _way(opinion: Opinion, touches: Iterable[Touchpoint], state: State) -> str:
    days: dict[object, set[str]] = {}
    for touch in touches:
        days.setdefault(local_day(touch.at, state.settings.me.zone), set()).add(touch.kind)
    kinds = [days.get(day, set()) for day in opinion.two_way_days]
    if all(kind & _FACE_TO_FACE for kind in kinds):
        return "meet"
    return "talk" if all(kind & MEETINGS for kind in kinds) else "touch"
