"""Lives the situations of ``tests/data/situations``: a short history in plain words, and what stood in the end.

Everything is real but the accounts, which live in memory: records are pulled, facts detected, plans decided and carried
out by ticks on a ledger, and the user's hand changes what stands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from connectors.memory import MemorySource
from connectors.records import Event, Guest, Item, Mailbox, Message
from daemon.knowledge import Knowledge
from daemon.ledger import Ledger, open_ledger
from daemon.model import Decision, Entry, Held, Me, Routine, Settings, Target
from daemon.state import Memory
from daemon.tick import ear, tick
from daemon.vocabulary import load_templates, load_vocabulary
from daemon.world import World
from tests.plan.hands import ME, VIENNA, Hand, Moment, when

TODAY = "2026-06-01 12:00"
LONG_AGO = "2024-05-02 10:00 wrote Old Acquaintance: Plans for the year"
"""So that nothing of a situation is the first half year of the data."""
DAY = timedelta(days=1)
_LINE = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?:\.\.(?P<last>\d{4}-\d\d-\d\d)/(?P<step>\d+))?(?: (?P<clock>\d\d:\d\d))? "
    r"(?P<word>[a-z]+) ?(?P<rest>.*)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a situation came to: everything that ever stood, what was written in drafts, and who was held last."""

    entries: tuple[Entry, ...]
    texts: tuple[str, ...]
    """All drafts that ever stood: subject and body."""
    held: tuple[Held, ...]
    names: Mapping[str, str]
    kinds: frozenset[str]
    """Kinds of touch that counted."""
    decisions: tuple[Decision, ...]

    def called(self, entry: Entry) -> str:
        """Return an entry in the words of the table: its kind, whom or which event it is about, its reason."""
        about = self.names.get(entry.person, "")
        if entry.kind in {"debrief", "roundup", "review", "review-draft", "letter"} or (
            entry.kind == "brief" and not entry.person
        ):
            about = entry.title
        return f"{entry.kind} {about} ({entry.reason})"


def moments(line: str) -> Iterator[Moment]:
    """Yield what a line of a history says, one for each time."""
    found = _LINE.fullmatch(line)
    assert found, f"cannot be read: {line}"
    clock = found["clock"] or "12:00"
    day = date.fromisoformat(found["day"])
    last = date.fromisoformat(found["last"] or found["day"])
    while day <= last:
        yield Moment(at=when(f"{day} {clock}"), word=found["word"], rest=found["rest"])
        day += int(found["step"] or 1) * DAY


@dataclass
class Life(Hand):
    """One situation being lived."""

    folder: Path
    row: Mapping[str, Any]
    ledger: Ledger = field(init=False)
    now: datetime = field(init=False)
    seen: dict[str, Entry] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)
    meetings: dict[str, Event] = field(default_factory=dict)

    VERBS: ClassVar[frozenset[str]] = frozenset(
        {"wrote", "answered", "heard", "copied", "introduces", "introduced", "saves", "forwarded"}
    )
    EVENTS: ClassVar[frozenset[str]] = frozenset(
        {"met", "series", "private", "invited", "evening", "days", "diary", "off", "birthday"}
    )

    def __post_init__(self) -> None:
        self.post, self.agenda = MemorySource("post"), MemorySource("agenda")
        routine = Routine(
            ignore_titles=tuple(self.row.get("ignore_titles", ())),
            holidays=frozenset(date.fromisoformat(day) for day in self.row.get("holidays", ())),
            review_draft=self.row.get("review_draft", False),
        )
        targets = tuple(
            Target(
                kind=item["kind"],
                **{name: tuple(item.get(name, ())) for name in ("names", "words", "domains")},
            )
            for item in self.row.get("targets", ())
        )
        self.world = World(
            settings=Settings(
                me=Me(name=ME.name, addresses=(ME.address,), zone=VIENNA),
                routine=routine,
                targets=targets,
                reminders="agenda",
                drafts="post",
                received=frozenset({"post"}) if self.row.get("received") else frozenset(),
            ),
            vocabulary=load_vocabulary(),
            templates=load_templates(),
            sources={"post": self.post, "agenda": self.agenda},
            kinds={"post": "memory", "agenda": "memory"},
            reminders=self.reminders,
            drafts=self.drafts,
            write_confirmed=True,
            knowledge=Knowledge(lasting=True),
        )

    # -- time ----------------------------------------------------------------------------------------------------------

    def live(self) -> Ended:
        """Live it to its last look."""
        lines = [one for line in (LONG_AGO, *self.row["life"]) for one in moments(line)]
        looks = [Moment(at=when(text), word="look", rest="") for text in self.row.get("looks", (TODAY,))]
        self.ledger = open_ledger(self.folder)
        try:
            known = [one for one in lines if one.word in self.EVENTS]
            self.agenda.script.append([self._event(one) for one in known])
            rest = [one for one in lines if one not in known]
            for one in sorted([*rest, *looks], key=lambda item: (item.at, item.word == "look")):
                self.now = one.at
                self._happens(one)
            return self._ended()
        finally:
            self.ledger.close()

    def _happens(self, one: Moment) -> None:
        if one.word == "look":
            self._look()
        elif one.word in self.VERBS:
            self.mails.append(self._mail(one))
        elif one.word in self.EVENTS:
            self.agenda.script.append([self._event(one)])
        else:
            act: Callable[[Moment], None] = getattr(self, f"_{one.word}")
            act(one)

    def _look(self) -> None:
        self.post.script += [self.mails] if self.mails else []
        self.mails = []
        for _ in range(9):
            report = tick(self.ledger, self.world, self.now)
            if report.caught_up:
                break
        assert not report.troubles, report.troubles
        self.held = report.plan.held if report.state is not None else getattr(self, "held", ())
        self.seen |= {entry.key: entry for entry in self.ledger.entries() if entry.ref is not None}
        self.texts |= {f"{draft.subject}\n{draft.body}" for draft in self.drafts.standing.values()}

    def _ended(self) -> Ended:
        memory = self._memory()
        return Ended(
            entries=tuple(self.seen.values()),
            texts=tuple(sorted(self.texts)),
            held=tuple(self.held),
            names={person.id: person.name for person in self.ledger.people()},
            kinds=frozenset(fact.kind for fact in memory.facts.touchpoints),
            decisions=memory.decisions,
        )

    def _memory(self) -> Memory:
        return Memory(self.ledger, self.world.settings, self.world.vocabulary, self.now, self.world.sources)

    # -- people and records --------------------------------------------------------------------------------------------

    def box(self, name: str) -> Mailbox:
        """Return somebody's mailbox: of the situation's cast, else first@last.example."""
        given = self.row.get("cast", {}).get(name)
        if given is not None:
            return Mailbox(address=given, name=name)
        plain = unicodedata.normalize("NFD", name.casefold()).encode("ascii", "ignore").decode()
        first, _, last = plain.partition(" ")
        return Mailbox(address=f"{first}@{last.replace(' ', '') or 'one'}.example", name=name)

    def _parted(self, rest: str) -> tuple[list[Mailbox], str]:
        people, _, text = rest.partition(": ")
        return [self.box(name) for name in people.split(", ")], text

    def _mail(self, one: Moment) -> Item:
        self.number += 1
        people, subject = self._parted(one.rest if one.word != "saves" else f"{ME.name}: {one.rest}")
        people = [ME if box.name == ME.name else box for box in people]
        key = f"m{self.number}@winter.example"
        theirs = one.word == "heard"
        mine: dict[str, Any] = {"to": tuple(people), "sender": ME, "sent": True}
        if theirs:
            mine = {"to": (ME,), "sender": people[0], "sent": False}
        if one.word == "copied":
            mine = {"to": (self.box("Old Acquaintance"),), "cc": tuple(people), "sender": ME}
        if one.word == "introduces":
            third = self.box(subject.rpartition(": ")[2])
            mine = {"to": (ME, third), "sender": people[0], "sent": False}
        if one.word == "answered":
            mine |= {"in_reply_to": f"{self.number}@theirs.example", "root": f"{self.number}@theirs.example"}
        return Message(key=key, message_id=key, account="post", at=one.at, subject=subject, **mine)

    def _event(self, one: Moment) -> Event:
        self.number += 1
        rest = one.rest
        start: datetime | date = one.at
        end: datetime | date = one.at + timedelta(hours=3 if one.word == "evening" else 1)
        more: dict[str, Any] = {}
        title = rest
        if one.word == "birthday":
            start, end, title = one.at.date(), one.at.date() + DAY, f"{rest}'s birthday"
            more = {"kind": "birthday"}
        elif one.word in {"days", "off"}:
            count, _, title = rest.partition(" ")
            start, end = one.at.date(), one.at.date() + int(count) * DAY
            more = {"kind": "out-of-office"} if one.word == "off" else {"free": False}
        elif one.word == "invited":
            people, title = self._parted(rest)
            more = {"guests": (Guest(address=ME.address, me=True),), "organiser": people[0]}
        elif one.word in {"met", "series", "private"}:
            people, title = self._parted(rest)
            guests = [Guest(address=box.address, name=box.name, answer="accepted") for box in people]
            mine = Guest(address=ME.address, name=ME.name, answer="accepted", me=True)
            more = {"guests": (mine, *guests), "organiser": ME, "private": one.word == "private"}
            more |= {"series": title.casefold()} if one.word == "series" else {}
        uid = f"e{self.number}"
        made = Event(key=uid, uid=uid, source_id=uid, account="agenda", start=start, end=end, title=title, **more)
        self.meetings[title] = made
        return made

    # -- what the user says --------------------------------------------------------------------------------------------

    def _cancels(self, one: Moment) -> None:
        self.agenda.script.append([replace(self.meetings[one.rest], status="cancelled")])

    def _marks(self, one: Moment) -> None:
        name, _, value = one.rest.rpartition(" ")
        kind = "circle" if value in {"colleague", "household", "service", "correspondent", "network"} else "mark"
        about = self.ledger.person_id(self.box(name).address)
        self._decide(
            Decision(key=f"{kind}/{about}/{value}/{self.number}", at=self.now, kind=kind, about=about, value=value)
        )

    def _unmarks(self, one: Moment) -> None:
        name, _, value = one.rest.rpartition(" ")
        about = self.ledger.person_id(self.box(name).address)
        self._decide(
            Decision(key=f"unmark/{about}/{self.number}", at=self.now, kind="unmark", about=about, value=value)
        )

    def _notes(self, one: Moment) -> None:
        name, _, text = one.rest.partition(": ")
        state = self._memory().state()
        about = self.ledger.person_id(self.box(name).address)
        said = ear(self.ledger, state, self.world.templates).note(about, text, state.entries)
        self._decide(*said.decisions)
        with self.ledger.unit():
            self.ledger.save_entries([] if said.answered is None else [said.answered])

    def _decide(self, *made: Decision) -> None:
        self.number += 1
        with self.ledger.unit():
            self.ledger.save_decisions(made)
