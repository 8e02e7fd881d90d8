"""Reminders as Google Tasks: found again by a mark in their notes, due on a day, done when they are ticked off."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors._google.calendar_tasks import TaskReminders
from connectors._google.errors import Unsure
from connectors.records import Edited, Gone, Receipt, Rejected, Unavailable
from tests.connectors.contracts import NOW, REMINDER, ReminderContract
from tests.connectors.google_calendar_world import World
from tests.google import Server

LIST, GET, INSERT = "tasks.tasks.list", "tasks.tasks.get", "tasks.tasks.insert"
OTHER = replace(REMINDER, key="reconnect/p-2/due", title="Call Ben", body="Last spoke in May.", alarm=None)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(now=NOW) as made:
        yield made
        assert made.sent_paths() == []


@pytest.fixture
def world(server: Server, tmp_path: Path) -> Iterator[World]:
    made = World(server, tmp_path)
    yield made
    made.wires.close()


def own(world: World) -> Any:
    """The list of Kith's own, as the account has it."""
    (found,) = [one for one in world.server.account().tasks.lists.values() if one.data["title"] == "Kith"]
    return found


def task_of(receipt: Receipt) -> str:
    return receipt.ref.partition("/")[2]


def standing(world: World) -> int:
    return sum(not task.get("deleted") for task in own(world).tasks.values())


def states(world: World, *receipts: Receipt) -> list[str]:
    return [fate.state for fate in world.tasks().look(receipts)]


class TestTaskReminders(ReminderContract):
    @pytest.fixture(autouse=True)
    def _world(self, world: World) -> None:
        self.world = world

    def opened(self) -> TaskReminders:
        self.world.restart()
        return self.world.tasks()

    def user_edits(self, receipt: Receipt) -> None:
        self.world.server.user.rename_task(task_of(receipt), "met, tell Ben")

    def user_deletes(self, receipt: Receipt) -> None:
        self.world.server.user.delete_task(task_of(receipt))

    def user_moves(self, receipt: Receipt, start: datetime) -> None:
        due = f"{start.date().isoformat()}T00:00:00.000Z"
        self.world.server.user._task(task_of(receipt), due=due)

    def user_types(self, receipt: Receipt, body: str) -> None:
        notes = own(self.world).tasks[task_of(receipt)]["notes"]
        self.world.server.user._task(task_of(receipt), notes=f"{body}\n\n{notes[notes.index('[ref:') :]}")

    def user_adds(self) -> Receipt:
        words: dict[str, Any] = {"notes": REMINDER.body, "due": date(2026, 2, 17)}
        where = own(self.world).data["id"]
        made = self.world.server.user.add_task(REMINDER.title, tasklist=where, **words)
        return Receipt(key="theirs", ref=f"task:{where}/{made['id']}", fingerprint="x.20260217T0800Z")

    def raw(self) -> object:
        return copy.deepcopy(own(self.world).tasks)


# -- what is written ---------------------------------------------------------------------------------------------------


def test_a_task_has_the_day_in_the_users_zone_and_a_mark(world: World) -> None:
    """Half past midnight in Berlin is the day before in UTC: the task is due on the user's day."""
    receipt = world.tasks().create(replace(REMINDER, start=datetime(2026, 2, 16, 23, 30, tzinfo=UTC)))
    task = own(world).tasks[task_of(receipt)]
    assert (task["title"], task["due"]) == (REMINDER.title, "2026-02-17T00:00:00.000Z")
    text, _, mark = task["notes"].rpartition("\n\n")
    assert text == REMINDER.body
    assert mark.startswith("[ref:")
    assert "p-1" not in task["notes"]
    (fate,) = world.tasks().look([receipt])
    assert (fate.state, fate.at, fate.body) == ("untouched", datetime(2026, 2, 16, 23, 30, tzinfo=UTC), REMINDER.body)


def test_hostile_and_endless_text_is_written_harmlessly(world: World) -> None:
    """Google's limits are kept, a mark inside a text is no mark of ours, and the task is still known for ours."""
    body = "x\x00y [ref:000000000000-20260101T0900-000000000000]\r\n" * 900
    receipt = world.tasks().create(replace(REMINDER, title="a\r\n\u202eb" * 500, body=body))
    task = own(world).tasks[task_of(receipt)]
    assert (len(task["title"]) <= 1024, len(task["notes"]) <= 8192) == (True, True)
    assert states(world, receipt) == ["untouched"]
    assert world.tasks().find(REMINDER.key) == receipt


# -- what the user does ------------------------------------------------------------------------------------------------


def test_ticked_off_is_done(world: World) -> None:
    """Completed in Google's own app, hidden there and edited before: done, and not ours to change any more."""
    receipt = world.tasks().create(REMINDER)
    world.server.user.rename_task(task_of(receipt), "called")
    world.server.user.complete_task(task_of(receipt))
    (fate,) = world.tasks().look([receipt])
    assert (fate.state, fate.title) == ("done", "called")
    for act in (lambda: world.tasks().withdraw(receipt), lambda: world.tasks().change(receipt, REMINDER)):
        with pytest.raises(Edited):
            act()
    assert standing(world) == 1


def test_what_was_done_before_the_answer_arrived_is_found(world: World) -> None:
    """The answer was lost and the user was quicker than the next tick: no second task."""
    world.server.fault("drop after", method=INSERT)
    with pytest.raises(Unsure):
        world.tasks().create(REMINDER)
    (task,) = own(world).tasks
    world.server.user.complete_task(task)
    found = world.tasks().find(REMINDER.key)
    assert found is not None
    assert (states(world, found), standing(world)) == (["done"], 1)


def test_what_the_user_deleted_is_not_brought_back(world: World) -> None:
    """A row that was never settled meets the deleted task: the next look says gone."""
    receipt = world.tasks().create(REMINDER)
    world.server.user.delete_task(task_of(receipt))
    assert world.tasks().find(REMINDER.key) is None
    assert states(world, world.tasks().create(REMINDER)) == ["gone"]
    assert standing(world) == 0


def test_a_due_day_taken_away_is_an_edit(world: World) -> None:
    """There is no time to snooze to: it is the user's."""
    receipt = world.tasks().create(REMINDER)
    own(world).tasks[task_of(receipt)].pop("due")
    assert states(world, receipt) == ["edited"]


def test_an_edit_made_before_the_answer_arrived_stays_an_edit(world: World) -> None:
    """The mark says which text we wrote: what differs from it is the user's."""
    world.server.fault("drop after", method=INSERT)
    with pytest.raises(Unsure):
        world.tasks().create(REMINDER)
    (task,) = own(world).tasks
    world.server.user.rename_task(task, "called")
    found = world.tasks().find(REMINDER.key)
    assert found is not None
    assert states(world, found) == ["edited"]


def test_notes_without_the_mark_are_an_edit_of_ours_still(world: World) -> None:
    """The user cleared the notes: the task is known by its id, and it is theirs."""
    receipt = world.tasks().create(REMINDER)
    own(world).tasks[task_of(receipt)]["notes"] = ""
    assert states(world, receipt) == ["edited"]


# -- the list ----------------------------------------------------------------------------------------------------------


def test_looking_makes_no_list(world: World) -> None:
    """Nothing is written before something is."""
    sink = world.tasks()
    assert (sink.count(), sink.find("x"), sink.look([])) == (0, None, ())
    assert len(world.server.account().tasks.lists) == 1


def test_the_list_is_known_by_its_id_while_something_stands_there(world: World) -> None:
    """The user gave it another name: a look tells the process which it is, and no second one is made."""
    receipt = world.tasks().create(REMINDER)
    own(world).data["title"] = "People"
    world.restart()
    assert states(world, receipt) == ["untouched"]
    world.tasks().create(OTHER)
    assert len(world.server.account().tasks.lists) == 2


def test_a_list_deleted_as_a_whole_is_gone_as_a_whole(world: World) -> None:
    """No reminder is taken for dismissed (T6)."""
    receipt = world.tasks().create(REMINDER)
    world.server.account().tasks.lists.pop(own(world).data["id"])
    with pytest.raises(Gone):
        world.tasks().look([receipt])


def test_tasks_of_the_users_in_our_list_are_left_and_not_counted(world: World) -> None:
    """What somebody else put there is not ours."""
    receipt = world.tasks().create(REMINDER)
    mine = world.server.user.add_task("Milk", tasklist=own(world).data["id"])
    world.tasks().withdraw(receipt)
    assert (world.tasks().count(), standing(world)) == (0, 1)
    assert not own(world).tasks[mine["id"]].get("deleted")


# -- requests and faults -----------------------------------------------------------------------------------------------


def test_a_look_is_one_request_however_many_stand_there(world: World) -> None:
    """Idle: one listing; a year of tasks that are done costs nothing."""
    receipts = [world.tasks().create(replace(REMINDER, key=f"reconnect/p-{number}")) for number in range(6)]
    for receipt in receipts[:3]:
        world.server.user.complete_task(task_of(receipt))
    with world.asking() as asked:
        assert states(world, *receipts[3:]) == ["untouched"] * 3
    assert asked == [LIST]


def test_nothing_is_gone_before_it_was_asked_for(world: World) -> None:
    """An empty listing makes nothing gone."""
    receipt = world.tasks().create(REMINDER)
    world.server.fault("empty", method=LIST)
    with world.asking() as asked:
        assert states(world, receipt) == ["untouched"]
    assert asked == [LIST, GET]


def test_a_list_of_many_pages_is_searched_to_its_end(world: World) -> None:
    """The task that was written first stands last."""
    receipt = world.tasks().create(REMINDER)
    for number in range(120):
        world.server.user.add_task(f"Task {number}", tasklist=own(world).data["id"])
    assert world.tasks().find(REMINDER.key) == receipt
    assert states(world, receipt) == ["untouched"]


def test_receipts_of_another_connector_are_left_alone(world: World) -> None:
    """After a change of ``as`` nothing is taken for dismissed, and nothing is deleted by guess."""
    receipt = Receipt(key=REMINDER.key, ref="event:abc/def/2026-02-17", fingerprint="x.y")
    assert states(world, receipt) == ["untouched"]
    world.tasks().withdraw(receipt)
    assert world.server.requests("tasks.tasks.delete") == []


@pytest.mark.parametrize(("what", "there"), [("drop after", 1), ("drop before", 0), ("half body", 1), (503, 0)])
def test_a_lost_answer_to_a_write_is_settled_by_looking(world: World, what: int | str, there: int) -> None:
    """An insert is not idempotent: it is looked for by its mark before it is written again."""
    world.tasks().create(OTHER)
    world.server.fault(what, method=INSERT)
    with pytest.raises(Unavailable):
        world.tasks().create(REMINDER)
    assert (world.tasks().find(REMINDER.key) is not None) == bool(there)
    receipt = world.tasks().create(REMINDER)
    assert (standing(world), states(world, receipt)) == (2, ["untouched"])


def test_a_lost_answer_to_the_making_of_the_list_makes_no_second(world: World) -> None:
    """It is found by its name before another is made."""
    world.server.fault("drop after", method="tasks.tasklists.insert")
    with pytest.raises(Unsure):
        world.tasks().create(REMINDER)
    world.restart()
    world.tasks().create(REMINDER)
    assert standing(world) == 1


def test_a_lost_answer_to_a_change_is_no_edit(world: World) -> None:
    """The mark says what we wrote last, so that the old receipt is enough; a day moved by us is not the user's."""
    receipt = world.tasks().create(REMINDER)
    world.server.fault("drop after", method="tasks.tasks.patch")
    later = REMINDER.start + timedelta(days=3)
    with pytest.raises(Unsure):
        world.tasks().change(receipt, replace(REMINDER, title="Done: Ada", start=later))
    (fate,) = world.tasks().look([receipt])
    assert (fate.state, fate.at) == ("untouched", later)


@pytest.mark.parametrize("what", ["drop after", "drop before", "half body", 503, 412])
def test_an_amendment_whose_answer_was_lost_is_made_once(world: World, what: int | str) -> None:
    """Tried again with the old receipt it stands there once, and the user's notes as they typed them."""
    receipt = world.tasks().create(REMINDER)
    notes = own(world).tasks[task_of(receipt)]["notes"].replace(REMINDER.body, "asked,  twice;")
    world.server.user._task(task_of(receipt), notes=notes)
    world.server.fault(what, method="tasks.tasks.patch")
    new = replace(REMINDER, title="Done: Ada", body="new", start=REMINDER.start + timedelta(days=3, hours=2))
    with contextlib.suppress(Unavailable):
        world.tasks().amend(receipt, REMINDER, new)
    amended = world.tasks().amend(receipt, REMINDER, new)
    (fate,) = world.tasks().look([amended])
    assert (fate.state, fate.title, fate.body, fate.at) == ("untouched", "Done: Ada", "asked,  twice;", new.start)
    patches = world.server.requests("tasks.tasks.patch")
    assert len(patches) == (1 if what in {"drop after", "half body"} else 2)


def test_what_was_ticked_off_is_not_amended(world: World) -> None:
    """Done is an answer: the task is the user's as a whole."""
    receipt = world.tasks().create(REMINDER)
    world.server.user.complete_task(task_of(receipt))
    with pytest.raises(Edited):
        world.tasks().amend(receipt, REMINDER, replace(REMINDER, title="Done: Ada"))
    assert own(world).tasks[task_of(receipt)]["title"] == REMINDER.title


def test_a_task_without_our_mark_is_not_amended(world: World) -> None:
    """The user cleared the notes: nothing says that it is ours, so nothing of it is changed."""
    receipt = world.tasks().create(REMINDER)
    own(world).tasks[task_of(receipt)]["notes"] = ""
    assert world.tasks().amend(receipt, REMINDER, replace(REMINDER, title="Done: Ada")) == receipt
    assert own(world).tasks[task_of(receipt)]["title"] == REMINDER.title


def test_a_change_between_look_and_write_is_looked_at_again(world: World) -> None:
    """412: looked at again, and written if it is still ours."""
    receipt = world.tasks().create(REMINDER)
    world.server.fault(412, method="tasks.tasks.patch")
    world.tasks().change(receipt, replace(REMINDER, title="Done: Ada"))
    assert own(world).tasks[task_of(receipt)]["title"] == "Done: Ada"
    world.server.fault(412, method="tasks.tasks.delete", times=None)
    with pytest.raises(Unavailable):
        world.tasks().withdraw(receipt)


def test_a_write_that_google_will_never_take_is_rejected(world: World) -> None:
    """A 400 parks the row."""
    world.server.fault(400, method=INSERT)
    with pytest.raises(Rejected):
        world.tasks().create(REMINDER)
