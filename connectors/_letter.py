"""How does a draft become the bytes of a mail, and is it that mail still?

Nothing from outside can add a header or a recipient: the text is cleaned, the mail is built with ``email``, written,
read again and compared header by header, whatever the version of Python (reliability 0.2, C8).

A draft with HTML says the same twice: as text, and as HTML in its place. Programs show and edit the HTML and make the
text anew of it, so as long as the HTML reads as it did, a text that says just what it says is nobody's edit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from email import message_from_bytes, policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.utils import format_datetime, getaddresses
from functools import lru_cache
from itertools import islice
from typing import Literal

from connectors._address import clean, fold
from connectors._mailboxes import decoded, mailboxes
from connectors._text import digest, name_of, paragraphs, plain
from connectors.records import HTML_LIMIT, Draft, Mailbox, Rejected

SUBJECT_LIMIT = 200
BODY_LIMIT = 64 * 1024
EXPECTED = frozenset(
    {"from", "to", "subject", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding"}
)
THREAD = frozenset({"in-reply-to", "references"})
CONTENT = frozenset({"content-type", "content-transfer-encoding"})
"""Headers of a part of a draft with HTML."""
BESIDE = "."
"""In a fingerprint, what parts the hash of the text from that of the HTML beside it."""
ERRORS = (ValueError, LookupError, TypeError, AttributeError, RecursionError, MessageError)
_ID = re.compile(r"(?!.*=\?)[!-;=?-~]{1,200}@[!-;=?-~]{1,50}")
_ENCODED = re.compile(r"=\?")
_SIGNATURE = re.compile(r"^--[ \t\xa0]*$", re.MULTILINE)
REMEMBERED = 32
"""Drafts whose reading is remembered; some three of Kith's stand at a time."""
SIGNATURE_LINES = 12
"""Lines at the end of a draft that are compared with those of others."""
_HIDDEN = re.compile(r"<!--.*?-->|<(head|style|script)\b[^<>]{0,2000}>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_BLOCK = re.compile(r"(?=<(?:p|div|pre|ul|ol|li|table|tr|blockquote|h[1-6])\b)", re.IGNORECASE)


def write_letter(draft: Draft) -> bytes:
    """Return the mail (RFC 5322, LF). Raises Rejected if it would say anything but what ``draft`` says."""
    try:
        letter = _built(draft).as_bytes(policy=policy.default.clone(max_line_length=78, linesep="\n"))
        letter = letter.replace(b"\n\n", _thread(draft) + b"\n\n", 1)
    except ERRORS as error:
        raise Rejected("the draft cannot be written as a mail") from error
    check_letter(letter, draft)
    return letter


def _built(draft: Draft) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = _address(draft.sender)
    letter["To"] = tuple(map(_address, draft.recipients))
    letter["Subject"] = _harmless(clean(draft.subject, SUBJECT_LIMIT))
    letter["Date"] = format_datetime(draft.at)
    letter["Message-ID"] = f"<{name_of(draft.key)}@{draft.sender.address.rpartition('@')[2]}>"
    if draft.html:
        _put_both(letter, draft)
        return letter
    text = paragraphs(draft.body)[:BODY_LIMIT]
    letter.set_content(text, charset="utf-8", cte="7bit" if _seven_bit(text) else "quoted-printable")
    return letter


def _put_both(letter: EmailMessage, draft: Draft) -> None:
    """Put text and HTML into ``letter``, the same bytes each time. In quoted ones there is no ``=`` of theirs, so none
    has a line that looks like what parts them."""
    if len(draft.html.encode()) > HTML_LIMIT:
        raise ValueError("too much HTML")
    text, html = _both(draft)
    letter.set_content(text, charset="utf-8", cte="quoted-printable")
    letter.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
    letter.set_boundary(f"=_{name_of(draft.key)}")
    for part in letter.iter_parts():
        del part["MIME-Version"]


def _both(draft: Draft) -> tuple[str, str]:
    text, html = (paragraphs(said).rstrip("\n") for said in (draft.body, draft.html))
    return f"{text[:BODY_LIMIT]}\n", f"{html}\n"


def _thread(draft: Draft) -> bytes:
    """Return the headers of an answer. ``email`` would write an id longer than a line as encoded words, which nobody
    reads as an id."""
    if draft.in_reply_to is None or not _ID.fullmatch(draft.in_reply_to):
        return b""
    ids = dict.fromkeys((*filter(_ID.fullmatch, draft.references), draft.in_reply_to))
    references = "\n ".join(f"<{name}>" for name in ids)
    return f"\nIn-Reply-To: <{draft.in_reply_to}>\nReferences: {references}".encode("ascii")


def _address(mailbox: Mailbox) -> Address:
    if fold(mailbox.address) != mailbox.address or not mailbox.address.isascii():
        raise ValueError("not an address a mail can be written to")
    return Address(display_name=_harmless(clean(mailbox.name)), addr_spec=mailbox.address)


def _harmless(text: str) -> str:
    """Break what could be read as an encoded word: our text is never one."""
    return _ENCODED.sub("= ?", text)


def _seven_bit(text: str) -> bool:
    return text.isascii() and all(len(line) < 900 for line in text.split("\n"))


def check_letter(letter: bytes, draft: Draft) -> None:
    """Read ``letter`` again, twice. Raises Rejected unless it has our headers, once each, our recipients, and of a
    draft with HTML both texts and nothing else."""
    expected = EXPECTED | (THREAD if answers(letter) else frozenset())
    expected -= {"content-transfer-encoding"} if draft.html else frozenset()
    for rules in (policy.compat32, policy.default):
        try:
            read = message_from_bytes(letter, policy=rules)
            names = [name.lower() for name in read.keys()]  # noqa: SIM118 - a message yields headers twice if repeated
            to = str(read["To"])
            recipients = [address for _, address in getaddresses([to])]
            sender = [address for _, address in getaddresses([str(read["From"])])]
            whole = not draft.html or _parts(read) == [*zip(("text/plain", "text/html"), _both(draft), strict=True)]
        except ERRORS as error:
            raise Rejected("the draft could not be read again as it was meant") from error
        wanted = [box.address for box in draft.recipients]
        if sorted(names) != sorted(expected) or recipients != wanted or sender != [draft.sender.address] or not whole:
            raise Rejected("the draft would not say what it was meant to say")


def _parts(read: Message) -> list[tuple[str, str]]:
    """Return the types and texts of the parts of a mail; what is no plain alternative of texts has none."""
    if read.get_content_type() != "multipart/alternative" or not read.is_multipart() or read.defects:
        return []
    parts = [part for part in read.get_payload() if isinstance(part, Message)]
    names = {name.lower() for part in parts for name in part.keys()}  # noqa: SIM118 - as above
    return [(part.get_content_type(), _said(part)) for part in parts] if names == CONTENT else []


def _said(part: Message) -> str:
    raw = part.get_payload(decode=True)
    return raw.decode() if isinstance(raw, bytes) and part.get_content_charset() == "utf-8" else ""


def answers(letter: bytes) -> bool:
    """Tell whether ``letter`` is an answer by its headers."""
    return b"\nIn-Reply-To:" in letter.partition(b"\n\n")[0]


# -- reading it back ---------------------------------------------------------------------------------------------------


def letter_of(data: bytes) -> Letter:
    """Return the draft of these bytes; drafts of usual size are remembered from look to look."""
    return _remembered(data) if len(data) <= BODY_LIMIT else Letter(data)


class Letter:
    """A draft as it stands in the folder now."""

    def __init__(self, data: bytes) -> None:
        """Read the bytes of a mail; what cannot be read is empty."""
        read = message_from_bytes(data, policy=policy.compat32)
        self.sender = _addresses(str(read.get("From", "")))
        self.to = _addresses(",".join(str(value) for name in ("To", "Cc", "Bcc") for value in read.get_all(name, [])))
        self.subject = " ".join(decoded(str(read.get("Subject", "")).replace("\n", "")).split())
        kinds = [part.get_content_type() for part in read.walk() if not part.is_multipart()]
        self.body = _body(data)
        """The text; where there is none, what the HTML shows."""
        self.has_text = "text/plain" in kinds
        self.shown = _body(data, ("html",)) if "text/html" in kinds else None
        """What the HTML shows, None without one."""
        self.attached = any(part.get_content_disposition() == "attachment" for part in read.walk())
        """Something is attached: no program does that by itself."""
        self.embedded = not set(kinds) <= {"text/plain", "text/html"} or len(kinds) > 2
        """There is more in it than a text and the HTML beside it."""

    def fingerprint(self) -> str:
        """Return the hash of sender, recipients, subject and text, and of the HTML where it stands beside a text."""
        text = self._digest(self.body)
        beside = self.shown if self.has_text else None
        return text if beside is None else f"{text}{BESIDE}{self._digest_shown(beside)}"

    @property
    def lines(self) -> frozenset[str]:
        """The lines of the text, spaces folded."""
        return frozenset(filter(None, map(_folded, self.body.split("\n"))))

    def says(self, fingerprint: str, others: Callable[[], Container[str]] = tuple) -> bool:
        """Tell whether this is still the draft of ``fingerprint``; a signature behind it is no edit (ruling C41).

        A signature begins with "-- ", or each of its lines is one of ``others``: lines of other drafts of ours. Of one
        with HTML, the HTML decides as long as there is one; a text beside it may be as it was, or made of it.
        """
        if self.attached:
            return False
        text, _, shown = fingerprint.partition(BESIDE)
        as_text = any(self._digest(said) == text for said in _unsigned(self.body, others))
        if not shown or self.shown is None:
            return as_text
        as_html = any(self._digest_shown(said) == shown for said in _unsigned(self.shown, others))
        return as_html and not self.embedded and (as_text or _letters(self.body) == _letters(self.shown))

    def _digest(self, body: str) -> str:
        return digest(self.sender, self.to, self.subject, body)

    def _digest_shown(self, shown: str) -> str:
        """Return the hash of what an HTML shows; where a program breaks its lines, or puts spaces, says nothing."""
        return self._digest("".join(shown.split()))


def _unsigned(text: str, others: Callable[[], Container[str]]) -> Iterator[str]:
    """Yield ``text``, and what it is without a signature below it, as far as there may be one; ``others`` is asked
    last."""
    yield text
    yield from (text[: found.start()] for found in islice(_SIGNATURE.finditer(text), 3))
    lines, known = text.split("\n"), others()
    for _ in range(SIGNATURE_LINES):
        while lines and not _folded(lines[-1]):
            lines.pop()
        if not lines or _folded(lines.pop()) not in known:
            return
        yield "\n".join(lines)


_remembered = lru_cache(maxsize=REMEMBERED)(Letter)


def _addresses(value: str) -> str:
    return ",".join(mailbox.address for mailbox in mailboxes([value.replace("\n", "")]))


def _folded(line: str) -> str:
    return " ".join(line.split())


def _letters(text: str) -> str:
    """Return letters and digits alone: what a program keeps when it makes a text of an HTML."""
    return "".join(filter(str.isalnum, text))


def _body(data: bytes, kinds: tuple[Literal["plain", "html"], ...] = ("plain", "html")) -> str:
    """Return the text of a mail: its first text part of ``kinds``, tags stripped, blocks of HTML on lines of their
    own."""
    try:
        read = message_from_bytes(data, policy=policy.default)
        part = read.get_body(preferencelist=kinds)
        if part is None:
            return ""
        text = str(part.get_content())
        if part.get_content_subtype() == "html":
            text = _BLOCK.sub("\n", _HIDDEN.sub("", text))
        return plain(text).rstrip()
    except ERRORS:
        return ""
