"""What is held back while a source cannot be read, and who holds the few places for growing?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from histories import NOW, days, decided, entry, history, state, taken
from situations import friends, met, plan_for, quoted, why, written

from daemon.model import SourceState
from daemon.relate import opinions


def source(**more: Any) -> dict[str, SourceState]:
    return {"archive": SourceState(account="archive", kind="mbox", **{"caught_up": True, **more})}


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
    assert [(item.kind, item.value) for item in plan_for(muted).decisions] == [("slot-free", "let go")]
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
