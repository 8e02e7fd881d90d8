"""Which pictures does a review have? A year of touches, the key ten, activity by week, groups, who knows whom.

Pure, and from plain numbers. Every picture has its table, because not everybody sees it, and because a number that
cannot be looked up is a guess.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import cos, pi, sin

from markupsafe import Markup

from daemon.page.drawing import SMALL, WIDTH, Series, svg
from daemon.page.text import label, line, number, room
from daemon.page.values import Picture, Table

WEEKS = 53
"""Columns of a year: every weekday of it is there."""
LEVELS = ((1, "1"), (2, "2 or 3"), (4, "4 to 7"), (8, "8 or more"))
"""From how many touches of a day on it has that colour."""
TIES_SHOWN = 100
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SHORT, _FIRST = 22, 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One of the key ten: ``due`` True when it is time; ``told`` says since when they were in touch."""

    name: str
    due: bool
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupBar:
    """A group of the quarter: ``came`` counts the people who were followed up, met again, or a target found."""

    name: str
    hours: float
    came: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """Two people (places in the list of people) who met with the user, or whom a mail of the user's introduced."""

    one: int
    other: int
    meetings: int
    introductions: int


def year(days: Mapping[date, int], last: date) -> Picture:
    """Return the year up to ``last`` as a calendar: ``days`` holds how many touches a day had."""
    first = last - timedelta(days=last.weekday(), weeks=WEEKS - 1)
    mondays = [first + timedelta(weeks=week) for week in range(WEEKS)]
    shown = {day: days.get(day, 0) for monday in mondays for day in _week(monday) if day <= last}
    touched = sum(1 for count in shown.values() if count)
    told = f"{sum(shown.values())} touches on {touched} days from {_day(first)} to {_day(last)}."
    series: list[Series] = [
        (name, [_cell(monday + timedelta(days=index), shown) for monday in mondays], {})
        for index, name in enumerate(_DAYS)
    ]
    names = [name if index % 2 == 0 else "" for index, name in enumerate(_DAYS)]
    months = _months(mondays)
    drawn = svg(
        "Dot",
        "A year of touches",
        told,
        series,
        height=92,
        margin_left=8,
        x_labels=months,
        x_labels_major=[name for name in months if name],
        show_minor_x_labels=False,
        y_labels=names,
    )
    rows = tuple(
        (f"{monday:%d %b %Y}", *(str(shown[day]) if day in shown else "" for day in _week(monday)))
        for monday in reversed(mondays)
    )
    legend = (("level-0", "none"), *((f"level-{number}", text) for number, (_, text) in enumerate(LEVELS, 1)))
    return Picture(
        name="A year of touches", told=told, svg=drawn, table=Table(head=("Week of", *_DAYS), rows=rows), legend=legend
    )


def _week(monday: date) -> list[date]:
    return [monday + timedelta(days=index) for index in range(7)]


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _cell(day: date, shown: Mapping[date, int]) -> object:
    if day not in shown:
        return None
    count = shown[day]
    level = sum(1 for least, _ in LEVELS if count >= least)
    touches = "1 touch" if count == 1 else f"{count} touches"
    return {
        "value": 1,
        "node": {"r": 2.8, "class": f"day level-{level}"},
        "tooltip": f"{day:%a} {_day(day)}: {touches}",
    }


def _months(mondays: Sequence[date]) -> list[str]:
    """Return a label for each week: the month that begins in it, else nothing."""
    return [f"{monday + timedelta(days=6):%b}" if (monday + timedelta(days=6)).day <= 7 else "" for monday in mondays]


def ring(seats: Sequence[Seat], of: int) -> Picture:
    """Return the key people as a ring of ``of`` seats, each in touch, due, or free."""
    due = sum(1 for seat in seats if seat.due)
    told = f"{len(seats)} of {of} seats are taken; {len(seats) - due} in touch, {due} due."
    legend = (("touch", "✓ in touch"), ("due", "! due"), ("free", "free"))
    head = ("Key person", "Now", "Last touch")
    rows = tuple((line(seat.name), "due" if seat.due else "in touch", seat.told) for seat in seats)
    if not seats:
        told = "Nobody is marked key yet: kith mark PERSON key"
        return Picture(name="The key people", told=told, svg=Markup(), table=Table(head=head, rows=()))
    values = [
        {"value": 1, "label": f"{'!' if seat.due else '✓'} {name}", "tooltip": f"{line(seat.name)}: {seat.told}"}
        | {"node": {"class": "slice due" if seat.due else "slice touch"}}
        for seat, name in zip(seats, _first_names([seat.name for seat in seats]), strict=True)
    ]
    values += [{"value": 1, "node": {"class": "slice free"}}] * max(0, of - len(seats))
    drawn = svg("Pie", "The key people", told, [("key", values, {})], height=330, inner_radius=0.42, print_labels=True)
    return Picture(name="The key people", told=told, svg=drawn, table=Table(head=head, rows=rows), legend=legend)


def _first_names(names: Sequence[str]) -> list[str]:
    """Return how to call each shortly: the first name, with a letter of the next where two share it."""
    words = [line(name).split() or ["?"] for name in names]
    firsts = [parts[0] for parts in words]
    return [
        line(first, _FIRST)
        if firsts.count(first) == 1 or len(parts) < 2
        else f"{line(first, _FIRST - 3)} {parts[-1][0]}."
        for first, parts in zip(firsts, words, strict=True)
    ]


def pair(activity: str, productivity: str, weeks: Sequence[tuple[str, float, float]]) -> Picture:
    """Return one pair of numbers by week: ``weeks`` holds label, activity and productivity, the earliest first."""
    name = f"{activity}, and {productivity.lower()}"
    done, came = sum(week[1] for week in weeks), sum(week[2] for week in weeks)
    told = f"{number(done)} and {number(came)} in {len(weeks)} weeks."
    drawn = svg(
        "Bar",
        name,
        told,
        [
            (activity, [_bar(week[0], activity, week[1]) for week in weeks], {}),
            (productivity, [_bar(week[0], productivity, week[2]) for week in weeks], {}),
        ],
        height=120,
        x_labels=[label.rpartition("W")[2] for label, _, _ in weeks],
        range=(0, max(1, *(value for week in weeks for value in week[1:]))),
        value_formatter=number,
        min_scale=1,
        max_scale=4,
        order_min=0,
    )
    rows = tuple((label, number(left), number(right)) for label, left, right in reversed(weeks))
    return Picture(
        name=name,
        told=told,
        svg=drawn,
        table=Table(head=("Week", activity, productivity), rows=rows),
        legend=(("activity", activity), ("productivity", productivity)),
    )


def _bar(label: str, name: str, value: float) -> object:
    return {"value": value, "tooltip": f"{label}: {name.lower()} {number(value)}"}


def groups(bars: Sequence[GroupBar]) -> Picture:
    """Return each group's hours of the quarter beside the people who came of them."""
    name, head = "Groups: hours, and people who came of them", ("Group", "Hours", "People who came of it")
    legend = (("activity", "hours"), ("productivity", "people followed up, met again, or a target"))
    hours, people = number(sum(bar.hours for bar in bars)), sum(bar.came for bar in bars)
    told = f"{hours} hours in {len(bars)} groups; {people} people came of them."
    rows = tuple((line(bar.name), number(bar.hours), str(bar.came)) for bar in bars)
    if not bars:
        return Picture(name=name, told="No group met in this quarter.", svg=Markup(), table=Table(head=head, rows=()))
    upwards = list(reversed(bars))
    labels = [label(bar.name, _SHORT) for bar in upwards]
    wider = max(map(room, labels)) - max(map(len, labels))
    drawn = svg(
        "HorizontalBar",
        name,
        told,
        [
            ("hours", [_bar(line(bar.name), "hours", bar.hours) for bar in upwards], {}),
            ("people", [_bar(line(bar.name), "people", bar.came) for bar in upwards], {}),
        ],
        height=38 * len(bars) + 34,
        margin_left=4 + round(0.6 * SMALL * wider),
        margin_right=24,
        x_labels=labels,
        print_values=True,
        print_values_position="top",
        value_formatter=number,
        min_scale=1,
        max_scale=4,
    )
    return Picture(name=name, told=told, svg=drawn, table=Table(head=head, rows=rows), legend=legend)


def network(people: Sequence[str], ties: Sequence[Tie]) -> Picture:
    """Return who knows whom: ``people`` stand around a circle in their order, ties are the lines between them."""
    name, head = "Who knows whom", ("Person", "knows", "Met together", "Introduced")
    told = f"{len(people)} people, {len(ties)} pairs who met with you or whom you introduced, in a year."
    if not ties:
        return Picture(name=name, told="Nobody met anybody yet.", svg=Markup(), table=Table(head=head, rows=()))
    places = [(sin(turn), cos(turn)) for turn in (2 * pi * (at + 0.5) / len(people) for at in range(len(people)))]
    dots = [
        {"value": place, "label": label(person, 15), "tooltip": line(person)}
        for place, person in zip(places, people, strict=True)
    ]
    drawn = svg(
        "XY",
        name,
        told,
        [
            ("once", _lines(places, [tie for tie in ties if tie.meetings == 1]), _THREAD),
            ("often", _lines(places, [tie for tie in ties if tie.meetings > 1]), _THREAD),
            ("introduced", _lines(places, [tie for tie in ties if tie.introductions]), _THREAD),
            ("right", [dot for dot, place in zip(dots, places, strict=True) if place[0] >= 0], _DOT),
            ("left", [dot for dot, place in zip(dots, places, strict=True) if place[0] < 0], _DOT),
        ],
        height=WIDTH - 30,
        range=(-1.1, 1.1),
        xrange=(-1.9, 1.9),
        print_labels=True,
        show_x_labels=False,
        show_y_labels=False,
        show_y_guides=False,
    )
    rows = tuple(
        (line(people[tie.one]), line(people[tie.other]), str(tie.meetings), str(tie.introductions)) for tie in ties
    )
    table = Table(head=head, rows=rows[:TIES_SHOWN], more=max(0, len(rows) - TIES_SHOWN))
    legend = (("once", "met together once"), ("often", "more often"), ("introduced", "introduced by you"))
    return Picture(name=name, told=told, svg=drawn, table=table, legend=legend)


_THREAD: Mapping[str, object] = {"show_dots": False, "allow_interruptions": True}
_DOT: Mapping[str, object] = {"stroke": False, "dots_size": 4}


def _lines(places: Sequence[tuple[float, float]], ties: Sequence[Tie]) -> list[object]:
    return [end for tie in ties for end in (places[tie.one], places[tie.other], (None, None))]
