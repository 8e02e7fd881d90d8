"""Which events are read again after a change, and what do they come to?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import datetime

from connectors.records import Event
from daemon.detect import events, habits, meetings
from daemon.detect.chronicle import Chronicle, Moved
from daemon.detect.diary import for_habits
from daemon.detect.outcomes import Held


class MeetingsAgain:
    """The events to be read again (``keys``) in the chronicle ``book``: those that changed and those that ended."""

    def __init__(self, book: Chronicle, moved: Mapping[str, Moved[Event]], ended: Iterable[str]) -> None:
        self.book = book
        self.moved = moved
        self.keys = {*moved, *ended}
        self._before: dict[str, Held | None] = {}
        self._were_persons: dict[str, bool] = {}

    def register(self) -> None:
        """Put each event in its place."""
        for event in self.moved.values():
            self.book.register.change_event(event.old, event.new)

    def read(self) -> None:
        """Read events again until nobody is a person since another time (P2)."""
        again, read = self.keys | self._know_since(), set[str]()
        while again:
            self.keys |= again
            known = {who for key in again & read for who in self._leaders(key)}
            for key in sorted(again):
                self._hold(key)
            known.update(who for key in again & read for who in self._leaders(key))
            again, read = self._know_since(known), read | again
        for key in self.keys:
            self._list(key)

    def _hold(self, key: str) -> None:
        outcomes, event = self.book.outcomes, self.book.event(key)
        self._before.setdefault(key, outcomes.meetings.get(key))
        self._put(key, None if event is None else Held.of(events.read(event, self.book.calendar)))

    def _put(self, key: str, held: Held | None) -> None:
        """Hold what was read; what E11 and E10 said stays where nothing else differs."""
        before = self.book.outcomes.meetings.get(key)
        if held is None or before is None or before.judged(twice=False, habit=False) != held:
            self.book.outcomes.hold(key, held)

    def _leaders(self, key: str) -> Iterator[str]:
        """Yield of whom the outcome of an event says something."""
        held = self.book.outcomes.meetings.get(key)
        yield from () if held is None else held.leaders()

    def _know_since(self, asked: Iterable[str] = ()) -> set[str]:
        """Find again since when those who were touched are persons; return the events that hang on it.

        Of those ``asked`` for something was said and taken back on the way: all their times are looked through.
        """
        book, found = self.book, set[str]()
        before, after = book.outcomes.difference()
        lost, new = ([dated for item in items for dated in item.since()] for items in (before, after))
        changed = dict(book.since.change(lost, new, self._since))
        for who in asked:
            changed = {**book.since.again(who, self._since(who)), **changed}
        for who, was in changed.items():
            self._were_persons.setdefault(who, was is not None)
            found.update(self._hanging(who, was, book.since.of.get(who)))
        return found

    def _since(self, who: str) -> Iterator[datetime]:
        told = self.book.told_since.get(who)
        yield from () if told is None else (told,)
        yield from (at for item in self.book.outcomes.told_of(who) for one, at in item.since() if one == who)

    def _hanging(self, who: str, before: datetime | None, after: datetime | None) -> Iterator[str]:
        """Yield the events of ``who`` that began after just one of two times; None is later than any."""
        for key in self.book.outcomes.events(who):
            held = self.book.outcomes.meetings.get(key)
            if held is not None and _follows(before, held.start) != _follows(after, held.start):
                yield key

    def _list(self, key: str) -> None:
        """Put the title of an event where names are looked for, if it has no other guests."""
        book, moved, event = self.book, self.moved.get(key), self.book.event(key)
        old = moved.old if moved is not None else event
        before, held = self._before.get(key), book.outcomes.meetings.get(key)
        book.naming.list(book.naming.events, key, _title(old, before), _title(event, held))

    def flipped(self) -> set[str]:
        """Return who is a person now and was none before, or the other way round."""
        return {who for who, was in self._were_persons.items() if was != (who in self.book.since.of)}

    def alone(self) -> set[str]:
        """Return which of the events read again have no other guests."""
        held = self.book.outcomes.meetings
        return {key for key in self.keys if key in held and held[key].alone}

    def read_titles(self, keys: Set[str]) -> bool:
        """Read the titles of events without other guests; tell whether none with hidden guests hangs on them."""
        book = self.book
        homes = _Homes({id_: pile.address or "" for id_, pile in book.loose.items()})
        if any(map(self._is_beside_hidden, self.keys | keys)):
            return False
        for key in keys:
            event, held = book.event(key), book.outcomes.meetings[key]
            if event is not None:
                said = meetings.by_titles([held.plain(event)], book.naming.book, homes, book.calendar)
                self._put(key, Held.of(said.readings[key]))
        return True

    def _is_beside_hidden(self, key: str) -> bool:
        book, moved, now = self.book, self.moved.get(key), self.book.event(key)
        held = book.outcomes.meetings.get(key)
        if now is not None and held is not None and held.alone and now.guests_hidden:
            return True
        found = [item for item in (moved.old if moved else None, now) if item is not None]
        return any(habits.title_key(item.title) in book.hidden for item in found)

    def weigh(self) -> None:
        """Apply E11 and E10."""
        book, outcomes = self.book, self.book.outcomes
        book.diary.twice(dict(outcomes.meetings_before))
        marks = set[habits.Mark]()
        for key in outcomes.meetings_before.keys() | self.moved.keys():
            moved, event = self.moved.get(key), book.event(key)
            old = moved.old if moved is not None else event
            before = outcomes.meetings_before.get(key, outcomes.meetings.get(key))
            if old is not None and for_habits(before):
                marks |= book.diary.mark(old, -1)
            if event is not None and for_habits(outcomes.meetings.get(key)):
                marks |= book.diary.mark(event, 1)
        changed = book.diary.weigh(marks) | {*outcomes.meetings_before} | self.moved.keys()
        for key in changed:
            event, held = book.event(key), outcomes.meetings.get(key)
            if event is not None and held is not None:
                habit = for_habits(held) and book.diary.is_habit(event)
                outcomes.hold(key, held.judged(twice=held.twice, habit=habit))


class _Homes(dict[str, str]):
    """An address for each leader: the leader itself."""

    def __missing__(self, who: str) -> str:
        return who


def _title(event: Event | None, held: Held | None) -> str | None:
    """Return the title that is read for a name: that of an event without other guests."""
    return event.title if event is not None and held is not None and held.alone else None


def _follows(since: datetime | None, start: datetime) -> bool:
    return since is not None and since < start
