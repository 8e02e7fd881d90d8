"""What is a replay made of? The records as they are stored, read as they were to be known on a day.

A mail is known from its time on, an event from its start: when it was entered into the calendar no record says, so
nothing stands ahead. What today's records say of earlier days is believed: an event is as it is stored now.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from connectors.records import Event, Message
from daemon.detect import copies, open_event
from daemon.model import Decision, Person, Records, Settings, Touchpoint, Vocabulary, instant

T = TypeVar("T", Event, Message)
WISHES: frozenset[str] = frozenset({"mark", "unmark", "circle", "tone", "language", "every", "keep", "merge", "split"})
"""Kinds of decision that say how somebody is to be treated: today's, as if they were said before the replay begins."""
OURS: frozenset[str] = frozenset({"slot", "slot-free", "confirm", "told"})
"""Kinds that Kith decided itself, and what only its own calendar needs: a replay decides anew."""
BACK = timedelta(days=14)
"""How far back the calendar is looked at, as in ``daemon.outlook``."""
_LAST = "\uffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """All that a replay is made of: what is stored, and today's wishes."""

    records: Records
    decisions: tuple[Decision, ...]
    settings: Settings
    vocabulary: Vocabulary
    new_id: Callable[[str], str]
    caught_up: bool = True
    earliest: datetime | None = None
    """When the earliest record begins, where ``records`` are not all; None: the first of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was known at ``now``; mappings by person id, touchpoints in order of time."""

    now: datetime
    people: Mapping[str, Person]
    touchpoints: Mapping[str, tuple[Touchpoint, ...]]
    calendar: tuple[Event, ...]
    open_events: frozenset[str]
    decisions: tuple[Decision, ...]
    earliest: datetime | None
    ids: Mapping[str, str] = field(default_factory=dict)
    """Person ids by every id that one of their addresses ever gave (RULINGS C6)."""


class Archive:
    """The records of a past by the time from which they are known."""

    def __init__(self, past: Past) -> None:
        self._past = past
        self._zone = past.settings.me.zone
        self._mails, self._events = _by_key(past.records.messages.values()), _by_key(past.records.events.values())
        events, mails = past.records.events.values(), past.records.messages.values()
        self._sent = sorted((mail.at, mail.key) for mail in mails if mail.at is not None)
        self._starts = sorted((instant(event.start, self._zone), event.key) for event in events)
        self._ends = sorted((instant(event.end, self._zone), event.key) for event in events)
        begun = (instant(event.start, self._zone) for event in events if not event.ours)
        self._first = past.earliest or min((*begun, *(at for at, _ in self._sent[:1])), default=None)
        self._opened: dict[str, bool] = {}
        self._running: set[str] = set()
        self._looked = datetime.min.replace(tzinfo=UTC)

    def records(self, now: datetime) -> Records:
        """Return every record that was known at ``now``."""
        stored = self._past.records
        return Records(
            events={name: it for name, it in stored.events.items() if instant(it.start, self._zone) <= now},
            messages={name: it for name, it in stored.messages.items() if it.at is not None and it.at <= now},
        )

    def mail(self, key: str, now: datetime) -> Message | None:
        """Return the mail that counts under ``key`` at ``now``; None if there was none."""
        found = [mail for mail in self._mails.get(key, ()) if mail.at is not None and mail.at <= now]
        return found[0] if len(found) == 1 else next(iter(copies.messages(found)), None)

    def event(self, key: str, now: datetime, own: frozenset[str]) -> Event | None:
        """Return the event that counts under ``key`` at ``now``; None if none had begun."""
        found = [event for event in self._events.get(key, ()) if instant(event.start, self._zone) <= now]
        return found[0] if len(found) == 1 else next(iter(copies.events(found, own)), None)

    def sent(self, after: datetime, until: datetime) -> set[str]:
        """Return the keys of the mails of that span."""
        return _between(self._sent, after, until)

    def begun(self, after: datetime, until: datetime) -> set[str]:
        """Return the keys of the events that began in that span."""
        return _between(self._starts, after, until)

    def ended(self, after: datetime, until: datetime) -> set[str]:
        """Return the keys of the events that ended in that span."""
        return _between(self._ends, after, until)

    def first(self, now: datetime) -> datetime | None:
        """Return when the earliest record begins, None if none had begun at ``now`` (P26)."""
        return self._first if self._first is not None and self._first <= now else None

    def calendar(self, now: datetime, own: frozenset[str]) -> tuple[Event, ...]:
        """Return the events that had begun and were over for less than 14 days, in order; ours excluded.

        To be asked of later and later days.
        """
        self._running = (self._running | self.begun(self._looked, now)) - self.ended(self._looked, now)
        self._looked = now
        recent = sorted(self._running | self.ended(now - BACK, now))
        found = (self.event(key, now, own) for key in recent)
        return tuple(event for event in found if event is not None and not event.ours)

    def opened(self, calendar: Iterable[Event]) -> frozenset[str]:
        """Return the keys of those in ``calendar`` that are open (E12)."""
        for event in calendar:
            if event.key not in self._opened:
                self._opened[event.key] = open_event(event, self._past.vocabulary, self._past.settings)
        return frozenset(event.key for event in calendar if self._opened[event.key])


def from_the_beginning(decisions: Iterable[Decision], begins: datetime) -> tuple[Decision, ...]:
    """Return ``decisions`` in order without Kith's own, and the user's wishes as if said just before ``begins``."""
    said = sorted((item for item in decisions if item.kind not in OURS), key=lambda item: (item.at, item.key))
    wishes = [item for item in said if item.kind in WISHES]
    first = begins - timedelta(hours=1)
    early = [replace(item, at=first + timedelta(microseconds=number)) for number, item in enumerate(wishes)]
    return (*early, *(item for item in said if item.kind not in WISHES))


def resolved(decisions: Iterable[Decision], now: datetime, ids: Mapping[str, str]) -> tuple[Decision, ...]:
    """Return those of ``decisions`` that were made by ``now``, about whoever bears their ids then."""
    return tuple(replace(item, about=ids.get(item.about, item.about)) for item in decisions if item.at <= now)


def _by_key(records: Iterable[T]) -> Mapping[str, list[T]]:
    """Return the copies of each record: it may have come through several accounts."""
    found: dict[str, list[T]] = {}
    for item in records:
        found.setdefault(item.key, []).append(item)
    return found


def _between(times: Sequence[tuple[datetime, str]], after: datetime, until: datetime) -> set[str]:
    return {key for _, key in times[bisect_right(times, (after, _LAST)) : bisect_right(times, (until, _LAST))]}
