"""Whom could the user introduce to whom, and how far is it? At most one new introduction a month (PRACTICE 5.7).

Each step is a reminder with a draft: the one who needs something is asked; when the user has said yes to that, the
other; then both get the introduction; three weeks later comes the check (``reasons.introduction_check``). A mail in the
thread of the question only asks the user what it said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from daemon.compose.occasions.introductions import called
from daemon.model import OUTSIDE, Entry, Opinion, Proposal, State, Withdrawal
from daemon.plan.agenda import BLOCK, monday_of
from daemon.plan.budget import standing_of
from daemon.plan.desk import Desk
from daemon.plan.overtaken import STALE, can_leave
from daemon.plan.reasons import reason_called
from daemon.plan.reasons.introduction import ASK, MADE, SECOND
from daemon.plan.reasons.reason import told
from daemon.plan.reasons.rests import rest
from daemon.relate import never_stood
from daemon.relate.matches import Match, joined, matches, pairs
from daemon.relate.topics import Topics

KIND = "introduction"
ANSWERED = "introduction-answer"
MONTH = timedelta(days=30)
WEEKS = 4
CYCLES: Mapping[str, int] = {ASK: 0, SECOND: 1, MADE: 2}
_ANSWER = 10
"""What the cycle of a question for the answer is more than that of its step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What comes next between two people: who is written to, who is the other, and why."""

    match: Match
    reason: str
    cycle: int
    person: str
    other: str


def introduce(desk: Desk) -> None:
    """Propose the next step of each introduction under way, and at most one new one a month."""
    begun = {entry.fact for entry in desk.state.entries if entry.kind == KIND and not never_stood(entry)}
    known = pairs(desk.once(told))
    steps = [_next(desk, match) for match in known if begun and match.fact in begun and not _joined(desk, match)]
    if _is_time(desk):
        steps.append(next((step for match in known if (step := _first(desk, match, begun)) is not None), None))
    for step in steps:
        at = None if step is None else next(_times(desk, step.person), None)
        if step is not None and at is not None:
            desk.place(_proposal(desk, step, at), standing_of(desk.opinions.get(step.person)))


def over(state: State, opinions: Mapping[str, Opinion]) -> Iterator[Withdrawal]:
    """Yield the reminders of introductions that nobody needs any more, was made, or is too old."""
    mine = [entry for entry in state.entries if entry.kind == KIND and can_leave(entry) and entry.start is not None]
    if not mine:
        return
    there = {match.fact for match in matches(Topics(state))}
    for entry in mine:
        people = [opinions.get(who) for who in (entry.person, *entry.also)]
        marks = {mark for one in people if one is not None for mark in one.marks}
        why = next((mark for mark in ("never", "muted") if mark in marks), "")
        if why or entry.fact not in there or None in people:
            yield Withdrawal(key=entry.key, why=why or "gone")
        elif entry.start is not None and entry.start + STALE <= state.now:
            yield Withdrawal(key=entry.key, why="passed")


def _is_time(desk: Desk) -> bool:
    """Tell whether no introduction was begun for a month."""
    made = (entry for entry in desk.state.entries if entry.kind == KIND and not never_stood(entry))
    return all(
        entry.reason != ASK or entry.decided is None or desk.state.now - entry.decided >= MONTH for entry in made
    )


def _joined(desk: Desk, match: Match) -> bool:
    return joined(match.first, match.second, desk.state)


def _first(desk: Desk, match: Match, begun: Collection[str]) -> Step | None:
    """Return the first step of a new introduction, if one may be made between these two."""
    if not all(_may_meet(desk, who) for who in (match.first, match.second)) or _joined(desk, match):
        return None
    if _at_one_firm(desk, match) or match.fact in begun:
        return None
    drafts = [entry for entry in desk.entries.get(match.first, ()) if entry.kind == "draft"]
    reason = reason_called(ASK)
    if reason is None or rest(reason, drafts, desk.state.now) is not None:
        return None
    return Step(match=match, reason=ASK, cycle=0, person=match.first, other=match.second)


def _next(desk: Desk, match: Match) -> Step | None:
    """Return the step after the last one, once the user has said yes to it; or the question what an answer said."""
    mine = [entry for entry in desk.state.entries if entry.kind == KIND and entry.fact == match.fact]
    agreed = {item.about for item in desk.state.decisions if item.kind == "agreed" and item.value == match.fact}
    ahead = Step(match=match, reason=SECOND, cycle=1, person=match.second, other=match.first)
    if match.first in agreed and match.second in agreed:
        ahead = Step(match=match, reason=MADE, cycle=2, person=match.first, other=match.second)
    elif match.first not in agreed:
        ahead = Step(match=match, reason=ASK, cycle=0, person=match.first, other=match.second)
    if any(entry.cycle == ahead.cycle for entry in mine):
        return _question(desk, mine, ahead)
    refused = any(entry.state == "dismissed" for entry in mine)
    return None if refused else ahead


def _question(desk: Desk, mine: Sequence[Entry], step: Step) -> Step | None:
    """Return the question what an answer said: a mail of theirs in the thread of the draft that asked them."""
    if step.reason == MADE or any(entry.state == "dismissed" for entry in mine):
        return None
    asked = [
        entry for entry in desk.entries.get(step.person, ()) if entry.kind == "draft" and entry.fact == step.match.fact
    ]
    sent = next((entry for entry in asked if entry.state == "sent" and entry.reason == step.reason), None)
    if sent is None or any(entry.cycle == step.cycle + _ANSWER for entry in mine) or sent.decided is None:
        return None
    since, subject = sent.decided, sent.title.casefold()
    heard = any(
        item.kind == "heard" and item.at >= since and item.title.casefold().endswith(subject)
        for item in desk.facts(step.person)
    )
    if not heard:
        return None
    return Step(match=step.match, reason=ANSWERED, cycle=step.cycle + _ANSWER, person=step.person, other=step.other)


def _may_meet(desk: Desk, person: str) -> bool:
    """Tell whether ``person`` may be introduced: with a certain name, a living address, and of a circle to propose."""
    somebody, opinion = desk.state.people.get(person), desk.opinions.get(person)
    if somebody is None or opinion is None or opinion.circle in OUTSIDE or opinion.silent:
        return False
    alive = any(address not in somebody.dead for address in somebody.addresses)
    return alive and not somebody.card and not opinion.marks & {"never", "muted"} and bool(called(somebody))


def _at_one_firm(desk: Desk, match: Match) -> bool:
    free = desk.state.vocabulary["free-mail"]
    hosts = [
        {address.rpartition("@")[2] for address in desk.state.people[who].addresses} - free
        for who in (match.first, match.second)
    ]
    return bool(hosts[0] & hosts[1])


def _times(desk: Desk, person: str) -> Iterator[datetime]:
    place, today = standing_of(desk.opinions.get(person)), desk.time.day_of(desk.state.now)
    for week in range(WEEKS):
        for day, block in desk.time.blocks(monday_of(today) + timedelta(days=7 * week)):
            if desk.budget.hindrance(place, day) is None:
                yield from desk.time.free_times(day, block.at, BLOCK)


def _proposal(desk: Desk, step: Step, at: datetime) -> Proposal:
    return Proposal(
        kind="introduction",
        person=step.person,
        also=(step.other,),
        reason=step.reason,
        fact=step.match.fact,
        cycle=step.cycle,
        evidence=(step.match.needs.key, step.match.offers.key),
        start=at,
        end=at + desk.time.length,
    )
