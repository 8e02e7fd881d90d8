"""What the machine found, each as a story of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.memory import MemorySink
from connectors.records import Fate, Receipt, Reminder
from daemon import learn
from daemon.exchange import all_untouched
from daemon.model import Decision
from daemon.tick import tick
from tests.histories import NOW, days, entry, state
from tests.plan.situations import friends, plan_for, written
from tests.tick.test_amend import Desk, renamed


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


class Full(MemorySink[Reminder]):
    """Remembers the most that ever stood there."""

    most = 0

    def create(self, item: Reminder) -> Receipt:
        made = super().create(item)
        self.most = max(self.most, len(self.standing))
        return made


@pytest.mark.parametrize("hours", [-2, 2])
def test_what_makes_room_goes_before_what_takes_it(tmp_path: Path, hours: int) -> None:
    """Killed between the two, a tick leaves a place free, never three reminders on a day of two: earlier or later."""
    desk = Desk(tmp_path)
    standing, desk.sink = desk.sink.standing, Full()
    desk.sink.standing = dict(standing)
    with desk.ledger() as ledger:
        row = desk.row(ledger)
        assert row.start is not None
        start = row.start + timedelta(hours=hours)
        new = replace(row, key="new", state="waiting", ref=None, start=start, end=start + timedelta(minutes=15))
        desk.save(ledger, replace(row, leaving="displaced"))
        desk.save(ledger, new)
        desk.deliver(ledger)
        assert [item.state for item in ledger.entries() if item.key in {desk.key, "new"}] == ["withdrawn", "written"]
    assert (desk.sink.most, len(desk.sink.standing)) == (1, 1)


@pytest.mark.parametrize("moved", [0, 26])
def test_a_debrief_that_was_answered_stays_answered_wherever_it_stands(moved: int) -> None:
    """Its day is long over, and it stands elsewhere: the user's words in it are the user's, it is never taken back."""
    noted = entry("debrief", "", day=-6, state="noted", title="Noted: 2 people", body="Otto Prager: x")
    assert noted.start is not None
    at = noted.start + timedelta(hours=moved)
    after = learn.settle(noted, Fate(key="k", state="moved", at=at, title=noted.title, body=noted.body), (), NOW)
    assert (after.state, after.start, after.settled) == ("noted", at, noted.settled)
    assert learn.settle(after, Fate(key="k", state="moved", at=at), (), NOW) == after
    assert plan_for(state(friends(1), entries=(after,))).withdraw == ()


def test_a_line_typed_after_the_reading_is_no_move(tmp_path: Path) -> None:
    """What came too late to be read is read at the next look, and answered: after that nothing was moved or edited."""
    desk = Desk(tmp_path)
    with desk.ledger() as ledger:
        start = desk.row(ledger).start
        desk.user(body="Ruth x")
        desk.look(ledger)
        desk.save(ledger, renamed(replace(desk.row(ledger), found_title="Write", found_body="Ruth x"), start=start))
        desk.user(body="Ruth x, Karl x")
        desk.deliver(ledger)
        read = replace(desk.look(ledger), found_body="Ruth x, Karl x")
        desk.save(ledger, renamed(read, title="Noted: 2 people", start=start))
        desk.deliver(ledger)
        row = desk.row(ledger)
        receipt = Receipt(key=ledger.alias(row.outside), ref=row.ref or "", fingerprint=row.fingerprint or "")
        assert [fate.state for fate in desk.sink.look([receipt])] == ["untouched"]


@pytest.mark.parametrize("became", ["written", "dismissed"])
def test_a_wish_that_a_round_up_speaks_of_is_spoken_of_once(became: str) -> None:
    """Somebody with an x stands in a line of one event: another week in which others are left over has no second one,
    least of all when the user has deleted the first."""
    facts = friends(1)
    fact = facts["p-a"][-1].key
    wish = Decision(key="x", at=NOW - days(1), kind="x", about="p-a", value="elsewhere")
    listed = entry("roundup", "p-a", day=5, state=became, fact=fact, evidence=(fact,), also=("p-z",))
    listed = replace(listed, decided=NOW - days(0.5))
    plan = plan_for(state(facts, entries=(listed,), decisions=(wish,)))
    assert [item.kind for item in written(plan) if item.kind in {"follow-up", "roundup"}] == []


def test_a_word_added_to_what_was_edited_already_is_heard_at_the_next_tick(tmp_path: Path) -> None:
    """Their own words stood there, and were read; now they answer: no tick may take that for nothing new."""
    desk = Desk(tmp_path)
    with desk.ledger() as ledger:
        desk.user(title="My own words")
        row = replace(desk.look(ledger), kind="reconnect", found_title="My own words", found_body=desk.row(ledger).body)
        desk.save(ledger, row)
        assert all_untouched(ledger, desk.world())
        desk.user(title="My own words, later 3w")
        assert not all_untouched(ledger, desk.world())


def test_what_was_half_amended_is_decided_upon_again_in_the_same_quarter(tmp_path: Path) -> None:
    """What a tick decides about a row whose amendment was still under way waits for the next one: so it must come."""
    desk = Desk(tmp_path)
    with desk.ledger() as ledger:
        desk.save(ledger, renamed(desk.row(ledger)))
        first = tick(ledger, desk.world(), desk.session.now)
        assert desk.key in {row.key for row in first.delivered}
        assert (first.troubles, first.quiet) == ((), None)
        assert tick(ledger, desk.world(), desk.session.now).quiet is not None
