"""What holds for every set of records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.records import Event, Guest, Mailbox, Message
from daemon.model import Facts, Records
from tests.detect import rule_rows as rows

PEOPLE = [
    Mailbox(address="ada@x.example", name="Ada Lovelace"),
    Mailbox(address="ada.lovelace@y.example", name="Lovelace, Ada"),
    Mailbox(address="ada@z.example", name="Ada Byron"),
    Mailbox(address="bob@x.example", name="Bob Stone"),
    Mailbox(address="nameless@x.example"),
    Mailbox(address="dev-users@x.example"),
    Mailbox(address="no-reply@x.example"),
    Mailbox(address="hello@jane.example", name="Jane Doe"),
    Mailbox(address="room@resource.calendar.google.com", name="Blue"),
    rows.ME,
]
SUBJECTS = ["", "Saturday", "Fwd: Talk", "Intro", "Re: Saturday", "Accepted: Lunch", "called Ada"]
TITLES = ["", "Lunch", "Lunch with Ada", "Founders Meetup", "Stand-up", "Breakfast", "Ada Byron 1:1"]
IDS = [f"m{number}@x.example" for number in range(12)]
START = datetime(2025, 12, 1, 8, tzinfo=UTC)

boxes = st.sampled_from(PEOPLE)
answers = st.sampled_from(["accepted", "declined", "tentative", "needs-action"])
times = st.integers(0, 4 * 120).map(lambda hours: START + timedelta(hours=6 * hours))
guests = st.builds(lambda box, answer: Guest(address=box.address, name=box.name, answer=answer), boxes, answers)
messages = st.builds(
    Message,
    key=st.sampled_from(IDS),
    account=st.just("a"),
    at=st.none() | times,
    sender=st.sampled_from([rows.ME, rows.ME, rows.ME, *PEOPLE]),
    to=st.lists(boxes, max_size=4).map(tuple),
    cc=st.lists(boxes, max_size=2).map(tuple),
    subject=st.sampled_from(SUBJECTS),
    in_reply_to=st.none() | st.sampled_from([*IDS, "gone@x.example"]),
    sent=st.sampled_from([True, True, False]),
    automatic=st.sampled_from([False, False, False, True]),
)
events = st.builds(
    lambda key, start, length, title, invited, organiser, series: Event(
        key=key,
        uid=key,
        source_id=key,
        account="a",
        start=start,
        end=start + timedelta(minutes=length),
        title=title,
        guests=tuple(invited),
        organiser=organiser,
        series=series,
    ),
    st.sampled_from([f"e{number}" for number in range(12)]),
    times,
    st.sampled_from([5, 30, 60, 90, 900]),
    st.sampled_from(TITLES),
    st.lists(guests, max_size=5),
    st.none() | boxes,
    st.none() | st.sampled_from(["s1", "s2"]),
)
histories = st.tuples(
    st.lists(messages, max_size=10, unique_by=lambda item: item.key),
    st.lists(events, max_size=10, unique_by=lambda item: item.key),
)


def facts(mails: Iterable[Message], meetings: Iterable[Event]) -> Facts:
    world = rows.world({"case": ""})
    records = Records(
        messages={f"{item.account}/{item.key}": item for item in mails},
        events={f"{item.account}/{item.key}": item for item in meetings},
    )
    return rows.facts(replace(world, records=records))


def addresses(mails: Iterable[Message], meetings: Iterable[Event]) -> set[str]:
    found: set[str] = set()
    for mail in mails:
        found.update(box.address for box in (*mail.to, *mail.cc, *mail.bcc))
        found.update({mail.sender.address} if mail.sender else set())
    for event in meetings:
        found.update(guest.address for guest in event.guests)
        found.update({event.organiser.address} if event.organiser else set())
    return found


@given(histories, st.randoms())
def test_order_never_matters(history: tuple[list[Message], list[Event]], random: object) -> None:
    """The same records in any order give the same facts."""
    mails, meetings = history
    shuffled = list(mails), list(meetings)
    for items in shuffled:
        random.shuffle(items)  # type: ignore[attr-defined]
    assert facts(*shuffled) == facts(mails, meetings)


@given(histories)
def test_the_same_record_through_two_accounts_is_one(history: tuple[list[Message], list[Event]]) -> None:
    """Every record given a second time under another account changes nothing."""
    mails, meetings = history
    twice = (
        [*mails, *(replace(item, account="b") for item in mails)],
        [*meetings, *(replace(item, account="b") for item in meetings)],
    )
    assert facts(*twice) == facts(mails, meetings)


@given(histories)
def test_every_address_is_a_persons_or_ignored_once(history: tuple[list[Message], list[Event]]) -> None:
    """Nobody gets lost: each address of each record is one person's, or ignored with one code."""
    found = facts(*history)
    people = [address for person in found.people for address in person.addresses]
    ignored = [item.address for item in found.ignored]
    assert sorted([*people, *ignored]) == sorted(addresses(*history))


@given(histories)
def test_own_addresses_never_become_persons(history: tuple[list[Message], list[Event]]) -> None:
    """The user is nobody's acquaintance, and every fact is about somebody known."""
    found = facts(*history)
    assert all(found.own.isdisjoint(person.addresses) for person in found.people)
    assert {item.person for item in found.touchpoints} <= {person.id for person in found.people}


@given(histories)
def test_every_record_has_one_verdict_and_each_person_one_fact_of_it(
    history: tuple[list[Message], list[Event]],
) -> None:
    """Every record is judged; it touches a person at most once; what did not count touches nobody but by M7."""
    found = facts(*history)
    assert set(found.verdicts) == {item.key for items in history for item in items}
    pairs = [(item.source, item.person) for item in found.touchpoints]
    assert len(pairs) == len(set(pairs))
    silent = {key for key, verdict in found.verdicts.items() if not verdict.counted}
    assert {item.rule for item in found.touchpoints if item.source in silent} <= {"M7"}


@settings(max_examples=60)
@given(histories, st.integers(0, 100))
def test_a_mail_on_another_day_takes_no_other_mail_away(history: tuple[list[Message], list[Event]], day: int) -> None:
    """One more mail to a friend, on a day without any, leaves every mail written to one person counted."""
    mails, meetings = history
    before = facts(mails, meetings)
    friend = Mailbox(address="friend@f.example", name="Fay Friend")
    at = START - timedelta(days=day + 1)
    more = Message(key="more@x.example", account="a", at=at, sender=rows.ME, to=(friend,), subject="Saturday")
    after = facts([*mails, more], meetings)
    single = {item.key for item in mails if len(item.to) == 1}
    wrote = {item.key for item in before.touchpoints if item.source in single and item.kind in {"wrote", "forwarded"}}
    assert wrote <= {item.key for item in after.touchpoints}
