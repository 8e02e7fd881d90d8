"""both-going: the same event stands ahead of both, and both can see the guest list; or the next edition of an evening
at which the other was noted twice before (PRACTICE 5.6). Small meetings are no reason: there one speaks anyway.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from connectors.records import Event
from daemon.detect import title_key
from daemon.model import Cause, Touchpoint, instant
from daemon.plan.desk import Desk
from daemon.plan.evenings import is_attended
from daemon.plan.reasons.reason import Reason, Reminded

NAME = "both-going"
SOON, AHEAD = timedelta(days=1), timedelta(days=14)
FEW = 7
"""Others at a meeting that one speaks at anyway (E6)."""
TWICE = 2
LATELY = timedelta(days=365)


def going(desk: Desk) -> Mapping[str, Cause]:
    """Return, by person, the next event that both go to."""
    found: dict[str, Cause] = {}
    zone = desk.state.settings.me.zone
    events = sorted(_ahead(desk), key=lambda event: (instant(event.start, zone), event.key, event.account))
    homes: dict[str, str] = {}
    if any(event.guests for event in events):
        homes = {address: one.id for one in desk.state.people.values() for address in one.addresses}
    for event in events:
        for person in _guests(desk, event, homes):
            found.setdefault(person, Cause(reason=NAME, person=person, evidence=(event.key,)))
    opened = [event for event in events if event.key in desk.state.open_events and not event.guests]
    for person, event, before in _regulars(desk, opened):
        evidence = (event.key, *(item.key for item in before[-TWICE:]))
        found.setdefault(person, Cause(reason=NAME, person=person, evidence=evidence))
    return found


def _ahead(desk: Desk) -> Iterator[Event]:
    state, zone = desk.state, desk.state.settings.me.zone
    for event in state.calendar:
        if state.now + SOON <= instant(event.start, zone) <= state.now + AHEAD:
            said = {guest.answer for guest in event.guests if guest.me or guest.address in state.settings.me.addresses}
            comes = said & {"accepted", "tentative"} if event.guests else event.owned
            if comes and not event.private and not event.guests_hidden and is_attended(event, state):
                yield event


def _guests(desk: Desk, event: Event, homes: Mapping[str, str]) -> Iterator[str]:
    """Yield who has accepted a larger event that is no habit (E10)."""
    others = {homes[guest.address] for guest in event.guests if guest.answer == "accepted" and guest.address in homes}
    if len(event.guests) > FEW + 1 or event.key in desk.state.open_events:
        for person in sorted(others):
            ahead = (item for item in desk.state.ahead.get(person, ()) if item.source == event.key)
            if not any(item.kind in {"routine-meeting", "small-group", "one-to-one"} for item in ahead):
                yield person


def _regulars(desk: Desk, opened: list[Event]) -> Iterator[tuple[str, Event, list[Touchpoint]]]:
    """Yield who was noted at two editions or more of an event of the last year, and at which."""
    titles = {title_key(event.title): event for event in reversed(opened)}
    if not titles:
        return
    for person in desk.opinions:
        there: dict[str, list[Touchpoint]] = {}
        for item in desk.facts(person):
            if item.kind == "gathering" and desk.state.now - item.at <= LATELY and not item.private:
                there.setdefault(title_key(item.title), []).append(item)
        for title, items in there.items():
            if title in titles and len({item.source for item in items}) >= TWICE:
                yield person, titles[title], items


def _awake(desk: Desk) -> Iterator[str]:
    yield from desk.once(going)


def _causes(desk: Desk, person: str, _: Reminded | None) -> Iterator[Cause]:
    if person in desk.once(going):
        yield desk.once(going)[person]


REASON = Reason(name=NAME, causes=_causes, awake=_awake)
