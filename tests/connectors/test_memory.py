"""Accounts in memory keep every promise, so they may stand for any account in other tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

import connectors
from connectors.memory import Memory, MemorySink, MemorySource
from connectors.records import Message, Receipt, Source, Unavailable
from tests.connectors.contracts import DRAFT, NOW, REMINDER, DraftContract, ReminderContract, SourceContract, everything

MAILS = [Message(key=f"{number}@example.com", account="home", at=NOW) for number in range(3)]


class TestMemorySource(SourceContract):
    def opened(self) -> Source:
        return MemorySource("home", MAILS[:2], MAILS[2:])


class TestMemoryReminders(ReminderContract):
    def opened(self) -> MemorySink:
        self.sink = getattr(self, "sink", None) or MemorySink()
        return self.sink

    def user_edits(self, receipt: Receipt) -> None:
        self.sink.standing[receipt.key] = replace(self.sink.standing[receipt.key], title="met her")

    def user_moves(self, receipt: Receipt, start: datetime) -> None:
        old = self.sink.standing[receipt.key]
        self.sink.standing[receipt.key] = replace(old, start=start, end=start + timedelta(minutes=15))

    def user_types(self, receipt: Receipt, body: str) -> None:
        self.sink.standing[receipt.key] = replace(self.sink.standing[receipt.key], body=body)

    def user_adds(self) -> Receipt:
        return Receipt(key="somebody's", ref="x", fingerprint="x.y")  # memory holds nothing but what was written by key

    def raw(self) -> object:
        return dict(self.opened().standing)

    def user_deletes(self, receipt: Receipt) -> None:
        del self.sink.standing[receipt.key]


class TestMemoryDrafts(DraftContract):
    def opened(self) -> MemorySink:
        self.sink = getattr(self, "sink", None) or MemorySink()
        return self.sink

    def user_edits(self, receipt: Receipt) -> None:
        self.sink.standing[receipt.key] = replace(self.sink.standing[receipt.key], body="my own words")

    def user_edits_html(self, receipt: Receipt, html: str) -> None:
        self.sink.standing[receipt.key] = replace(self.sink.standing[receipt.key], html=html)

    def html(self, receipt: Receipt) -> str:
        return str(self.sink.standing[receipt.key].html)

    def user_deletes(self, receipt: Receipt) -> None:
        del self.sink.standing[receipt.key]


def test_a_failure_is_raised_once_and_loses_nothing() -> None:
    """After an outage the same cursor goes on where it was."""
    source = MemorySource("home", MAILS[:2], Unavailable("down"), MAILS[2:])
    first = source.pull(None, NOW)
    with pytest.raises(Unavailable):
        source.pull(first.cursor, NOW)
    assert [*first.items, *everything(source, first.cursor)[0]] == MAILS


def test_a_sink_fails_as_told_and_only_once() -> None:
    """An outage of the sink is one verb long."""
    sink = MemorySink()
    sink.failure = Unavailable("down")
    with pytest.raises(Unavailable):
        sink.create(REMINDER)
    assert sink.create(DRAFT).key == DRAFT.key


@pytest.mark.parametrize("kind", sorted(connectors.KINDS))
def test_every_kind_has_its_class(kind: str) -> None:
    """The table of kinds names classes that are there."""
    account = connectors.account_class(kind)
    assert account is not None
    assert all(hasattr(account, verb) for verb in ("open_source", "open_reminders", "open_drafts", "problems"))


def test_kinds_of_later_are_no_kinds_yet() -> None:
    """A kind is either there, comes later, or is unknown; never two of them."""
    assert not connectors.LATER & connectors.KINDS.keys()
    assert connectors.account_class("caldav") is None


def test_a_memory_account_opens_what_it_holds() -> None:
    """The account gives the same sinks each time, as a real one gives the same calendar."""
    account = Memory(script=(tuple(MAILS),))
    assert everything(account.open_source("home", "UTC"))[0] == MAILS
    receipt = account.open_reminders("home", "UTC").create(REMINDER)
    assert account.open_reminders("home", "UTC").find(REMINDER.key) == receipt
    assert account.problems() == ()
