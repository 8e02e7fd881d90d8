"""How is the year lived? Two ticks a day on Clara's files, her hand between them, and all of it written down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from daemon.ledger import Ledger
from daemon.loop import Standing
from daemon.model import Decision, Entry, Opinion, Person
from daemon.plan import is_halved
from daemon.relate import opinions
from daemon.session import open_session
from daemon.tick import tick
from tests.year.cast import BEGIN, CAST, END, HISTORY
from tests.year.files import Disk, Shown, at
from tests.year.hand import Hand
from tests.year.life import DAY, Life, days


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happened. ``who``: life, clara or kith.

    ``about``: Clara: the uid of the entry; Kith: the key of an entry, or a person's id. ``what``: what Kith did:
    ``written``, ``moved``, a state the entry came to, ``slot``, ``slot-free``, ``halved``, ``whole``; "" for others.
    """

    at: datetime
    who: str
    text: str = ""
    about: str = ""
    what: str = ""
    entry: Entry | None = None
    """The entry as it was then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What stood where Clara sees it after a tick, and what Kith thought of everybody."""

    at: datetime
    shown: tuple[Shown, ...]
    drafts: tuple[str, ...]
    entries: tuple[Entry, ...]
    opinions: dict[str, Opinion]
    halved: bool
    slots: frozenset[str]


@dataclass(slots=True)
class Year:
    """The year as it was lived."""

    disk: Disk
    hand: Hand
    happenings: list[Happening] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()

    @property
    def entries(self) -> dict[str, Entry]:
        """Everything Kith ever wrote, by key, as it is on the last day."""
        return {entry.key: entry for entry in self.looks[-1].entries}

    def name(self, person: str) -> str:
        """Return what somebody is called; people are known by id."""
        found = self.people.get(person)
        return "" if found is None else found.name or next(iter(found.addresses), person)


def live(folder: Path, last: date = END) -> Year:
    """Live the year up to ``last`` in ``folder``, which is empty."""
    disk = Disk(folder)
    disk.begin()
    happenings: list[Happening] = []
    life = Life(disk, lambda when, text: happenings.append(Happening(at=when, who="life", text=text)))
    hand = Hand(disk, life, lambda when, text, uid: happenings.append(_clara(when, text, uid)))
    year = Year(disk, hand, happenings)
    life.begin()
    for day in days(HISTORY, BEGIN - DAY):
        life.live(day)
    _settle_history(disk)
    with closing(Standing()) as standing:
        _begin(year, standing, at(BEGIN - DAY, 12))
        for day in days(BEGIN, last):
            life.live(day)
            disk.save()
            _tick(year, standing, at(day, 7))
            hand.morning(day)
            hand.evening(day)
            disk.post(at(day, 22))
            _tick(year, standing, at(day, 22, 30))
    return year


def _clara(when: datetime, text: str, uid: str) -> Happening:
    return Happening(at=when, who="clara", text=text, about=uid)


def _settle_history(disk: Disk) -> None:
    """Put what lies before the year into a calendar file of its own, as an archive is kept."""
    ahead = {uid: text for uid, text in disk.events.items() if f":{BEGIN.year}" in text}
    disk.events = {uid: text for uid, text in disk.events.items() if uid not in ahead}
    disk.save("past.ics")
    disk.events = ahead
    disk.save()
    disk.post(at(BEGIN - DAY, 12))


def _begin(year: Year, standing: Standing, now: datetime) -> None:
    """Let Kith read everything the day before, and Clara say who is key, before it may write anything."""
    session = open_session(year.disk.folder / "config.toml", now)
    with standing.turn(session) as ledger:
        world = replace(session.world(), knowledge=standing.knowledge, write_confirmed=False)
        report = tick(ledger, world, now)
        assert report.caught_up, report.troubles
        _mark(ledger, now)


def _tick(year: Year, standing: Standing, now: datetime) -> None:
    session = open_session(year.disk.folder / "config.toml", now)
    with standing.turn(session) as ledger:
        world = replace(session.world(), knowledge=standing.knowledge)
        report = tick(ledger, world, now)
        assert report.caught_up, report.troubles
        assert not report.troubles, report.troubles
        ledger.fold()
        entries = ledger.entries()
        decisions = ledger.decisions()
        year.people = {person.id: person for person in ledger.people()}
    thought = year.looks[-1].opinions if year.looks else {}
    if report.state is not None:
        thought = dict(opinions(report.state, standing.knowledge.summaries))
    year.decisions = tuple(decisions)
    look = Look(
        at=now,
        shown=tuple(year.disk.shown()),
        drafts=tuple(year.disk.drafts()),
        entries=tuple(entries),
        opinions=thought,
        halved=is_halved(entries, now),
        slots=_slots(decisions),
    )
    year.happenings.extend(_what_kith_did(year, look))
    year.looks.append(look)


def _slots(decisions: Iterable[Decision]) -> frozenset[str]:
    given = sorted((item for item in decisions if item.kind in {"slot", "slot-free"}), key=lambda item: item.at)
    last = {item.about: item.kind for item in given}
    return frozenset(who for who, kind in last.items() if kind == "slot")


def _mark(ledger: Ledger, now: datetime) -> None:
    """Let Clara say once who is key, and that one has died: what `kith mark` stores."""
    wanted = {figure.address: figure.place for figure in CAST if figure.place in {"key", "muted"}}
    with ledger.unit():
        ledger.save_decisions(
            Decision(key=f"mark/{person.id}/{mark}/0", at=now, kind="mark", about=person.id, value=mark)
            for person in ledger.people()
            for address in person.addresses
            if (mark := wanted.get(address))
        )


def _what_kith_did(year: Year, look: Look) -> Iterator[Happening]:
    last = year.looks[-1] if year.looks else None
    before = {entry.key: entry for entry in last.entries} if last else {}
    for entry in look.entries:
        yield from _what_became(before.get(entry.key), entry, look.at)
    if (last is not None and last.halved) != look.halved:
        yield Happening(at=look.at, who="kith", what="halved" if look.halved else "whole")
    held = last.slots if last else frozenset[str]()
    for what, people in (("slot-free", held - look.slots), ("slot", look.slots - held)):
        for person in sorted(people):
            yield Happening(at=look.at, who="kith", what=what, about=person)


def _what_became(old: Entry | None, new: Entry, when: datetime) -> Iterator[Happening]:
    def did(what: str) -> Happening:
        return Happening(at=when, who="kith", what=what, about=new.key, entry=new)

    if old is None:
        yield did("written")
    elif old.start != new.start and new.state != "moved":
        yield did("moved by kith")
    if new.state != (old.state if old is not None else "written"):
        yield did(new.state)
