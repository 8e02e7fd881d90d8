"""What is a backup? One plain tar archive: a list of the state's files first, then the files, each byte proven by it.

Nothing is compressed (programs that keep backups do that themselves, and find what did not change) and nothing hangs
on the day, so the same state is the same archive. A header is believed only where it is, byte for byte, the one
written here for a plain file of that name and size: a link, a device, another owner, a long name or a file with holes
cannot even be said. The archive is as large as what comes out of it.
"""

from __future__ import annotations

import os
import re
import tarfile
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

import msgspec

from connectors.files import CHUNK, open_regular
from daemon.ledger.folder import LEDGER, NEVER, SECRET, Contents, is_login

FORMAT = 1
LIST = "kith-backup.json"
_LIMITS = {LEDGER: (1 << 33) - 1, SECRET: 32, NEVER: 1 << 26}
"""Bytes that a file may have."""
_LOGIN_LIMIT = 1 << 16
_LIST_LIMIT = 1 << 20
_LINE_LIMIT = 1 << 26
"""Bytes of one line of the ledger: longer ones would only fill the memory."""
_BLOCK = 512
_SHA256 = re.compile(r"[0-9a-f]{64}")


class NoBackup(ValueError):
    """A file is no whole backup of Kith's; the text goes on from "the file"."""


class NewerBackup(Exception):
    """The backup was made by a newer Kith."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """How long a file is (bytes), and its SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a backup holds: the files by name, and which state of which schema they are."""

    kith: str = "backup"
    format: int = FORMAT
    schema: int = 1
    sequence: int = 0
    files: dict[str, Listed] = field(default_factory=dict)
    check: str = ""
    """SHA-256 of the list without this."""

    def checked(self) -> Listing:
        """Return the list with its checksum."""
        bare = replace(self, check="")
        return replace(bare, check=sha256(msgspec.json.encode(bare)).hexdigest())

    def raw(self) -> bytes:
        """Return the file that the list is."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"

    @property
    def logins(self) -> tuple[str, ...]:
        """Names of the files that hold logins."""
        return tuple(name for name in self.files if is_login(name))


# -- writing -----------------------------------------------------------------------------------------------------------


def listing_of(contents: Contents, *, schema: int, sequence: int) -> Listing:
    """Return the list of ``contents``, which are made once for that."""
    files = {}
    for name, make in contents.items():
        size, check = 0, sha256()
        for piece in make():
            size += len(piece)
            check.update(piece)
        files[name] = Listed(size=size, sha256=check.hexdigest())
    return Listing(schema=schema, sequence=sequence, files=files).checked()


def pack(listing: Listing, contents: Contents) -> Iterator[bytes]:
    """Yield the archive of ``contents`` in pieces."""
    raw = listing.raw()
    yield from _member(LIST, len(raw), (raw,))
    for name, item in listing.files.items():
        yield from _member(name, item.size, contents[name]())
    yield bytes(2 * _BLOCK)


def _member(name: str, size: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
    yield _header(name, size)
    yield from pieces
    yield bytes(-size % _BLOCK)


def _header(name: str, size: int) -> bytes:
    item = tarfile.TarInfo(name)
    item.size, item.mode = size, 0o600
    return item.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict")


# -- reading -----------------------------------------------------------------------------------------------------------


def is_backup(start: bytes) -> bool:
    """Tell whether a file that begins with ``start`` (512 bytes) looks like a backup."""
    return start[:100].rstrip(b"\0") == LIST.encode()


def verify(path: Path) -> Listing:
    """Read the backup at ``path`` to its end and return its list. Raises NoBackup, NewerBackup, OSError."""

    def only_read(_name: str, pieces: Iterable[bytes]) -> None:
        for _ in pieces:
            pass

    return unpack(path, only_read)


def unpack(path: Path, take: Callable[[str, Iterable[bytes]], None]) -> Listing:
    """Call ``take`` with name and bytes of each file of the backup at ``path``; return its list.

    Nothing that was taken may be believed before this returns. Raises NoBackup, NewerBackup, OSError.
    """
    file = open_regular(path, 0)
    try:
        listing = _listing(file)
        for name, item in listing.files.items():
            _expect(_read(file, _BLOCK), name, item.size)
            with closing(_proven(file, name, item)) as pieces:
                take(name, pieces)
            _padding(file, item.size)
        if _read(file, 2 * _BLOCK) != bytes(2 * _BLOCK) or os.read(file, 1):
            raise NoBackup("does not end where it should: something was added to it")
        return listing
    finally:
        os.close(file)


def _listing(file: int) -> Listing:
    head = _read(file, _BLOCK, what="is no backup of Kith's")
    digits = head[124:135]
    size = int(digits, 8) if re.fullmatch(rb"[0-7]{11}", digits) else _LIST_LIMIT + 1
    if not is_backup(head) or size > _LIST_LIMIT:
        raise NoBackup("is no backup of Kith's")
    _expect(head, LIST, size)
    raw = _read(file, size)
    _padding(file, size)
    try:
        about = msgspec.json.decode(raw, type=Listing)
    except (ValueError, RecursionError):
        raise NoBackup("has a damaged list of what it holds") from None
    if about.format > FORMAT:
        raise NewerBackup(f"the backup has format {about.format}; this Kith knows {FORMAT}: a newer one restores it")
    if about.kith != "backup" or about.format < 1 or not {LEDGER, SECRET} <= about.files.keys():
        raise NoBackup("has a list that no Kith wrote")
    if about.checked() != about or about.raw() != raw:
        raise NoBackup("is damaged: its list is not what was written")
    for name, item in about.files.items():
        _check(name, item)
    return about


def _check(name: str, item: Listed) -> None:
    limit = _LOGIN_LIMIT if is_login(name) else _LIMITS.get(name)
    if limit is None:
        raise NoBackup(f"holds something that no backup of Kith's has: {name[:80]!r}")
    if not 0 <= item.size <= limit or (name == SECRET and item.size != limit) or not _SHA256.fullmatch(item.sha256):
        raise NoBackup(f"lists {name} with a size or a checksum that cannot be")


def _expect(head: bytes, name: str, size: int) -> None:
    """Raise NoBackup unless ``head`` is the header of the plain file ``name``."""
    if head == _header(name, size):
        return
    try:
        found = tarfile.TarInfo.frombuf(head, "ascii", "replace")
    except tarfile.HeaderError:
        raise NoBackup(f"is damaged before {name}") from None
    if found.name != name:
        raise NoBackup(f"holds {found.name[:80]!r} where {name} should be")
    kind = "a plain file" if found.isreg() else "a link" if found.issym() or found.islnk() else "no plain file"
    raise NoBackup(f"holds {name} in a way that Kith does not write it: {kind}, mode {found.mode:o}, owner {found.uid}")


def _proven(file: int, name: str, item: Listed) -> Generator[bytes]:
    left, line, check = item.size, 0, sha256()
    while left:
        piece = _read(file, min(CHUNK, left))
        left -= len(piece)
        check.update(piece)
        line = len(piece) - piece.rfind(b"\n") - 1 if b"\n" in piece else line + len(piece)
        if line > _LINE_LIMIT:
            raise NoBackup(f"holds a line in {name} that is longer than any of Kith's")
        yield piece
    if check.hexdigest() != item.sha256:
        raise NoBackup(f"is damaged: {name} is not what was written")


def _padding(file: int, size: int) -> None:
    if any(_read(file, -size % _BLOCK)):
        raise NoBackup("holds something between its files")


def _read(file: int, size: int, what: str = "is cut off: its end is missing") -> bytes:
    parts, left = list[bytes](), size
    while left:
        part = os.read(file, left)
        if not part:
            raise NoBackup(what)
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
