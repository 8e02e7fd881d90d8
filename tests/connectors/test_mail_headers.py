"""Headers as they are found in the world are read for what they say, quickly, and never stop the rest."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors._mailboxes import mailboxes
from connectors._mime import read_headers, read_message
from connectors.maildir import MaildirSource
from connectors.records import Mailbox, Message

GOLDEN = Path(__file__).parents[1] / "data" / "mail"
NOW = datetime(2026, 2, 12, 8, tzinfo=UTC)
FILED = datetime(2026, 2, 12, 7, tzinfo=UTC).timestamp()
BOXES = ("to", "cc", "bcc")


def shown(message: Message) -> dict[str, Any]:
    """Return a record as the golden files write it."""
    return {
        **{name: getattr(message, name) for name in message.__slots__},
        "at": message.at and message.at.isoformat(),
        **{name: [[box.name, box.address] for box in getattr(message, name)] for name in BOXES},
    }


@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDEN.glob("*.eml")))
def test_golden_pairs(name: str, tmp_path: Path) -> None:
    """Each odd mail of tests/data/mail is read as the JSON beside it says; its file is an hour old."""
    expected = json.loads((GOLDEN / f"{name}.json").read_text())
    file = tmp_path / "Sent" / "cur" / "1.mail:2,S"
    file.parent.mkdir(parents=True)
    file.write_bytes((GOLDEN / f"{name}.eml").read_bytes())
    os.utime(file, (FILED, FILED))
    (message,) = MaildirSource("home", tmp_path, "Sent").pull(None, NOW).items
    assert isinstance(message, Message)
    found = shown(message)
    assert {key: found[key] for key in expected} == expected


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(
            b"To: " + b", ".join(b'"N %d" <p%d@example.org>' % (n, n) for n in range(10_000)), id="10,000 people"
        ),
        pytest.param(b"To: " + b"(" * 500_000, id="nested comments"),
        pytest.param(b"To: " + b'"' * 300_001, id="quotes"),
        pytest.param(b"To: " + b"<" * 300_000 + b"a@b.example>", id="brackets"),
        pytest.param(b'To: "' + b"\\" * 300_000, id="backslashes"),
        pytest.param(b"To: " + b"a:" * 300_000, id="groups"),
        pytest.param(b"Subject: " + b"=?utf-8?q?=41?= " * 25_000, id="350 KiB of encoded words"),
        pytest.param(b"Subject: " + b"=?utf-8?q?" * 50_000, id="encoded words that do not end"),
        pytest.param(b"References: " + b"<a@b> " * 100_000, id="100,000 references"),
        pytest.param(b"Date: " + b"1 " * 300_000, id="a long date"),
        pytest.param(b"Message-ID: <" + b"x" * 900_000 + b">", id="a long id"),
        pytest.param(b"To: a@b.example\n" * 60_000, id="a header again and again"),
        pytest.param(b"To:" + b"\n " * 400_000 + b"a@b.example", id="folded without end"),
    ],
)
def test_a_hostile_header_costs_little(header: bytes) -> None:
    """What once cost minutes or gigabytes is read in a moment (C18)."""
    begun = time.process_time()
    read_message(read_headers(header + b"\nFrom: me@example.com\n"), "home", "key", NOW)
    assert time.process_time() - begun < 2


def test_ten_thousand_recipients_are_all_read() -> None:
    """A list in To is cut only at a megabyte."""
    value = ", ".join(f"Name {number} <p{number}@example.org>" for number in range(10_000))
    assert len(mailboxes([value])) == 10_000


NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters='"\\@', exclude_categories=("C", "Z")), min_size=1, max_size=30
)


@given(st.lists(st.tuples(NAMES, st.from_regex(r"[a-z0-9]{1,10}@[a-z]{1,10}\.example", fullmatch=True)), max_size=8))
def test_quoted_names_never_add_or_hide_an_address(entries: list[tuple[str, str]]) -> None:
    """Whatever stands in a quoted name, the addresses are those in brackets, in order, each once."""
    value = ", ".join(f'"{name}" <{address}>' for name, address in entries)
    assert [box.address for box in mailboxes([value])] == list(dict.fromkeys(address for _, address in entries))


@given(st.text(max_size=200))
@example("=?utf-8?q?a@b.example,?= <c@d.example>")
def test_any_text_gives_addresses_or_nothing(text: str) -> None:
    """An address list is any text: what comes out is clean, and nothing raises."""
    for box in mailboxes([text]):
        assert isinstance(box, Mailbox)
        assert box.address.count("@") == 1
        assert not set(box.address) & set(' ,;:<>()[]\\"\r\n\0')
        assert "\n" not in box.name


@given(st.binary(max_size=300))
def test_any_bytes_are_headers(data: bytes) -> None:
    """Whatever the bytes, a record comes out."""
    message = read_message(read_headers(b"From: me@example.com\nSubject: " + data), "home", "key", None)
    assert "\n" not in message.subject
