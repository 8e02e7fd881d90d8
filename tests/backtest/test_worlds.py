"""Small worlds that a reader can replay by hand, and what no replay may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.records import Event, Message
from daemon.backtest import ByTime, Outbox, Past, Walk, judge, looks, replay
from daemon.detect import by_person, detect
from daemon.model import Records
from tests.backtest import past_worlds as worlds

CASES = {case["name"]: case for case in worlds.cases()}
END = datetime(2026, 6, 1, 10, tzinfo=UTC)
NAMES = ("Ada", "Ben", "Cleo", "Dora")
WEEKS = 10


@pytest.mark.parametrize("name", CASES)
def test_by_hand(name: str) -> None:
    """What was proposed, what came of it, and who was in touch unasked is what the table says."""
    case = CASES[name]
    assert worlds.told(worlds.result_of(case)) == (case["proposed"], case["missed"])


@pytest.mark.parametrize("name", CASES)
def test_the_sums_are_sums(name: str) -> None:
    """The weeks add up to the whole, the outcomes to the proposals, and precision is that of the judged."""
    found = worlds.result_of(CASES[name])
    whole, weeks = found.tally, found.weeks.values()
    assert whole.proposed == len(found.rows) == sum(week.proposed for week in weeks) == sum(whole.outcomes.values())
    assert whole.missed == len(found.missed) == sum(week.missed for week in weeks)
    if whole.judged:
        assert whole.precision == whole.outcomes["in-touch"] / (whole.proposed - whole.outcomes["open"])


@st.composite
def happenings(draw: st.DrawFn) -> list[tuple[str, int, str]]:
    """What happened on which day before the end, with whom: enough of it that somebody is due; and weekly tables, of
    which detection says only after the fourth what they were."""
    kinds, days = st.sampled_from(("met", "met", "wrote")), st.integers(1, 300)
    found = draw(st.lists(st.tuples(kinds, days, st.sampled_from(NAMES)), min_size=5, max_size=25))
    begun = draw(st.lists(st.integers(22, 120), max_size=1))
    return [*found, *(("table", day - 7 * number, "Ada") for day in begun for number in range(4))]


def made(happened: list[tuple[str, int, str]]) -> Past:
    return numbered(list(enumerate(happened, 1)))


def numbered(happened: list[tuple[int, tuple[str, int, str]]]) -> Past:
    mails: list[Message] = [worlds.mail(0, END - timedelta(days=900), "Zoe")]
    events: list[Event] = []
    for number, (kind, day, name) in happened:
        at = END - timedelta(days=day, minutes=number)
        if kind == "met":
            events.append(worlds.meeting(number, at, name))
        elif kind == "table":
            events.append(worlds.table(number, at))
        else:
            mails.append(worlds.mail(number, at, name))
    records = Records(messages={item.key: item for item in mails}, events={item.key: item for item in events})
    return Past(
        records=records,
        decisions=(),
        settings=worlds.SETTINGS,
        vocabulary=worlds.VOCABULARY,
        new_id=worlds.new_id,
    )


def replayed(past: Past) -> Outbox:
    times = looks(WEEKS, END, past)
    return replay(Walk(past, times[0]), times, (past.settings,), past, worlds.TEMPLATES)[0]


def decided_by(done: Outbox, at: datetime) -> Mapping[str, Any]:
    return {
        key: (entry.kind, entry.person, entry.start, entry.decided, entry.title)
        for key, entry in done.entries.items()
        if entry.decided is not None and entry.decided <= at
    }


@settings(max_examples=15)
@example([("table", day, "Ada") for day in (62, 55, 48, 41)], [], 44)
@given(happenings(), happenings(), st.integers(1, 7 * WEEKS))
def test_nothing_looks_ahead(before: list[Any], after: list[Any], cut: int) -> None:
    """Whatever comes after a day, what was proposed up to that day is the same, to the word: three were met at a
    table of which nobody knew yet that it would be a habit."""
    at = END - timedelta(days=cut)
    kept = [(number, item) for number, item in enumerate(before, 1) if item[1] > cut]
    other = [*kept, *((number, item) for number, item in enumerate(after, 100) if item[1] <= cut)]
    wanted = decided_by(replayed(numbered(kept)), at)
    assert decided_by(replayed(made(before)), at) == wanted
    assert decided_by(replayed(numbered(other)), at) == wanted


@settings(max_examples=15)
@given(happenings())
def test_a_walk_is_what_detection_says_each_day(happened: list[Any]) -> None:
    """On each day of the walk facts and people are those of reading only what was there, from nothing."""
    past = made(happened)
    walk = Walk(past, END - timedelta(days=70))
    for day in (70, 43, 42, 21, 8, 1):
        now = END - timedelta(days=day)
        there = Records(
            messages={key: item for key, item in past.records.messages.items() if item.at and item.at <= now},
            events={
                key: item
                for key, item in past.records.events.items()
                if isinstance(item.start, datetime) and item.start <= now
            },
        )
        said = detect(
            there,
            settings=past.settings,
            vocabulary=past.vocabulary,
            decisions=(),
            now=now,
            known=(),
            new_id=past.new_id,
            caught_up=True,
        )
        known = walk.to(now)
        assert known.touchpoints == by_person(said.touchpoints)
        assert {person.id: person for person in said.people} == known.people


@settings(max_examples=15)
@given(happenings())
def test_by_time_agrees_where_nothing_is_wiser_after_the_event(happened: list[Any]) -> None:
    """Among people who meet and write one to one hindsight adds nothing: both ways propose the same."""
    past = made([item for item in happened if item[0] != "table"])
    times = looks(WEEKS, END, past)
    today = Walk(past, times[0]).to(END)
    by_time = ByTime(past, times[0], today.people, today.touchpoints, today.ids)
    (one,) = replay(by_time, times, (past.settings,), past, worlds.TEMPLATES)
    assert decided_by(one, END) == decided_by(replayed(past), END)


def test_by_time_knows_what_had_happened() -> None:
    """On each day the facts up to then, and those people: no later fact, nobody met later, no event to come."""
    past = made([("met", day, name) for name, days in (("Ada", (200, 60, 8)), ("Ben", (21,))) for day in days])
    today = Walk(past, END).to(END)
    by_time = ByTime(past, END - timedelta(days=100), today.people, today.touchpoints, today.ids)
    for day, wanted in ((100, {"Ada": 1}), (59, {"Ada": 2}), (20, {"Ada": 2, "Ben": 1}), (1, {"Ada": 3, "Ben": 1})):
        there = by_time.to(END - timedelta(days=day))
        names = {who: person.name.partition(" ")[0] for who, person in there.people.items()}
        assert {names[who]: len(items) for who, items in there.touchpoints.items()} == {"Zoe": 1, **wanted}
        assert all(item.at <= there.now for items in there.touchpoints.values() for item in items)
        assert set(there.people) == set(there.touchpoints)
        assert all(event.start <= there.now for event in there.calendar)


@settings(max_examples=15)
@given(happenings())
def test_nobody_is_asked_for_twice_at_once(happened: list[Any]) -> None:
    """At most five reminders a week, two a day; and nobody stands twice within one week."""
    done = replayed(made(happened))
    proposals = done.proposed()
    zone = worlds.ZONE
    days = [item.at.astimezone(zone).date() for item in proposals]
    weeks = [day.isocalendar()[:2] for day in days]
    assert all(weeks.count(week) <= done.settings.capacity.reminders_week for week in weeks)
    assert all(days.count(day) <= done.settings.capacity.reminders_day for day in days)
    pairs = [(item.person, week) for item, week in zip(proposals, weeks, strict=True)]
    assert len(pairs) == len(set(pairs))


def test_more_capacity_shows_more() -> None:
    """Ten people due on one day: five places in a week, or two; who found none in four weeks is counted."""
    people = [f"Ann{letter}" for letter in "abcdefghij"]
    happened = [("met", day, name) for name in people for day in (250, 215, 180, 145, 110, 75)]
    past, times = made(happened), ()
    times = looks(WEEKS, END, past)
    few = replace(past.settings, capacity=replace(past.settings.capacity, reminders_week=1))
    boxes = replay(Walk(past, times[0]), times, (past.settings, few), past, worlds.TEMPLATES)
    today = Walk(past, times[0]).to(END)
    many, less = (judge(box, today.people, today.touchpoints, today.ids, now=END).tally for box in boxes)
    assert (many.people, many.full) == (10, 0)
    assert less.people < 10
    assert less.full > 0
    assert less.proposed <= WEEKS + 1
