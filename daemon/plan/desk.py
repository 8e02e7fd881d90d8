"""What lies on the desk while deciding: the state, the opinions, what was written about whom, and the time there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from hashlib import sha256
from typing import TypeVar, cast

from daemon.model import Entry, EntryKind, Held, Opinion, Proposal, State, Touchpoint, Withdrawal
from daemon.plan.agenda import Agenda, agenda, at_time, monday_of
from daemon.plan.budget import UNCOUNTED, Budget, Place, budget, next_monday, place_of, stands_at
from daemon.plan.eyes import Eyes
from daemon.plan.halving import allowed
from daemon.plan.overtaken import can_leave, taken_back
from daemon.relate import is_open, settled_at

T = TypeVar("T")
GIVING: tuple[EntryKind, ...] = ("reconnect", "brief")
"""What gives way to something more urgent, in this order."""


@dataclass(kw_only=True)
class Desk:
    """Everything a proposal is measured by, and what has been decided so far."""

    state: State
    opinions: Mapping[str, Opinion]
    eyes: Eyes
    entries: dict[str, list[Entry]]
    """By person; a round-up stands under everybody on its list."""
    time: Agenda
    budget: Budget
    later: frozenset[str] = frozenset()
    """Keys of what was decided after now: taken, and otherwise invisible."""
    freed: Mapping[str, Entry] = field(default_factory=dict)
    """By person: the draft that is taken back today. A better one takes its place, so that there are never two."""
    proposals: list[Proposal] = field(default_factory=list)
    withdrawals: list[Withdrawal] = field(default_factory=list)
    held: dict[tuple[str, str], Held] = field(default_factory=dict)
    found: dict[object, object] = field(default_factory=dict)
    """What was found out once for all (``once``)."""

    def once(self, find: Callable[[Desk], T]) -> T:
        """Return what ``find`` finds on this desk, looked up once: nothing that it reads may change while deciding."""
        if find not in self.found:
            self.found[find] = find(self)
        return cast("T", self.found[find])

    def facts(self, person: str) -> Sequence[Touchpoint]:
        """Return the facts about ``person`` up to now, in order of time."""
        known = self.state.touchpoints.get(person, ())  # in order of time: the last one tells of all
        return known if not known or known[-1].at <= self.state.now else [i for i in known if i.at <= self.state.now]

    def hold(self, person: str, kind: str, why: str, until: datetime | None = None) -> None:
        """Say why ``person`` is not written about; the first reason stands."""
        self.held.setdefault((person, kind), Held(person=person, kind=kind, why=why, until=until))

    def standing(self, person: str) -> Entry | None:
        """Return the reminder about ``person`` that is still open (where only drafts are written, the draft)."""
        kinds = {"draft"} if self.state.settings.reminders is None else {"follow-up", "reconnect", "roundup"}
        for item in self.entries.get(person, ()):
            asks = item.kind in kinds or (item.kind == "introduction" and item.person == person)
            if asks and is_open(item, self.state.now):
                return item
        return None

    def cycle(self, kind: EntryKind, person: str, fact: Touchpoint) -> int:
        """Return the count of settled entries of that kind and person since ``fact`` (C29)."""
        return sum(
            entry.kind == kind
            and entry.person == person
            and (entry.fact == fact.key or (entry.decided is not None and entry.decided >= fact.at))
            and settled_at(entry, self.state.now) is not None
            for entry in self.entries.get(person, ())
        )

    def place(self, proposal: Proposal, place: Place) -> None:
        """Put ``proposal`` into the calendar and the budget."""
        self.proposals.append(proposal)
        if proposal.start is not None:
            self.time.take(proposal.start, proposal.end or proposal.start + self.time.length)
            self.budget.take(place, self.time.day_of(proposal.start))

    def take_back(self, entry: Entry, why: str) -> None:
        """Withdraw ``entry``; its place is released by itself."""
        self.withdrawals.append(Withdrawal(key=entry.key, why=why))
        after = taken_back(entry, why, self.state.now)
        for person in dict.fromkeys((entry.person, *entry.also)):
            self.entries[person] = [after if item.key == entry.key else item for item in self.entries[person]]

    def release(self, entry: Entry) -> None:
        """Free the place of ``entry``."""
        if entry.start is not None:
            self.time.give_back(entry.start, entry.end or entry.start + self.time.length)
            self.budget.take(place_of(entry, self.opinions), self.time.day_of(stands_at(entry) or entry.start), -1)

    def restore(self, entry: Entry) -> None:
        """Undo ``release``."""
        if entry.start is not None:
            self.time.take(entry.start, entry.end or entry.start + self.time.length)
            self.budget.take(place_of(entry, self.opinions), self.time.day_of(stands_at(entry) or entry.start))

    def next_week(self) -> datetime:
        """Return when the next week begins."""
        return at_time(next_monday(self.time.day_of(self.state.now)), time(), self.state.settings.me.zone)


def desk(state: State, opinions: Mapping[str, Opinion], seen: Eyes, later: frozenset[str]) -> Desk:
    """Return the desk for ``state``, in which withdrawn entries are withdrawn already."""
    entries: dict[str, list[Entry]] = {}
    for entry in sorted(state.entries, key=lambda item: item.key):
        for person in dict.fromkeys((entry.person, *entry.also)):
            entries.setdefault(person, []).append(entry)
    time = agenda(
        state, (entry for entry in state.entries if is_open(entry, state.now) and entry.kind not in UNCOUNTED)
    )
    return Desk(
        state=state,
        opinions=opinions,
        eyes=seen,
        entries=entries,
        time=time,
        budget=budget(allowed(state.settings.capacity, state.entries, state.now), time, state.entries, opinions),
        later=later,
    )


def least_urgent(desk: Desk) -> Sequence[Entry]:
    """Return what stands ahead and may give way to something more urgent: reconnects by urgency, then briefs (C34)."""
    standing = {
        entry.key: entry
        for entries in desk.entries.values()
        for entry in entries
        if entry.kind in GIVING and can_leave(entry) and entry.start is not None and entry.start > desk.state.now
    }
    return sorted(standing.values(), key=lambda entry: (GIVING.index(entry.kind), _urgency(desk, entry), entry.key))


def make_room(desk: Desk, day: date, lack: Callable[[], str | None], giving: Iterable[Entry]) -> bool:
    """Take back some of ``giving`` while ``lack`` says that ``day`` or its week is full; tell whether there is room.

    Only what stands on that day helps a full day, whatever stands in its week a full week.
    """
    for entry in giving:
        why, there = lack(), entry.start is not None and desk.time.day_of(entry.start)
        if why is None or not there:
            break
        if there == day or (why == "week-full" and monday_of(there) == monday_of(day)):
            desk.release(entry)
            desk.take_back(entry, "displaced")
    return lack() is None


def _urgency(desk: Desk, entry: Entry) -> tuple[float, float]:
    opinion = desk.opinions.get(entry.person)
    return (opinion.due or 0.0, opinion.strength) if opinion is not None else (0.0, 0.0)


def key_of(proposal: Proposal) -> str:
    """Return the key an entry for ``proposal`` has: kind, person, hash of the fact, cycle; never today's date."""
    fact = sha256(proposal.fact.encode()).hexdigest()[:10]
    return f"{proposal.kind}/{proposal.person}/{fact}/{proposal.cycle}"
