"""How does a file come to hold all of the new bytes or all of the old ones, whatever happens in between?

Everything comes down to ``os.open``, ``os.write``, ``os.fsync``, ``os.replace``, ``os.unlink``, ``os.mkdir``, so that a
test can kill the process before and after each of them (reliability F1, F2). OSError passes through: what it means is
for the caller to say. The standard library only.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
CHUNK = 1 << 20
BLOCK = 1 << 18
LEFT_OVER = ".kith-tmp"


class TooLarge(ValueError):
    """A file holds more than its reader wants to take in."""


def write_atomically(
    path: Path,
    data: bytes | Iterable[bytes],
    mode: int = 0o600,
    *,
    through: Path | None = None,
    before: Callable[[], None] | None = None,
) -> None:
    """Make ``path`` hold ``data``, durably, or leave it as it was.

    The bytes go to a new file in the same folder (or in ``through``, on the same file system), are flushed to the disk
    and then take the place of ``path``; ``before`` is called just before that. What a crash left there is thrown away
    by the next call. A ``mode`` wider than the user's own holds whatever the umask says. Raises OSError.
    """
    folder = through or path.parent
    draft = folder / f".{path.name[:180]}.{os.getpid()}{LEFT_OVER}"
    file = _open_new(draft, mode)
    try:
        try:
            for part in (data,) if isinstance(data, bytes) else data:
                write_all(file, part)
            if mode & 0o077:
                os.fchmod(file, mode)
            os.fsync(file)
        finally:
            os.close(file)
        if before is not None:
            before()
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise
    sync_folder(path.parent)


def _open_new(path: Path, mode: int) -> int:
    try:
        return os.open(path, NEW, mode)
    except FileExistsError:
        path.unlink()
        return os.open(path, NEW, mode)


def write_all(file: int, data: bytes) -> None:
    """Write all of ``data`` to the open ``file``, however many calls that takes. Raises OSError."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


def write_pieces(file: int, pieces: Iterable[bytes]) -> int:
    """Write all ``pieces`` to the open ``file``, small ones by one call; return how many bytes. Raises OSError."""
    held, size, total = list[bytes](), 0, 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= BLOCK:
            write_all(file, b"".join(held))
            held, size, total = [], 0, total + size
    write_all(file, b"".join(held))
    return total + size


def read_whole(path: Path) -> bytes:
    """Return what the regular file ``path`` holds, of any size; a link is refused. Raises OSError."""
    return _read(path, None, os.O_NOFOLLOW)


def read_bounded(path: Path, limit: int) -> bytes:
    """Return what the regular file ``path`` holds. Raises TooLarge if that is more than ``limit`` bytes, OSError."""
    return _read(path, limit, 0)


def read_start(path: Path, limit: int) -> bytes:
    """Return the first ``limit`` bytes of the regular file ``path``, no link. Raises OSError."""
    file = open_regular(path)
    try:
        return _take(file, limit)
    finally:
        os.close(file)


def _read(path: Path, limit: int | None, flags: int) -> bytes:
    file = open_regular(path, flags)
    try:
        if limit is None:
            return _take(file, None)
        data = _take(file, limit + 1)
        if len(data) > limit:
            raise TooLarge(f"larger than {limit} bytes")
        return data
    finally:
        os.close(file)


def open_regular(path: Path, flags: int = os.O_NOFOLLOW) -> int:
    """Open the regular file ``path`` for reading; a link is refused unless ``flags`` say otherwise. Raises OSError."""
    file = os.open(path, READ | flags)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(f"{path}: not a regular file")
    return file


def _take(file: int, limit: int | None) -> bytes:
    parts: list[bytes] = []
    taken = 0
    while limit is None or taken < limit:
        part = os.read(file, CHUNK if limit is None else min(CHUNK, limit - taken))
        if not part:
            break
        parts.append(part)
        taken += len(part)
    return b"".join(parts)


def make_folder(path: Path, mode: int = 0o700) -> None:
    """Make ``path`` and what is missing above it; one that is there stays as it is. Raises OSError."""
    if path.is_dir():
        return
    if not path.parent.is_dir():
        make_folder(path.parent, mode)
    with suppress(FileExistsError):
        path.mkdir(mode)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make the names in the folder ``path`` durable, where the file system can. Raises OSError."""
    file = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:  # what file systems say that sync no folders
            raise
    finally:
        os.close(file)


def remove_left_overs(folder: Path) -> None:
    """Delete what crashed writers left in ``folder``; only for whoever is its one writer. Raises OSError."""
    for path in folder.glob(f".*{LEFT_OVER}"):
        path.unlink()


def objection(path: Path, *, folder: bool = False) -> str:
    """Say why what stands at ``path`` is no plain file (or ``folder``) of this user's.

    Nothing is said when it is one, or when nothing is there. Links are not followed. Raises OSError.
    """
    try:
        found = path.lstat()
    except FileNotFoundError:
        return ""
    if stat.S_ISLNK(found.st_mode):
        return "is a link"
    if not (stat.S_ISDIR if folder else stat.S_ISREG)(found.st_mode):
        return "is no folder" if folder else "is no file"
    return "" if found.st_uid == os.geteuid() else f"belongs to {user_name(found.st_uid)}"


def is_open(path: Path) -> bool:
    """Tell whether others on this machine can read the secret file ``path``. Raises OSError.

    What systemd handed in belongs to root and a group may read it, on newer versions (reliability 3.4.7).
    """
    handed_in = os.environ.get("CREDENTIALS_DIRECTORY")
    others = 0o007 if handed_in and path.parent == Path(handed_in) else 0o077
    return bool(stat.S_IMODE(path.stat().st_mode) & others)


def user_name(number: int) -> str:
    """Return the name of the user ``number``; the number itself where nobody knows a name."""
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


Stamp = tuple[int, int, int]


def stamp(path: Path) -> Stamp:
    """Return size, modification time (ns) and inode: the same three mean the same bytes. Raises OSError."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino
