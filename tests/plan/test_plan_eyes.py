"""What is held back while a source cannot be read, and who holds the few places for growing?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from daemon.model import State
from daemon.relate import opinions
from tests.histories import NOW, days, decided, entry, history, state, taken
from tests.plan.situations import friends, met, plan_for, quoted, source, why, written


@pytest.mark.parametrize("ill", [{"caught_up": False}, {"problem": "suspicious", "problem_since": NOW}])
def test_shut_eyes_hold_everything(ill: dict[str, Any]) -> None:
    """A half-read or suspicious source holds the whole plan, first meetings and slots too."""
    plan = plan_for(state(friends(2) | met(2), sources=source(**ill)))
    assert (plan.write, plan.decisions) == ((), ())
    assert {item.why for item in plan.held} == {"blind"}


@pytest.mark.parametrize(
    ("ill_for", "reminder", "draft"),
    [(0.5, True, True), (2, False, False), (8, True, False)],
    ids=["half a day", "two days", "eight days: reminders go on, drafts do not (C25)"],
)
def test_a_blind_source_holds_its_people(ill_for: float, reminder: bool, draft: bool) -> None:
    """A source that is ill for more than a day holds those whose last touch came from it, and all drafts."""
    ill = source(problem="unavailable", problem_since=NOW - days(ill_for))
    plan = plan_for(state(quoted(1), sources=ill))
    assert bool(written(plan, "reconnect")) is reminder
    assert bool(written(plan, "draft")) is draft
    assert (why(plan, "p-a") == "blind") is not reminder
    other = {who: tuple(replace(item, account="agenda") for item in items) for who, items in quoted(1).items()}
    plan = plan_for(state(other, sources=ill))
    assert [item.kind for item in plan.write] == (["reconnect", "draft"] if draft else ["reconnect"])


BEGUN = ["one-to-one -45", "small-group -25", "wrote -12"]


def test_three_slots() -> None:
    """Three take a slot, the strongest first; the others are told that none is free."""
    people = friends(5, BEGUN)
    plan = plan_for(state(people))
    assert [(item.kind, item.about) for item in plan.decisions] == [("slot", "p-a"), ("slot", "p-b"), ("slot", "p-c")]
    assert [why(plan, who) for who in ("p-d", "p-e")] == ["no-free-slot", "no-free-slot"]


def test_a_slot_is_given_back() -> None:
    """A slot is free when its holder is established, let go, or faded: twice proposed over 28 days of silence (C8)."""
    slot = decided("slot", at=NOW - days(80))
    established = state({"p-1": history(["one-to-one -90..-5/20"])}, decisions=(slot,))
    assert [(item.kind, item.value) for item in plan_for(established).decisions] == [("slot-free", "established")]
    muted = state({"p-1": history(BEGUN)}, decisions=(slot, decided("mark", value="muted")))
    assert [(item.kind, item.value) for item in plan_for(muted).decisions] == [("slot-free", "muted")]
    left = replace(muted, decisions=(slot, decided("circle", value="correspondent")))
    assert [(item.kind, item.value) for item in plan_for(left).decisions] == [("slot-free", "let go")]
    faded = state(
        {"p-1": history(["one-to-one -90", "small-group -70", "wrote -55"])},
        decisions=(slot,),
        entries=(entry(day=-40, state="passed"), entry(day=-18, state="passed")),
    )
    plan = plan_for(faded)
    assert [item.kind for item in plan.decisions] == ["slot-free"]
    assert plan_for(taken(faded, plan)).decisions == ()
    once = replace(faded, entries=faded.entries[:1])
    assert plan_for(once).decisions == ()


def test_mail_alone_takes_no_slot() -> None:
    """Two answers by mail within 30 days take no slot without the user's yes (C1, C21)."""
    lines = ["wrote -60..-5/11 began=me", "heard -59..-5/11"]
    world = state({"p-1": history(lines)})
    if opinions(world)["p-1"].stage == "met":
        assert plan_for(world).decisions == ()
    assert why(plan_for(world), "p-1") == "waiting"


def freed_by(mark: str, people: dict[str, Any]) -> State:
    """p-a held a slot until ``mark``, which has been removed since."""
    world = state(people, decisions=(decided("slot", "p-a", at=NOW - days(8)), decided("mark", "p-a", mark)))
    world = taken(world, plan_for(world))
    return replace(world, now=NOW + days(1), decisions=(*world.decisions, decided("unmark", "p-a", mark, NOW)))


@pytest.mark.parametrize("mark", ["muted", "never"])
def test_a_slot_lost_to_a_mark_comes_back_with_it(mark: str) -> None:
    """Whoever lost a slot only by being muted has it again once the mark is removed."""
    world = freed_by(mark, friends(1, ["one-to-one -200", "small-group -150", "wrote -100"]))
    plan = plan_for(world)
    assert [(item.kind, item.about) for item in plan.decisions] == [("slot", "p-a")]
    assert plan_for(taken(world, plan)).decisions == ()


def test_a_slot_comes_back_before_others_take_it_and_only_when_free() -> None:
    """The one who lost it is first in line, before the strongest beginner; with none free there is a wait."""
    world = freed_by("muted", friends(4, BEGUN))
    holders = [item.about for item in world.decisions if item.kind == "slot"]
    assert holders == ["p-a", "p-b", "p-c", "p-d"]
    assert (plan_for(world).decisions, why(plan_for(world), "p-a")) == ((), "no-free-slot")
    quiet = replace(world, decisions=(*world.decisions, decided("mark", "p-d", "muted", NOW)))
    assert [(item.kind, item.about) for item in plan_for(quiet).decisions] == [("slot-free", "p-d"), ("slot", "p-a")]


def test_a_slot_lost_by_fading_does_not_come_back() -> None:
    """Who was proposed twice without a sign while holding a slot, and is then muted and not, keeps waiting."""
    faded = state(
        {"p-a": history(["one-to-one -90", "small-group -70", "wrote -55"], "p-a")},
        decisions=(decided("slot", "p-a", at=NOW - days(80)),),
        entries=(entry(about="p-a", day=-40, state="passed"), entry(about="p-a", day=-18, state="passed")),
    )
    world = taken(faded, plan_for(faded))
    marks = (decided("mark", "p-a", "muted", NOW), decided("unmark", "p-a", "muted", NOW + days(1)))
    world = replace(world, now=NOW + days(2), decisions=(*world.decisions, *marks))
    assert plan_for(world).decisions == ()


def test_muted_and_unmuted_at_one_moment() -> None:
    """Given, freed and given back on the same ``--now``, the last word holds each time."""
    world = state(friends(1, BEGUN))
    for mark, kinds in (("mark", ["slot"]), ("unmark", ["slot-free"]), ("mark", ["slot"]), ("unmark", ["slot-free"])):
        plan = plan_for(world)
        assert [item.kind for item in plan.decisions] == kinds
        assert plan_for(taken(world, plan)).decisions == ()
        kept = (item for item in taken(world, plan).decisions if item.kind in {"slot", "slot-free"})
        said = (decided("mark", "p-a", "muted", NOW),) if mark == "mark" else ()
        world = replace(world, decisions=(*kept, *said))


def test_a_slot_is_free_when_nothing_comes_of_a_wish() -> None:
    """Met in a crowd only, and never again: there is no silence to measure, so the slot is free after four weeks."""
    met = {"p-1": history(["gathering -40"])}
    wish = decided("x", value="e", at=NOW - days(40))
    for held, freed in ((27, []), (29, [("slot-free", "nothing came of it")])):
        world = state(met, decisions=(wish, decided("slot", at=NOW - days(held))))
        assert [(item.kind, item.value) for item in plan_for(world).decisions] == freed


def test_a_promise_is_no_proposal() -> None:
    """What the user promised does not count when somebody who holds a slot was proposed twice without a sign."""
    slot, facts = (
        decided("slot", at=NOW - days(80)),
        {"p-1": history(["one-to-one -90", "small-group -70", "wrote -55"])},
    )
    for kind, freed in (("reconnect", ["slot-free"]), ("promise", [])):
        entries = (entry(day=-40, state="passed"), entry(kind, day=-18, state="done", fact="other"))
        assert [item.kind for item in plan_for(state(facts, decisions=(slot,), entries=entries)).decisions] == freed
