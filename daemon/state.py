"""What stands, on a day? Builds the ``State`` that deciding needs out of the ledger.

Derived facts in the ledger hold for a span of time (an upcoming event becomes a fact when it is over) and for one set
of rules, words, settings and decisions. Inside that span they are used as they are; outside they are derived again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from connectors.records import Event
from daemon import detect
from daemon.ledger import DERIVED, Ledger
from daemon.model import (
    Decision,
    Entry,
    Facts,
    Person,
    Records,
    Settings,
    SourceState,
    State,
    Touchpoint,
    Vocabulary,
    instant,
)

RULESET = 2
BACK = timedelta(days=14)
AHEAD = timedelta(days=60)
GRACE = timedelta(days=1)
"""How far a mail's time may lie ahead of now and still be believed (P30)."""
RECENT = timedelta(days=400)
"""Older facts tell nothing about what stands ahead: first names and habits are asked of the last year."""
_ABOUT_PERSONS = frozenset(
    {"mark", "unmark", "circle", "tone", "language", "every", "note", "slot", "slot-free", "sign"}
)


@dataclass(frozen=True, kw_only=True)
class Derived:
    """Facts, and the span in which they hold. ``full`` is what detection said, None when read from the ledger."""

    people: tuple[Person, ...]
    touchpoints: tuple[Touchpoint, ...]
    ruleset: str
    since: datetime
    until: datetime | None
    earliest: datetime | None
    own: frozenset[str]
    full: Facts | None = None

    def holds(self, ruleset: str, now: datetime) -> bool:
        """Tell whether these facts are those of ``ruleset`` at ``now``."""
        return self.ruleset == ruleset and self.since <= now and (self.until is None or now < self.until)


class Memory:
    """The ledger read for one moment: what is stored, decoded once and only when asked for."""

    def __init__(
        self, ledger: Ledger, settings: Settings, vocabulary: Vocabulary, now: datetime, accounts: Collection[str]
    ) -> None:
        self.ledger = ledger
        self.accounts = accounts
        self.settings = settings
        self.vocabulary = vocabulary
        self.now = now

    @cached_property
    def _stored_records(self) -> Records:
        return self.ledger.records()

    @cached_property
    def records(self) -> Records:
        """Every stored record that can be known at ``now``: later mails are invisible (U12)."""
        stored = self._stored_records
        late = self.now + GRACE
        messages = {key: item for key, item in stored.messages.items() if item.at is None or item.at <= late}
        return Records(events=stored.events, messages=messages)

    @cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """Every decision up to ``now``, as stored."""
        return tuple(item for item in self.ledger.decisions() if item.at <= self.now)

    @cached_property
    def caught_up(self) -> bool:
        """Tell whether every source has been read to its end."""
        return all(source.caught_up for source in self.sources.values())

    @cached_property
    def sources(self) -> Mapping[str, SourceState]:
        """How the configured sources stand; one that was taken out of the configuration holds nothing back."""
        return {name: source for name, source in self.ledger.sources().items() if name in self.accounts}

    @cached_property
    def ruleset(self) -> str:
        """Hash of all that facts depend on beside the records."""
        about = [
            RULESET,
            self.caught_up,
            self.settings.me,
            sorted(self.settings.lists),
            self.settings.routine.ignore_titles,
        ]
        about += [(name, sorted(words)) for name, words in sorted(self.vocabulary.lists.items())]
        about += [(item.kind, item.about, item.value) for item in self.decisions if item.kind not in OPINIONS_ONLY]
        return hashlib.sha256(repr(about).encode()).hexdigest()[:16]

    @cached_property
    def facts(self) -> Derived:
        """The facts that hold now: the stored ones if they still do, else derived again in memory."""
        stored = self._stored()
        return stored if stored is not None and stored.holds(self.ruleset, self.now) else self.derive()

    def derive(self) -> Derived:
        """Derive all facts from the records."""
        records, now = self.records, self.now
        full = detect.detect(
            records,
            settings=self.settings,
            vocabulary=self.vocabulary,
            decisions=self.decisions,
            now=now,
            known=self.ledger.people(),
            new_id=self.ledger.person_id,
            caught_up=self.caught_up,
        )
        return Derived(
            people=full.people,
            touchpoints=full.touchpoints,
            ruleset=self.ruleset,
            since=now,
            until=_next_change(self._stored_records, self.settings, now),
            earliest=_earliest(records, self.settings, now),
            own=full.own,
            full=full,
        )

    def detailed(self) -> Facts:
        """Return what detection says in full, verdicts and ignored addresses too."""
        return self.facts.full or self.derive().full  # type: ignore[return-value]

    def _stored(self) -> Derived | None:
        meta = self.ledger.meta(DERIVED)
        if meta is None:
            return None
        return Derived(
            people=self.ledger.people(),
            touchpoints=self.ledger.touchpoints(),
            ruleset=meta["ruleset"],
            since=datetime.fromisoformat(meta["since"]),
            until=_moment(meta["until"]),
            earliest=_moment(meta["earliest"]),
            own=frozenset(meta["own"]),
        )

    def save(self) -> None:
        """Store the facts that hold now; nothing is written when they are stored already."""
        facts = self.facts
        if facts.full is None:
            return
        self.ledger.save_facts(facts.people, facts.touchpoints)
        self.ledger.set_meta(
            DERIVED,
            {
                "ruleset": facts.ruleset,
                "since": facts.since.isoformat(),
                "until": facts.until.isoformat() if facts.until else None,
                "earliest": facts.earliest.isoformat() if facts.earliest else None,
                "own": sorted(facts.own),
            },
        )

    def aliases(self) -> dict[str, str]:
        """Return present person ids by every id that one of their addresses ever gave (RULINGS C6)."""
        found = {
            self.ledger.person_id(address): person.id for person in self.facts.people for address in person.addresses
        }
        return found | {person.id: person.id for person in self.facts.people}

    def state(self) -> State:
        """Return all that deciding needs."""
        facts, now = self.facts, self.now
        aliases = self.aliases()
        people = {person.id: person for person in facts.people}
        calendar = _around(self._events(), self.settings, now)
        coming = tuple(event for event in calendar if instant(event.end, self.settings.me.zone) > now)
        return State(
            now=now,
            settings=self.settings,
            vocabulary=self.vocabulary,
            people=people,
            touchpoints=_by_person(facts.touchpoints),
            ahead=_by_person(self._ahead(coming)),
            calendar=calendar,
            open_events=frozenset(
                event.key for event in calendar if detect.open_event(event, self.vocabulary, self.settings)
            ),
            entries=tuple(_resolved(item, aliases) for item in self.ledger.entries()),
            decisions=tuple(_present(item, aliases) for item in self.decisions),
            sources=self.sources,
            earliest=facts.earliest,
            household=frozenset(),
        )

    def mentions(self, addresses: set[str]) -> Iterator[tuple[str, str, str, set[str]]]:
        """Yield key, time (ISO), title and the addresses found of every record that names one of ``addresses``."""
        zone = self.settings.me.zone
        for event in self.records.events.values():
            guests = {guest.address for guest in event.guests} | (
                {event.organiser.address} if event.organiser else set()
            )
            if found := guests & addresses:
                yield event.key, instant(event.start, zone).isoformat(), event.title, found
        for mail in self.records.messages.values():
            named = {box.address for box in (*mail.to, *mail.cc, *mail.bcc)}
            if found := named & addresses:
                yield mail.key, mail.at.isoformat() if mail.at else "", mail.subject, found

    def _events(self) -> Iterable[Event]:
        if "_stored_records" in self.__dict__:
            return self._stored_records.events.values()
        return self.ledger.events_since((self.now - BACK - GRACE).date())

    def _ahead(self, coming: tuple[Event, ...]) -> tuple[Touchpoint, ...]:
        return detect.ahead(
            coming,
            people=self.facts.people,
            own=self.facts.own,
            settings=self.settings,
            vocabulary=self.vocabulary,
            now=self.now,
            touchpoints=(item for item in self.facts.touchpoints if item.at >= self.now - RECENT),
        )


OPINIONS_ONLY = frozenset({"slot", "slot-free", "confirm", "language", "tone", "every"})
"""Kinds of decision that no fact depends on."""


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _next_change(records: Records, settings: Settings, now: datetime) -> datetime | None:
    """Return when facts change by themselves: the next event is over, a mail from the future arrives."""
    zone = settings.me.zone
    ends = (instant(event.end, zone) for event in records.events.values())
    mails = (message.at - GRACE for message in records.messages.values() if message.at is not None)
    return min((at for at in (*ends, *mails) if at > now), default=None)


def _earliest(records: Records, settings: Settings, now: datetime) -> datetime | None:
    """Return the earliest record of any account (P26)."""
    starts = (instant(event.start, settings.me.zone) for event in records.events.values() if not event.ours)
    mails = (message.at for message in records.messages.values() if message.at is not None)
    return min((at for at in (*starts, *mails) if at <= now), default=None)


def _around(events: Iterable[Event], settings: Settings, now: datetime) -> tuple[Event, ...]:
    zone = settings.me.zone
    near = (
        event
        for event in events
        if not event.ours and instant(event.end, zone) >= now - BACK and instant(event.start, zone) <= now + AHEAD
    )
    return tuple(sorted(near, key=lambda event: (event.key, event.account)))


def _by_person(touchpoints: Iterable[Touchpoint]) -> Mapping[str, tuple[Touchpoint, ...]]:
    found: dict[str, list[Touchpoint]] = {}
    for item in touchpoints:
        found.setdefault(item.person, []).append(item)
    return {person: tuple(sorted(items, key=lambda item: (item.at, item.key))) for person, items in found.items()}


def _present(decision: Decision, aliases: Mapping[str, str]) -> Decision:
    if decision.kind not in _ABOUT_PERSONS:
        return decision
    return replace(decision, about=aliases.get(decision.about, decision.about))


def _resolved(entry: Entry, aliases: Mapping[str, str]) -> Entry:
    also = tuple(aliases.get(who, who) for who in entry.also)
    return replace(entry, person=aliases.get(entry.person, entry.person), also=also)
