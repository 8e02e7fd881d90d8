"""What stands ahead: the same rules for events that are not over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.records import Event
from daemon.detect import Expected, background, open_event
from daemon.model import Person, Touchpoint
from daemon.vocabulary import load_vocabulary
from tests.detect import rule_rows as rows

ADA = Person(id="p-ada", name="Ada Lovelace", addresses=("ada@x.example", "ada@lovelace.example"))
BOB = Person(id="p-bob", name="Bob Stone", addresses=("bob@x.example",))


def event(**text: Any) -> Event:
    world = rows.world({"case": "", "events": [{"title": "Lunch", "when": "2026-03-27 12:00", **text}]})
    return next(iter(world.records.events.values()))


def coming(*events: Event, touchpoints: tuple[Touchpoint, ...] | None = None) -> list[str]:
    settings, vocabulary = rows.world({"case": ""}).settings, load_vocabulary()
    known = background((ADA, BOB), settings, vocabulary, touchpoints)
    found = Expected(frozenset({"clara@winter.example"}), settings, vocabulary).ahead(events, known, rows.NOW)
    touched = sorted((item for items in found.values() for item in items), key=lambda item: (item.at, item.key))
    return [f"{item.person} {item.kind}" for item in touched]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"guests": ["me", "Ada <ada@lovelace.example>"]}, ["p-ada one-to-one"]),
        ({"guests": ["me", "Ada <ada@x.example>", "Zoe <zoe@x.example>"]}, ["p-ada small-group"]),
        ({"guests": ["me declined", "Ada <ada@x.example>"]}, []),
        ({"guests": ["me", "Ada <ada@x.example> declined", "Bob <bob@x.example>"]}, ["p-bob one-to-one"]),
        ({"title": "Lunch with Ada"}, ["p-ada one-to-one"]),
        ({"title": "Lunch with Zoe"}, []),
        ({"status": "cancelled", "guests": ["me", "Ada <ada@x.example>"]}, []),
        ({"when": "2026-03-02 12:00", "guests": ["me", "Ada <ada@x.example>"]}, []),
        ({"crowd": 30, "guests": ["me", "Ada <ada@x.example>"]}, []),
        (
            {"guests": ["me unanswered", "Ada <ada@x.example>"], "organiser": "Ada <ada@x.example>"},
            ["p-ada one-to-one"],
        ),
        ({"guests": ["me unanswered", "Zoe <zoe@x.example>"], "organiser": "Zoe <zoe@x.example>"}, []),
    ],
)
def test_an_event_ahead_counts_as_it_will_when_over(said: dict[str, Any], expected: list[str]) -> None:
    """Upcoming events touch whom they will touch when they are over, and nobody else."""
    assert coming(event(**said)) == expected


def test_the_next_occurrence_of_a_habit_is_a_routine_meeting() -> None:
    """A stand-up ahead holds back nobody's reminder: the facts so far tell that it is a habit."""
    stand_up = event(series="s1", title="Stand-up", guests=["me", "Ada <ada@x.example>", "Bob <bob@x.example>"])
    past = Touchpoint(
        source="k",
        address="ada@x.example",
        person="p-ada",
        at=rows.NOW - timedelta(days=7),
        kind="routine-meeting",
        rule="E10",
        account="a",
        title="Stand-up",
        series="s1",
    )
    assert coming(stand_up) == ["p-ada small-group", "p-bob small-group"]
    assert coming(stand_up, touchpoints=(past,)) == ["p-ada routine-meeting", "p-bob routine-meeting"]


def test_a_first_name_means_who_was_seen_lately() -> None:
    """Told the facts so far, a first name alone means a person touched within a year."""
    long_ago = Touchpoint(
        source="k",
        address="ada@x.example",
        person="p-ada",
        at=rows.NOW - timedelta(days=800),
        kind="wrote",
        rule="M1",
        account="a",
    )
    lunch = event(title="Lunch with Ada")
    assert coming(lunch, touchpoints=(long_ago,)) == []
    assert coming(lunch, touchpoints=(long_ago, replace(long_ago, at=rows.NOW))) == ["p-ada one-to-one"]


def test_order_of_events_does_not_matter() -> None:
    """Touchpoints ahead come in order of time, whatever order the events came in."""
    first, second = event(guests=["me", "Ada <ada@x.example>"]), event(when="2026-03-24 12:00", title="Lunch with Bob")
    second = replace(second, key="e2")
    assert coming(first, second) == coming(second, first) == ["p-bob one-to-one", "p-ada one-to-one"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"title": "Founders Meetup"}, True),
        ({"title": "Founders Meetup", "minutes": 30}, False),
        ({"title": "Founders Meetup", "guests": ["me", "Ada <ada@x.example>"]}, False),
        ({"title": "Founders Meetup", "owned": False}, False),
        ({"title": "Founders Meetup", "status": "cancelled"}, False),
        ({"title": "Circle", "tagged": True}, True),
        ({"title": "Data Conference", "when": "2026-03-27", "days": 3, "free": True}, True),
        ({"title": "Conference call with Tom"}, False),
        ({"title": "Dentist"}, False),
        ({"title": "Drinks", "organiser": "Luma <calendar-invite@lu.ma>", "guests": ["me"]}, True),
    ],
)
def test_an_open_event_is_known_before_it_is_over(said: dict[str, Any], expected: bool) -> None:
    """E12 tells of one event by itself whether it is open."""
    assert open_event(event(**said), load_vocabulary(), rows.world({"case": ""}).settings) is expected


# -- what is kept ------------------------------------------------------------------------------------------------------

ZOE = Person(id="p-zoe", name="Zoe Zimmer", addresses=("zoe@x.example",))
ANN = Person(id="p-ann", name="Ada Byron", addresses=("ada@b.example",))
OTHER_ADA = Person(id="p-ada", name="Ada Lovelace", addresses=("ada@x.example", "zoe@x.example"))
COMING = [
    {"title": "Tea", "guests": ["me", "Ada <ada@x.example>", "Zoe <zoe@x.example>"]},
    {"title": "Tea", "guests": ["me", "Bob <bob@x.example>"], "when": "2026-03-22 12:00"},
    {"title": "Lunch with Ada", "when": "2026-03-24 12:00"},
    {"title": "Stand-up", "when": "2026-03-25 09:00", "guests": ["me", "Ada <ada@x.example>", "Bob <bob@x.example>"]},
    {"title": "Talk", "when": "2026-03-23 09:00", "organiser": "ida@i.example", "guests": ["me", "ida@i.example"]},
    {
        "title": "Walk", "when": "2026-03-24 09:00",
        "organiser": "ida@i.example", "guests": ["me unanswered", "bob@x.example"],
    },
]  # fmt: skip
EVENTS = [replace(event(**text), key=f"e{number}", uid=f"e{number}") for number, text in enumerate(COMING)]  # type: ignore[arg-type]
PAST = [
    Touchpoint(
        source=f"{number}", address="", person=who, kind=kind, rule="E6", account="a",  # type: ignore[arg-type]
        at=rows.NOW - timedelta(days=days), title=title, series=title.casefold(),
    )
    for number, (who, kind, days, title) in enumerate([
        ("p-ada", "wrote", 5, ""), ("p-ann", "wrote", 5, ""), ("p-ada", "wrote", 390, ""),
        ("p-ada", "routine-meeting", 7, "Stand-up"), ("p-bob", "routine-meeting", 7, "Tea"),
    ])
]  # fmt: skip
looks = st.tuples(
    st.sets(st.sampled_from(range(len(EVENTS)))),
    st.sets(st.sampled_from(["ada", "bob", "zoe", "ann", "other ada"])),
    st.sets(st.sampled_from(range(len(PAST)))),
    st.sampled_from([0, 0, 1, 3, 5]),
)


@given(st.lists(looks, min_size=2, max_size=6))
def test_what_is_kept_of_the_future_is_what_is_read_anew(
    script: list[tuple[set[int], set[str], set[int], int]],
) -> None:
    """Events, persons and facts come and go, days pass: looked at again and again, all is as if seen the first time."""
    settings, words, own = rows.world({"case": ""}).settings, load_vocabulary(), frozenset({"clara@winter.example"})
    known = {"ada": ADA, "bob": BOB, "zoe": ZOE, "ann": ANN, "other ada": OTHER_ADA}
    kept, now, upcoming = Expected(own, settings, words), rows.NOW, tuple(EVENTS)
    for events, people, facts, days in script:
        now += timedelta(days=days)
        if events:
            upcoming = tuple(EVENTS[number] for number in sorted(events))
        there = {known[name].id: known[name] for name in sorted(people)}
        found = background(tuple(there.values()), settings, words, [PAST[number] for number in sorted(facts)])
        assert kept.ahead(upcoming, found, now) == Expected(own, settings, words).ahead(upcoming, found, now)


def test_the_same_events_are_read_again_when_time_or_facts_change() -> None:
    """What is over is not ahead any more; a first name means whoever was touched since."""
    settings, words = rows.world({"case": ""}).settings, load_vocabulary()
    kept, upcoming = Expected(frozenset({"clara@winter.example"}), settings, words), (EVENTS[0], EVENTS[2])
    strangers = background((ADA, ANN), settings, words, PAST[:0])
    friends = background((ADA, ANN), settings, words, PAST[:1])
    assert [*kept.ahead(upcoming[:1], strangers, rows.NOW)] == ["p-ada"]
    assert [*kept.ahead(upcoming[1:], strangers, rows.NOW)] == []
    lunch = upcoming[1:]
    assert [*kept.ahead(lunch, strangers, rows.NOW)] == []
    assert [*kept.ahead(lunch, friends, rows.NOW)] == ["p-ada"]
    tea = upcoming[:1]
    assert [*kept.ahead(tea, friends, rows.NOW)] == ["p-ada"]
    assert [*kept.ahead(tea, friends, rows.NOW + timedelta(days=30))] == []
