"""What is no longer true of what Kith wrote? Entries that are taken back, and why.

``overtaken``: the two have been in touch since. ``shelf-life``: a draft too old to send. ``passed``: a reminder 30 days
after its day (for the next cycle it counts as passed 7 days after already: ``relate.is_passed``), or as soon as its
successor is written. ``late``: never delivered, and its time is over. ``displaced``: a follow-up needed the place.
``never``, ``muted``, ``left``, ``gone``: the person is not to be written about any more. Only what is ours and
untouched leaves; what was moved is untouched but for its time (C40).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from daemon.model import Entry, EntryState, Opinion, State, Touchpoint, Withdrawal, local_day

STALE = timedelta(days=30)
SHELF_LIFE: Mapping[str, timedelta] = {"first-meeting": timedelta(days=7), "pick-up": timedelta(days=21)}
OUTSIDE: frozenset[str] = frozenset({"colleague", "household", "service"})
"""Circles that nobody is followed up with from."""
_UNTOUCHED = frozenset({"waiting", "written", "moved"})


def overtaken(state: State, opinions: Mapping[str, Opinion]) -> tuple[Withdrawal, ...]:
    """Return the entries to take back, by key."""
    found = ((entry, _why(entry, state, opinions)) for entry in state.entries if can_leave(entry))
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


def _why(entry: Entry, state: State, opinions: Mapping[str, Opinion]) -> str:
    whys = [_why_person(entry, person, state, opinions) for person in (entry.person, *entry.also)]
    if all(whys):
        return whys[0]
    if entry.kind == "draft":
        shelf, decided = SHELF_LIFE.get(entry.reason), entry.decided or state.now
        return "shelf-life" if shelf is not None and decided + shelf <= state.now else ""
    if entry.start is None:
        return ""
    if entry.state == "waiting" and entry.ref is None and (entry.end or entry.start) <= state.now:
        return "late"
    return "passed" if entry.start + STALE <= state.now else ""


def _why_person(entry: Entry, person: str, state: State, opinions: Mapping[str, Opinion]) -> str:
    opinion = opinions.get(person)
    if opinion is None:
        return "gone"
    for mark in ("never", "muted"):
        if mark in opinion.marks:
            return mark
    first = entry.reason == "first-meeting"
    if opinion.circle in OUTSIDE or (not first and opinion.circle != "network"):
        return "left"
    facts = state.touchpoints.get(person, ())
    known = (item.at for item in facts if item.key == entry.fact or item.key in entry.evidence)
    since = max(known, default=entry.decided or state.now)
    return "overtaken" if in_touch_since(since, facts, state, first=first) else ""
