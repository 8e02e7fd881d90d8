"""What does a plan make of what the user did with the last one?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from histories import NOW, days, decided, entry, history, state, taken
from situations import LUNCHES, plan_for, why, written

from daemon.model import Plan, State


def after_plan(lines: list[str], more: list[str], later: float, as_: str = "written") -> tuple[State, Plan]:
    """Decide, carry out, then look again ``later`` days on, with ``more`` facts."""
    world = state({"p-1": history(lines)})
    world = taken(world, plan_for(world), as_)
    facts = {"p-1": history([*lines, *more])}
    world = replace(world, now=NOW + days(later), touchpoints=facts)
    return world, plan_for(world)


@pytest.mark.parametrize("more", ["call +0.5", "wrote +0.5", "heard +0.5", "one-to-one +0.5"])
def test_in_touch_since(more: str) -> None:
    """A touch since takes back the untouched reminder and its draft."""
    world, plan = after_plan(LUNCHES, [more], 1)
    assert {item.why for item in plan.withdraw} == {"overtaken"}
    assert {item.key for item in plan.withdraw} == {item.key for item in world.entries}
    assert plan.write == ()


@pytest.mark.parametrize("more", ["copied +0.5", "note +0.5", "gathering +0.5"])
def test_a_weak_touch_changes_nothing(more: str) -> None:
    """A copy, a note or a gathering leaves everything where it is."""
    _, plan = after_plan(LUNCHES, [more], 1)
    assert (plan.write, plan.withdraw) == ((), ())


def test_a_mail_imported_late_counts_by_its_time() -> None:
    """A mail written before the reminder was decided, and seen after, takes it back too."""
    _, plan = after_plan(LUNCHES, ["wrote -0.1"], 1)
    assert {item.why for item in plan.withdraw} == {"overtaken"}


def test_what_the_user_edited_is_never_touched() -> None:
    """Edited entries stay, whatever happens."""
    _, plan = after_plan(LUNCHES, ["call +0.5"], 60, "edited")
    assert plan.withdraw == ()


def test_what_was_moved_is_taken_back() -> None:
    """A moved one still closes (C40)."""
    _, plan = after_plan(LUNCHES, ["call +0.5"], 1, "moved")
    assert {item.why for item in plan.withdraw} == {"overtaken"}


@pytest.mark.parametrize(("mark", "wanted"), [("muted", "muted"), ("never", "never")])
def test_muted_and_never(mark: str, wanted: str) -> None:
    """Whoever is muted, or never to be written about, disappears from calendar and Drafts."""
    world = state({"p-1": history(LUNCHES)})
    world = taken(world, plan_for(world))
    plan = plan_for(replace(world, decisions=(decided("mark", "p-1", mark),)))
    assert {item.why for item in plan.withdraw} == {wanted}
    assert (plan.write, why(plan, "p-1")) == ((), wanted)


def test_who_left_the_network_or_is_gone() -> None:
    """A circle said by the user, or a person who is no more, takes the entries back."""
    world = state({"p-1": history(LUNCHES)})
    world = taken(world, plan_for(world))
    said = plan_for(replace(world, decisions=(decided("circle", "p-1", "service"),)))
    assert {item.why for item in said.withdraw} == {"left"}
    gone = plan_for(replace(world, people={}, touchpoints={}))
    assert {item.why for item in gone.withdraw} == {"gone"}


def test_a_deleted_reminder_never_comes_back_under_its_key() -> None:
    """After a deletion the next cycle comes an interval later, under a key of its own."""
    world = state({"p-1": history(["one-to-one -300..-60/30"])})
    world = taken(world, plan_for(world))
    first = next(item for item in world.entries if item.kind == "reconnect")
    deleted = tuple(replace(item, state="dismissed", settled=NOW + days(2)) for item in world.entries if item is first)
    world = replace(world, entries=deleted)
    assert why(plan_for(replace(world, now=NOW + days(29))), "p-1") == "dismissed"
    later = written(plan_for(replace(world, now=NOW + days(32))), "reconnect")[0]
    assert (later.cycle, later.key.rpartition("/")[0]) == (1, first.key.rpartition("/")[0])


def test_an_unanswered_reminder_passes() -> None:
    """Until seven days after its day it stands; 30 days after it is taken back (P24)."""
    world = state({"p-1": history(["one-to-one -400..-100/75"])})
    world = replace(world, entries=(entry(day=1, fact=world.touchpoints["p-1"][-1].key),))
    assert why(plan_for(replace(world, now=NOW + days(7))), "p-1") == "snoozed"
    assert [item.why for item in plan_for(replace(world, now=NOW + days(30.9))).withdraw] == []
    assert [item.why for item in plan_for(replace(world, now=NOW + days(31))).withdraw] == ["passed"]


def test_the_successor_replaces_what_passed() -> None:
    """Nobody stands in the calendar twice: the next reminder takes back the one that passed by."""
    world = state({"p-1": history(LUNCHES)}, decisions=(decided("every", value="14"),))
    world = replace(world, entries=(entry(day=-22, fact=world.touchpoints["p-1"][-1].key),))
    plan = plan_for(world)
    assert [item.kind for item in written(plan, "reconnect")] == ["reconnect"]
    assert [item.why for item in plan.withdraw] == ["passed"]


def test_a_late_delivery_is_dropped_and_asks_for_no_rest() -> None:
    """What could not be delivered before its time is dropped, and proposed again without a rest."""
    world = state({"p-1": history(LUNCHES)})
    world = taken(world, plan_for(world), "waiting")
    waiting = tuple(replace(item, ref=None) for item in world.entries if item.kind == "reconnect")
    plan = plan_for(replace(world, now=NOW + days(2), entries=waiting))
    assert [item.why for item in plan.withdraw] == ["late"]
    assert [item.cycle for item in written(plan, "reconnect")] == [1]
