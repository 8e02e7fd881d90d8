"""Killed anywhere, a restore leaves the old state or the new one, and a backup the old file or the new one."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daemon.backup import back_up, restore
from daemon.ledger import Ledger, open_ledger
from daemon.ledger.archive import verify
from daemon.ledger.folder import Lock
from daemon.ledger.restoring import finish
from daemon.model import Decision
from daemon.session import open_session
from tests.tick.test_crash import NOW, cuts, once, power, world

Rows = dict[str, list[bytes]]


@pytest.fixture(autouse=True)
def no_real_fsync(monkeypatch: pytest.MonkeyPatch) -> None:
    """The power stays on here: what fsync promises is not asked."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


def rows_of(ledger: Ledger) -> Rows:
    return {name: list(rows.values()) for name, rows in sorted(ledger._storage.tables.items()) if rows}


def seen(folder: Path) -> tuple[Rows, bytes, bytes]:
    """What a reader finds: the rows, the secret, and what of a login there is."""
    with open_ledger(folder, write=False) as ledger:
        secret = b"".join(ledger.contents()["secret"]())
        return rows_of(ledger), secret, b"".join(ledger.contents()["never"]())


def bring_back(root: Path, archive: Path) -> None:
    session = open_session(root / "config.toml", datetime.fromisoformat(NOW))
    lock = Lock(root / "state")
    lock.take()
    try:
        finish(root / "state")
        restore(archive, root / "state", session.memory, replacing=True)
    finally:
        lock.release()


def save(root: Path, file: Path) -> None:
    with open_ledger(root / "state", write=False) as ledger:
        back_up(ledger, file, logins=True)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``there``: a state after its first tick, folded once, somebody forgotten; ``b.tar``: another one's backup."""
    folder = tmp_path_factory.mktemp("two")
    for name, secret in (("other", 7), ("there", 0)):
        world(folder / name)
        (folder / name / "state" / "secret").write_bytes(bytes([secret]) * 32)
        tokens = folder / name / "state" / "tokens"
        tokens.mkdir()
        (tokens / "home.mail.json").write_text(name)
        once(folder / name)
    save(folder / "other", folder / "b.tar")
    with open_ledger(folder / "there" / "state") as ledger:
        ledger.never_again(["nobody@x.example"])
        ledger._storage.fold(force=True)
    return folder


def copy_of(two: Path, root: Path) -> Path:
    shutil.copytree(two / "there", root)
    return root


def test_killed_at_every_call_of_a_restore(two: Path, tmp_path: Path) -> None:
    """Each call that changes the disk, killed before and after it: readers and writers find one of the two, whole.

    The writer finds what the reader found, the one is decided at one call for good, and the restore works afterwards.
    """
    old = seen(two / "there" / "state")
    whole = copy_of(two, tmp_path / "whole")
    with power() as count:
        bring_back(whole, two / "b.tar")
    new = seen(whole / "state")
    assert new[0]["entries"] != old[0]["entries"]
    assert (new[1], b":" in new[2]) == (bytes([7]) * 32, True)
    order = []
    for at, after in cuts(len(count.calls)):
        root = copy_of(two, tmp_path / f"{at}-{after}")
        with power(at, after=after):
            bring_back(root, two / "b.tar")
        found = seen(root / "state")
        assert found in (old, new), f"killed {'after' if after else 'before'} call {at}"
        order.append(found == new)
        open_ledger(root / "state").close()
        assert seen(root / "state") == found
        assert (root / "state" / "tokens" / "home.mail.json").read_text() == ("other" if found == new else "there")
        left = {path.name for path in (root / "state").iterdir()} & {"restored", "restoring"}
        assert not left, f"killed at call {at}: {left}"
        if at % 9 == after:
            bring_back(root, two / "b.tar")
            assert seen(root / "state") == new
        shutil.rmtree(root)
    assert order == sorted(order)
    assert order.count(False) > 10 < order.count(True)


def test_killed_again_while_it_is_finished(two: Path, tmp_path: Path) -> None:
    """A second crash during the start after the first changes nothing either."""
    whole = copy_of(two, tmp_path / "whole")
    with power() as count:
        bring_back(whole, two / "b.tar")
    new = seen(whole / "state")
    decided = next(at for at, name in enumerate(count.calls, 1) if name in {"replace", "rename"} and at > 30)
    for at in range(decided, len(count.calls), 5):
        for again in range(1, 30, 4):
            root = copy_of(two, tmp_path / "again")
            with power(at, after=True):
                bring_back(root, two / "b.tar")
            first = seen(root / "state")
            with power(again, after=True):
                open_ledger(root / "state").close()
            assert seen(root / "state") == first, f"killed at call {at}, then at call {again}"
            open_ledger(root / "state").close()
            assert seen(root / "state") == first
            assert first != new or not (root / "state" / "ledger.jsonl.1").exists()
            shutil.rmtree(root)


def test_killed_at_every_call_of_a_backup(two: Path, tmp_path: Path) -> None:
    """The file of before stays, or the new one is there: never half of one."""
    root = copy_of(two, tmp_path / "root")
    save(root, tmp_path / "before.tar")
    with open_ledger(root / "state") as ledger, ledger.unit():
        ledger.set_meta("more", 1)
    with power() as count:
        save(root, tmp_path / "new.tar")
    files = {(tmp_path / name).read_bytes() for name in ("before.tar", "new.tar")}
    assert len(files) == 2
    for at in range(1, len(count.calls) + 1):
        for after in (False, True):
            shutil.copy(tmp_path / "before.tar", tmp_path / "b.tar")
            for left in tmp_path.glob(".*kith-tmp"):
                left.unlink()  # else the next run makes calls more than were counted
            with power(at, after=after):
                save(root, tmp_path / "b.tar")
            verify(tmp_path / "b.tar")
            assert (tmp_path / "b.tar").read_bytes() in files


TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
DECISIONS = st.lists(
    st.builds(
        Decision,
        key=TEXTS,
        at=st.datetimes(min_value=datetime(1990, 1, 1), timezones=st.just(datetime.fromisoformat(NOW).tzinfo)),
        kind=st.sampled_from(["note", "tone", "circle"]),
        about=TEXTS,
        value=TEXTS,
        reason=TEXTS,
    ),
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    DECISIONS, st.lists(st.tuples(TEXTS, st.dictionaries(TEXTS, TEXTS | st.integers(-9, 9), max_size=3)), max_size=5)
)
def test_whatever_the_state_holds_it_comes_back(
    tmp_path_factory: pytest.TempPathFactory, decisions: list[Decision], rows: list[tuple[str, dict[str, object]]]
) -> None:
    """Any text in any row: restored elsewhere, every row is as it was and in its place, and so is the next backup."""
    root = tmp_path_factory.mktemp("any")
    for name in ("here", "elsewhere"):
        world(root / name)
    with open_ledger(root / "here" / "state") as ledger:
        with ledger.unit():
            ledger.save_decisions(decisions)
            for key, row in rows:
                ledger.table("notes").put({**row, "key": key})
        ledger.erase("notes", [key for key, _ in rows[::2]])
    save(root / "here", root / "b.tar")
    bring_back(root / "elsewhere", root / "b.tar")
    assert seen(root / "elsewhere" / "state") == seen(root / "here" / "state")
    save(root / "elsewhere", root / "c.tar")
    assert (root / "c.tar").read_bytes() == (root / "b.tar").read_bytes()
    shutil.rmtree(root)
