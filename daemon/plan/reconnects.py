"""Whom is it time to speak to again? Reconnects, place by place, spread over the coming weeks; and why not the others.

Places, not one ranking (PRACTICE 4): a week has up to two reminders for growing people, up to two for key people, the
rest for established ones; inside each by due, then strength, then whoever was proposed least recently.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from daemon.model import MEETINGS, OPEN_STATES, UNDONE, Entry, Held, Opinion, Proposal, Touchpoint
from daemon.plan.agenda import BLOCK, DAY, monday_of
from daemon.plan.budget import Place, standing_of
from daemon.plan.desk import Desk
from daemon.plan.overtaken import can_leave
from daemon.relate import by_mail_alone, rested_since

WEEKS = 4
YEAR = timedelta(days=365)
PLACES: tuple[Place, ...] = ("growing", "key", "rest")
_MUTE: frozenset[str] = frozenset({"copied", "note", "gathering"})
_MAILS: frozenset[str] = frozenset({"wrote", "heard", "forwarded", "introduction"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody whom it is time to speak to: ``fact`` is the last touch that broke the silence."""

    person: str
    place: Place
    fact: Touchpoint
    rank: tuple[float, float, float, str]


def reconnect(desk: Desk, in_line: Sequence[str]) -> None:
    """Propose reconnects for everybody due, and say of everybody else why not. ``in_line`` waits for a growing slot."""
    busy = {person for proposal in desk.proposals for person in (proposal.person, *proposal.also)}
    waiting = []
    for person, opinion in sorted(desk.opinions.items()):
        if person in busy or (person, "follow-up") in desk.held:
            continue
        candidate = _candidate(desk, person, opinion, in_line)
        if candidate is not None:
            waiting.append(candidate)
    _spread(desk, sorted(waiting, key=lambda candidate: candidate.rank))


def _candidate(desk: Desk, person: str, opinion: Opinion, in_line: Sequence[str]) -> Candidate | None:
    if opinion.circle != "network" or opinion.marks & {"never", "muted"}:
        _hold_outsider(desk, person, opinion)
        return None
    facts = desk.facts(person)
    held = _hindrance(desk, opinion, facts, in_line)
    if held is not None:
        desk.hold(person, "reconnect", held.why, held.until)
        return None
    fact = next(item for item in reversed(facts) if item.kind not in _MUTE)
    last = max((entry.decided.timestamp() for entry in desk.entries.get(person, ()) if entry.decided), default=0.0)
    rank = (-(opinion.due or 0.0), -opinion.strength, last, person)
    return Candidate(person=person, place=standing_of(opinion), fact=fact, rank=rank)


def _hold_outsider(desk: Desk, person: str, opinion: Opinion) -> None:
    recent = opinion.last_touch is not None and desk.state.now - opinion.last_touch <= YEAR
    if opinion.circle == "network" or recent:
        mark = next((mark for mark in ("never", "muted") if mark in opinion.marks), None)
        desk.hold(person, "reconnect", mark or opinion.circle)


def _hindrance(desk: Desk, opinion: Opinion, facts: Sequence[Touchpoint], in_line: Sequence[str]) -> Held | None:
    return (
        _stands(desk, opinion)
        or _waits(opinion, facts, in_line)
        or _not_due(desk, opinion)
        or _cannot(desk, opinion, facts)
        or _rests(desk, opinion, facts)
    )


def _stands(desk: Desk, opinion: Opinion) -> Held | None:
    entry = desk.standing(opinion.person)
    return None if entry is None else _held(opinion, _answer(entry), entry.start)


def _waits(opinion: Opinion, facts: Sequence[Touchpoint], in_line: Sequence[str]) -> Held | None:
    # C1: whoever came by mail alone waits for the user's yes
    if by_mail_alone(opinion, facts):
        return _held(opinion, "waiting")
    if opinion.stage == "met" and not opinion.key:
        return _held(opinion, "no-free-slot" if opinion.person in in_line else "waiting")
    return None


def _not_due(desk: Desk, opinion: Opinion) -> Held | None:
    if opinion.ahead is not None:
        return _held(opinion, "meeting-ahead", opinion.ahead)
    if opinion.silence is None or opinion.due is None:
        return _held(opinion, "not-due")
    if opinion.due <= 0:
        return _held(opinion, "not-due", desk.state.now + timedelta(days=opinion.ideal - opinion.silence))
    return None


def _cannot(desk: Desk, opinion: Opinion, facts: Sequence[Touchpoint]) -> Held | None:
    if opinion.stage == "dormant" or _is_private(desk, facts):
        return _held(opinion, "no-reason")
    return _held(opinion, "blind") if facts[-1].account in desk.eyes.blind else None


def _rests(desk: Desk, opinion: Opinion, facts: Sequence[Touchpoint]) -> Held | None:
    now = desk.state.now
    fact = next(item for item in reversed(facts) if item.kind not in _MUTE)
    kinds = {"draft"} if desk.state.settings.reminders is None else {"follow-up", "reconnect", "roundup"}
    since = [
        entry
        for entry in desk.entries.get(opinion.person, ())
        if entry.kind in kinds and (entry.fact == fact.key or (entry.decided is not None and entry.decided >= fact.at))
    ]
    settled = rested_since(since, now)
    if opinion.silent and (settled is not None or (opinion.silence or 0.0) < 2 * opinion.ideal):
        # the silence rule: one reminder after twice the ideal, then they fade
        until = None if settled else now + timedelta(days=2 * opinion.ideal - (opinion.silence or 0.0))
        return _held(opinion, "silent", until)
    if settled is None or settled + timedelta(days=opinion.ideal) <= now:
        return None
    last = max(since, key=lambda entry: (entry.settled or entry.decided or now, entry.key))
    return _held(opinion, _answer(last), settled + timedelta(days=opinion.ideal))


def _answer(entry: Entry) -> str:
    """Return the code for somebody whom ``entry`` was last about: the user's answer, or that it waits for its time."""
    if entry.state == "dismissed" or entry.problem == UNDONE:
        return "dismissed"
    return "snoozed" if entry.state in OPEN_STATES else "not-due"


def _is_private(desk: Desk, facts: Sequence[Touchpoint]) -> bool:
    # P34, S41: somebody met only in private events, or as a pupil, is never proposed
    ignored = [word.casefold() for word in desk.state.settings.routine.ignore_titles if word]
    meetings = [item for item in facts if item.kind in MEETINGS or item.kind == "routine-meeting"]
    return bool(meetings) and all(
        item.private or any(word in item.title.casefold() for word in ignored) for item in meetings
    )


def _held(opinion: Opinion, why: str, until: datetime | None = None) -> Held:
    return Held(person=opinion.person, kind="reconnect", why=why, until=until)


def _spread(desk: Desk, waiting: Sequence[Candidate]) -> None:
    by_place: Mapping[Place, list[Candidate]] = {place: [] for place in PLACES}
    for candidate in waiting:
        by_place[candidate.place].append(candidate)
    monday = monday_of(desk.time.day_of(desk.state.now))
    for week in range(WEEKS):
        for place in PLACES:
            _fill(desk, by_place[place], monday + 7 * week * DAY)
    for left in by_place.values():
        for candidate in left:
            desk.hold(candidate.person, "reconnect", "week-full", desk.next_week())


def _fill(desk: Desk, queue: list[Candidate], monday: date) -> None:
    """Give the week of ``monday`` what it has room for, taking from the front of ``queue``."""
    while queue:
        at = next(_times(desk, queue[0].place, monday), None)
        if at is None:
            return
        candidate = queue.pop(0)
        _clear_passed(desk, candidate.person)
        desk.place(_proposal(desk, candidate, at), candidate.place)


def _times(desk: Desk, place: Place, monday: date) -> Iterator[datetime]:
    if desk.budget.is_week_full(place, monday):
        return
    for day, block in desk.time.blocks(monday):
        if desk.budget.hindrance(place, day) is None:
            yield from desk.time.free_times(day, block.at, BLOCK)


def _clear_passed(desk: Desk, person: str) -> None:
    """Take back what stands unanswered about ``person``: nobody is twice in the calendar."""
    for entry in tuple(desk.entries.get(person, ())):
        if entry.kind in {"reconnect", "follow-up"} and can_leave(entry):
            desk.take_back(entry, "passed")


def _proposal(desk: Desk, candidate: Candidate, at: datetime) -> Proposal:
    return Proposal(
        kind="reconnect",
        person=candidate.person,
        reason="due",
        fact=candidate.fact.key,
        cycle=desk.cycle("reconnect", candidate.person, candidate.fact),
        evidence=evidence(desk.facts(candidate.person), candidate.fact),
        start=at,
        end=at + desk.time.length,
    )


def evidence(facts: Sequence[Touchpoint], fact: Touchpoint) -> tuple[str, ...]:
    """Return what a reconnect rests on: the last touch, the last meeting, the last mail (keys, no key twice).

    Of an answer and the mail that it proves (M7), which have one time, it is the answer that can be gone on with.
    """
    meeting = next((item.key for item in reversed(facts) if item.kind in MEETINGS), fact.key)
    mails = (item for item in reversed(facts) if item.kind in _MAILS and not item.rule.startswith("M7"))
    mail = next((item.key for item in mails), fact.key)
    return tuple(dict.fromkeys((fact.key, meeting, mail)))
