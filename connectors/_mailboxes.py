"""Who stands in an address list? One pass over its tokens, whatever is nested in it.

The standard library's parser recurses into comments and joins what it should not (reliability C9, C18). Encoded words
are decoded last, so that nothing inside them can act as a comma or a bracket.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header
from functools import lru_cache

from connectors._address import clean, fold
from connectors.records import Mailbox

VALUE_LIMIT = 16 * 1024
RECIPIENT_LIMIT = 20_000

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|<[^<>]*>|\\.|[()",:;<>]|[^"<>\\(),:;]+', re.DOTALL)
_WORDS = re.compile(r"=\?[^?\s]{1,60}\?[bBqQ]\?[^?\s]*\?=")
_GAP = re.compile(r"(\?=)[ \t\r\n]+(=\?)")


def decoded(text: str) -> str:
    """Return ``text`` with its encoded words decoded; one that cannot be stays as it is written."""
    if "=?" not in text:
        return text
    return _WORDS.sub(_decoded_word, _GAP.sub(r"\1\2", text[:VALUE_LIMIT]))


def _decoded_word(word: re.Match[str]) -> str:
    try:
        return "".join(
            part.decode(charset or "ascii", "replace") if isinstance(part, bytes) else part
            for part, charset in decode_header(word[0])
        )
    except (LookupError, ValueError, MessageError):
        return word[0]


def mailboxes(values: list[str]) -> tuple[Mailbox, ...]:
    """Return the mailboxes of address lists, each address once; groups are opened, what is no address is dropped."""
    found: dict[str, Mailbox] = {}
    for value in values:
        for name, address in _entries(value):
            mailbox = _mailbox(name[:VALUE_LIMIT], address[:VALUE_LIMIT])
            if mailbox is None:
                continue
            found.setdefault(mailbox.address, mailbox)
            if len(found) >= RECIPIENT_LIMIT:
                return tuple(found.values())
    return tuple(found.values())


@lru_cache(maxsize=4096)
def _mailbox(name: str, address: str) -> Mailbox | None:
    folded = fold(address)
    if folded is None:
        return None
    shown = clean(decoded(name))
    return Mailbox(address=folded, name="" if "@" in shown else shown)


def _entries(value: str) -> Iterator[tuple[str, str]]:
    """Yield (name, address) of each entry of an address list (RFC 5322 3.4), in one pass."""
    words: list[str] = []
    comment: list[str] = []
    address: str | None = None
    depth = 0
    for part in _parts(value):
        if part == "(" or (part == ")" and depth):
            depth += 1 if part == "(" else -1
        elif depth:
            comment.append(part)
        elif part in {",", ";", ":"}:
            if part != ":":
                yield _entry(words, comment, address)
            words, comment, address = [], [], None
        elif part[0] == "<" and len(part) > 1:
            inner = part[1:-1]
            address = address or (inner.rpartition(":")[2] if inner.startswith("@") else inner)
        else:
            words.append(_unquoted(part))
    yield _entry(words, comment, address)


def _parts(value: str) -> Iterator[str]:
    for found in _TOKEN.finditer(value):
        yield found[0]


def _unquoted(part: str) -> str:
    if part[0] == '"' and len(part) > 1:
        return re.sub(r"\\(.)", r"\1", part[1:-1])
    return part


def _entry(words: list[str], comment: list[str], address: str | None) -> tuple[str, str]:
    text = "".join(words).strip()
    if address is not None:
        return text or "".join(comment).strip(), address
    return "".join(comment).strip(), text
