"""Whom has the user just met for the first time? Follow-ups within 48 hours, and one round-up for those left over.

A follow-up stands on the first free quarter of an hour of the next working morning (PRACTICE 4, C15); three a week, the
rest become lines of one event (C35). For a first meeting it makes room by taking back the least urgent reconnect.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from daemon.model import OUTSIDE, Opinion, Proposal, Touchpoint
from daemon.plan.agenda import BLOCK, DAY, monday_of, working_hours_later
from daemon.plan.desk import Desk, least_urgent
from daemon.plan.overtaken import can_leave, in_touch_since
from daemon.relate import choices, never_stood

FRESH = timedelta(days=7)
SETTLED = timedelta(days=3)
"""How long after an evening people met there go on turning up by hints."""
HALF_A_YEAR = timedelta(days=183)
WITHIN = 48
NOON = time(12)
FIRST: frozenset[str] = frozenset({"one-to-one", "small-group"})
LOOK_AHEAD = 21
"""Days looked through for a working day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A first meeting that asks for a follow-up."""

    person: str
    fact: Touchpoint
    rank: tuple[object, ...]
    reason: str = "first-meeting"
    """``conversation``: with somebody known, because the user wished for one."""


def follow_up(desk: Desk) -> None:
    """Propose a follow-up for everybody met for the first time in the last week; those without room in a round-up."""
    left = [meeting for meeting in first_meetings(desk) if not _placed(desk, meeting)]
    left += evening(desk, {meeting.person for meeting in left})
    if len(left) > 1 and _rounded_up(desk, left):
        return
    for meeting in left:
        desk.hold(meeting.person, "follow-up", "week-full", desk.next_week())


def first_meetings(desk: Desk) -> Sequence[Meeting]:
    """Return the first meetings to follow up, those in private talk first, then in order of time."""
    wished = {who: made.wished for who, made in choices(desk.state.decisions, desk.state.now).items() if made.wished}
    found = (
        _wished_for(desk, person, wished[person]) if person in wished else _first_meeting(desk, person, opinion)
        for person, opinion in sorted(desk.opinions.items())
    )
    return sorted((meeting for meeting in found if meeting is not None), key=lambda meeting: meeting.rank)


def _wished_for(desk: Desk, person: str, wished: datetime) -> Meeting | None:
    """Return whom the user wants to talk to for longer (an ``x``): within 48 hours, before all others."""
    opinion, facts = desk.opinions[person], desk.facts(person)
    fact = next((item for item in reversed(facts) if item.at <= wished), None)
    if fact is None or desk.state.now - wished > FRESH or opinion.marks & {"muted", "never"}:
        return _first_meeting(desk, person, opinion)
    asked = any(
        entry.kind in {"follow-up", "roundup"}
        and entry.decided is not None
        and entry.decided >= wished
        and not never_stood(entry)
        for entry in desk.entries.get(person, ())
    )
    if asked or in_touch_since(wished, facts, desk.state, first=True):
        return None
    first = all(item.at >= fact.at or item.kind == "note" for item in facts)
    return Meeting(
        person=person,
        fact=fact,
        rank=(-1, fact.at, -opinion.strength, person),
        reason="first-meeting" if first else "conversation",
    )


def evening(desk: Desk, others: Container[str]) -> Iterator[Meeting]:
    """Yield whom the user met at an open event and said nothing of: once all had time to turn up, one round-up."""
    now = desk.state.now
    for person, opinion in sorted(desk.opinions.items()):
        first = opinion.first_touch
        if person in others or first is None or not SETTLED <= now - first <= FRESH or opinion.circle in OUTSIDE:
            continue
        facts = desk.facts(person)
        fact = next((item for item in facts if item.kind != "note"), None)
        promised = any(item.kind == "promise" and item.about == person for item in desk.state.decisions)
        if fact is None or fact.kind != "gathering" or opinion.marks & {"muted", "never"} or promised:
            continue
        if not in_touch_since(fact.at, facts, desk.state, first=True) and not _was_proposed(desk, person, fact):
            yield Meeting(person=person, fact=fact, rank=(2, fact.at, -opinion.strength, person))


def _first_meeting(desk: Desk, person: str, opinion: Opinion) -> Meeting | None:
    now = desk.state.now
    if opinion.last_touch is None or now - opinion.last_touch > FRESH or opinion.circle in OUTSIDE:
        return None
    facts = desk.facts(person)
    fact = next((item for item in facts if item.kind in FIRST), None)
    if fact is None or now - fact.at > FRESH or not _is_first(desk, fact, facts):
        return None
    if (
        opinion.marks & {"muted", "never"}
        or in_touch_since(fact.at, facts, desk.state, first=True)
        or _was_proposed(desk, person, fact)
    ):
        return None
    if facts[-1].account in desk.eyes.blind:
        desk.hold(person, "follow-up", "blind")
        return None
    return Meeting(person=person, fact=fact, rank=(int(fact.kind != "one-to-one"), fact.at, -opinion.strength, person))


def _is_first(desk: Desk, fact: Touchpoint, facts: Sequence[Touchpoint]) -> bool:
    # P26: no first meeting from the first half year of the data; P34: private events are never proposed
    earliest, ignored = desk.state.earliest, desk.state.settings.routine.ignore_titles
    title = fact.title.casefold()
    if earliest is None or fact.at - earliest < HALF_A_YEAR or fact.private:
        return False
    if any(word and word.casefold() in title for word in ignored):
        return False
    return all(item.kind != "routine-meeting" or item.at >= fact.at for item in facts)


def _was_proposed(desk: Desk, person: str, fact: Touchpoint) -> bool:
    return any(
        (entry.kind in {"follow-up", "roundup"} or (entry.kind == "draft" and desk.state.settings.reminders is None))
        and (fact.key in {entry.fact, *entry.evidence} or (entry.decided is not None and entry.decided >= fact.at))
        and not never_stood(entry)
        for entry in desk.entries.get(person, ())
    )


def _placed(desk: Desk, meeting: Meeting) -> bool:
    at = _slot(desk, meeting) or _slot_made(desk, meeting)
    if at is not None:
        _clear(desk, meeting.person)
        desk.place(_proposal(desk, meeting, at), "follow-up")
    return at is not None


def _clear(desk: Desk, person: str) -> None:
    """Take back what stands about ``person`` already: nobody is twice in the calendar."""
    for entry in tuple(desk.entries.get(person, ())):
        if entry.kind in {"reconnect", "follow-up"} and can_leave(entry) and entry.start is not None:
            if entry.start > desk.state.now:
                desk.release(entry)
            desk.take_back(entry, "passed" if entry.start <= desk.state.now else "displaced")


def _slot(desk: Desk, meeting: Meeting) -> datetime | None:
    """Return the first free time of the working days within 48 hours; if it is too late for those, of the next one."""
    deadline = working_hours_later(meeting.fact.at, WITHIN, desk.time)
    for number, day in enumerate(_mornings(desk, meeting.fact)):
        if desk.budget.hindrance("follow-up", day) is None:
            at = next(desk.time.free_times(day, desk.state.settings.me.hours[0]), None)
            if at is not None and (at <= deadline or number == 0):
                return at
        if desk.time.day_of(deadline) <= day:
            return None
    return None


def _slot_made(desk: Desk, meeting: Meeting) -> datetime | None:
    """Return a time that is free once a reconnect in its way is taken back: one about the same person, which goes
    anyhow, else the least urgent; last of all a brief (C34)."""
    for entry in sorted(least_urgent(desk), key=lambda entry: (entry.kind == "brief", entry.person != meeting.person)):
        desk.release(entry)
        at = _slot(desk, meeting)
        if at is not None:
            desk.take_back(entry, "displaced")
            return at
        desk.restore(entry)
    return None


def _mornings(desk: Desk, fact: Touchpoint) -> Iterator[date]:
    zone, now = desk.state.settings.me.zone, desk.state.now
    today = desk.time.day_of(now)
    begins = today if now.astimezone(zone).time() < NOON else today + DAY
    day = max(begins, desk.time.day_of(fact.at) + DAY)
    for _ in range(LOOK_AHEAD):
        if desk.time.is_working(day):
            yield day
        day += DAY


def _proposal(desk: Desk, meeting: Meeting, at: datetime) -> Proposal:
    return Proposal(
        kind="follow-up",
        person=meeting.person,
        reason=meeting.reason,
        fact=meeting.fact.key,
        cycle=desk.cycle("follow-up", meeting.person, meeting.fact),
        evidence=(meeting.fact.key,),
        start=at,
        end=at + desk.time.length,
        alarm=0,
    )


def _rounded_up(desk: Desk, left: Sequence[Meeting]) -> bool:
    at = next(_block_times(desk), None)
    if at is None:
        return False
    first = left[0]
    proposal = Proposal(
        kind="roundup",
        person=first.person,
        reason="first-meeting",
        fact=first.fact.key,
        cycle=desk.cycle("roundup", first.person, first.fact),
        evidence=tuple(dict.fromkeys(meeting.fact.key for meeting in left)),
        start=at,
        end=at + desk.time.length,
        also=tuple(meeting.person for meeting in left[1:]),
    )
    desk.place(proposal, "roundup")
    return True


def _block_times(desk: Desk) -> Iterator[datetime]:
    today = desk.time.day_of(desk.state.now)
    for week in range(LOOK_AHEAD // 7):
        monday = monday_of(today) + 7 * week * DAY
        for day, block in desk.time.blocks(monday):
            if day > today and desk.budget.hindrance("roundup", day) is None:
                yield from desk.time.free_times(day, block.at, BLOCK)
