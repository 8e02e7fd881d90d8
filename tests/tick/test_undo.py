"""Undone anywhere, killed anywhere: what is ours and untouched goes once, what is the user's stays, nothing comes back.

The world is that of ``tests/tick/test_crash.py``: real files, two or more reminders and drafts.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import icalendar
import pytest

from daemon.delivery import deliver
from daemon.model import UNDONE, Entry
from daemon.session import Session, open_session
from daemon.tick import is_confirmed, tick
from daemon.undo import Undone, undo
from daemon.world import Report
from tests.tick.test_crash import NOW, cuts, once, power, world

T0 = datetime.fromisoformat(NOW)
CONFIRMED = "confirmed = true\n"


def session(folder: Path, later: float = 0) -> Session:
    return open_session(folder / "config.toml", T0 + timedelta(days=later))


def undo_in(folder: Path, is_meant: Callable[[Entry], bool] = lambda _: True, *, unconfirm: bool = True) -> Undone:
    ground = session(folder)
    with ground.ledger(write=True) as ledger:
        state = ground.memory(ledger).state()
        return undo(ledger, tuple(ground.worlds(state.entries)), state, is_meant, unconfirm=unconfirm)


def tick_in(folder: Path, later: float = 0) -> Report:
    ground = session(folder, later)
    with ground.ledger(write=True) as ledger:
        return tick(ledger, ground.world(), ground.now)


def rows(folder: Path) -> list[Entry]:
    with session(folder).ledger(write=False) as ledger:
        return list(ledger.entries())


def titles(folder: Path) -> list[str]:
    if not (folder / "kith.ics").exists():
        return []
    calendar = icalendar.Calendar.from_ical((folder / "kith.ics").read_bytes())
    return sorted(str(item["SUMMARY"]) for item in calendar.walk("VEVENT"))


def letters(folder: Path) -> dict[str, Path]:
    found = (folder / "Mail" / "Drafts" / "cur").glob("*")
    return {str(message_from_bytes(path.read_bytes())["Subject"]): path for path in found}


def change_config(folder: Path, old: str, new: str) -> None:
    path = folder / "config.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    world(folder)
    once(folder)
    return folder


@pytest.fixture
def here(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "here", copy_function=shutil.copy2))


def is_all_gone(folder: Path) -> bool:
    """Tell whether nothing stands outside and every row is settled as taken back by the user."""
    states = {(row.state, row.problem, row.leaving) for row in rows(folder)}
    return titles(folder) == [] and letters(folder) == {} and states == {("withdrawn", UNDONE, "")}


def test_everything_untouched_goes(here: Path) -> None:
    """Reminders and drafts, once and for good: a second undo and the next ticks find nothing to do."""
    change_config(here, "[write]", "[routine]\nreview = false\n[write]")  # the week goes on, and is looked back on
    before = rows(here)
    assert len(titles(here)) >= 2
    assert len(letters(here)) >= 2
    undone = undo_in(here)
    assert {row.key for row in undone.taken} == {row.key for row in before}
    assert (undone.edited, undone.waiting, undone.stuck, undone.troubles) == ((), (), (), ())
    assert is_all_gone(here)
    assert undo_in(here) == Undone(taken=(), edited=(), waiting=(), stuck=(), troubles=())
    for later in (0, 1, 5):
        assert tick_in(here, later).delivered == ()
        assert is_all_gone(here)


def test_killed_at_every_call_the_rest_is_taken_back(written: Path, tmp_path: Path) -> None:
    """Each call that changes the disk, killed before and after: another undo, or the next tick alone, ends it."""
    counted = Path(shutil.copytree(written, tmp_path / "counted", copy_function=shutil.copy2))
    with power() as count:
        undo_in(counted)
    assert len(count.calls) >= 15
    marked = [at for at in range(1, len(count.calls) + 1) if _is_marked(written, tmp_path / "look", at)]
    assert 0 < len(marked) < len(count.calls)
    for at, after in cuts(len(count.calls)):
        for end in (undo_in, tick_in) if at + after in marked else (undo_in,):
            folder = Path(shutil.copytree(written, tmp_path / "killed", copy_function=shutil.copy2))
            with power(at, after=after):
                undo_in(folder)
            end(folder)
            assert is_all_gone(folder), f"killed {'after' if after else 'before'} call {at}, then {end.__name__}"
            shutil.rmtree(folder)


def _is_marked(written: Path, folder: Path, at: int) -> bool:
    """Tell whether what is to go was committed before call ``at``."""
    shutil.copytree(written, folder, copy_function=shutil.copy2)
    with power(at):
        undo_in(folder)
    found = any(row.leaving or row.state == "withdrawn" for row in rows(folder))
    shutil.rmtree(folder)
    return found


def test_what_the_user_made_of_it_stays(here: Path) -> None:
    """An edited reminder and an edited draft stay byte for byte, a moved reminder goes, a deleted one was an answer."""
    calendar = here / "kith.ics"
    first, *others = titles(here)
    moved = next(row for row in rows(here) if row.title in others)
    assert moved.start is not None
    text = calendar.read_text().replace(f"SUMMARY:{first}", f"SUMMARY:{first}!")
    at = moved.start.astimezone(session(here).zone)
    calendar.write_text(text.replace(f"{at:%Y%m%dT%H%M}", f"{at + timedelta(days=1):%Y%m%dT%H%M}"))
    subject, path = next(iter(letters(here).items()))
    path.write_bytes(path.read_bytes() + b"\nand more\n")
    edited = path.read_bytes()
    undone = undo_in(here)
    assert titles(here) == [f"{first}!"]
    assert {name: item.read_bytes() for name, item in letters(here).items()} == {subject: edited}
    assert {row.title for row in undone.edited} == {first, subject}
    assert moved.key in {row.key for row in undone.taken}


def test_what_was_deleted_before_is_an_answer(here: Path) -> None:
    """A draft that the user threw away just before is discarded, not undone."""
    subject, path = next(iter(letters(here).items()))
    path.unlink()
    undone = undo_in(here)
    assert subject not in {row.title for row in undone.taken}
    assert {row.title for row in rows(here) if row.state == "discarded"} == {subject}


def test_only_what_is_meant_goes(here: Path) -> None:
    """Rows of one person go, all others stand; the yes to writing holds."""
    person = rows(here)[0].person
    others = {row.key for row in rows(here) if row.person != person}
    undone = undo_in(here, lambda row: row.person == person, unconfirm=False)
    assert {row.person for row in undone.taken} == {person}
    assert {row.key for row in rows(here) if row.state == "written"} == others
    assert tick_in(here).confirmed


def waiting(folder: Path, *, settled: bool = True) -> None:
    """Put a reminder into the outbox that was never settled: not written yet, or written just before a crash."""
    ground = session(folder)
    with ground.ledger(write=True) as ledger:
        row = next(item for item in ledger.entries() if item.kind != "draft")
        new = replace(row, key=f"{row.key}0", title="Never settled", state="waiting", ref=None, fingerprint=None)
        with ledger.unit():
            ledger.save_entries([new])
        if not settled:
            with power(10_000):
                deliver(ledger, ground.world(), ground.now)
            with ledger.unit():
                ledger.save_entries([new])


@pytest.mark.parametrize("settled", [True, False])
def test_what_was_never_settled_is_dropped(here: Path, settled: bool) -> None:
    """A waiting row goes without being written; one that was written just before a crash is found and taken back."""
    waiting(here, settled=settled)
    assert ("Never settled" in titles(here)) is not settled
    assert "Never settled" in {row.title for row in undo_in(here).taken}
    assert is_all_gone(here)


def test_nothing_else_is_written_meanwhile(here: Path) -> None:
    """Undoing for one person leaves the waiting rows of others waiting."""
    waiting(here)
    keys = {row.key for row in rows(here) if row.state == "waiting"}
    undo_in(here, lambda row: row.key not in keys, unconfirm=False)
    assert titles(here) == []
    assert {row.key for row in rows(here) if row.state == "waiting"} == keys


def test_what_cannot_be_reached_is_taken_back_later(here: Path) -> None:
    """Drafts are away: reminders go, drafts stay marked; back again, the next tick takes them, confirmed or not."""
    change_config(here, CONFIRMED, "")
    (here / "Mail" / "Drafts").rename(here / "away")
    undone = undo_in(here)
    assert [item.code for item in undone.troubles] == ["unavailable"]
    assert {row.kind for row in undone.waiting} == {"draft"}
    assert titles(here) == []
    assert tick_in(here).delivered == ()
    (here / "away").rename(here / "Mail" / "Drafts")
    report = tick_in(here, 1)
    assert not report.confirmed
    assert {row.state for row in report.delivered} == {"withdrawn"}
    assert is_all_gone(here)


def test_moved_while_it_waits_to_go(here: Path) -> None:
    """A reminder that the user moves between the undo and the tick that takes it back goes all the same (C40)."""
    with session(here).ledger(write=True) as ledger, ledger.unit():
        ledger.save_entries(replace(row, leaving=UNDONE) for row in ledger.entries())
    row = next(item for item in rows(here) if item.start is not None)
    at = row.start.astimezone(session(here).zone)  # type: ignore[union-attr]
    text = (here / "kith.ics").read_text()
    (here / "kith.ics").write_text(text.replace(f"{at:%Y%m%dT%H%M}", f"{at + timedelta(days=1):%Y%m%dT%H%M}"))
    tick_in(here)
    assert is_all_gone(here)


def test_accounts_chosen_before_are_cleared_too(here: Path) -> None:
    """Another calendar was chosen since: what stands in the old one is taken back as well."""
    text = '[accounts.new]\nkind = "ics"\nreminders = "new.ics"\n\n[write]\nreminders = "new"'
    change_config(here, '[write]\nreminders = "agenda"', text)
    assert undo_in(here).stuck == ()
    assert is_all_gone(here)


def test_an_account_that_is_not_there_any_more(here: Path) -> None:
    """What stands where nothing is configured any more is named as left, and stays in the ledger as it is."""
    change_config(here, 'reminders = "kith.ics"\n', "")
    change_config(here, 'reminders = "agenda"\n', "")
    undone = undo_in(here)
    assert {row.kind for row in undone.stuck} == {row.kind for row in rows(here)} - {"draft"}
    assert {(row.state, row.leaving) for row in undone.stuck} == {("written", "")}
    assert {row.kind for row in undone.taken} == {"draft"}


def test_the_yes_is_taken_back_with_everything(here: Path) -> None:
    """After ``--all`` writing waits for a yes again; a yes given anew counts."""
    change_config(here, CONFIRMED, "")
    ground = session(here)
    assert not tick_in(here).confirmed
    with ground.ledger(write=True) as ledger:
        say_yes(ledger, ground)
        assert is_confirmed(ledger, ground.world())
    undo_in(here)
    assert not tick_in(here).confirmed
    with ground.ledger(write=True) as ledger:
        say_yes(ledger, ground)
        assert is_confirmed(ledger, ground.world())


def say_yes(ledger: Any, ground: Session) -> None:
    from daemon.cli.ticks import _confirm

    _confirm(ground, ledger)


def test_a_state_that_was_lost_says_so(here: Path) -> None:
    """Without its ledger Kith knows of nothing to take back, sees things of its own standing, and says that."""
    (here / "state" / "ledger.jsonl").unlink()
    undone = undo_in(here)
    assert {item.code for item in undone.troubles} == {"suspicious"}
    assert len(titles(here)) >= 2


def test_what_an_earlier_undo_left_is_told_by_the_next(here: Path) -> None:
    """An undo that was killed for everything is ended, and told, by one for nobody in particular."""
    with session(here).ledger(write=True) as ledger, ledger.unit():
        ledger.save_entries(replace(row, leaving=UNDONE) for row in ledger.entries())
    assert len(undo_in(here, lambda _: False, unconfirm=False).taken) == len(rows(here))
    assert is_all_gone(here)


def test_what_waits_from_before_waits_for_a_new_yes(here: Path) -> None:
    """A row decided while writing was confirmed is not written once it is not."""
    waiting(here)
    change_config(here, CONFIRMED, "")
    report = tick_in(here)
    assert (report.confirmed, report.delivered) == (False, ())
    assert "Never settled" not in titles(here)
