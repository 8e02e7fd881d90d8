"""How does the demo's sent mail become a file? Letters, and their mbox form: headers, hardly any body."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime
from functools import cache

from daemon.demo.people import ALIAS, ME, ME_NAME, SURNAME_FIRST, Figure

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One sent mail. ``answers`` is the Message-ID it answers, ``root`` that of the thread's beginning."""

    at: datetime
    to: tuple[str, ...]
    """Header forms, by ``shown``."""
    subject: str
    cc: tuple[str, ...] = ()
    private: bool = False
    """From the private address."""
    ident: str = ""
    answers: str = ""
    root: str = ""
    more: tuple[tuple[str, str], ...] = ()
    """Further headers; one with the name of a usual header replaces it, empty takes it away."""
    body: str = ""


def shown(figure: Figure, *, bare: bool = False) -> str:
    """Return how ``figure`` stands in a To line: display name and address, or the address alone."""
    return figure.address if bare else mailbox(_written(figure), figure.address)


@cache
def mailbox(name: str, address: str) -> str:
    """Return the header form of a mailbox (RFC 5322; RFC 2047 where the name is not ASCII)."""
    return f"{_encoded(name)} <{address}>" if _plain(name) else f'"{name}" <{address}>'


def mbox_file(letters: Iterable[Letter]) -> bytes:
    """Return the mbox of ``letters``, the earliest first."""
    ordered = sorted(enumerate(letters), key=lambda pair: (pair[1].at, pair[0]))
    return b"".join(_entry(number, letter) for number, letter in ordered)


def own_id(number: int | str) -> str:
    """Return the Message-ID that Clara's mail program gives; the same ``number``, the same id."""
    return f"<{_digest(str(number))}@winter-consulting.example>"


def foreign_id(number: int | str, domain: str) -> str:
    """Return a Message-ID of somebody else's mail program."""
    return f"<{_digest(f'{domain} {number}')}.demo@{domain}>"


def _entry(number: int, letter: Letter) -> bytes:
    headers = {
        "From": mailbox(ME_NAME, ALIAS if letter.private else ME),
        "To": ",\n ".join(letter.to),
        "Cc": ",\n ".join(letter.cc),
        "Subject": _encoded(letter.subject),
        "Date": format_datetime(letter.at),
        "Message-ID": letter.ident or own_id(f"letter {number}"),
        "In-Reply-To": letter.answers,
        "References": "\n ".join(dict.fromkeys(filter(None, (letter.root, letter.answers)))),
        "MIME-Version": "1.0",
        **dict(letter.more),
    }
    lines = [f"{name}: {value}\n" for name, value in headers.items() if value]
    body = re.sub(r"(?m)^(?=>*From )", ">", letter.body)
    return f"{_from_line(letter.at)}{''.join(lines)}\n{body}\n".encode("ascii")


def _from_line(at: datetime) -> str:
    moment = at.astimezone(UTC)
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"From {ME} {day} {month} {moment.day:2d} {moment:%H:%M:%S} {moment.year}\n"


def _written(figure: Figure) -> str:
    if figure.address in SURNAME_FIRST:
        first, _, last = figure.name.partition(" ")
        return f"{last}, {first}"
    return figure.name


def _plain(name: str) -> bool:
    return not name.isascii() or all(part.isalnum() for part in name.split())


@cache
def _encoded(text: str) -> str:
    return text if text.isascii() else Header(text, "utf-8", maxlinelen=70).encode(linesep="\n")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]
