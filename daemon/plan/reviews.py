"""When does the week look back on itself? The review in its hour, once a week, and once a year a letter (PRACTICE 7).

Written within the hour before it stands, so that its numbers are true; later where nobody ticked in time, up to three
days. It stands outside the budget, and goes like every entry that nobody answered, 30 days after its day.

Where the user wants it, it is a draft to themself, too: one of them, so that of the week before goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from daemon import compose
from daemon.model import LOOKING_BACK, Block, Entry, Opinion, Settings, State, Withdrawal, local_day
from daemon.plan.agenda import DAY, agenda, at_time, monday_of
from daemon.plan.eyes import eyes
from daemon.plan.halving import is_halved
from daemon.plan.notices import to_oneself
from daemon.plan.overtaken import STALE, can_leave
from daemon.review import Past, Review, Survey, Week, is_long_enough, survey, weekly, yearly

AHEAD = timedelta(hours=1)
LATE = timedelta(days=3)
LENGTH = timedelta(minutes=30)
QUARTER = timedelta(minutes=15)


class Happened(Protocol):
    """Tells what happened; asked only when a review is to be written, since it may have to read everything."""

    def __call__(self) -> Past:
        """Return it."""


class Html(Protocol):
    """Makes the HTML of a review, "" if there is none; asked only when a draft of it is to be written."""

    def __call__(self, found: Review, laid: Survey) -> str:
        """Return it."""


def review(
    state: State,
    opinions: Mapping[str, Opinion],
    templates: Mapping[str, str],
    happened: Happened,
    html: Html | None = None,
) -> Iterator[Entry]:
    """Yield the review of the week if its hour has come and it was not written yet: in the calendar, and as a draft."""
    at, missing = _missing(state)
    if at is None or not missing:
        return
    week = Week.of(local_day(at, state.settings.me.zone))
    laid, start = survey(state, happened(), opinions), _start(at, state)
    halved = is_halved(state.entries, state.now)
    found = weekly(laid, week, asked=reviewed(state, week), away=is_off(state, week), halved=halved)
    if "review" in missing:
        yield _entry("review", compose.review(found, state, templates), str(week), start, state)
        yield from _letter(laid, at, start + LENGTH, templates)
    if "review-draft" in missing:
        said = compose.review(found, state, templates, mail=True)
        made = _entry("review-draft", said, str(week), start, state)
        yield replace(to_oneself(made, state.settings), html="" if html is None else html(found, laid))


def is_due(state: State) -> bool:
    """Tell whether a review would be written now: its hour has come, and nothing that is read is in doubt."""
    return bool(_missing(state)[1]) and not eyes(state).shut


def _missing(state: State) -> tuple[datetime | None, frozenset[str]]:
    """Return the hour of the review whose time it is, None for none, and the kinds of entry not yet written for it."""
    at = _hour(state)
    if at is None or (at + LENGTH <= state.now and not _was_there(at, state)):
        return at, frozenset()
    week = str(Week.of(local_day(at, state.settings.me.zone)))
    return at, frozenset(_wanted(state.settings)) - {entry.kind for entry in state.entries if entry.fact == week}


def _wanted(settings: Settings) -> Iterator[str]:
    if settings.reminders is not None:
        yield "review"
    if settings.routine.review_draft and settings.drafts is not None:
        yield "review-draft"


def _letter(laid: Survey, at: datetime, start: datetime, templates: Mapping[str, str]) -> Iterator[Entry]:
    """Yield the letter on the year before, with the first review of a year."""
    state = laid.state
    day = local_day(at, state.settings.me.zone)
    if day.month == 1 and not _is_written(str(day.year - 1), state) and is_long_enough(laid, day.year - 1):
        said = compose.letter(yearly(laid, day.year - 1), state, templates)
        yield _entry("letter", said, str(day.year - 1), start, state)


def followed(state: State, written: Iterable[Entry]) -> Iterator[Withdrawal]:
    """Yield the drafts of earlier weeks if one is among what is ``written``."""
    if any(entry.kind == "review-draft" for entry in written):
        for entry in state.entries:
            if entry.kind == "review-draft" and can_leave(entry):
                yield Withdrawal(key=entry.key, why="passed")


def _was_there(at: datetime, state: State) -> bool:
    """Tell whether Kith wrote anything before ``at``: of a week before it came it does not speak."""
    return any(entry.decided is not None and entry.decided < at for entry in state.entries)


def _is_written(year: str, state: State) -> bool:
    return any(entry.kind == "letter" and entry.fact == year for entry in state.entries)


def over(state: State) -> Iterator[Withdrawal]:
    """Yield what looked back 30 days ago or longer and was never answered."""
    for entry in state.entries:
        since = entry.start or entry.decided
        if entry.kind in LOOKING_BACK and since is not None and can_leave(entry):
            if since + STALE <= state.now:
                yield Withdrawal(key=entry.key, why="passed")
            elif entry.state == "waiting" and entry.ref is None and since + LATE <= state.now:
                yield Withdrawal(key=entry.key, why="late")


def reviewed(state: State, week: Week) -> frozenset[str]:
    """Return the keys of the questions that were asked in the reviews of other weeks."""
    return frozenset(_asked(state.entries, str(week)))


def _asked(entries: Iterable[Entry], week: str) -> Iterator[str]:
    for entry in entries:
        if entry.kind == "review" and entry.fact != week and entry.ref is not None:
            yield from entry.evidence[1:]


def is_off(state: State, week: Week) -> bool:
    """Tell whether all working days of ``week`` up to now were holidays or days off."""
    routine = state.settings.routine
    time = agenda(state, ())
    today = time.day_of(state.now)
    days = [day for number in range(7) if (day := week.monday + number * DAY).weekday() not in routine.days_off]
    past = [day for day in days if day <= today]
    return bool(past) and not any(time.is_working(day) for day in past)


def _hour(state: State) -> datetime | None:
    """Return the hour of the review that is to be written now, None if it is not the time."""
    block, zone = state.settings.routine.review, state.settings.me.zone
    if block is None:
        return None
    monday = monday_of(local_day(state.now, zone))
    hours = (at_time(day + block.weekday * DAY, block.at, zone) for day in (monday - 7 * DAY, monday))
    return next((at for at in hours if at - AHEAD <= state.now < at + LATE), None)


def last_hour(block: Block, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the hour of the review that has come last: an hour before it stands, as the review itself."""
    monday = monday_of(local_day(now, zone))
    hours = (
        at_time(day + block.weekday * DAY, block.at, zone) for day in (monday, monday - 7 * DAY, monday - 14 * DAY)
    )
    return next(at for at in hours if at - AHEAD <= now)


def _start(at: datetime, state: State) -> datetime:
    """Return ``at``, or where that day is over the next quarter of an hour."""
    now, zone = state.now, state.settings.me.zone
    if local_day(now, zone) <= local_day(at, zone):
        return at
    return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) + QUARTER


def _entry(
    kind: Literal["review", "review-draft", "letter"], said: compose.Reviewed, about: str, start: datetime, state: State
) -> Entry:
    return Entry(
        key=f"{kind}//{sha256(about.encode()).hexdigest()[:10]}/0",
        kind=kind,
        person="",
        account=state.settings.reminders or "",
        reason="year" if kind == "letter" else "week",
        fact=about,
        cycle=0,
        evidence=(about, *(() if kind == "review-draft" else said.asked)),
        title=said.words.title,
        body=said.words.body,
        start=start,
        end=start + LENGTH,
        decided=state.now,
        also=said.named,
    )
