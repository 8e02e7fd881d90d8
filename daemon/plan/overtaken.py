"""What is no longer true of what Kith wrote? Entries that are taken back, and why.

``overtaken``: the two have been in touch since. ``shelf-life``: a draft too old to send. ``passed``: a reminder 30 days
after its day (for the next cycle it counts as passed 7 days after already: ``relate.is_passed``), or as soon as its
successor is written. ``late``: never delivered, and its time is over. ``displaced``: a follow-up needed the place.
``never``, ``muted``, ``left``: the person is not to be written about any more. ``gone``: the person is not there any
more, or not what the entry rests on (a first meeting that was called off after it had counted). Only what is ours and
untouched leaves; what was moved is untouched but for its time (C40).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from daemon.model import Entry, EntryState, Opinion, Proposal, State, Touchpoint, Withdrawal, local_day
from daemon.plan.eyes import Eyes

STALE = timedelta(days=30)
SHELF_LIFE: Mapping[str, timedelta] = {"first-meeting": timedelta(days=7), "pick-up": timedelta(days=21)}
OUTSIDE: frozenset[str] = frozenset({"colleague", "household", "service"})
"""Circles that nobody is followed up with from."""
_UNTOUCHED = frozenset({"waiting", "written", "moved"})


def overtaken(state: State, opinions: Mapping[str, Opinion], seen: Eyes) -> tuple[Withdrawal, ...]:
    """Return the entries to take back, by key. What shut eyes do not see, or is not read yet, is not gone."""
    half_read = seen.shut or not all(source.caught_up for source in state.sources.values())
    found = ((entry, _why(entry, state, opinions)) for entry in state.entries if can_leave(entry))
    found = ((entry, why) for entry, why in found if not (why == "gone" and half_read))
    return tuple(sorted((Withdrawal(key=entry.key, why=why) for entry, why in found if why), key=lambda item: item.key))


def can_leave(entry: Entry) -> bool:
    """Tell whether ``entry`` stands as Kith wrote it, so that Kith may take it back."""
    return entry.state in _UNTOUCHED and not entry.leaving


def without(state: State, withdrawals: Iterable[Withdrawal]) -> State:
    """Return ``state`` as it will be when ``withdrawals``, and those under way, are carried out."""
    whys = {item.key: item.why for item in withdrawals}
    entries = tuple(taken_back(entry, whys.get(entry.key) or entry.leaving, state.now) for entry in state.entries)
    return replace(state, entries=entries)


def taken_back(entry: Entry, why: str, now: datetime) -> Entry:
    """Return ``entry`` as it is after it was taken back for ``why``; as it stands if there is no reason."""
    if not why or entry.state not in {*_UNTOUCHED, "edited"}:
        return entry
    state: EntryState = "withdrawn"
    if entry.ref is not None and why in {"passed", "overtaken"}:
        state = "passed" if why == "passed" else "overtaken"
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
    return whys[0] if all(whys) else ""


def _why(entry: Entry, state: State, opinions: Mapping[str, Opinion]) -> str:
    why = untrue(entry, state, opinions)
    if why:
        return why
    if entry.kind == "draft":
        shelf, decided = SHELF_LIFE.get(entry.reason), entry.decided or state.now
        return "shelf-life" if shelf is not None and decided + shelf <= state.now else ""
    if entry.start is None:
        return ""
    if entry.state == "waiting" and entry.ref is None and (entry.end or entry.start) <= state.now:
        return "late"
    return "passed" if entry.start + STALE <= state.now else ""


def _why_person(item: Entry | Proposal, person: str, state: State, opinions: Mapping[str, Opinion]) -> str:
    opinion = opinions.get(person)
    if opinion is None:
        return "gone"
    for mark in ("never", "muted"):
        if mark in opinion.marks:
            return mark
    first = item.reason == "first-meeting"
    if opinion.circle in OUTSIDE or (not first and opinion.circle != "network"):
        return "left"
    facts = state.touchpoints.get(person, ())
    ground = _ground(item, facts)
    if not ground:
        return "gone"
    return "overtaken" if in_touch_since(max(fact.at for fact in ground), facts, state, first=first) else ""


def _ground(item: Entry | Proposal, facts: Sequence[Touchpoint]) -> Sequence[Touchpoint]:
    """Return which of a person's ``facts`` the item rests on; none when one that it cannot do without is no more.

    A reminder needs its fact, a draft all that it may quote, a round-up anything that it says of that person.
    """
    keys = tuple(dict.fromkeys((item.fact, *item.evidence)))
    found = {key: fact for key in keys if (fact := fact_of(key, facts)) is not None}
    if item.kind == "roundup":
        exact = [fact for key, fact in found.items() if fact.key == key]
        return exact or tuple(found.values())
    needed = keys if item.kind == "draft" else (item.fact,)
    return tuple(found.values()) if found.keys() >= set(needed) else ()


def fact_of(key: str, facts: Sequence[Touchpoint]) -> Touchpoint | None:
    """Return the fact called ``key``; after a merge perhaps what the same record gave under another address."""
    source = key.rpartition("\t")[0]
    exact = next((fact for fact in facts if fact.key == key), None)
    return exact or next((fact for fact in facts if fact.source == source), None)
