"""When do reminders stand, and what about people met for the first time?"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.records import Event, Guest
from daemon.model import Block, Capacity, Routine
from tests.histories import ME, NOW, SETTINGS, ZONE, days, decided, entry, history, person, state, taken, touch
from tests.plan.situations import LUNCHES, busy, friends, local, plan_for, why, written


def test_reconnects_fill_the_blocks_over_weeks() -> None:
    """Twelve who are due stand in the blocks of four weeks, two a day; a coming week keeps two places open."""
    plan = plan_for(state(friends(20)))
    rows = [local(item) for item in written(plan, "reconnect")]
    assert rows[:6] == ["Tue 02 09:00", "Tue 02 09:15", "Thu 04 09:00", "Thu 04 09:15", "Tue 09 09:00", "Tue 09 09:15"]
    assert rows[6:] == [
        *("Thu 11 09:00", "Tue 16 09:00", "Tue 16 09:15", "Thu 18 09:00"),
        *("Tue 23 09:00", "Tue 23 09:15", "Thu 25 09:00"),
    ]
    assert Counter(item.why for item in plan.held if item.kind == "reconnect") == {"week-full": 7}


def test_busy_quarters_are_stepped_over() -> None:
    """A meeting on the block moves the reminder behind it; free, declined, cancelled and all-day ones do not."""
    block = datetime(2026, 6, 2, 7, 0, tzinfo=UTC)
    declined = (Guest(address=ME.addresses[0], answer="declined"),)
    harmless = (
        busy(block, free=True),
        busy(block, status="cancelled"),
        busy(block, guests=declined),
        busy(block, kind="working-location"),
        busy(date(2026, 6, 2), 24),
    )
    assert local(plan_for(state(friends(1), calendar=harmless)).write[0]) == "Tue 02 09:00"
    taken_up = (*harmless, busy(block, role="busy"))
    assert local(plan_for(state(friends(1), calendar=taken_up)).write[0]) == "Tue 02 10:00"


@pytest.mark.parametrize(
    ("calendar", "open_", "first"),
    [
        ((busy(date(2026, 6, 2), 24, kind="out-of-office"),), False, "Thu 04 09:00"),
        ((busy(date(2026, 6, 1), 24 * 5),), False, "Tue 09 09:00"),
        ((busy(date(2026, 6, 1), 24 * 5),), True, "Tue 02 09:00"),
        ((busy(date(2026, 6, 1), 24 * 5, free=True),), False, "Tue 02 09:00"),
        ((busy(datetime(2026, 6, 2, 6, tzinfo=UTC), 10, kind="out-of-office"),), False, "Thu 04 09:00"),
    ],
    ids=[
        "out of office",
        "five busy days",
        "a conference of five days (P35)",
        "five free days",
        "out of office by the hour",
    ],
)
def test_days_off(calendar: tuple[Event, ...], open_: bool, first: str) -> None:
    """Nothing stands on a day off; a conference is none."""
    keys = frozenset(item.key for item in calendar) if open_ else frozenset()
    assert local(plan_for(state(friends(1), calendar=calendar, open_events=keys)).write[0]) == first


def test_holidays_and_blocks_are_the_users() -> None:
    """The user's own block and holidays count."""
    routine = Routine(blocks=(Block(weekday=2, at=ME.hours[1]),), holidays=frozenset({date(2026, 6, 3)}))
    plan = plan_for(state(friends(1), settings=replace(SETTINGS, routine=routine)))
    assert local(plan.write[0]) == "Wed 10 17:00"


def test_summer_time_keeps_the_hour() -> None:
    """The block stays at nine when the clocks change."""
    now = datetime(2026, 10, 21, 8, 0, tzinfo=UTC)
    facts = {"p-a": history(LUNCHES, "p-a", "a@far.example", now), "p-b": history(LUNCHES, "p-b", "b@far.example", now)}
    limits = replace(SETTINGS, capacity=Capacity(reminders_day=1))
    plan = plan_for(state(facts, now=now, settings=limits, earliest=now - days(900)))
    rows = written(plan, "reconnect")
    assert [local(item) for item in rows] == ["Thu 22 09:00", "Tue 27 09:00"]
    assert [item.start.hour for item in rows if item.start] == [7, 8]


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Australia/Lord_Howe", "2026-10-01"),  # half an hour of summer time begins on the 4th
        ("Australia/Lord_Howe", "2026-04-01"),
        ("Pacific/Apia", "2011-12-28"),  # there was no 30 December
        ("Africa/Casablanca", "2026-02-12"),  # an hour back for Ramadan
        ("America/Nuuk", "2026-03-25"),
        ("Asia/Kathmandu", "2026-11-18"),
        ("Pacific/Chatham", "2026-09-24"),
        ("America/New_York", "2026-10-29"),  # travelled: the zone of the configuration is another now
    ],
)
def test_every_zone_keeps_the_hour(zone: str, day: str) -> None:
    """Wherever the user is: on the day of the block, at nine by the clock there, across every change of it (T5)."""
    here = ZoneInfo(zone)
    now = datetime.fromisoformat(f"{day}T06:30").replace(tzinfo=here).astimezone(UTC)
    facts = {"p-a": history(LUNCHES, "p-a", "a@far.example", now), "p-b": history(LUNCHES, "p-b", "b@far.example", now)}
    limits = replace(SETTINGS, capacity=Capacity(reminders_day=1), me=replace(SETTINGS.me, zone=here))
    rows = written(plan_for(state(facts, now=now, settings=limits, earliest=now - days(900))), "reconnect")
    starts = [item.start.astimezone(here) for item in rows if item.start]
    assert len(starts) == 2
    assert {(start.strftime("%a"), start.strftime("%H:%M")) for start in starts} <= {("Tue", "09:00"), ("Thu", "09:00")}
    assert starts[0].date() < starts[1].date()


def test_five_a_week() -> None:
    """With a block on every day a week has five reminders, and a coming one keeps two places open."""
    routine = Routine(blocks=tuple(Block(weekday=day, at=ME.hours[0]) for day in range(5)))
    marks = tuple(decided("mark", who, "key") for who in ("p-a", "p-b"))
    plan = plan_for(state(friends(20), settings=replace(SETTINGS, routine=routine), decisions=marks))
    weeks = Counter(item.start.isocalendar().week for item in written(plan, "reconnect") if item.start)
    assert sorted(weeks.values(), reverse=True) == [5, 3, 3, 3]


def test_places_before_ranking() -> None:
    """A week has two places for growing people and two for key ones, though others are due for longer."""
    people = friends(6)
    people |= {who: history(["one-to-one -150..-50/50"], who, f"{who}@far.example") for who in ("k-1", "k-2", "k-3")}
    marks = tuple(decided("mark", who, "key") for who in ("k-1", "k-2", "k-3"))
    plan = plan_for(state(people, decisions=marks))
    week = [item.person for item in written(plan, "reconnect") if item.start and item.start < NOW + days(6)]
    assert week == ["k-1", "k-2", "p-a", "p-b"]


def test_places_of_key_people_are_for_ten() -> None:
    """Whoever was marked key when there were enough takes a place among the rest, and waits as the rest do."""
    people = friends(3) | {
        "p-z": history(["small-group -160", "small-group -120", "wrote -100"], "p-z", "z@far.example")
    }
    marks = tuple(
        decided("mark", who, "key", NOW - days(ago)) for who, ago in (("p-c", 9), ("p-b", 8), ("p-a", 7), ("p-z", 6))
    )
    limits = replace(SETTINGS, capacity=Capacity(key=2))
    plan = plan_for(state(people, decisions=marks, settings=limits))
    assert [item.person for item in written(plan, "reconnect")][:2] == ["p-b", "p-c"]
    assert why(plan, "p-z") == "waiting"
    assert why(plan_for(state(people, decisions=marks)), "p-z") is None


@pytest.mark.parametrize(
    ("meeting", "now", "wanted"),
    [
        ("2026-05-29 10:00", "2026-05-29 11:00", "Mon 01 09:00"),
        ("2026-05-28 18:00", "2026-05-28 20:00", "Fri 29 09:00"),
        ("2026-05-31 18:00", "2026-06-01 08:10", "Mon 01 09:00"),
        ("2026-05-31 18:00", "2026-06-01 09:20", "Mon 01 09:30"),
        ("2026-05-27 18:00", "2026-06-01 13:00", "Tue 02 09:00"),
    ],
    ids=["Friday 10:00 (S51)", "an evening", "the same morning", "from now on", "late, but within a week"],
)
def test_the_next_working_morning(meeting: str, now: str, wanted: str) -> None:
    """A follow-up rings on the first free quarter of the next working morning."""
    at, moment = (datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC) for text in (meeting, now))
    plan = plan_for(state({"p-1": (touch("one-to-one", at),)}, now=moment))
    row = written(plan, "follow-up")[0]
    assert (local(row), row.alarm, row.reason) == (wanted, 0, "first-meeting")


def test_a_conference_becomes_follow_ups_and_one_round_up() -> None:
    """Of nine first meetings three get a reminder of their own within 48 hours, the rest one event together (C35)."""
    now = NOW - timedelta(hours=4)
    facts = {
        f"n-{number}": (
            touch(
                "small-group",
                now - days(0.6),
                person=f"n-{number}",
                address=f"n{number}@far.example",
                title="Valley fair",
            ),
        )
        for number in range(9)
    }
    world = state(facts, now=now)
    plan = plan_for(world)
    assert [local(item) for item in written(plan, "follow-up")] == ["Mon 01 09:00", "Mon 01 09:15", "Tue 02 09:00"]
    (roundup,) = written(plan, "roundup")
    assert local(roundup) == "Tue 02 09:15"
    assert len({roundup.person, *roundup.also, *(item.person for item in written(plan, "follow-up"))}) == 9
    assert plan_for(taken(world, plan)).write == ()


def test_one_left_over_waits_for_monday() -> None:
    """A single one left over is no round-up: next week has room, while the meeting is fresh."""
    now = datetime(2026, 6, 3, 20, 0, tzinfo=UTC)
    full = tuple(
        entry(
            "follow-up",
            f"f-{number}",
            key=f"follow-up/f-{number}",
            day=0.1 + number,
            state="done",
            reason="first-meeting",
        )
        for number in range(3)
    )
    facts = {"p-1": (touch("one-to-one", now - timedelta(hours=3)),)}
    world = state(facts, now=now, entries=full)
    plan = plan_for(world)
    assert (plan.write, why(plan, "p-1", "follow-up")) == ((), "week-full")
    monday = plan_for(replace(world, now=datetime(2026, 6, 8, 5, 0, tzinfo=UTC)))
    assert local(written(monday, "follow-up")[0]) == "Mon 08 09:00"


def test_a_follow_up_takes_the_place_of_the_least_urgent() -> None:
    """In a full week a first meeting takes back one untouched reconnect, which finds another day."""
    blocks = (Block(weekday=1, at=ME.hours[0]), Block(weekday=2, at=ME.hours[0]))
    routine = Routine(blocks=blocks, days_off=frozenset({0, 3, 4, 5, 6}))
    people = friends(3) | {"p-z": history(["one-to-one -300..-120/30", "call -70"], "p-z", "p-z@far.example")}
    world = state(people, settings=replace(SETTINGS, routine=routine, drafts=None))
    world = taken(world, plan_for(world))
    assert [local(item) for item in world.entries] == ["Tue 02 09:00", "Tue 02 09:15", "Wed 03 09:00", "Wed 03 09:15"]
    facts = {**people, "p-1": history(["one-to-one -0.2"])}
    world = replace(world, people={**world.people, "p-1": person()}, touchpoints=facts)
    plan = plan_for(world)
    assert [(item.person, local(item)) for item in plan.write] == [("p-1", "Wed 03 09:15"), ("p-z", "Tue 09 09:00")]
    assert [item.why for item in plan.withdraw] == ["displaced"]
    again = plan_for(taken(world, plan))
    assert (again.write, again.withdraw) == ((), ())


def test_no_first_meeting_from_a_half_read_past() -> None:
    """Nobody is met for the first time in the first half year of the data (P26)."""
    world = state({"p-1": history(["one-to-one -1.1"])}, earliest=NOW - days(180))
    assert plan_for(world).write == ()
    assert written(plan_for(replace(world, earliest=NOW - days(190))), "follow-up")


def test_a_block_is_over_two_hours_after_it_began() -> None:
    """On a Tuesday afternoon the reminder waits for Thursday's block; nothing pops up the same evening."""
    now = datetime(2026, 6, 2, 14, 31, tzinfo=UTC)
    facts = {"p-a": history(LUNCHES, "p-a", "a@far.example", now)}
    assert local(plan_for(state(facts, now=now, earliest=now - days(900))).write[0]) == "Thu 04 09:00"


def test_an_answer_of_theirs_does_not_close_a_follow_up() -> None:
    """After a first meeting a mail from the other still waits for the user's; the user's own mail closes it (5.1)."""
    met_at = NOW - days(1.2)
    first = touch("one-to-one", met_at, title="Valley fair")
    for kind, expected in (("heard", 1), ("wrote", 0)):
        facts = {"p-1": (first, touch(kind, NOW - days(0.5)))}
        assert len(written(plan_for(state(facts)), "follow-up")) == expected


@pytest.mark.parametrize(("number", "displaced"), [(1, 1), (2, 2), (3, 2)])
def test_a_promise_takes_the_place_of_a_reconnect(number: int, displaced: int) -> None:
    """On a full day the least urgent reconnects give way to promises, and stand on another day (C34)."""
    world = state(friends(4))
    world = taken(world, plan_for(world))
    promises = [replace(decided("promise", "p-a", f"study {n}"), reason="2026-06-04") for n in range(number)]
    plan = plan_for(replace(world, decisions=(*world.decisions, *promises)))
    assert [local(item)[:6] for item in written(plan, "promise")] == ["Thu 04"] * number
    assert [item.why for item in plan.withdraw] == ["displaced"] * displaced
    after = taken(world, plan)
    standing = [item for item in after.entries if item.state == "written" and item.start is not None]
    assert Counter(local(item)[:6] for item in standing)["Thu 04"] == max(2, number)
    assert len({item.person for item in standing if item.kind == "reconnect"}) == 4
