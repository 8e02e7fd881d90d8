"""A world to which things happen one after another, and what incremental detection makes of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import BytesIO
from typing import Any

from connectors.records import Event, Message
from daemon.apart import _Pickler, _Unpickler
from daemon.detect import Chronicle, Moved, Study, copies, revise, study
from daemon.detect.mails import GRACE
from daemon.learning import BULK
from daemon.model import Decision, Person, Records, Settings, Touchpoint, instant
from daemon.vocabulary import load_vocabulary
from tests.detect import rule_rows as rows

VOCABULARY = load_vocabulary()


@dataclass
class Arrivals:
    """Records by account and key; ``followed`` counts the changes that were followed, ``anew`` those that were not."""

    settings: Settings
    now: datetime
    decisions: tuple[Decision, ...] = ()
    caught_up: bool = True
    mails: dict[str, Message] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    known: tuple[Person, ...] = ()
    """Who was known before what is happening."""
    facts: dict[str, tuple[Touchpoint, ...]] = field(default_factory=dict)
    chronicle: Chronicle | None = None
    handed_on: bool = False
    """What is kept goes through a pickle, as from a copy of the process."""
    followed: int = 0
    anew: int = 0

    def study(self) -> Study:
        """The oracle: everything read again."""
        return study(
            Records(events=self.events, messages=self.visible()),
            settings=self.settings,
            vocabulary=VOCABULARY,
            decisions=self.decisions,
            now=self.now,
            known=self.known,
            new_id=rows.new_id,
            caught_up=self.caught_up,
        )

    def visible(self) -> dict[str, Message]:
        """Mails of the future are not known yet (U12)."""
        return {name: mail for name, mail in self.mails.items() if mail.at is None or mail.at <= self.now + GRACE}

    def read_mail(self, key: str) -> Message | None:
        return next(iter(copies.messages(self._copies(self.visible(), key))), None)

    def read_event(self, key: str) -> Event | None:
        own = self.chronicle.register.own if self.chronicle else frozenset()
        return next(iter(copies.events(self._copies(self.events, key), own)), None)

    def _copies(self, records: Mapping[str, Any], key: str) -> Iterable[Any]:
        return [item for item in records.values() if item.key == key]

    def happen(
        self,
        *,
        mails: Iterable[Message] = (),
        events: Iterable[Event] = (),
        gone: Iterable[str] = (),
        now: datetime | None = None,
        decisions: tuple[Decision, ...] | None = None,
    ) -> None:
        """Let records come, change and go, time pass and the user decide; then compare with the oracle."""
        gone, self.known = tuple(gone), tuple(self.people.values())
        later = (now or self.now) + GRACE
        due = {item.key for item in self.mails.values() if item.at and self.now + GRACE < item.at <= later}
        keys = {item.key for item in (*mails, *events)} | {name.partition("/")[2] for name in gone} | due
        old = {key: (self.read_mail(key), self.read_event(key)) for key in keys}
        before, self.now = self.now, now or self.now
        self.mails.update((f"{item.account}/{item.key}", item) for item in mails)
        self.events.update((f"{item.account}/{item.key}", item) for item in events)
        for name in gone:
            self.mails.pop(name, None)
            self.events.pop(name, None)
        told = self.decisions if decisions is None else decisions
        lasting, self.decisions = told == self.decisions, told
        if self.chronicle is None or not lasting or not self._follow(old, before):
            self._anew()
        self.check()

    def _follow(self, old: Mapping[str, tuple[Message | None, Event | None]], before: datetime) -> bool:
        assert self.chronicle is not None
        now = {key: (self.read_mail(key), self.read_event(key)) for key in old}
        zone = self.settings.me.zone
        ended = {item.key for item in self.events.values() if before < instant(item.end, zone) <= self.now}
        change = revise(
            self.chronicle,
            {key: Moved(old[key][0], now[key][0]) for key in old if old[key][0] != now[key][0]},
            {key: Moved(old[key][1], now[key][1]) for key in old if old[key][1] != now[key][1]},
            ended,
            self.now,
        )
        if change is None:
            return False
        self.followed += 1
        for id_, person in change.people.items():
            self.people.pop(id_, None)
            if person is not None:
                self.people[id_] = person
        for source, found in change.facts.items():
            assert self.facts.get(source, ()) == change.before[source]
            self.facts[source] = found
        return True

    def _anew(self) -> None:
        self.anew += 1
        made = self.study()
        self.chronicle = Chronicle(
            made,
            settings=self.settings,
            vocabulary=VOCABULARY,
            new_id=rows.new_id,
            read_mail=self.read_mail,
            read_event=self.read_event,
        )
        if self.handed_on:
            self.chronicle = handed_on(self.chronicle, (self, self.settings, VOCABULARY, self.settings.me.zone))
        self.people = {item.id: item for item in made.facts.people}
        self.facts = dict(self.chronicle.facts)

    def check(self) -> None:
        """Assert that what was followed is what the oracle says."""
        full = self.study().facts
        people = tuple(sorted(self.people.values(), key=lambda item: item.id))
        assert people == full.people
        found = sorted((item for items in self.facts.values() for item in items), key=lambda item: item.key)
        assert found == list(full.touchpoints)


def handed_on(book: Chronicle, shared: tuple[object, ...]) -> Chronicle:
    """Return what a process gets that had ``book`` made apart."""
    with BytesIO() as told:
        _Pickler(told, shared, BULK).tell(book)
        told.seek(0)
        found = _Unpickler(told, shared, BULK).hear()
    assert isinstance(found, Chronicle)
    return found


def world(now: datetime = rows.NOW, **more: Any) -> Arrivals:
    """Return an empty world of Clara Winter's."""
    me = rows.world({"case": ""}).settings.me
    return Arrivals(settings=Settings(me=replace(me, **more)), now=now)
