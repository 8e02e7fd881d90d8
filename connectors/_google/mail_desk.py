"""Which drafts stand at Gmail, and what do they say? Listed in one request; each message is read once.

A message never changes: what was read of it is remembered for as long as the process lives.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from connectors._address import clean
from connectors._google.errors import NotThere
from connectors._google.mail_letters import is_id, read_shown
from connectors._google.meter import Meter
from connectors._letter import Letter
from connectors._mailboxes import decoded, mailboxes
from connectors._mime import SUBJECT_LIMIT, message_id
from connectors.records import Unavailable

if TYPE_CHECKING:
    from connectors._google.wire import Wire

PAGE, PAGES = 500, 20
HORIZON = timedelta(days=40)
"""Older drafts are none of ours that are still to be found: a draft's reason lives thirty days at most."""
OLD_ENOUGH, LOOKED_AT = 10, 100
"""After so many drafts in a row beyond the horizon, or so many in all, none is opened any more."""
LETTER_LIMIT = 1 << 20
"""Bytes; a draft that is larger is not as we wrote it."""
KEPT = 1000
_HEAD = "message(id,threadId,labelIds,internalDate,sizeEstimate,payload/headers)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The ids of a draft, of the message in it now, and of that message's thread."""

    draft: str
    message: str
    thread: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the headers of a draft say. ``name`` is what stands before the @ in its Message-ID; ``at`` milliseconds."""

    name: str
    at: int
    to: frozenset[str]
    subject: str
    answers: bool
    size: int


@dataclass(slots=True)
class _Seen:
    heads: dict[str, Head] = field(default_factory=dict)
    letters: dict[str, Letter] = field(default_factory=dict)
    lines: dict[str, frozenset[str]] = field(default_factory=dict)
    """The lines of our drafts that were saved again, by key: what stands in several is a signature (C41)."""


_SEEN: WeakKeyDictionary[Meter, _Seen] = WeakKeyDictionary()


class Desk:
    """The drafts of one account, listed once for all that is asked of them."""

    def __init__(self, wire: Wire) -> None:
        """Take the wire of the drafts grant."""
        self._wire = wire
        self._seen = _SEEN.setdefault(wire.meter, _Seen())
        self.drafts = self._listed()

    # -- what stands there ---------------------------------------------------------------------------------------------

    def _listed(self) -> tuple[Listed, ...]:
        """Return all drafts, the newest first; that there are none is believed when it is said twice."""
        return tuple(self._pages()) or tuple(self._pages())

    def _pages(self) -> Iterator[Listed]:
        token: str | None = None
        for _ in range(PAGES):
            request = self._resource.list(
                userId="me",
                maxResults=PAGE,
                pageToken=token,
                fields="drafts(id,message(id,threadId)),nextPageToken",
            )
            answer = self._wire.read(request)
            rows = answer.get("drafts")
            yield from filter(None, map(listed, rows if isinstance(rows, list) else ()))
            token = answer.get("nextPageToken")
            if not isinstance(token, str) or not token:
                return

    def of(self, draft: str) -> Listed | None:
        """Return the draft with the id ``draft``, asked for by itself if the list has it not; None if it is gone."""
        found = next((item for item in self.drafts if item.draft == draft), None)
        if found is not None or not is_id(draft):
            return found
        try:
            answer = self._wire.read(
                self._resource.get(userId="me", id=draft, format="minimal", fields="id,message(id,threadId,labelIds)")
            )
        except NotThere:
            return None
        message = answer.get("message")
        labels = message.get("labelIds") if isinstance(message, dict) else None
        return None if isinstance(labels, list) and "TRASH" in labels else listed(answer)

    def recent(self) -> Iterator[tuple[Listed, Head]]:
        """Yield the drafts of the last forty days, the newest first, with what their headers say."""
        horizon = (self._wire.meter.clock.now() - HORIZON).timestamp() * 1000
        old = 0
        for item in self.drafts[:LOOKED_AT]:
            head = self.head(item)
            old = old + 1 if head is not None and head.at < horizon else 0
            if old >= OLD_ENOUGH:
                return
            if head is not None and not old:
                yield item, head

    # -- what they say -------------------------------------------------------------------------------------------------

    def head(self, item: Listed) -> Head | None:
        """Return what the headers of ``item`` say, None if it went away meanwhile."""
        found = self._seen.heads.get(item.message)
        if found is not None:
            return found
        message = self._message(item, "metadata", _HEAD)
        if message is None:
            return None
        head = _head(message)
        if message.get("id") == item.message:
            _keep(self._seen.heads, item.message, head)
        return head

    def letter(self, item: Listed) -> Letter | None:
        """Return the draft as it is written now; None if it went away meanwhile, or is no letter but a parcel."""
        found = self._seen.letters.get(item.message)
        if found is not None:
            return found
        head = self.head(item)
        if head is None or head.size > LETTER_LIMIT:
            return None
        message = self._message(item, "raw", "message(id,raw)")
        if message is None:
            return None
        letter = Letter(_bytes(message.get("raw")))
        if message.get("id") == item.message:
            _keep(self._seen.letters, item.message, letter)
        return letter

    def learn(self, key: str, item: Listed) -> None:
        """Remember the lines of our draft ``key``, which was saved again and is ``item`` now."""
        letter = self.letter(item)
        if letter is not None:
            _keep(self._seen.lines, key, letter.lines)

    def lines_but(self, key: str) -> frozenset[str]:
        """Return the lines of our other drafts that were saved again, as far as they were read."""
        return frozenset().union(*(lines for other, lines in self._seen.lines.items() if other != key))

    def _message(self, item: Listed, form: str, mask: str) -> dict[str, Any] | None:
        try:
            answer = self._wire.read(self._resource.get(userId="me", id=item.draft, format=form, fields=mask))
        except NotThere:
            return None
        message = answer.get("message")
        if not isinstance(message, dict):
            raise Unavailable("Gmail answers with something that is no draft")
        return message

    @property
    def _resource(self) -> Any:
        return self._wire.resource("users.drafts")


def listed(row: object) -> Listed | None:
    """Return the ids in a draft of the API, None if one of them is none."""
    message = row.get("message") if isinstance(row, dict) else None
    if not isinstance(row, dict) or not isinstance(message, dict):
        return None
    ids = (row.get("id"), message.get("id"), message.get("threadId"))
    if not all(map(is_id, ids)):
        return None
    draft, name, thread = map(str, ids)
    return Listed(draft=draft, message=name, thread=thread)


def _head(message: Mapping[str, Any]) -> Head:
    shown, size = read_shown(message), message.get("sizeEstimate")
    headers = shown.headers
    return Head(
        name=(message_id(headers) or "").partition("@")[0].lower(),
        at=shown.at,
        to=frozenset(box.address for box in mailboxes(headers.fields.get(b"to", []))),
        subject=clean(decoded(headers.first(b"subject")), SUBJECT_LIMIT).casefold(),
        answers=b"in-reply-to" in headers.fields,
        size=size if isinstance(size, int) else 0,
    )


def _bytes(raw: object) -> bytes:
    try:
        return base64.b64decode(str(raw) + "=" * (-len(str(raw)) % 4), altchars=b"-_")
    except (binascii.Error, ValueError):
        raise Unavailable("Gmail answers with something that is no draft") from None


def _keep(table: dict[str, Any], name: str, value: object) -> None:
    while len(table) >= KEPT:
        del table[next(iter(table))]
    table[name] = value
