"""Ticks come about every so often, whatever becomes of the clock: put forward or back, slept through, summer time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from types import SimpleNamespace

import pytest
import schedule

from daemon.timetable import Timetable, fresh_look, is_in_time, live_in_utc, pause
from tests.histories import NOW, entry

QUARTER = timedelta(minutes=15)
MOST = timedelta(minutes=15 * 1.25 + 1)
"""A quarter of an hour, its jitter, and the minute in which the simulation looks."""
MINUTE = timedelta(minutes=1)


@dataclass
class World:
    """A clock on the wall that can be put to another time, and one that only ever goes on."""

    wall: datetime
    passed: timedelta = timedelta()

    def goes_on(self, span: timedelta = MINUTE) -> None:
        self.wall += span
        self.passed += span


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """What ``schedule`` takes for the time of this process, in the zone that this process believes to be in."""
    made = World(datetime(2026, 11, 28, 12, tzinfo=UTC))

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.fromtimestamp(made.wall.timestamp(), tz)

    monkeypatch.setattr(schedule, "datetime", SimpleNamespace(datetime=Clock, timedelta=timedelta))
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield made
    monkeypatch.undo()
    time.tzset()


def ticks(world: World, hours: float, at: Callable[[World], None] = lambda _: None) -> list[timedelta]:
    """Let the hours pass, minute by minute, and return when there was a tick; ``at`` meddles once, halfway."""
    found: list[timedelta] = []

    def tick() -> None:
        found.append(world.passed)
        table.keep(QUARTER)

    table = Timetable(tick)
    tick()
    for minute in range(int(hours * 60)):
        if minute == int(hours * 30):
            at(world)
        world.goes_on()
        table.run(world.wall)
    return [*found, world.passed]


def gaps(moments: list[timedelta]) -> list[timedelta]:
    return [later - earlier for earlier, later in pairwise(moments)]


@pytest.mark.parametrize("jump", [timedelta(minutes=-minutes) for minutes in (10, 60, 24 * 60, 9000 * 24 * 60)])
def test_a_clock_put_back_delays_no_tick(world: World, jump: timedelta) -> None:
    """Nobody waits until it is that late again: by a clock that only goes on, the ticks come as ever."""

    def put(on: World) -> None:
        on.wall += jump

    allowed = MOST + (timedelta(minutes=10) if jump == timedelta(minutes=-10) else MOST)
    assert max(gaps(ticks(world, 6, put))) <= allowed
    assert sorted(gaps(ticks(world, 6, put)))[-3] <= MOST


@pytest.mark.parametrize("jump", [timedelta(hours=3), timedelta(days=1), timedelta(days=9000)])
def test_a_clock_put_forward_or_a_sleep_is_one_tick_and_not_many(world: World, jump: timedelta) -> None:
    """However much was slept through, it is made up for by one tick, at once."""

    def put(on: World) -> None:
        on.wall += jump

    moments = ticks(world, 6, put)
    assert max(gaps(moments)) <= MOST
    halfway = timedelta(hours=3)
    assert sum(halfway < moment <= halfway + timedelta(minutes=5) for moment in moments[:-1]) == 1


@pytest.mark.parametrize("evening", ["2026-03-28T22:00", "2026-10-24T22:00", "2027-04-03T12:00", "2026-10-03T12:00"])
@pytest.mark.parametrize("zone", ["Europe/Vienna", "Australia/Lord_Howe", "America/New_York"])
def test_summer_time_begins_and_ends_without_a_gap(
    world: World, monkeypatch: pytest.MonkeyPatch, evening: str, zone: str
) -> None:
    """``schedule`` reckons in the zone of the process and stands still for an hour; the process lives in UTC (T8)."""
    world.wall = datetime.fromisoformat(evening).replace(tzinfo=UTC)
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    live_in_utc()
    moments = ticks(world, 8)
    assert max(gaps(moments)) <= MOST
    assert len(moments) >= 8 * 60 / 19


@pytest.mark.parametrize(
    ("every", "down", "waits"),
    [
        (15, 0, 15),
        (15, 1, 1),
        (15, 2, 2),
        (15, 3, 4),
        (15, 6, 32),
        (15, 7, 60),
        (15, 500, 60),
        (1, 3, 4),
        (240, 0, 240),
        (240, 8, 128),
        (240, 9, 240),
    ],
)
def test_while_nobody_answers_the_pause_doubles_up_to_an_hour(every: int, down: int, waits: int) -> None:
    """A short outage is over soon, a long one costs little; the first answer brings back the pause chosen."""
    assert pause(timedelta(minutes=every), down) == timedelta(minutes=waits)


@pytest.mark.parametrize(("minutes", "fed"), [(0, True), (15, True), (19, True), (20, False), (500, False)])
def test_the_watchdog_goes_hungry_when_no_tick_comes(minutes: int, fed: bool) -> None:
    """A loop that turns without ever ticking is as dead as one that hangs."""
    assert is_in_time(1000.0, 1000.0 + minutes * 60, QUARTER) is fed


# -- a fresh look before something rings -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "more", "wanted"),
    [
        (60, {"alarm": 0}, 50),
        (60, {"alarm": 5}, 45),
        (60, {"alarm": 0, "state": "moved"}, 50),
        (9, {"alarm": 0}, None),
        (60, {}, None),
        (60, {"alarm": 0, "state": "edited"}, None),
        (60, {"alarm": 0, "state": "overtaken"}, None),
    ],
)
def test_ten_minutes_before_a_popup(minutes: float, more: dict[str, object], wanted: float | None) -> None:
    """What rings, as Kith wrote it or where the user put it, is looked at once more; nothing else is."""
    made = entry("follow-up", day=minutes / 24 / 60, **more)  # type: ignore[arg-type]
    expected = None if wanted is None else NOW + timedelta(minutes=wanted)
    assert fresh_look([made, entry("reconnect", day=0.01)], NOW) == expected


def test_the_first_of_several_and_sooner_where_the_account_rings_sooner() -> None:
    several = [entry("follow-up", day=hours / 24, alarm=0) for hours in (5, 3, 4)]
    assert fresh_look(several, NOW, timedelta(minutes=30)) == NOW + timedelta(hours=3) - timedelta(minutes=40)


def test_a_fresh_look_is_one_tick_more(world: World) -> None:
    """With ticks hours apart it comes at its minute, once; the ticks after it come as ever; a tick before it is it."""
    found: list[timedelta] = []
    wanted = world.wall + timedelta(minutes=50)

    def tick() -> None:
        found.append(world.passed)
        table.keep(timedelta(hours=4))
        table.look(wanted if world.wall < wanted else None)

    table = Timetable(tick)
    tick()
    for _ in range(24 * 60):
        world.goes_on()
        table.run(world.wall)
    assert found[1] == timedelta(minutes=50)
    assert all(timedelta(hours=3) <= gap <= timedelta(hours=5, minutes=1) for gap in gaps(found[1:]))
    table.keep(QUARTER)
    assert table.upcoming is not None
    table.look(table.upcoming + MINUTE)
    before = len(found)
    world.goes_on(MINUTE)
    table.run(world.wall)
    assert len(found) == before
