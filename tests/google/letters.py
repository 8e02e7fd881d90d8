"""What stands in a mail? Bytes to headers and text, and back."""

from __future__ import annotations

import email
import email.policy
import html
import re
from collections.abc import Iterable
from email.errors import MessageError
from email.header import Header as Encoded
from email.header import decode_header, make_header
from email.utils import formataddr, getaddresses

Headers = tuple[tuple[str, str], ...]
ADDRESSES = frozenset({"from", "to", "cc", "bcc", "reply-to", "sender"})
_FOLD = re.compile(r"\r?\n[ \t]*")
_ADDRESS = re.compile(r"[^@\s<>,;:\"()]+@[^@\s<>,;:\"()]+")


def value(headers: Headers, name: str) -> str:
    """Give the first value of header *name*, or ''."""
    return next((text for head, text in headers if head.lower() == name), "")


def parse(raw: bytes) -> tuple[Headers, str]:
    """Read headers as they stand, unfolded, and the plain text; raw bytes beyond ASCII come out garbled, as there."""
    head, gap, _ = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    parsed = email.message_from_string(head.decode("latin-1"), policy=email.policy.compat32)
    headers = tuple((name, _FOLD.sub(" ", str(text)).strip()) for name, text in parsed.raw_items())
    return headers, _text(raw) if gap else ""


def _text(raw: bytes) -> str:
    whole = email.message_from_bytes(raw, policy=email.policy.default)
    part = whole.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    try:
        return str(part.get_content()).replace("\r\n", "\n")
    except (LookupError, ValueError, MessageError):
        return ""


def decoded(text: str) -> str:
    """Decode the RFC 2047 words in a header value; what cannot be decoded stays."""
    if "=?" not in text:
        return text
    try:
        return str(make_header(decode_header(text)))
    except (LookupError, ValueError, MessageError):
        return text


def encoded(name: str, text: str) -> str:
    """Encode a header value in RFC 2047 words where it is beyond ASCII; addresses stay readable."""
    if text.isascii():
        return text
    if name.lower() in ADDRESSES:
        return ", ".join(formataddr(pair) for pair in getaddresses([text]))
    return _FOLD.sub(" ", Encoded(text, "utf-8").encode())


def compose(headers: Headers, body: str) -> bytes:
    """Give the whole mail as bytes."""
    own = [(name, encoded(name, text)) for name, text in headers]
    if not value(headers, "content-type"):
        own += [
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ]
    head = "".join(f"{name}: {text}\r\n" for name, text in own)
    return head.encode("ascii", "replace") + b"\r\n" + body.replace("\r\n", "\n").replace("\n", "\r\n").encode()


def saved_again(raw: bytes, headers: Headers, body: str | None = None) -> bytes:
    """Give a mail that has HTML under other *headers*; with another *body* both of its texts are made of that, as the
    editor does. Of a mail without HTML there is nothing to give: it is composed."""
    if b"multipart/alternative" not in raw:
        return b""
    whole = email.message_from_bytes(raw, policy=email.policy.default)
    if body is not None:
        shown = html.escape(body).replace("\n", "<br>\n")
        for kind, text in (("plain", body), ("html", f'<div dir="ltr">{shown}</div>')):
            part = whole.get_body(preferencelist=(kind,))
            if part is not None:
                part.set_content(text, subtype=kind, cte="base64")
    for name, text in headers:
        if name.lower() not in {"content-type", "mime-version"}:
            del whole[name]
            whole[name] = decoded(text)
    return whole.as_bytes(policy=whole.policy.clone(linesep="\r\n"))


def addresses(text: str) -> list[str]:
    """Give the addresses in a header value."""
    return [address for _, address in getaddresses([text]) if address]


def deliverable(text: str) -> bool:
    """Whether every address in a header value is one that Gmail takes."""
    return all(_ADDRESS.fullmatch(address) for address in addresses(text)) and bool(addresses(text) or not text.strip())


def base_subject(text: str) -> str:
    """Give the subject without Re and Fwd, as Gmail compares it for threads."""
    return (
        re.sub(r"^((re|aw|fwd?|wg|sv|antw)\s*:\s*)+", "", decoded(text).strip(), flags=re.IGNORECASE).strip().casefold()
    )


def named_ids(headers: Headers) -> list[str]:
    """Give the Message-IDs that In-Reply-To and References name."""
    return re.findall(r"<[^<>\s]+>", value(headers, "in-reply-to") + " " + value(headers, "references"))


def replaced(headers: Headers, changes: Iterable[tuple[str, str]]) -> Headers:
    """Give *headers* with each of *changes* in place of the header of that name; an empty value takes it away."""
    for name, text in changes:
        kept = [pair for pair in headers if pair[0].lower() != name.lower()]
        spot = next((n for n, pair in enumerate(headers) if pair[0].lower() == name.lower()), len(kept))
        put = ((name, text),) if text else ()
        headers = (*kept[:spot], *put, *kept[spot:])
    return headers
