"""The disk is full, read-only, odd or somebody else's: told as it is, nothing lost, and all is well afterwards."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daemon.ledger import Busy, Unsuited, open_ledger
from daemon.ledger.storage import JournalStorage
from tests.ledger.cuts import LONG, Script, cut
from tests.ledger.oracle import read, same, tables_of
from tests.ledger.power import Disk
from tests.ledger.test_power_cuts import commits_and_folds


def put(storage: JournalStorage, number: int, document: dict[str, Any]) -> None:
    with storage.transaction():
        storage.stage("t", number, document)


def failing(name: str, error: int, monkeypatch: pytest.MonkeyPatch, *, once: bool = False) -> list[Any]:
    """Let a call of ``os`` fail from now on, or once; return the first arguments it was called with."""
    seen: list[Any] = []
    real = getattr(os, name)

    def call(*args: Any, **kwargs: Any) -> Any:
        seen.append(args[0])
        if once and len(seen) > 1:
            return real(*args, **kwargs)
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, name, call)
    return seen


def test_a_disk_that_stays_full_for_a_while(tmp_path: Path) -> None:
    """While there is no space every commit and fold fails and leaves everything; then the next one works."""
    root = tmp_path / "disk"
    root.mkdir()
    disk = Disk(root)
    with disk.recording(), pytest.MonkeyPatch.context():
        done = Script(disk)
        done.open()
        assert done.storage is not None
        done.commit({1: {"n": 1}})
        disk.fail = lambda name, _: OSError(errno.ENOSPC, "full") if name in {"write", "create", "link"} else None
        for number in range(3):
            with pytest.raises(OSError, match="full"):
                done.commit({number: {"text": LONG}})
            disk.allowed = (done.state,)
            with pytest.raises(OSError, match="full"):
                done.fold()
            assert same(tables_of(done.storage.read()), done.state)
        disk.fail = lambda _name, _number: None
        done.commit({2: {"n": 2}})
        done.fold()
    assert {path.name for path in root.iterdir()} == {"j", "j.1"}
    assert cut(disk.moments, 4, tmp_path / "cut") >= 30


def test_fsync_is_never_tried_again_on_the_same_descriptor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a failed fsync that descriptor is not written, synced or folded from; refreshing opens another one."""
    storage = JournalStorage(tmp_path / "j")
    put(storage, 1, {"n": 1})
    doubted = storage._file
    with monkeypatch.context() as patch:
        tried = failing("fsync", errno.EIO, patch)
        for _ in range(3):
            with pytest.raises(OSError):
                put(storage, 2, {"n": 2})
        assert tried == [doubted]
    before = (tmp_path / "j").read_bytes()
    with pytest.raises(OSError):
        storage.fold(force=True)
    assert (tmp_path / "j").read_bytes() == before
    spare = os.open(tmp_path / "j", os.O_RDONLY)  # so that the number of the descriptor is not given again
    storage.refresh()
    os.close(spare)
    assert tables_of(storage.read()) == {"t": {1: {"n": 1}}}
    put(storage, 3, {"n": 3})
    assert read(tmp_path / "j")[0] == {"t": {1: {"n": 1}, 3: {"n": 3}}}


def test_what_cannot_be_cut_back_is_cut_when_opened_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write and the cutting back after it fail: nothing more is written until the ledger is refreshed."""
    storage = JournalStorage(tmp_path / "j")
    put(storage, 1, {"n": 1})
    with monkeypatch.context() as patch:
        real = os.write

        def half(file: int, data: Any) -> int:
            if len(data) < 20:
                raise OSError(errno.ENOSPC, "full")
            return real(file, bytes(data)[: len(data) // 2])

        patch.setattr(os, "write", half)
        failing("ftruncate", errno.EIO, patch)
        with pytest.raises(OSError):
            put(storage, 2, {"text": LONG})
    with pytest.raises(OSError, match="cannot be written"):
        put(storage, 2, {"n": 2})
    storage.refresh()
    assert storage.torn > 0
    put(storage, 2, {"n": 2})
    assert read(tmp_path / "j")[0] == {"t": {1: {"n": 1}, 2: {"n": 2}}}


def test_each_operation_of_a_first_start_fails_once(tmp_path: Path) -> None:
    """Whatever fails while the state is made: an OSError, no lock left behind, and the next start works."""
    root = tmp_path / "whole"
    root.mkdir()
    with Disk(root).recording() as whole:
        open_ledger(root / "state").close()
    for at in range(1, whole.count + 1):
        root = tmp_path / str(at)
        root.mkdir()
        disk = Disk(root, fail=lambda _, number, at=at: OSError(errno.EIO, "failed") if number == at else None)
        with disk.recording():
            try:
                open_ledger(root / "state").close()
            except OSError:
                open_ledger(root / "state").close()
        with open_ledger(root / "state") as ledger:
            assert ledger.meta("schema") == 2
        assert {path.name for path in (root / "state").iterdir()} == {"ledger.jsonl", "lock", "secret"}


def test_each_operation_of_a_healing_fails_once(tmp_path: Path) -> None:
    """Whatever fails while a damaged file is healed: the file stays for the next start, which heals it."""
    made = tmp_path / "made"
    made.mkdir()
    storage = JournalStorage(made / "j")
    for number in range(1, 6):
        put(storage, number, {"n": number})
        if number == 3:
            storage.fold(force=True)
    storage.close()
    damaged = b"?" + (made / "j").read_bytes()[1:]
    rows = {"t": {number: {"n": number} for number in range(1, 6)}}
    count = at = 0
    while at <= count:
        root = tmp_path / str(at)
        root.mkdir()
        (root / "j").write_bytes(damaged)
        (root / "j.1").write_bytes((made / "j.1").read_bytes())
        disk = Disk(root, fail=lambda _, number, at=at: OSError(errno.ENOSPC, "full") if number == at else None)
        with disk.recording():
            try:
                JournalStorage(root / "j").close()
            except OSError:
                assert at > 0
        count, at = max(count, disk.count), at + 1
        healed = JournalStorage(root / "j")
        assert tables_of(healed.read()) == rows
        assert damaged in [path.read_bytes() for path in (root / "corrupt").iterdir()]
        healed.close()
    assert count >= 6


@pytest.mark.parametrize("error", [errno.EROFS, errno.EACCES, errno.EMFILE, errno.EDQUOT])
def test_a_state_that_may_not_be_written(error: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error passes through, every file is as before, and reading goes on where only writing is shut."""
    with open_ledger(tmp_path / "s") as ledger, ledger.unit():
        ledger.set_meta("a", 1)
    before = {path: path.read_bytes() for path in (tmp_path / "s").iterdir()}
    real = os.open

    def shut(path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        if flags & (os.O_RDWR | os.O_WRONLY | os.O_CREAT):
            raise OSError(error, os.strerror(error))
        return real(path, flags, *args, **kwargs)

    monkeypatch.setattr(os, "open", shut)
    with pytest.raises(OSError) as raised:
        open_ledger(tmp_path / "s")
    assert raised.value.errno == error
    with open_ledger(tmp_path / "s", write=False) as reader:
        assert reader.meta("a") == 1
    assert {path: path.read_bytes() for path in (tmp_path / "s").iterdir()} == before


# -- file systems that keep their promises badly -----------------------------------------------------------------------


@pytest.mark.parametrize("error", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL])
def test_a_file_system_without_locks_is_refused(error: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where flock does not work the state is not written, and the words say what to do."""

    def flock(file: int, operation: int) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(Unsuited, match=r"knows no locks.*put the state on a local disk"):
        open_ledger(tmp_path / "s")
    assert not (tmp_path / "s" / "ledger.jsonl").exists()


def test_a_file_system_that_gives_the_lock_to_everybody_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Locks that shut nobody out are none."""
    monkeypatch.setattr(fcntl, "flock", lambda file, operation: None)
    with pytest.raises(Unsuited, match="shut nobody out"):
        open_ledger(tmp_path / "s")
    assert not (tmp_path / "s" / "ledger.jsonl").exists()


@pytest.mark.parametrize("how", ["fails", "copies nothing"])
def test_a_file_system_without_replacing_is_refused(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a new file cannot take an old one's place in one step, no ledger is made."""

    def fails(old: Any, new: Any, **_: Any) -> None:
        raise OSError(errno.EXDEV, "no")

    monkeypatch.setattr(os, "replace", fails if how == "fails" else lambda old, new, **_: Path(old).unlink())
    with pytest.raises(Unsuited, match="cannot replace a file in one step"):
        open_ledger(tmp_path / "s")
    assert not (tmp_path / "s" / "ledger.jsonl").exists()
    monkeypatch.undo()
    open_ledger(tmp_path / "s").close()
    assert {path.name for path in (tmp_path / "s").iterdir()} == {"ledger.jsonl", "lock", "secret"}


@pytest.mark.parametrize("name", ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"])
def test_a_file_system_without_second_names(name: str, tmp_path: Path) -> None:
    """Without hard links generations are copies: the same promises hold, whenever the power is cut."""
    root = tmp_path / "disk"
    root.mkdir()
    error = getattr(errno, name)
    disk = Disk(root, fail=lambda what, _: OSError(error, "no links") if what == "link" else None)
    with disk.recording():
        done = Script(disk)
        commits_and_folds(done)
    assert {path.name for path in root.iterdir()} == {"j", "j.1", "j.2", "j.3"}
    assert read(root / "j.1")[1] == 6
    cut(disk.moments[:: 1 if name == "EPERM" else 9], 4, tmp_path / "cut")


@pytest.mark.parametrize("error", [errno.EINVAL, errno.ENOTSUP])
def test_a_file_system_that_syncs_no_folders(error: int, tmp_path: Path) -> None:
    """A folder that cannot be synced is no reason to stop."""
    root = tmp_path / "disk"
    root.mkdir()
    disk = Disk(root, fail=lambda what, _: OSError(error, "no") if what == "fsync folder" else None)
    with disk.recording():
        done = Script(disk)
        commits_and_folds(done)
    assert same(read(root / "j")[0], done.state)


# -- what stands in the way --------------------------------------------------------------------------------------------


def link(path: Path) -> None:
    path.parent.with_name("precious").write_bytes(b"precious" * 4)
    path.symlink_to(path.parent.with_name("precious"))


def dangling(path: Path) -> None:
    path.symlink_to(path.parent.with_name("nowhere"))


def folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("name", ["ledger.jsonl", "lock", "secret"])
@pytest.mark.parametrize("stands", [link, dangling, folder, os.mkfifo])
def test_something_else_in_place_of_a_file(name: str, stands: Callable[[Path], None], tmp_path: Path) -> None:
    """A link, a folder, a pipe where a file of ours should be: an error at once, and nothing is written through it."""
    open_ledger(tmp_path / "s").close()
    (tmp_path / "s" / name).unlink()
    stands(tmp_path / "s" / name)
    what = "is a link" if stands in {link, dangling} else "is no file"
    with pytest.raises(Unsuited, match=what):
        open_ledger(tmp_path / "s")
    if stands is link:
        assert (tmp_path / "precious").read_bytes() == b"precious" * 4
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("name", ["j.1", "j.2", "corrupt"])
def test_a_link_in_place_of_what_is_kept_beside(name: str, tmp_path: Path) -> None:
    """Folding and setting aside follow no link out of the folder."""
    outside, state = tmp_path / "outside", tmp_path / "s"
    (outside / "folder").mkdir(parents=True)
    (outside / "file").write_bytes(b"precious")
    storage = JournalStorage(state / "j")
    put(storage, 1, {"n": 1})
    (state / name).symlink_to(outside / ("folder" if name == "corrupt" else "file"))
    storage.fold(force=True)
    storage.fold(force=True)
    storage.close()
    with (state / "j").open("ab") as file:
        file.write(b"torn")
    if name == "corrupt":
        with pytest.raises(OSError):
            JournalStorage(state / "j")
    else:
        JournalStorage(state / "j").close()
    assert (outside / "file").read_bytes() == b"precious"
    assert not list((outside / "folder").iterdir())


def test_a_stale_lock_file_is_no_obstacle(tmp_path: Path) -> None:
    """What counts is the lock, not the file that a dead process left."""
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "lock").write_text("4711\n")
    with open_ledger(tmp_path / "s"), pytest.raises(Busy):
        open_ledger(tmp_path / "s")


def test_a_turn_that_cannot_begin_leaves_the_lock(tmp_path: Path) -> None:
    """If reading what others wrote fails, the lock is free again for others, and the next turn reads anew."""
    first = open_ledger(tmp_path / "s")
    with first.turn():
        pass
    with open_ledger(tmp_path / "s") as second, second.unit():
        second.set_meta("a", 1)
    (tmp_path / "s" / "ledger.jsonl").rename(tmp_path / "s" / "away")
    (tmp_path / "s" / "ledger.jsonl").write_bytes(b"spoiled\n")
    with pytest.raises(Exception, match="damaged"), first.turn():
        pass
    (tmp_path / "s" / "away").replace(tmp_path / "s" / "ledger.jsonl")
    open_ledger(tmp_path / "s").close()
    with first.turn():
        assert first.meta("a") == 1
    first.close()


def test_a_handle_that_failed_to_refresh_folds_nothing(tmp_path: Path) -> None:
    """What an old handle still has in memory never overwrites what others wrote since."""
    first = JournalStorage(tmp_path / "j")
    put(first, 1, {"n": 1})
    second = JournalStorage(tmp_path / "j")
    put(second, 2, {"n": 2})
    second.close()
    whole = (tmp_path / "j").read_bytes()
    (tmp_path / "j").write_bytes(b"spoiled\n")
    with pytest.raises(Exception, match="damaged"):
        first.refresh()
    (tmp_path / "j").write_bytes(whole)
    with pytest.raises(OSError):
        first.fold(force=True)
    assert (tmp_path / "j").read_bytes() == whole
