"""Undone at Google: the calendar, the tasks and the drafts, killed at any request; our tombstones are nobody's no.

The world is that of ``tests/google/test_crash.py``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connectors._google import meter
from daemon.model import UNDONE, Decision, Entry
from daemon.relate import opinions
from daemon.session import Session, open_session
from daemon.tick import catch_up
from daemon.undo import Undone, undo
from daemon.world import Report
from tests.google.server import Server
from tests.google.test_crash import NOW, later, once, power, worth_killing
from tests.google.test_crash import world as anywhere

SENDING = "google.drafts.json"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A read tried again waits for seconds; here none pass."""
    monkeypatch.setattr(meter, "Clock", partial(meter.Clock, sleep=lambda _: None))


def session(folder: Path, after: float = 0) -> Session:
    return open_session(folder / "config.toml", NOW + timedelta(days=after))


@contextmanager
def world(folder: Path) -> Iterator[Server]:
    """The week goes on, and is looked back on; not here."""
    with anywhere(folder) as server:
        path = folder / "config.toml"
        path.write_text(path.read_text().replace("[write]", "[routine]\nreview = false\n[write]"))
        yield server


def undo_in(folder: Path) -> Undone:
    ground = session(folder)
    with ground.ledger(write=True) as ledger:
        state = ground.memory(ledger).state()
        undone = undo(ledger, tuple(ground.worlds(state.entries)), state, lambda _: True, unconfirm=True)
    ground.settle()
    return undone


def tick_in(folder: Path, server: Server, after: float = 0) -> Report:
    server.advance(NOW + timedelta(days=after) - server.now)
    ground = session(folder, after)
    with ground.ledger(write=True) as ledger:
        return catch_up(ledger, ground.world(), ground.now, lambda _: None)


def rows(folder: Path) -> list[Entry]:
    with session(folder).ledger(write=False) as ledger:
        return list(ledger.entries())


def standing(server: Server) -> list[Any]:
    """What Kith wrote and the user sees: events, open tasks, drafts."""
    account = server.account()
    calendars = [one for one in account.calendars.calendars.values() if one.summary == "Kith"]
    events = [event for one in calendars for event in one.events.values() if not event.cancelled]
    lists = [one for one in account.tasks.lists.values() if one.data["title"] == "Kith"]
    tasks = [task for one in lists for task in one.tasks.values() if not task.get("deleted")]
    return [*events, *tasks, *server.user.find_drafts()]


def is_all_gone(folder: Path, server: Server) -> bool:
    states = {(row.state, row.problem, row.leaving) for row in rows(folder)}
    return standing(server) == [] and states == {("withdrawn", UNDONE, "")}


def as_tasks(folder: Path, server: Server) -> None:
    path = folder / "config.toml"
    path.write_text(path.read_text().replace("pace = 0", 'pace = 0\nas = "tasks"'))
    scopes = ("calendar.events.readonly", "calendar.calendarlist.readonly", "tasks")
    (folder / "state" / "tokens" / "google.calendar.json").write_text(json.dumps(server.grant(scopes)))


@pytest.mark.parametrize("tasks", [False, True])
def test_everything_untouched_goes(tmp_path: Path, tasks: bool) -> None:
    """Events or tasks, and drafts: all of it goes; the calendar itself stays, it is the user's to delete."""
    with world(tmp_path) as server:
        if tasks:
            as_tasks(tmp_path, server)
        once(tmp_path)
        assert len(standing(server)) >= 4
        undone = undo_in(tmp_path)
        assert len(undone.taken) == len(rows(tmp_path))
        assert undone.troubles == ()
        assert is_all_gone(tmp_path, server)
        before = len([entry for entry in server.log if entry.verb != "GET" and entry.method])
        tick_in(tmp_path, server, 1)
        assert len([entry for entry in server.log if entry.verb != "GET" and entry.method]) == before


def test_our_own_tombstones_are_nobodys_no(tmp_path: Path) -> None:
    """An interval later the matter comes again under a new id, stands, and no interval has grown (C28)."""
    with world(tmp_path) as server:
        once(tmp_path)
        first = {row.person: row.key for row in rows(tmp_path) if row.kind == "reconnect"}
        assert first
        mark_key(tmp_path, first)
        undo_in(tmp_path)
        assert tick_in(tmp_path, server, 2).delivered == ()
        before = paces(tmp_path, 2)
        for rest in sorted({before[person] for person in first}):
            tick_in(tmp_path, server, rest + 1)
        again = {row.person: row for row in rows(tmp_path) if row.kind == "reconnect" and row.cycle > 0}
        assert again.keys() == first.keys()
        assert all(row.cycle == 1 and row.key != first[person] for person, row in again.items())
        assert "dismissed" not in {row.state for row in rows(tmp_path)}
        assert {person: paces(tmp_path, 23)[person] for person in first} == {person: before[person] for person in first}


def mark_key(folder: Path, people: Iterable[str]) -> None:
    """Say that these are tended every three weeks, so that they do not fall dormant meanwhile."""
    with session(folder).ledger(write=True) as ledger, ledger.unit():
        ledger.save_decisions(
            Decision(key=f"mark/{person}", at=NOW, kind="mark", about=person, value="key") for person in people
        )


def paces(folder: Path, after: float) -> dict[str, float]:
    ground = session(folder, after)
    with ground.ledger(write=False) as ledger:
        return {person: opinion.ideal for person, opinion in opinions(ground.memory(ledger).state()).items()}


def test_killed_at_every_request(tmp_path: Path) -> None:
    """Every write of an undo, killed after its effect, a part of the rest: another undo takes the rest back."""
    (tmp_path / "counted").mkdir()
    with world(tmp_path / "counted") as server:
        once(tmp_path / "counted")
        with power() as count:
            undo_in(tmp_path / "counted")
        assert is_all_gone(tmp_path / "counted", server)
    assert count.calls.count("write") >= 3
    for at, after in worth_killing(count.calls):
        folder = tmp_path / f"{at}-{after}"
        folder.mkdir()
        with world(folder) as server:
            once(folder)
            with power(at, after=after):
                undo_in(folder)
            later(folder, server)
            undo_in(folder)
            assert is_all_gone(folder, server), f"killed at step {at}"


@pytest.mark.parametrize(
    ("what", "code"), [("drop before", "unavailable"), ("drop after", "unavailable"), ("503", "unavailable")]
)
def test_a_request_that_fails(tmp_path: Path, what: str, code: str) -> None:
    """The n-th write fails, done or not: the others go, the tick after takes back the rest; none counts as deleted."""
    for nth in range(1, 5):
        folder = tmp_path / str(nth)
        folder.mkdir()
        with world(folder) as server:
            once(folder)
            server.fault(int(what) if what.isdigit() else what, verb="DELETE", nth=nth)
            undone = undo_in(folder)
            assert {trouble.code for trouble in undone.troubles} == {code}
            assert len(undone.waiting) >= 1
            later(folder, server)
            tick_in(folder, server, 1)
            assert is_all_gone(folder, server), nth


def test_without_its_login_the_rest_goes(tmp_path: Path) -> None:
    """The login for drafts is gone: reminders are taken back, drafts wait, and the login is named."""
    with world(tmp_path) as server:
        once(tmp_path)
        (tmp_path / "state" / "tokens" / SENDING).unlink()
        undone = undo_in(tmp_path)
        assert [item.code for item in undone.troubles] == ["needs-login"]
        assert {row.kind for row in undone.waiting} == {"draft"}
        assert {row.kind for row in undone.taken} == {row.kind for row in rows(tmp_path)} - {"draft"}
        assert len(standing(server)) == len(undone.waiting)


def test_what_the_user_made_of_it_stays(tmp_path: Path) -> None:
    """A renamed event and an edited draft stay and are counted; a moved event and a draft saved again go."""
    with world(tmp_path) as server:
        once(tmp_path)
        (own,) = (one for one in server.account().calendars.calendars.values() if one.summary == "Kith")
        first, second, *_ = sorted(own.events)
        server.user.rename_event(first, "Talk to my friend")
        start = NOW + timedelta(days=3)
        server.user.move_event(second, start, start + timedelta(minutes=15))
        edited, saved, *_ = server.user.find_drafts()
        server.user.edit_draft(edited.id, body="My own words")
        server.user.autosave_draft(saved.id, 2)
        undone = undo_in(tmp_path)
        assert len(undone.edited) == len(standing(server)) == 2
        assert own.events[first].data["summary"] == "Talk to my friend"
        assert own.events[second].cancelled
