"""What does Gmail list? Ids only: of sent mail newest first, and of what came since a historyId."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from connectors._address import fold
from connectors._google.mail_letters import is_id

if TYPE_CHECKING:
    from connectors._google.wire import Wire

CHANGES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Ids in their order, the token of the next page ("" after the last), and for the history its historyId."""

    names: tuple[str, ...]
    token: str
    history: str = ""


@dataclass(frozen=True)
class Pages:
    """Lists the mail of one account; ``received``: the history tells what was received, too."""

    wire: Wire
    received: bool

    def history_id(self) -> str:
        """Return the historyId of now. Raises what a read raises."""
        return self.profile()[0]

    def profile(self) -> tuple[str, str]:
        """Return the historyId of now, and a digest of whose mailbox it is. Raises what a read raises."""
        answer = self.wire.read(self.wire.resource("users").getProfile(userId="me", fields="emailAddress,historyId"))
        address = fold(str(answer.get("emailAddress", "")))
        return _number(answer.get("historyId")) or "1", sha256(address.encode()).hexdigest()[:16] if address else ""

    def of_sent(self, token: str, size: int) -> Page:
        """Return a page of the sent mails; one without anything in it ends a scan, so it is asked for twice."""
        answer = self._of_sent(token, size)
        if not answer.get("messages") and not answer.get("nextPageToken"):
            answer = self._of_sent(token, size)
        names = tuple(row["id"] for row in _rows(answer, "messages") if is_id(row.get("id")))
        return Page(names=names, token=_token(answer))

    def _of_sent(self, token: str, size: int) -> dict[str, Any]:
        request = self.wire.resource("users.messages").list(
            userId="me",
            labelIds="SENT",
            maxResults=size,
            pageToken=token or None,
            fields="messages/id,nextPageToken",
        )
        return self.wire.read(request)

    def of_history(self, start: str, token: str) -> Page:
        """Return a page of what came after the historyId ``start``; it may be empty and have others behind it."""
        request = self.wire.resource("users.history").list(
            userId="me",
            startHistoryId=start,
            historyTypes=["messageAdded", "labelAdded"],
            labelId=None if self.received else "SENT",
            maxResults=CHANGES,
            pageToken=token or None,
            fields="history(messagesAdded/message(id,labelIds),labelsAdded(message/id,labelIds)),historyId,nextPageToken",
        )
        answer = self.wire.read(request)
        names = tuple(dict.fromkeys(_added(answer)))
        return Page(names=names, token=_token(answer), history=_number(answer.get("historyId")) or start)


def _added(answer: Mapping[str, Any]) -> Iterator[str]:
    """Yield the ids of what was added, or was labelled as sent; of drafts none where the history tells that much."""
    for change in _rows(answer, "history"):
        for row in _rows(change, "messagesAdded"):
            message = row.get("message")
            if isinstance(message, dict) and is_id(message.get("id")) and "DRAFT" not in _labels(message):
                yield message["id"]
        for row in _rows(change, "labelsAdded"):
            message = row.get("message")
            if isinstance(message, dict) and is_id(message.get("id")) and "SENT" in _labels(row):
                yield message["id"]


def _rows(answer: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = answer.get(name)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def _labels(row: Mapping[str, Any]) -> list[Any]:
    found = row.get("labelIds")
    return found if isinstance(found, list) else []


def _token(answer: Mapping[str, Any]) -> str:
    found = answer.get("nextPageToken")
    return found if isinstance(found, str) and len(found) < 4096 else ""


def _number(value: object) -> str:
    return value if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 20 else ""
