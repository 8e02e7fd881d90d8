"""Hostile sizes cost no more than their size."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

from connectors.records import Event, Guest, Mailbox, Message
from daemon.model import Facts, Records
from tests.detect import rule_rows as rows


def timed(records: Records) -> tuple[Facts, float]:
    world = replace(rows.world({"case": ""}), records=records)
    start = time.process_time()
    return rows.facts(world), time.process_time() - start


def test_ten_thousand_recipients() -> None:
    """A mail to 10,000 people is a broadcast, read in linear time; each address is ignored with a code."""
    to = tuple(Mailbox(address=f"p{number}@x.example") for number in range(10_000))
    mails = {
        f"m{number}": Message(key=f"m{number}", account="a", at=rows.NOW, sender=rows.ME, to=to, subject=f"{number}")
        for number in range(5)
    }
    found, took = timed(Records(messages=mails))
    assert not found.people
    assert {item.rule for item in found.ignored if item.address != rows.ME.address} == {"A12"}
    assert took < 5


def test_a_thousand_guests() -> None:
    """An event with 1,000 guests touches nobody, and a hundred of them are read in linear time."""
    guests = tuple(Guest(address=f"g{number}@x.example", answer="accepted") for number in range(1_000))
    me = Guest(address=rows.ME.address, answer="accepted")
    events = {
        f"e{number}": Event(
            key=f"e{number}",
            uid="u",
            source_id="u",
            account="a",
            start=rows.NOW - timedelta(days=number + 1),
            end=rows.NOW - timedelta(days=number + 1, hours=-1),
            guests=(*guests, me),
        )
        for number in range(100)
    }
    found, took = timed(Records(events=events))
    assert not found.people
    assert not found.touchpoints
    assert took < 5


def test_a_thousand_overlapping_meetings_with_one_person() -> None:
    """Copies of one meeting under a thousand keys are one fact."""
    guests = (Guest(address="ada@x.example", answer="accepted"), Guest(address=rows.ME.address, answer="accepted"))
    start = rows.NOW - timedelta(days=3)
    events = {
        f"e{number}": Event(
            key=f"e{number}",
            uid="u",
            source_id="u",
            account="a",
            start=start + timedelta(seconds=number),
            end=start + timedelta(hours=1),
            guests=guests,
        )
        for number in range(1_000)
    }
    found, _ = timed(Records(events=events))
    assert len(found.touchpoints) == 1


def test_a_title_of_signs_and_controls() -> None:
    """A title from outside is one line in the fact, whatever it holds."""
    guests = (Guest(address="ada@x.example", answer="accepted"), Guest(address=rows.ME.address, answer="accepted"))
    event = Event(
        key="e",
        uid="u",
        source_id="u",
        account="a",
        start=rows.NOW - timedelta(days=3),
        end=rows.NOW - timedelta(days=3, hours=-1),
        title="Lunch\r\nBcc: x\u202e\x00",
        guests=guests,
    )
    found, _ = timed(Records(events={"e": event}))
    assert [item.title for item in found.touchpoints] == ["Lunch Bcc: x"]
