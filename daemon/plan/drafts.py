"""For which reminder does a mail lie ready? One draft a person, three unsent at most, and none without a reason.

A draft belongs to a reminder whose day is near: it comes when it can still be sent within its shelf life. A person that
the silence rule holds for, a card, or somebody without a living address gets none (PRACTICE 3, 4, 5.6; C33, P15).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from daemon.model import OPEN_STATES, Cause, Entry, Proposal
from daemon.plan.desk import Desk
from daemon.plan.overtaken import can_leave, untrue
from daemon.plan.reasons import Reminded, winners
from daemon.plan.reasons.introduction import MADE
from daemon.relate import is_open
from daemon.relate.articles import is_article

NEAR = timedelta(days=7)
"""A reminder's draft is written when its day is at most this far."""
TO: frozenset[str] = frozenset({"wrote", "forwarded", "introduction"})
"""Kinds of a mail of the user's to somebody."""
REMINDERS: Mapping[str, int] = {"promise": 0, "introduction": 1, "follow-up": 2, "reconnect": 3}
"""Kinds of reminder that a draft goes with, and which comes first."""


def draft_proposals(desk: Desk) -> Iterator[Sequence[Proposal]]:
    """Yield the drafts worth making, the soonest reminder's first: of each the reasons that compete, the best first.

    ``room`` says how many may be written.
    """
    done = set[str]()
    for reminded in sorted(_reminded(desk), key=lambda item: (REMINDERS[item.kind], item.start, item.person)):
        if reminded.person in done:
            continue
        stands = replaceable(desk, reminded.person)
        why = _why_not(desk, reminded, stands)
        causes = _drafted(desk, reminded) if why is None else []
        better = causes if stands is None else causes[: _rank(causes, stands.reason)]
        proposals = [item for cause in better if _holds(desk, item := _proposal(desk, reminded, cause, stands))]
        if proposals:
            done.add(reminded.person)
            yield proposals
        elif why != "" and stands is None:
            desk.hold(reminded.person, "draft", why or "no-reason")


def _drafted(desk: Desk, reminded: Reminded) -> list[Cause]:
    """Return the causes that make a draft today: one with a day of its own is of no use on any other, and the reminder
    of such a day waits for it."""
    causes, today = winners(desk, reminded.person, reminded), desk.time.day_of(desk.state.now)
    if any(cause.reason == reminded.reason and cause.day not in {None, today} for cause in causes):
        return []
    return [cause for cause in causes if cause.draft and cause.day in {None, today}]


def told_with(desk: Desk, proposal: Proposal, draft: Entry | None) -> tuple[Cause, ...]:
    """Return the causes that the reminder ``proposal`` tells of: its own, that of its ``draft``, and mere lines."""
    reminded = _proposed(proposal, desk.state.now)
    if proposal.kind not in REMINDERS or reminded is None:
        return ()
    said = (proposal.reason, draft.reason if draft is not None else "")
    return tuple(cause for cause in winners(desk, proposal.person, reminded) if not cause.draft or cause.reason in said)


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
        if proposal.kind in REMINDERS and proposal.start is not None and proposal.start - now <= NEAR:
            yield from filter(None, [_proposed(proposal, now)])
    for person in desk.opinions:
        for entry in desk.entries.get(person, ()):
            if entry.kind in REMINDERS and is_open(entry, now) and _is_near(desk, entry):
                yield standing(entry, now)


def _proposed(proposal: Proposal, now: datetime) -> Reminded | None:
    if proposal.start is None:
        return None
    return Reminded(
        kind=proposal.kind,
        reason=proposal.reason,
        person=proposal.person,
        fact=proposal.fact,
        evidence=proposal.evidence,
        start=proposal.start,
        decided=now,
        also=proposal.also,
    )


def _is_near(desk: Desk, entry: Entry) -> bool:
    """Tell whether the day of ``entry`` is near and not over: nobody looks there for a draft that comes days later."""
    now = desk.state.now
    return (
        entry.start is not None and entry.start - now <= NEAR and desk.time.day_of(entry.start) >= desk.time.day_of(now)
    )


def standing(entry: Entry, now: datetime) -> Reminded:
    """Return the reminder ``entry`` as what a draft could go with."""
    return Reminded(
        kind=entry.kind,
        reason=entry.reason,
        person=entry.person,
        fact=entry.fact,
        evidence=tuple(key for key in entry.evidence if not is_article(key)),  # it told of that, it is not for it
        start=entry.start or now,
        decided=entry.decided or now,
        also=entry.also,
    )


def replaceable(desk: Desk, person: str) -> Entry | None:
    """Return the draft to ``person`` that lies there as Kith wrote it, which a better reason may take the place of."""
    drafts = [
        entry for entry in desk.entries.get(person, ()) if entry.kind == "draft" and is_open(entry, desk.state.now)
    ]
    return drafts[0] if len(drafts) == 1 and drafts[0].state == "written" and can_leave(drafts[0]) else None


def _rank(causes: Sequence[Cause], reason: str) -> int:
    """Return how many of ``causes`` are better than ``reason``; none where it is not a mere pick-up (one is enough)."""
    if reason != "pick-up":
        return 0
    return next((number for number, cause in enumerate(causes) if cause.reason == reason), len(causes))


def _why_not(desk: Desk, reminded: Reminded, stands: Entry | None) -> str | None:
    """Return why there is no draft: a code, "" when there is one already, None when there may be one."""
    person, state = reminded.person, desk.state
    drafts = [entry for entry in desk.entries.get(person, ()) if entry.kind == "draft" and entry is not stands]
    if any(_answers(entry, reminded, state.now) or is_open(entry, state.now) for entry in drafts):
        return ""
    if not desk.eyes.drafts:
        return "blind"
    if desk.opinions[person].silent:
        return "silent"
    both = (person, *reminded.also) if reminded.reason == MADE else (person,)
    reached = all(not state.people[who].card and address_for(desk, who) is not None for who in both)
    return None if reached else "no-reason"


def _holds(desk: Desk, proposal: Proposal) -> bool:
    """Tell whether ``proposal`` would stand: a reminder that the user edited stays whatever has happened since, and a
    draft for it would be taken back at once."""
    return not untrue(proposal, desk.state, desk.opinions)


def _answers(entry: Entry, reminded: Reminded, now: datetime) -> bool:
    """Tell whether ``entry`` was the draft for that reminder; one that lay too long comes again while it is ahead."""
    if entry.problem == "shelf-life" and entry.state == "withdrawn" and reminded.start > now:
        return False
    return entry.fact == reminded.fact and entry.decided is not None and entry.decided >= reminded.decided


def _proposal(desk: Desk, reminded: Reminded, cause: Cause, stands: Entry | None) -> Proposal:
    fact = next((item for item in desk.facts(reminded.person) if item.key == reminded.fact), None)
    cycle = int(cause.reason == MADE) if fact is None else desk.cycle("draft", reminded.person, fact)
    return Proposal(
        kind="draft",
        person=reminded.person,
        reason=cause.reason,
        times=cause.times,
        fact=reminded.fact,
        cycle=cycle + (stands is not None and stands.fact == reminded.fact),
        evidence=cause.evidence,
        also=reminded.also if cause.reason == MADE else (),
    )
