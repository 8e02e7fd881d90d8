"""What does Gmail show of a mail, and what record does that make? Headers only; never a body."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from connectors._mailboxes import VALUE_LIMIT
from connectors._mime import LIST_LIMIT, LISTS, READ, TOLERANCE, Headers, key_of, read_message, time_of
from connectors.records import Message

HEADERS = [
    *("From", "To", "Cc", "Bcc", "Date", "Subject", "Message-ID", "In-Reply-To", "References"),
    *("Auto-Submitted", "Return-Path", "Content-Type", "Precedence", "List-Id", "List-Post"),
]
"""What is asked of each mail: enough to tell who, when, which thread, and whether a machine wrote it."""
FIELDS = "id,threadId,labelIds,internalDate,payload/headers"
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_NUMBER = re.compile(r"-?[0-9]{1,15}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A mail as Gmail shows it; ``at`` is its own time (internalDate, in milliseconds), 0 when it has none."""

    id: str
    thread: str | None
    labels: frozenset[str]
    at: int
    headers: Headers

    @property
    def received(self) -> datetime | None:
        """The instant of ``at``, None when there is none that can be."""
        try:
            return datetime.fromtimestamp(self.at / 1000, UTC) if self.at > 0 else None
        except (ValueError, OverflowError, OSError):
            return None


def is_id(value: object) -> bool:
    """Tell whether ``value`` has the form of an id of Gmail's: what has not is never asked for."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def read_shown(answer: Mapping[str, Any]) -> Shown:
    """Return what ``answer``, a message of the API, holds; what has another form than it should is absent."""
    payload, labels, at = answer.get("payload"), answer.get("labelIds"), answer.get("internalDate")
    thread = answer.get("threadId")
    return Shown(
        id=str(answer["id"]) if is_id(answer.get("id")) else "",
        thread=str(thread) if is_id(thread) else None,
        labels=frozenset(item for item in labels if isinstance(item, str)) if isinstance(labels, list) else frozenset(),
        at=int(at) if isinstance(at, str) and _NUMBER.fullmatch(at) else 0,
        headers=_headers(payload.get("headers") if isinstance(payload, dict) else None),
    )


def _headers(rows: object) -> Headers:
    """Return the headers Kith reads, each cut to its limit; Gmail keeps the case in which the sender wrote a name."""
    fields: dict[bytes, list[str]] = {}
    cut = False
    for row in rows if isinstance(rows, list) else ():
        name, value = (row.get("name"), row.get("value")) if isinstance(row, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(value, str):
            continue
        known = name.lower().encode("utf-8", "replace")
        if known in READ:
            limit = LIST_LIMIT if known in LISTS else VALUE_LIMIT
            cut = cut or len(value) > limit
            fields.setdefault(known, []).append(value[:limit].replace("\r", "").replace("\n", "").strip(" \t"))
    return Headers(fields, cut)


def record(shown: Shown, account: str, first: dict[str, str], now: datetime, *, sent: bool) -> Message | None:
    """Return the record of a mail, None if it has no headers that can be read; ``first`` is that of ``key_of``.

    The Date holds when it lies within 36 hours of Gmail's own time for the mail.
    """
    if not shown.headers.fields:
        return None
    at = time_of(shown.headers, shown.received, TOLERANCE, now)
    message = read_message(shown.headers, account, key_of(shown.headers, first), at)
    return replace(message, sent=sent, thread=shown.thread)
