"""What every connector promises: the same tests for each, against whatever stands behind it.

A test module inherits a class and says how to open the account, and what the user does to what stands there.
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest

from connectors.records import (
    Cursor,
    Draft,
    Edited,
    Fate,
    Item,
    Mailbox,
    Receipt,
    Reminder,
    ReminderSink,
    Sink,
    Source,
)

NOW = datetime(2026, 2, 12, 8, tzinfo=UTC)
REMINDER = Reminder(
    key="follow-up/p-1/first",
    title="Write to Ada Lovelace",
    body="Met on Tuesday; she asked for the paper.\n\nWhy: first meeting.",
    start=datetime(2026, 2, 17, 8, tzinfo=UTC),
    end=datetime(2026, 2, 17, 8, 15, tzinfo=UTC),
    alarm=0,
)
NOTED = replace(REMINDER, title="Noted: Ada Lovelace")
LATER = replace(REMINDER, start=REMINDER.start + timedelta(days=3), end=REMINDER.end + timedelta(days=3))
ALL_NEW = replace(LATER, title="Done: Ada Lovelace", body="You met again.")
MOVED = REMINDER.start + timedelta(days=2)
TYPED = "she said: later  3w; <b>no</b>\n\n- call, then write"
DRAFT = Draft(
    key="draft/p-1/first",
    sender=Mailbox(address="me@example.com", name="Jo Example"),
    to=Mailbox(address="ada@lovelace.example", name="Lovelace, Ada"),
    subject="The paper you asked for – über Analytik",
    body="Dear Ada,\n\nyou asked for the paper. Shall I send it on Tuesday, the 17th?\n\nJo\n",
    at=NOW,
    in_reply_to="abc@lovelace.example",
)

PAGE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Your week</title></head><body>
<h1>Your week – KW 47</h1>
<table><tr><th>Anna &lt;Berger&gt;</th><td>3</td></tr></table>
</body></html>
"""


def html_in(raw: bytes) -> str:
    """Return the HTML in a mail, "" if there is none."""
    part = message_from_bytes(raw, policy=policy.default).get_body(preferencelist=("html",))
    return "" if part is None else str(part.get_content()).replace("\r\n", "\n")


def with_html(raw: bytes, html: str) -> bytes:
    """Return a mail with another HTML in it."""
    mail = message_from_bytes(raw, policy=policy.default)
    part = mail.get_body(preferencelist=("html",))
    assert part is not None
    part.set_content(html, subtype="html")
    return mail.as_bytes()


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
    def opened(self) -> ReminderSink: ...

    @abstractmethod
    def user_moves(self, receipt: Receipt, start: datetime) -> None: ...

    @abstractmethod
    def user_types(self, receipt: Receipt, body: str) -> None:
        """Give it another description; a mark of ours in it stays."""

    @abstractmethod
    def user_adds(self) -> Receipt:
        """Add something by hand, and return a receipt that claims it for Kith."""

    @abstractmethod
    def raw(self) -> object:
        """Everything that stands there, to the letter."""

    def fate(self, receipt: Receipt) -> Fate:
        (fate,) = self.opened().look([receipt])
        return fate

    def told(self, receipt: Receipt) -> tuple[str, str, datetime | None]:
        fate = self.fate(receipt)
        return fate.state, fate.title, fate.at

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

    # -- amended, field by field ---------------------------------------------------------------------------------------

    def test_a_title_alone_is_amended(self) -> None:
        """The title is new, the rest as it was; it is ours and untouched, and found with the same receipt."""
        receipt = self.opened().create(REMINDER)
        body = self.fate(receipt).body
        amended = self.opened().amend(receipt, REMINDER, NOTED)
        assert (*self.told(amended), self.fate(amended).body) == ("untouched", NOTED.title, REMINDER.start, body)
        assert self.opened().find(REMINDER.key) == amended
        self.opened().withdraw(amended)
        assert self.opened().find(REMINDER.key) is None

    def test_every_field_is_amended_at_once(self) -> None:
        """Title, description and time of one that nobody touched."""
        receipt = self.opened().create(REMINDER)
        amended = self.opened().amend(receipt, REMINDER, ALL_NEW)
        assert self.told(amended) == ("untouched", ALL_NEW.title, ALL_NEW.start)
        assert self.fate(amended).body.strip() == ALL_NEW.body
        assert self.opened().find(REMINDER.key) == amended

    def test_a_description_the_user_typed_stays_under_a_new_title(self) -> None:
        """Their words stay to the letter; the title, which they left alone, is Kith's to change."""
        receipt = self.opened().create(REMINDER)
        self.user_types(receipt, TYPED)
        typed = self.fate(receipt).body
        amended = self.opened().amend(receipt, REMINDER, ALL_NEW)
        assert self.told(amended) == ("untouched", ALL_NEW.title, ALL_NEW.start)
        assert self.fate(amended).body == typed
        assert "later  3w" in typed

    def test_a_title_the_user_typed_stays(self) -> None:
        """Nothing is written at all, and what stands is what the receipt names."""
        receipt = self.opened().create(REMINDER)
        self.user_edits(receipt)
        before = self.raw()
        amended = self.opened().amend(receipt, REMINDER, NOTED)
        assert self.raw() == before
        assert self.states(amended) == ["untouched"]

    def test_the_time_alone_is_amended_under_a_title_the_user_typed(self) -> None:
        """A debrief moves with its event, whatever the user calls it."""
        receipt = self.opened().create(REMINDER)
        self.user_edits(receipt)
        title = self.fate(receipt).title
        amended = self.opened().amend(receipt, REMINDER, LATER)
        assert self.told(amended) == ("untouched", title, LATER.start)
        again = self.opened().amend(amended, LATER, REMINDER)
        assert self.told(again) == ("untouched", title, REMINDER.start)

    @pytest.mark.parametrize("change", ["nothing", "edits", "types", "moves"])
    def test_amended_twice_is_amended_once(self, change: str) -> None:
        """The answer was lost: the same again, with the old receipt, changes nothing and gives the same receipt."""
        receipt = self.opened().create(REMINDER)
        if change == "edits":
            self.user_edits(receipt)
        if change == "types":
            self.user_types(receipt, TYPED)
        if change == "moves":
            self.user_moves(receipt, MOVED)
        amended = self.opened().amend(receipt, REMINDER, ALL_NEW)
        before = self.raw()
        assert self.opened().amend(receipt, REMINDER, ALL_NEW) == amended
        assert self.opened().amend(amended, ALL_NEW, ALL_NEW) == amended
        assert self.raw() == before

    def test_an_edit_after_an_amendment_is_told(self) -> None:
        """Whatever was typed before: the next edit is seen, with the whole text as found, and is the user's."""
        receipt = self.opened().create(REMINDER)
        self.user_types(receipt, TYPED)
        amended = self.opened().amend(receipt, REMINDER, NOTED)
        self.user_types(receipt, "called")
        fate = self.fate(amended)
        assert (fate.state, fate.title, fate.body.strip()) == ("edited", NOTED.title, "called")
        for act in (self.opened().withdraw, lambda one: self.opened().change(one, self.item)):
            with pytest.raises(Edited):
                act(amended)

    @pytest.mark.parametrize("seen", [True, False])
    def test_an_edit_that_nobody_saw_is_told_after_the_amendment(self, *, seen: bool) -> None:
        """Typed between the look and the amendment: one the caller knew of is settled, another is told."""
        receipt = self.opened().create(REMINDER)
        self.user_types(receipt, TYPED)
        amended = self.opened().amend(receipt, REMINDER, ALL_NEW, seen=seen)
        assert self.told(amended) == ("untouched" if seen else "edited", ALL_NEW.title, ALL_NEW.start)
        if not seen:
            with pytest.raises(Edited):
                self.opened().withdraw(amended)

    @pytest.mark.parametrize("known", [True, False])
    def test_a_moved_one_is_amended_where_it_is(self, *, known: bool) -> None:
        """Never moved back, whether the caller knew of it or not, and still told as moved: the time is the user's."""
        receipt = self.opened().create(REMINDER)
        self.user_moves(receipt, MOVED)
        times = {"start": MOVED, "end": MOVED + (REMINDER.end - REMINDER.start)} if known else {}
        before = replace(REMINDER, **times)
        amended = self.opened().amend(receipt, before, replace(before, title=NOTED.title))
        assert self.told(amended) == ("moved", NOTED.title, MOVED)
        again = self.opened().amend(amended, replace(before, title=NOTED.title), ALL_NEW)
        assert self.told(again) == ("moved", ALL_NEW.title, MOVED)
        self.opened().withdraw(again)
        assert self.opened().find(REMINDER.key) is None

    def test_a_deleted_one_is_not_amended(self) -> None:
        """Gone is told, and nothing comes back."""
        self.opened().create(self.other)
        receipt = self.opened().create(REMINDER)
        self.user_deletes(receipt)
        before = self.raw()
        with pytest.raises(Edited):
            self.opened().amend(receipt, REMINDER, NOTED)
        assert (self.raw(), self.states(receipt)) == (before, ["gone"])

    def test_what_kith_did_not_write_is_not_amended(self) -> None:
        """An event of somebody else's stays as it is, even where it says word for word what we would have written."""
        self.opened().create(self.other)
        receipt = self.user_adds()
        before = self.raw()
        with contextlib.suppress(Edited):
            self.opened().amend(receipt, replace(REMINDER, key=receipt.key), replace(ALL_NEW, key=receipt.key))
        assert self.raw() == before

    def test_what_stands_beside_is_left_alone(self) -> None:
        """Neither our other reminders nor the user's own event change."""
        mine, other = self.opened().create(REMINDER), self.opened().create(self.other)
        self.user_adds()
        self.opened().amend(mine, REMINDER, ALL_NEW)
        assert self.states(other) == ["untouched"]
        assert self.opened().find(self.other.key) == other


class DraftContract(_Written):
    item = DRAFT
    other = replace(DRAFT, key="draft/p-2/pick-up", to=Mailbox(address="ben@example.org"), subject="Hello")

    @abstractmethod
    def html(self, receipt: Receipt) -> str:
        """The HTML that stands in the draft."""

    @abstractmethod
    def user_edits_html(self, receipt: Receipt, html: str) -> None:
        """Give it another HTML; all else of it stays."""

    @property
    def page(self) -> Draft:
        assert isinstance(self.item, Draft)
        return replace(self.item, html=PAGE)

    def test_html_arrives_beside_the_text(self) -> None:
        """It stands there as it was given, is untouched and found by the same receipt, and goes as a whole."""
        receipt = self.opened().create(self.page)
        assert self.html(receipt).strip() == PAGE.strip()
        assert self.states(receipt) == ["untouched"]
        assert self.opened().find(self.item.key) == receipt == self.opened().create(self.page)
        self.opened().withdraw(receipt)
        assert (self.states(receipt), self.opened().count()) == (["gone"], 0)

    def test_the_text_of_one_with_html_is_the_users_once_edited(self) -> None:
        """By whatever program: edited, and neither changed nor taken back."""
        receipt = self.opened().create(self.page)
        self.user_edits(receipt)
        self._is_the_users(receipt)

    def test_its_html_alone_is_the_users_once_edited(self) -> None:
        """A word more in the HTML is an edit, though the text beside it is as it was."""
        receipt = self.opened().create(self.page)
        self.user_edits_html(receipt, PAGE.replace("Anna", "Anna, whom I met"))
        self._is_the_users(receipt)

    def _is_the_users(self, receipt: Receipt) -> None:
        assert self.states(receipt) == ["edited"]
        for act in (self.opened().withdraw, lambda one: self.opened().change(one, self.page)):
            with pytest.raises(Edited):
                act(receipt)
        assert self.states(receipt) == ["edited"]

    def test_html_is_changed_like_the_rest(self) -> None:
        """The new HTML stands in place of the old, and without any there is none any more."""
        first = self.opened().create(self.page)
        second = self.opened().change(first, replace(self.page, html=PAGE.replace("Anna", "Berta")))
        assert (self.states(second), "Berta" in self.html(second)) == (["untouched"], True)
        third = self.opened().change(second, replace(self.other, key=self.item.key))
        assert (self.states(third), self.html(third)) == (["untouched"], "")
        assert len({first.fingerprint, second.fingerprint, third.fingerprint}) == 3

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
