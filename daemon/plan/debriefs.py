"""After which events is the user asked whom they met? Debriefs: written ahead, moved with their event (PRACTICE 5.5).

Ten minutes after an open event (E12), or after a meeting with somebody new; never for a recurring meeting or one of
people all known. A debrief counts nothing until it is answered, and goes away after three days if it is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256

from connectors.records import Event, Guest
from daemon import compose
from daemon.detect import is_nobody
from daemon.model import MEETINGS, Amendment, Entry, State, Withdrawal, instant, local_day
from daemon.plan.desk import Desk, least_urgent, make_room
from daemon.plan.evenings import homes_of, is_attended, regulars
from daemon.plan.overtaken import can_leave
from daemon.relate import is_open

AFTER = timedelta(minutes=10)
AHEAD = timedelta(days=1)
"""How long ahead it is written; the phone then knows of it in time (C39)."""
LATE = timedelta(hours=12)
"""So long after an event it still makes sense to ask."""
WEEK = timedelta(days=7)
EMPTY = timedelta(days=3)
LENGTH = timedelta(minutes=15)
FEW = 7
"""Others at a meeting: more of them, and nobody was met (E6)."""


def ask(desk: Desk, templates: Mapping[str, str]) -> Iterator[Entry]:
    """Yield the debriefs to be written today, within the budget for everything visible."""
    state, kept = desk.state, _reserved(desk)
    for entry in state.entries:
        if entry.kind == "debrief" and entry.amended is not None:  # moved onto a day that is full, perhaps
            _give_way(desk, desk.time.day_of(entry.amended.start), over=1)
    for at, event in coming(state):
        day = desk.time.day_of(at)
        if at - AHEAD <= state.now and (event.key in kept or _give_way(desk, day)):
            if event.key not in kept:
                desk.budget.take("debrief", day)
            yield _entry(event, at, _expected(event, state), state, templates)


def _reserved(desk: Desk) -> frozenset[str]:
    """Take the places of the debriefs to come out of the budget, so that nothing less urgent fills them (C34)."""
    kept = set()
    for at, event in coming(desk.state):
        day = desk.time.day_of(at)
        if desk.budget.lack(day) is None:
            desk.budget.take("debrief", day)
            kept.add(event.key)
    return frozenset(kept)


def coming(state: State) -> Sequence[tuple[datetime, Event]]:
    """Return the events after which the user will be asked, and when, in that order; nobody is asked twice."""
    asked = {entry.fact for entry in state.entries if entry.kind == "debrief"}
    events = {event.key: event for event in state.calendar if event.key not in asked and is_attended(event, state)}
    found = [(_asked_at(event, state), event) for event in events.values()]
    near = [(at, event) for at, event in found if state.now <= at + LATE and at <= state.now + WEEK]
    homes = homes_of(state)
    asks = [item for item in near if item[1].key in state.open_events or _has_newcomers(item[1], state, homes)]
    return sorted(asks, key=lambda item: (item[0], item[1].key))


def _give_way(desk: Desk, day: date, over: int = 0) -> bool:
    """Tell whether a debrief fits on ``day``, what is less urgent being taken back for it (C34).

    ``over`` debriefs of that day are in the budget already.
    """
    limits = desk.budget

    def lack() -> str | None:
        limits.items[day] -= over
        why = limits.lack(day)
        limits.items[day] += over
        return why

    return make_room(desk, day, lack, least_urgent(desk))


def over(state: State) -> Iterator[Withdrawal]:
    """Yield the debriefs that nobody answered for three days, and those whose event is not to be any more."""
    events = {event.key: event for event in state.calendar}
    for entry in state.entries:
        if entry.kind != "debrief" or entry.start is None or not can_leave(entry):
            continue
        event = events.get(entry.fact)
        if entry.start + EMPTY <= state.now:
            yield Withdrawal(key=entry.key, why="passed")
        elif entry.state == "waiting" and entry.start + LATE <= state.now:
            yield Withdrawal(key=entry.key, why="late")
        elif state.now < entry.start and (event is None or not is_attended(event, state)):
            yield Withdrawal(key=entry.key, why="gone")


def moved(state: State) -> Iterator[Entry]:
    """Yield the debriefs whose event was moved, to be moved along; one that the user moved stays."""
    events = {event.key: event for event in state.calendar}
    for entry in state.entries:
        event = events.get(entry.fact) if entry.kind == "debrief" else None
        if event is None or entry.state not in {"written", "edited"} or not is_attended(event, state):
            continue
        at = _asked_at(event, state)
        if at != entry.start and entry.amended is None and is_open(entry, state.now):
            after = Amendment(title=entry.title, body=entry.body, start=at, end=at + LENGTH)
            yield replace(entry, amended=after)


def _expected(event: Event, state: State) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return who is expected at ``event``: person ids, and names of whom nobody knows yet."""
    if event.key in state.open_events:
        return tuple(regulars(event, state)), ()
    new = newcomers(event, state, homes_of(state)) if event.series is None else ()
    return (), tuple(guest.name or guest.address for guest in new)


def _has_newcomers(event: Event, state: State, homes: Mapping[str, str]) -> bool:
    return event.series is None and bool(newcomers(event, state, homes))


def newcomers(event: Event, state: State, homes: Mapping[str, str]) -> Sequence[Guest]:
    """Return those at a small meeting whom the user never met; nobody where all are known, or too many come.

    ``homes`` are the ids of persons by address.
    """
    others = [guest for guest in event.guests if _is_coming(guest, state)]
    mine = any(guest.me or guest.address in state.settings.me.addresses for guest in event.guests)
    organised = event.organiser is not None and event.organiser.address in state.settings.me.addresses
    if event.all_day or event.guests_hidden or not 0 < len(others) <= FEW or not (mine or organised or event.owned):
        return ()
    return tuple(guest for guest in others if not _was_met(homes.get(guest.address, ""), state))


def _is_coming(guest: Guest, state: State) -> bool:
    me = guest.me or guest.address in state.settings.me.addresses
    nobody = guest.kind != "person" or is_nobody(guest.address, state.vocabulary, state.settings.lists)
    return not me and not nobody and guest.answer != "declined"


def _was_met(person: str, state: State) -> bool:
    met = MEETINGS | {"routine-meeting", "gathering"}
    return any(fact.kind in met and fact.at <= state.now for fact in state.touchpoints.get(person, ()))


def _asked_at(event: Event, state: State) -> datetime:
    zone = state.settings.me.zone
    end = instant(event.end, zone)
    if not event.all_day:
        return end + AFTER
    # an open event of whole days is asked about in the evening of its last one (C18)
    return end - timedelta(hours=4)


def _entry(
    event: Event,
    at: datetime,
    expected: tuple[tuple[str, ...], tuple[str, ...]],
    state: State,
    templates: Mapping[str, str],
) -> Entry:
    people, names = expected
    zone, language = state.settings.me.zone, state.settings.me.language
    called = [*(state.people[who].name or state.people[who].addresses[0] for who in people), *names]
    words = compose.debrief(
        "" if event.private else event.title,
        called,
        (local_day(at, zone) + EMPTY, local_day(state.now, zone)),
        language,
        templates,
        open_event=event.key in state.open_events,
    )
    return Entry(
        key=f"debrief//{sha256(event.key.encode()).hexdigest()[:10]}/0",
        kind="debrief",
        person="",
        account=state.settings.reminders or "",
        reason="open-event" if event.key in state.open_events else "somebody-new",
        fact=event.key,
        cycle=0,
        evidence=(event.key,),
        title=words.title,
        body=words.body,
        start=at,
        end=at + LENGTH,
        alarm=0,
        decided=state.now,
        also=people,
    )
