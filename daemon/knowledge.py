"""What is known, and what came to differ? The facts of a ledger, kept from one look to the next.

``kith run`` keeps one ``Knowledge`` beside its ledger, so that a tick costs what changed; every other command makes one
anew. Derived facts hold for a span of time (an upcoming event becomes a fact when it is over) and for one ruleset.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, partial
from typing import Any, Protocol, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from daemon.apart import Ended, made
from daemon.detect import (
    TELLING,
    Change,
    Chronicle,
    Filed,
    Held,
    Moved,
    Study,
    by_person,
    changed_facts,
    changed_people,
    revise,
    study,
)
from daemon.ledger import DERIVED, Ledger
from daemon.ledger.codec import encode
from daemon.memory import give_back
from daemon.model import Decision, Facts, Person, Records, Settings, Touchpoint, Verdict, Vocabulary, instant
from daemon.outlook import Outlook
from daemon.relate import Summaries
from daemon.shelf import GRACE, Shelf

T = TypeVar("T")
RECORDS = ("events", "mails")
FACTS = ("people", "touchpoints")
MANY = 2_000
"""Records from which on one that lasts has them studied in a copy of its process: the memory that takes comes back."""
BULK = (Touchpoint, Filed, Held)
"""What there is of each record."""
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

    def document(self) -> dict[str, Any]:
        """Return what the ledger says of stored facts beside them."""
        return {
            "ruleset": self.ruleset,
            "since": self.since.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "earliest": self.earliest.isoformat() if self.earliest else None,
            "own": sorted(self.own),
        }


class Knowledge:
    """The facts of a ledger. ``lasting``: to be asked again, so that what changes then costs only itself.

    A lasting one belongs to the ledger's one writer: what it says inside a unit of work is to be saved there, and after
    an error it is to be thrown away together with the ledger.
    """

    def __init__(self, *, lasting: bool = False) -> None:
        self._lasting = lasting
        self._begin(None)

    def _begin(self, ledger: Ledger | None) -> None:
        """Know nothing of ``ledger`` yet."""
        self._ledger = ledger
        self._ids: dict[str, str] = {}
        self._known: Derived | None = None
        self._rows: Rows | None = None
        """What is to be saved; None: all that is stored otherwise."""
        self._unsaved = False
        self._seen = 0
        self.summaries = Summaries()
        self._outlook: Outlook | None = None
        self._under: object = None
        self.shelf: Shelf | None = None
        self._chronicle: Chronicle | None = None

    def let_go(self) -> None:
        """Know nothing any more: what was saved is read again when it is asked for."""
        self._begin(None)

    def is_heavy(self, ledger: Ledger) -> bool:
        """Tell whether reading all of ``ledger`` should not be left to this process, which goes on."""
        return self._lasting and sum(len(ledger.table(name)) for name in RECORDS) >= MANY

    def outlook(self, settings: Settings, vocabulary: Vocabulary) -> Outlook:
        """Return what stands ahead of a user with these ``settings``."""
        if self._outlook is None or not self._outlook.serves(settings, vocabulary):
            self._outlook = Outlook(settings, vocabulary)
        return self._outlook

    def aliases(self, ledger: Ledger, people: Iterable[Person]) -> Mapping[str, str]:
        """Return the ids of ``people`` by every id that one of their addresses ever gave (RULINGS C6)."""
        found: dict[str, str] = {}
        for person in people:
            for address in person.addresses:
                if address not in self._ids:
                    self._ids[address] = ledger.person_id(address)
                found[self._ids[address]] = person.id
            found.update((card, person.id) for card in person.cards)
        return found | {person.id: person.id for person in people}

    # -- what holds now ------------------------------------------------------------------------------------------------

    def facts(self, view: View) -> Derived:
        """Return the facts that hold now: those known or stored if they still do, else derived again."""
        if self._ledger is not view.ledger or self._unsaved:
            self._begin(view.ledger)
        if self._known is not None and self._is_current(view, self._known):
            self._seen = max(self._seen, view.ledger.sequence)
        else:
            self._known = self._followed(view)  # nothing that is known no more stays while all is read
        if self._lasting:
            view.ledger.forget_changes(min(self._seen, view.ledger.sequence))
        if self._known is None:
            self._known = self._stored(view) or self._studied(view)
        return self._known

    def verdicts(self, view: View) -> Mapping[str, Verdict] | None:
        """Return what every record came to, None where that is not kept: then it is to be derived."""
        self.facts(view)
        return None if self._chronicle is None else self._chronicle.verdicts()

    def _is_current(self, view: View, known: Derived) -> bool:
        """Tell whether ``known`` holds now, and records and facts are stored as they were when it was saved."""
        ledger = view.ledger
        if not known.holds(view.ruleset, view.now):
            return False
        if self._seen > ledger.sequence:  # saved in the unit of work under way
            return _is_stored(ledger, known)
        changed = ledger.changed(self._seen)
        return changed is not None and not any(map(changed.get, RECORDS + FACTS)) and _is_stored(ledger, known)

    def _stored(self, view: View) -> Derived | None:
        meta = view.ledger.meta(DERIVED)
        if meta is None:
            return None
        bare = Derived(
            people=(),
            by_person={},
            ruleset=meta["ruleset"],
            since=datetime.fromisoformat(meta["since"]),
            until=_moment(meta["until"]),
            earliest=_moment(meta["earliest"]),
            own=frozenset(meta["own"]),
        )
        if not bare.holds(view.ruleset, view.now):
            return None
        self._seen = view.ledger.sequence
        people = tuple(sorted(view.ledger.people(), key=lambda person: person.id))
        return replace(bare, people=people, by_person=by_person(view.ledger.touchpoints()))

    def _studied(self, view: View) -> Derived:
        self._rows, self._unsaved = None, True
        if not self._lasting:
            return derived(view, examine(view))
        view.ledger.tidy()
        give_back()
        self._under = _constants(view)
        apart = _learned_apart(view) if self.is_heavy(view.ledger) else None
        known, self._rows, self.shelf, self._chronicle = apart or _learned(view)
        return known

    # -- what came to differ -------------------------------------------------------------------------------------------

    def _followed(self, view: View) -> Derived | None:
        """Follow what changed since the last time; None where that cannot be: then nothing is known any more."""
        known, shelf, chronicle, change = self._known, self.shelf, self._chronicle, None
        changed = None if shelf is None else view.ledger.changed(self._seen)
        if known is not None and shelf is not None and chronicle is not None and changed is not None:
            mine = self._seen <= view.ledger.sequence and not any(map(changed.get, FACTS))
            if mine and self._under == _constants(view) and view.now >= shelf.now:
                change = _follow(view, changed, shelf, chronicle, known.own)
        if known is None or shelf is None or change is None:
            self._begin(view.ledger)
            return None
        self._rows, self._unsaved = _rows(change), True
        return Derived(
            people=changed_people(known.people, change),
            by_person=changed_facts(known.by_person, change),
            ruleset=view.ruleset,
            since=view.now,
            until=shelf.next_change(),
            earliest=shelf.earliest(),
            own=known.own,
        )

    def kept(self, facts: Derived) -> Derived:
        """Return ``facts``, those said last, without what only says how they came about."""
        if facts.full is not None:
            facts = replace(facts, full=None)
            self._known = facts
        return facts

    def save(self, ledger: Ledger, facts: Derived) -> int:
        """Store ``facts``, those said last, and return how many are others; nothing is written when none is."""
        if not self._unsaved:
            return 0
        people, touchpoints = _differences(ledger, facts) if self._rows is None else self._rows
        with ledger.unit():
            _write(ledger, "people", people)
            _write(ledger, "touchpoints", touchpoints)
            ledger.set_meta(DERIVED, facts.document())
        self._seen = ledger.next_sequence
        self._rows, self._unsaved = None, False
        return len(touchpoints)


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


def _learned(view: View) -> tuple[Derived, Rows | None, Shelf, Chronicle]:
    """Derive all facts; return them, and what it takes to follow what changes."""
    made = examine(view)
    own = made.facts.own
    shelf = Shelf(view.ledger, view.stored, view.settings.me.zone, view.now)
    chronicle = Chronicle(
        made,
        settings=view.settings,
        vocabulary=view.vocabulary,
        new_id=view.ledger.person_id,
        read_mail=shelf.mail,
        read_event=partial(shelf.event, own=own),
    )
    return derived(view, made), None, shelf, chronicle


def _learned_apart(view: View) -> tuple[Derived, Rows | None, Shelf, Chronicle] | None:
    """Do the same in a copy of this process, and what is stored otherwise; None where none can be had, or it came to
    nothing: what went wrong is seen where all is derived here."""
    ledger, settings = view.ledger, view.settings

    def work() -> tuple[Derived, Rows | None, Shelf, Chronicle]:
        facts, _, shelf, chronicle = _learned(view)
        return replace(facts, full=None), _differences(ledger, facts), shelf, chronicle

    try:
        return made(
            work,
            shared=(ledger, settings, settings.me.zone, view.vocabulary),
            bulk=BULK,
            keep=ledger.descriptors,
        )
    except (OSError, Ended):
        return None


def _is_stored(ledger: Ledger, known: Derived) -> bool:
    return bool(ledger.meta(DERIVED) == known.document())


def _follow(
    view: View,
    changed: Mapping[str, Mapping[str, bytes | None]],
    shelf: Shelf,
    chronicle: Chronicle,
    own: frozenset[str],
) -> Change | None:
    shelf.look_back(changed)
    ended, due = shelf.ended(shelf.now, view.now), shelf.come(view.now)
    names = {table: changed.get(table, {}) for table in RECORDS}
    keys = {table: {name.partition("\t")[2] for name in found} for table, found in names.items()}
    events = {key: shelf.event(key, own) for key in keys["events"]}
    mails = {key: shelf.mail(key) for key in keys["mails"] | due}
    for name in names["events"]:
        shelf.put_event(name)
    for name in names["mails"]:
        shelf.put_mail(name)
    shelf.look_from(view.now)
    moved_mails = {key: Moved(old, shelf.mail(key)) for key, old in mails.items()}
    moved_events = {key: Moved(old, shelf.event(key, own)) for key, old in events.items()}
    return revise(
        chronicle,
        {key: item for key, item in moved_mails.items() if item.old != item.new},
        {key: item for key, item in moved_events.items() if item.old != item.new},
        ended,
        view.now,
    )


def _constants(view: View) -> object:
    """Return what every fact hangs on: other rules, words or decisions, and everything is derived anew."""
    told = [item for item in view.decisions if item.kind in TELLING]
    return view.settings.me, view.settings.lists, view.settings.hints, view.vocabulary, view.caught_up, told


def _rows(change: Change) -> Rows:
    """Return the rows that ``change`` makes other: persons and facts by key, None for what is no more."""
    facts: dict[str, Touchpoint | None] = {item.key: None for items in change.before.values() for item in items}
    facts |= {item.key: item for items in change.facts.values() for item in items}
    return change.people, facts


def _differences(ledger: Ledger, facts: Derived) -> Rows:
    """Return the rows that are stored otherwise."""
    people = _other({item.id: item for item in ledger.people()}, {item.id: item for item in facts.people})
    held = {item.key: item for items in facts.by_person.values() for item in items}
    return people, _other({item.key: item for item in ledger.touchpoints()}, held)


def _other(before: Mapping[str, T], after: Mapping[str, T]) -> dict[str, T | None]:
    found: dict[str, T | None] = dict.fromkeys(before.keys() - after.keys())
    found.update((key, item) for key, item in sorted(after.items()) if before.get(key) != item)
    return found


def _write(ledger: Ledger, table: str, rows: Mapping[str, Person | None] | Mapping[str, Touchpoint | None]) -> None:
    ledger.erase(table, [key for key, item in rows.items() if item is None])
    for key, item in rows.items():
        if item is not None:
            ledger.table(table).put({"key": key, **encode(item)})


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


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
