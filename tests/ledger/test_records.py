"""Records come back as they were saved, and what several of them say is in memory once."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import chain
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from connectors.records import Event, Guest, Mailbox, Message
from daemon.ledger import open_ledger

ADA = Mailbox(address="ada@lovelace.example", name="Ada Lovelace")
ME = Mailbox(address="me@winter.example", name="Clara Winter")
AT = datetime(2026, 2, 12, 8, tzinfo=UTC)
MAIL = Message(key="one@host", account="post", at=AT, message_id="one@host", sender=ME, to=(ADA,), subject="Tea")
REUSED = replace(MAIL, key="one@host#5f", cc=(ADA, ME), bcc=(Mailbox(address="ada@lovelace.example", name="Ada"),))
MEETING = Event(
    key="m",
    uid="m",
    source_id="m",
    account="agenda",
    calendar="work",
    start=AT,
    end=AT,
    organiser=ADA,
    guests=(Guest(address=ADA.address, name=ADA.name, answer="accepted"), Guest(address=ME.address, me=True)),
)
OCCURRENCE = replace(MEETING, key="m/20260213", start=date(2026, 2, 13), end=date(2026, 2, 14), series="m")


def test_records_come_back_the_same_and_share_what_they_say(tmp_path: Path) -> None:
    """Equal addresses, guests, accounts and keys of all records read at once are one object each."""
    saved = [MAIL, REUSED, MEETING, OCCURRENCE]
    with open_ledger(tmp_path) as ledger:
        with ledger.unit():
            ledger.save_records(saved)
        found = ledger.records()
    assert found.messages == {f"post\t{item.key}": item for item in (MAIL, REUSED)}
    assert found.events == {f"agenda\t{item.key}": item for item in (MEETING, OCCURRENCE)}
    mails, events = found.messages.values(), found.events.values()
    boxes = chain.from_iterable((mail.sender, *mail.to, *mail.cc, *mail.bcc) for mail in mails)
    each = {
        "mailboxes": [*boxes, *(event.organiser for event in events)],
        "guests": [guest for event in events for guest in event.guests],
        "accounts": [item.account for item in (*mails, *events)],
        "Message-ID and key": [found.messages["post\tone@host"].key, found.messages["post\tone@host"].message_id],
        "UID and key": [found.events["agenda\tm"].key, found.events["agenda\tm"].uid],
    }
    for name, items in each.items():
        assert len({id(item) for item in items}) == len(set(items)), name


@given(
    ends=st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.booleans()), max_size=12),
    day=st.integers(-1, 10),
    lean=st.booleans(),
)
def test_events_since_a_day(ends: list[tuple[int, bool, bool]], day: int, lean: bool) -> None:
    """Every stored event that ends on the day or later, in UTC, and no other, in the order in which they came."""
    events = []
    for number, (end, timed, later) in enumerate(ends):
        day_after = date(2026, 2, 1) + timedelta(days=end)
        hour = datetime(2026, 2, 1, 23 if later else 0, 30, tzinfo=timezone(timedelta(hours=2))) + timedelta(days=end)
        events.append(replace(MEETING, key=f"e{number}", end=hour if timed else day_after, start=day_after))
    since = date(2026, 2, 1) + timedelta(days=day)
    with tempfile.TemporaryDirectory() as folder, open_ledger(Path(folder), lean=lean) as ledger:
        with ledger.unit():
            ledger.save_records(events)
        found = ledger.events_since(since)
    last = {
        item.key: item.end.astimezone(UTC).date() if isinstance(item.end, datetime) else item.end for item in events
    }
    assert [item.key for item in found] == [key for key, end in last.items() if end >= since]
