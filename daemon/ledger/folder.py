"""What lies in the state's folder beside the ledger's file? The writer's lock, and the secret.

Before anything is written the file system is asked whether it keeps the two promises all of this rests on: that a lock
shuts others out, and that a new file takes the place of an old one in one step.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from connectors.files import read_whole, write_all, write_atomically

LEDGER, SECRET, NEVER = "ledger.jsonl", "secret", "never"
"""The files that are the state, beside the logins."""
Contents = Mapping[str, Callable[[], Iterable[bytes]]]
"""What makes the bytes of each file of a state, every time the same."""
LEAST = 64 << 20
"""Bytes below which a disk counts as almost full."""
_LOGIN = re.compile(r"tokens/[A-Za-z0-9_-]{1,60}\.(?:calendar|mail|drafts|logins)\.json")
_OPEN = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


def is_cramped(folder: Path) -> bool:
    """Tell whether hardly any room is left there: less than 64 MB, or than it takes to write the ledger twice anew."""
    try:
        room, size = os.statvfs(folder), (folder / LEDGER).stat().st_size
    except OSError:
        return False
    return room.f_blocks > 0 and room.f_bavail * room.f_frsize < max(LEAST, 2 * size)


def is_login(name: str) -> bool:
    """Tell whether a file of the state by that name holds a login, or what is known of one."""
    return _LOGIN.fullmatch(name) is not None


class Busy(Exception):
    """Another Kith holds this state."""


class Unsuited(OSError):
    """The file system under the state's folder cannot keep it safe."""


class SecretLost(OSError):
    """The secret is not there, or is none."""


class Lock:
    """The lock of the one writer; made without being held."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "lock"
        self._file: int | None = None

    def take(self) -> bool:
        """Hold the lock; tell whether it was not held already. Raises Busy, Unsuited, OSError."""
        if self._file is not None:
            return False
        file = os.open(self._path, _OPEN, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._prove()
        except BlockingIOError:
            os.close(file)
            raise Busy("another Kith is at work on this state") from None
        except OSError as error:
            os.close(file)
            raise _unsuited(self._path, "knows no locks", error) from None
        self._file = file
        return True

    def release(self) -> None:
        """Let the lock go; not held is fine."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _prove(self) -> None:
        """Try to take it a second time: a file system that lets that happen shuts nobody out."""
        second = os.open(self._path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            with suppress(BlockingIOError):
                fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
                raise OSError("locks shut nobody out")
        finally:
            os.close(second)


def prove_replace(folder: Path) -> None:
    """Try on two small files whether a new one takes the place of an old one. Raises Unsuited, OSError."""
    old, new = folder / ".old.kith-tmp", folder / ".new.kith-tmp"
    for path, data in ((old, b"old"), (new, b"new")):
        file = os.open(path, _OPEN, 0o600)
        write_all(file, data)
        os.close(file)
    try:
        new.replace(old)
    except OSError as error:
        raise _unsuited(folder, "cannot replace a file in one step", error) from None
    finally:
        new.unlink(missing_ok=True)
    held = read_whole(old)
    old.unlink()
    if held != b"new":
        raise _unsuited(folder, "cannot replace a file in one step")


def _unsuited(path: Path, what: str, error: OSError | None = None) -> Unsuited:
    why = f" ({error.strerror or error})" if error else ""
    text = f"the file system there {what}{why}: put the state on a local disk"
    return Unsuited(error.errno if error else 0, text, str(path))


def _random(path: Path) -> bytes:
    try:
        return secrets.token_bytes(32)
    except (NotImplementedError, OSError):
        raise Unsuited(0, "no random numbers for the secret: is /dev/urandom there?", str(path)) from None


def read_secret(folder: Path, *, make: bool) -> bytes:
    """Return the 32 secret bytes of this state; ``make`` them where there are none. Raises SecretLost, Unsuited,
    OSError."""
    path = folder / SECRET
    if make and not path.exists():
        write_atomically(path, _random(path))
    try:
        key = read_whole(path)
    except FileNotFoundError:
        key = b""
    if len(key) != 32:
        raise SecretLost(f"{path}: not 32 bytes; restore it from a backup, ids and forgotten people hang on it")
    return key
