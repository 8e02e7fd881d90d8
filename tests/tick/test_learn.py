"""What a pull may change in what is known: absence is not deletion, a late cancellation is tidying up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.records import Event, Fate, Guest, Listing, Mailbox, Message, Pull
from daemon import forgotten, learn
from daemon.model import Entry, Me, Records, Touchpoint

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ME = Me(name="Ada", addresses=("ada@x.example",), zone=ZoneInfo("Europe/Berlin"))


def event(days: float, **more: object) -> Event:
    """An hour that ended ``days`` ago (negative: ahead)."""
    end = NOW - timedelta(days=days)
    return replace(
        Event(key="u", uid="u", source_id="u", account="agenda", start=end - timedelta(hours=1), end=end, title="Talk"),
        **more,  # type: ignore[arg-type]
    )


def known(item: Event) -> Records:
    return Records(events={f"agenda\t{item.key}": item})


def listing(source_id: str | None = "u", days: int = 400) -> Listing:
    return Listing(source_id=source_id, start=NOW - timedelta(days=days), end=NOW + timedelta(days=60))


def outcome(pull: Pull, stored: Event) -> str:
    change = learn.change(pull, "agenda", known(stored), ME, NOW)
    if change.removed:
        return "removed"
    return change.items[0].status if change.items and isinstance(change.items[0], Event) else "kept"


@pytest.mark.parametrize(
    ("ended", "expected"),
    [(-3, "removed"), (1, "removed"), (13, "removed"), (15, "kept"), (300, "kept")],
)
@pytest.mark.parametrize("source_id", ["u", None])
def test_absence_counts_for_fourteen_days(ended: float, expected: str, source_id: str | None) -> None:
    """An event missing from a complete listing is gone when it ended less than 14 days ago, else it stays (C12)."""
    assert outcome(Pull(cursor={}, complete=(listing(source_id),)), event(ended)) == expected


@pytest.mark.parametrize(("ended", "expected"), [(-3, "cancelled"), (1, "cancelled"), (6, "cancelled"), (8, "kept")])
def test_a_deletion_counts_for_seven_days(ended: float, expected: str) -> None:
    """An explicit deletion seen within 7 days after the end undoes the event; later it is tidying up (C13)."""
    assert outcome(Pull(cursor={}, gone=("u",)), event(ended)) == expected


@pytest.mark.parametrize(("ended", "expected"), [(1, "cancelled"), (6, "cancelled"), (8, "kept"), (700, "kept")])
def test_a_cancellation_counts_for_seven_days(ended: float, expected: str) -> None:
    """The same for an event that comes again as cancelled: two years of a series are not wiped at a job change."""
    stored = event(ended)
    assert outcome(Pull(cursor={}, items=(replace(stored, status="cancelled"),)), stored) == expected


@pytest.mark.parametrize(("ended", "stored_again"), [(2, True), (9, False), (200, False)])
def test_history_is_not_rewritten(ended: float, *, stored_again: bool) -> None:
    """A guest who leaves a series, or is replaced in it, does not take two years of meetings along."""
    stored = event(ended, guests=(Guest(address="eve@z.example", answer="accepted"),))
    for guests in ((Guest(address="eve@z.example", answer="declined"),), (Guest(address="bob@y.example"),), ()):
        change = learn.change(
            Pull(cursor={}, items=(replace(stored, guests=guests),)), "agenda", known(stored), ME, NOW
        )
        assert bool(change.items) is stored_again


def test_an_old_event_moved_to_a_day_ahead_is_no_history() -> None:
    """What is moved out of the past is stored where it is now."""
    stored = event(30)
    moved = replace(stored, start=NOW + timedelta(days=2), end=NOW + timedelta(days=2, hours=1))
    assert learn.change(Pull(cursor={}, items=(moved,)), "agenda", known(stored), ME, NOW).items == (moved,)


@pytest.mark.parametrize(("ended", "stored_again"), [(2, True), (9, False)])
def test_a_late_decline_of_the_users_changes_nothing(ended: float, *, stored_again: bool) -> None:
    """Declining after a week does not undo that the user was there."""
    stored = event(ended, guests=(Guest(address="ada@x.example", answer="accepted"), Guest(address="bob@y.example")))
    declined = replace(
        stored, guests=(Guest(address="ada@x.example", answer="declined"), Guest(address="bob@y.example"))
    )
    change = learn.change(Pull(cursor={}, items=(declined,)), "agenda", known(stored), ME, NOW)
    assert bool(change.items) is stored_again


def test_what_is_known_already_changes_nothing() -> None:
    """The same record again is no change, so nothing is written."""
    stored = event(3)
    assert learn.change(Pull(cursor={}, items=(stored,)), "agenda", known(stored), ME, NOW) == learn.Change()


def test_a_mail_that_disappears_stays_known() -> None:
    """No listing of a mail account takes a mail back."""
    mail = Message(key="m", account="sent", at=NOW)
    records = Records(messages={"sent\tm": mail})
    assert learn.change(Pull(cursor={}, complete=(listing(None),)), "sent", records, ME, NOW) == learn.Change()


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (500, 0, True),
        (1, 0, True),
        (500, 399, True),
        (500, 400, False),
        (12, 3, False),
        (12, 1, True),
        (0, 0, False),
        (None, 0, False),
        (500, None, False),
        (10, 900, False),
    ],
)
def test_a_source_that_came_back_suspiciously_empty(before: int | None, now: int | None, *, expected: bool) -> None:
    """Nothing at all, or more than max(10, 20 %) fewer, is suspicious (R1, U22)."""
    assert learn.suspicious(before, now) is expected


def test_forgotten_people_leave_no_trace_in_a_record() -> None:
    """Address, name and the title beside them are gone; the others stay, and the event is known to be incomplete."""
    stored = event(1, guests=(Guest(address="eve@z.example", name="Eve Stone"), Guest(address="bob@y.example")))
    clean = forgotten.without_forgotten(stored, {"eve@z.example"}.__contains__)
    assert isinstance(clean, Event)
    assert (clean.title, clean.guests, clean.guests_hidden) == ("", (Guest(address="bob@y.example"),), True)


def test_a_forgotten_name_in_a_title_blanks_it() -> None:
    """A title that names somebody forgotten, in any order and case, is blanked; others are left alone."""
    erased = {forgotten.name_key(["Eve", "Stone"])}.__contains__
    mail = Message(
        key="m", account="sent", at=NOW, to=(Mailbox(address="bob@y.example"),), subject="Lunch with STONE, Eve!"
    )
    assert forgotten.without_forgotten(mail, erased) == replace(mail, subject="")
    other = replace(mail, subject="Lunch with Eve Miller")
    assert forgotten.without_forgotten(other, erased) == other


def entry(kind: str = "draft") -> Entry:
    return Entry(
        key="k",
        kind=kind,  # type: ignore[arg-type]
        person="p",
        account="a",
        reason="pick-up",
        fact="f",
        cycle=0,
        evidence=(),
        title="The tender",
        body="Hi",
        start=None if kind == "draft" else NOW,
        end=None if kind == "draft" else NOW + timedelta(minutes=15),
        state="written",
        decided=NOW - timedelta(days=1),
    )


def wrote(title: str, hours: float, **more: Any) -> Touchpoint:
    at = NOW - timedelta(hours=hours)
    plain: dict[str, Any] = {"kind": "wrote", "rule": "M1", **more}
    return Touchpoint(source="x", address="b@y.example", person="p", at=at, account="sent", title=title, **plain)


IN_THREAD = {"thread": "root@y.example", "in_reply_to": "last@y.example"}


@pytest.mark.parametrize(
    ("draft", "fate", "facts", "expected"),
    [
        ({}, "untouched", (), "written"),
        ({}, "edited", (), "edited"),
        ({}, "gone", (), "discarded"),
        ({}, "gone", (wrote("The tender", 2),), "sent"),
        ({}, "gone", (wrote("The  TENDER ", 2),), "sent"),
        ({}, "gone", (wrote("Something else", 2),), "overtaken"),
        ({}, "gone", (wrote("The tender", 48),), "discarded"),
        ({}, "gone", (wrote("The tender", 2, thread="x"),), "sent"),
        ({}, "gone", (wrote("The tender", 2, thread="x#1"),), "overtaken"),
        ({}, "gone", (wrote("The tender", 2, thread="root@y.example"),), "overtaken"),
        (IN_THREAD, "gone", (), "discarded"),
        (IN_THREAD, "gone", (wrote("The tender", 2, thread="root@y.example"),), "sent"),
        (IN_THREAD, "gone", (wrote("Re: The tender", 2, thread="root@y.example"),), "sent"),
        (IN_THREAD, "gone", (wrote("Another subject", 2, thread="root@y.example"),), "sent"),
        (IN_THREAD, "gone", (wrote("The tender", 2, thread="x"),), "sent"),
        (IN_THREAD, "gone", (wrote("Something else", 2, thread="x"),), "overtaken"),
        (IN_THREAD, "gone", (wrote("The tender", 2, thread="other@y.example"),), "overtaken"),
        (IN_THREAD, "gone", (wrote("The tender", 48, thread="root@y.example"),), "discarded"),
        (IN_THREAD, "gone", (wrote("The tender", 2, thread="root@y.example", kind="heard"),), "discarded"),
    ],
)
def test_what_became_of_a_draft(draft: dict[str, str], fate: str, facts: tuple[Touchpoint, ...], expected: str) -> None:
    """A draft that is gone was sent if a mail in its thread followed, or one that began a thread with its subject;
    another mail to the person overtook it, whoever wrote under its subject in an older thread; else it was thrown away
    (T14)."""
    written = replace(entry(), **draft)  # type: ignore[arg-type]
    assert learn.settle(written, Fate(key="k", state=fate), facts, NOW).state == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(("hours", "expected"), [(1, "sent"), (-0.5, "sent"), (-2, "discarded"), (-200, "discarded")])
def test_a_mail_in_the_thread_after_the_draft_was_gone_is_another(hours: float, expected: str) -> None:
    """A draft is sent before it is seen to be gone: what the user writes there days later does not make it sent."""
    draft = replace(entry(), ref="r", **IN_THREAD)  # type: ignore[arg-type]
    gone = learn.settle(draft, Fate(key="k", state="gone"), (), NOW)
    mail = wrote("Re: The tender", hours, thread="root@y.example")
    assert learn.reconsider(gone, (mail,)).state == expected


def test_the_users_subject_is_kept_for_the_mail_that_will_be_sent() -> None:
    """An edited draft bears the user's subject from then on, and the words of ours no more than the state says."""
    draft = learn.settle(entry(), Fate(key="k", state="edited", title="My words", body="Secret"), (), NOW)
    again = learn.settle(draft, Fate(key="k", state="edited", title="My better words"), (), NOW)
    assert (again.title, again.body, again.settled) == ("My better words", "Hi", NOW)
    assert learn.settle(again, Fate(key="k", state="edited"), (), NOW) == again
    assert learn.settle(again, Fate(key="k", state="gone"), (wrote("My better words", 1),), NOW).state == "sent"
    reminder = learn.settle(entry("reconnect"), Fate(key="k", state="edited", title="called"), (), NOW)
    assert reminder.title == "The tender"


def test_a_mail_imported_late_tells_that_the_draft_was_sent() -> None:
    """A draft gone before its mail was imported is thrown away at first; the mail, read next month, makes it sent."""
    gone = replace(learn.settle(entry(), Fate(key="k", state="gone"), (), NOW), ref="r")
    assert gone.state == "discarded"
    assert learn.reconsider(gone, (wrote("The tender", 1),)).state == "sent"
    assert learn.reconsider(gone, (wrote("Other things", 1),)).state == "discarded"


@pytest.mark.parametrize(("later", "expected"), [(29, "sent"), (31, "discarded")])
def test_a_subject_used_again_much_later_is_chance(later: int, expected: str) -> None:
    """A draft put off to be sent goes out within a month; a mail that begins with its subject after that is another."""
    gone = replace(learn.settle(entry(), Fate(key="k", state="gone"), (), NOW), ref="r")
    assert learn.reconsider(gone, (wrote("The tender", -24 * later),)).state == expected


@pytest.mark.parametrize(("hours", "expected"), [(2, "done"), (-60, "done"), (-80, "dismissed"), (48, "dismissed")])
def test_a_reminder_deleted_because_it_was_done(hours: float, expected: str) -> None:
    """In touch within three days of the deletion (and after the reminder was made): done, not refused (S54)."""
    gone = learn.settle(entry("reconnect"), Fate(key="k", state="gone"), (), NOW)
    assert learn.reconsider(gone, (wrote("Hello", hours),)).state == expected


def test_what_became_of_a_reminder() -> None:
    """A moved reminder stands where the user put it, a deleted one is dismissed, an edited one stays the user's."""
    there = NOW + timedelta(days=2)
    moved = learn.settle(entry("reconnect"), Fate(key="k", state="moved", at=there), (), NOW)
    assert (moved.state, moved.start, moved.end) == ("moved", there, there + timedelta(minutes=15))
    assert learn.settle(moved, Fate(key="k", state="moved", at=there), (), NOW + timedelta(hours=1)) == moved
    assert learn.settle(entry("reconnect"), Fate(key="k", state="gone"), (), NOW).state == "dismissed"
    edited = learn.settle(entry("reconnect"), Fate(key="k", state="edited"), (), NOW)
    assert learn.settle(edited, Fate(key="k", state="untouched"), (), NOW).state == "edited"


@pytest.mark.parametrize("state", ["written", "moved", "edited"])
def test_a_reminder_ticked_off_is_done(state: Any) -> None:
    """A task completed, whatever was done to it before, is done; nothing is taken back any more."""
    before = replace(entry("reconnect"), state=state, leaving="passed")
    after = learn.settle(before, Fate(key="k", state="done", title="called"), (), NOW)
    assert (after.state, after.settled, after.leaving) == ("done", NOW, "")


@pytest.mark.parametrize(
    ("leaving", "expected"), [("overtaken", "overtaken"), ("passed", "passed"), ("better", "withdrawn")]
)
def test_what_we_were_taking_back_is_no_answer_of_the_users(leaving: str, expected: str) -> None:
    """A withdrawal whose answer was lost: gone by our own hand, so nothing is dismissed and no cadence grows."""
    before = replace(entry("reconnect"), ref="r", leaving=leaving)
    after = learn.settle(before, Fate(key="k", state="gone"), (), NOW)
    assert (after.state, after.leaving) == (expected, "")


def test_a_draft_we_were_taking_back_may_have_been_sent() -> None:
    """A mail with its subject proves that the user sent it before it could be taken back."""
    before = replace(entry(), ref="r", leaving="overtaken")
    assert learn.settle(before, Fate(key="k", state="gone"), (wrote("The tender", 2),), NOW).state == "sent"
    assert learn.settle(before, Fate(key="k", state="gone"), (wrote("Other things", 2),), NOW).state == "overtaken"
