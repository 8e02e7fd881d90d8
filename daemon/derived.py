"""What are the facts of a ledger, how long do they hold, and which of them are stored otherwise?

Derived facts hold for a span of time (an upcoming event becomes a fact when it is over) and for one ruleset.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from daemon.detect import Change, Study, by_person, study
from daemon.ledger import DERIVED, Ledger
from daemon.ledger.codec import encode
from daemon.model import Decision, Facts, Person, Records, Settings, Touchpoint, Vocabulary, instant
from daemon.shelf import GRACE

T = TypeVar("T")
Rows: TypeAlias = tuple[Mapping[str, Person | None], Mapping[str, Touchpoint | None]]
"""Persons and facts by key, None for what is no more."""


class View(Protocol):
    """A ledger looked at for one moment."""

    @property
    def ledger(self) -> Ledger:
        """What is stored."""

    @property
    def settings(self) -> Settings:
        """The user's wishes."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The words of rules."""

    @property
    def now(self) -> datetime:
        """The moment."""

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """Every decision up to now."""

    @property
    def caught_up(self) -> bool:
        """Whether every source has been read to its end."""

    @property
    def ruleset(self) -> str:
        """Hash of all that facts depend on beside the records."""

    @property
    def stored(self) -> Records:
        """Every record."""

    @property
    def records(self) -> Records:
        """Every record that can be known by now."""


@dataclass(frozen=True, kw_only=True)
class Derived:
    """Facts, and the span in which they hold. ``full`` is what detection said, None when it did not read everything."""

    people: tuple[Person, ...]
    by_person: Mapping[str, tuple[Touchpoint, ...]]
    """In order of time."""
    ruleset: str
    since: datetime
    until: datetime | None
    earliest: datetime | None
    own: frozenset[str]
    full: Facts | None = None

    @cached_property
    def touchpoints(self) -> tuple[Touchpoint, ...]:
        """All facts, in order of key."""
        return tuple(sorted((item for items in self.by_person.values() for item in items), key=lambda item: item.key))

    def holds(self, ruleset: str, now: datetime) -> bool:
        """Tell whether these facts are those of ``ruleset`` at ``now``."""
        return self.ruleset == ruleset and self.since <= now and (self.until is None or now < self.until)

    @classmethod
    def bare(cls, document: Mapping[str, Any]) -> Derived:
        """Return what ``document`` says of stored facts, without these."""
        return cls(
            people=(),
            by_person={},
            ruleset=document["ruleset"],
            since=datetime.fromisoformat(document["since"]),
            until=_moment(document["until"]),
            earliest=_moment(document["earliest"]),
            own=frozenset(document["own"]),
        )

    def document(self) -> dict[str, Any]:
        """Return what the ledger says of stored facts beside them."""
        return {
            "ruleset": self.ruleset,
            "since": self.since.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "earliest": self.earliest.isoformat() if self.earliest else None,
            "own": sorted(self.own),
        }


def examine(view: View) -> Study:
    """Derive all facts from the records."""
    return study(
        view.records,
        settings=view.settings,
        vocabulary=view.vocabulary,
        decisions=view.decisions,
        now=view.now,
        known=view.ledger.people(),
        new_id=view.ledger.person_id,
        caught_up=view.caught_up,
    )


def derived(view: View, made: Study) -> Derived:
    """Return the facts of ``made``, and how long they hold."""
    return Derived(
        people=made.facts.people,
        by_person=by_person(made.facts.touchpoints),
        ruleset=view.ruleset,
        since=view.now,
        until=_next_change(view.stored, view.settings.me.zone, view.now),
        earliest=_earliest(view.records, view.settings.me.zone, view.now),
        own=made.facts.own,
        full=made.facts,
    )


def rows_of(change: Change) -> Rows:
    """Return the rows that ``change`` makes other: persons and facts by key, None for what is no more."""
    facts: dict[str, Touchpoint | None] = {item.key: None for items in change.before.values() for item in items}
    facts |= {item.key: item for items in change.facts.values() for item in items}
    return change.people, facts


def differences(ledger: Ledger, facts: Derived) -> Rows:
    """Return the rows that are stored otherwise."""
    people = _other({item.id: item for item in ledger.people()}, {item.id: item for item in facts.people})
    held = {item.key: item for items in facts.by_person.values() for item in items}
    return people, _other({item.key: item for item in ledger.touchpoints()}, held)


def _other(before: Mapping[str, T], after: Mapping[str, T]) -> dict[str, T | None]:
    found: dict[str, T | None] = dict.fromkeys(before.keys() - after.keys())
    found.update((key, item) for key, item in sorted(after.items()) if before.get(key) != item)
    return found


def store(ledger: Ledger, rows: Rows, facts: Derived) -> None:
    """Put ``rows`` of ``facts`` into the ledger, and how long these hold."""
    people, touchpoints = rows
    with ledger.unit():
        _write(ledger, "people", people)
        _write(ledger, "touchpoints", touchpoints)
        ledger.set_meta(DERIVED, facts.document())


def _write(ledger: Ledger, table: str, rows: Mapping[str, Person | None] | Mapping[str, Touchpoint | None]) -> None:
    ledger.erase(table, [key for key, item in rows.items() if item is None])
    for key, item in rows.items():
        if item is not None:
            ledger.table(table).put({"key": key, **encode(item)})


def _next_change(records: Records, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return when facts change by themselves: the next event is over, a mail from the future arrives."""
    ends = (instant(event.end, zone) for event in records.events.values())
    mails = (message.at - GRACE for message in records.messages.values() if message.at is not None)
    return min((at for at in (*ends, *mails) if at > now), default=None)


def _earliest(records: Records, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return the earliest record of any account (P26)."""
    starts = (instant(event.start, zone) for event in records.events.values() if not event.ours)
    mails = (message.at for message in records.messages.values() if message.at is not None)
    return min((at for at in (*starts, *mails) if at <= now), default=None)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
