"""Which records tell of a promise? The user's own words only, and as long as the record says so (N1, C12, C13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.records import Event, Guest, Mailbox, Message
from daemon.model import Me
from daemon.told import of_records
from daemon.vocabulary import load_vocabulary

ME = Me(name="Clara Winter", addresses=("clara@winter.example", "clara@old.example"), zone=ZoneInfo("Europe/Vienna"))
AT = datetime(2027, 2, 11, 11, tzinfo=UTC)
TITLE = "promised Karl the Graz study by 18 Feb"
CLARA = Mailbox(address="clara@winter.example")
BOB = Mailbox(address="bob@x.example")
EVENT = Event(key="e", uid="e", source_id="e", account="a", start=AT, end=AT + timedelta(minutes=15), title=TITLE)
MAIL = Message(key="m", account="a", at=AT, sender=CLARA, to=(CLARA,), subject=TITLE)
TELL: Mapping[str, Event | Message] = {
    "an own event": EVENT,
    "an own event of no length": replace(EVENT, end=AT),
    "an own event, organised by the user, with nobody else": replace(
        EVENT, organiser=CLARA, guests=(Guest(address=CLARA.address, answer="accepted"),)
    ),
    "a mail to oneself": MAIL,
    "a mail from one own address to another": replace(MAIL, to=(Mailbox(address="clara@old.example"),)),
    "in German": replace(MAIL, subject="Karl die Graz-Studie versprochen"),
    "shouted": replace(EVENT, title="PROMISED Karl the study"),
}
SAY_NOTHING: Mapping[str, Event | Message] = {
    "an invitation": replace(EVENT, organiser=BOB, guests=(Guest(address=CLARA.address, me=True),)),
    "an event somebody else put there": replace(EVENT, organiser=BOB),
    "a meeting": replace(EVENT, guests=(Guest(address=BOB.address, answer="accepted"),)),
    "a meeting whose guests are hidden": replace(EVENT, guests_hidden=True),
    "an event in somebody else's calendar": replace(EVENT, owned=False),
    "Kith's own": replace(EVENT, ours=True),
    "a call log": replace(EVENT, role="calls"),
    "the family's calendar": replace(EVENT, role="busy"),
    "focus time": replace(EVENT, kind="focus"),
    "a cancelled one": replace(EVENT, status="cancelled"),
    "a mail received, though it says to be from the user": replace(MAIL, sent=False),
    "a mail to somebody": replace(MAIL, to=(BOB,)),
    "a mail to oneself and somebody": replace(MAIL, bcc=(BOB,)),
    "a mail to nobody": replace(MAIL, to=()),
    "a draft": replace(MAIL, draft=True),
    "an automatic one": replace(MAIL, automatic=True),
    "a mail without a time": replace(MAIL, at=None),
    "a promise to nobody": replace(EVENT, title="promised the Graz study"),
    "compromised": replace(EVENT, title="compromised Karl the study"),
    "another title": replace(EVENT, title="Lunch with Karl"),
}


def told(item: Event | Message) -> list[tuple[Any, ...]]:
    return [(one.key, one.kind, one.about, one.at) for one in of_records([item], ME, load_vocabulary())]


@pytest.mark.parametrize("case", TELL)
def test_own_words_tell(case: str) -> None:
    """It is remembered under the record's key, from the moment the record is of."""
    item = TELL[case]
    assert told(item) == [(f"told/{item.key}", "told", "", AT)]


@pytest.mark.parametrize("case", SAY_NOTHING)
def test_everything_else_tells_nothing(case: str) -> None:
    """What others wrote, what is no word of the past, and what promises nobody anything."""
    assert told(SAY_NOTHING[case]) == []


def test_a_title_is_remembered_plain_and_bounded() -> None:
    """No markup, no directions, at most 300 characters."""
    (one,) = of_records([replace(EVENT, title=f"{TITLE} <b>\u202e{'A' * 5000}")], ME, load_vocabulary())
    assert len(one.value) <= 300
    assert "<b>" not in one.value
    assert "\u202e" not in one.value
