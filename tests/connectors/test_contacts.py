"""What do exported address books say? Golden files: the export as it comes, and beside it what is read of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import contacts
from connectors.contacts import Book, read_contacts
from connectors.records import BadData

FOLDER = Path(__file__).parent.parent / "data" / "contacts"
GOLDEN = sorted(path for path in FOLDER.iterdir() if path.suffix != ".json")


def shown(book: Book) -> dict[str, Any]:
    found = [asdict(contact) for contact in book.contacts]
    for row in found:
        row["saved"] = None if row["saved"] is None else row["saved"].isoformat()
        row["addresses"] = list(row["addresses"])
    return {"kind": book.kind, "contacts": found, "skipped": [[item.where, item.why] for item in book.skipped]}


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_a_golden_file(path: Path) -> None:
    """The file is read as written beside it: names, addresses, work, day; what is left out by line and reason."""
    assert shown(read_contacts(path)) == json.loads(Path(f"{path}.json").read_text("utf-8"))


def read(data: bytes) -> Book:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(data)
        return read_contacts(path)


@pytest.mark.parametrize("data", [b"", b"hello", b"\x00" * 1000, b"a,b\n1,2\n", b'"' * 100_000, b"\xff\xfe\x00"])
def test_what_is_no_address_book_is_refused(data: bytes) -> None:
    """A file of another kind is bad data as a whole, and no error of ours."""
    with pytest.raises(BadData):
        read(data)


def test_a_file_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more is read of a file than its bound."""
    monkeypatch.setattr(contacts, "FILE_LIMIT", 100)
    with pytest.raises(BadData):
        read(b"BEGIN:VCARD\nFN:Ada\nEND:VCARD\n" * 10)


def test_more_than_the_bound_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first so many are read; that there are more is told by the line."""
    monkeypatch.setattr(contacts, "CONTACT_LIMIT", 2)
    book = read(b"BEGIN:VCARD\nFN:Ada Lovelace\nEND:VCARD\n" * 4)
    assert len(book.contacts) == 2
    assert [item.where for item in book.skipped] == ["line 7"]


def test_hostile_values_stay_small() -> None:
    """A picture, an endless line, thousands of properties and of addresses: the name is read, the rest is bounded."""
    picture = b"PHOTO:" + b"A" * 3_000_000 + b"\n"
    folded = b"NOTE:x\n" + b" yyyyyyyyyyyyyyyyyyyy\n" * 100_000
    many = b"".join(b"EMAIL:a%d@x.example\n" % number for number in range(400))
    row = b"BEGIN:VCARD\nFN:" + b"Ada " * 50 + b"Lovelace\nN:L;A" + b";x" * 5000 + b"\n"
    (contact,) = read(row + picture + folded + many + b"END:VCARD\n").contacts
    assert contact.name == "A L"
    assert len(contact.addresses) == contacts.ADDRESSES
    endless = b"First Name,Last Name\n" + b'"Ada' + b"x" * 500_000 + b"\nBen,Fischer\n"
    assert read(endless).skipped


PIECES = (
    """BEGIN:VCARD END:VCARD FN: N: EMAIL ; : \\ = " , REV: 2027 ENCODING=QUOTED-PRINTABLE CHARSET=x Ada @x.example é"""
)
pieces = st.sampled_from([*PIECES.split(), "\n", " ", "\t", "\x00", "\u202e", "First Name,Last Name"])


@given(st.sampled_from(["BEGIN:VCARD\n", "First Name,Last Name,Connected On\n"]), st.lists(pieces, max_size=60))
def test_nothing_ends_the_import(first: str, parts: list[str]) -> None:
    """Whatever stands in the file, reading it ends well, and what comes of it is clean."""
    book = read((first + "".join(parts)).encode())
    for contact in book.contacts:
        assert contact.name
        assert contact.name.isprintable()
        assert len(contact.name) <= 401
