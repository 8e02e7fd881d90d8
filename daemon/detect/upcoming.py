"""What will upcoming events count as, and which of them are open? The same rules, E1 lifted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from connectors.records import Event
from daemon.detect import addresses, book, copies, events, habits, mails, meetings, touches
from daemon.detect.events import Reading
from daemon.detect.guests import Calendar
from daemon.detect.people import Directory
from daemon.model import Person, Settings, Touchpoint, Vocabulary, instant


def ahead(
    upcoming: Iterable[Event],
    *,
    people: Sequence[Person],
    own: frozenset[str],
    settings: Settings,
    vocabulary: Vocabulary,
    now: datetime,
    touchpoints: Iterable[Touchpoint] | None = None,
) -> tuple[Touchpoint, ...]:
    """Return what events not over at ``now`` will count as for ``people``, by the same rules (E1 lifted).

    ``touchpoints`` are the facts so far: they tell habits (E10) and whom a first name may mean (E9). Without them a
    first name means whoever alone bears it, and no meeting is known to be a habit. In order of time.
    """
    past = None if touchpoints is None else tuple(touchpoints)
    zone = settings.me.zone
    coming = copies.events((event for event in upcoming if instant(event.end, zone) > now), own)
    leaders = {address: person.id for person in people for address in person.addresses}
    directory = Directory(_codes(coming, own, leaders, settings, vocabulary), leaders)
    known = {person.id: person.id for person in people}
    calendar = Calendar(own, directory, vocabulary, zone, now, known={}, me=settings.me.name, ahead=True)
    read = meetings.by_guests(coming, calendar, dict.fromkeys(known, mails.EARLIEST))
    homes = {person.id: next(iter(person.addresses), "") for person in people}
    best = {person.id: person.name for person in people if person.name}
    names = book.name_book(best, None if past is None else _touched(past), settings.me.name, vocabulary)
    said = meetings.by_titles(read, names, homes, calendar).readings
    habit = _habits(past or ())
    weighed = (_as_habit(said.get(item.event.key, item), habit) for item in read)
    found = touches.of_meetings(weighed, known, own, leaders)
    return tuple(sorted(found, key=lambda item: (item.at, item.key)))


def open_event(event: Event, vocabulary: Vocabulary, settings: Settings) -> bool:
    """Tell whether ``event``, over or not, is an open one by itself (E12).

    That its title was open before, or stands in the calendar every day, only ``detect`` can know.
    """
    own = frozenset(settings.me.addresses)
    start, end = instant(event.start, settings.me.zone), instant(event.end, settings.me.zone)
    if not meetings.may_be_open(event, end - start) or not meetings.is_open(event, vocabulary):
        return False
    directory = Directory(_codes([event], own, {}, settings, vocabulary), {})
    calendar = Calendar(own, directory, vocabulary, settings.me.zone, start, known={}, ahead=True)
    return events.read(event, calendar).alone


def _codes(
    coming: Iterable[Event],
    own: frozenset[str],
    persons: Collection[str],
    settings: Settings,
    vocabulary: Vocabulary,
) -> dict[str, str]:
    seen = {guest.address for event in coming for guest in event.guests}
    seen |= {event.organiser.address for event in coming if event.organiser is not None}
    codes = dict.fromkeys(own, addresses.OWN)
    for address in seen - codes.keys():
        code = None if address in persons else addresses.code(address, vocabulary, settings.lists)
        if code is not None:
            codes[address] = code
    return codes


def _touched(past: Iterable[Touchpoint]) -> Mapping[str, Sequence[datetime]]:
    found: dict[str, list[datetime]] = {}
    for item in sorted(past, key=lambda item: item.at):
        found.setdefault(item.person, []).append(item.at)
    return found


def _habits(past: Iterable[Touchpoint]) -> frozenset[str]:
    routine = [item for item in past if item.kind == "routine-meeting"]
    marks = {item.series for item in routine} | {habits.title_key(item.title) for item in routine}
    return frozenset(mark for mark in marks if mark)


def _as_habit(reading: Reading, habit: frozenset[str]) -> Reading:
    event = reading.event
    known = habits.series(event) in habit or habits.title_key(event.title) in habit
    return meetings.routine(reading) if known and reading.verdict.rule == "E6" and reading.present else reading
