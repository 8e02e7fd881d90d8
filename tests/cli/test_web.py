"""A calendar at an address, a feed and a reading list, from the configuration to Drafts; no address is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Kith
from tests.connectors.small_server import Handler, Small, answer, raw, small_server

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
CONFIG = """\
state = "state"
[me]
name = "Clara Winter"
addresses = ["clara@winter.example"]
timezone = "Europe/Vienna"
[accounts.agenda]
kind = "ics"
url = "{url}/secret-calendar.ics"
private_hosts = ["127.0.0.1"]
reminders = "kith.ics"
[accounts.local]
kind = "maildir"
path = "Mail"
[accounts.reading]
kind = "feed"
urls = ["{url}/secret-feed.xml"]
reading_list = "reading.txt"
private_hosts = ["127.0.0.1"]
[write]
reminders = "agenda"
drafts = "local"
"""
FEED = b"""<rss version="2.0"><channel><title>x</title><item><title>Pumps of every valley</title>
<link>https://blog.example/feed</link></item></channel></rss>"""


def lunches() -> bytes:
    days = [NOW - timedelta(days=80 + 30 * number) for number in range(10)]
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{day:%Y%m%d}\r\nDTSTART:{day:%Y%m%dT%H%M%SZ}\r\nDURATION:PT1H\r\n"
        "SUMMARY:Pumps for the valley\r\nORGANIZER:mailto:clara@winter.example\r\n"
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:clara@winter.example\r\n"
        "ATTENDEE;PARTSTAT=ACCEPTED;CN=Nora Lindqvist:mailto:nora@lindqvist.example\r\nEND:VEVENT\r\n"
        for day in days
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{events}END:VCALENDAR\r\n".encode()


@pytest.fixture
def server() -> Iterator[Small]:
    with small_server() as made:
        yield made


@pytest.fixture
def world(tmp_path: Path, server: Small) -> Path:
    for name in ("Mail", "Mail/Sent", "Mail/Sent/cur", "Mail/Sent/new", "Mail/Sent/tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "config.toml").write_text(CONFIG.format(url=server.url))
    (tmp_path / "reading.txt").write_text("https://a.example/one News of the pumps in the valley\n")
    return tmp_path


def test_from_an_address_to_drafts(kith: Kith, world: Path, server: Small) -> None:
    """A plan writes nothing; a tick makes the draft; the next one asks nobody; and no address is told anywhere."""
    words = ("--config", world / "config.toml", "--now", NOW.isoformat())
    said = []

    def run(*args: str | Path) -> str:
        found = kith(*args)
        said.append(found.out + found.err)
        assert found.code == 0, said
        return found.out

    run("check", *words[:2])
    server.replies += [raw(lunches(), ETag='"1"'), raw(FEED)] * 2
    run("once", "--yes", *words)
    assert [item.path for item in server.seen] == ["/secret-calendar.ics", "/secret-feed.xml"]
    before = {path: path.read_bytes() for path in world.rglob("*") if path.is_file()}
    run("plan", *words)
    assert {path: path.read_bytes() for path in world.rglob("*") if path.is_file()} == before
    run("once", *words)
    assert len(server.seen) == 2
    (draft,) = (world / "Mail" / "Drafts" / "cur").iterdir()
    text = draft.read_text()
    assert "https://a.example/one" in text
    assert "To: Nora Lindqvist <nora@lindqvist.example>" in text
    assert "kith" not in text.lower()
    assert "News of the pumps in the valley" in (world / "kith.ics").read_text().replace("\r\n ", "")
    assert '"article"' in run("why", "nora", "--json", *words)
    run("status", *words[:2])
    where = [path for path in world.rglob("*") if path.is_file() and path.name != "config.toml"]
    assert not [path for path in where if b"secret-" in path.read_bytes()]
    assert "secret-" not in "".join(said)


def test_nobody_answers(kith: Kith, world: Path, server: Small) -> None:
    """The calendar is trouble (69); when only the feed is ill, the draft is made all the same, and 69 said."""
    words = ("--config", world / "config.toml", "--now", NOW.isoformat())
    server.replies += [raw(b"", 500), raw(b"", 500)]
    assert kith("once", "--yes", *words).code == 69
    assert not (world / "Mail" / "Drafts").exists()
    server.replies += [raw(lunches()), raw(b"", 500)]
    later = ("--config", world / "config.toml", "--now", (NOW + timedelta(hours=2)).isoformat())
    found = kith("once", *later)
    assert found.code == 69
    assert "feed 1" in found.err
    assert len(list((world / "Mail" / "Drafts" / "cur").iterdir())) == 1


def test_a_model_says_it_in_other_words(kith: Kith, world: Path, server: Small) -> None:
    """The draft that is written has them; a plan asks no model, and shows the template's."""
    path = world / "config.toml"
    path.write_text(f'{path.read_text()}[words]\nendpoint = "{server.url}/v1"\n')
    words = ("--config", path, "--now", NOW.isoformat())

    def said_again(handler: Handler) -> None:
        message = json.loads(server.seen[-1].body)["messages"][1]["content"]
        text = message.replace("I kept", "I have kept")
        answer({"choices": [{"message": {"content": text}}]})(handler)

    server.replies += [raw(lunches()), raw(FEED)]
    assert kith("once", *words).code == 0
    assert "I kept" in kith("plan", "--json", *words).out
    assert [item.path for item in server.seen if item.verb == "POST"] == []
    server.replies.append(said_again)
    assert kith("once", "--yes", *words).code == 0
    assert [item.path for item in server.seen if item.verb == "POST"] == ["/v1/chat/completions"]
    (draft,) = (world / "Mail" / "Drafts" / "cur").iterdir()
    assert "I have kept" in " ".join(draft.read_text().split())
