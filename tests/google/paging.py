"""Which page of a listing of mail? Page tokens name a place in it and the request that they belong to."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterable
from itertools import islice

from . import search
from .accounts import Context
from .answers import invalid
from .checking import Call
from .mailbox import Message


def searched(found: Iterable[Message], call: Call, context: Context) -> Iterable[Message]:
    """Give those of *found* that the request's q= finds."""
    query = search.words(call.get("q", ""))
    if not query:
        return found
    latest = (context.now - context.switches.search_lag).timestamp() * 1000
    return (message for message in found if message.at <= latest and search.matches(message, query))


def page_of(found: Iterable[Message], call: Call) -> tuple[list[Message], str]:
    """Give one page of *found* and the token of the next, or ''."""
    size = call.get("maxResults", 100)
    page = list(islice(found, size + 1))
    if len(page) <= size:
        return page, ""
    page.pop()
    return page, token_at(f"{page[-1].at}.{page[-1].id}", call)


def token_at(where: str, call: Call) -> str:
    """Give a page token for a place in the listing that *call* asks for."""
    return base64.urlsafe_b64encode(f"{where}|{_seal(call)}".encode()).decode().rstrip("=")


def _seal(call: Call) -> str:
    """Name the request that a page token belongs to."""
    return f"{zlib.crc32(repr((call.method.id, call.signature)).encode()):08x}"


def unpacked(call: Call) -> str:
    """Give the place in a page token. Raises Refused (400) if it was not given out for the same request."""
    text = call.get("pageToken", "")
    try:
        where, _, check = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition("|")
    except (binascii.Error, UnicodeDecodeError):
        raise invalid("Invalid pageToken", "pageToken") from None
    if text and check != _seal(call):
        raise invalid("Invalid pageToken", "pageToken")
    return where


def place(call: Call) -> tuple[int, str] | None:
    """Give the place in the order of messages from below which the page goes on."""
    at, _, name = unpacked(call).partition(".")
    return (int(at), name) if at else None
