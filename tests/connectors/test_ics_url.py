"""A calendar at an address is read as a file is; asked for once an hour, and not lost when nobody answers."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connectors import _copy, _visits
from connectors._ics_web import WebIcsSource
from connectors.ics import Ics
from connectors.records import BadData, Cursor, Pull, Unavailable
from tests.connectors.contracts import NOW, SourceContract, everything
from tests.connectors.small_server import Reply, Small, drop, raw, small_server
from tests.connectors.test_ics_source import calendar, event

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def server() -> Iterator[Small]:
    with small_server() as made:
        yield made


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "state"


def opened(server: Small, home: Path, path: str = "/private-secret/basic.ics") -> WebIcsSource:
    account = Ics(url=f"{server.url}{path}", private_hosts=("127.0.0.1",)).kept_in(home)
    source = account.open_source("agenda", "Europe/Berlin")
    assert isinstance(source, WebIcsSource)
    return source


def settle(home: Path) -> None:
    """End a tick, and the process too."""
    Ics(url="https://a.example/").kept_in(home).settle("agenda")
    _copy._KEPT.clear()
    _visits._KEPT.clear()


def says(*events: str, **headers: str) -> Reply:
    return raw(calendar(*events).encode(), **headers)


def keys(page: Pull) -> list[str]:
    return sorted(item.key for item in page.items)


class TestWebIcsSource(SourceContract):
    @pytest.fixture(autouse=True)
    def _served(self, server: Small, home: Path) -> None:
        said = says(event("a"), event("b", "20260105T100000Z", "RRULE:FREQ=WEEKLY"))
        server.replies += [said] * 20
        self.server, self.home = server, home

    def opened(self) -> WebIcsSource:
        return opened(self.server, self.home)


def test_it_is_asked_once_an_hour_and_only_whether_it_changed(server: Small, home: Path) -> None:
    """Every tick looks; the server sees one request an hour, with ETag and Last-Modified, in the next process too."""
    server.replies += [says(event("a"), ETag='"1"', Last_Modified="Sun, 01 Feb 2026 10:00:00 GMT"), raw(b"", 304)]
    page = opened(server, home).pull(None, NOW)
    assert keys(page) == ["a"]
    cursor: Cursor = page.cursor
    for minutes in (15, 30, 45, 59, 60, 75):
        settle(home)
        page = opened(server, home).pull(cursor, NOW + minutes * MINUTE)
        assert (page.items, page.troubles, page.listed) == ((), (), 1)
        cursor = page.cursor
    assert len(server.seen) == 2
    assert server.seen[1].headers["if-none-match"] == '"1"'
    assert server.seen[1].headers["if-modified-since"] == "Sun, 01 Feb 2026 10:00:00 GMT"
    server.replies.append(says(event("a", "20260202T100000Z"), event("b")))
    assert keys(opened(server, home).pull(cursor, NOW + 3 * HOUR)) == ["a", "b"]


def test_the_last_good_copy_goes_on_while_nobody_answers(server: Small, home: Path) -> None:
    """Series are read further from it, day after day; the trouble is told beside it, and is over with the answer."""
    server.replies.append(says(event("b", "20260105T100000Z", "RRULE:FREQ=WEEKLY")))
    _, cursor = everything(opened(server, home))
    for reply in (drop, raw(b"gone", 404), raw(b"<html>Log in</html>"), raw(b"busy", 503)):
        settle(home)
        server.replies.append(reply)
        later = NOW + timedelta(days=7 * (len(server.seen)))
        page = opened(server, home).pull(cursor, later)
        assert len(page.items) == 1
        assert len(page.troubles) == 1
        assert page.listed
        cursor = page.cursor
    server.replies.append(says(event("b", "20260105T100000Z", "RRULE:FREQ=WEEKLY")))
    assert opened(server, home).pull(cursor, NOW + timedelta(days=60)).troubles == ()


def test_a_first_look_without_an_answer_is_trouble(server: Small, home: Path) -> None:
    """There is no copy to go on with; a server that answered is left alone for the hour, though the tick asks."""
    server.replies.append(drop)
    with pytest.raises(Unavailable):
        opened(server, home).pull(None, NOW)
    server.replies.append(raw(b"<html>Log in</html>"))
    for minutes in (15, 30):
        settle(home)
        with pytest.raises(BadData):
            opened(server, home).pull(None, NOW + minutes * MINUTE)
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    ("asked", "hours"), [("7200", 2), ("Thu, 12 Feb 2026 11:00:00 GMT", 2), ("999999999", 24), ("soon", 1), ("-5", 1)]
)
def test_a_server_that_asks_for_patience_has_it(server: Small, home: Path, asked: str, hours: int) -> None:
    """Up to a day, however it is written."""
    server.replies += [says(event("a")), raw(b"", 429, Retry_After=asked)]
    _, cursor = everything(opened(server, home))
    cursor = opened(server, home).pull(cursor, NOW + HOUR).cursor
    settle(home)
    opened(server, home).pull(cursor, NOW + HOUR + hours * HOUR - MINUTE)
    assert len(server.seen) == 2
    opened(server, home).pull(cursor, NOW + HOUR + hours * HOUR)
    assert len(server.seen) == 3


def test_a_copy_that_is_lost_or_damaged_is_had_again_at_once(server: Small, home: Path) -> None:
    """Asked without conditions: a 304 would leave nothing."""
    server.replies += [says(event("a"), ETag='"1"'), says(event("a"), ETag='"1"'), says(event("a"), event("c"))]
    _, cursor = everything(opened(server, home))
    settle(home)
    (home / "copies" / "agenda").unlink()
    assert opened(server, home).pull(cursor, NOW + MINUTE).troubles == ()
    settle(home)
    path = home / "copies" / "agenda"
    path.write_bytes(path.read_bytes().replace(b"UID:a", b"UID:z"))
    with pytest.raises(Unavailable):
        opened(server, home).pull(None, NOW + 2 * MINUTE)
    assert keys(opened(server, home).pull(None, NOW + 3 * MINUTE)) == ["a", "c"]
    assert all("if-none-match" not in item.headers for item in server.seen)


def test_another_address_is_another_calendar(server: Small, home: Path) -> None:
    """A copy of the one before is none of this one, and no hour is waited for."""
    server.replies += [says(event("a"), ETag='"1"'), says(event("b"))]
    opened(server, home).pull(None, NOW)
    settle(home)
    assert keys(opened(server, home, "/other.ics").pull(None, NOW + MINUTE)) == ["b"]
    assert "if-none-match" not in server.seen[1].headers


def test_what_is_kept_is_for_the_user_alone_and_names_no_address(server: Small, home: Path) -> None:
    """A calendar's address is often a secret; nothing is written before the tick ends: a plan writes nothing."""
    server.replies.append(says(event("a")))
    opened(server, home).pull(None, NOW)
    assert not home.exists()
    settle(home)
    files = [path for path in home.rglob("*") if path.is_file()]
    assert len(files) == 2
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert b"secret" not in path.read_bytes()
        assert "secret" not in str(path)


def test_notes_that_are_damaged_cost_a_request(server: Small, home: Path) -> None:
    """Whatever stands in the file of the visits."""
    server.replies += [says(event("a"))] * 9
    for text in ("", "[]", "{", '{"x": 1}', '{"x": {"at": "never"}}', "[" * 100_000, '{"x": {"at": "2026-02-12"}}'):
        opened(server, home).pull(None, NOW)
        settle(home)
        path = home / "run" / "web-agenda.json"
        path.write_text(text)
        os.utime(path)
    assert len(server.seen) == 7


def test_forgetting_somebody_drops_the_copies(server: Small, home: Path) -> None:
    """The next visit brings the calendar again; whoever was forgotten is left out of it as out of any."""
    server.replies.append(says(event("a")))
    opened(server, home).pull(None, NOW)
    settle(home)
    _copy.drop_copies(home)
    assert not list((home / "copies").iterdir())


@pytest.mark.parametrize(
    ("account", "key"),
    [
        (Ics(), "path"),
        (Ics(path=Path("a.ics"), url="https://a.example/"), "url"),
        (Ics(url="http://a.example/"), "url"),
        (Ics(url="webcal://a.example/"), "url"),
        (Ics(url="https://ada:secret@a.example/"), "url"),
        (Ics(url="https://a.example/", private_hosts=("a b",)), "private_hosts"),
    ],
)
def test_what_is_wrong_with_the_values_is_told(account: Ics, key: str) -> None:
    """Without repeating the address."""
    ((found, words),) = account.problems()
    assert found == key
    assert "a.example" not in words
