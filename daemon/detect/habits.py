"""What do events say of each other? Duplicates (E11), habits (E10) and titles that come back (E12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from statistics import median
from typing import Protocol, TypeAlias
from zoneinfo import ZoneInfo

from connectors.records import Event
from daemon import names
from daemon.detect.events import Reading
from daemon.detect.guests import LONG
from daemon.model import local_day

Mark: TypeAlias = tuple[str, ...]
"""What meetings of one habit have in common."""
HELD = 4
GAP = timedelta(days=16)
OTHERS = 3
HABIT_LIMIT = 20
"""A weekly meeting of more is attendance: nobody is touched."""
OFTEN = 2
"""A title more often in a week, in two weeks or more, is an everyday thing and no open event (C18)."""


class Sized(Protocol):
    """A meeting as far as habits go."""

    @property
    def start(self) -> datetime:
        """When it began."""

    @property
    def size(self) -> int:
        """How many others there were."""


def series(event: Event) -> str | None:
    """Return what makes occurrences one habit: the series id, else the folded title, else nothing."""
    return event.series or title_key(event.title) or None


@lru_cache(maxsize=4096)
def title_key(title: str) -> str:
    """Return what tells two titles the same."""
    return " ".join(names.words(title))


def habits(held: Sequence[Reading]) -> frozenset[str]:
    """Return the keys of the events that are occurrences of a habit (E10, P6).

    A habit: same series id, or same title and organiser; held four times or more, the median gap at most 16 days, the
    median of others at least three.
    """
    groups: dict[Mark, list[Reading]] = {}
    leaders: dict[Mark, Mark] = {}
    for reading in held:
        if reading.size <= HABIT_LIMIT:
            groups.setdefault(_joined(leaders, marks(reading.event)), []).append(reading)
    found: set[str] = set()
    for readings in _together(groups, leaders):
        if is_habit(readings):
            found.update(reading.event.key for reading in readings)
    return frozenset(found)


def marks(event: Event) -> list[Mark]:
    """Return what makes ``event`` one habit with others: its series, and its title with its organiser."""
    found: list[Mark] = [] if event.series is None else [("series", event.series)]
    title = title_key(event.title)
    if title:
        found.append(("title", title, event.organiser.address if event.organiser else ""))
    return found or [("event", event.key)]


def _find(leaders: dict[Mark, Mark], mark: Mark) -> Mark:
    while leaders.setdefault(mark, mark) != mark:
        leaders[mark] = leaders[leaders[mark]]
        mark = leaders[mark]
    return mark


def _joined(leaders: dict[Mark, Mark], marks: list[Mark]) -> Mark:
    first = _find(leaders, marks[0])
    for mark in marks[1:]:
        leaders[_find(leaders, mark)] = first
    return first


def _together(groups: Mapping[Mark, list[Reading]], leaders: dict[Mark, Mark]) -> Iterable[list[Reading]]:
    merged: dict[Mark, list[Reading]] = {}
    for mark, readings in groups.items():
        merged.setdefault(_find(leaders, mark), []).extend(readings)
    return merged.values()


def is_habit(readings: Sequence[Sized]) -> bool:
    """Tell whether meetings that belong together are a habit."""
    starts = sorted({reading.start for reading in readings})
    if len(starts) < HELD or median(reading.size for reading in readings) < OTHERS:
        return False
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    return median(gap / GAP for gap in gaps) <= 1


def duplicates(readings: Sequence[Reading], people: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return the keys of events that tell again what another tells better (E11, P11).

    The same: same start and same people (same title where there are none); or the same people of a meeting of up to
    seven at overlapping times, one read from a title counting also beside a meeting that has its people among others.
    """
    found: set[str] = set()
    starts: set[object] = set()
    days: dict[object, list[Reading]] = {}
    for reading in sorted(readings, key=lambda item: _richness(item, people[item.event.key])):
        who = people[reading.event.key]
        same = (reading.start, who or title_key(reading.event.title) or reading.event.key)
        if same in starts or (who and _overlaps(reading, who, days, people)):
            found.add(reading.event.key)
            continue
        starts.add(same)
        if who and reading.size <= 7:
            _occupy(reading, who, days)
    return frozenset(found)


def _richness(reading: Reading, who: frozenset[str]) -> tuple[object, ...]:
    return (reading.alone, -len(who), -(reading.end - reading.start), reading.start, reading.event.key)


def _overlaps(
    reading: Reading,
    who: frozenset[str],
    days: Mapping[object, list[Reading]],
    people: Mapping[str, frozenset[str]],
) -> bool:
    mark: object = min(who) if reading.alone else who
    return any(
        other.start < reading.end and reading.start < other.end and who <= people[other.event.key]
        for day in _days(reading)
        for other in days.get((mark, day), ())
    )


def _occupy(reading: Reading, who: frozenset[str], days: dict[object, list[Reading]]) -> None:
    marks: list[object] = [who, *who]
    for day in _days(reading):
        for mark in marks:
            days.setdefault((mark, day), []).append(reading)


def _days(reading: Reading) -> Sequence[int]:
    first = reading.start.toordinal()
    return range(first, min(reading.end, reading.start + 3 * LONG).toordinal() + 1)


def everyday(starts: Mapping[str, Iterable[datetime]], zone: ZoneInfo) -> frozenset[str]:
    """Return the titles that stand more than twice in a week, in two weeks or more (C18)."""
    found: set[str] = set()
    for title, times in starts.items():
        weeks: dict[tuple[int, int], int] = {}
        for day in {local_day(at, zone) for at in times}:
            week = day.isocalendar()[:2]
            weeks[week] = weeks.get(week, 0) + 1
        if sum(count > OFTEN for count in weeks.values()) >= 2:
            found.add(title)
    return frozenset(found)
