"""Whatever goes wrong, and whatever the user does meanwhile: nothing twice, nothing lost, nothing brought back."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from connectors._google.calendar_reminders import id_of
from connectors.records import Edited, Event, NeedsLogin, Pull, Receipt, Rejected, Unavailable
from daemon.learn import suspicious
from tests.connectors.contracts import NOW, REMINDER
from tests.connectors.google_calendar_world import World
from tests.google import Server
from tests.google.weather import WEATHER

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEYS = st.sampled_from([f"reconnect/p-{number}/due/0" for number in range(3)])
READS = st.sampled_from([*sorted(WEATHER), *["none"] * 6])
WRITES = st.sampled_from([*sorted(WEATHER), "412"])


class Machine(RuleBasedStateMachine):
    """A stand-in, an account at it, and a process that may end at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.server = Server(now=NOW - 30 * DAY)
        self.world = World(self.server, self.folder, patience=0.2)

    def teardown(self) -> None:
        self.world.wires.close()
        self.server.close()
        assert self.server.sent_paths() == []
        shutil.rmtree(self.folder)

    @rule()
    def restart(self) -> None:
        self.world.restart()

    @rule(hours=st.sampled_from([1, 3, 26]))
    def wait(self, hours: int) -> None:
        self.server.advance(hours * HOUR)

    def breaks(self, what: str, **where: Any) -> None:
        """Let something go wrong from now on."""
        kind, details = WEATHER.get(what) or (int(what), {})
        self.server.fault(kind, **where, **details)

    def calm(self) -> None:
        """End all faults, log in again where that was lost, and wait as long as Google asked for."""
        if any(fault.what == "revoke" and fault.hits for fault in self.server.faults.ordered):
            self.world.log_in()
        self.server.calm()
        self.world.slept += 26 * HOUR


class Reading(Machine):
    """The user's calendars, and a ledger that keeps what the pulls say."""

    def __init__(self) -> None:
        super().__init__()
        self.team = self.server.user.add_calendar("Team").id
        self.cursor: Any = None
        self.kept: dict[str, Event] = {}
        self.listed: int | None = None
        self.number = 0

    @rule(days=st.integers(-100, 29), team=st.booleans(), weekly=st.booleans())
    def add(self, days: int, team: bool, weekly: bool) -> None:
        self.number += 1
        more: dict[str, Any] = {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=12"]} if weekly else {}
        where = self.team if team else "primary"
        self.server.user.add_event(f"Event {self.number}", self.server.now + days * DAY, calendar=where, **more)

    def _some(self, pick: int) -> str | None:
        calendars = self.server.account().calendars.calendars.values()
        live = [name for one in calendars for name, event in one.events.items() if not event.cancelled]
        return sorted(live)[pick % len(live)] if live else None

    @rule(pick=st.integers(0, 99), what=st.sampled_from(["delete", "rename", "touch", "move"]), days=st.integers(-9, 9))
    def act(self, pick: int, what: str, days: int) -> None:
        name, user = self._some(pick), self.server.user
        if name is None:
            return
        if what == "delete":
            user.delete_event(name)
        elif what == "rename":
            user.rename_event(name, f"Renamed {days}")
        elif what == "touch":
            user.edit_event(name, colorId="3")
        elif "recurrence" not in user.event(name).data:
            user.move_event(name, self.server.now + days * DAY)

    @precondition(lambda self: self.cursor is not None)
    @rule(pick=st.integers(0, 99))
    def delete_an_occurrence(self, pick: int) -> None:
        name = self._some(pick)
        if name is not None and self.server.user.event(name).series is not None:
            series = self.server.user.event(name).series
            assert series is not None
            found = list(series.between(None, None, 20))
            one = found[pick % len(found)]["id"]
            if not self.server.user.event(one).cancelled:
                self.server.user.delete_event(one)

    @rule(fault=READS, nth=st.integers(1, 6), times=st.sampled_from([1, 1, 9]), refused=st.booleans())
    def pull(self, fault: str, nth: int, times: int, refused: bool) -> None:
        """Pull once, with a fault somewhere on the way; now and then the caller dies before it has stored the page."""
        if fault != "none":
            self.breaks(fault, method="calendar.events.list", nth=nth, times=times)
        try:
            page = self._page()
        except (Unavailable, NeedsLogin):
            pass
        else:
            if not refused and not suspicious(self.listed, page.listed):
                self._keep(page)
        self.calm()

    @precondition(lambda self: self.cursor is not None)
    @rule()
    def emptied(self) -> None:
        """Google answers with an empty window."""
        self._settle()
        self.server.advance(timedelta(minutes=5))
        self.server.fault("empty", method="calendar.events.list", times=2)
        page = self._page()
        if not suspicious(self.listed, page.listed):
            self._keep(page)
        self.calm()

    def _page(self) -> Pull:
        source = self.world.source({"primary": "work", self.team: "work"})
        return source.pull(self.cursor, self.server.now)

    def _keep(self, page: Pull) -> None:
        self.cursor, self.listed = page.cursor, page.listed
        new = {item.key: item for item in page.items if isinstance(item, Event)}
        absent = {row.source_id for row in page.complete if row.source_id}
        out = {*page.gone, *absent}
        self.kept = {key: event for key, event in self.kept.items() if event.source_id not in out or key in new}
        self.kept |= new

    def _settle(self) -> None:
        """Pull in peace until nothing is left to read, an hour later, so that older events are asked for too: those of
        one calendar with each pull."""
        self.server.advance(2 * HOUR)
        calendars = 2
        for _ in range(40):
            page = self._page()
            self.listed = None if suspicious(self.listed, page.listed) else self.listed  # accepted by the user
            self._keep(page)
            calendars -= page.caught_up
            if not calendars:
                return
            self.server.advance(timedelta(minutes=1))
        raise AssertionError("never catches up")

    @rule()
    def in_the_end_all_is_known(self) -> None:
        """What is kept is what stands there, each once, up to the window's end."""
        self._settle()
        assert {(event.key, event.title, event.start) for event in self.kept.values()} == self._truth()
        again = self._page()
        assert (again.items, again.gone, again.cursor) == ((), (), self.cursor)

    def _truth(self) -> set[Any]:
        """Ask in one sweep what stands there."""
        source = self.world.source({"primary": "work", self.team: "work"})
        wires, self.world.wires = self.world.wires, self.world.new_wires()
        try:
            found: set[Any] = set()
            cursor: Any = None
            for _ in range(40):
                page = replace(source, wires=self.world.wires).pull(cursor, self.server.now)
                found |= {(item.key, item.title, item.start) for item in page.items if isinstance(item, Event)}
                cursor = page.cursor
                if page.caught_up:
                    break
        finally:
            self.world.wires.close()
            self.world.wires = wires
        return found


class Writing(Machine):
    """Three reminders that somebody wants there, and a user who moves, edits and deletes them."""

    method = "calendar.events"

    def __init__(self) -> None:
        super().__init__()
        self.receipts: dict[str, Receipt] = {}
        self.refused: set[str] = set()
        """Keys that the user deleted."""
        self.edited: dict[str, str] = {}
        """The user's own words, by key."""
        self.withdrawn: set[str] = set()
        self.leaving: set[str] = set()
        """Keys whose withdrawal was tried, and nobody knows whether it happened."""

    def sink(self) -> Any:
        return self.world.reminders()

    def live(self, key: str) -> list[str]:
        calendars = self.server.account().calendars.calendars.values()
        found = [one.events[id_of(key)] for one in calendars if id_of(key) in one.events]
        return [event.data["summary"] for event in found if not event.cancelled]

    def user(self, key: str, what: str, text: str) -> None:
        user = self.server.user
        if what == "delete":
            user.delete_event(id_of(key))
        elif what == "edit":
            user.rename_event(id_of(key), text)
        else:
            user.move_event(id_of(key), REMINDER.start + timedelta(days=len(text)))

    def _try(self, fault: str, act: Callable[[], Any], nth: int = 1) -> Any:
        """Do something while a write goes wrong; return None when it did not come about."""
        self.breaks(fault, method=f"{self.method}.*", verb="[!G]*", nth=nth)
        try:
            return act()
        except (Unavailable, Rejected, NeedsLogin):
            return None
        finally:
            self.calm()

    @rule(key=KEYS, fault=WRITES, nth=st.integers(1, 2))
    def write(self, key: str, fault: str, nth: int) -> None:
        if key in self.receipts or key in self.withdrawn:
            return
        item = replace(REMINDER, key=key)
        receipt = self._try(fault, lambda: self.sink().find(key) or self.sink().create(item), nth)
        if receipt is not None:
            self.receipts[key] = receipt

    @rule(key=KEYS, fault=WRITES, nth=st.integers(1, 2), title=st.sampled_from(["Done: Ada", "Noted: 2 people"]))
    def change(self, key: str, fault: str, nth: int, title: str) -> None:
        if key not in self.receipts:
            return
        receipt, item = self.receipts[key], replace(REMINDER, key=key, title=title)
        try:
            self.receipts[key] = self._try(fault, lambda: self.sink().change(receipt, item), nth) or receipt
        except Edited:
            assert key in self.edited or key in self.refused or key in self.leaving

    @rule(key=KEYS, fault=WRITES)
    def withdraw(self, key: str, fault: str) -> None:
        if key not in self.receipts:
            return
        receipt = self.receipts[key]
        try:
            done = self._try(fault, lambda: self.sink().withdraw(receipt) or True)
        except Edited:
            assert key in self.edited
            return
        self.leaving.add(key)
        if done:
            assert key not in self.edited or key in self.refused
            self.withdrawn.add(self.receipts.pop(key).key)

    @rule(
        key=KEYS, what=st.sampled_from(["delete", "edit", "edit", "move"]), text=st.sampled_from(["called", "x", "no!"])
    )
    def act(self, key: str, what: str, text: str) -> None:
        if not self.live(key):
            return
        self.user(key, what, text)
        if what == "delete":
            self.refused.add(key)
        elif what == "edit":
            self.edited[key] = text

    @rule(fault=READS, empty=st.booleans())
    def look(self, fault: str, empty: bool) -> None:
        if empty:
            self.server.fault("empty", method=f"{self.method}.list", times=3)
        elif fault != "none":
            self.breaks(fault, method=f"{self.method}.list", times=3)
        receipts = list(self.receipts.values())
        try:
            fates = self.sink().look(receipts)
        except (Unavailable, NeedsLogin):
            return
        finally:
            self.calm()
        for fate in fates:
            expected = {"gone"} if not self.live(fate.key) else {"edited"} if fate.key in self.edited else {
                "untouched", "moved"}  # fmt: skip
            assert fate.state in expected

    @invariant()
    def the_user_is_never_overruled(self) -> None:
        for key in [f"reconnect/p-{number}/due/0" for number in range(3)]:
            live = self.live(key)
            assert len(live) <= 1
            if key in self.refused or key in self.withdrawn:
                assert live == []
            elif key in self.edited:
                assert live == [self.edited[key]]
            elif key in self.receipts and key not in self.leaving:
                assert len(live) == 1


class Ticking(Writing):
    """The same with tasks."""

    method = "tasks.tasks"

    def sink(self) -> Any:
        return self.world.tasks()

    def _tasks(self, key: str) -> list[dict[str, Any]]:
        found = self.world.tasks().find(key)
        rows = [task for one in self.server.account().tasks.lists.values() for task in one.tasks.values()]
        ids = {receipt.ref.partition("/")[2] for receipt in (found, self.receipts.get(key)) if receipt}
        return [task for task in rows if task["id"] in ids and not task.get("deleted")]

    def live(self, key: str) -> list[str]:
        return [task["title"] for task in self._tasks(key)]

    def user(self, key: str, what: str, text: str) -> None:
        (task,) = self._tasks(key)
        if what == "delete":
            self.server.user.delete_task(task["id"])
        elif what == "edit":
            self.server.user.rename_task(task["id"], text)
        else:
            due = (REMINDER.start + timedelta(days=len(text))).date()
            self.server.user._task(task["id"], due=f"{due.isoformat()}T00:00:00.000Z")

    @invariant()
    def no_task_stands_there_twice(self) -> None:
        rows = [task for one in self.server.account().tasks.lists.values() for task in one.tasks.values()]
        marks = [task["notes"].rpartition("[ref:")[2][:12] for task in rows]
        assert len(marks) == len(set(marks))


CI = settings(max_examples=12, stateful_step_count=30, deadline=None)
TestReading = Reading.TestCase
TestReading.settings = CI
TestWriting = Writing.TestCase
TestWriting.settings = CI
TestTicking = Ticking.TestCase
TestTicking.settings = CI
