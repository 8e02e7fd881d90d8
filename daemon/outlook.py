"""What stands ahead? The events around a day and what they will count as, kept while nothing they rest on changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from connectors.records import Event
from daemon.detect import Background, Expected, habit_marks, open_event
from daemon.detect.book import Entries
from daemon.model import Person, Settings, Touchpoint, Vocabulary, instant

BACK = timedelta(days=14)
AHEAD = timedelta(days=60)
LAST = datetime.max.replace(tzinfo=UTC)
RECENT = timedelta(days=400)
"""Older facts tell nothing about what stands ahead: first names and habits are asked of the last year."""


class Outlook:
    """The events around a day, under one user's settings and words; an event object stands for what never changes."""

    def __init__(self, settings: Settings, vocabulary: Vocabulary) -> None:
        self._settings = settings
        self._vocabulary = vocabulary
        self._opened: dict[tuple[str, str], tuple[Event, bool]] = {}
        self._events: Sequence[Event] = ()
        self._near: tuple[Event, ...] = ()
        self._since = self._until = LAST
        self._expected: Expected | None = None
        self._own: frozenset[str] = frozenset()
        self._people: Sequence[Person] = ()
        self._leaders: dict[str, str] = {}
        self._homes: dict[str, str] = {}
        self._entries = Entries(vocabulary)
        self._routine: dict[str, tuple[Sequence[Touchpoint], dict[str, datetime]]] = {}

    def serves(self, settings: Settings, vocabulary: Vocabulary) -> bool:
        """Tell whether this is the outlook of a user with these ``settings`` and words."""
        mine = self._settings
        return (mine.me, mine.lists, self._vocabulary) == (settings.me, settings.lists, vocabulary)

    def around(self, events: Sequence[Event], now: datetime) -> tuple[tuple[Event, ...], frozenset[str]]:
        """Return those of ``events`` from 14 days back to 60 ahead, in order, ours excluded; and which are open."""
        if events is not self._events or not self._since <= now < self._until:
            self._events, self._since = events, now
            self._until = self._look(now)
        return self._near, frozenset(event.key for event, is_open in self._opened.values() if is_open)

    def _look(self, now: datetime) -> datetime:
        """Look around ``now`` and return until when nothing else comes into sight, or goes."""
        zone, before, self._opened = self._settings.me.zone, self._opened, {}
        spans = [(instant(e.start, zone) - AHEAD, instant(e.end, zone) + BACK, e) for e in self._events if not e.ours]
        near = [event for first, last, event in spans if first <= now <= last]
        for event in near:
            known = before.get((event.key, event.account))
            kept = known if known is not None and known[0] is event else (event, self._is_open(event))
            self._opened[event.key, event.account] = kept
        self._near = tuple(sorted(near, key=lambda event: (event.key, event.account)))
        return min((at for first, last, _ in spans for at in (first, last) if at > now), default=LAST)

    def _is_open(self, event: Event) -> bool:
        return open_event(event, self._vocabulary, self._settings)

    def ahead(
        self,
        coming: Sequence[Event],
        people: Sequence[Person],
        facts: Mapping[str, Sequence[Touchpoint]],
        own: frozenset[str],
        now: datetime,
    ) -> Mapping[str, tuple[Touchpoint, ...]]:
        """Return, by person, what those of ``coming`` not over yet will count as for ``people``, given ``facts``."""
        self._know(people)
        touched = _Touched(facts, now - RECENT)
        known = Background(
            leaders=self._leaders,
            homes=self._homes,
            names=self._entries.names(touched, self._settings.me.name),
            habits={*self._habits(facts, now - RECENT)},
        )
        if self._expected is None or self._own != own:
            self._expected, self._own = Expected(own, self._settings, self._vocabulary), own
        return self._expected.ahead(coming, known, now)

    def _know(self, people: Sequence[Person]) -> None:
        if people is self._people:
            return
        for gone in self._homes.keys() - {person.id for person in people}:
            self._entries.call(gone, "")
        self._leaders = {address: person.id for person in people for address in person.addresses}
        self._homes = {person.id: next(iter(person.addresses), "") for person in people}
        for person in people:
            self._entries.call(person.id, person.name)
        self._people = people

    def _habits(self, facts: Mapping[str, Sequence[Touchpoint]], since: datetime) -> Iterator[str]:
        before, self._routine = self._routine, {}
        for person, items in facts.items():
            known = before.get(person)
            last = known[1] if known is not None and known[0] is items else dict(_last(items))
            self._routine[person] = items, last
            yield from (mark for mark, at in last.items() if at >= since)


def _last(items: Sequence[Touchpoint]) -> Iterator[tuple[str, datetime]]:
    """Yield the marks of routine meetings and when they were; the last of each comes last."""
    for item in items:
        yield from ((mark, item.at) for mark in habit_marks(item))


class _Touched(Mapping[str, Sequence[datetime]]):
    """When each person was touched since a time, in order."""

    def __init__(self, facts: Mapping[str, Sequence[Touchpoint]], since: datetime) -> None:
        self._facts = facts
        self._since = since

    def __getitem__(self, person: str) -> Sequence[datetime]:
        return [item.at for item in self._facts[person] if item.at >= self._since]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)
