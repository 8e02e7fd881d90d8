"""What stands is brought on field by field: what the user typed or moved stays, and a crash changes nothing of that."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.memory import MemorySink
from connectors.records import Receipt, Reminder, Unavailable
from daemon.delivery import deliver
from daemon.exchange import all_untouched, look
from daemon.ledger import Ledger
from daemon.model import Amendment, Entry, Plan
from daemon.session import Session, open_session
from daemon.tick import commit, tick
from daemon.world import World
from tests.tick.test_crash import NOW, cuts, once, power, seen, world

DAY = timedelta(days=1)
Change = Callable[[Entry], Entry]


def session_of(folder: Path) -> Session:
    return open_session(folder / "config.toml", datetime.fromisoformat(NOW))


def standing(ledger: Ledger) -> list[Entry]:
    """The reminders that stand, by their day; the sentinel is brought on by itself."""
    rows = [row for row in ledger.entries() if row.kind not in {"draft", "sentinel"} and row.ref is not None]
    return sorted(rows, key=lambda row: (row.start, row.key))


def renamed(row: Entry, **more: Any) -> Entry:
    """``row`` as a plan amends it: another title at another time."""
    assert row.start is not None
    assert row.end is not None
    new = Amendment(title=f"Done: {row.title}", body="You met.", start=row.start + DAY, end=row.end + DAY)
    return replace(row, amended=replace(new, **more))


def plant(folder: Path, *changes: Change) -> None:
    """Let rows wait as a tick leaves them that was killed after its commit."""
    with session_of(folder).ledger(write=True) as ledger, ledger.unit():
        ledger.save_entries(change(row) for change, row in zip(changes, standing(ledger), strict=False))


def rows(folder: Path) -> list[Entry]:
    with session_of(folder).ledger(write=False) as ledger:
        return standing(ledger)


# -- one row, in memory ------------------------------------------------------------------------------------------------


class Desk:
    """A ledger and a calendar in memory with one reminder that was written there."""

    def __init__(self, folder: Path) -> None:
        world(folder)
        once(folder)
        self.session = session_of(folder)
        self.sink: MemorySink[Reminder] = MemorySink()
        with self.ledger() as ledger:
            (row, *_) = standing(ledger)
            self.key = row.key
            assert row.start is not None
            assert row.end is not None
            item = Reminder(key=ledger.alias(row.key), title="Write", body="Why", start=row.start, end=row.end)
            receipt = self.sink.create(item)
            said = {"title": item.title, "body": item.body, "ref": receipt.ref, "fingerprint": receipt.fingerprint}
            self.save(ledger, replace(row, **said))
            for other in ledger.entries():
                if other.key != row.key:
                    self.save(ledger, replace(other, state="withdrawn"))

    def ledger(self) -> Any:
        return self.session.ledger(write=True)

    def save(self, ledger: Ledger, row: Entry) -> None:
        with ledger.unit():
            ledger.save_entries((row,))

    def world(self) -> World:
        return replace(self.session.world(), reminders=self.sink, drafts=None)

    def row(self, ledger: Ledger) -> Entry:
        return next(row for row in ledger.entries() if row.key == self.key)

    def user(self, **change: Any) -> None:
        for key, item in self.sink.standing.items():
            self.sink.standing[key] = replace(item, **change)

    def look(self, ledger: Ledger) -> Entry:
        """Look, and put down what the user did."""
        looked = look(ledger, self.world(), ledger.entries(), {}, self.session.now)
        assert not looked.troubles
        row = next(row for row in looked.entries if row.key == self.key)
        self.save(ledger, row)
        return row

    def deliver(self, ledger: Ledger) -> tuple[tuple[Entry, ...], Any]:
        return deliver(ledger, self.world(), self.session.now)

    @property
    def item(self) -> Reminder | None:
        return next(iter(self.sink.standing.values()), None)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_row_takes_over_what_it_became(desk: Desk) -> None:
    """Words, time and proof are the new ones, nothing waits any more, and what became of it is as it was."""
    with desk.ledger() as ledger:
        before = desk.row(ledger)
        desk.save(ledger, renamed(before))
        (done,), troubles = desk.deliver(ledger)
        after = desk.row(ledger)
        assert (done, troubles) == (after, ())
        assert desk.item is not None
        assert before.start is not None
        assert (after.title, after.body, after.start) == ("Done: Write", "You met.", before.start + DAY)
        assert (desk.item.title, desk.item.body, desk.item.start) == (after.title, after.body, after.start)
        assert (after.amended, after.state, after.settled) == (None, before.state, before.settled)
        assert desk.look(ledger) == after
        assert all_untouched(ledger, desk.world())


def test_what_the_user_typed_and_was_seen_stays_and_is_settled(desk: Desk) -> None:
    """Edited, seen, amended: their words stand under the new title, and the next look has nothing to tell."""
    with desk.ledger() as ledger:
        desk.user(body="called,  later 3w")
        assert desk.look(ledger).state == "edited"
        desk.save(ledger, renamed(desk.row(ledger)))
        desk.deliver(ledger)
        assert desk.item is not None
        assert (desk.item.title, desk.item.body) == ("Done: Write", "called,  later 3w")
        assert desk.row(ledger).state == "edited"
        assert all_untouched(ledger, desk.world())


def test_a_line_typed_after_the_reading_is_read_at_the_next_look(desk: Desk) -> None:
    """One line was read and answered; another one comes before the title is brought on: it is not taken for read."""
    with desk.ledger() as ledger:
        desk.user(body="Ruth x")
        desk.look(ledger)
        read = replace(desk.row(ledger), found_title="Write", found_body="Ruth x")
        for typed, told in (("Ruth x", "untouched"), ("Ruth x, Karl x", "edited")):
            desk.save(ledger, renamed(read))
            desk.user(title="Write", body=typed)
            desk.deliver(ledger)
            row = desk.row(ledger)
            receipt = Receipt(key=ledger.alias(row.outside), ref=row.ref or "", fingerprint=row.fingerprint or "")
            assert [fate.state for fate in desk.sink.look([receipt])] == [told]


def test_what_the_user_typed_while_it_waited_is_told_afterwards(desk: Desk) -> None:
    """Between the commit and the delivery the user was quicker: the words stay, and the row learns of them."""
    with desk.ledger() as ledger:
        desk.save(ledger, renamed(desk.row(ledger)))
        desk.user(body="called")
        assert desk.look(ledger).state == "written"
        desk.deliver(ledger)
        assert (desk.item.title, desk.item.body) == ("Done: Write", "called")  # type: ignore[union-attr]
        assert desk.look(ledger).state == "edited"


@pytest.mark.parametrize("known", [True, False])
def test_a_moved_one_is_never_moved_back(desk: Desk, *, known: bool) -> None:
    """The user put it elsewhere, seen before or not: the title changes, the time is theirs, and the row knows where."""
    with desk.ledger() as ledger:
        assert desk.item is not None
        moved = desk.item.start + 3 * DAY
        desk.user(start=moved, end=moved + (desk.item.end - desk.item.start))
        if known:
            desk.look(ledger)
        desk.save(ledger, renamed(desk.row(ledger)))
        desk.deliver(ledger)
        assert (desk.item.title, desk.item.start) == ("Done: Write", moved)
        assert not known or desk.row(ledger).start == moved
        after = desk.look(ledger)
        assert (after.state, after.start) == ("moved", moved)
        assert desk.look(ledger) == after


def test_what_is_gone_is_left_to_the_next_look(desk: Desk) -> None:
    """Deleted while it waited: nothing comes back, and the look tells that it was thrown away."""
    with desk.ledger() as ledger:
        desk.save(ledger, renamed(desk.row(ledger)))
        desk.sink.standing.clear()
        assert desk.look(ledger).state == "written"
        _, troubles = desk.deliver(ledger)
        assert (troubles, desk.item, desk.row(ledger).amended) == ((), None, None)
        assert desk.row(ledger).title == "Write"
        assert desk.look(ledger).state == "dismissed"


def test_what_waits_is_not_looked_at_and_is_not_quiet(desk: Desk) -> None:
    """Written outside and killed before the commit: our own words are not taken for an edit, the tick is not idle."""
    with desk.ledger() as ledger:
        waiting = renamed(desk.row(ledger))
        desk.save(ledger, waiting)
        assert not all_untouched(ledger, desk.world())
        desk.deliver(ledger)
        settled = desk.row(ledger)
        desk.save(ledger, waiting)  # the answer was lost
        assert desk.look(ledger) == waiting
        assert not all_untouched(ledger, desk.world())
        desk.deliver(ledger)
        assert desk.row(ledger) == settled
        assert desk.look(ledger) == settled


def test_what_leaves_is_amended_first(desk: Desk) -> None:
    """Killed between amending and its commit, then to be taken back: it leaves as ours, not as the user's."""
    with desk.ledger() as ledger:
        waiting = renamed(desk.row(ledger))
        desk.save(ledger, waiting)
        desk.deliver(ledger)
        desk.save(ledger, replace(waiting, leaving="passed"))
        desk.deliver(ledger)
        assert desk.item is None
        assert (desk.row(ledger).state, desk.row(ledger).amended) == ("passed", None)


def test_an_account_that_cannot_be_reached_keeps_it_waiting(desk: Desk) -> None:
    """The next tick is the retry."""
    with desk.ledger() as ledger:
        desk.save(ledger, renamed(desk.row(ledger)))
        desk.sink.failure = Unavailable("down")
        done, (trouble,) = desk.deliver(ledger)
        assert (done, trouble.code, desk.row(ledger).amended is not None) == ((), "unavailable", True)
        desk.deliver(ledger)
        assert desk.row(ledger).title == "Done: Write"


def test_a_plan_amends_in_the_commit_and_only_what_was_settled(desk: Desk) -> None:
    """Rows of the plan wait from the commit on; one that waits already keeps what it waits for."""
    with desk.ledger() as ledger:
        row = desk.row(ledger)
        with ledger.unit():
            commit(ledger, None, Plan(amend=(renamed(row),)), desk.session.now)
        with ledger.unit():
            commit(ledger, None, Plan(amend=(renamed(row, title="Noted: Write"),)), desk.session.now)
        waiting = desk.row(ledger).amended
        assert waiting is not None
        assert waiting.title == "Done: Write"
        desk.deliver(ledger)
        assert desk.row(ledger).title == "Done: Write"


# -- killed anywhere ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world in which one reminder was typed into, and all of them are to be amended, one of them to leave as well."""
    folder = tmp_path_factory.mktemp("planted")
    world(folder)
    once(folder)
    path = folder / "kith.ics"
    path.write_bytes(path.read_bytes().replace(b"DESCRIPTION:", b"DESCRIPTION:bring   the book ", 1))
    once(folder)
    assert "edited" in {row.state for row in rows(folder)}
    edited = next(at for at, row in enumerate(rows(folder)) if row.state == "edited")
    changes: list[Change] = [renamed] * len(rows(folder))
    changes[edited - 1] = lambda row: replace(renamed(row), leaving="passed")
    plant(folder, *changes)
    return folder


def whole_of(folder: Path) -> dict[str, Any]:
    return {**seen(folder), "calendar": (folder / "kith.ics").read_bytes(), "rows": rows(folder)}


def run(planted: Path, folder: Path) -> None:
    shutil.copytree(planted, folder)
    config = folder / "config.toml"
    config.write_text(config.read_text().replace(str(planted), str(folder)))


def test_killed_while_amending_nothing_is_lost_and_nothing_is_twice(planted: Path, tmp_path: Path) -> None:
    """Each call that changes the disk, killed before and after its effect: then as without the crash, byte for byte."""
    run(planted, tmp_path / "whole")
    with power() as count:
        once(tmp_path / "whole")
    whole = whole_of(tmp_path / "whole")
    titles = [title for title, _ in whole["reminders"] if not title.startswith("Kith stopped")]
    assert titles
    assert all(title.startswith("Done: ") and not title.startswith("Done: Done: ") for title in titles)
    assert b"bring   the book" in whole["calendar"]
    assert {row.state for row in whole["rows"]} >= {"written", "edited", "passed"}
    assert not [row for row in whole["rows"] if row.amended]
    for at, after in cuts(len(count.calls)):
        folder = tmp_path / f"{at}-{after}"
        run(planted, folder)
        with power(at, after=after):
            once(folder)
        once(folder)
        assert whole_of(folder) == whole, f"killed {'after' if after else 'before'} call {at}"
        once(folder)
        assert whole_of(folder) == whole, f"a tick later, killed at call {at}"
        shutil.rmtree(folder)


def test_the_file_gone_is_seen_though_all_that_stood_there_was_to_be_amended(planted: Path, tmp_path: Path) -> None:
    """What waits is not judged, but the calendar gone as a whole holds everything: no other is made behind the back."""
    run(planted, tmp_path / "w")
    (tmp_path / "w" / "kith.ics").unlink()
    session = session_of(tmp_path / "w")
    with session.ledger(write=True) as ledger:
        report = tick(ledger, session.world(), session.now)
    assert [trouble.remedy for trouble in report.troubles] == ["kith once --yes"]
    assert not (tmp_path / "w" / "kith.ics").exists()
    assert all(row.amended for row in rows(tmp_path / "w"))
