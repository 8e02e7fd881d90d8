"""Reads an mbox of sent mail into records with the standard library only, independently of the connectors."""

from __future__ import annotations

import hashlib
import mailbox
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import Message as Mail
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path

from connectors.records import Mailbox, Message


def messages(path: Path) -> dict[str, Message]:
    """Return the mails of an mbox by key; the same mail twice is one, a reused Message-ID two."""
    found: dict[str, Message] = {}
    box = mailbox.mbox(path, create=False)
    try:
        for mail in box:
            message = _message(mail)
            held = found.get(message.key)
            if held is not None and (held.at, held.to, held.subject) != (message.at, message.to, message.subject):
                message = _message(mail, again=True)
            found[message.key] = message
    finally:
        box.close()
    return found


def _message(mail: Mail, *, again: bool = False) -> Message:
    ids = re.findall(r"<([^<>\s]+)>", str(mail["Message-ID"] or ""))
    references = re.findall(r"<([^<>\s]+)>", str(mail["References"] or ""))
    answered = re.findall(r"<([^<>\s]+)>", str(mail["In-Reply-To"] or ""))
    mark = hashlib.sha256("|".join(str(mail[name]) for name in ("From", "Date", "To", "Subject")).encode()).hexdigest()
    key = ids[0] if ids else mark
    return Message(
        key=f"{key}#{mark[:12]}" if again else key,
        account="archive",
        at=_time(mail),
        message_id=ids[0] if ids else None,
        sender=next(_boxes(mail, "From"), None),
        to=tuple(_boxes(mail, "To")),
        cc=tuple(_boxes(mail, "Cc")),
        bcc=tuple(_boxes(mail, "Bcc")),
        subject=_text(mail["Subject"]),
        in_reply_to=answered[0] if answered else None,
        root=references[0] if references else (answered[0] if answered else None),
    )


def _boxes(mail: Mail, header: str) -> Iterator[Mailbox]:
    for name, address in getaddresses([_text(value) for value in mail.get_all(header, [])]):
        if "@" in address:
            yield Mailbox(address=address.lower(), name=name)


def _time(mail: Mail) -> datetime | None:
    for text in (mail["Date"], " ".join(str(mail.get_unixfrom()).split()[2:])):
        try:
            at = parsedate_to_datetime(str(text))
        except ValueError:
            continue
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return None


def _text(value: object) -> str:
    try:
        return " ".join(str(make_header(decode_header(str(value or "")))).split())
    except (UnicodeError, LookupError, ValueError):
        return str(value)
