"""Was Kith true to its word? What stood before and after it acted, read raw, against what the hand had done.

The ledger is asked for one thing only: which row a thing belongs to (its kind and the facts that it rests on), for that
cannot be seen from outside. That it stands, and what it says, is read where the user sees it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from daemon.model import Capacity, Entry
from tests.hand.home import Home, Letter, Thing
from tests.hand.past import EVERYBODY, ZONE, address

SETTLED = ("Done: ", "Noted: ")
ASKED_ONCE = frozenset({"follow-up", "brief", "debrief", "promise", "review", "letter"})
"""Kinds of reminder that never come again for what they rest on, once they were deleted."""
INTERVAL = timedelta(days=7)
"""The shortest interval that a person can have: half of 14 days."""
LIMITS = Capacity()
Rows = Mapping[str, Entry]


@dataclass
class Deleted:
    """What the user threw away, and may not find again."""

    names: set[str] = field(default_factory=set)
    asked: set[tuple[str, str]] = field(default_factory=set)
    """Kind and fact of what is asked once."""
    resting: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """Kind and fact of what may come again, and when it was deleted."""
    evidence: set[str] = field(default_factory=set)
    """What deleted drafts rested on."""


@dataclass
class Oracle:
    """The memory of a user who forgets nothing."""

    home: Home
    things: dict[str, Thing] = field(default_factory=dict)
    letters: dict[str, Letter] = field(default_factory=dict)
    typed: dict[str, set[str]] = field(default_factory=dict)
    """What of a reminder or draft is the user's: title, body, time; whole for drafts."""
    deleted: Deleted = field(default_factory=Deleted)
    same: dict[str, str] = field(default_factory=dict)
    """Address -> the address that stands for the person, where the user said that two are one."""
    merging: bool = False
    """Two were said to be one, and Kith has not acted in peace since."""
    own: Any = None
    rows: Rows = field(default_factory=dict)

    # -- the hand ------------------------------------------------------------------------------------------------------

    def user_did(self, name: str = "", *fields: str) -> None:
        """Take everything as it stands for the user's will; ``fields`` of ``name`` are the user's words."""
        self.typed.setdefault(name, set()).update(fields)
        self._remember()

    def user_quickly_did(self, after: Thing, field_: str) -> None:
        """The user changed one reminder in the middle of a tick: all others are still to be judged."""
        self.typed.setdefault(after.name, set()).add(field_)
        self.things[after.name] = after

    def user_quickly_deleted(self, thing: Thing, now: datetime) -> None:
        """The same for a deletion."""
        self._deleted(thing.name, now)
        self.things.pop(thing.name, None)

    def user_deleted(self, name: str, now: datetime) -> None:
        """Remember what is not to come back."""
        self._deleted(name, now)
        self._remember()

    def _deleted(self, name: str, now: datetime) -> None:
        row, gone = self.rows.get(name), self.deleted
        if row is not None and row.state == "waiting" and not (self.home.has_tombstones and name in self.things):
            return  # written just before a crash, and gone before Kith knew that it had stood: nobody can tell
        gone.names.add(name)
        self.typed.pop(name, None)
        if row is not None and row.kind == "draft":
            gone.evidence |= set(row.evidence)
        elif row is not None and row.kind in ASKED_ONCE:
            gone.asked.add((row.kind, row.fact))
        elif row is not None:
            gone.resting[row.kind, row.fact] = now

    def user_sent(self, name: str) -> None:
        """A draft was sent: it is no draft any more, and never again."""
        self.deleted.names.add(name)
        self.typed.pop(name, None)
        self._remember()

    def user_merged(self, one: str, other: str) -> None:
        """Two are one from now on."""
        kept, gone = self.person(address(one)), self.person(address(other))
        self.same |= {name: kept for name in (*self.same, gone) if self.person(name) == gone}
        self.merging = True

    def person(self, address_: str) -> str:
        """Return the address that stands for whoever has this one."""
        return self.same.get(address_, address_)

    def _remember(self) -> None:
        self.things, self.letters, self.own = self.home.things(), self.home.letters(), self.home.own()

    # -- Kith ----------------------------------------------------------------------------------------------------------

    def kith_did(self, rows: Rows, now: datetime, *, in_peace: bool) -> None:
        """Judge what Kith has just done; ``in_peace``: nothing cut it short."""
        things, letters = self.home.things(), self.home.letters()
        self.rows = {**self.rows, **rows}
        assert self.home.own() == self.own, "something of the user's own was changed"
        assert self.home.sent_paths() == []
        for name, before in self.things.items():
            self._judge_thing(before, things.get(name))
        for name, draft in self.letters.items():
            self._judge_letter(draft, letters.get(name))
        for name in (*(things.keys() - self.things.keys()), *(letters.keys() - self.letters.keys())):
            self._judge_new(name, now)
        self.merging = self.merging and not in_peace
        self._judge_number(things, letters)
        self._remember()

    def _judge_thing(self, before: Thing, after: Thing | None) -> None:
        mine = self.typed.get(before.name, set())
        if after is None:
            assert not mine & {"title", "body", "done"}, f"taken away, though it was the user's: {before}"
            return
        kind = self._kind(before.name)
        moves = kind == "sentinel"  # with the day that it names
        renews = kind == "brief"  # what it says of people is as new as its event is near
        if "body" in mine or not (moves or renews):
            assert after.body == before.body, f"another text: {before.body!r}, then {after.body!r}"
        if after.title != before.title:
            assert "title" not in mine, f"the title was the user's: {before.title!r}, then {after.title!r}"
            assert renews or after.title.startswith(SETTLED), f"another title: {before.title!r}, then {after.title!r}"
        if after.start != before.start and not mine & {"later"}:
            assert "time" not in mine, f"the user's time: {before.start}, then {after.start}: {before.title}"
            assert moves or kind in {"brief", "debrief"}, f"moved: {before} to {after.start}"
        assert after.completed == before.completed, f"ticked off or not: {before}"

    def _judge_letter(self, before: Letter, after: Letter | None) -> None:
        if "whole" in self.typed.get(before.name, ()):
            assert after is not None, f"taken away, though it was the user's: {before}"
            assert after.whole == before.whole, f"overwritten: {before.whole!r} became {after.whole!r}"

    def _judge_new(self, name: str, now: datetime) -> None:
        row, gone = self.rows.get(name), self.deleted
        assert name not in gone.names, f"it came back: {row}"
        if row is None:
            return  # written just before a crash: the next one tells
        assert not set(row.evidence) & gone.evidence or row.kind != "draft", f"a draft on evidence thrown away: {row}"
        assert (row.kind, row.fact) not in gone.asked, f"asked again: {row}"
        rests = gone.resting.get((row.kind, row.fact))
        assert rests is None or now - rests >= INTERVAL, f"back before the interval was over: {row}"

    def _kind(self, name: str) -> str:
        row = self.rows.get(name)
        return row.kind if row else ""

    # -- how much ------------------------------------------------------------------------------------------------------

    def _judge_number(self, things: Mapping[str, Thing], letters: Mapping[str, Letter]) -> None:
        assert len(letters) <= LIMITS.drafts, f"{len(letters)} drafts"
        self._judge_calendar(things)
        if self.merging:
            return
        ours = Counter(
            self.person(draft.to) for draft in letters.values() if "whole" not in self.typed.get(draft.name, ())
        )
        theirs = {self.person(draft.to) for draft in letters.values() if "whole" in self.typed.get(draft.name, ())}
        assert max(ours.values(), default=0) <= 1, f"two drafts to one person: {ours}"
        assert not theirs & ours.keys(), f"a draft beside one of the user's own: {theirs & ours.keys()}"
        open_ones = [thing for thing in things.values() if self._is_open(thing)]
        people = Counter(self.person(address(name)) for thing in open_ones for name in named(thing.title))
        assert max(people.values(), default=0) <= 1, f"two reminders about one person: {people}"

    def _is_open(self, thing: Thing) -> bool:
        """Tell whether it still asks for something: what the user wrote into is answered."""
        asks = self._kind(thing.name) in {"follow-up", "reconnect"} and not thing.completed
        return (
            asks and not thing.title.startswith(SETTLED) and not self.typed.get(thing.name, set()) & {"title", "body"}
        )

    def _judge_calendar(self, things: Mapping[str, Thing]) -> None:
        """Count what stands where Kith put it. A promise is the user's own word and comes whatever stands there; so
        does what the user moved."""
        placed = [thing for thing in things.values() if not self.typed.get(thing.name, set()) & {"time", "later"}]
        items = [
            thing
            for thing in placed
            if self._kind(thing.name) in {"follow-up", "reconnect", "roundup", "brief", "debrief"}
        ]
        reminders = [thing for thing in items if self._kind(thing.name) not in {"brief", "debrief"}]
        follow_ups = [thing for thing in reminders if self._kind(thing.name) == "follow-up"]
        _at_most(LIMITS.items_day, _by_day(items), "items a day")
        _at_most(LIMITS.items_week, _by_week(items), "items a week")
        _at_most(LIMITS.reminders_day, _by_day(reminders), "reminders a day")
        _at_most(LIMITS.reminders_week, _by_week(reminders), "reminders a week")
        _at_most(LIMITS.follow_ups_week, _by_week(follow_ups), "follow-ups a week")

    # -- rest ----------------------------------------------------------------------------------------------------------

    def at_rest(self, entries: Iterable[Entry], rows: Rows) -> None:
        """When all is quiet, what stands is what the ledger says stands, word for word, and nothing else."""
        stands: dict[str, Thing | Letter] = {**self.home.things(), **self.home.letters()}
        assert set(rows) == {name for name in stands if name in rows} | {
            name for name, row in rows.items() if row.state not in {"written", "edited", "moved"}
        }, "the ledger takes for standing what does not stand"
        for name, thing in stands.items():
            row = rows.get(name)
            assert row is not None, f"nobody knows of {thing}"
            assert row.state in {"written", "edited", "moved", "noted", "overtaken", "done", "dismissed"}, (
                f"{row}: {thing}"
            )
            self._judge_words(thing, row)
        waiting = [entry for entry in entries if entry.state == "waiting" or entry.leaving]
        assert waiting == [], f"still to be done: {waiting}"

    def _judge_words(self, thing: Thing | Letter, row: Entry) -> None:
        mine = self.typed.get(thing.name, set())
        title = thing.title if isinstance(thing, Thing) else thing.subject
        if not mine & {"title", "whole"}:
            assert title == row.title, f"{title!r} stands, {row.title!r} was meant"
        if isinstance(thing, Thing) and row.start is not None and row.state in {"written", "moved"}:
            assert thing.start == row.start or thing.start.date() == _local(row.start), f"{thing}, not {row.start}"


def named(title: str) -> list[str]:
    """Return who is named in a title."""
    return [name for name in EVERYBODY if name in title]


def _day(thing: Thing) -> date:
    return _local(thing.start)


def _local(at: datetime) -> date:
    return at.astimezone(ZoneInfo(ZONE)).date()


def _by_day(things: Iterable[Thing]) -> Counter[date]:
    return Counter(_day(thing) for thing in things)


def _by_week(things: Iterable[Thing]) -> Counter[tuple[int, int]]:
    return Counter(_day(thing).isocalendar()[:2] for thing in things)


def _at_most(most: int, found: Mapping[Any, int], what: str) -> None:
    assert max(found.values(), default=0) <= most, f"more than {most} {what}: {found}"
