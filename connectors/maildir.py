"""Which mails stand in the Sent Maildir (and in the inbox, for hints), and how do drafts get into the Drafts Maildir?

A Maildir is a folder with ``new``, ``cur`` and ``tmp``; one file is one mail and never changes, flags stand in its
name.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

from connectors import files
from connectors._folders import PLACES, flags, maildir, mails
from connectors._mime import (
    HEADER_LIMIT,
    TOLERANCE,
    Headers,
    believable,
    date_of,
    end_of_headers,
    identity,
    message_id,
    read_headers,
    read_message,
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
INBOX = "inbox"
"""Under this name the inbox's place stands in the cursor of an account that reads one."""
NO_INBOX = "has no Maildir of received mail that can be read: no hints come from it"


@dataclass(frozen=True)
class Maildir:
    """A folder that holds Maildirs: ``sent`` is read, ``drafts`` written (made if absent), as ``Sent`` or ``.Sent``.

    ``inbox`` is read for the mails of the platforms in ``hints`` only.
    """

    path: Path
    sent: str = "Sent"
    drafts: str = "Drafts"
    inbox: str = ""
    hints: tuple[Platform, ...] = ()

    def open_source(self, name: str, zone: str) -> Source | None:  # noqa: ARG002 - mails carry their own zone
        """Return the reader of the Sent folder, and of the inbox where hints are wanted."""
        sent = MaildirSource(name, self.path, self.sent)
        return HintedSource(name, sent, MaildirSource(name, self.path, self.inbox)) if self.hints else sent

    def open_reminders(self, name: str, zone: str) -> ReminderSink | None:  # noqa: ARG002 - a Maildir has no calendar
        """Return None: a Maildir holds no calendar."""
        return None

    def open_drafts(self, name: str, zone: str) -> Sink[Draft] | None:  # noqa: ARG002 - mails carry their own zone
        """Return the writer of drafts."""
        from connectors._drafts import MaildirDrafts

        return MaildirDrafts(self.path, self.drafts)

    def problems(self) -> tuple[tuple[str, str], ...]:
        """List what is wrong with the values together."""
        named = [("sent", self.sent), ("drafts", self.drafts), *((("inbox", self.inbox),) if self.inbox else ())]
        problems = [(key, "must be the name of a folder") for key, name in named if not _is_name(name)]
        if bool(self.inbox) != bool(self.hints):
            missing, there = ("inbox", "hints") if self.hints else ("hints", "inbox")
            problems.append((there, f"needs {missing}: the inbox is read for hints only"))
        for index, (key, name) in enumerate(named):
            same = next((other for other, known in named[:index] if known.lstrip(".") == name.lstrip(".")), None)
            if same is not None:
                problems.append((key, f"must be another folder than {same}"))
        return tuple(problems)


def _is_name(name: str) -> bool:
    return bool(name.strip(".")) and "/" not in name and "\0" not in name and len(name) <= 100


# -- reading -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """What is remembered of one file: hashes of its name, of its Message-ID, and of what makes it that mail."""

    name: bytes
    message: bytes
    what: bytes


def _hash(text: str, size: int) -> bytes:
    return blake2b(text.encode("utf-8", "replace"), digest_size=size).digest()


@dataclass(frozen=True)
class MaildirSource:
    """Reads the Sent folder, 5,000 new files a pull, in the order of their names (which begin with a time)."""

    name: str
    path: Path
    sent: str

    def pull(self, cursor: Cursor | None, now: datetime) -> Pull:
        """Return the mails whose files were not there before.

        The Date header holds unless it cannot be believed or the file is more than 36 hours older than it: a file may
        be copied years later (its own time is then that of copying), but not be there before its mail was written.
        An account may be there for drafts only: a Sent folder that never was is a note. Raises Unavailable if it was
        read before and is gone.
        """
        folder = maildir(self.path, self.sent)
        if folder is None and not cursor:
            return Pull(cursor={}, notes=("has no Maildir of sent mail: nothing is read from it",))
        if folder is None:
            raise Unavailable("the Maildir of sent mail is gone")
        try:
            stamp = [(folder / place).stat().st_mtime_ns for place in PLACES if (folder / place).is_dir()]
            known = cursor if cursor is not None and cursor.get("v") == VERSION else None
            if known is not None and known.get("stamp") == stamp and known.get("done"):
                return Pull(cursor=known, listed=known["count"])
            return self._read(mails(folder), known, stamp, now)
        except OSError as error:
            raise Unavailable(f"the Maildir of sent mail cannot be read: {error.strerror}") from error

    def _read(self, names: dict[str, Path], cursor: Cursor | None, stamp: list[int], now: datetime) -> Pull:
        before = _unpack(str(cursor["seen"])) if cursor is not None else {}
        hashes = {base: _hash(base, 6) for base in names}
        seen = [before[item] for item in hashes.values() if item in before]
        first = {item.message: item.what for item in reversed(seen)}
        items: list[Message] = []
        skipped: list[Skipped] = []
        fresh = [base for base in names if hashes[base] not in before]
        for base in fresh[:PAGE]:
            try:
                headers = _headers(names[base])
                filed = names[base].lstat().st_mtime
            except FileNotFoundError:
                continue  # flagged or moved meanwhile: it is there under another name, next time
            if headers is None or not headers.fields:
                skipped.append(Skipped(where=f"file {hashes[base].hex()}", why="is no mail that can be read"))
                seen.append(Seen(hashes[base], bytes(6), bytes(4)))
                continue
            message = self._message(names[base].name, headers, filed, (first, now))
            seen.append(Seen(hashes[base], _hash(message_id(headers) or "", 6), _hash(identity(headers), 4)))
            items.append(message)
        done = len(fresh) <= PAGE
        return Pull(
            cursor={"v": VERSION, "stamp": stamp, "seen": _pack(seen), "count": len(names), "done": done},
            items=tuple(items),
            skipped=tuple(skipped),
            caught_up=done,
            listed=len(names),
        )

    def _message(
        self, file: str, headers: Headers, filed: float, known: tuple[dict[bytes, bytes], datetime]
    ) -> Message:
        first, now = known
        name, what = message_id(headers), identity(headers)
        key = what
        if name is not None:
            holder = first.setdefault(_hash(name, 6), _hash(what, 4))
            key = name if holder == _hash(what, 4) else f"{name}#{what}"
        message = read_message(headers, self.name, key, _time(headers, filed, now))
        return replace(message, draft=message.draft or "D" in flags(file))


@dataclass(frozen=True)
class HintedSource:
    """Reads the Sent folder, and the inbox beside it for hints."""

    name: str
    sent: MaildirSource
    inbox: MaildirSource

    def pull(self, cursor: Cursor | None, now: datetime) -> Pull:
        """Return what is new in both. An inbox is tidied up all the time, so only sent mail is counted (``listed``).

        Raises what reading the Sent folder raises; an inbox that is not there, or not for now, is a note.
        """
        place = dict(cursor or {})
        before = place.pop(INBOX, None)
        page = self.sent.pull(place or None, now)
        try:
            other = self.inbox.pull(before, now)
        except Unavailable:
            return replace(page, cursor={**page.cursor, INBOX: before}, notes=(*page.notes, NO_INBOX))
        return replace(
            page,
            cursor={**page.cursor, INBOX: dict(other.cursor)},
            items=(*page.items, *(replace(item, sent=False) for item in other.items if isinstance(item, Message))),
            skipped=(*page.skipped, *other.skipped),
            caught_up=page.caught_up and other.caught_up,
            current=page.caught_up or page.current,
            notes=page.notes if other.cursor else (*page.notes, NO_INBOX),
            hints_only=True,
        )


def _time(headers: Headers, filed: float, now: datetime) -> datetime | None:
    date = believable(date_of(headers.first(b"date")), now)
    try:
        arrived = believable(datetime.fromtimestamp(filed, UTC), now)
    except (ValueError, OverflowError, OSError):
        return date
    if date is None or arrived is None:
        return date or arrived
    return arrived if arrived < date - TOLERANCE else date


def _headers(file: Path) -> Headers | None:
    try:
        data = files.read_start(file, HEADER_LIMIT)
    except FileNotFoundError:
        raise
    except OSError:
        return None
    end = end_of_headers(data)
    return read_headers(data if end < 0 else data[:end])


def _pack(seen: Sequence[Seen]) -> str:
    return base64.b64encode(b"".join(item.name + item.message + item.what for item in seen)).decode()


def _unpack(packed: str) -> dict[bytes, Seen]:
    try:
        data = base64.b64decode(packed)
    except ValueError:
        return {}
    rows = (data[place : place + 16] for place in range(0, len(data), 16))
    return {row[:6]: Seen(row[:6], row[6:12], row[12:]) for row in rows}
