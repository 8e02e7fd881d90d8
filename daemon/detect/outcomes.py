"""What did every record come to? The outcome of each mail and event, small enough to keep, and those of one person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from connectors.records import Event, Message
from daemon.detect import mails, meetings
from daemon.detect.counting import STRONG
from daemon.detect.events import Reading
from daemon.detect.extremes import Dated
from daemon.detect.guests import LONG, Present
from daemon.detect.mails import Letter
from daemon.detect.many import Many
from daemon.detect.people import Groups
from daemon.detect.register import Register
from daemon.model import TouchKind, Verdict

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Filed:
    """What a mail came to. ``passed``: if a forward, to somebody known (M6); ``words``: whom a mail to oneself names
    (N1), as touched in what way and when."""

    at: datetime | None
    sent: bool
    verdict: Verdict
    touched: Mapping[str, tuple[str, TouchKind]]
    passed: bool = True
    words: tuple[tuple[str, TouchKind, datetime], ...] = ()

    @classmethod
    def of(
        cls, letter: Letter, *, passed: bool = True, words: tuple[tuple[str, TouchKind, datetime], ...] = ()
    ) -> Filed:
        """Return what ``letter`` came to."""
        message = letter.message
        return cls(message.at, message.sent, letter.verdict, letter.touched, passed, words)

    def letter(self, message: Message) -> Letter:
        """Return the letter again, ``message`` being the mail."""
        letter = Letter(message, self.verdict, self.touched)
        return letter if self.passed else mails.just_written(letter)

    def leaders(self) -> Iterator[str]:
        """Yield of whom it says something."""
        yield from self.touched
        yield from (who for who, _, _ in self.words)

    def since(self) -> Iterator[Dated]:
        """Yield who is a person because of it, and since when: whom the user wrote to."""
        if self.sent and self.at is not None:
            yield from ((who, self.at) for who, (_, kind) in self.touched.items() if kind != "copied")

    def strong(self) -> Iterator[Dated]:
        """Yield whom it touches in a way that is not weak, and when."""
        if self.at is not None:
            yield from ((who, self.at) for who, (_, kind) in self.touched.items() if kind in STRONG)
            yield from ((who, at) for who, _, at in self.words)

    def written(self) -> Iterator[Dated]:
        """Yield the addresses that the user wrote to directly, and when."""
        if self.sent and self.at is not None:
            yield from ((address, self.at) for address, kind in self.touched.values() if kind != "copied")


@dataclass(frozen=True, slots=True)
class Held:
    """What an event came to: by its guests or its title, and then whether it stands there ``twice`` (E11) or is one of
    a ``habit`` (E10)."""

    start: datetime
    end: datetime
    verdict: Verdict
    present: tuple[Present, ...]
    size: int
    alone: bool
    twice: bool = False
    habit: bool = False

    @classmethod
    def of(cls, reading: Reading) -> Held:
        """Return what ``reading`` came to."""
        return cls(reading.start, reading.end, reading.verdict, reading.present, reading.size, reading.alone)

    def plain(self, event: Event) -> Reading:
        """Return the reading before E11 and E10 again, ``event`` being the event."""
        return Reading(event, self.start, self.end, self.verdict, self.present, (), self.size, self.alone)

    def reading(self, event: Event) -> Reading:
        """Return the reading again as it counts in the end."""
        plain = self.plain(event)
        if self.twice:
            return plain.judged(meetings.TWICE)
        return meetings.routine(plain) if self.habit else plain

    def judged(self, *, twice: bool, habit: bool) -> Held:
        """Return this outcome with what E11 and E10 say."""
        return self if (self.twice, self.habit) == (twice, habit) else replace(self, twice=twice, habit=habit)

    def leaders(self) -> Iterator[str]:
        """Yield of whom it says something."""
        yield from (who for who, _, _ in self.present)

    def since(self) -> Iterator[Dated]:
        """Yield who is a person because of it, and since when: whom the guest list shows."""
        yield from ((who, self.start) for who, _, _ in (() if self.alone else self.present))

    def strong(self) -> Iterator[Dated]:
        """Yield whom it touches in a way that is not weak, and when."""
        yield from ((who, self.start) for who, _, _ in (self.present if self.kind in STRONG else ()))

    @property
    def plain_kind(self) -> str | None:
        """The kind of touch before E11 and E10, None if nothing counted."""
        return self.verdict.kind if self.verdict.counted else None

    @property
    def kind(self) -> str | None:
        """The kind of touch in the end, None if nothing counted."""
        return None if self.twice else meetings.HABIT.kind if self.habit else self.plain_kind


class Outcomes:
    """The outcomes of all records, by key, and what stood there before the change under way."""

    def __init__(self, letters: dict[str, Filed], held: dict[str, Held], register: Register, groups: Groups) -> None:
        self.letters = letters
        self.meetings = held
        self.letters_before: dict[str, Filed | None] = {}
        self.meetings_before: dict[str, Held | None] = {}
        self._register = register
        self._groups = groups
        self._titles = Many()
        """Events (E9) and mails to oneself (N1) that name a leader in their titles, where no address does."""
        self._days = Many()
        """Meetings that somebody was at, by the days they may meet others on."""
        for key, meeting in held.items():
            self._name(key, (), _by_title(meeting))
            for day in _days(meeting):
                self._days.add(day, key)
        for key, filed in letters.items():
            self._name(key, (), _by_word(filed))

    def file(self, key: str, filed: Filed | None) -> None:
        """Put the outcome of a mail in the place of what was there."""
        before = self.letters.get(key)
        if before != filed:
            self.letters_before.setdefault(key, before)
            self._name(key, _by_word(before), _by_word(filed))
            _put(self.letters, key, filed)

    def hold(self, key: str, held: Held | None) -> None:
        """Put the outcome of an event in the place of what was there."""
        before = self.meetings.get(key)
        if before != held:
            self.meetings_before.setdefault(key, before)
            self._name(key, _by_title(before), _by_title(held))
            for day in _days(before):
                self._days.drop(day, key)
            for day in _days(held):
                self._days.add(day, key)
            _put(self.meetings, key, held)

    def _name(self, key: str, before: Iterable[str], after: Iterable[str]) -> None:
        for who in before:
            self._titles.drop(who, key)
        for who in after:
            self._titles.add(who, key)

    def settle(self) -> None:
        """Forget what stood there before."""
        self.letters_before.clear()
        self.meetings_before.clear()

    def changed(self) -> set[str]:
        """Return the leaders about whom something is said that was not said before, or no more."""
        before, after = self.difference()
        return {who for said in (before, after) for item in said for who in item.leaders()}

    def difference(self) -> tuple[list[Filed | Held], list[Filed | Held]]:
        """Return the outcomes that are no more, and those that are new."""
        before = [item for item in (*self.letters_before.values(), *self.meetings_before.values()) if item is not None]
        letters = (self.letters.get(key) for key in self.letters_before)
        held = (self.meetings.get(key) for key in self.meetings_before)
        return before, [item for item in (*letters, *held) if item is not None]

    # -- one person ----------------------------------------------------------------------------------------------------

    def mails(self, who: str) -> set[str]:
        """Return the keys of all mails that name the person ``who`` leads by an address."""
        return {key for address in self._groups.of(who) for key in self._register.mails.get(address)}

    def events(self, who: str) -> set[str]:
        """Return the keys of all events that name the person ``who`` leads by an address."""
        return {key for address in self._groups.of(who) for key in self._register.events.get(address)}

    def touching(self, who: str) -> Iterator[tuple[str, Filed]]:
        """Yield the key and outcome of every mail that touches ``who`` if they are a person."""
        for key in self.mails(who):
            filed = self.letters.get(key)
            if filed is not None and who in filed.touched:
                yield key, filed

    def with_(self, who: str) -> Iterator[tuple[str, str, Held]]:
        """Yield key, address and outcome of every event at which ``who`` was, also of those named in titles (E9)."""
        for key in {*self.events(who), *self._titles.get(who)}:
            held = self.meetings.get(key)
            for present, address, _ in held.present if held is not None else ():
                if present == who and held is not None:
                    yield key, address, held

    def around(self, held: Held) -> set[str]:
        """Return the keys of all meetings that somebody was at and that may overlap ``held``."""
        days = _days(held)
        return {key for day in range(days.start - 1, days.stop + 1) for key in self._days.get(day)} if days else set()

    def told_of(self, who: str) -> Iterator[Filed | Held]:
        """Yield the outcome of every record that says something of ``who``."""
        for _, filed in self.touching(who):
            yield filed
        for key in {*self.events(who), *self._titles.get(who)}:
            for item in (self.meetings.get(key), self.letters.get(key)):
                if item is not None:
                    yield item

    def times(self, who: str, *, before: bool = False) -> list[datetime]:
        """Return all times at which a mail or a guest list touches ``who``, in order; ``before`` the change or now."""
        letters, events = self.letters_before if before else {}, self.meetings_before if before else {}
        filed = (_either(letters, self.letters, key) for key in self.mails(who) | letters.keys())
        held = (_either(events, self.meetings, key) for key in self.events(who) | events.keys())
        found = [item.at for item in filed if item is not None and item.at is not None and who in item.touched]
        for item in held:
            if item is not None and not item.alone:
                found += [item.start for present, _, _ in item.present if present == who]
        return sorted(found)


def _either(first: Mapping[str, T | None], then: Mapping[str, T], key: str) -> T | None:
    return first[key] if key in first else then.get(key)


def _put(into: dict[str, T], key: str, item: T | None) -> None:
    if item is None:
        into.pop(key, None)
    else:
        into[key] = item


def _days(held: Held | None) -> range:
    """Return the days (UTC) on which ``held`` may stand beside another meeting; it was long enough then (E11)."""
    if held is None or not held.present:
        return range(0)
    last = min(held.end, held.start + 3 * LONG)
    return range(held.start.astimezone(UTC).toordinal(), last.astimezone(UTC).toordinal() + 1)


def _by_title(held: Held | None) -> set[str]:
    return {who for who, _, _ in held.present} if held is not None and held.alone else set()


def _by_word(filed: Filed | None) -> set[str]:
    return {who for who, _, _ in filed.words} if filed is not None else set()
