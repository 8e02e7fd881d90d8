"""What do all events together come to? The order of rules E0-E12 over a calendar (RULINGS C19, PRACTICE 2)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from connectors.records import Event
from daemon.detect import events, guests, habits, openness, titles
from daemon.detect.book import Names
from daemon.detect.events import Reading
from daemon.detect.guests import Calendar
from daemon.detect.titles import Named
from daemon.model import Question, Verdict, Vocabulary, local_day

HABIT = Verdict(
    rule="E10",
    counted=True,
    why="one of a series of three or more others, every two weeks or oftener",
    kind="routine-meeting",
)
TWICE = Verdict(rule="E11", counted=False, why="the same meeting stands in the calendar once more")
LONG_ALONE = Verdict(rule="E7", counted=False, why="all day or longer than 12 hours, and nobody else invited")
OPEN = Verdict(rule="E12", counted=True, why="an open event: you were there", kind="attendance", open=True)
DOUBTFUL = Verdict(rule="E12", counted=False, why="perhaps an open event: asked in the review")
AMBIGUOUS = Verdict(rule="E9", counted=False, why="the title names somebody, but more than one may be meant")
_NAMED: Mapping[str, Verdict] = {
    "one-to-one": Verdict(rule="E9", counted=True, why="the title names one person", kind="one-to-one"),
    "small-group": Verdict(rule="E9", counted=True, why="the title names more than one", kind="small-group"),
    "call": Verdict(rule="E9", counted=True, why="the title says whom you called", kind="call"),
}


def doubt(verdict: Verdict) -> Literal["ambiguous-name", "doubtful-title"] | None:
    """Return what only the user can say of an event with that verdict, None for nothing."""
    return "ambiguous-name" if verdict == AMBIGUOUS else "doubtful-title" if verdict == DOUBTFUL else None


@dataclass(frozen=True, slots=True)
class Titles:
    """What the titles of events without guests come to: readings by key, and what must be asked."""

    readings: Mapping[str, Reading]
    questions: tuple[Question, ...]


def by_guests(records: Iterable[Event], calendar: Calendar, known: Mapping[str, datetime]) -> list[Reading]:
    """Judge every event by its guests; ``known`` tells since when leaders are persons by their mail.

    Invitations the user left open are judged last, by time: whoever was a person before may have been met (P2).
    """
    calendar = replace(calendar, known=known)
    return answered([events.read(event, calendar) for event in records], calendar, known)


def answered(first: Sequence[Reading], calendar: Calendar, known: Mapping[str, datetime]) -> list[Reading]:
    """Return the readings with invitations judged again that were left open and came from nobody known."""
    since = dict(known)
    for reading in first:
        _meet(reading, since)
    again: dict[str, Reading] = {}
    for reading in sorted(filter(is_left_open, first), key=lambda item: (item.start, item.event.key)):
        again[reading.event.key] = answer = events.read(reading.event, replace(calendar, known=since))
        _meet(answer, since)
    return [again.get(item.event.key, item) for item in first]


def is_left_open(reading: Reading) -> bool:
    """Tell whether the user never answered this invitation, and whoever sent it is nobody known by then."""
    return reading.verdict == events.UNANSWERED


def _meet(reading: Reading, since: dict[str, datetime]) -> None:
    for who, _, _ in reading.present:
        since[who] = min(since.get(who, reading.start), reading.start)


def by_titles(
    readings: Sequence[Reading], book: Names, homes: Mapping[str, str], calendar: Calendar, before: Collection[str] = ()
) -> Titles:
    """Judge events without other guests by their titles: E9 with a name, then E12, then E7.

    ``homes`` is an address for each leader; ``before`` folded titles that were open events earlier.
    """
    alone = sorted((item for item in readings if item.alone), key=lambda item: (item.start, item.event.key))
    often = _everyday(alone, calendar)
    opened = set(before)
    found: dict[str, Reading] = {}
    asked: dict[tuple[str, ...], list[str]] = {}
    for reading in alone:
        said = _named(reading, book, calendar)
        if said is not None and said.ambiguous:
            asked.setdefault(("ambiguous-name", *sorted(said.ambiguous)), []).append(reading.event.key)
            found[reading.event.key] = reading.judged(AMBIGUOUS)
            continue
        if said is not None:
            found[reading.event.key] = _with_names(reading, said, homes)
            continue
        verdict = _openness(reading, calendar, opened, often)
        found[reading.event.key] = reading.judged(verdict)
        title = habits.title_key(reading.event.title)
        if verdict == OPEN:
            opened.add(title)
        elif verdict == DOUBTFUL:
            asked.setdefault(("doubtful-title", title), []).append(reading.event.key)
    return Titles(found, _questions(asked))


def weigh(readings: Sequence[Reading]) -> list[Reading]:
    """Apply E11 and E10 to what counted."""
    counted = [item for item in readings if item.kind is not None]
    people = {item.event.key: frozenset(who for who, _, _ in item.present) for item in counted}
    twice = habits.duplicates(counted, people)
    held = [
        item for item in counted if item.verdict.rule == "E6" and item.kind != "call" and item.event.key not in twice
    ]
    routine = habits.habits(held)
    return [_weighed(item, twice, routine) for item in readings]


def routine(reading: Reading) -> Reading:
    """Return ``reading`` as an occurrence of a habit (E10)."""
    present = tuple((who, address, "E10") for who, address, _ in reading.present)
    return Reading(reading.event, reading.start, reading.end, HABIT, present, reading.absent, reading.size)


def _weighed(reading: Reading, twice: frozenset[str], habit: frozenset[str]) -> Reading:
    if reading.event.key in twice:
        return reading.judged(TWICE)
    return routine(reading) if reading.event.key in habit else reading


def _everyday(alone: Sequence[Reading], calendar: Calendar) -> frozenset[str]:
    starts: dict[str, list[datetime]] = {}
    for reading in alone:
        starts.setdefault(habits.title_key(reading.event.title), []).append(reading.start)
    return habits.everyday({title: at for title, at in starts.items() if len(at) > habits.OFTEN}, calendar.zone)


def _named(reading: Reading, book: Names, calendar: Calendar) -> Named | None:
    if reading.length > guests.ONE_DAY or reading.event.guests_hidden or not of_own_hand(reading.event, calendar.own):
        return None
    log, at = reading.event.role == "calls", reading.start
    return titles.named(reading.event.title, book, at, local_day(at, calendar.zone), calendar.vocabulary, log=log)


def of_own_hand(event: Event, own: Collection[str]) -> bool:
    """Tell whether nobody but the user wrote the title: what others call an event says nothing in the user's name."""
    return event.organiser is None or event.organiser.address in own


def _with_names(reading: Reading, said: Named, homes: Mapping[str, str]) -> Reading:
    kind = "call" if reading.event.role == "calls" else said.kind
    if reading.length > guests.LONG:
        kind = "small-group"
    present = tuple(sorted((who, homes[who], "E9") for who in said.people))
    return reading.judged(_NAMED[kind], present, len(said.people) + said.strangers)


def _openness(reading: Reading, calendar: Calendar, opened: Collection[str], often: frozenset[str]) -> Verdict:
    event = reading.event
    long = reading.length > guests.LONG
    verdict = LONG_ALONE if long else events.ALONE
    if event.guests_hidden:
        verdict = guests.LONG_DAY if long else guests.SIZES["attendance"]
    if not may_be_open(event, reading.length):
        return verdict
    told = calendar.said.get(habits.title_key(event.title))
    if told is not None:  # the user's word overrules what a title looks like
        return OPEN if told == "open" else verdict
    if is_open(event, calendar.vocabulary, opened, often):
        return OPEN
    if habits.title_key(event.title) in often:
        return verdict
    said = openness.openness(event.title, calendar.vocabulary, recurring=event.series is not None)
    return DOUBTFUL if said == "doubtful" else verdict


def may_be_open(event: Event, length: timedelta) -> bool:
    """Tell whether E12 applies at all: a calendar of role work, an hour or more, free only when all-day (C18)."""
    return event.role == "work" and length >= events.HOUR and (event.all_day or not event.free)


def is_open(event: Event, vocabulary: Vocabulary, before: Collection[str] = (), often: Collection[str] = ()) -> bool:
    """Tell whether E12 takes an event it applies to for an open one.

    ``before`` are folded titles that were open earlier, ``often`` those of everyday things.
    """
    title = habits.title_key(event.title)
    if event.tagged or events.by_platform(event, vocabulary):
        return True
    if title in often:
        return False
    said = openness.openness(event.title, vocabulary, recurring=event.series is not None)
    return said == "open" or (bool(title) and title in before)


def _questions(asked: Mapping[tuple[str, ...], Sequence[str]]) -> tuple[Question, ...]:
    why = {
        "ambiguous-name": "a title names one of several people",
        "doubtful-title": "a title may be that of an open event",
    }
    return tuple(
        Question(
            kind=kind,
            about=(min(keys), *who) if kind == "ambiguous-name" else (min(keys),),
            why=why[kind],
            count=len(keys),
        )
        for (kind, *who), keys in sorted(asked.items())
    )
