"""Who stands in an exported address book? vCard files (.vcf), and LinkedIn's Connections.csv.

Read once, when the user asks. A file is bounded in size and number; one entry that cannot be read never ends the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, TypeAlias

from connectors import files
from connectors.records import BadData, Skipped

FILE_LIMIT = 64 << 20
CONTACT_LIMIT = 20_000
ADDRESSES = 10
Kind: TypeAlias = Literal["vcard", "connections"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One entry: a name, folded addresses, a page of theirs, what they do; ``saved`` is the day it was made."""

    where: str
    name: str
    addresses: tuple[str, ...] = ()
    profile: str = ""
    note: str = ""
    saved: date | None = None
    """A date, or an aware datetime."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """What a file held, and what of it could not be read."""

    kind: Kind
    contacts: tuple[Contact, ...]
    skipped: tuple[Skipped, ...] = ()


def read_contacts(path: Path) -> Book:
    """Read the file at ``path``. Raises BadData if it is neither form or too large, OSError if it cannot be read."""
    from connectors import _connections, _vcard

    try:
        text = decoded(files.read_bounded(path, FILE_LIMIT))
    except files.TooLarge:
        raise BadData(f"is larger than {FILE_LIMIT >> 20} MiB") from None
    kind: Kind = "vcard" if text[:1000].lstrip().upper().startswith("BEGIN:VCARD") else "connections"
    entries = _vcard.entries(text) if kind == "vcard" else _connections.entries(text)
    contacts: list[Contact] = []
    skipped: list[Skipped] = []
    for entry in entries:
        if len(contacts) >= CONTACT_LIMIT:
            skipped.append(Skipped(where=entry.where, why=f"is beyond the first {CONTACT_LIMIT}: the rest is left out"))
            break
        if isinstance(entry, Skipped):
            skipped.append(entry)
        else:
            contacts.append(entry)
    return Book(kind=kind, contacts=tuple(contacts), skipped=tuple(skipped))


def decoded(data: bytes) -> str:
    """Return ``data`` as text: UTF-8, with or without its mark, UTF-16 with one, else Windows-1252."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
