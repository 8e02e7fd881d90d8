"""For whom does a mail lie ready, for how long, and when never again?"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from tests.histories import ME, NOW, SETTINGS, days, entry, history, person, state, taken
from tests.plan.situations import plan_for, quoted, written


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


@pytest.mark.parametrize(
    ("discarded", "evidence", "offered"),
    [((-200,), "old", True), ((-100,), "old", False), ((-600, -500, -400), "old", False), ((-200,), "new", False)],
    ids=["after 180 days", "within 180 days", "three times: never again", "the same evidence: never again"],
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
