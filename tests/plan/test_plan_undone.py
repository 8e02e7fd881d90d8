"""What the user took back rests like a dismissed matter; but nobody was refused, and nothing is paced anew for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from daemon.model import UNDONE, Entry, Plan, Settings, State, Withdrawal
from daemon.plan.pending import with_pending
from daemon.relate import opinions
from tests.histories import NOW, SETTINGS, days, entry, history, state, taken
from tests.plan.situations import met, plan_for, quoted, why, written

MONTHLY = ["one-to-one -300..-60/30", "wrote -59 title=Pumps-for-the-valley"]


def undone(world: State, plan: Plan, ref: str | None = "ref") -> State:
    """The state after ``plan`` was carried out and all of it taken back by the user."""
    back = tuple(
        replace(item, state="withdrawn", problem=UNDONE, settled=NOW, ref=ref) if item.state == "written" else item
        for item in taken(world, plan).entries
    )
    return replace(world, entries=back)


@pytest.mark.parametrize("ref", ["ref", None])
def test_a_matter_taken_back_rests_for_its_interval(ref: str | None) -> None:
    """Held as dismissed until an ideal interval later, written or not; then it comes under a key of its own (C29)."""
    world = state({"p-1": history(MONTHLY)})
    first = plan_for(world)
    world = undone(world, first, ref)
    ideal = opinions(world)["p-1"].ideal
    for later in (0.0, 1.0, ideal - 1):
        plan = plan_for(replace(world, now=NOW + days(later)))
        assert (plan.write, plan.withdraw, why(plan, "p-1")) == ((), (), "dismissed")
    again = plan_for(replace(world, now=NOW + days(ideal + 1)))
    assert [item.cycle for item in written(again, "reconnect")] == [1]
    assert {item.key for item in again.write}.isdisjoint(item.key for item in first.write)


def test_what_is_still_leaving_rests_already() -> None:
    """Before the account could be reached the plan counts it as taken back."""
    world = state({"p-1": history(MONTHLY)})
    world = taken(world, plan_for(world))
    world = replace(world, entries=tuple(replace(item, leaving=UNDONE) for item in world.entries))
    plan = plan_for(replace(world, now=NOW + days(1)))
    assert (plan.write, plan.withdraw, why(plan, "p-1")) == ((), (), "dismissed")


@pytest.mark.parametrize(("state_", "problem", "longer"), [("withdrawn", UNDONE, 1.0), ("dismissed", "", 1.5)])
def test_taking_back_is_no_refusal(state_: str, problem: str, longer: float) -> None:
    """Two deleted in a row lengthen the interval by half; two taken back by the user do not (C28)."""
    facts = {"p-1": history(MONTHLY)}
    answers = tuple(entry(day=-day, state=state_, problem=problem) for day in (40, 10))
    bare, after = opinions(state(facts)), opinions(state(facts, entries=answers))
    assert after["p-1"].ideal == bare["p-1"].ideal * longer


def test_a_draft_taken_back_was_not_thrown_away() -> None:
    """With the reminder that comes after the rest comes a draft, its evidence offered again (C33 is for deletions)."""
    world = state({"p-1": tuple(replace(item, title="Pumps for the valley") for item in history(MONTHLY[:1]))})
    first = plan_for(world)
    assert {item.kind for item in first.write} == {"reconnect", "draft"}
    world = undone(world, first)
    later = replace(world, now=NOW + days(opinions(world)["p-1"].ideal + 1))
    (again,) = written(plan_for(later), "draft")
    (before,) = written(first, "draft")
    assert (again.evidence, again.cycle) == (before.evidence, 1)


def test_a_draft_alone_taken_back_does_not_come_for_the_same_reminder() -> None:
    """The reminder that stands gets no second draft."""
    world = state(quoted(1))
    both = taken(world, plan_for(world))
    kept = tuple(
        replace(item, state="withdrawn", problem=UNDONE, settled=NOW) if item.kind == "draft" else item
        for item in both.entries
    )
    assert {item.kind for item in kept} == {"reconnect", "draft"}
    plan = plan_for(replace(both, entries=kept, now=NOW + days(1 / 24)))
    assert (plan.write, plan.withdraw) == ((), ())


def test_where_only_drafts_are_written_they_rest_too() -> None:
    """Without a calendar the draft is the matter."""
    only = replace(SETTINGS, reminders=None)
    world = state(quoted(1), settings=only)
    first = plan_for(world)
    assert [item.kind for item in first.write] == ["draft"]
    assert plan_for(replace(undone(world, first), now=NOW + days(1))).write == ()


@pytest.mark.parametrize("number", [1, 6])
def test_a_first_meeting_taken_back_is_not_followed_up_again(number: int) -> None:
    """Neither as a reminder nor, for those on a round-up, as a line of another."""
    world = state(met(number))
    first = plan_for(world)
    assert {item.kind for item in first.write} >= {"follow-up"} | ({"roundup"} if number > 4 else set())
    for later in (1 / 24, 1, 3):
        plan = plan_for(replace(undone(world, first), now=NOW + days(later)))
        assert written(plan, "follow-up") == written(plan, "roundup") == []


def test_nobody_else_takes_the_place_at_once() -> None:
    """What was taken back keeps its place in the week, as a deleted reminder does: undoing brings no new wave."""
    names = [f"p-{first}{second}" for first in "abcde" for second in "abcde"]
    world = state({name: history(MONTHLY, name, f"{name}@far.example") for name in names})
    first = plan_for(world)
    assert 5 <= len(written(first, "reconnect")) < len(names)
    assert written(plan_for(replace(undone(world, first), now=NOW + days(1 / 24))), "reconnect") == []


# -- what an earlier tick decided --------------------------------------------------------------------------------------


def pending(entries: tuple[Entry, ...], plan: Plan | None = None, unseen: str = "", **more: object) -> Plan:
    settings = replace(SETTINGS, **more)  # type: ignore[arg-type]
    return with_pending(plan or Plan(), state({}, settings=settings, entries=entries), {unseen})


@pytest.mark.parametrize(
    ("about", "written_", "back"),
    [
        ({"state": "waiting"}, True, None),
        ({"state": "waiting", "leaving": "late"}, False, "late"),
        ({"state": "written"}, False, None),
        ({"state": "moved", "leaving": UNDONE}, False, UNDONE),
        ({"state": "failed"}, False, None),
        ({"state": "waiting", "account": "elsewhere"}, False, None),
        ({"state": "written", "account": "elsewhere", "leaving": "passed"}, False, None),
    ],
)
def test_a_shown_plan_has_what_waits(about: dict[str, str], written_: bool, back: str | None) -> None:
    """Rows that wait to be written or taken back are in the plan; those of an account not chosen any more are not."""
    row = entry(**about)  # type: ignore[arg-type]
    plan = pending((row,))
    assert plan.write == ((row,) if written_ else ())
    assert plan.withdraw == ((Withdrawal(key=row.key, why=back),) if back else ())


def test_what_cannot_be_seen_is_in_no_plan() -> None:
    """Nothing goes into an account that could not be looked at, nor where the plan itself takes a row back."""
    row = entry(state="waiting")
    gone = Plan(withdraw=(Withdrawal(key=row.key, why="late"),))
    assert pending((row,), unseen="reminders").write == ()
    assert (pending((row,), gone).write, pending((row,), gone).withdraw) == ((), gone.withdraw)
    assert pending((row,), gone, reminders="elsewhere") == Plan()


def test_settings_of_the_tests() -> None:
    """The rows above are in the accounts that these tests chose."""
    assert (Settings(me=SETTINGS.me, reminders="home", drafts="post"), entry().account) == (SETTINGS, "home")
