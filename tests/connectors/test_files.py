"""A file holds all of the new bytes or all of the old ones, wherever the process dies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connectors import files

CALLS = ("open", "write", "fsync", "replace", "unlink", "mkdir", "close")


class Killed(BaseException):
    """The process ended here."""


@contextmanager
def killed_at(monkeypatch: pytest.MonkeyPatch, step: int, *, after: bool) -> Iterator[list[str]]:
    """End the process before or after the effect of its ``step``-th call to the system."""
    seen: list[str] = []
    with monkeypatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, _dying(getattr(os, name), name, step, seen, after=after))
        yield seen


def _dying(real: object, name: str, step: int, seen: list[str], *, after: bool) -> object:
    def call(*arguments: object, **named: object) -> object:
        seen.append(name)
        if len(seen) > step + 1 or (len(seen) == step + 1 and not after):
            raise Killed
        result = real(*arguments, **named)  # type: ignore[operator]
        if len(seen) == step + 1:
            raise Killed
        return result

    return call


def test_a_write_is_whole_or_has_not_happened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before and after every call: old or new bytes, never a mixture, and the next write succeeds."""
    path = tmp_path / "state"
    outcomes = set()
    for step in range(20):
        for after in (False, True):
            files.write_atomically(path, b"old")
            with killed_at(monkeypatch, step, after=after) as seen:
                try:
                    files.write_atomically(path, b"new" * 1000)
                    ended = False
                except Killed:
                    ended = True
            outcomes.add((path.read_bytes() == b"old", ended))
            assert path.read_bytes() in {b"old", b"new" * 1000}
            assert ended == (len(seen) > step)
    files.write_atomically(path, b"last")
    assert path.read_bytes() == b"last"
    assert outcomes == {(True, True), (False, True), (False, False)}


def test_what_a_crash_left_is_thrown_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file left half-written is replaced by the next call of the same process, and can be swept by the next one."""
    path = tmp_path / "state"
    with killed_at(monkeypatch, 1, after=True), pytest.raises(Killed):
        files.write_atomically(path, b"new")
    assert len(list(tmp_path.iterdir())) == 1
    files.write_atomically(path, b"newer")
    assert [item.name for item in tmp_path.iterdir()] == ["state"]
    (tmp_path / f".state.1{files.LEFT_OVER}").write_bytes(b"of a process that died")
    files.remove_left_overs(tmp_path)
    assert [item.name for item in tmp_path.iterdir()] == ["state"]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ENOSPC passes through, the old bytes stay, nothing is left behind (F4)."""
    path = tmp_path / "state"
    files.write_atomically(path, b"old")

    def full(file: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space"):
            files.write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_bytes_are_private_and_complete_when_written_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """0600 whatever the umask, and a write that takes only some bytes is continued."""
    real = os.write
    before = os.umask(0)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", lambda file, data: real(file, bytes(data[:3])))
            files.write_atomically(tmp_path / "state", b"0123456789")
    finally:
        os.umask(before)
    assert (tmp_path / "state").read_bytes() == b"0123456789"
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o600


def test_a_link_is_replaced_never_followed(tmp_path: Path) -> None:
    """Writing to a name that is a link leaves what it points to."""
    (tmp_path / "victim").write_bytes(b"theirs")
    (tmp_path / "state").symlink_to(tmp_path / "victim")
    files.write_atomically(tmp_path / "state", b"ours")
    assert (tmp_path / "victim").read_bytes() == b"theirs"
    assert files.read_whole(tmp_path / "state") == b"ours"


def test_reading_is_bounded_and_of_regular_files(tmp_path: Path) -> None:
    """Too much, a folder, a pipe or a link is refused instead of read."""
    (tmp_path / "large").write_bytes(b"x" * 101)
    with pytest.raises(files.TooLarge):
        files.read_bounded(tmp_path / "large", 100)
    assert files.read_bounded(tmp_path / "large", 101) == b"x" * 101
    assert files.read_start(tmp_path / "large", 5) == b"xxxxx"
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "large")
    for refused in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(OSError):
            files.read_bounded(refused, 100)
    with pytest.raises(OSError):
        files.read_whole(tmp_path / "link")


def test_folders_are_made_private_and_only_where_missing(tmp_path: Path) -> None:
    """Parents are made too, 0700; one that is there stays as it is."""
    files.make_folder(tmp_path / "a" / "b")
    (tmp_path / "a").chmod(0o755)
    files.make_folder(tmp_path / "a")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o755
