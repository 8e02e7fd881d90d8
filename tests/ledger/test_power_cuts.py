"""The power is cut: whatever the disk may hold then, the ledger opens by itself and nothing acknowledged is lost.

Each script works on the model of a disk in ``power``. For every operation of it, states that the disk may legally be in
after a power cut are made in a folder of their own and opened there.
"""

from __future__ import annotations

import errno
import itertools
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from daemon.ledger.storage import JournalStorage
from tests.ledger.cuts import LONG, Changes, Script, check, cut, lay_out, record, summary
from tests.ledger.oracle import same, tables_of
from tests.ledger.power import Disk, Killed

pytestmark = pytest.mark.usefixtures("no_real_fsync")


class Stubborn(Script):
    """Goes on after errors."""

    def open(self) -> None:
        try:
            super().open()
        except OSError:
            super().open()

    def commit(self, changes: Changes, table: str = "t") -> None:
        self.stubbornly(lambda: super(Stubborn, self).commit(changes, table))

    def fold(self) -> None:
        with suppress(OSError):
            super().fold()


def commits_and_folds(script: Script) -> None:
    """Small and large commits, deletions, and so many folds that the oldest generation goes."""
    script.open()
    script.commit({1: {"n": 1}})
    script.commit({2: {"n": 2, "text": LONG}, 3: {"n": 3}})
    script.commit({1: None, 2: {"n": 22}})
    script.fold()
    script.commit({4: {"n": 4, "text": LONG * 2}}, "kept")
    script.fold()
    script.fold()
    script.commit({5: {"n": 5}})
    script.commit({3: None, 4: {"text": LONG[:4000]}, 5: {"n": 55}})
    script.fold()
    script.commit({6: {"n": 6}})


def torn_tails(script: Script) -> None:
    """A tail that a crash left is set aside, over and over."""
    for number in range(1, 4):
        script.open()
        assert script.storage is not None
        script.commit({number: {"n": number, "text": LONG[: 3000 * number]}})
        script.storage.close()
        tear(script, b'["00000000",99999,7,\t"t/1",\t{"half":"' + b"x" * 5000 * number)
    script.open()
    script.commit({9: {"n": 9}})


def tear(script: Script, tail: bytes) -> None:
    """Append bytes of a commit that was never finished, as a process that is killed does."""
    file = os.open(script.path, os.O_WRONLY | os.O_APPEND)
    os.write(file, tail)
    os.close(file)


def failing_disk(script: Script) -> None:
    """Writes fail for want of space, fsync fails: what failed is gone once the ledger was opened anew."""
    failures: list[tuple[str, int]] = []
    script.disk.fail = lambda name, _: (
        OSError(failures.pop()[1], "failed") if failures and failures[-1][0] == name else None
    )
    script.open()
    assert script.storage is not None
    for number in range(1, 6):
        script.commit({number: {"n": number}})
        for name, error in (("write", errno.ENOSPC), ("fsync", errno.EIO)):
            failures.append((name, error))
            with pytest.raises(OSError):
                script.commit({100: {"text": LONG[: 2500 * number]}, 1: {"lost": number}})
            if name == "fsync":
                script.storage.refresh()
            script.disk.allowed = (script.state,)


SCRIPTS = [commits_and_folds, torn_tails, failing_disk]


@pytest.mark.slow
def test_after_a_power_cut_nothing_acknowledged_is_lost(tmp_path: Path, effort: int) -> None:
    """At every operation: each state of the disk opens to one commit's state, the last acknowledged or the next."""
    disks = [record(script, tmp_path / script.__name__) for script in SCRIPTS]
    assert sum(cut(disk.moments, 16 * effort, tmp_path / "cut") for disk in disks) >= 500


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS)
def test_killed_and_then_the_power_is_cut(script: Callable[[Script], None], tmp_path: Path, effort: int) -> None:
    """Killed at each operation and started again, the ledger builds on nothing that a power cut can still take away."""
    for at in range(1, record(script, tmp_path / "whole").count + 1):
        root = tmp_path / "disk"
        root.mkdir()
        disk = Disk(root, kill_at=at, keep=False)
        with disk.recording():
            done = Script(disk)
            with pytest.raises(Killed):
                script(done)
            allowed = disk.allowed
            disk.revive()
            disk.fail = lambda _name, _number: None
            done.open()
            assert done.storage is not None
            found = tables_of(done.storage.read())
            assert any(same(found, item) for item in allowed), f"killed at {at}: {summary(found)}"
            assert done.storage.healing is None, f"killed at {at}: taken for damage"
            done.acknowledge(found)
            disk.keep = True
            disk.note("opened")
            done.commit({50: {"n": 50}})
        for moment in (disk.moments[0], disk.moments[-1]):
            cut([moment], 3 * effort, tmp_path / "cut")
        shutil.rmtree(root)


@pytest.mark.slow
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_each_operation_fails_once(error: int, tmp_path: Path, effort: int) -> None:
    """Whichever operation fails: what is tried again succeeds, and no power cut takes an acknowledged commit away."""
    for at in range(2, record(commits_and_folds, tmp_path / "whole").count + 1):
        root = tmp_path / "disk"
        root.mkdir()
        disk = Disk(root, fail=lambda _, number, at=at: OSError(error, "failed") if number == at else None)
        with disk.recording():
            done = Stubborn(disk)
            commits_and_folds(done)
        assert done.state == tables_of(JournalStorage(root / "j", write=False).read()), f"failed at {at}"
        cut(disk.moments[at :: max(1, 9 // effort)], 2 * effort, tmp_path / "cut")
        shutil.rmtree(root)


@pytest.mark.slow
def test_a_second_power_cut_during_recovery(tmp_path: Path, effort: int) -> None:
    """The power is cut again at each operation of the recovery from the first cut: still nothing is lost."""
    cuts = 0
    for script in SCRIPTS:
        moments = record(script, tmp_path / script.__name__).moments
        for moment in moments[:: max(1, 7 // effort)]:
            for state in itertools.islice(moment.states(6, seed=1), 1, 5, 3):
                lay_out(state, tmp_path / "first")
                disk = Disk(tmp_path / "first", allowed=moment.allowed)
                with disk.recording():
                    again = JournalStorage(disk.root / "j", lasting={"kept"})
                    disk.allowed = (tables_of(again.read()),)
                    again.fold(force=True)
                again.close()
                cuts += cut(disk.moments, 3 * effort, tmp_path / "second")
                shutil.rmtree(tmp_path / "first")
    assert cuts >= 300


def test_a_handle_that_catches_up_builds_on_nothing_uncertain(tmp_path: Path) -> None:
    """A writer is killed before its fsync; what another handle read of it is certain before that handle goes on."""
    root = tmp_path / "disk"
    root.mkdir()
    disk = Disk(root)
    with disk.recording():
        done = Script(disk)
        done.open()
        done.commit({1: {"n": 1}})
        other = JournalStorage(root / "j")
        disk.kill_at = disk.count + 2
        with pytest.raises(Killed):
            done.commit({2: {"n": 2}})
        disk.revive(other._file)
        other.refresh()
        done.acknowledge(tables_of(other.read()))
    assert list(done.state["t"]) == [1, 2]
    assert cut(disk.moments[-1:], 5, tmp_path / "cut") >= 1


@pytest.mark.slow
def test_evidence_of_a_torn_tail_outlasts_a_power_cut(tmp_path: Path, effort: int) -> None:
    """The bytes of an unfinished commit are in the file or in corrupt/, at every operation of setting them aside."""
    root, tail = tmp_path / "disk", b'["00000000",99999,7,\t"t/1",\t{"half":"' + b"x" * 9000
    root.mkdir()
    storage = JournalStorage(root / "j")
    with storage.transaction():
        storage.stage("t", 1, {"n": 1})
    storage.close()
    with (root / "j").open("ab") as file:
        file.write(tail)
    disk = Disk(root, allowed=({"t": {1: {"n": 1}}},))
    with disk.recording():
        JournalStorage(root / "j").close()
    for moment in disk.moments:
        for state in moment.states(8 * effort):
            lay_out(state, tmp_path / "cut")
            check(tmp_path / "cut", moment.allowed, moment.name)
            assert tail in [item.read_bytes() for item in (tmp_path / "cut" / "corrupt").iterdir()], moment.name
            shutil.rmtree(tmp_path / "cut")


@pytest.mark.slow
def test_a_power_cut_during_healing(tmp_path: Path, effort: int) -> None:
    """A damaged file is healed however often the power is cut meanwhile, and the damaged file itself is kept."""
    root = tmp_path / "disk"
    root.mkdir()
    storage = JournalStorage(root / "j", lasting={"kept"})
    for number in range(1, 7):
        with storage.transaction():
            storage.stage("kept" if number % 2 else "t", number, {"n": number, "text": LONG[:2000]})
        if number == 3:
            storage.fold(force=True)
    storage.close()
    lines = (root / "j").read_bytes().split(b"\n")
    damaged = b"\n".join([*lines[:-4], lines[-4][:50] + b"?" + lines[-4][51:], *lines[-3:]])
    (root / "j").write_bytes(damaged)
    left = {1: "kept", 2: "t", 3: "kept", 5: "kept"}
    state: dict[str, dict[int, object]] = {}
    for number, table in left.items():
        state.setdefault(table, {})[number] = {"n": number, "text": LONG[:2000]}
    disk = Disk(root, allowed=(state,))
    with disk.recording():
        healed = JournalStorage(root / "j", lasting={"kept"})
        assert healed.healing is not None
        assert same(tables_of(healed.read()), state)
    cuts = 0
    for moment in disk.moments:
        for found in moment.states(8 * effort):
            cuts += 1
            lay_out(found, tmp_path / "cut")
            check(tmp_path / "cut", moment.allowed, moment.name, mended=True)
            assert damaged in [item.read_bytes() for item in (tmp_path / "cut" / "corrupt").iterdir()], moment.name
            shutil.rmtree(tmp_path / "cut")
    assert cuts >= 20
