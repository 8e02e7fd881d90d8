"""After which events is the user asked whom they met? (PRACTICE 5.5, E12, C39)"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from connectors.records import Event, Guest, Mailbox
from daemon.model import Entry, State
from tests.histories import NOW, ZONE, days, entry, history, person, state, touch
from tests.plan.situations import local, plan_for, written

EVENING = datetime(2026, 6, 1, 18, 30, tzinfo=ZONE)
"""Tonight: NOW is a Monday morning."""
CLARA = Guest(address="clara@winter.example", name="Clara Winter", answer="accepted", me=True)
NEW = Guest(address="ines@moreau.example", name="Ines Moreau", answer="accepted")
KNOWN = Guest(address="p1@far.example", name="Ada Lovelace", answer="accepted")


def event(title: str = "Founders meetup", start: datetime = EVENING, hours: float = 3, **more: Any) -> Event:
    key = more.pop("key", f"{title}-{start.isoformat()}")
    end = start + timedelta(hours=hours)
    return Event(key=key, uid=key, source_id=key, account="agenda", title=title, start=start, end=end, **more)


def world(*events: Event, opened: bool = True, **more: Any) -> State:
    made = state({"p-1": history(["one-to-one -300..-60/30 title=Lunch"])}, calendar=events, **more)
    return replace(made, open_events=frozenset(item.key for item in events) if opened else frozenset())


def asked(made: State) -> list[Entry]:
    return written(plan_for(made), "debrief")


def at(made: State, now: datetime) -> State:
    return replace(made, now=now)


def test_after_an_open_event_one_is_asked_ten_minutes_later() -> None:
    """It stands ahead of its time, rings, names the evening, and has empty lines for whom nobody expects."""
    (found,) = asked(world(event()))
    assert (found.title, local(found), found.alarm) == ("Who did you meet? (Founders meetup)", "Mon 01 21:40", 0)
    assert found.person == ""
    assert [line for line in found.body.splitlines() if line.startswith(("new", "promised"))] == [
        *["new:"] * 4,
        "promised:",
    ]


@pytest.mark.parametrize(
    ("hours", "asks"),
    [(-40, False), (-26, False), (-24, True), (-2, True), (0, True), (11, True), (13, False), (48, False)],
)
def test_it_is_written_a_day_ahead_and_up_to_half_a_day_late(hours: int, asks: bool) -> None:
    """At least two hours ahead a phone knows of it; the day after nobody is asked about yesterday's yesterday."""
    made = world(event())
    assert bool(asked(at(made, EVENING + timedelta(hours=3, minutes=10) + timedelta(hours=hours)))) is asks


@pytest.mark.parametrize(
    ("why", "more", "opened", "asks"),
    [
        ("an open event", {}, True, True),
        ("cancelled", {"status": "cancelled"}, True, False),
        ("declined by the user", {"guests": (replace(CLARA, answer="declined"), NEW)}, False, False),
        ("a calendar of the family", {"role": "busy"}, True, False),
        ("somebody new", {"guests": (CLARA, NEW)}, False, True),
        ("somebody new who declined", {"guests": (CLARA, replace(NEW, answer="declined"))}, False, False),
        ("all are known", {"guests": (CLARA, KNOWN)}, False, False),
        ("a recurring meeting", {"guests": (CLARA, NEW), "series": "weekly"}, False, False),
        ("a room", {"guests": (CLARA, replace(NEW, kind="room"))}, False, False),
        ("a machine", {"guests": (CLARA, Guest(address="no-reply@far.example", answer="accepted"))}, False, False),
        ("a crowd", {"guests": (CLARA, *(Guest(address=f"g{n}@far.example") for n in range(9)))}, False, False),
        ("no guests", {}, False, False),
        ("a whole day with somebody", {"guests": (CLARA, NEW), "start": date(2026, 6, 1)}, False, False),
    ],
)
def test_who_is_asked_about(why: str, more: dict[str, Any], opened: bool, asks: bool) -> None:
    """Open events, and small meetings with somebody whom the user never met; nothing else."""
    if "start" in more:
        made = replace(event(), start=more["start"], end=date(2026, 6, 2), guests=more["guests"])
    else:
        made = event(**more)
    assert bool(asked(world(made, opened=opened))) is asks, why


def test_a_meeting_with_somebody_new_names_them() -> None:
    """The line begins with the name as the invitation has it; a private event's title is not said."""
    (found,) = asked(
        world(event("Coffee", guests=(CLARA, NEW, KNOWN), organiser=Mailbox(address=NEW.address)), opened=False)
    )
    assert "Ines Moreau:" in found.body.splitlines()
    assert "Ada Lovelace:" not in found.body.splitlines()
    (private,) = asked(world(event("Therapist", guests=(CLARA, NEW), private=True), opened=False))
    assert "Therapist" not in private.title + private.body


def test_the_regulars_are_expected() -> None:
    """Who was noted at an earlier evening comes first, then whose first mail came within a week after one."""
    ended = NOW - days(60)
    noted = touch("gathering", NOW - days(30), person="p-2", title="Founders meetup")
    guessed = touch("wrote", ended + days(3), person="p-3")
    other = touch("wrote", ended + days(9), person="p-4")
    tonight = event()
    made = state(
        {"p-2": (noted,), "p-3": (guessed,), "p-4": (other,)},
        calendar=(tonight,),
        persons=[person(who, name) for who, name in (("p-2", "Ruth Steiner"), ("p-3", "Milan Kovač"), ("p-4", "Otto"))],
    )
    made = replace(made, open_events=frozenset({tonight.key}), editions={tonight.key: (ended,)})
    (found,) = asked(made)
    lines = [line for line in found.body.splitlines() if line.endswith(":")]
    assert lines[:3] == ["Ruth Steiner:", "Milan Kovač:", "new:"]
    assert found.also == ("p-2", "p-3")


def test_it_goes_away_unless_it_was_answered() -> None:
    """Three days after its time an untouched one is taken back, an answered one never; nobody is asked twice."""
    tonight = event()
    (found,) = asked(world(tonight))
    stands = replace(found, state="written", ref="r", settled=NOW)
    for fate, leaves in (("written", True), ("moved", True), ("edited", False), ("noted", False), ("dismissed", False)):
        late = at(world(tonight, entries=(replace(stands, state=fate),)), (found.start or NOW) + days(3.1))
        assert [item.why for item in plan_for(late).withdraw] == (["passed"] if leaves else []), fate
        assert not asked(late)
    early = at(world(tonight, entries=(stands,)), (found.start or NOW) + days(2.9))
    assert not plan_for(early).withdraw


def test_it_follows_its_event() -> None:
    """An event that is cancelled or gone takes its debrief along, while that is still ahead."""
    tonight = event(key="tonight")
    (found,) = asked(world(tonight))
    stands = (replace(found, state="written", ref="r", settled=NOW),)
    cancelled = world(replace(tonight, status="cancelled"), entries=stands)
    assert [item.why for item in plan_for(cancelled).withdraw] == ["gone"]
    assert [item.why for item in plan_for(world(entries=stands)).withdraw] == ["gone"]
    over = at(world(entries=stands), (found.start or NOW) + days(1))
    assert not plan_for(over).withdraw


def test_a_conference_week_stays_within_the_budget() -> None:
    """Three items a day at most, and no more than eight a week."""
    events = [event(f"Meetup {n}", EVENING + timedelta(hours=n / 2), 1) for n in range(5)]
    assert len(asked(world(*events))) == 3


def test_old_entries_are_left_alone() -> None:
    """A debrief is no proposal: it neither halves reminders nor counts as one of five."""
    stood = [entry("debrief", "", day=-n, state="passed", fact=f"e{n}", account="home") for n in range(1, 25)]
    assert len(asked(world(event(), entries=tuple(stood)))) == 1
