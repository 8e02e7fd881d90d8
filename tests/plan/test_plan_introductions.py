"""Whom to introduce to whom, step by step, each only after the user's yes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from daemon.model import Decision, Entry, Plan, State
from tests.histories import NOW, days, decided, history, person, state, taken, touch
from tests.plan.situations import plan_for, written

ANNA, GEORG = "p-1", "p-2"


def note(about: str, text: str, ago: float = 20) -> Decision:
    return decided("note", about, text, at=NOW - days(ago))


NEED, OFFER = note(ANNA, "needs: a part-time CFO", 40), note(GEORG, "offers: work as part-time CFO; tall")


def two(*decisions: Decision, **more: Any) -> State:
    """Anna and Georg, both friends of the user's, who never met."""
    people: dict[str, Any] = {}
    for who, address in ((ANNA, "anna@helio.example"), (GEORG, "georg@lang.example")):
        people[who] = history(["one-to-one -300..-15/30 title=Lunch"], who, address)
    persons = [
        person(ANNA, "Anna Berger", addresses=("anna@helio.example",)),
        person(GEORG, "Georg Lang", addresses=("georg@lang.example",)),
    ]
    return state(people, **{"persons": persons, "decisions": decisions or (NEED, OFFER), **more})


def steps(plan: Plan) -> list[tuple[str, str, str]]:
    """What is written about introductions."""
    return [(item.kind, item.person, item.reason) for item in plan.write if item.reason.startswith("introduction")]


def agreed(world: State, who: str, at: float) -> State:
    """The user says that ``who`` said yes."""
    (entry,) = [item for item in world.entries if item.kind == "introduction" and item.person == who and is_open(item)]
    yes = Decision(key=f"hand/{entry.key}/agreed", at=NOW + days(at), kind="agreed", about=who, value=entry.fact)
    entries = tuple(
        replace(item, state="done", settled=NOW + days(at)) if item.key == entry.key else item for item in world.entries
    )
    return replace(world, entries=entries, decisions=(*world.decisions, yes), now=NOW + days(at))


def is_open(entry: Entry) -> bool:
    return entry.state in {"written", "moved", "edited"}


def sent(world: State, at: float) -> State:
    """The user sends whatever draft lies there."""
    entries = tuple(
        replace(item, state="sent", settled=NOW + days(at)) if item.kind == "draft" and is_open(item) else item
        for item in world.entries
    )
    return replace(world, entries=entries, now=NOW + days(at))


def test_from_two_notes_to_the_introduction() -> None:
    """The one who needs is asked, after a yes the other, after another yes both are written to."""
    world = two()
    plan = plan_for(world)
    assert steps(plan) == [("introduction", ANNA, "introduction"), ("draft", ANNA, "introduction")]
    reminder, draft = plan.write
    assert set(draft.evidence) == {NEED.key, OFFER.key}
    for words in ("a part-time CFO", "Georg Lang", "work as part-time CFO"):
        assert words in draft.body
    assert "tall" not in draft.body + reminder.body
    assert "yes" in reminder.body
    world = sent(taken(world, plan), 2)
    assert steps(plan_for(world)) == []
    world = agreed(world, ANNA, 3)
    plan = plan_for(world)
    assert steps(plan) == [("introduction", GEORG, "introduction-second"), ("draft", GEORG, "introduction-second")]
    assert "Anna Berger" in plan.write[1].body
    world = agreed(sent(taken(world, plan), 5), GEORG, 6)
    plan = plan_for(world)
    assert steps(plan) == [("introduction", ANNA, "introduction-made"), ("draft", ANNA, "introduction-made")]
    draft = plan.write[1]
    assert (draft.to, draft.second, draft.also) == ("anna@helio.example", "georg@lang.example", (GEORG,))
    assert draft.body.startswith("Hi Anna, Georg,")
    world = sent(taken(world, plan), 7)
    mail = {"source": "intro@x.example", "rule": "M5", "mine": "clara@winter.example", "others": True}
    both = {
        who: (*world.touchpoints[who], touch("introduction", NOW + days(6.9), person=who, address=address, **mail))
        for who, address in ((ANNA, "anna@helio.example"), (GEORG, "georg@lang.example"))
    }
    world = replace(world, touchpoints=both)
    plan = plan_for(world)
    assert steps(plan) == []
    assert [item.why for item in plan.withdraw if item.key.startswith("introduction/")] == ["gone"]
    world = replace(taken(world, plan), now=NOW + days(28.2))
    assert ("draft", ANNA, "introduction-check") in steps(plan_for(world))


def test_never_without_a_yes() -> None:
    """A sent question alone brings no second step; an answer in its thread only asks what it said."""
    world = sent(taken(two(), plan_for(two())), 2)
    (draft,) = [item for item in world.entries if item.kind == "draft"]
    answer = touch("heard", NOW + days(2.5), person=ANNA, address="anna@helio.example", title=f"Re: {draft.title}")
    touched = {**world.touchpoints, ANNA: (*world.touchpoints[ANNA], answer)}
    world = replace(world, touchpoints=touched, now=NOW + days(3))
    plan = plan_for(world)
    assert steps(plan) == [("introduction", ANNA, "introduction-answer")]
    assert plan.write[0].title == "Did Anna say yes?"
    world = taken(world, plan)
    assert steps(plan_for(world)) == []
    world = replace(world, now=NOW + days(25))
    assert not [item for item in plan_for(world).write if item.person == GEORG and item.kind == "introduction"]


@pytest.mark.parametrize("fate", ["dismissed", "passed"])
def test_a_no_is_a_no(fate: str) -> None:
    """Refused or passed by, the same two notes propose nothing again, nor does anything else for a month."""
    world = taken(two(), plan_for(two()))
    entries = tuple(replace(item, state=fate, settled=NOW) for item in world.entries)  # type: ignore[arg-type]
    for later in (1, 40, 400):
        plan = plan_for(replace(world, entries=entries, now=NOW + days(later)))
        assert not written(plan, "introduction")


@pytest.mark.parametrize(
    ("world", "why"),
    [
        (two(NEED, note(GEORG, "tall, works as a part-time CFO")), "a free note"),
        (two(NEED, note(GEORG, "offers: printing")), "another thing"),
        (two(NEED, OFFER, note(GEORG, "offers:", 1)), "taken back"),
        (two(NEED, OFFER, decided("mark", GEORG, "muted")), "muted"),
        (two(NEED, OFFER, decided("mark", ANNA, "never")), "never"),
        (two(NEED, OFFER, decided("circle", GEORG, "colleague")), "a colleague"),
        (two(NEED, note(ANNA, "offers: a part-time CFO")), "the same person"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_no_introduction(world: State, why: str) -> None:
    """Only what stands behind the labels of two people whom one may propose."""
    assert why
    assert not written(plan_for(world), "introduction")


def test_never_of_two_who_met() -> None:
    """One meeting or mail together, back then or ahead, and they need no introduction."""
    dinner = {
        ANNA: touch("small-group", NOW - days(400), person=ANNA, address="anna@helio.example", source="dinner"),
        GEORG: touch("small-group", NOW - days(400), person=GEORG, address="georg@lang.example", source="dinner"),
    }
    world = two()
    met = {who: (dinner[who], *facts) for who, facts in world.touchpoints.items()}
    assert not written(plan_for(replace(world, touchpoints=met)), "introduction")
    ahead = {who: (replace(item, at=NOW + days(30)),) for who, item in dinner.items()}
    assert not written(plan_for(replace(world, ahead=ahead)), "introduction")


def test_one_a_month() -> None:
    """A second pair waits for a month."""
    more = [note(ANNA, "needs: a part-time CFO, a printer", 30), note(GEORG, "offers: printing", 25)]
    world = two(OFFER, *more)
    third = person("p-3", "Karim Haddad", addresses=("karim@haddad.example",))
    people = {**world.people, "p-3": third}
    facts = history(["one-to-one -300..-15/30 title=Lunch"], "p-3", "karim@haddad.example")
    other = note("p-3", "needs: machine safety training; offers: work as part-time CFO", 10)
    world = replace(
        world,
        people=people,
        touchpoints={**world.touchpoints, "p-3": facts},
        decisions=(*world.decisions, other),
    )
    plan = plan_for(world)
    assert len(written(plan, "introduction")) == 1
    world = taken(world, plan)
    assert not written(plan_for(replace(world, now=NOW + days(20))), "introduction")
