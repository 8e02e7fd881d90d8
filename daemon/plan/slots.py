"""Who holds the few places for growing? Grants and releases, as decisions (PRACTICE 3 "Stages", C1, C8, C21)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from daemon.model import PROPOSED, Decision, Opinion, State, days_between, local_day
from daemon.relate import by_mail_alone, choices

SECOND = 30
"""Days within which the second two-way touch comes."""
RECENT = 90
"""Days for which such a beginning is still one."""
TWICE = 2
HALTS: frozenset[str] = frozenset({"muted", "never"})
"""Marks that free a slot, and give it back when they are removed and one is free."""


def slot_decisions(state: State, opinions: Mapping[str, Opinion]) -> tuple[Decision, ...]:
    """Return whom a slot is taken from and whom it is given to today."""
    holders = set(_holders(state.decisions, state.now))
    freed = {person: why for person in sorted(holders) if (why := _why_free(person, state, opinions))}
    room = state.settings.capacity.growing - len(holders - set(freed))
    takers = [taker for taker in in_line(state, opinions) if taker not in holders]
    granted = dict.fromkeys(takers[: max(room, 0)], "a second two-way touch, or wanted")
    return (
        *(_decision("slot-free", person, why, state.now) for person, why in freed.items()),
        *(_decision("slot", person, why, state.now) for person, why in granted.items()),
    )


def in_line(state: State, opinions: Mapping[str, Opinion]) -> Sequence[str]:
    """Return who would take a slot, best first: whoever lost one to a mark that is gone, then whom the user wished to
    talk to (``x``), then whoever has a second two-way touch within 30 days, then the oldest target."""
    freed = _freed(state.decisions, state.now)
    wished = {who: made.wished for who, made in choices(state.decisions, state.now).items() if made.wished}
    ranks = {
        person: _rank(person, opinion, (freed.get(person), wished.get(person)), state)
        for person, opinion in opinions.items()
        if _may_grow(person, opinion, state)
    }
    found = [(rank, person) for person, rank in ranks.items() if rank is not None]
    return [person for _, person in sorted(found)]


def _rank(
    person: str, opinion: Opinion, said: tuple[Decision | None, datetime | None], state: State
) -> tuple[int, float] | None:
    freed, wished = said
    if freed is not None and freed.value in HALTS:
        return (0, freed.at.timestamp())
    if wished is not None and (freed is None or wished > freed.at):
        return (1, wished.timestamp())
    if _has_begun(opinion, freed, state):
        return (2, -opinion.strength)
    if _is_wanted(person, opinion, freed, state):
        return (3, (opinion.first_touch or state.now).timestamp())
    return None


def _may_grow(person: str, opinion: Opinion, state: State) -> bool:
    if opinion.stage != "met" or opinion.marks & HALTS or opinion.key or opinion.silent:
        return False
    if _has_faded(person, opinion, state):
        return False
    return not by_mail_alone(opinion, state.touchpoints.get(person, ()))


def _has_begun(opinion: Opinion, freed: Decision | None, state: State) -> bool:
    days = opinion.two_way_days
    zone = state.settings.me.zone
    if len(days) < 2 or (freed is not None and days[-1] <= local_day(freed.at, zone)):
        return False
    return (days[-1] - days[-2]).days <= SECOND and (local_day(state.now, zone) - days[-1]).days <= RECENT


def _is_wanted(person: str, opinion: Opinion, freed: Decision | None, state: State) -> bool:
    if "target" not in opinion.marks:
        return False
    marked = (item.at for item in state.decisions if item.kind == "mark" and item.about == person)
    return freed is None or any(at > freed.at for at in marked)


def _why_free(person: str, state: State, opinions: Mapping[str, Opinion]) -> str:
    opinion = opinions.get(person)
    halt = next((mark for mark in sorted(HALTS) if opinion is not None and mark in opinion.marks), None)
    if opinion is None or opinion.stage is None or halt:
        return halt or "let go"
    if opinion.stage in {"established", "dormant"}:
        return "established"
    if opinion.silence is None and _held_for(person, state) > state.settings.cadence.growing[1]:
        return "nothing came of it"  # met in a crowd only: no silence, so never due again
    return "proposed twice without a sign" if _has_faded(person, opinion, state) else ""


def _held_for(person: str, state: State) -> float:
    """Return the days since the slot was given to ``person``."""
    given = max(item.at for item in state.decisions if item.kind == "slot" and item.about == person)
    return days_between(given, state.now)


def _has_faded(person: str, opinion: Opinion, state: State) -> bool:
    # C8: twice proposed and 28 days of silence; the slot is free at the same moment
    silent = opinion.silence is not None and opinion.silence > state.settings.cadence.growing[1]
    return silent and _proposed(person, opinion, state) >= TWICE


def _proposed(person: str, opinion: Opinion, state: State) -> int:
    since = state.now - timedelta(days=opinion.silence or 0.0)
    return sum(
        entry.person == person
        and entry.kind in PROPOSED
        and entry.state not in {"withdrawn", "failed"}
        and entry.start is not None
        and since < entry.start <= state.now
        for entry in state.entries
    )


def _in_order(decisions: Sequence[Decision], now: datetime) -> Iterator[Decision]:
    slots = (item for item in decisions if item.kind in {"slot", "slot-free"} and item.at <= now)
    return iter(sorted(slots, key=lambda item: (item.at, item.key)))


def _holders(decisions: Sequence[Decision], now: datetime) -> Iterator[str]:
    last = {item.about: item.kind for item in _in_order(decisions, now)}
    return (person for person, kind in last.items() if kind == "slot")


def _freed(decisions: Sequence[Decision], now: datetime) -> Mapping[str, Decision]:
    return {item.about: item for item in _in_order(decisions, now) if item.kind == "slot-free"}


def _decision(kind: str, person: str, why: str, now: datetime) -> Decision:
    # given and freed at one moment have one key: the later word replaces the earlier one
    return Decision(key=f"slot/{person}/{now.isoformat()}", at=now, kind=kind, about=person, value=why)
