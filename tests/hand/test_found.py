"""What the machine found, each as a story of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from daemon.model import Decision
from tests.histories import NOW, days, entry, state
from tests.plan.situations import friends, plan_for, written


@pytest.mark.parametrize("when", [3, 11])
def test_a_wish_takes_the_place_of_the_reminder_that_stands(when: int) -> None:
    """An x for somebody who is due already: the follow-up stands, the reconnect goes; never two about one person."""
    facts = friends(1)
    fact = facts["p-a"][-1].key
    standing = entry("reconnect", "p-a", day=when, fact=fact, evidence=(fact,))
    wish = Decision(key="x", at=NOW - days(0.1), kind="x", about="p-a", value="elsewhere")
    plan = plan_for(state(facts, entries=(standing,), decisions=(wish,)))
    assert [(item.kind, item.person) for item in written(plan) if item.kind != "draft"] == [("follow-up", "p-a")]
    assert [(item.key, item.why) for item in plan.withdraw] == [(standing.key, "displaced")]


@pytest.mark.parametrize(
    ("kinds", "states", "stays"),
    [
        (("reconnect", "follow-up"), ("written", "written"), [1]),
        (("reconnect", "reconnect"), ("written", "written"), [1]),
        (("reconnect", "reconnect"), ("moved", "written"), [0]),
        (("reconnect", "reconnect"), ("edited", "written"), [0, 1]),
        (("reconnect", "reconnect"), ("edited", "edited"), [0, 1]),
    ],
    ids=[
        "the follow-up",
        "the later one",
        "the one that was moved",
        "what is answered is nobody's rival",
        "both theirs",
    ],
)
def test_two_who_are_one_are_reminded_of_once(
    kinds: tuple[str, str], states: tuple[str, str], stays: list[int]
) -> None:
    """After a merge two reminders stand about one person: one that is ours goes, the user's own words stay."""
    facts = friends(1)
    fact = facts["p-a"][-1].key
    both = [
        replace(
            entry(kind, "p-a", day=3 + number, state=status, fact=fact, evidence=(fact,), key=f"{kind}/p-a/{number}"),
            decided=NOW - days(2 - number),
        )
        for number, (kind, status) in enumerate(zip(kinds, states, strict=True))
    ]
    plan = plan_for(state(facts, entries=tuple(both)))
    gone = {item.key for item in plan.withdraw}
    assert [number for number, item in enumerate(both) if item.key not in gone] == stays
