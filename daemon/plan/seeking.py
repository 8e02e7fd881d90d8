"""Whom to seek out at an evening? One or two people of four kinds, and who may be there besides (PRACTICE 5.4).

(a) ``close``, but no one-to-one for long; (b) ``met``, not yet known; (c) ``admired``; (d) ``target``: never met, on
the user's list. Who may be there comes first, of two kinds rather than one; somebody whom nothing expects there only if
the user named them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from connectors.records import Event
from daemon import names
from daemon.compose.briefs import Evening, Sought, SoughtKind
from daemon.compose.names import shown
from daemon.model import MEETINGS, OUTSIDE, Opinion, State, Target, Touchpoint, local_day
from daemon.plan.evenings import Seen, editions, guests, regulars, seen_before
from daemon.plan.noted import last_note, needs
from daemon.plan.promises import open_to
from daemon.relate import choices, kinds_of, texts_about, uncovered
from daemon.relate.choices import NONE
from daemon.relate.topics import Topics

HALTS: frozenset[str] = frozenset({"muted", "never"})
MET: frozenset[str] = MEETINGS - {"call"} | {"gathering", "routine-meeting"}
"""Kinds of touch by which two people saw each other."""
TALKS: frozenset[str] = frozenset({"one-to-one", "call"})
ORDER: tuple[SoughtKind, ...] = ("target", "admired", "met", "close")
"""A rare chance first; whoever is close can be called any day."""
TWO = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """An evening as it is told, and the ids of all who are named in it."""

    evening: Evening
    people: tuple[str, ...]


@dataclass(kw_only=True)
class Search:
    """What is known before an evening."""

    event: Event
    state: State
    opinions: Mapping[str, Opinion]

    def __post_init__(self) -> None:
        state = self.state
        self.seen: dict[str, Seen] = dict(seen_before(self.event, state))
        for person in guests(self.event, state):
            known = self.seen.get(person)
            self.seen[person] = Seen(sight="invited", at=known.at if known else state.now)
        self.texts = texts_about(state)
        self.topics = Topics(state)
        self.chosen = choices(state.decisions, state.now)
        self.uncovered = uncovered(state, self.opinions)

    # -- who ----------------------------------------------------------------------------------------------------------

    def sought(self) -> Sequence[Sought]:
        """Return the one or two to seek out, of two kinds where there are."""
        expected = sorted(self._expected(), key=self._rank)
        first = expected[:1]
        others = [one for one in expected[1:] if one.kind != first[0].kind]
        rest = [one for one in expected[1:] if one not in others]
        named = {one.name for one in expected}
        wished = [one for one in self._wished_for() if one.name not in named]
        return [*first, *others, *wished, *rest][:TWO]

    def _expected(self) -> Iterator[Sought]:
        for person in self.seen:
            kind = self._kind(person) if self._may_be_named(person) else None
            if kind is not None:
                yield self._told(person, kind)

    def _may_be_named(self, person: str) -> bool:
        opinion = self.opinions.get(person)
        return opinion is not None and not opinion.marks & HALTS and opinion.circle not in OUTSIDE

    def _kind(self, person: str) -> SoughtKind | None:
        opinion, facts = self.opinions[person], self._facts(person)
        if opinion.ahead is not None or (opinion.depth is not None and opinion.depth <= opinion.ideal):
            return None  # they talk anyhow
        if "admired" in opinion.marks:
            return "admired"
        met = any(fact.kind in MET for fact in facts) or self.seen[person].mail is not None
        if not met:
            return "target" if "target" in opinion.marks or self._kinds(person) else None
        return "close" if opinion.key or opinion.stage in {"established", "dormant"} else "met"

    def _wished_for(self) -> Iterator[Sought]:
        """Yield whom the user wants to know and nothing expects here: marked, or named in the list of targets."""
        for person, opinion in sorted(self.opinions.items(), key=lambda item: shown(self.state.people[item[0]])):
            kind = self._wish(person, opinion) if opinion.marks and person not in self.seen else None
            if kind is not None and self._may_be_named(person):
                yield self._told(person, kind)
        open_ones = {target.kind for target in self.uncovered}
        for target in sorted(self.state.settings.targets, key=lambda item: item.kind not in open_ones):
            for name in target.names:
                known = next((who.id for who in self.state.people.values() if names.same_name(who.name, name)), None)
                if known is None:
                    yield Sought(kind="target", name=name, wanted=target.kind)
                elif known not in self.seen and self._may_be_named(known) and not self._was_met(known):
                    yield self._told(known, "target")

    def _wish(self, person: str, opinion: Opinion) -> SoughtKind | None:
        long_ago = opinion.depth is None or opinion.depth > opinion.ideal
        if "admired" in opinion.marks and long_ago and opinion.ahead is None:
            return "admired"
        return "target" if "target" in opinion.marks and not self._was_met(person) else None

    def _was_met(self, person: str) -> bool:
        return any(fact.kind in MET for fact in self._facts(person))

    def _rank(self, one: Sought) -> tuple[object, ...]:
        chosen, seen = self.chosen.get(one.person, NONE), self.seen[one.person]
        wished = chosen.wished is not None and one.talk is None
        full = " " in one.name.strip()
        seldom = (seen.sight == "guess", one.talk is not None, not wished, not full)
        return (ORDER.index(one.kind), *seldom, -seen.at.timestamp(), one.name)

    # -- what is said of them ------------------------------------------------------------------------------------------

    def _told(self, person: str, kind: SoughtKind) -> Sought:
        somebody, seen, facts = self.state.people[person], self.seen.get(person), self._facts(person)
        guess = seen is not None and seen.mail is not None
        wanted = next((target.kind for target in self._kinds(person)), "")
        promised = "; ".join(item.value for item in open_to(person, self.state))
        return Sought(
            kind=kind,
            name=shown(somebody),
            person=person,
            sight=seen.sight if seen is not None else "",
            met=self._day(seen.at) if guess and seen is not None else self._last(facts, MET),
            mail=self._day(seen.mail) if seen is not None and seen.mail is not None else None,
            talk=self._last(facts, TALKS),
            wanted=wanted,
            note=last_note(person, self.state),
            needs=needs(person, self.topics),
            promised=promised,
            linked=somebody.linked,
        )

    def _kinds(self, person: str) -> Sequence[Target]:
        targets = self.state.settings.targets
        return tuple(kinds_of(self.state.people[person], self.texts.get(person, ()), targets)) if targets else ()

    def _facts(self, person: str) -> Sequence[Touchpoint]:
        return [fact for fact in self.state.touchpoints.get(person, ()) if fact.at <= self.state.now]

    def _last(self, facts: Sequence[Touchpoint], kinds: frozenset[str]) -> date | None:
        return next((self._day(fact.at) for fact in reversed(facts) if fact.kind in kinds), None)

    def _day(self, at: datetime) -> date:
        return local_day(at, self.state.settings.me.zone)


def look_around(event: Event, state: State, opinions: Mapping[str, Opinion]) -> Sight | None:
    """Return whom to seek out at ``event``, an open one, and who may be there; None where there is nobody to name."""
    search = Search(event=event, state=state, opinions=opinions)
    sought = search.sought()
    chosen = [one.person for one in sought]
    others = [who for who in regulars(event, state) if who not in chosen and not opinions[who].marks & HALTS]
    others.sort(key=lambda who: (-search.seen[who].at.timestamp(), shown(state.people[who])))
    guessed = [who for who in others if search.seen[who].sight == "guess"]
    noted = [who for who in others if who not in guessed]
    named = {one.wanted for one in sought}
    missing = [target.kind for target in search.uncovered if target.kind not in named]
    if not (sought or others or missing):
        return None
    evening = Evening(
        title=event.title,
        sought=sought,
        noted=_called(noted, state),
        guessed=_called(guessed, state),
        editions=len(editions(event, state)),
        missing=missing,
    )
    return Sight(evening=evening, people=tuple(who for who in (*chosen, *noted, *guessed) if who))


def _called(people: Iterable[str], state: State) -> Sequence[str]:
    return [shown(state.people[who]) for who in people]
