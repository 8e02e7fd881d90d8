"""For which reminder does a mail lie ready? One draft a person, three unsent at most, and none without a reason.

A draft belongs to a reminder whose day is near: it comes when it can still be sent within its shelf life. A person that
the silence rule holds for, a card, or somebody without a living address gets none (PRACTICE 3, 4, 5.6; C33, P15).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from daemon.model import OPEN_STATES, Entry, Proposal, Touchpoint
from daemon.plan.agenda import DAY, at_time
from daemon.plan.desk import Desk
from daemon.plan.overtaken import fact_of, untrue
from daemon.relate import is_open

NEAR = timedelta(days=7)
"""A reminder's draft is written when its day is at most this far."""
REST = timedelta(days=180)
LAST_TIME = 3
"""The deletion after which a reason that can come again does not (C33)."""
TO: frozenset[str] = frozenset({"wrote", "forwarded", "introduction"})
"""Kinds of a mail of the user's to somebody."""
REASONS = {"follow-up": "first-meeting", "reconnect": "pick-up"}
TALK = "conversation"
HOURS = tuple(time(hour) for hour in (14, 10, 15, 11, 16))
"""When half an hour is offered, the first free of them; on the second day the other way round."""
HALF_HOUR = timedelta(minutes=30)
OFFERED = (2, 12)
"""From so many days after the reminder, up to so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """A reminder, proposed now or standing already, that a draft could go with."""

    kind: str
    reason: str
    person: str
    fact: str
    evidence: tuple[str, ...]
    start: datetime
    decided: datetime


def draft_proposals(desk: Desk) -> Iterator[Proposal]:
    """Yield the drafts worth making, the soonest reminder's first; ``room`` says how many may be written."""
    for reminded in sorted(_reminded(desk), key=lambda item: (item.kind != "follow-up", item.start, item.person)):
        proposal = _proposal(desk, reminded)
        why = _why_not(desk, reminded, proposal)
        if why is None:
            yield proposal
        elif why:
            desk.hold(reminded.person, "draft", why)


def room(desk: Desk) -> int:
    """Return how many more drafts may lie unsent."""
    unsent = sum(entry.kind == "draft" and entry.state in OPEN_STATES for entry in desk.state.entries)
    return max(desk.state.settings.capacity.drafts - unsent, 0)


def address_for(desk: Desk, person: str) -> str | None:
    """Return the address last used in To that is not dead, else the first living one (P15)."""
    somebody = desk.state.people[person]
    used = [item.address for item in reversed(desk.facts(person)) if item.kind in TO]
    living = (address for address in (*used, *somebody.addresses) if address not in somebody.dead and "@" in address)
    return next((address for address in living if address in somebody.addresses), None)


def _reminded(desk: Desk) -> Iterator[Reminded]:
    now = desk.state.now
    for proposal in desk.proposals:
        if proposal.kind in REASONS and proposal.start is not None and proposal.start - now <= NEAR:
            yield Reminded(
                kind=proposal.kind,
                reason=_reason(proposal),
                person=proposal.person,
                fact=proposal.fact,
                evidence=proposal.evidence,
                start=proposal.start,
                decided=now,
            )
    for person in desk.opinions:
        for entry in desk.entries.get(person, ()):
            if entry.kind in REASONS and is_open(entry, now) and _is_near(desk, entry):
                yield _standing(entry, now)


def _is_near(desk: Desk, entry: Entry) -> bool:
    """Tell whether the day of ``entry`` is near and not over: nobody looks there for a draft that comes days later."""
    now = desk.state.now
    return (
        entry.start is not None and entry.start - now <= NEAR and desk.time.day_of(entry.start) >= desk.time.day_of(now)
    )


def _standing(entry: Entry, now: datetime) -> Reminded:
    return Reminded(
        kind=entry.kind,
        reason=_reason(entry),
        person=entry.person,
        fact=entry.fact,
        evidence=entry.evidence,
        start=entry.start or now,
        decided=entry.decided or now,
    )


def _reason(item: Entry | Proposal) -> str:
    return TALK if item.reason == TALK else REASONS[item.kind]


def _why_not(desk: Desk, reminded: Reminded, proposal: Proposal) -> str | None:
    """Return why there is no draft: a code, "" when there is one already, None when there may be one."""
    person, state = reminded.person, desk.state
    drafts = [entry for entry in desk.entries.get(person, ()) if entry.kind == "draft"]
    if any(_answers(entry, reminded, state.now) or is_open(entry, state.now) for entry in drafts):
        return ""
    if not desk.eyes.drafts:
        return "blind"
    if desk.opinions[person].silent:
        return "silent"
    somebody = state.people[person]
    if somebody.card or address_for(desk, person) is None or not _rested(drafts, reminded, state.now):
        return "no-reason"
    # a reminder that the user edited stays, whatever has happened since; a draft for it would be taken back at once
    if untrue(proposal, state, desk.opinions) or (proposal.reason == TALK and len(proposal.times) < 2):
        return "no-reason"
    return None if proposal.evidence else "no-reason"


def _answers(entry: Entry, reminded: Reminded, now: datetime) -> bool:
    """Tell whether ``entry`` was the draft for that reminder; one that lay too long comes again while it is ahead."""
    if entry.problem == "shelf-life" and entry.state == "withdrawn" and reminded.start > now:
        return False
    return entry.fact == reminded.fact and entry.decided is not None and entry.decided >= reminded.decided


def _rested(drafts: Sequence[Entry], reminded: Reminded, now: datetime) -> bool:
    reason = reminded.reason
    discarded = [entry for entry in drafts if entry.state == "discarded" and entry.reason == reason]
    if reason != "pick-up":
        return True
    recent = any(entry.settled is not None and now - entry.settled < REST for entry in discarded)
    return not recent and len(discarded) < LAST_TIME


def _fresh_evidence(desk: Desk, drafts: Sequence[Entry], reminded: Reminded) -> tuple[str, ...]:
    """Return the evidence that is still there and that no discarded draft rested on: never offered again (C33)."""
    refused = {key for entry in drafts if entry.state == "discarded" for key in entry.evidence}
    facts = desk.facts(reminded.person)
    return tuple(key for key in reminded.evidence if key not in refused and fact_of(key, facts) is not None)


def _proposal(desk: Desk, reminded: Reminded) -> Proposal:
    drafts = [entry for entry in desk.entries.get(reminded.person, ()) if entry.kind == "draft"]
    fact = next((item for item in desk.facts(reminded.person) if item.key == reminded.fact), None)
    return Proposal(
        kind="draft",
        person=reminded.person,
        reason=reminded.reason,
        times=tuple(_times(desk, reminded)) if reminded.reason == TALK else (),
        fact=reminded.fact,
        cycle=_cycle(desk, reminded.person, fact),
        evidence=_fresh_evidence(desk, drafts, reminded),
    )


def _times(desk: Desk, reminded: Reminded) -> Iterator[datetime]:
    """Yield two free half hours on two working days of the time to come."""
    first, hours = desk.time.day_of(reminded.start) + OFFERED[0] * DAY, HOURS
    found = 0
    for number in range(OFFERED[1] - OFFERED[0]):
        day = first + number * DAY
        at = next((at for hour in hours if (at := _free(desk, day, hour)) is not None), None)
        if at is not None and found < 2:
            found, hours = found + 1, (HOURS[1], HOURS[0], *HOURS[2:])
            yield at


def _free(desk: Desk, day: date, hour: time) -> datetime | None:
    at = at_time(day, hour, desk.state.settings.me.zone)
    is_free = desk.time.is_working(day) and desk.time.is_free(at) and desk.time.is_free(at + HALF_HOUR / 2)
    return at if is_free else None


def _cycle(desk: Desk, person: str, fact: Touchpoint | None) -> int:
    return 0 if fact is None else desk.cycle("draft", person, fact)
