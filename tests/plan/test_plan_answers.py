"""What does a plan make of what the user did with the last one?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from daemon.model import Amendment, Decision, Entry, Plan, State
from tests.histories import NOW, days, decided, entry, history, state, taken
from tests.plan.situations import LUNCHES, met, plan_for, quoted, source, why, written


def after_plan(lines: list[str], more: list[str], later: float, as_: str = "written") -> tuple[State, Plan]:
    """Decide, carry out, then look again ``later`` days on, with ``more`` facts."""
    world = state({"p-1": history(lines)})
    world = taken(world, plan_for(world), as_)
    facts = {"p-1": history([*lines, *more])}
    world = replace(world, now=NOW + days(later), touchpoints=facts)
    return world, plan_for(world)


@pytest.mark.parametrize("more", ["call +0.2", "wrote +0.2", "heard +0.2", "one-to-one +0.2"])
def test_in_touch_since(more: str) -> None:
    """A touch before its day takes back the untouched reminder and its draft."""
    world, plan = after_plan(LUNCHES, [more], 0.4)
    assert {item.why for item in plan.withdraw} == {"overtaken"}
    assert {item.key for item in plan.withdraw} == {item.key for item in world.entries}
    assert (plan.write, plan.amend) == ((), ())


@pytest.mark.parametrize(
    ("more", "title"),
    [
        ("call +0.5", "Done: spoke with P-1 Person"),
        ("wrote +0.5", "Done: wrote to P-1 Person"),
        ("heard +0.5", "Done: heard from P-1 Person"),
        ("one-to-one +0.5", "Done: met P-1 Person"),
    ],
)
@pytest.mark.parametrize("state_", ["written", "moved", "edited"])
def test_on_its_day_it_stays_as_done(more: str, title: str, state_: str) -> None:
    """Once its day has come the reminder is the user's diary: the title says what was done, the rest stays."""
    world, plan = after_plan(LUNCHES, [more], 1, state_)
    (reminder,) = (item for item in world.entries if item.kind == "reconnect")
    assert [(item.key, item.state, item.amended) for item in plan.amend] == [
        (reminder.key, "overtaken", Amendment(title=title, body=reminder.body, start=reminder.start, end=reminder.end))
    ]
    assert reminder.key not in {item.key for item in plan.withdraw}
    assert plan.write == ()
    done = replace(world, entries=tuple(item for item in world.entries if item.kind == "draft") + plan.amend)
    assert plan_for(done).amend == ()


def test_without_a_diary_it_is_taken_away() -> None:
    """``diary = false``: on its day, too, what is settled goes."""
    world, _ = after_plan(LUNCHES, ["call +0.5"], 1)
    settings = replace(world.settings, routine=replace(world.settings.routine, diary=False))
    plan = plan_for(replace(world, settings=settings))
    assert ({item.why for item in plan.withdraw}, plan.amend) == ({"overtaken"}, ())


@pytest.mark.parametrize("more", ["copied +0.5", "note +0.5", "gathering +0.5"])
def test_a_weak_touch_changes_nothing(more: str) -> None:
    """A copy, a note or a gathering leaves everything where it is."""
    _, plan = after_plan(LUNCHES, [more], 1)
    assert (plan.write, plan.withdraw) == ((), ())


def test_a_mail_imported_late_counts_by_its_time() -> None:
    """A mail written before the reminder was decided, and seen after, takes it back too."""
    _, plan = after_plan(LUNCHES, ["wrote -0.1"], 0.4)
    assert {item.why for item in plan.withdraw} == {"overtaken"}


def test_what_the_user_edited_is_never_touched() -> None:
    """Edited entries stay, whatever happens."""
    _, plan = after_plan(LUNCHES, ["call +0.5"], 60, "edited")
    assert plan.withdraw == ()


def test_what_was_moved_is_taken_back() -> None:
    """A moved one still closes (C40)."""
    _, plan = after_plan(LUNCHES, ["call +0.2"], 0.4, "moved")
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


def test_what_was_rejected_rests() -> None:
    """A row that the calendar will never take is not proposed again at every tick, but after one more interval."""
    world = state({"p-1": history(["one-to-one -300..-60/30"])})
    world = taken(world, plan_for(world))
    failed = tuple(replace(item, state="failed", ref=None, settled=NOW) for item in world.entries)
    world = replace(world, entries=failed)
    for later in (0.1, 1, 20):
        assert plan_for(replace(world, now=NOW + days(later))).write == ()
    assert written(plan_for(replace(world, now=NOW + days(31))), "reconnect")


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


def met_once(*more: str) -> State:
    """Somebody met for the first time yesterday, and written to long before; what was decided stands."""
    world = state({"p-1": history(["wrote -300", "one-to-one -1.1 title=Pumps", *more])})
    return taken(world, plan_for(world))


def without_meeting(world: State) -> State:
    facts = {
        who: tuple(item for item in items if item.kind != "one-to-one") for who, items in world.touchpoints.items()
    }
    return replace(world, touchpoints=facts)


def test_a_first_meeting_called_off_after_it_had_counted() -> None:
    """Once the meeting is no fact any more, the reminder and the draft that rest on it are taken back."""
    world = met_once()
    assert [item.kind for item in world.entries] == ["follow-up", "draft"]
    plan = plan_for(without_meeting(world))
    assert {item.key: item.why for item in plan.withdraw} == {item.key: "gone" for item in world.entries}
    assert plan_for(taken(without_meeting(world), plan)).withdraw == ()


def test_the_meeting_takes_place_after_all() -> None:
    """When the meeting is back, so is the reminder, under a key of its own."""
    world = met_once()
    off = taken(without_meeting(world), plan_for(without_meeting(world)))
    again = plan_for(replace(off, touchpoints=world.touchpoints))
    assert [item.cycle for item in written(again, "follow-up")] == [1]


def test_what_a_draft_may_quote_is_gone() -> None:
    """A reconnect stands while its last touch does; the draft goes with anything that it may quote."""
    facts = history(["one-to-one -300..-90/30 title=Pumps-for-the-valley", "wrote -89 title=Pumps-for-the-valley"])
    world = state({"p-1": tuple(replace(item, title="Pumps for the valley") for item in facts)})
    world = taken(world, plan_for(world))
    meeting = max(item.at for item in facts if item.kind == "one-to-one")
    left = tuple(item for item in world.touchpoints["p-1"] if item.at != meeting)
    plan = plan_for(replace(world, touchpoints={"p-1": left}))
    assert {item.key.partition("/")[0]: item.why for item in plan.withdraw} == {"draft": "gone"}


def test_a_round_up_stands_while_one_of_its_people_does() -> None:
    """A round-up goes when nobody on it was met after all."""
    facts = met(6)
    world = state(facts)
    world = taken(world, plan_for(world))
    roundup = next(item for item in world.entries if item.kind == "roundup")
    people = (roundup.person, *roundup.also)
    other = {who: history(["wrote -300"], who, f"{who}@far.example") for who in facts}

    def lost(who: tuple[str, ...]) -> set[str]:
        left = {**facts, **{person: other[person] for person in who}}
        return {item.why for item in plan_for(replace(world, touchpoints=left)).withdraw if item.key == roundup.key}

    assert (lost(people[:1]), lost(people[1:]), lost(people)) == (set(), set(), {"gone"})


def test_a_merge_changes_no_ground() -> None:
    """After a merge the same meeting may be known by another address of the person: nothing is taken back."""
    world = met_once()
    facts = tuple(replace(item, address="other@far.example") for item in world.touchpoints["p-1"])
    assert plan_for(replace(world, touchpoints={"p-1": facts})).withdraw == ()


@pytest.mark.parametrize(
    "ill",
    [{"caught_up": False}, {"caught_up": False, "current": True}, {"problem": "suspicious", "problem_since": NOW}],
)
def test_what_cannot_be_seen_is_not_gone(ill: dict[str, object]) -> None:
    """While a source is half read or suspicious nothing is taken back for want of a fact."""
    world = replace(without_meeting(met_once()), sources=source(**ill))
    assert plan_for(world).withdraw == ()


@pytest.mark.parametrize("as_", ["waiting", "written", "edited", "moved", "dismissed", "done", "passed"])
@pytest.mark.parametrize("earlier", [1 / 24, 3, 20_000])
def test_from_an_earlier_day_what_came_later_is_left_alone(as_: str, earlier: float) -> None:
    """What was decided after now is not taken back, not counted, and not proposed again under its key (U12)."""
    world = state(quoted(6), now=NOW + days(1 / 24))
    world = taken(world, plan_for(world), as_)
    bare = replace(world, entries=(), decisions=(), now=world.now - days(earlier))
    plan = plan_for(replace(bare, entries=world.entries))
    fresh = [item for item in plan_for(bare).write if item.key not in {entry.key for entry in world.entries}]
    assert plan.withdraw == ()
    assert {item.key for item in plan.write if item.kind != "draft"} == {
        item.key for item in fresh if item.kind != "draft"
    }
    assert not {item.key for item in plan.write} & {item.key for item in world.entries}


def test_a_deletion_seen_later_stretches_nothing_before() -> None:
    """Reminders deleted after now do not lengthen the interval that held then."""
    answers = tuple(entry(day=day, state="dismissed", decided=NOW + days(day - 2)) for day in (5, 9))
    world = state({"p-1": history(["one-to-one -300..-90/30"])}, entries=answers)
    assert [item.cycle for item in written(plan_for(world), "reconnect")] == [0]


def edited_reminder(*more: str, **about: object) -> tuple[State, Entry]:
    """A friend whose reminder stands and is the user's by now, with no draft yet."""
    facts = history(["one-to-one -300..-90/30", *more])
    world = state({"p-1": tuple(replace(item, title="Pumps for the valley") for item in facts)}, **about)
    last = max((item for item in world.touchpoints["p-1"] if item.at < NOW - days(60)), key=lambda item: item.at)
    mine = entry(day=1, state="edited", fact=last.key, evidence=(last.key,), decided=NOW - days(4))
    return replace(world, entries=(mine,)), mine


def test_an_edited_reminder_has_a_draft() -> None:
    """A reminder that the user edited still gets its draft, while nothing has happened."""
    world, _ = edited_reminder()
    assert [item.kind for item in plan_for(world).write] == ["draft"]


@pytest.mark.parametrize(
    ("more", "mark"), [(("wrote -1",), ""), (("call -1",), ""), ((), "muted"), ((), "never")], ids=str
)
def test_no_draft_that_would_be_taken_back(more: tuple[str, ...], mark: str) -> None:
    """For an edited reminder no draft is written once the two were in touch, or the person is muted."""
    world, _ = edited_reminder(*more, decisions=(decided("mark", "p-1", mark),) if mark else ())
    assert plan_for(world).write == ()
    assert plan_for(world).withdraw == ()


def test_no_draft_for_what_is_gone() -> None:
    """Nor once the fact behind the edited reminder is no more."""
    world, mine = edited_reminder()
    left = tuple(item for item in world.touchpoints["p-1"] if item.key != mine.fact)
    assert plan_for(replace(world, touchpoints={"p-1": left})).write == ()


@pytest.mark.parametrize(
    ("as_", "code"),
    [("waiting", "snoozed"), ("written", "snoozed"), ("edited", "snoozed"), ("moved", "snoozed")],
)
def test_snoozed_is_what_was_moved(as_: str, code: str) -> None:
    """Only whoever's reminder the user moved is snoozed; for everybody else a reminder stands already."""
    world = state({"p-1": history(LUNCHES)})
    world = taken(world, plan_for(world), as_)
    assert why(plan_for(world), "p-1") == code


@pytest.mark.parametrize("state_", ["dismissed", "done"])
def test_a_refused_reminder_takes_its_draft_along(state_: str) -> None:
    """Deleted, "no" or "done": the untouched draft that lay ready for it leaves Drafts; an edited one is the user's."""
    world = state(quoted(1))
    world = taken(world, plan_for(world))
    later = NOW + days(1)

    def answered(draft: str) -> list[tuple[str, str]]:
        entries = tuple(
            replace(item, state=draft if item.kind == "draft" else state_, settled=later) for item in world.entries
        )
        plan = plan_for(replace(world, now=NOW + days(1.1), entries=entries))
        return [(item.key.partition("/")[0], item.why) for item in plan.withdraw]

    assert {item.kind for item in world.entries} == {"reconnect", "draft"}
    assert answered("written") == [("draft", "answered")]
    assert answered("edited") == []


@pytest.mark.parametrize(
    ("touch_at", "seen", "becomes"),
    [(3, 4, "Done"), (3, 12, "Done"), (9, 9.5, "passed"), (25, 26, "passed")],
)
def test_a_touch_too_late_is_no_answer(touch_at: float, seen: float, becomes: str) -> None:
    """What stood unanswered for its week is no diary of a later mail; a mail read late still is one (P24)."""
    _, plan = after_plan(LUNCHES, [f"wrote +{touch_at}"], seen)
    assert [item.title.partition(":")[0] for item in (entry.amended for entry in plan.amend) if item] == (
        ["Done"] if becomes == "Done" else []
    )
    assert ("passed" in {item.why for item in plan.withdraw}) is (becomes == "passed")


def test_an_answer_is_the_users_own_step() -> None:
    """An answer proves their mail of the same time (M7): the diary says what the user did."""
    _, plan = after_plan(LUNCHES, ["heard +0.5", "wrote +0.5"], 1)
    assert [entry.amended.title for entry in plan.amend if entry.amended] == ["Done: wrote to P-1 Person"]
    _, other = after_plan(LUNCHES, ["wrote +0.5", "heard +0.5"], 1)
    assert [entry.amended.title for entry in other.amend if entry.amended] == ["Done: wrote to P-1 Person"]


@pytest.mark.parametrize("state_", ["written", "moved"])
def test_a_wish_takes_the_place_of_what_stands(state_: str) -> None:
    """An x about somebody who stands in the calendar already: the older reminder goes, nobody is there twice."""
    world = state({"p-1": history(LUNCHES)})
    world = taken(world, plan_for(world), state_)
    facts = {"p-1": history([*LUNCHES, "gathering +0.2"])}
    wished = Decision(key="hand/e/x", at=NOW + days(0.2), kind="x", about="p-1", value="e")
    plan = plan_for(replace(world, now=NOW + days(0.3), touchpoints=facts, decisions=(wished,)))
    assert [(item.kind, item.reason) for item in plan.write if item.kind != "draft"] == [("follow-up", "conversation")]
    (reminder,) = (item for item in world.entries if item.kind == "reconnect")
    assert (reminder.key, "displaced") in {(item.key, item.why) for item in plan.withdraw}
