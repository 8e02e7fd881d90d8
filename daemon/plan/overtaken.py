"""What is no longer true of what Kith wrote? Entries that are taken back, and why.

``overtaken``: the two have been in touch since. ``answered``: a draft whose reminder the user refused or ticked off.
``shelf-life``: a draft too old to send. ``passed``: a reminder 30 days after its day (for the next cycle it counts as
passed 7 days after already: ``relate.is_passed``), as soon as its successor is written, or when the two were in touch
too late for that to be its answer. ``late``: never delivered, and its time is over. ``displaced``: something more
urgent needed the place; of two drafts or reminders about one person (who was two) the worse one. ``never``, ``muted``,
``left``: the person is not to be written about any more. ``gone``: the person is not there any more, or not what the
entry rests on (a first meeting that was called off after it had counted). Only what is ours and untouched leaves; what
was moved is untouched but for its time (C40).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from daemon.model import (
    ANSWERED,
    OPEN_STATES,
    OUTSIDE,
    PROPOSED,
    Entry,
    EntryState,
    Opinion,
    Proposal,
    State,
    Touchpoint,
    Withdrawal,
    instant,
    local_day,
)
from daemon.plan.eyes import Eyes
from daemon.plan.sources import fact_of, is_there
from daemon.relate import PASSED, is_open, is_passed

STALE = timedelta(days=30)
WEEK = timedelta(days=7)
"""A round-up in which nothing was typed means nothing, and goes."""
SHELF_LIFE: Mapping[str, timedelta] = {
    "first-meeting": timedelta(days=7),
    "conversation": timedelta(days=5),
    "article": timedelta(days=14),
    "pick-up": timedelta(days=21),
    "introduction-check": timedelta(days=30),
    "introduction": timedelta(days=30),
    "introduction-second": timedelta(days=30),
    "introduction-made": timedelta(days=30),
    "congratulation": timedelta(days=14),
    "promised": timedelta(days=14),
}
"""How long a draft may lie unsent (PRACTICE 4)."""
THAT_DAY: frozenset[str] = frozenset({"anniversary", "birthday"})
"""Reasons for a draft that is of no use on the day after."""
UNTIL_THE_EVENT = "both-going"
BEYOND: frozenset[str] = frozenset({"promised", "introduction", "introduction-second", "introduction-made"})
"""Reasons that are the user's own word: they hold for anybody."""
ONE_EACH: frozenset[str] = frozenset({"follow-up", "reconnect"})
"""Kinds of reminder of which a person has one."""
ABOUT_TOUCHES = PROPOSED | {"draft"}
"""Kinds that rest on a touch, and end with the next one."""
_UNTOUCHED = frozenset({"waiting", "written", "moved"})


def overtaken(state: State, opinions: Mapping[str, Opinion], seen: Eyes) -> tuple[Withdrawal, ...]:
    """Return the entries to take back, by key. What shut eyes do not see, or is not read yet, is not gone."""
    half_read = seen.shut or not all(source.caught_up for source in state.sources.values())
    about_people = (entry for entry in state.entries if entry.kind in ABOUT_TOUCHES and can_leave(entry))
    found = ((entry, _why(entry, state, opinions)) for entry in about_people)
    whys = {entry.key: why for entry, why in found if why and not (why == "gone" and half_read)}
    whys |= dict.fromkeys(_doubled((entry for entry in state.entries if entry.key not in whys), state.now), "displaced")
    return tuple(Withdrawal(key=key, why=whys[key]) for key in sorted(whys))


def _doubled(entries: Iterable[Entry], now: datetime) -> Iterator[str]:
    """Yield the keys of what stands beside a better one about the same person: who was two, or was asked for since.

    A draft beside one of the user's own is one too many; a reminder that the user wrote into is answered, and in no
    one's way.
    """
    found: dict[tuple[str, bool], list[Entry]] = {}
    for entry in entries:
        is_draft = entry.kind == "draft"
        stands = entry.state in OPEN_STATES and not entry.leaving
        if stands and (is_draft or (entry.kind in ONE_EACH and can_leave(entry) and is_open(entry, now))):
            found.setdefault((entry.person, is_draft), []).append(entry)
    for several in found.values():
        best = max(several, key=_worth)
        yield from (entry.key for entry in several if entry is not best and can_leave(entry))


def _worth(entry: Entry) -> tuple[bool, bool, bool, datetime, str]:
    decided = entry.decided or datetime.min.replace(tzinfo=UTC)
    first = entry.kind == "follow-up" or (entry.kind == "draft" and entry.reason == "first-meeting")
    return entry.state == "edited", first, entry.state == "moved", decided, entry.key


def can_leave(entry: Entry) -> bool:
    """Tell whether ``entry`` stands as Kith wrote it, so that Kith may take it back."""
    return entry.state in _UNTOUCHED and not entry.leaving


def without(state: State, withdrawals: Iterable[Withdrawal], amended: Iterable[Entry] = ()) -> State:
    """Return ``state`` as it will be when ``withdrawals``, those under way, and ``amended`` rows are carried out."""
    state = replace(state, entries=tuple({item.key: item for item in (*state.entries, *amended)}.values()))
    whys = {item.key: item.why for item in withdrawals}
    entries = tuple(taken_back(entry, whys.get(entry.key) or entry.leaving, state.now) for entry in state.entries)
    return replace(state, entries=entries)


def freed_by(withdrawals: Iterable[Withdrawal], state: State) -> Mapping[str, Entry]:
    """Return, by person, the drafts that ``withdrawals`` take out of Drafts: new words can take their place there."""
    keys = {item.key for item in withdrawals}
    return {
        entry.person: entry
        for entry in state.entries
        if entry.key in keys and entry.kind == "draft" and entry.state == "written" and entry.ref is not None
    }


def taken_back(entry: Entry, why: str, now: datetime) -> Entry:
    """Return ``entry`` as it is after it was taken back for ``why``; as it stands if there is no reason."""
    if not why or entry.state not in {*_UNTOUCHED, "edited"}:
        return entry
    state: EntryState = ANSWERED.get(why, "withdrawn") if entry.ref is not None else "withdrawn"
    return replace(entry, state=state, problem=why, leaving="", settled=now)


def in_touch_since(fact: datetime, facts: Iterable[Touchpoint], state: State, *, first: bool = False) -> bool:
    """Tell whether there was a touch after ``fact``; another round of the same day is still that meeting.

    After a ``first`` meeting only the user's own step counts: a mail of theirs still waits for an answer.
    """
    zone = state.settings.me.zone
    return any(
        fact < item.at <= state.now
        and not item.weak
        and not (first and item.kind == "heard")
        and (item.kind != "small-group" or local_day(item.at, zone) != local_day(fact, zone))
        for item in facts
    )


def untrue(item: Entry | Proposal, state: State, opinions: Mapping[str, Opinion]) -> str:
    """Return why nothing of ``item`` is true any more of anybody whom it is about, "" while it is."""
    whys = [_why_person(item, person, state, opinions) for person in (item.person, *item.also)]
    if item.kind == "draft":  # one to two people is for both of them
        return next(filter(None, whys), "")
    return whys[0] if all(whys) else ""


def _why(entry: Entry, state: State, opinions: Mapping[str, Opinion]) -> str:
    why = untrue(entry, state, opinions)
    if why:
        return "passed" if why == "overtaken" and _came_too_late(entry, state) else why
    if entry.kind == "draft":
        return "answered" if _is_answered(entry, state) else "shelf-life" if is_stale(entry, state) else ""
    if entry.start is None:
        return ""
    if entry.state == "waiting" and entry.ref is None and (entry.end or entry.start) <= state.now:
        return "late"
    return "passed" if entry.start + (WEEK if entry.kind == "roundup" else STALE) <= state.now else ""


def _came_too_late(entry: Entry, state: State) -> bool:
    """Tell whether nothing came of a reminder in its week: a mail a month later is no answer to it (P24)."""
    if entry.also or not is_passed(entry, state.now) or entry.start is None:
        return False
    begins, ends = entry.decided or entry.start, entry.start + PASSED
    facts = state.touchpoints.get(entry.person, ())
    return not any(begins <= fact.at < ends and not fact.weak for fact in facts)


def _is_answered(draft: Entry, state: State) -> bool:
    """Tell whether the user refused, or ticked off, the reminder that ``draft`` was made for."""
    return any(
        entry.person == draft.person
        and entry.kind in {"follow-up", "reconnect", "promise", "introduction"}
        and entry.fact == draft.fact
        and entry.state in {"dismissed", "done"}
        and (draft.decided or state.now) <= (entry.settled or state.now)
        for entry in state.entries
    )


def is_stale(draft: Entry, state: State) -> bool:
    """Tell whether ``draft`` is too old to send (PRACTICE 4)."""
    decided = draft.decided or state.now
    if draft.reason in THAT_DAY:
        zone = state.settings.me.zone
        return local_day(decided, zone) < local_day(state.now, zone)
    if draft.reason == UNTIL_THE_EVENT:
        keys, zone = {draft.fact, *draft.evidence}, state.settings.me.zone
        starts = [item.at for item in state.ahead.get(draft.person, ()) if item.key in keys]
        starts += [instant(event.start, zone) for event in state.calendar if event.key in keys]
        return not any(state.now < start for start in starts)
    return draft.reason in SHELF_LIFE and decided + SHELF_LIFE[draft.reason] <= state.now


def _why_person(item: Entry | Proposal, person: str, state: State, opinions: Mapping[str, Opinion]) -> str:
    opinion = opinions.get(person)
    if opinion is None:
        return "gone"
    for mark in ("never", "muted"):
        if mark in opinion.marks:
            return mark
    first = item.reason == "first-meeting"
    if item.reason not in BEYOND and (opinion.circle in OUTSIDE or (not first and opinion.circle != "network")):
        return "left"
    facts = state.touchpoints.get(person, ())
    ground = _ground(item, person, state)
    if ground is None:
        return "gone"
    since = max((fact.at for fact in ground), default=_decided(item, state.now))
    if item.reason == "birthday":  # a mail in the days before is no wish
        day = local_day(item.start or _decided(item, state.now), state.settings.me.zone)
        since = max(since, instant(day, state.settings.me.zone))
    return "overtaken" if in_touch_since(since, facts, state, first=first) else ""


def _decided(item: Entry | Proposal, now: datetime) -> datetime:
    return (item.decided or now) if isinstance(item, Entry) else now


def _ground(item: Entry | Proposal, person: str, state: State) -> Sequence[Touchpoint] | None:
    """Return which of a person's facts the item rests on; None when a source that it cannot do without is no more.

    A reminder needs its fact, a draft all that it may quote, a round-up anything that it says of that person.
    """
    facts = state.touchpoints.get(person, ())
    keys = tuple(dict.fromkeys((item.fact, *item.evidence)))
    found = {key: fact for key in keys if (fact := fact_of(key, facts)) is not None}
    if item.kind == "roundup":
        exact = [fact for key, fact in found.items() if fact.key == key]
        return exact or tuple(found.values()) or None
    needed = keys if item.kind == "draft" else (item.fact,)
    held = all(key in found or is_there(key, person, state) for key in needed)
    return tuple(found.values()) if held else None
