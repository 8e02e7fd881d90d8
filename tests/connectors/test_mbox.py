"""An mbox is read in pieces, as it grows, each mail once."""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import mbox
from connectors.mbox import Mbox, MboxSource
from connectors.records import BadData, ConnectorError, Message, Unavailable
from tests.connectors.contracts import NOW, SourceContract, everything

LINE = "From me@example.com Tue Feb 10 12:30:00 2026"


def mail(number: int, *more: str, line: str = LINE, body: str = "text\n") -> str:
    headers = (f"Message-ID: <{number}@example.com>", "Date: Tue, 10 Feb 2026 12:30:00 +0100", "From: me@example.com")
    return "\n".join((line, *headers, f"To: p{number}@example.org", *more, "", body, ""))


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes], MboxSource]:
    """Write the mbox, again if need be, and open it as a new process would."""
    path = tmp_path / "Sent.mbox"
    clock = count(1)

    def written(text: str | bytes) -> MboxSource:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        os.utime(path, ns=(0, next(clock) * 10**9))
        source = Mbox(path=path).open_source("archive", "UTC")
        assert isinstance(source, MboxSource)
        return source

    return written


class TestMboxSource(SourceContract):
    @pytest.fixture(autouse=True)
    def _file(self, tmp_path: Path) -> None:
        self.path = tmp_path / "Sent.mbox"
        self.path.write_text(
            mail(1) + mail(2) + mail(2, "Cc: c@example.org", "Subject: another mail of this id") + mail(3)
        )

    def opened(self) -> MboxSource:
        return MboxSource("archive", self.path)


@pytest.mark.parametrize(
    "line",
    [
        "From me@example.com Tue Feb 10 12:30:00 2026",
        "From 1234567890@xxx Tue Feb 10 12:30:00 +0000 2026",
        "From - Tue Feb 10 12:30:00 2026",
        "From me at example.com  Tue Feb 10 12:30:00 2026",
        "From me@example.com Tue, 10 Feb 2026 12:30:00 -0600",
        "From me@example.com Tue Feb 10 12:30 CET 2026",
        "From ",
        "From -",
    ],
)
def test_from_lines_of_many_programs(write: Callable[[str], MboxSource], line: str) -> None:
    """Each way to begin a message is understood."""
    items, _ = everything(write(mail(1, line=line) + mail(2, line=line)))
    assert [item.key for item in items] == ["1@example.com", "2@example.com"]


@pytest.mark.parametrize(
    "body",
    [
        "From here on it gets easier.\n",
        "\nFrom what I heard on Tuesday at 12:30 in 2026\n",
        "\n>From me@example.com Tue Feb 10 12:30:00 2026\nSubject: quoted\n",
        "text\nFrom me@example.com Tue Feb 10 12:30:00 2026\nno blank line before\n",
        "\nFrom \nno header behind\n",
    ],
)
def test_a_sentence_that_begins_with_from_begins_no_mail(write: Callable[[str], MboxSource], body: str) -> None:
    """Only a From_ line after a blank one begins a message."""
    pull = write(mail(1, body=body) + mail(2)).pull(None, NOW)
    assert [item.key for item in pull.items] == ["1@example.com", "2@example.com"]
    assert (pull.skipped, pull.listed) == ((), 2)


@pytest.mark.parametrize(
    ("line", "date", "at"),
    [
        ("From a@b Tue Feb 10 12:30:00 2026", "Tue, 10 Feb 2026 12:30:00 +0100", "2026-02-10T11:30:00+00:00"),
        ("From a@b Tue Feb 10 12:30:00 2026", "Thu, 10 Feb 1979 12:30:00 +0100", "2026-02-10T12:30:00+00:00"),
        ("From a@b Tue Feb 10 12:30:00 2026", "Tue, 10 Feb 2099 12:30:00 +0100", "2026-02-10T12:30:00+00:00"),
        ("From a@b Tue Feb 10 12:30:00 2026", "Sun, 01 Feb 2026 12:30:00 +0100", "2026-02-10T12:30:00+00:00"),
        ("From a@b Tue Feb 10 12:30:00 2026", "Sun, 08 Feb 2026 12:30:00 +0000", "2026-02-08T12:30:00+00:00"),
        ("From a@b Tue Feb 10 12:30:00 +0000 2026", "Sun, 08 Feb 2026 12:30:00 +0000", "2026-02-10T12:30:00+00:00"),
        ("From a@b Thu Jan  1 00:00:00 1970", "Tue, 10 Feb 2026 12:30:00 +0100", "2026-02-10T11:30:00+00:00"),
        ("From - Tue Feb 10 12:30:00 2026", "Mon, 10 Feb 2020 12:30:00 +0100", "2020-02-10T11:30:00+00:00"),
        ("From - Tue Feb 10 12:30:00 2026", "none", "2026-02-10T12:30:00+00:00"),
        ("From a@b Thu Jan  1 00:00:00 1970", "none", None),
    ],
)
def test_when_a_mail_was_sent(write: Callable[[str], MboxSource], line: str, date: str, at: str | None) -> None:
    """The Date within 36 hours of the From_ line (14 more where that has no zone), else the From_ line (P30, M1)."""
    text = f"{line}\nDate: {date}\nFrom: me@example.com\nTo: a@b.example\n\n"
    (item,) = write(text).pull(None, NOW).items
    assert isinstance(item, Message)
    assert item.at == (datetime.fromisoformat(at) if at else None)


def test_the_same_mail_twice_is_one_and_a_reused_id_is_two(write: Callable[[str], MboxSource]) -> None:
    """T15: an id that stands over another mail gets that mail's hash; a copy has the same key."""
    text = mail(1) + mail(1) + mail(1, "Subject: other") + mail(2)
    keys = [item.key for item in write(text).pull(None, NOW).items]
    assert keys[0] == keys[1] == "1@example.com"
    assert keys[2].startswith("1@example.com#")
    assert keys[3] == "2@example.com"


def test_keys_do_not_depend_on_pages_or_processes(
    write: Callable[[str], MboxSource], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reused id is seen over the border of a page, also by a process that did not read the first page."""
    text = "".join(mail(number % 5, f"Subject: {number // 5}") for number in range(20))
    whole = [item.key for item in write(text).pull(None, NOW).items]
    monkeypatch.setattr(mbox, "PAGE", 3)
    pages, cursor, more = [], None, True
    while more:
        pull = write(text).pull(cursor, NOW)
        pages += [item.key for item in pull.items]
        cursor, more = pull.cursor, not pull.caught_up
    assert pages == whole
    assert [item.key for item in everything(write(text))[0]] == whole


def test_appended_mails_are_read_alone(write: Callable[[str], MboxSource]) -> None:
    """A growing file is read on, not again."""
    text = mail(1) + mail(2)
    _, cursor = everything(write(text))
    pull = write(text + mail(3)).pull(cursor, NOW)
    assert ([item.key for item in pull.items], pull.listed) == (["3@example.com"], 3)


@pytest.mark.parametrize("after", [mail(2), mail(3) + mail(2), mail(4) * 40, mail(1) + mail(5) + mail(2)])
def test_a_rewritten_file_is_read_from_its_beginning(write: Callable[[str], MboxSource], after: str) -> None:
    """Compacted, replaced or shortened: everything in it comes again under the same keys."""
    _, cursor = everything(write(mail(1) + mail(2)))
    items, _ = everything(write(after), cursor)
    assert items == everything(write(after))[0]


def test_a_mail_cut_in_its_headers_is_told_and_read_later(write: Callable[[str], MboxSource]) -> None:
    """The tail is Skipped with its place, and read when the rest is there."""
    text = mail(1) + mail(2)
    cut = len(mail(1)) + 80
    pull = write(text[:cut]).pull(None, NOW)
    assert [item.key for item in pull.items] == ["1@example.com"]
    assert [item.where for item in pull.skipped] == [f"byte {len(mail(1))}"]
    rest = write(text).pull(pull.cursor, NOW)
    assert ([item.key for item in rest.items], rest.skipped) == (["2@example.com"], ())


WHOLE = (mail(1, body="a\n\nFrom nobody\n\n") + mail(2, line="From ") + mail(3)).encode()


@given(at=st.integers(0, 2 * len(WHOLE)), crlf=st.booleans())
def test_split_at_any_byte_it_is_the_same(tmp_path_factory: pytest.TempPathFactory, at: int, crlf: bool) -> None:
    """A file seen half-written and then whole gives the same mails as at once."""
    whole = WHOLE.replace(b"\n", b"\r\n") if crlf else WHOLE
    path = tmp_path_factory.mktemp("split") / "Sent.mbox"
    path.write_bytes(whole[:at])
    os.utime(path, ns=(0, 1))
    before, cursor = everything(MboxSource("archive", path))
    path.write_bytes(whole)
    after, _ = everything(MboxSource("archive", path), cursor)
    assert [item.key for item in before + after] == ["1@example.com", "2@example.com", "3@example.com"]
    assert before + after == everything(MboxSource("archive", path))[0]


@given(
    st.lists(
        st.sampled_from([LINE.encode(), b"\n", b"\n\n", b"From ", b"From \nA: b", b"To: a@b.example", b"\0\xff", b"\r"])
    )
)
def test_no_bytes_raise_anything_but_a_connector_error(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]
) -> None:
    """Whatever a file holds, a pull returns or raises what its contract names."""
    path = tmp_path_factory.mktemp("noise") / "Sent.mbox"
    for data in (b"".join(pieces), LINE.encode() + b"\n" + b"".join(pieces)):
        path.write_bytes(data)
        try:
            pull = MboxSource("archive", path).pull(None, NOW)
        except ConnectorError:
            continue
        assert pull.caught_up


@pytest.mark.parametrize(
    "noise", [b"\x00\x01\x02" * 2000, b"<html>Sign in</html>" * 100, b"Subject: no mbox\n\nbody\n"]
)
def test_a_file_that_is_no_mbox_is_refused(write: Callable[[bytes], MboxSource], noise: bytes) -> None:
    """Binary noise, a web page and a single mail are no mbox."""
    with pytest.raises(BadData):
        write(noise).pull(None, NOW)


def test_an_empty_file_holds_nothing_and_a_missing_one_is_unavailable(
    write: Callable[[bytes], MboxSource], tmp_path: Path
) -> None:
    """Empty is nought listed; gone is an outage; a folder is no file."""
    pull = write(b"").pull(None, NOW)
    assert (pull.items, pull.listed, pull.caught_up) == ((), 0, True)
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(Unavailable):
            MboxSource("archive", path).pull(None, NOW)


def test_headers_without_end_cost_their_mail_alone(write: Callable[[str], MboxSource]) -> None:
    """Three megabytes of headers are skipped, the next mail is read."""
    pull = write(f"{LINE}\n" + "X: y\n" * 700_000 + "\nbody\n\n" + mail(2)).pull(None, NOW)
    assert [item.key for item in pull.items] == ["2@example.com"]
    assert "larger" in pull.skipped[0].why


@pytest.mark.corpus
def test_every_recipient_of_the_corpus_has_the_right_count_and_dates(corpora: Path) -> None:
    """The shared mbox agrees with the count made independently: each of 920 addresses, mails, first and last."""
    items, _ = everything(MboxSource("archive", corpora / "sent.mbox"), None, datetime(2026, 1, 1, tzinfo=UTC))
    times: dict[str, dict[str, datetime]] = defaultdict(dict)
    for item in items:
        assert isinstance(item, Message)
        assert item.at is not None
        for box in (*item.to, *item.cc, *item.bcc):
            times[box.address][item.key] = item.at
    with (corpora / "sent.truth.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 900
    for row in rows:
        found = times[row["address"].lower()].values()
        expected = (int(row["messages"]), row["first_utc"], row["last_utc"])
        assert (len(found), min(found).isoformat(), max(found).isoformat()) == expected
