"""What stands, on a day? Builds the ``State`` that deciding needs out of the ledger and what is known of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TypeVar

from connectors.records import Event
from daemon.apart import made_or_here
from daemon.articles import in_sight
from daemon.derived import Derived, derived, examine
from daemon.detect import open_event, title_key
from daemon.detect.birthdays import birthdays
from daemon.knowledge import Knowledge
from daemon.ledger import Ledger, articles
from daemon.model import Decision, Entry, Facts, Records, Settings, SourceState, State, Touchpoint, Vocabulary, instant
from daemon.outlook import BACK
from daemon.review import Past, past
from daemon.shelf import GRACE, is_known

T = TypeVar("T")
RULESET = 4
NEAR = timedelta(days=2)
WEEK = timedelta(days=7)
HALF_A_YEAR = timedelta(days=183)
_ABOUT_PERSONS = frozenset(
    {
        "mark",
        "unmark",
        "circle",
        "tone",
        "language",
        "every",
        "note",
        "slot",
        "slot-free",
        "sign",
        "x",
        "promise",
        "agreed",
        "offered",
    }
)


class Memory:
    """The ledger read for one moment: what is stored, decoded once and only when asked for."""

    def __init__(
        self,
        ledger: Ledger,
        settings: Settings,
        vocabulary: Vocabulary,
        now: datetime,
        accounts: Collection[str],
        *,
        knowledge: Knowledge | None = None,
    ) -> None:
        self.ledger = ledger
        self.knowledge = knowledge or Knowledge()
        self.accounts = accounts
        self.settings = settings
        self.vocabulary = vocabulary
        self.now = now

    @cached_property
    def stored(self) -> Records:
        """Every stored record."""
        return self.ledger.records()

    @cached_property
    def records(self) -> Records:
        """Every stored record that can be known at ``now``: later mails are invisible (U12)."""
        known = {key: item for key, item in self.stored.messages.items() if is_known(item, self.now)}
        return Records(events=self.stored.events, messages=known)

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
        """How the configured sources that tell of people stand.

        One that was taken out of the configuration holds nothing back, nor does a feed.
        """
        stored = self.ledger.sources().items()
        return {name: source for name, source in stored if name in self.accounts and source.kind != "feed"}

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
        about += sorted(self.settings.hints.items())
        about += [(item.kind, item.about, item.value) for item in self.decisions if item.kind not in OPINIONS_ONLY]
        about += [(item.key, item.at, item.reason) for item in self.decisions if item.kind == "card"]
        return hashlib.sha256(repr(about).encode()).hexdigest()[:16]

    @cached_property
    def facts(self) -> Derived:
        """The facts that hold now: those known or stored if they still do, else derived again."""
        return self.knowledge.facts(self)

    def derive(self) -> Derived:
        """Derive all facts from the records."""
        return derived(self, examine(self))

    def detailed(self) -> Facts:
        """Return what detection says in full, verdicts and ignored addresses too."""
        return self.facts.full or self.derive().full  # type: ignore[return-value]

    def save(self) -> int:
        """Store the facts that hold now, and return how many are others; nothing is written when none is.

        What only deriving needed is let go before: a first import is as large as memory gets.
        """
        self.facts = self.knowledge.kept(self.facts)
        for name in ("stored", "records"):
            self.__dict__.pop(name, None)
        return self.knowledge.save(self.ledger, self.facts)

    def aliases(self) -> Mapping[str, str]:
        """Return present person ids by every id that one of their addresses ever gave (RULINGS C6)."""
        return self.knowledge.aliases(self.ledger, self.facts.people)

    def state(self) -> State:
        """Return all that deciding needs."""
        facts, outlook = self.facts, self.knowledge.outlook(self.settings, self.vocabulary)
        aliases = self.aliases()
        calendar, opened = outlook.around(self._events(), self.now)
        opened = self._opened(calendar, opened)
        entries = tuple(_resolved(item, aliases) for item in self.ledger.entries())
        ahead = outlook.ahead(calendar, facts.people, facts.by_person, facts.own, self.now)
        return State(
            now=self.now,
            settings=self.settings,
            vocabulary=self.vocabulary,
            people={person.id: person for person in facts.people},
            touchpoints=facts.by_person,
            ahead=ahead,
            calendar=calendar,
            open_events=opened,
            entries=entries,
            decisions=tuple(_present(item, aliases) for item in self.decisions),
            sources=self.sources,
            earliest=facts.earliest,
            articles=in_sight(articles(self.ledger).values(), self.now),
            editions=self.editions(self._near(calendar, opened)),
            met_at=dict(self._met_at(ahead, facts)),
            birthdays=self._birthdays(calendar),
            household=frozenset(
                person.id for person in facts.people if not self.settings.calendars.isdisjoint(person.addresses)
            ),
        )

    def _opened(self, calendar: Sequence[Event], opened: frozenset[str]) -> frozenset[str]:
        """Return which events of ``calendar`` are open: as they look, and as the user said of their titles."""
        told = {item.about: item.value for item in self.decisions if item.kind == "title"}
        said = {event.key: told.get(title_key(event.title)) for event in calendar if not event.guests} if told else {}
        closed = {key for key, word in said.items() if word == "closed"}
        return (opened - closed) | {key for key, word in said.items() if word == "open"}

    def _birthdays(self, calendar: Sequence[Event]) -> Mapping[str, str]:
        """Return whose birthday the events around today tell of."""
        told = [event for event in calendar if event.kind == "birthday"]
        known, _ = birthdays(told, self.facts.people, self.settings.me.zone, self.vocabulary)
        return {item.person: item.day for item in known}

    def editions(self, events: Iterable[Event]) -> Mapping[str, tuple[datetime, ...]]:
        """Return when earlier events with the titles of ``events`` ended, by the keys of those."""
        titles = {event.key: title_key(event.title) for event in events}
        return {key: self._ends_of(title) if title else () for key, title in titles.items()}

    def _ends_of(self, title: str) -> tuple[datetime, ...]:
        if self.knowledge.shelf is not None:
            found = self.knowledge.shelf.ends_of(title)
        else:
            found = self._ends_by_title.get(title, ())
        return tuple(end for end in found if end < self.now)

    @cached_property
    def _ends_by_title(self) -> Mapping[str, tuple[datetime, ...]]:
        zone, found = self.settings.me.zone, dict[str, set[datetime]]()
        for event in self.ledger.events_since(date.min):
            if event.status != "cancelled" and not event.ours:
                found.setdefault(title_key(event.title), set()).add(instant(event.end, zone))
        return {title: tuple(sorted(ends)) for title, ends in found.items()}

    def _near(self, calendar: Sequence[Event], opened: Collection[str]) -> Iterator[Event]:
        """Yield the open events around today: before them and after them the user hears of them."""
        zone = self.settings.me.zone
        for event in calendar:
            begins, ends = instant(event.start, zone), instant(event.end, zone)
            if event.key in opened and begins - NEAR <= self.now <= ends + NEAR:
                yield event

    def apart(self, work: Callable[[], T]) -> T:
        """Return what ``work`` returns, which reads all that is stored and takes much memory for a while: where this
        process goes on beside much, a copy of it does that."""
        heavy = self.knowledge.is_heavy(self.ledger)
        return made_or_here(work, keep=self.ledger.descriptors) if heavy else work()

    def past(self) -> Past:
        """Return what happened: the events attended and the mails written."""
        verdicts = self.knowledge.verdicts(self) or self.detailed().verdicts
        return past(self.records, verdicts, self.facts.own, self.settings.me.zone)

    def _met_at(
        self, ahead: Mapping[str, Sequence[Touchpoint]], facts: Derived
    ) -> Iterator[tuple[str, tuple[str, datetime]]]:
        """Yield where those whom the user meets soon were probably met: at the open event that ended within a week
        before their first mail. Not from the first half year of the data, in which every mail is a first one (P26)."""
        begun, zone = facts.earliest or self.now, self.settings.me.zone
        for person, items in ahead.items():
            first = next(iter(facts.by_person.get(person, ())), None)
            soon = items[0].at - self.now <= NEAR
            if soon and first is not None and first.kind == "wrote" and first.at - begun >= HALF_A_YEAR:
                found = [event for event in self._ended(first.at) if self._was_open(event)]
                last = max(found, key=lambda event: (instant(event.end, zone), event.key), default=None)
                if last is not None:
                    yield person, (last.title, instant(last.start, zone))

    def _ended(self, until: datetime) -> Iterator[Event]:
        """Yield the events that ended in the week before ``until``."""
        zone, since, shelf = self.settings.me.zone, until - WEEK, self.knowledge.shelf
        if shelf is not None:
            found = (shelf.event(key, self.facts.own) for key in sorted(shelf.ended(since, until)))
            yield from (event for event in found if event is not None)
            return
        yield from (
            event
            for event in self.ledger.events_since((since - GRACE).date())
            if since < instant(event.end, zone) <= until
        )

    def _was_open(self, event: Event) -> bool:
        attended = event.status != "cancelled" and event.role == "work" and not (event.ours or event.private)
        return attended and open_event(event, self.vocabulary, self.settings)

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

    def _events(self) -> Sequence[Event]:
        """Return events, all those around now among them."""
        if self.knowledge.shelf is not None:
            return self.knowledge.shelf.ending_since(self.now - BACK)
        if "stored" in self.__dict__:
            return tuple(self.stored.events.values())
        return self.ledger.events_since((self.now - BACK - GRACE).date())


OPINIONS_ONLY = frozenset(
    {
        "slot",
        "slot-free",
        "confirm",
        "language",
        "tone",
        "every",
        "x",
        "promise",
        "told",
        "purpose",
        "agreed",
        "offered",
    }
)
"""Kinds of decision that no fact depends on."""


def _present(decision: Decision, aliases: Mapping[str, str]) -> Decision:
    present = aliases.get(decision.about, decision.about) if decision.kind in _ABOUT_PERSONS else decision.about
    return decision if present == decision.about else replace(decision, about=present)


def _resolved(entry: Entry, aliases: Mapping[str, str]) -> Entry:
    person, also = aliases.get(entry.person, entry.person), tuple(aliases.get(who, who) for who in entry.also)
    if (person, also) == (entry.person, entry.also):
        return entry
    return replace(entry, person=person, also=also)
