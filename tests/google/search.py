"""Which messages does q= mean? A few operators; any other is refused so that no test rests on it."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime

from . import letters
from .answers import invalid
from .mailbox import Message

_HEADERS = {"from": ("from",), "to": ("to", "cc", "bcc"), "cc": ("cc",), "bcc": ("bcc",), "subject": ("subject",)}


def words(query: str) -> list[tuple[str, str]]:
    """Split *query* into operator and value. Raises Refused (400) for an operator that is not played."""
    try:
        pieces = shlex.split(query)
    except ValueError:
        pieces = query.split()
    found = []
    for piece in pieces:
        name, colon, value = piece.partition(":")
        if colon and name.lower() not in {*_HEADERS, "rfc822msgid", "in", "is", "label", "after", "before"}:
            raise invalid(f"The stand-in does not play the search operator {name[:20]!r}.", "q")
        found.append((name.lower(), value) if colon else ("", piece))
    return found


def matches(message: Message, query: list[tuple[str, str]]) -> bool:
    """Whether *message* is found by all words of *query*."""
    return all(_one(message, name, value) for name, value in query)


def _one(message: Message, name: str, value: str) -> bool:
    if name == "rfc822msgid":
        return message.message_id.strip("<>") == value.strip("<>")
    if name in _HEADERS:
        return any(value.casefold() in message.header(header).casefold() for header in _HEADERS[name])
    if name in {"in", "is", "label"}:
        return value.casefold() == "anywhere" or value.upper().rstrip("S") in {
            label.rstrip("S") for label in message.labels
        }
    if name in {"after", "before"}:
        return (message.at >= _epoch(value)) is (name == "after")
    text = " ".join([message.body, *(letters.decoded(text) for _, text in message.headers)])
    return value.casefold() in text.casefold()


def _epoch(value: str) -> int:
    """Read a search date: epoch seconds, or yyyy/mm/dd."""
    if value.isdecimal():
        return int(value) * 1000
    try:
        return int(datetime.strptime(value.replace("-", "/"), "%Y/%m/%d").replace(tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        raise invalid("The stand-in does not understand this date.", "q") from None
