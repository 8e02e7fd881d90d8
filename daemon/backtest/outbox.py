"""What would Kith have proposed, look by look? The rooms that decide, over an outbox that is only imagined.

Nobody saw these reminders, so nobody refused one: what found no touch within a week of its day is settled without a
word, rests for the person's interval, and lengthens none (P24 is for reminders that were seen); nothing is halved for
it (P25). A touch settles a reminder as it does in a tick.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from daemon.backtest.past import Known
from daemon.compose.names import shown
from daemon.model import OPEN_STATES, PROPOSED, Decision, Entry, Opinion, Plan, Settings, State, Vocabulary
from daemon.plan import decide
from daemon.plan.overtaken import taken_back
from daemon.relate import PASSED, Summaries, never_stood, opinions

ACCOUNT = "backtest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """One person, proposed once: ``decided`` when it was written, ``at`` the time it stood for."""

    person: str
    name: str
    kind: str
    reason: str
    decided: datetime
    at: datetime


@dataclass(kw_only=True)
class Outbox:
    """What stands under one user's ``settings``, and what was noted on the way.

    ``network`` holds, by the time of each look, who was in the network; ``held`` why people were left in peace.
    """

    settings: Settings
    entries: dict[str, Entry] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    network: dict[datetime, frozenset[str]] = field(default_factory=dict)
    held: dict[datetime, Mapping[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Let only reminders be decided, whatever accounts the user writes into; a settled one is no diary, and nobody
        looks back."""
        routine = replace(self.settings.routine, diary=False, review=None)
        self.settings = replace(self.settings, reminders=ACCOUNT, drafts=None, routine=routine)

    def look(
        self, known: Known, vocabulary: Vocabulary, templates: Mapping[str, str], kept: Summaries | None = None
    ) -> Plan:
        """Decide on what was ``known`` on a day, and let it stand."""
        self._name(known)
        self.entries = {key: _settled(_named(entry, known), known.now) for key, entry in self.entries.items()}
        self.decisions = [replace(item, about=known.ids.get(item.about, item.about)) for item in self.decisions]
        state = self._state(known, vocabulary)
        formed = opinions(state, kept)
        plan = decide(state, formed, templates)
        self._carry_out(plan, known.now)
        self.network[known.now] = frozenset(who for who, it in formed.items() if _is_inside(it))
        self.held[known.now] = {item.person: item.why for item in plan.held if item.kind != "draft"}
        return plan

    def proposed(self) -> tuple[Proposed, ...]:
        """Return everybody proposed, by the time it stood for. What gave way before its day was no proposal."""
        found = [
            Proposed(
                person=person,
                name=self.names.get(person, ""),
                kind=entry.kind,
                reason=entry.reason,
                decided=entry.decided,
                at=entry.start,
            )
            for entry in self.entries.values()
            if entry.kind in PROPOSED and entry.decided and entry.start and not never_stood(entry)
            for person in dict.fromkeys((entry.person, *entry.also))
        ]
        return tuple(sorted(found, key=lambda item: (item.at, item.person, item.kind)))

    def _state(self, known: Known, vocabulary: Vocabulary) -> State:
        return State(
            now=known.now,
            settings=self.settings,
            vocabulary=vocabulary,
            people=known.people,
            touchpoints=known.touchpoints,
            ahead={},
            calendar=known.calendar,
            open_events=known.open_events,
            entries=tuple(self.entries.values()),
            decisions=(*known.decisions, *self.decisions),
            sources={},
            earliest=known.earliest,
        )

    def _carry_out(self, plan: Plan, now: datetime) -> None:
        for item in plan.withdraw:
            self.entries[item.key] = taken_back(self.entries[item.key], item.why, now)
        for entry in plan.amend:
            self.entries[entry.key] = replace(entry, amended=None)
        for entry in plan.write:
            self.entries[entry.key] = replace(entry, state="written", ref=entry.key, decided=entry.decided or now)
        self.decisions = [*{item.key: item for item in (*self.decisions, *plan.decisions)}.values()]

    def _name(self, known: Known) -> None:
        for who, person in known.people.items():
            self.names[who] = shown(person)


def _named(entry: Entry, known: Known) -> Entry:
    """Return ``entry`` about whoever bears its ids now (C6)."""
    person, also = known.ids.get(entry.person, entry.person), tuple(known.ids.get(who, who) for who in entry.also)
    return entry if (person, also) == (entry.person, entry.also) else replace(entry, person=person, also=also)


def _settled(entry: Entry, now: datetime) -> Entry:
    """Return ``entry`` settled without a word once its week is over."""
    if entry.kind not in PROPOSED or entry.state not in OPEN_STATES or entry.start is None:
        return entry
    over = entry.start + PASSED
    return replace(entry, state="done", settled=over) if over <= now else entry


def _is_inside(opinion: Opinion) -> bool:
    return opinion.circle == "network" and not opinion.marks & {"muted", "never"}
