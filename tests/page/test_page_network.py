"""Does the network show who knows whom: those who met with the user, and those whom the user introduced?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.model import Touchpoint
from daemon.page.network import PEOPLE, TABLE, acquainted
from tests.histories import NOW, days, touch

SINCE = NOW - timedelta(days=365)
KINDS = ("one-to-one", "small-group", "gathering", "routine-meeting", "wrote", "copied", "introduction")


def meeting(name: str, at: datetime, kind: str, people: Sequence[str]) -> dict[str, Touchpoint]:
    return {who: touch(kind, at, person=who, address=f"{who}@x.example", source=name) for who in people}


def gathered(*held: dict[str, Touchpoint]) -> dict[str, list[Touchpoint]]:
    facts: dict[str, list[Touchpoint]] = {}
    for one in held:
        for who, item in one.items():
            facts.setdefault(who, []).append(item)
    return {who: sorted(items, key=lambda item: item.at) for who, items in facts.items()}


def test_who_sat_together_knows_each_other() -> None:
    """Three at a table are three pairs; an introduction is a pair; a long list and old times say nothing."""
    touchpoints = gathered(
        meeting("dinner", NOW - days(20), "small-group", ["anna", "ben", "carla"]),
        meeting("lunch", NOW - days(10), "small-group", ["anna", "ben"]),
        meeting("mail", NOW - days(5), "introduction", ["carla", "dora"]),
        meeting("fair", NOW - days(9), "gathering", [f"guest{number}" for number in range(TABLE + 1)]),
        meeting("old", NOW - days(400), "small-group", ["anna", "emil"]),
        meeting("coming", NOW + days(3), "small-group", ["anna", "fritz"]),
        meeting("stranger", NOW - days(3), "small-group", ["anna", "nobody"]),
    )
    people, ties = acquainted(touchpoints, set(touchpoints) - {"nobody"}, SINCE, NOW)
    told = {(frozenset({people[tie.one], people[tie.other]}), tie.meetings, tie.introductions) for tie in ties}
    assert told == {
        (frozenset({"anna", "ben"}), 2, 0),
        (frozenset({"anna", "carla"}), 1, 0),
        (frozenset({"ben", "carla"}), 1, 0),
        (frozenset({"carla", "dora"}), 0, 1),
    }
    assert people == ("anna", "ben", "carla", "dora")


MEETINGS = st.lists(
    st.tuples(
        st.integers(-400, 20),
        st.sampled_from(KINDS),
        st.lists(st.integers(0, 30), min_size=1, max_size=10, unique=True),
    ),
    max_size=12,
)


@settings(max_examples=50)
@given(MEETINGS)
def test_the_ties_are_those_that_counting_finds(held: list[tuple[int, str, list[int]]]) -> None:
    """Every tie is found by going through all pairs of people one by one; none is left out while all fit."""
    named = [(f"m{at}", NOW + days(when), kind, [f"p{who}" for who in people]) for at, (when, kind, people) in
             enumerate(held)]  # fmt: skip
    touchpoints = gathered(*(meeting(*each) for each in named))
    people, ties = acquainted(touchpoints, touchpoints.keys(), SINCE, NOW)
    counted = [_count(named, one, other) for one, other in combinations(sorted(touchpoints), 2)]
    assert len(people) <= PEOPLE
    assert len(set(people)) == len(people)
    for tie in ties:
        assert _count(named, people[tie.one], people[tie.other]) == (tie.meetings, tie.introductions)
    known = {who for pair in combinations(sorted(touchpoints), 2) if any(_count(named, *pair)) for who in pair}
    if len(known) <= PEOPLE:
        assert len(ties) == sum(1 for each in counted if any(each))
        assert set(people) == known


def _count(held: list[tuple[str, datetime, str, list[str]]], one: str, other: str) -> tuple[int, int]:
    together = [
        kind for _, at, kind, people in held if SINCE <= at < NOW and {one, other} <= {*people} and len(people) <= TABLE
    ]
    return sum(kind in {"small-group", "gathering"} for kind in together), together.count("introduction")
