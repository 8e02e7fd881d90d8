"""Are the numbers of a week those that the words mean? Tables that can be checked by eye (tests/data/review)."""

from __future__ import annotations

import tomllib
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from daemon.relate import opinions
from daemon.review import Figure, Week, numbers, survey, weekly
from daemon.vocabulary import load_vocabulary
from tests.histories import NOW, days, decided, entry
from tests.review.lives import LAST_WEEK, surveyed

DATA = Path(__file__).parents[1] / "data" / "review"


def rows(name: str) -> list[Any]:
    return [pytest.param(row, id=row["name"]) for row in tomllib.loads((DATA / name).read_text("utf-8"))["row"]]


def said(found: object) -> dict[str, Figure]:
    return {item.name: getattr(found, item.name) for item in fields(found)}  # type: ignore[arg-type]


@pytest.mark.parametrize("row", rows("weeks.toml"))
def test_a_week(row: dict[str, Any]) -> None:
    """Each situation has the numbers that stand beside it, and each number as many facts behind it as it says."""
    found = numbers(surveyed(row), LAST_WEEK)
    done, came = said(found.activity), said(found.productivity)
    figures = {**done, "there": came.pop("new_people"), **came}
    assert {name: item.value for name, item in figures.items() if item.value} == row["says"]
    assert all(len(set(item.facts)) == item.value for name, item in figures.items() if name != "hours")


@pytest.mark.parametrize("row", rows("groups.toml"))
def test_a_group(row: dict[str, Any]) -> None:
    """What a group brought in a quarter, and whether that is a routine or a rut."""
    found = weekly(surveyed(row), Week.read("2026-W23"))
    if "verdict" not in row:
        assert not found.groups
        return
    (group,) = found.groups
    assert (group.verdict, group.hours) == (row["verdict"], row["hours"])
    counted = (group.new_people, group.followed_up, group.second_meetings, group.targets)
    assert [len(who) for who in counted] == [
        row.get(name, 0) for name in ("new_people", "followed_up", "second_meetings", "found")
    ]
    asked = [item.about for item in found.questions if item.kind == "rut"]
    assert asked == ([(group.series,)] if group.verdict == "rut" else [])


@pytest.mark.parametrize("row", rows("questions.toml"))
def test_a_question(row: dict[str, Any]) -> None:
    """What only the user can say is asked, and nothing else."""
    found = surveyed(row)
    found = replace(found, state=replace(found.state, vocabulary=load_vocabulary()))
    asked = weekly(found, LAST_WEEK).questions
    assert [" ".join((item.kind, *item.about)) for item in asked] == row["asks"]


def test_how_people_stand() -> None:
    """Key people, help given and received, who gave way, whose growing came to an end."""
    row = {
        "a": ["one-to-one -300..-10/29 title=Lunch", "introduction -4 began=them"],
        "b": ["one-to-one -300..-100/20 title=Lunch"],
        "c": ["wrote -300..-120/30 began=them", "wrote -60 began=me", "wrote -30 began=me", "forwarded -3 began=me"],
        "d": ["call -300", "one-to-one -20 title=Walk"],
    }
    found = surveyed(row)
    said = [decided("mark", who, "key", at=NOW - days(90)) for who in "ab"]
    said += [decided("slot", "d", at=NOW - days(40)), decided("slot-free", "d", "established", at=NOW - days(3))]
    state = replace(found.state, decisions=tuple(said))
    kept = entry("promise", "b", day=-4, state="done", settled=NOW - days(3))
    state = replace(state, entries=(kept,))
    made = weekly(survey(state, found.past, opinions(state)), LAST_WEEK)
    assert (made.key.in_touch, made.key.due) == (("a",), ("b",))
    assert made.initiative_lost == ("c",)
    assert (made.help.given.value, made.help.received.value, made.help.owed) == (2, 1, ("a",))
    assert (made.growing.holders, made.growing.graduated, made.growing.faded) == ((), ("d",), ())


def test_the_week_before_is_told_as_known_now() -> None:
    """What came of last week after its review is in this one, and in what is usual a fourth part of it."""
    row = {"a": ["one-to-one -5 title=Coffee minutes=60", "wrote -0.2"]}
    found = weekly(surveyed(row), Week.read("2026-W23"))
    assert found.numbers.activity.new_people.value == 0
    assert (found.last.activity.new_people.value, found.last.productivity.followed_up.value) == (1, 1)
    assert (found.before.activity["new_people"], found.before.productivity["followed_up"]) == (0.25, 0.25)


def test_a_good_week_says_what_made_it_so() -> None:
    """Met, written to within the week, met again: the three facts, in that order."""
    row = {"a": ["gathering -20 title=Meetup", "wrote -19", "one-to-one -4 title=Coffee"]}
    found = weekly(surveyed(row), LAST_WEEK)
    assert found.good is not None
    assert [key.split("-")[0] for key in (found.good.first, found.good.step, found.good.met)] == [
        "gathering",
        "wrote",
        "one",
    ]


@pytest.mark.parametrize(
    ("text", "monday"),
    [("2026-W01", "2025-12-29"), ("2026-W53", "2026-12-28"), ("2027-W01", "2027-01-04")],
)
def test_weeks_are_those_of_iso_8601(text: str, monday: str) -> None:
    """The year of a week is not always that of its days (P36)."""
    assert (str(Week.read(text)), Week.read(text).monday.isoformat()) == (text, monday)


@pytest.mark.parametrize("text", ["", "2026", "2026-W54", "2026-W00", "2026-47", "W47", "2026-W4", "２０２６-W01"])
def test_what_is_no_week(text: str) -> None:
    """Anything else is refused."""
    with pytest.raises(ValueError, match=r"not a week|[Ww]eek"):
        Week.read(text)


def test_nothing_counted_is_a_week_off() -> None:
    """An empty week has nothing to be proud or ashamed of."""
    assert weekly(surveyed({}), LAST_WEEK).away
    assert not weekly(surveyed({"a": ["call -5"]}), LAST_WEEK).away
