"""What do the headers of one mail say? Bounded and never more than headers.

Values are cut before anything parses them (reliability C17, C18): a header of encoded words can cost gigabytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from hashlib import blake2b
from mmap import mmap

from connectors._address import clean
from connectors._mailboxes import VALUE_LIMIT, decoded, mailboxes
from connectors.records import Mailbox, Message

HEADER_LIMIT = 2 << 20
LIST_LIMIT = 1 << 20
SUBJECT_LIMIT = 500
ID_LIMIT = 250
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
TOLERANCE = timedelta(hours=36)
AHEAD = timedelta(days=1)

LISTS = frozenset({b"to", b"cc", b"bcc"})
READ = LISTS | frozenset(
    {
        *(b"from", b"date", b"subject", b"message-id", b"in-reply-to", b"references", b"x-gmail-labels"),
        *(b"auto-submitted", b"return-path", b"content-type", b"precedence", b"list-id", b"list-post"),
    }
)
BULK = frozenset({"bulk", "list", "junk"})
DAEMONS = ("mailer-daemon@", "postmaster@")
SENT_LABELS = frozenset(
    {
        *("sent", "sent mail", "sent messages", "gesendet", "gesendete nachrichten", "messages envoyés", "envoyés"),
        *("enviados", "enviadas", "enviado", "mensajes enviados", "mensagens enviadas", "inviata", "inviati"),
        *("posta inviata", "verzonden", "verzonden berichten", "skickat", "skickade", "sendt", "sendte", "lähetetyt"),
        *("wysłane", "odeslané", "odoslané", "elküldött", "trimise", "gönderilmiş", "gönderilmiş postalar"),
        *("отправленные", "надіслані", "απεσταλμένα", "送信済み", "送信済みメール", "已发送", "已发邮件", "寄件備份"),
        *("보낸편지함", "נשלח", "البريد المرسل", "भेजा गया"),
    }
)
DRAFT_LABELS = frozenset(
    {
        *("draft", "drafts", "entwurf", "entwürfe", "brouillon", "brouillons", "borrador", "borradores", "rascunho"),
        *("rascunhos", "bozza", "bozze", "concept", "concepten", "utkast", "kladde", "kladder", "luonnokset"),
        *("wersje robocze", "koncepty", "piszkozatok", "taslaklar", "черновики", "чернетки", "πρόχειρα", "下書き"),
        *("草稿", "임시보관함", "טיוטות", "المسودات"),
    }
)

_BLANK = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(
    rb"^(" + b"|".join(sorted(READ)) + rb")[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.MULTILINE | re.IGNORECASE
)
_ID = re.compile(r"<\s*([^<>\s]{1,250})\s*>")


@dataclass(frozen=True, slots=True)
class Headers:
    """The headers of one mail that Kith reads, unfolded, undecoded: several where a field was repeated."""

    fields: dict[bytes, list[str]]
    cut: bool
    """A value was longer than its limit."""

    def first(self, name: bytes) -> str:
        """Return the first value of ``name``, "" if there is none."""
        values = self.fields.get(name)
        return values[0] if values else ""


def end_of_headers(data: bytes | mmap, start: int = 0) -> int:
    """Return where the blank line after the headers begins, -1 if it is not within 2 MiB of ``start``."""
    for size in (16 * 1024, 256 * 1024, HEADER_LIMIT):
        found = _BLANK.search(data[start : start + size])
        if found is not None:
            return start + found.start()
        if start + size >= len(data):
            break
    return -1


def read_headers(block: bytes) -> Headers:
    """Take the fields Kith reads out of a header block, each cut to its limit before anything parses it."""
    fields: dict[bytes, list[str]] = {}
    cut = False
    for found in _FIELD.finditer(block, 0, HEADER_LIMIT):
        name = found[1].lower()
        limit = LIST_LIMIT if name in LISTS else VALUE_LIMIT
        cut = cut or len(found[2]) > limit
        fields.setdefault(name, []).append(_eight_bit(found[2][:limit]))
    return Headers(fields, cut)


def _eight_bit(raw: bytes) -> str:
    """Return ``raw`` as UTF-8, else as Windows-1252, on one line."""
    try:
        value = raw.decode("utf-8")
    except UnicodeDecodeError:
        value = raw.decode("cp1252", "replace")
    return value.replace("\r", "").replace("\n", "").strip(" \t")


# -- one mail ----------------------------------------------------------------------------------------------------------


def read_message(headers: Headers, account: str, key: str, at: datetime | None) -> Message:
    """Return the record of one mail; ``key`` and ``at`` are decided by whoever knows the folder."""
    sender = next(iter(mailboxes(headers.fields.get(b"from", []))), None)
    reply = _first_id(headers.first(b"in-reply-to"))
    labels = {label.casefold() for label in _labels(headers)}
    return Message(
        key=key,
        account=account,
        at=at,
        message_id=message_id(headers),
        sender=sender,
        to=mailboxes(headers.fields.get(b"to", [])),
        cc=mailboxes(headers.fields.get(b"cc", [])),
        bcc=mailboxes(headers.fields.get(b"bcc", [])),
        subject=clean(decoded(headers.first(b"subject")), SUBJECT_LIMIT),
        in_reply_to=reply,
        root=_first_id(headers.first(b"references")) or reply,
        sent=not labels or bool(labels & SENT_LABELS),
        draft=bool(labels & DRAFT_LABELS),
        automatic=_automatic(headers, sender),
        bulk=_bulk(headers),
    )


def message_id(headers: Headers) -> str | None:
    """Return the Message-ID without brackets, None if there is none worth the name."""
    raw = headers.first(b"message-id")
    found = _first_id(raw)
    if found is None and raw and len(raw.split()) == 1:
        found = clean(raw, ID_LIMIT) or None
    return found


def identity(headers: Headers) -> str:
    """Return the hash of From, Date, To and Subject: what makes two mails of one Message-ID two (ruling T15)."""
    made = blake2b(digest_size=12)
    for name in (b"from", b"date", b"to", b"subject"):
        made.update(" ".join(" ".join(headers.fields.get(name, [])).split()).encode("utf-8", "replace"))
        made.update(b"\0")
    return made.hexdigest()


def key_of(headers: Headers, first: dict[str, str]) -> str:
    """Return the key of a mail: its Message-ID; the hash of what it is where that is absent; both where reused (T15).

    The first mail that bears an id keeps it: ``first`` remembers the mail of each id, and is added to.
    """
    name, what = message_id(headers), identity(headers)
    if name is None:
        return what
    return name if first.setdefault(name, what) == what else f"{name}#{what}"


def _first_id(text: str) -> str | None:
    found = _ID.search(text)
    return clean(found[1], ID_LIMIT) or None if found else None


def _labels(headers: Headers) -> list[str]:
    text = decoded(headers.first(b"x-gmail-labels"))
    return [label.strip().strip('"').strip() for label in text.split(",") if label.strip()]


def _automatic(headers: Headers, sender: Mailbox | None) -> bool:
    submitted = headers.first(b"auto-submitted").split(";")[0].strip().lower()
    content = headers.first(b"content-type").lower().replace(" ", "")
    return (
        submitted not in {"", "no"}
        or headers.first(b"return-path").strip() == "<>"
        or (sender is not None and sender.address.startswith(DAEMONS))
        or content.startswith("multipart/report")
        or (content.startswith("text/calendar") and "method=reply" in content)
        or headers.first(b"precedence").strip().lower() == "auto_reply"
    )


def _bulk(headers: Headers) -> bool:
    listed = b"list-id" in headers.fields or b"list-post" in headers.fields
    return listed or headers.first(b"precedence").strip().lower() in BULK


# -- dates -------------------------------------------------------------------------------------------------------------


def date_of(text: str) -> datetime | None:
    """Return the instant of a Date header (RFC 5322 or as ``asctime`` has it); without a zone it is UTC (M1)."""
    try:
        parts = parsedate_tz(text[:200])
        if parts is None:
            return None
        zone = timezone(timedelta(seconds=parts[9] or 0))
        second = min(parts[5], 59)
        return datetime(*parts[:5], second, tzinfo=zone).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def believable(when: datetime | None, now: datetime) -> datetime | None:
    """Return ``when`` unless it lies before 1990 or more than a day ahead (ruling P30)."""
    return when if when is not None and EARLIEST <= when <= now + AHEAD else None


def time_of(headers: Headers, received: datetime | None, tolerance: timedelta, now: datetime) -> datetime | None:
    """Return the Date when it lies within ``tolerance`` of ``received``, else ``received``; None without either (P30).

    What cannot be believed does not count as either.
    """
    date, received = believable(date_of(headers.first(b"date")), now), believable(received, now)
    if date is None or received is None:
        return date or received
    return date if abs(date - received) <= tolerance else received
