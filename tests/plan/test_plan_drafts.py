"""For whom does a mail lie ready, for how long, and when never again?"""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.plan.overtaken import is_stale
from tests.histories import ME, NOW, SETTINGS, days, decided, entry, history, person, state, taken, touch
from tests.plan.situations import plan_for, quoted, written

SHELVES = tomllib.loads((Path(__file__).parent.parent / "data" / "plan" / "shelf.toml").read_text())["shelf"]
MOMENT = timedelta(seconds=1)


def test_a_draft_has_its_address_and_its_reason() -> None:
    """A draft goes to the address last used in To, never a dead one, from the user's first address (P15)."""
    facts = [
        *history(["one-to-one -300..-90/30"]),
        *history(["wrote -120 title=Pumps-for-the-valley"], address="ada@new.example"),
    ]
    facts += history(["wrote -89"], address="ada@dead.example")
    facts = sorted(
        (replace(item, title="Pumps for the valley") for item in facts), key=lambda item: (item.at, item.key)
    )
    ada = person("p-1", addresses=("ada@dead.example", "ada@new.example", "p1@far.example"), dead=("ada@dead.example",))
    plan = plan_for(state({"p-1": tuple(facts)}, persons=[ada]))
    reminder, draft = plan.write
    assert (draft.kind, draft.reason, draft.to, draft.sender) == (
        "draft",
        "pick-up",
        "ada@new.example",
        ME.addresses[0],
    )
    assert (draft.account, reminder.account) == ("post", "home")
    assert draft.start is None
    assert "Drafts" in reminder.body


@pytest.mark.parametrize(
    ("used", "sender"),
    [
        (("clara@winter.example", "clara@gmail.com"), "clara@gmail.com"),
        (("clara@gmail.com", "clara@winter.example"), "clara@winter.example"),
        (("clara@gmail.com", ""), "clara@gmail.com"),
        (("clara@gmail.com", "clara@old.example"), "clara@winter.example"),
        (("", ""), "clara@winter.example"),
    ],
    ids=["the second address", "the first", "a mail without a sender", "one that is not configured", "none known"],
)
def test_the_own_address_last_used(used: tuple[str, str], sender: str) -> None:
    """A draft comes from the configured address that the user last wrote to that person's address from (U19)."""
    mails = history(["wrote -95", "wrote -92"])
    elsewhere = replace(history(["wrote -91"], address="ada@old.example")[0], mine="clara@winter.example")
    facts = (*quoted(1)["p-a"][:-1], *(replace(item, mine=mine) for item, mine in zip(mails, used, strict=True)))
    meeting = replace(quoted(1)["p-a"][-1], address="p1@far.example")
    ada = person("p-1", addresses=("p1@far.example",))
    plan = plan_for(state({"p-1": (*facts, elsewhere, meeting)}, persons=[ada]))
    assert [(item.to, item.sender) for item in written(plan, "draft")] == [("p1@far.example", sender)]


def test_three_unsent_drafts() -> None:
    """At most three drafts lie unsent; a later reminder gets its own when its day is near and there is room."""
    world = state(quoted(6))
    plan = plan_for(world)
    assert len(written(plan, "draft")) == 3
    assert Counter(item.why for item in plan.held if item.kind == "draft") == {"drafts-full": 1}
    world = taken(world, plan)
    sent = tuple(replace(item, state="sent") if item.kind == "draft" else item for item in world.entries)
    again = plan_for(replace(world, entries=sent, now=NOW + days(2.5)))
    assert [item.kind for item in again.write] == ["draft"] * 3


@pytest.mark.parametrize(("lines", "shelf"), [(["one-to-one -1.1 title=Pumps"], 7), (["one-to-one -300..-90/30"], 21)])
def test_shelf_life(lines: list[str], shelf: int) -> None:
    """An untouched draft is taken back after 7 days (first meeting) or 21 (pick-up), not a moment before."""
    facts = tuple(replace(item, title="Pumps for the valley") for item in history(lines))
    world = state({"p-1": facts})
    world = taken(world, plan_for(world))
    assert any(item.kind == "draft" for item in world.entries)
    drafts = [item.key for item in world.entries if item.kind == "draft"]
    assert not {item.key for item in plan_for(replace(world, now=NOW + days(shelf - 0.1))).withdraw} & set(drafts)
    plan = plan_for(replace(world, now=NOW + days(shelf)))
    assert [item.why for item in plan.withdraw if item.key in drafts] == ["shelf-life"]
    assert not written(plan, "draft")


@pytest.mark.parametrize("row", SHELVES, ids=lambda row: row["reason"])
def test_every_reason_has_its_shelf_life(row: dict[str, Any]) -> None:
    """A draft may lie as long as its reason holds, to the moment."""
    event = touch("one-to-one", NOW + days(9), source="fair")
    draft = entry("draft", day=0, reason=row["reason"], fact=event.key, decided=NOW)
    world = state({"p-1": ()}, ahead={"p-1": (event,)})
    end = NOW + days(row["days"])
    assert not is_stale(draft, replace(world, now=end - MOMENT))
    assert is_stale(draft, replace(world, now=end))


@pytest.mark.parametrize("status", ["written", "edited"])
def test_only_an_untouched_draft_has_a_shelf_life(status: str) -> None:
    """What the user edited lies as long as the user likes."""
    facts = quoted(1)["p-a"]
    old = entry("draft", "p-a", reason="pick-up", state=status, fact=facts[-1].key, evidence=(facts[-1].key,))
    plan = plan_for(state({"p-a": facts}, entries=(replace(old, decided=NOW - days(30)),)))
    assert [item.why for item in plan.withdraw] == (["shelf-life"] if status == "written" else [])


def test_a_better_reason_takes_the_place_of_the_draft_that_stands() -> None:
    """Known by mail, then met: the pick-up is taken back and the first meeting's words come in its place."""
    mails = history(["wrote -300..-60/30 title=Pumps-for-the-valley", "wrote -40 title=Pumps-for-the-valley"])
    mails = tuple(replace(item, title="Pumps for the valley") for item in mails)
    key = decided("mark", "p-1", "key")
    world = state({"p-1": mails}, decisions=(key,))
    world = taken(world, plan_for(world))
    (draft,) = [item for item in world.entries if item.kind == "draft"]
    assert draft.reason == "pick-up"
    met = touch("one-to-one", NOW + days(1), title="Pumps and valves")
    world = replace(world, touchpoints={"p-1": (*mails, met)}, now=NOW + days(1.2))
    plan = plan_for(world)
    (better,) = written(plan, "draft")
    assert (better.reason, better.place, better.outside) == ("first-meeting", draft.key, draft.key)
    assert draft.key in {item.key for item in plan.withdraw}
    world = taken(world, plan)
    world = replace(world, now=NOW + days(1.3))
    assert (plan_for(world).write, plan_for(world).withdraw) == ((), ())


@pytest.mark.parametrize(("status", "place"), [("written", True), ("waiting", False), ("edited", False)])
def test_only_what_stands_untouched_gives_its_place(status: str, *, place: bool) -> None:
    """A draft that was never written has no place to give; an edited one keeps it, and there is no second."""
    facts = (*history(["wrote -40 title=Pumps"]), touch("one-to-one", NOW - days(1.1), title="Pumps and valves"))
    old = entry("draft", reason="pick-up", state=status, fact=facts[0].key, evidence=(facts[0].key,))
    old = replace(old, ref=None if status == "waiting" else "ref", account="post", decided=NOW - days(9))
    plan = plan_for(state({"p-1": facts}, entries=(old,)))
    assert [bool(item.place) for item in written(plan, "draft")] == ([] if status == "edited" else [place])


@pytest.mark.parametrize(
    ("states", "reasons", "left"),
    [
        (("written", "written"), ("pick-up", "first-meeting"), [1]),
        (("written", "edited"), ("first-meeting", "pick-up"), [1]),
        (("edited", "edited"), ("pick-up", "pick-up"), [0, 1]),
        (("waiting", "written"), ("pick-up", "pick-up"), [1]),
    ],
    ids=["the better reason", "the user's own", "two of the user's own", "the later one"],
)
def test_two_who_are_one(states: tuple[str, str], reasons: tuple[str, str], left: list[int]) -> None:
    """After a merge one draft stays of those that are ours: beside the user's own none, else the better one."""
    facts = quoted(1)["p-a"]
    both = [
        replace(
            entry("draft", "p-a", state=status, reason=reason, fact=facts[-1].key, evidence=(facts[-1].key,)),
            key=f"draft/p-a/{number}",
            decided=NOW - days(2 - number),
        )
        for number, (status, reason) in enumerate(zip(states, reasons, strict=True))
    ]
    plan = plan_for(state({"p-a": facts}, entries=tuple(both)))
    gone = {item.key: item.why for item in plan.withdraw}
    assert [number for number, item in enumerate(both) if item.key not in gone] == left
    assert set(gone.values()) <= {"displaced"}
    assert not written(plan, "draft")


@pytest.mark.parametrize(
    ("discarded", "evidence", "offered"),
    [
        ((-200,), "old", True),
        ((-180.1,), "old", True),
        ((-179.9,), "old", False),
        ((-600, -400), "old", True),
        ((-600, -500, -400), "old", False),
        ((-200,), "new", False),
    ],
    ids=[
        "after 200 days",
        "after 180 days",
        "within 180 days",
        "twice, long ago",
        "three times: never again",
        "the same evidence: never again",
    ],
)
def test_a_discarded_draft(discarded: tuple[float, ...], evidence: str, offered: bool) -> None:
    """A deleted draft ends its evidence, rests its reason for 180 days, and the third ends that too (C33)."""
    facts = quoted(1)["p-a"]
    keys = ("something older",) if evidence == "old" else (facts[-1].key,)
    old = tuple(
        entry(
            "draft",
            "p-a",
            day=day,
            state="discarded",
            reason="pick-up",
            evidence=keys,
            settled=NOW + days(day),
            decided=NOW + days(day - 9),
        )
        for day in discarded
    )
    plan = plan_for(state({"p-a": facts}, entries=old))
    assert bool(written(plan, "draft")) is offered
    assert written(plan, "reconnect")


@pytest.mark.parametrize(("status", "offered"), [("discarded", False), ("withdrawn", True), ("sent", True)])
def test_only_a_deletion_refuses_the_evidence(status: str, *, offered: bool) -> None:
    """What was withdrawn unsent may come again for a later reminder; so may a topic that was written about once."""
    facts = quoted(1)["p-a"]
    old = entry(
        "draft",
        "p-a",
        state=status,
        reason="pick-up",
        evidence=(facts[-1].key,),
        settled=NOW - days(200),
        decided=NOW - days(210),
    )
    assert bool(written(plan_for(state({"p-a": facts}, entries=(old,))), "draft")) is offered


def test_what_was_refused_is_not_quoted_for_another_reason() -> None:
    """The last touch was refused once; a draft on other evidence quotes that, not the touch again."""
    facts = quoted(1)["p-a"]
    mail = replace(touch("wrote", NOW - days(89), person="p-a", address=facts[0].address), title="A tender for pipes")
    old = entry("draft", "p-a", state="discarded", reason="pick-up", evidence=(mail.key,), settled=NOW - days(200))
    plan = plan_for(state({"p-a": (*facts, mail)}, entries=(replace(old, decided=NOW - days(210)),)))
    (draft,) = written(plan, "draft")
    assert mail.key not in draft.evidence
    assert "tender" not in f"{draft.title} {draft.body}"
    assert "Pumps for the valley" in draft.body


def test_an_answer_is_picked_up_though_it_proves_a_mail_of_the_same_time() -> None:
    """The mail that the user answered (M7) has the answer's time: the answer is what is gone on with."""
    lunches = history(["one-to-one -300..-90/30"])
    answer = touch("wrote", NOW - days(40), source="b@x.example", thread="a@x.example", title="Pumps for the valley")
    proof = replace(answer, source="a@x.example", kind="heard", rule="M7")
    first = replace(answer, source="b@x.example")
    plan = plan_for(state({"p-1": (*lunches, first, replace(proof, source="c@x.example"))}))
    (draft,) = written(plan, "draft")
    assert (draft.thread, draft.in_reply_to, draft.title) == ("a@x.example", "b@x.example", "Re: Pumps for the valley")


def test_an_answer_goes_to_the_address_of_its_thread() -> None:
    """To where they wrote from, not to where the user wrote last."""
    there = touch(
        "heard", NOW - days(40), address="old@far.example", source="a@x.example", thread="a@x.example", rule="M3"
    )
    mails = (
        touch("wrote", NOW - days(62), address="new@far.example", title="Hi"),
        replace(there, title="Pumps for the valley"),
    )
    ada = person("p-1", addresses=("new@far.example", "old@far.example", "p1@far.example"))
    (draft,) = written(
        plan_for(state({"p-1": (*history(["one-to-one -300..-90/30"]), *mails)}, persons=[ada])), "draft"
    )
    assert (draft.to, draft.in_reply_to, draft.title) == ("old@far.example", "a@x.example", "Re: Pumps for the valley")


def test_only_drafts_are_wanted() -> None:
    """Without an account for reminders there are drafts alone, and they are not made twice."""
    world = state(quoted(5), settings=replace(SETTINGS, reminders=None))
    plan = plan_for(world)
    assert [item.kind for item in plan.write] == ["draft"] * 3
    assert plan_for(taken(world, plan)).write == ()


def test_only_reminders_are_wanted() -> None:
    """Without an account for drafts there is none, nor a word about one."""
    plan = plan_for(state(quoted(2), settings=replace(SETTINGS, drafts=None)))
    assert {item.kind for item in plan.write} == {"reconnect"}
    assert not any(item.kind == "draft" for item in plan.held)


def test_nothing_is_wanted() -> None:
    """Without any account to write to nothing is written."""
    plan = plan_for(state(quoted(2), settings=replace(SETTINGS, drafts=None, reminders=None)))
    assert (plan.write, {item.why for item in plan.held}) == ((), {"unconfirmed"})


@pytest.mark.parametrize(
    ("ahead", "first", "again"), [(20, [], []), (6, ["p-a"], ["p-a"]), (-0.1, ["p-a"], []), (-2, [], [])]
)
def test_a_draft_comes_while_its_reminder_is_near(ahead: float, first: list[str], again: list[str]) -> None:
    """From a week before a reminder's day to its end: the first one, and while it is ahead one for that which lay too
    long; none days later, where nobody looks for it."""
    world = state(quoted(1))
    world = taken(world, plan_for(world))
    later = NOW + days(30)
    start = later + days(ahead)
    (reminder,) = (item for item in world.entries if item.kind == "reconnect")
    (draft,) = (item for item in world.entries if item.kind == "draft")
    put_off = replace(reminder, state="moved", start=start, end=start + timedelta(minutes=15))
    expired = replace(draft, state="withdrawn", problem="shelf-life", settled=NOW + days(21))
    for entries, wanted in (((put_off,), first), ((put_off, expired), again)):
        plan = plan_for(replace(world, now=later, entries=entries))
        assert [item.person for item in plan.write if item.kind == "draft"] == wanted
