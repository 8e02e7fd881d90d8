"""Which mails stand in an mbox file (Google Takeout, Thunderbird, mutt, pipermail)?

Messages are found by their From_ line: ``From ``, somebody, and a date, at the start of a line after a blank one. Only
headers are read. The file is expected to grow at its end; one that was rewritten is read from its beginning again.
"""

from __future__ import annotations

import mmap
import os
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

from connectors import files
from connectors._borders import Found, messages
from connectors._mime import (
    Headers,
    key_of,
    read_headers,
    read_message,
    time_of,
)
from connectors.records import (
    Cursor,
    Draft,
    Message,
    Platform,
    Pull,
    ReminderSink,
    Sink,
    Skipped,
    Source,
    Unavailable,
)

VERSION = 1
PAGE = 5000
PROOF = 4096
"""Bytes at the beginning, and before the place reached, by which a file that only grew is known."""


@dataclass(frozen=True)
class Mbox:
    """An mbox file to read.

    ``contents`` "sent": the file is a Sent folder. "all": it holds received mail too; ``sent`` is then True for every
    message and the daemon keeps those whose From is the user's. Gmail's labels, where there are any, decide in both.
    ``hints`` are platforms whose received mails tell who accepted an invitation.
    """

    path: Path
    contents: Literal["sent", "all"] = "sent"
    hints: tuple[Platform, ...] = ()

    def open_source(self, name: str, zone: str) -> Source | None:  # noqa: ARG002 - mails carry their own zone
        """Return the reader of the file."""
        return MboxSource(name, self.path)

    def open_reminders(self, name: str, zone: str) -> ReminderSink | None:  # noqa: ARG002 - an archive is read only
        """Return None: an mbox holds no calendar."""
        return None

    def open_drafts(self, name: str, zone: str) -> Sink[Draft] | None:  # noqa: ARG002 - an archive is read only
        """Return None: nothing is written into an archive."""
        return None

    def problems(self) -> tuple[tuple[str, str], ...]:
        """List what is wrong with the values together; any file may be an mbox until it is read."""
        needs = (("hints", 'needs contents = "all"'),)
        return needs if self.hints and self.contents == "sent" else ()


@dataclass(slots=True)
class Place:
    """How far a file was read, and which mail each Message-ID was given to first."""

    offset: int = 0
    count: int = 0
    first: dict[str, str] = field(default_factory=dict)

    def key_of(self, headers: Headers) -> str:
        """Return the key of a mail. The first mail of the file that bears an id keeps it, so pages do not matter."""
        return key_of(headers, self.first)


class MboxSource:
    """Reads one mbox file, 5,000 messages a pull."""

    def __init__(self, name: str, path: Path) -> None:
        """Take the account's name and the file."""
        self._name = name
        self._path = path
        self._place = Place()
        self._proof: list[Any] = []

    @property
    def name(self) -> str:
        """The account's name in the configuration."""
        return self._name

    def pull(self, cursor: Cursor | None, now: datetime) -> Pull:
        """Return the messages that came to the file since ``cursor``, at most 5,000.

        The last message is read as soon as its headers are whole; before that it is Skipped with its offset. Raises
        Unavailable if the file cannot be read, BadData if it is no mbox.
        """
        try:
            file = os.open(self._path, files.READ)
        except OSError as error:
            raise Unavailable(f"the mbox cannot be read: {error.strerror}") from error
        try:
            stamp = _stamp(file)
            known = cursor if cursor is not None and cursor.get("v") == VERSION else None
            if known is not None and known.get("stamp") == stamp and known.get("done"):
                return Pull(cursor=known, listed=known["count"])
            if stamp[0] == 0:
                return Pull(cursor=_pack(Place(), [], stamp, done=True), listed=0)
            with mmap.mmap(file, stamp[0], access=mmap.ACCESS_READ) as data:
                return self._read(data, known, stamp, now)
        except (OSError, ValueError) as error:
            raise Unavailable("the mbox cannot be read: it is no regular file or was changed meanwhile") from error
        finally:
            os.close(file)

    def _read(self, data: mmap.mmap, cursor: Cursor | None, stamp: list[int], now: datetime) -> Pull:
        place = self._resume(data, cursor)
        items: list[Message] = []
        skipped: list[Skipped] = []
        done = True
        for found in messages(data, place.offset):
            if isinstance(found, Skipped):
                skipped.append(found)
                continue
            if len(items) >= PAGE:
                done = False
                break
            place.offset, place.count = found.end, place.count + 1
            message = self._message(data, found, place, now)
            if message is None:
                skipped.append(Skipped(where=f"byte {found.border.at}", why="has no headers that can be read"))
            else:
                items.append(message)
        self._place, self._proof = place, _proof(data, place.offset)
        return Pull(
            cursor=_pack(place, self._proof, stamp, done=done),
            items=tuple(items),
            skipped=tuple(skipped),
            caught_up=done,
            listed=place.count if done else None,
        )

    def _message(self, data: mmap.mmap, found: Found, place: Place, now: datetime) -> Message | None:
        headers = read_headers(data[found.start : found.end])
        if not headers.fields:
            return None
        border = found.border
        at = time_of(headers, border.received if border.trusted else None, border.tolerance, now)
        at = at or time_of(headers, border.received, border.tolerance, now)
        return read_message(headers, self._name, place.key_of(headers), at)

    def _resume(self, data: mmap.mmap, cursor: Cursor | None) -> Place:
        """Return where to go on: after what was read if the file only grew, else at its beginning."""
        offset = cursor["offset"] if cursor is not None else 0
        if not isinstance(offset, int) or not 0 < offset <= len(data) or cursor is None:
            return Place()
        proof = _proof(data, offset)
        if cursor.get("proof") != proof:
            return Place()
        if self._proof == proof and self._place.offset == offset:
            return self._place
        return _recalled(data, offset)


def _recalled(data: mmap.mmap, offset: int) -> Place:
    """Find again which ids the file bears before ``offset``: a new process has forgotten them."""
    place = Place()
    for found in messages(data, 0):
        if isinstance(found, Skipped):
            continue
        if found.end > offset:
            break
        place.offset, place.count = found.end, place.count + 1
        headers = read_headers(data[found.start : found.end])
        if headers.fields:
            place.key_of(headers)
    return place


def _stamp(file: int) -> list[int]:
    found = os.fstat(file)
    return [found.st_size, found.st_mtime_ns, found.st_ino]


def _proof(data: mmap.mmap, offset: int) -> list[Any]:
    """Return what stays the same while the file only grows: hashes of its beginning and of what ends at ``offset``."""
    ends = (data[: min(PROOF, offset)], data[max(0, offset - PROOF) : offset])
    return [blake2b(part, digest_size=8).hexdigest() for part in ends]


def _pack(place: Place, proof: list[Any], stamp: list[int], *, done: bool) -> Cursor:
    packed = {"v": VERSION, "stamp": stamp, "offset": place.offset, "count": place.count}
    return {**packed, "proof": proof, "done": done}
