"""What has the user promised, and when is it due? Promises come before everything else (PRACTICE 5.3).

Said by a word anywhere and dated; shown on the morning of that day, in place of a reconnect where that day is full.
Only the user's own ``done`` keeps one: speaking to the person is not yet keeping a promise (P28).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from hashlib import sha256

from daemon import compose
from daemon.model import Decision, Entry, State, Withdrawal
from daemon.plan.agenda import DAY
from daemon.plan.desk import Desk, least_urgent, make_room
from daemon.plan.overtaken import STALE, can_leave

DEFAULT = timedelta(days=7)
"""When a promise without a day is due."""
OVER: frozenset[str] = frozenset({"done", "dismissed", "passed"})
"""Fates of a promise's entry by which it was kept, dropped, or is long past."""
BEFORE = 7
"""Days looked through for a working day before the due one."""


def promise(desk: Desk, templates: Mapping[str, str]) -> Iterator[Entry]:
    """Yield the promises that are not in the calendar yet, each on the last working morning up to its day."""
    told = {entry.fact for entry in desk.state.entries if entry.kind == "promise"}
    for item in sorted(desk.state.decisions, key=lambda decision: (decision.reason, decision.key)):
        if item.kind != "promise" or item.key in told or not _is_wanted(item, desk):
            continue
        day = _day(item, desk)
        make_room(desk, day, partial(desk.budget.hindrance, "promise", day), least_urgent(desk))
        start = next(desk.time.free_times(day, desk.state.settings.me.hours[0]), None)
        if start is not None:
            desk.time.take(start, start + desk.time.length)
            desk.budget.take("promise", day)
            yield _entry(item, desk, templates, start=start)


def over(state: State) -> Iterator[Withdrawal]:
    """Yield the promises that were taken back by the word they came by, and those long past."""
    made = {item.key for item in state.decisions if item.kind == "promise"}
    for entry in state.entries:
        if entry.kind == "promise" and can_leave(entry) and entry.start is not None:
            if entry.fact not in made or entry.person not in state.people:
                yield Withdrawal(key=entry.key, why="gone")
            elif entry.start + STALE <= state.now:
                yield Withdrawal(key=entry.key, why="passed")


def open_to(person: str, state: State) -> Iterator[Decision]:
    """Yield what the user promised ``person`` and has neither kept nor dropped, the oldest first."""
    fates = {entry.fact: entry.state for entry in state.entries if entry.kind == "promise"}
    for item in sorted(state.decisions, key=lambda decision: (decision.at, decision.key)):
        if (item.kind, item.about) == ("promise", person) and fates.get(item.key) not in OVER:
            yield item


def due(item: Decision, desk: Desk) -> date:
    """Return the day a promise is due; ``reason`` holds it as ISO 8601."""
    try:
        return date.fromisoformat(item.reason)
    except ValueError:
        return desk.time.day_of(item.at) + DEFAULT


def _is_wanted(item: Decision, desk: Desk) -> bool:
    opinion = desk.opinions.get(item.about)
    recent = due(item, desk) + STALE >= desk.time.day_of(desk.state.now)
    return opinion is not None and "never" not in opinion.marks and recent


def _day(item: Decision, desk: Desk) -> date:
    """Return the last working day up to the due one that is still ahead, else the next one from tomorrow on."""
    last, today = due(item, desk), desk.time.day_of(desk.state.now)
    for back in range(BEFORE):
        day = last - back * DAY
        if day > today and desk.time.is_working(day):
            return day
    return next((day for ahead in range(1, 22) if desk.time.is_working(day := today + ahead * DAY)), today + DAY)


def _entry(item: Decision, desk: Desk, templates: Mapping[str, str], *, start: datetime) -> Entry:
    words = compose.promise(item, desk.state, templates)
    return Entry(
        key=f"promise/{item.about}/{sha256(item.key.encode()).hexdigest()[:10]}/0",
        kind="promise",
        person=item.about,
        account=desk.state.settings.reminders or "",
        reason="promised",
        fact=item.key,
        cycle=0,
        evidence=(item.key,),
        title=words.title,
        body=words.body,
        start=start,
        end=start + desk.time.length,
        decided=desk.state.now,
    )
