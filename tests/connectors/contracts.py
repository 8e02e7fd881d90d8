"""What every connector promises: the same tests for each, against whatever stands behind it.

A test module inherits a class and says how to open the account, and what the user does to what stands there.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.records import Cursor, Draft, Edited, Item, Mailbox, Receipt, Reminder, Sink, Source

NOW = datetime(2026, 2, 12, 8, tzinfo=UTC)
REMINDER = Reminder(
    key="follow-up/p-1/first",
    title="Write to Ada Lovelace",
    body="Met on Tuesday; she asked for the paper.\n\nWhy: first meeting.",
    start=datetime(2026, 2, 17, 8, tzinfo=UTC),
    end=datetime(2026, 2, 17, 8, 15, tzinfo=UTC),
    alarm=0,
)
DRAFT = Draft(
    key="draft/p-1/first",
    sender=Mailbox(address="me@example.com", name="Jo Example"),
    to=Mailbox(address="ada@lovelace.example", name="Lovelace, Ada"),
    subject="The paper you asked for – über Analytik",
    body="Dear Ada,\n\nyou asked for the paper. Shall I send it on Tuesday, the 17th?\n\nJo\n",
    at=NOW,
    in_reply_to="abc@lovelace.example",
)


def everything(source: Source, cursor: Cursor | None = None, now: datetime = NOW) -> tuple[list[Item], Cursor]:
    """Pull until the source has caught up."""
    items: list[Item] = []
    for _ in range(1000):
        pull = source.pull(cursor, now)
        items += pull.items
        cursor = pull.cursor
        if pull.caught_up:
            return items, cursor
    pytest.fail("the source never catches up")


class SourceContract(ABC):
    """``opened()`` gives a source with at least one item."""

    @abstractmethod
    def opened(self) -> Source: ...

    def test_a_first_pull_brings_items_of_the_account_with_utc_times_and_distinct_keys(self) -> None:
        """Everything a source brings can be stored: named after its account, keyed, in UTC."""
        source = self.opened()
        items, _ = everything(source)
        assert items
        assert {item.account for item in items} == {source.name}
        assert len({item.key for item in items}) == len(items)
        times = [when for item in items for when in (getattr(item, "at", None), getattr(item, "start", None))]
        assert all(when.tzinfo is UTC for when in times if isinstance(when, datetime))

    def test_nothing_new_brings_nothing_and_the_same_cursor(self) -> None:
        """The idle tick: no items, and a cursor that is not worth saving."""
        source = self.opened()
        _, cursor = everything(source)
        again = source.pull(cursor, NOW + timedelta(minutes=15))
        assert (again.items, again.gone, again.cursor, again.caught_up) == ((), (), cursor, True)

    def test_reading_again_from_the_beginning_brings_the_same(self) -> None:
        """A lost cursor doubles nothing: the same keys and values come again."""
        source = self.opened()
        assert everything(source)[0] == everything(self.opened())[0]

    def test_a_cursor_survives_json(self) -> None:
        """A cursor is JSON, so the ledger can hold it."""
        import json

        source = self.opened()
        _, cursor = everything(source)
        assert source.pull(json.loads(json.dumps(dict(cursor))), NOW).items == ()


class _Written(ABC):
    """What reminders and drafts have in common."""

    item: Reminder | Draft
    other: Reminder | Draft

    @abstractmethod
    def opened(self) -> Sink: ...  # type: ignore[type-arg]

    @abstractmethod
    def user_edits(self, receipt: Receipt) -> None: ...

    @abstractmethod
    def user_deletes(self, receipt: Receipt) -> None: ...

    def states(self, *receipts: Receipt) -> list[str]:
        return [fate.state for fate in self.opened().look(receipts)]

    def test_what_was_created_is_untouched_and_found(self) -> None:
        """A fresh write is seen as ours, under its key, with the same receipt."""
        receipt = self.opened().create(self.item)
        assert self.states(receipt) == ["untouched"]
        assert self.opened().find(self.item.key) == receipt

    def test_what_stands_is_counted(self) -> None:
        """A new ledger can see that something of an older one stands there."""
        assert self.opened().count() == 0
        receipt = self.opened().create(self.item)
        self.opened().create(self.other)
        assert self.opened().count() == 2
        self.opened().withdraw(receipt)
        assert self.opened().count() == 1

    def test_creating_twice_is_creating_once(self) -> None:
        """A repeat after a lost answer adds nothing and gives the same receipt."""
        first = self.opened().create(self.item)
        assert self.opened().create(self.item) == first
        self.opened().withdraw(first)
        assert self.opened().find(self.item.key) is None

    def test_creating_leaves_what_the_user_edited(self) -> None:
        """A second create never overwrites the user's words."""
        receipt = self.opened().create(self.item)
        self.user_edits(receipt)
        self.opened().create(self.item)
        assert self.states(receipt) == ["edited"]

    def test_an_edited_one_is_neither_changed_nor_withdrawn(self) -> None:
        """What the user typed into is the user's."""
        receipt = self.opened().create(self.item)
        self.user_edits(receipt)
        with pytest.raises(Edited):
            self.opened().change(receipt, self.other)
        with pytest.raises(Edited):
            self.opened().withdraw(receipt)
        assert self.states(receipt) == ["edited"]

    def test_a_deleted_one_is_gone_and_stays_so(self) -> None:
        """What the user deleted is told as gone; withdrawing it is fine, changing it is not."""
        keeper = self.opened().create(self.other)
        receipt = self.opened().create(self.item)
        self.user_deletes(receipt)
        self.opened().withdraw(receipt)
        with pytest.raises(Edited):
            self.opened().change(receipt, self.item)
        assert self.states(receipt, keeper) == ["gone", "untouched"]

    def test_changing_replaces_the_text(self) -> None:
        """After a change the new text stands under the same key, as ours."""
        receipt = self.opened().create(self.item)
        changed = self.opened().change(receipt, replace(self.other, key=self.item.key))
        assert self.states(changed) == ["untouched"]
        assert changed.fingerprint != receipt.fingerprint

    def test_withdrawing_touches_no_other(self) -> None:
        """Taking one back leaves its neighbour."""
        mine, other = self.opened().create(self.item), self.opened().create(self.other)
        self.opened().withdraw(mine)
        assert self.states(mine, other) == ["gone", "untouched"]

    def test_fates_come_in_the_order_of_the_receipts(self) -> None:
        """The caller may pair fates with what it asked for."""
        receipts = [self.opened().create(self.item), self.opened().create(self.other)]
        assert [fate.key for fate in self.opened().look(receipts[::-1])] == [self.other.key, self.item.key]


class ReminderContract(_Written):
    item = REMINDER
    other = replace(REMINDER, key="reconnect/p-2/due", title="Call Ben", body="Last spoke in May.", alarm=None)

    @abstractmethod
    def user_moves(self, receipt: Receipt, start: datetime) -> None: ...

    def test_a_moved_one_tells_where_to(self) -> None:
        """A new time alone is a snooze, not an edit."""
        receipt = self.opened().create(self.item)
        moved = REMINDER.start + timedelta(days=2)
        self.user_moves(receipt, moved)
        (fate,) = self.opened().look([receipt])
        assert (fate.state, fate.at) == ("moved", moved)

    def test_a_moved_one_is_changed_in_its_text_only_and_can_be_withdrawn(self) -> None:
        """Ownership is by field (C40): the time is the user's, the text is still ours."""
        receipt = self.opened().create(self.item)
        moved = REMINDER.start + timedelta(days=2)
        self.user_moves(receipt, moved)
        changed = self.opened().change(receipt, replace(REMINDER, title="Done: Ada"))
        (fate,) = self.opened().look([changed])
        assert (fate.state, fate.at, fate.title) == ("untouched", moved, "Done: Ada")
        self.opened().withdraw(changed)
        assert self.states(changed, self.opened().create(self.other)) == ["gone", "untouched"]


class DraftContract(_Written):
    item = DRAFT
    other = replace(DRAFT, key="draft/p-2/pick-up", to=Mailbox(address="ben@example.org"), subject="Hello")

    def test_changing_twice_is_changing_once(self) -> None:
        """A repeat after a lost answer, by the receipt of before, finds the new words there and leaves them."""
        before = self.opened().create(self.item)
        better = replace(self.other, key=self.item.key)
        after = self.opened().change(before, better)
        assert self.opened().change(before, better) == after
        assert (self.states(after), self.opened().count()) == (["untouched"], 1)

    def test_an_edited_change_is_not_changed_again(self) -> None:
        """What the user made of the new words is the user's, by whatever receipt."""
        before = self.opened().create(self.item)
        better = replace(self.other, key=self.item.key)
        after = self.opened().change(before, better)
        self.user_edits(after)
        for receipt in (before, after):
            with pytest.raises(Edited):
                self.opened().change(receipt, better)
        assert self.states(after) == ["edited"]
