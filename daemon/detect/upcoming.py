"""What will upcoming events count as, and which of them are open? The same rules, E1 lifted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.records import Event
from daemon.detect import addresses, book, copies, events, habits, mails, meetings, touches
from daemon.detect.book import Names
from daemon.detect.events import Reading
from daemon.detect.guests import Calendar
from daemon.detect.people import Directory
from daemon.model import Person, Settings, Touchpoint, Vocabulary, instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """Who is known when what stands ahead is read: ``leaders`` are person ids by address, ``homes`` addresses by id."""

    leaders: Mapping[str, str]
    homes: Mapping[str, str]
    names: Names
    habits: Collection[str] = frozenset()
    """Series and titles of routine meetings."""


def background(
    people: Sequence[Person], settings: Settings, vocabulary: Vocabulary, touchpoints: Iterable[Touchpoint] | None
) -> Background:
    """Return what ``people`` and the facts so far tell, None: no facts are known."""
    past = None if touchpoints is None else tuple(touchpoints)
    best = {person.id: person.name for person in people if person.name}
    return Background(
        leaders={address: person.id for person in people for address in person.addresses},
        homes={person.id: next(iter(person.addresses), "") for person in people},
        names=book.name_book(best, None if past is None else _touched(past), settings.me.name, vocabulary),
        habits={mark for item in past or () for mark in habit_marks(item)},
    )


class Expected:
    """What upcoming events will count as, by the same rules (E1 lifted): kept while nothing it rests on changes.

    An event that others come to rests on itself, on who its addresses are and on habits; where only the title speaks,
    or an invitation was left open, on more, and it is read each time. An event object stands for what never changes.
    """

    def __init__(self, own: frozenset[str], settings: Settings, vocabulary: Vocabulary) -> None:
        self._calendar = Calendar(
            own, Directory({}, {}), vocabulary, settings.me.zone, mails.EARLIEST, {}, me=settings.me.name, ahead=True
        )
        self._lists = settings.lists
        self._kept: dict[str, tuple[Event, tuple[Touchpoint, ...]]] = {}
        self._leaders: Mapping[str, str] = {}
        self._habits: Collection[str] = frozenset()
        self._upcoming: Sequence[Event] = ()
        self._said: Mapping[str, tuple[Touchpoint, ...]] = {}
        self._since = self._until = mails.EARLIEST

    def ahead(
        self, upcoming: Sequence[Event], known: Background, now: datetime
    ) -> Mapping[str, tuple[Touchpoint, ...]]:
        """Return what events not over at ``now`` will count as for those ``known``: by person, in order of time.

        The facts so far tell habits (E10) and whom a first name may mean (E9). Without them a first name means whoever
        alone bears it, and no meeting is known to be a habit.
        """
        if not self._drop(known) or upcoming is not self._upcoming or not self._since <= now < self._until:
            self._upcoming, self._since = upcoming, now
            zone = self._calendar.zone
            ends = [(instant(event.end, zone), event) for event in upcoming]
            coming = copies.events((event for end, event in ends if end > now), self._calendar.own)
            self._until = (
                min((end for end, _ in ends if end > now), default=now) if self._expect(coming, known) else now
            )
        return self._said

    def _expect(self, coming: Sequence[Event], known: Background) -> bool:
        """Find what will count; tell whether nothing else has a say in it."""
        stale = [event for event in coming if event.key not in self._kept or self._kept[event.key][0] is not event]
        first = self._read(stale, known)
        if len(stale) < len(coming) and any(map(meetings.is_left_open, first)):
            stale, first = [*coming], self._read(coming, known)
        found = self._told(first, known)
        loose = {item.event.key for item in first if item.alone or meetings.is_left_open(item)}
        before = self._kept | {event.key: (event, found.get(event.key, ())) for event in stale}
        self._kept = {event.key: before[event.key] for event in coming if event.key not in loose}
        touched: dict[str, list[Touchpoint]] = {}
        for event in coming:
            for item in before[event.key][1]:
                touched.setdefault(item.person, []).append(item)
        self._said = {who: tuple(sorted(items, key=lambda item: (item.at, item.key))) for who, items in touched.items()}
        return not loose

    def _drop(self, known: Background) -> bool:
        """Drop what rests on persons and habits that are others now; tell whether they are all the same."""
        others = set[str]()
        if self._leaders is not known.leaders:
            others = {address for address, _ in self._leaders.items() ^ known.leaders.items()}
        same = not others and self._habits == known.habits
        if self._habits != known.habits:
            self._kept.clear()
        elif others:
            kept = self._kept.items()
            self._kept = {key: item for key, item in kept if others.isdisjoint(_addresses(item[0]))}
        self._leaders, self._habits = known.leaders, known.habits
        return same

    def _read(self, coming: Iterable[Event], known: Background) -> list[Reading]:
        calendar = self._at(coming, known)
        return [events.read(event, calendar) for event in coming]

    def _at(self, coming: Iterable[Event], known: Background) -> Calendar:
        own, vocabulary = self._calendar.own, self._calendar.vocabulary
        directory = Directory(_codes(coming, own, known.leaders, self._lists, vocabulary), known.leaders)
        return replace(self._calendar, directory=directory, known=dict.fromkeys(known.homes, mails.EARLIEST))

    def _told(self, first: Sequence[Reading], known: Background) -> dict[str, tuple[Touchpoint, ...]]:
        calendar = self._at([item.event for item in first], known)
        read = meetings.answered(first, calendar, calendar.known)
        said = meetings.by_titles(read, known.names, known.homes, calendar).readings
        weighed = (_as_habit(said.get(item.event.key, item), known.habits) for item in read)
        found: dict[str, tuple[Touchpoint, ...]] = {}
        for item in touches.of_meetings(weighed, {id_: id_ for id_ in known.homes}, calendar.own, known.leaders):
            found[item.source] = (*found.get(item.source, ()), item)
        return found


def open_event(event: Event, vocabulary: Vocabulary, settings: Settings) -> bool:
    """Tell whether ``event``, over or not, is an open one by itself (E12).

    That its title was open before, or stands in the calendar every day, only ``detect`` can know.
    """
    own = frozenset(settings.me.addresses)
    start, end = instant(event.start, settings.me.zone), instant(event.end, settings.me.zone)
    if not meetings.may_be_open(event, end - start) or not meetings.is_open(event, vocabulary):
        return False
    directory = Directory(_codes([event], own, {}, settings.lists, vocabulary), {})
    calendar = Calendar(own, directory, vocabulary, settings.me.zone, start, known={}, ahead=True)
    return events.read(event, calendar).alone


def _codes(
    coming: Iterable[Event],
    own: frozenset[str],
    persons: Collection[str],
    lists: frozenset[str],
    vocabulary: Vocabulary,
) -> dict[str, str]:
    seen = {address for event in coming for address in _addresses(event)}
    codes = dict.fromkeys(own, addresses.OWN)
    for address in seen - codes.keys():
        code = None if address in persons else addresses.code(address, vocabulary, lists)
        if code is not None:
            codes[address] = code
    return codes


def _addresses(event: Event) -> set[str]:
    found = {guest.address for guest in event.guests}
    return found if event.organiser is None else found | {event.organiser.address}


def _touched(past: Iterable[Touchpoint]) -> Mapping[str, Sequence[datetime]]:
    found: dict[str, list[datetime]] = {}
    for item in sorted(past, key=lambda item: item.at):
        found.setdefault(item.person, []).append(item.at)
    return found


def habit_marks(item: Touchpoint) -> Iterator[str]:
    """Yield the series and title by which an event that stands ahead is one of the same habit."""
    if item.kind == "routine-meeting":
        yield from (mark for mark in {item.series, habits.title_key(item.title)} if mark)


def _as_habit(reading: Reading, habit: Collection[str]) -> Reading:
    event = reading.event
    known = habits.series(event) in habit or habits.title_key(event.title) in habit
    return meetings.routine(reading) if known and reading.verdict.rule == "E6" and reading.present else reading
