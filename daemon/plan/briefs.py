"""Before which events does Kith say whom to look for? Briefs: an hour ahead, moved with their event (PRACTICE 5.4).

Before an open event (E12): one or two people to seek out. Before a meeting with somebody new, owed, promised or unseen
for long: what there is to say. Written up to a day ahead (C39) and kept true until then; gone with the event.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256

from connectors.records import Event
from daemon import compose
from daemon.compose.briefs import Sought
from daemon.compose.templates import Words
from daemon.model import Amendment, Entry, Opinion, State, instant, local_day
from daemon.plan.agenda import at_time
from daemon.plan.desk import Desk, least_urgent, make_room
from daemon.plan.evenings import is_attended
from daemon.plan.overtaken import can_leave
from daemon.plan.seeking import look_around
from daemon.plan.talking import prepare

BEFORE = timedelta(hours=1)
AHEAD = timedelta(days=1)
"""How long ahead it is written."""
OVER = timedelta(days=1)
"""So long after its time nobody looks for it any more."""
LENGTH = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What is said before an event; ``people`` are the ids of all who are named, ``person`` whom a meeting is with."""

    event: Event
    at: datetime
    words: Words
    reason: str
    people: tuple[str, ...]
    person: str = ""
    sought: tuple[Sought, ...] = ()


def write(desk: Desk, templates: Mapping[str, str]) -> Iterator[Entry]:
    """Yield the briefs to be written today, within the budget, after debriefs and follow-ups (C34)."""
    state = desk.state
    told = {entry.fact for entry in state.entries if entry.kind == "brief"}
    for at, event in _near(state):
        made = brief(event, state, desk.opinions, templates) if event.key not in told else None
        if made is not None and _has_room(desk, at):
            desk.budget.take("brief", desk.time.day_of(at))
            yield _entry(made, state)


def keep(desk: Desk, templates: Mapping[str, str]) -> Iterator[Entry]:
    """Yield the briefs that stand and are to be changed: moved with their event, or with other words by now.

    Takes back those of events that are not to be any more, and those that are over.
    """
    events = {event.key: event for event in desk.state.calendar}
    gone = {item.key for item in desk.withdrawals}
    for entry in desk.state.entries:
        if entry.kind != "brief" or entry.start is None or entry.amended is not None or entry.key in gone:
            continue
        event = events.get(entry.fact)
        why = _why_gone(entry, event, desk.state)
        if why and can_leave(entry):
            _take_back(desk, entry, why)
        elif not why and event is not None and entry.state in {"written", "edited"}:
            yield from _brought_on(desk, entry, event, templates)


def brief(event: Event, state: State, opinions: Mapping[str, Opinion], templates: Mapping[str, str]) -> Brief | None:
    """Return what to say before ``event``, whenever that is; None where there is nothing to say."""
    if event.private or not is_attended(event, state):
        return None
    today, language = local_day(state.now, state.settings.me.zone), state.settings.me.language
    at = _told_at(event, state)
    if event.key in state.open_events:
        seen = look_around(event, state, opinions)
        if seen is None:
            return None
        words = compose.briefs.evening(seen.evening, today, language, templates)
        sought = tuple(seen.evening.sought)
        return Brief(event=event, at=at, words=words, reason="open-event", people=seen.people, sought=sought)
    found = prepare(event, state, opinions)
    if found is None:
        return None
    words = compose.briefs.talk(found.talks, found.reason, today, language, templates)
    people = found.people
    return Brief(event=event, at=at, words=words, reason=found.reason, people=people[1:], person=people[0])


def _near(state: State) -> Sequence[tuple[datetime, Event]]:
    """Return the events before which it is time to say something, and when it stands, in that order."""
    events = {event.key: event for event in state.calendar if is_attended(event, state)}
    found = ((_told_at(event, state), event) for event in events.values())
    return sorted(
        ((at, event) for at, event in found if at - AHEAD <= state.now < at), key=lambda item: (item[0], item[1].key)
    )


def _told_at(event: Event, state: State) -> datetime:
    me = state.settings.me
    if event.all_day:  # an open event of whole days: on its first morning (C18)
        return at_time(local_day(instant(event.start, me.zone), me.zone), me.hours[0], me.zone) - BEFORE
    return instant(event.start, me.zone) - BEFORE


def _has_room(desk: Desk, at: datetime) -> bool:
    """Tell whether a brief fits; the least urgent reconnects give way, other briefs do not."""
    day = desk.time.day_of(at)
    reconnects = [entry for entry in least_urgent(desk) if entry.kind == "reconnect"]
    return make_room(desk, day, partial(desk.budget.lack, day), reconnects)


def _why_gone(entry: Entry, event: Event | None, state: State) -> str:
    start = entry.start or state.now
    if start + OVER <= state.now:
        return "passed"
    if entry.state == "waiting" and start <= state.now:
        return "late"
    return "gone" if event is None or event.private or not is_attended(event, state) else ""


def _take_back(desk: Desk, entry: Entry, why: str) -> None:
    desk.release(entry)
    desk.take_back(entry, why)


def _brought_on(desk: Desk, entry: Entry, event: Event, templates: Mapping[str, str]) -> Iterator[Entry]:
    at = _told_at(event, desk.state)
    if instant(event.start, desk.state.settings.me.zone) <= desk.state.now:
        return
    made = brief(event, desk.state, desk.opinions, templates)
    if made is None:
        if can_leave(entry):
            _take_back(desk, entry, "gone")
        return
    words = made.words if entry.state == "written" else Words(title=entry.title, body=entry.body)
    if (at, words.title, words.body) == (entry.start, entry.title, entry.body):
        return
    desk.release(entry)
    if at != entry.start and desk.budget.lack(desk.time.day_of(at)) and can_leave(entry):
        desk.take_back(entry, "displaced")
        return
    after = Amendment(title=words.title, body=words.body, start=at, end=at + LENGTH)
    yield replace(entry, also=made.people, amended=after)
    desk.budget.take("brief", desk.time.day_of(at))


def _entry(made: Brief, state: State) -> Entry:
    return Entry(
        key=f"brief/{made.person}/{sha256(made.event.key.encode()).hexdigest()[:10]}/0",
        kind="brief",
        person=made.person,
        account=state.settings.reminders or "",
        reason=made.reason,
        fact=made.event.key,
        cycle=0,
        evidence=(made.event.key,),
        title=made.words.title,
        body=made.words.body,
        start=made.at,
        end=made.at + LENGTH,
        decided=state.now,
        also=made.people,
    )
