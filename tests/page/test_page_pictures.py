"""Does every picture show its data, and nothing that a page may not hold?

The charts are read back as a browser reads them: a number is a place and a size in the drawing.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from random import Random
from xml.etree import ElementTree as ET

import pytest

from daemon.page import pictures
from daemon.page.drawing import WIDTH
from daemon.page.pictures import GroupBar, Seat, Tie
from daemon.page.values import Picture

LAST = date(2026, 11, 26)
"""A Thursday."""
HOSTILE = '<script>alert("x")</script>&\u202e' + "W" * 10_000
COUNTS = {LAST - timedelta(days=back): Random(back).choice([0, 0, 1, 2, 3, 4, 7, 8, 30]) for back in range(500)}
WEEKS = [("2026-W45", 4, 1), ("2026-W46", 0, 0), ("2026-W47", 8, 2), ("2026-W48", 2, 2)]


def year() -> Picture:
    return pictures.year(COUNTS, LAST)


def ring(name: str = "Anna Berger") -> Picture:
    return pictures.ring(
        [
            Seat(name=name, due=True, told="3 Nov"),
            Seat(name="Anna Huber", due=False, told="9 Nov"),
            Seat(name="Georg Lang", due=True, told="1 Nov"),
        ],
        10,
    )


def pair() -> Picture:
    return pictures.pair("Events", "New people", WEEKS)


def groups(name: str = "Founders meetup") -> Picture:
    return pictures.groups(
        [
            GroupBar(name=name, hours=12, came=3),
            GroupBar(name="Breakfast club", hours=6, came=0),
            GroupBar(name="Choir", hours=1.5, came=1),
        ]
    )


def network(name: str = "Anna Berger") -> Picture:
    ties = [Tie(one=0, other=1, meetings=3, introductions=0), Tie(one=1, other=2, meetings=1, introductions=1)]
    return pictures.network([name, "Ruth Steiner", "Milan Kovač"], ties)


ALL = {
    "year": year,
    "ring": lambda: ring(HOSTILE),
    "pair": pair,
    "groups": lambda: groups(HOSTILE),
    "network": lambda: network(HOSTILE),
}


def tree(picture: Picture) -> ET.Element:
    return ET.fromstring(str(picture.svg))  # noqa: S314 - our own drawing


def found(picture: Picture, tag: str, style: str = "") -> list[ET.Element]:
    return [item for item in tree(picture).iter(f"{tag}") if style in item.get("class", "").split() or not style]


def texts(picture: Picture) -> list[str]:
    return [item.text or "" for item in found(picture, "text")]


@pytest.mark.parametrize("name", ALL)
def test_a_picture_holds_nothing_that_a_strict_page_refuses(name: str) -> None:
    """No script, style, link, id, or attribute that could run or fetch; text from outside is text, and bounded."""
    picture = ALL[name]()
    root = tree(picture)
    for item in root.iter():
        assert item.tag in {"svg", "g", "path", "rect", "circle", "text", "title"}
        allowed = {"class", "d", "x", "y", "r", "cx", "cy", "rx", "ry", "width", "height", "transform", "viewBox"}
        assert item.attrib.keys() <= allowed | ({"role", "aria-label"} if item is root else set())
        assert "\u202e" not in (item.text or "")
    assert len(str(picture.svg)) < 60_000
    assert "<script" not in str(picture.svg)


@pytest.mark.parametrize("name", ALL)
def test_a_picture_has_a_name_and_a_table(name: str) -> None:
    """Whoever does not see a picture is told what it is and what it shows, and finds its numbers in a table."""
    picture = ALL[name]()
    assert tree(picture).get("role") == "img"
    assert tree(picture).get("aria-label") == f"{picture.name}. {picture.told}"
    assert picture.table.rows
    assert {len(row) for row in picture.table.rows} == {len(picture.table.head)}


@pytest.mark.parametrize("name", ALL)
def test_equal_pictures_are_equal_text(name: str) -> None:
    """The same numbers draw the same bytes: no clock, no chance, no name of this run."""
    assert ALL[name]() == ALL[name]()
    assert not re.search(r"pygal \d|20\d\d-\d\d-\d\d|[0-9a-f]{8}-[0-9a-f]{4}", str(ALL[name]().svg))


@pytest.mark.parametrize("name", ALL)
def test_all_text_lies_within_the_picture(name: str) -> None:
    """Everything begins inside the picture, whatever the names are."""
    _, _, width, height = map(float, str(tree(ALL[name]()).get("viewBox")).split())
    assert width == WIDTH
    for item in found(ALL[name](), "text"):
        assert -5 <= float(str(item.get("x"))) <= width
        assert -5 <= float(str(item.get("y"))) <= height


def test_a_year_has_a_dot_for_every_day_in_the_colour_of_its_count() -> None:
    """53 weeks up to the last day, each day once, coloured by how many touches it had."""
    first = LAST - timedelta(days=3, weeks=52)
    days = [first + timedelta(days=index) for index in range((LAST - first).days + 1)]
    expected = Counter(_colour(COUNTS.get(day, 0)) for day in days)
    drawn = Counter(str(item.get("class")).split()[-1] for item in found(year(), "circle", "day"))
    assert drawn == expected
    assert f"{sum(COUNTS.get(day, 0) for day in days)} touches" in year().told
    said = {item.text for item in found(year(), "title")}
    assert f"Thu 26 Nov 2026: {COUNTS[LAST]} touches" in said


def _colour(count: int) -> str:
    return "level-" + ("0" if not count else "1" if count == 1 else "2" if count < 4 else "3" if count < 8 else "4")


def test_a_year_stands_in_weeks() -> None:
    """A column is a week, a row a weekday: the last day is a Thursday, in the last column, fourth row."""
    places = [(float(str(item.get("cx"))), float(str(item.get("cy")))) for item in found(year(), "circle", "day")]
    columns, rows = sorted({x for x, _ in places}), sorted({y for _, y in places})
    assert (len(columns), len(rows)) == (53, 7)
    assert sorted(rows.index(y) for x, y in places if x == columns[-1]) == [0, 1, 2, 3]


def test_a_ring_has_a_slice_for_every_seat() -> None:
    """Ten seats: those who are due, those in touch, the free ones; a sign beside the colour, a letter where two share a
    name."""
    slices = Counter(str(item.get("class")) for item in found(ring(), "path", "slice"))
    assert slices == {"slice due": 2, "slice touch": 1, "slice free": 7}
    assert texts(ring()) == ["! Anna B.", "✓ Anna H.", "! Georg"]


def test_a_pair_has_bars_as_high_as_its_numbers() -> None:
    """Two bars a week, their heights in the proportion of the numbers, in the order of the weeks."""
    tall = [float(str(item.get("height"))) for item in found(pair(), "rect", "rect")]
    unit = tall[2] / 8
    assert [round(height / unit, 1) for height in tall] == [4, 0, 8, 2, 1, 0, 2, 2]
    assert [text for text in texts(pair()) if text in {"45", "46", "47", "48"}] == ["45", "46", "47", "48"]


def test_no_number_above_zero_draws_an_empty_pair() -> None:
    """A pair without anything has bars without height, and a scale of its own."""
    empty = pictures.pair("Events", "New people", [("2026-W47", 0, 0), ("2026-W48", 0, 0)])
    assert {item.get("height") for item in found(empty, "rect", "rect")} == {"0"}


def test_groups_have_bars_as_long_as_their_numbers() -> None:
    """Hours and people of each group, the most hours on top, each with its number."""
    hours, came = (_long(groups(), colour) for colour in ("color-0", "color-1"))
    unit = max(hours) / 12
    assert [round(each / unit, 1) for each in hours] == [12, 6, 1.5]
    assert [round(each / unit) for each in came] == [3, 0, 1]
    assert {"12", "6", "1.5", "3", "0", "1", "Founders meetup", "Breakfast club", "Choir"} <= set(texts(groups()))


def _long(picture: Picture, colour: str) -> list[float]:
    """How long the bars of that colour are, from the top down."""
    bars = [bar for item in found(picture, "g", colour) for bar in item.iter("rect")]
    return [float(bar.get("width") or 0) for bar in sorted(bars, key=lambda bar: float(bar.get("y") or 0))]


def test_a_network_has_a_dot_for_everybody_and_a_line_for_every_tie() -> None:
    """People by name; a line for those who met once, one for more often, one for an introduction."""
    assert len(found(network(), "circle")) == 3
    assert set(texts(network())) == {"Anna Berger", "Ruth Steiner", "Milan Kovač"}
    lines = {
        str(item.get("class")).split()[-1]: len(item.findall(".//path"))
        for item in found(network(), "g", "series")
        if item.findall(".//path")
    }
    assert lines == {"color-0": 1, "color-1": 1, "color-2": 1}


def test_nothing_to_draw_is_said() -> None:
    """Without key people, groups or ties there is a sentence instead of an empty picture."""
    for picture in (pictures.ring([], 10), pictures.groups([]), pictures.network([], [])):
        assert not picture.svg
        assert picture.told
