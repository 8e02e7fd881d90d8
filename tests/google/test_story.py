"""The demo's year at Google says the same as the demo's year in files."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from daemon.cli import main
from daemon.demo import make_world
from tests.google import story
from tests.google.server import Server

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def at_google(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Server]:
    folder = tmp_path_factory.mktemp("google")
    with story.stand_in(NOW) as server:
        yield story.put_configuration(server, folder), server


def kith(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: object) -> Any:
    """Run a command that prints JSON; return it."""
    monkeypatch.setattr("sys.argv", ["kith", *map(str, arguments), "--now", NOW.isoformat()])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code in {0, None}
    return json.loads(capsys.readouterr().out)


def told(people: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    return {(tuple(sorted(one["addresses"])), one["touches"], one["last_touch"], one["stage"]) for one in people}


def test_google_and_files_agree_on_the_year(
    at_google: tuple[Path, Server],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The same people with the same touches, and what is written stands in Google's calendar and drafts, once."""
    config, server = at_google
    make_world(tmp_path, NOW)
    kith(monkeypatch, capsys, "once", "--json", "--config", tmp_path / "config.toml")
    in_files = kith(monkeypatch, capsys, "people", "--json", "--config", tmp_path / "config.toml")
    kith(monkeypatch, capsys, "once", "--json", "--yes", "--config", config)
    at = kith(monkeypatch, capsys, "people", "--json", "--config", config)
    assert len(at) > 50
    assert told(at) == told(in_files)
    exported = kith(monkeypatch, capsys, "export", "--config", config)
    (own,) = (one for one in server.account().calendars.calendars.values() if one.summary == "Kith")
    standing = sorted(event.data["summary"] for event in own.events.values() if not event.cancelled)
    assert standing == sorted(one["title"] for one in exported["reminders"])
    assert len(standing) >= 5
    drafts = sorted(draft.message.header("subject") for draft in server.user.find_drafts())
    assert drafts == sorted(one["title"] for one in exported["drafts"])
    assert len(drafts) >= 2
    before = (len(standing), drafts, server.account().mailbox.ghosts)
    asked = len(server.log)
    kith(monkeypatch, capsys, "once", "--json", "--config", config)
    assert sorted(draft.message.header("subject") for draft in server.user.find_drafts()) == before[1]
    assert len([event for event in own.events.values() if not event.cancelled]) == before[0]
    assert not before[2]
    assert len(server.log) - asked <= 12
