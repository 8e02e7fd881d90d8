"""Who has a reason with a day of its own? An anniversary, an event ahead, a word of the user's (PRACTICE 4, 5.6).

Such a person gets a reminder though none is due, within the same places and the same budget.

It stands on its day, else in the next block. Dormant people come up at most once a month, and only with a reason that
gives; whoever is to be met soon, was asked for lately, or does not answer is left in peace.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from daemon.compose.occasions import occasion_of
from daemon.model import Cause, Proposal, State, Touchpoint, instant
from daemon.plan.agenda import BLOCK, DAY, monday_of
from daemon.plan.budget import Place, standing_of
from daemon.plan.desk import Desk
from daemon.plan.reasons import ALL, Reason, hindrance
from daemon.plan.reconnects import evidence
from daemon.relate import by_mail_alone, is_passed, never_stood, rested_since

WEEKS = 2
"""Weeks looked through for a place."""
MONTH = timedelta(days=30)
_MUTE: frozenset[str] = frozenset({"copied", "note", "gathering"})
_WISHED: frozenset[str] = frozenset({"congratulation", "birthday"})
"""Reasons that the user named, or that a meeting ahead does not replace."""


def occasions(desk: Desk) -> None:
    """Propose a reminder for everybody who has such a reason and nothing that stands about them."""
    busy = {person for proposal in desk.proposals for person in (proposal.person, *proposal.also)}
    for reason in ALL:
        for person in dict.fromkeys(reason.awake(desk)):
            cause = None if person in busy else _cause(desk, reason, person)
            fact = None if cause is None else _last(desk, person)
            if cause is None or fact is None:
                continue
            at = next(_times(desk, cause), None)
            if at is not None:
                busy.add(person)
                desk.place(_proposal(desk, cause, fact, at), standing_of(desk.opinions.get(person)))


def _cause(desk: Desk, reason: Reason, person: str) -> Cause | None:
    """Return what ``person`` may be written to about, if nothing speaks against it."""
    if person not in desk.opinions:
        return None
    cause = next((item for item in reason.causes(desk, person, None) if item.draft), None)
    if cause is None or _is_left_in_peace(desk, reason, person) or hindrance(desk, reason, cause):
        return None
    says = occasion_of(cause, desk.state.people[person], desk.state)
    return None if says is None or _was_told(desk, cause) else cause


def _is_left_in_peace(desk: Desk, reason: Reason, person: str) -> bool:
    opinion, facts = desk.opinions[person], desk.facts(person)
    if opinion.circle != "network" or opinion.marks & {"never", "muted"} or opinion.silent or not facts:
        return True
    if desk.standing(person) is not None or by_mail_alone(opinion, facts) or facts[-1].account in desk.eyes.blind:
        return True
    if opinion.stage == "dormant" and not (reason.gives and _is_quiet_month(desk)):
        return True
    wished = reason.name in _WISHED
    return not wished and (opinion.ahead is not None or _rests(desk, person, opinion.ideal))


def _is_quiet_month(desk: Desk) -> bool:
    """Tell whether nobody dormant was brought up for a month."""
    dormant = (person for person, opinion in desk.opinions.items() if opinion.stage == "dormant")
    recent = (entry for person in dormant for entry in desk.entries.get(person, ()) if entry.kind == "reconnect")
    return all(entry.decided is None or desk.state.now - entry.decided > MONTH for entry in recent)


def _rests(desk: Desk, person: str, ideal: float) -> bool:
    """Tell whether the user refused to be asked about ``person`` an interval ago, or was asked half a one ago."""
    now, kinds = desk.state.now, {"follow-up", "reconnect", "roundup"}
    asked = [entry for entry in desk.entries.get(person, ()) if entry.kind in kinds]
    refused = [entry for entry in asked if entry.state == "dismissed" or is_passed(entry, now)]
    rests = ((refused, ideal), (asked, ideal / 2))
    found = ((rested_since(entries, now), days) for entries, days in rests)
    return any(settled is not None and settled + timedelta(days=days) > now for settled, days in found)


def _was_told(desk: Desk, cause: Cause) -> bool:
    """Tell whether a reminder or a draft said the same of the same source before."""
    return any(
        entry.reason == cause.reason and set(cause.evidence) & set(entry.evidence) and not never_stood(entry)
        for entry in desk.entries.get(cause.person, ())
    )


def _last(desk: Desk, person: str) -> Touchpoint | None:
    facts = desk.facts(person)
    return next((item for item in reversed(facts) if item.kind not in _MUTE), facts[-1])


def _times(desk: Desk, cause: Cause) -> Iterator[datetime]:
    """Yield when its reminder may stand: on its own day in the morning, else in a block before it is too late."""
    place, today = standing_of(desk.opinions.get(cause.person)), desk.time.day_of(desk.state.now)
    if cause.day is not None:
        if desk.time.is_working(cause.day) and _is_free(desk, place, cause.day):
            yield from desk.time.free_times(cause.day, desk.state.settings.me.hours[0])
        return
    last = _last_day(cause, desk.state)
    for week in range(WEEKS + 1):
        for day, block in desk.time.blocks(monday_of(today) + 7 * week * DAY):
            if (last is None or day < last) and _is_free(desk, place, day):
                yield from desk.time.free_times(day, block.at, BLOCK)


def _is_free(desk: Desk, place: Place, day: date) -> bool:
    """Tell whether there is room on ``day``, two places of its week left for what comes meanwhile."""
    return desk.budget.is_spare(day) and desk.budget.hindrance(place, day) is None


def _last_day(cause: Cause, state: State) -> date | None:
    """Return the day of the event ahead that the cause is about, if it is about one."""
    zone = state.settings.me.zone
    starts = (instant(event.start, zone) for event in state.calendar if event.key in cause.evidence)
    return next((at.astimezone(zone).date() for at in starts if at > state.now), None)


def _proposal(desk: Desk, cause: Cause, fact: Touchpoint, at: datetime) -> Proposal:
    return Proposal(
        kind="reconnect",
        person=cause.person,
        reason=cause.reason,
        fact=fact.key,
        cycle=desk.cycle("reconnect", cause.person, fact),
        evidence=tuple(dict.fromkeys((*cause.evidence, *evidence(desk.facts(cause.person), fact)))),
        start=at,
        end=at + desk.time.length,
    )
