"""What did an address say when it last said something of use? The copy of it that is kept in the state.

One file, ``copies/ACCOUNT``: a line about it, and the body as it came. It is written once a tick, by ``save``, whole or
not at all; a copy of another address, or a damaged one, is none.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from connectors._visits import Known, name_of
from connectors.files import Stamp, make_folder, read_bounded, read_start, write_atomically

FOLDER = "copies"
_LINE = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Which body is kept, as a stamp that changes with it, and how to ask whether it still holds."""

    stamp: Stamp
    known: Known
    digest: str


class Copy:
    """The copy of the one address of an account."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fresh: tuple[str, bytes, Label] | None = None

    def label(self, url: str) -> Label | None:
        """Return what is known of the copy of ``url``, None if there is none."""
        if self._fresh is not None:
            return self._fresh[2] if self._fresh[0] == url else None
        try:
            row = json.loads(read_start(self.path, _LINE).partition(b"\n")[0])
            known = {str(name): str(value) for name, value in row["known"].items()}
            if row["of"] == name_of(url):
                return Label(stamp=_stamp(row["digest"], int(row["size"])), known=known, digest=row["digest"])
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None
        return None

    def body(self, url: str, limit: int) -> bytes | None:
        """Return the body of the copy of ``url``, None if there is none that is whole."""
        label = self.label(url)
        if label is None:
            return None
        if self._fresh is not None:
            return self._fresh[1]
        try:
            _, _, body = read_bounded(self.path, limit + _LINE).partition(b"\n")
        except (OSError, ValueError):
            return None
        return body if sha256(body).hexdigest() == label.digest else None

    def keep(self, url: str, body: bytes, known: Known) -> None:
        """Let ``body`` be the copy of ``url`` from now on; on the disk with the next ``save``."""
        digest = sha256(body).hexdigest()
        self._fresh = url, body, Label(stamp=_stamp(digest, len(body)), known=known, digest=digest)

    def drop(self) -> None:
        """Let go of a copy that is damaged: it is had again with the next visit."""
        self._fresh = None
        with suppress(OSError):
            self.path.unlink()

    def save(self) -> None:
        """Write down what is new. A disk that is full costs a request."""
        if self._fresh is None:
            return
        url, body, label = self._fresh
        row = {"of": name_of(url), "size": len(body), "digest": label.digest, "known": dict(label.known)}
        with suppress(OSError):
            make_folder(self.path.parent)
            write_atomically(self.path, json.dumps(row).encode() + b"\n" + body)
            self._fresh = None


_KEPT: dict[Path, Copy] = {}


def copy(state: Path, account: str) -> Copy:
    """Return the copy of ``account``: the same one throughout this process."""
    path = state / FOLDER / account
    if path not in _KEPT:
        _KEPT[path] = Copy(path)
    return _KEPT[path]


def drop_copies(state: Path) -> None:
    """Delete every copy: somebody was forgotten. Each is had again with the next visit. Raises OSError."""
    for path in [path for path in _KEPT if path.parent == state / FOLDER]:
        del _KEPT[path]
    for path in (state / FOLDER).glob("*"):
        path.unlink()


def _stamp(digest: str, size: int) -> Stamp:
    return size, int(digest[:12], 16), 0
