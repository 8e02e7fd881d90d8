"""Following what changed comes to what reading everything again comes to."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import event as note
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.records import Event, Guest, Mailbox, Message
from daemon.model import Decision, instant
from tests.detect import arrivals
from tests.detect import rule_rows as rows

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
ADA = Mailbox(address="ada.lovelace@y.example", name="Lovelace, Ada")
PEOPLE = [
    Mailbox(address="ada@x.example", name="Ada Lovelace"),
    ADA,
    replace(ADA, name="Ada Lovelace"),
    Mailbox(address="ada@z.example", name="Ada Byron"),
    Mailbox(address="am@x.example", name="Anna-Maria Stone"),
    Mailbox(address="bob@x.example", name="Bob Stone"),
    Mailbox(address="bob@x.example"),
    Mailbox(address="nameless@x.example"),
    Mailbox(address="dev-users@x.example"),
    Mailbox(address="no-reply@x.example"),
    Mailbox(address="mailer-daemon@x.example"),
    Mailbox(address="hello@jane.example", name="Jane Doe"),
    Mailbox(address="room@resource.calendar.google.com", name="Blue"),
    Mailbox(address="clara@second.example", name="Clara Winter"),
    rows.ME,
    rows.ME,
]
SUBJECTS = [
    "",
    "Saturday",
    "Saturday",
    "Fwd: Talk",
    "Intro",
    "Ada, meet Bob",
    "Re: Saturday",
    "called Ada",
    "called Bob Stone",
]
TITLES = [
    "",
    "Lunch",
    "Lunch with Ada",
    "Founders Meetup",
    "Stand-up",
    "Stand-up",
    "Ada Byron 1:1",
    "Coffee with Anna",
    "call Bob",
]
IDS = [f"m{number}@x.example" for number in range(14)]
KEYS = [f"e{number}" for number in range(14)]

TIMES = [START + timedelta(days=day, hours=hours) for day in (-500, -380, 0, 7, 14, 21, 28, 60, 75) for hours in (0, 1)]
ANSWERS = ["accepted", "accepted", "declined", "tentative", "needs-action"]
CHANGES = ["cancelled", "answer", "sent", "title", "move"]


@st.composite
def scripts(draw: st.DrawFn) -> tuple[list[Message], list[Event], list[dict[str, Any]]]:
    """A few people, words and times, that they may meet often: what is there at first, and what happens then."""

    def some(items: Sequence[Any], least: int, most: int) -> st.SearchStrategy[Any]:
        return st.sampled_from(draw(st.lists(st.sampled_from(items), min_size=least, max_size=most)))

    boxes, times = some(PEOPLE, 3, 9), some(TIMES, 2, 8)
    answers, hidden = some(ANSWERS, 1, 3), some([False, False, False, True], 1, 2)
    ids, senders = some(IDS, 3, 8), some([rows.ME, rows.ME, rows.ME, *PEOPLE], 1, 3)
    sizes = draw(st.sampled_from([1, 1, 2, 7]))
    rare = some([False] * 6 + [True], 1, 3)
    mails = st.builds(
        lambda key, own, box, **more: Message(key=key, account="a", message_id=own or key, sender=box, **more),
        ids,
        st.none() | st.none() | ids,
        senders,
        at=some([None, *TIMES], 2, 8),
        to=st.lists(boxes, min_size=1, max_size=sizes).map(tuple),
        cc=st.lists(boxes, max_size=draw(st.integers(0, 2))).map(tuple),
        bcc=st.lists(boxes, max_size=draw(st.sampled_from([0, 0, 1]))).map(tuple),
        subject=some(SUBJECTS, 1, 3),
        in_reply_to=st.none() | ids,
        root=st.none() | st.none() | ids,
        sent=some([True, True, False], 1, 3),
        draft=rare,
        automatic=rare,
        bulk=rare,
    )
    guests = st.builds(
        lambda box, answer: Guest(address=box.address, name=box.name, answer=answer),  # type: ignore[arg-type]
        boxes,
        answers,
    )
    me = st.sampled_from([(), (Guest(address=rows.ME.address, answer=draw(answers)),)])  # type: ignore[arg-type]
    meetings = st.builds(
        lambda key, start, length, invited, own, **more: Event(
            key=key,
            uid=key,
            source_id=key,
            account="a",
            start=start,
            end=start + length,
            guests=(*invited, *own),
            **more,
        ),
        some(KEYS, 3, 10),
        times,
        some([timedelta(minutes=minutes) for minutes in (5, 30, 60, 90, 900)], 1, 3),
        st.lists(guests, min_size=draw(st.sampled_from([0, 0, 1, 3])), max_size=5),
        me,
        title=some(TITLES, 1, 3),
        organiser=st.none() | boxes,
        series=some([None, None, "s1", "s2"], 1, 2),
        status=some(["confirmed"] * 3 + ["cancelled"], 1, 2),
        role=some(["work"] * 3 + ["calls", "busy"], 1, 2),
        guests_hidden=hidden,
        owned=some([True, True, False], 1, 1),
    )
    decisions = st.builds(
        lambda number, kind, box, other, value: Decision(
            key=f"d{number}",
            at=START + timedelta(days=number),
            kind=kind,
            about=box.address if kind == "keep" else rows.new_id(box.address),
            value={"merge": rows.new_id(other.address), "split": other.address, "sign": value}.get(kind, ""),
        ),
        st.integers(0, 50),
        st.sampled_from(["keep", "merge", "split", "sign", "mark", "note"]),
        boxes,
        boxes,
        st.sampled_from(["call", "one-to-one", "note"]),
    )
    steps = st.one_of(
        st.fixed_dictionaries({"mails": st.lists(mails, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"events": st.lists(meetings, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"other": mails | meetings}),
        st.fixed_dictionaries(
            {"gone": st.sampled_from([f"{account}/{key}" for account in "ab" for key in IDS + KEYS])}
        ),
        st.fixed_dictionaries({"days": st.integers(0, 20)}),
        st.fixed_dictionaries({"again": st.integers(0, 200), "change": st.sampled_from(CHANGES)}),
        *([st.fixed_dictionaries({"decision": decisions})] if draw(st.booleans()) else []),
    )
    most = draw(st.sampled_from([0, 6, 14]))
    return (
        draw(st.lists(mails, max_size=14 - most)),
        draw(st.lists(meetings, max_size=most)),
        draw(st.lists(steps, min_size=1, max_size=10)),
    )


def take(world: arrivals.Arrivals, step: dict[str, Any]) -> None:
    if "days" in step:
        world.happen(now=world.now + timedelta(days=step["days"]))
    elif "gone" in step:
        world.happen(gone=[step["gone"]])
    elif "decision" in step:
        told = {item.key: item for item in (*world.decisions, step["decision"])}
        world.happen(decisions=tuple(told.values()))
    elif "other" in step:
        item = replace(step["other"], account="b")
        world.happen(**({"mails": [item]} if isinstance(item, Message) else {"events": [item]}))
    elif "again" in step:
        edit(world, step["again"], step["change"])
    else:
        world.happen(**step)


def edit(world: arrivals.Arrivals, number: int, change: str) -> None:
    known = [*world.mails.values(), *world.events.values()]
    if known:
        item = known[number % len(known)]
        if isinstance(item, Message):
            world.happen(
                mails=[replace(item, sent=not item.sent) if change == "sent" else replace(item, subject="Saturday")]
            )
        elif change == "answer":
            world.happen(
                events=[replace(item, guests=tuple(replace(guest, answer="accepted") for guest in item.guests))]
            )
        elif change == "move":
            world.happen(events=[replace(item, start=item.start + timedelta(days=1), end=item.end + timedelta(days=1))])
        else:
            world.happen(
                events=[replace(item, status="cancelled") if change == "cancelled" else replace(item, title="Stand-up")]
            )


@settings(max_examples=150)
@given(scripts(), st.booleans())
def test_what_is_followed_is_what_is_studied(
    script: tuple[list[Message], list[Event], list[dict[str, Any]]], handed_on: bool
) -> None:
    """Whatever comes, changes, ends or goes: after each step persons and facts are those of reading everything."""
    mails, meetings, steps = script
    world = arrivals.world(START + timedelta(days=60))
    world.handed_on = handed_on
    world.happen(mails=mails, events=meetings)
    for step in steps:
        take(world, step)
    note(f"followed {world.followed * 10 // (world.followed + world.anew) * 10} %")


ROWS = dict(rows.tables())


ARRIVALS = {
    row["case"]: row
    for row in tomllib.loads((rows.FOLDER.parent / "arrivals" / "arrivals.toml").read_text("utf-8"))["row"]
}


@pytest.mark.parametrize("handed_on", [False, True])
@pytest.mark.parametrize("case", ARRIVALS)
def test_one_record_more_or_less_is_followed_to_all_it_concerns(case: str, handed_on: bool) -> None:
    """Each way in which one record says something of others is followed, there and back."""
    world, records = played(ARRIVALS[case])
    world.handed_on = handed_on
    come(world, *records)
    for step in ARRIVALS[case]["then"]:
        told = rows.world({"case": "", **step}).records
        world.happen(
            mails=told.messages.values(),
            events=told.events.values(),
            gone=step.get("gone", ()),
            now=datetime.fromisoformat(step["now"]).replace(tzinfo=rows.ZONE) if "now" in step else None,
        )


def played(row: dict[str, Any]) -> tuple[arrivals.Arrivals, list[Message | Event]]:
    """A world without records under the settings of a row, and the row's records."""
    told = rows.world(row)
    return (
        arrivals.Arrivals(
            settings=told.settings,
            now=told.now,
            decisions=told.decisions,
            caught_up=told.caught_up,
        ),
        [*told.records.messages.values(), *told.records.events.values()],
    )


def come(world: arrivals.Arrivals, *items: Message | Event) -> None:
    world.happen(
        mails=[item for item in items if isinstance(item, Message)],
        events=[item for item in items if isinstance(item, Event)],
    )


@pytest.mark.parametrize("case", ROWS)
def test_each_rule_holds_whenever_its_records_come_and_go(case: str) -> None:
    """Every record of the rules' own examples comes alone, goes again and comes back: nothing else is ever said."""
    world, records = played(ROWS[case])
    for item in records:
        come(world, item)
    for item in records:
        world.happen(gone=[f"{item.account}/{item.key}"])
        come(world, item)


@pytest.mark.parametrize("case", ROWS)
def test_each_rule_holds_in_any_order_and_at_any_time(case: str) -> None:
    """The rules' examples come backwards, from a week before anything was; then time passes up to their day."""
    world, records = played(ROWS[case])
    until = world.now
    world.now = min([until, *(begin(item) for item in records)]) - timedelta(days=7)
    for item in reversed(records):
        come(world, item)
    step = (until - world.now) / 4
    for _ in range(4):
        world.happen(now=world.now + step)


def begin(item: Message | Event) -> datetime:
    if isinstance(item, Message):
        return item.at or rows.NOW
    return instant(item.start, rows.ZONE)
