"""The first run at Google: a plan and nothing else; after the yes just that plan, and each later plan is kept.

The world is that of ``tests/google/test_crash.py``.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from daemon.cli import main
from daemon.model import Plan
from daemon.tick import rehearse
from tests.google.server import Server
from tests.google.test_crash import NOW, world
from tests.google.test_undo import _no_waiting, rows, session, standing, tick_in
from tests.tick.test_plan_is_kept import check

__all__ = ["_no_waiting"]


def writes(server: Server) -> list[str]:
    """The requests that would have changed anything; a token is no change."""
    return [entry.method for entry in server.log if entry.verb != "GET" and entry.path != "/token"]


def shown(folder: Path, server: Server, after: float) -> Plan:
    server.advance(NOW + timedelta(days=after) - server.now)
    ground = session(folder, after)
    with ground.ledger(write=False) as ledger:
        return rehearse(ledger, ground.world(), ground.now).plan


def kith(monkeypatch: pytest.MonkeyPatch, folder: Path, *words: str) -> int:
    now = ("--now", NOW.isoformat())
    monkeypatch.setattr("sys.argv", ["kith", *words, "--config", str(folder / "config.toml"), *now])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_nothing_is_written_before_the_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """once, plan, status and once again: facts, a plan, the next command; not even a calendar is made. Then --yes."""
    with world(tmp_path) as server:
        config = tmp_path / "config.toml"
        config.write_text(config.read_text().replace("confirmed = true\n", ""))
        for words in (["once"], ["plan"], ["status"], ["once"]):
            assert kith(monkeypatch, tmp_path, *words) == 0
            said = capsys.readouterr()
            assert "kith once --yes" in said.out + said.err
            assert words[0] == "status" or "Write to" in said.out
        assert len(server.log) > 5
        assert writes(server) == []
        assert (rows(tmp_path), standing(server)) == ([], [])
        calendars = len(server.account().calendars.calendars)
        plan = shown(tmp_path, server, 0)
        assert kith(monkeypatch, tmp_path, "once", "--yes") == 0
        assert {row.key for row in rows(tmp_path)} == {row.key for row in plan.write}
        assert {row.state for row in rows(tmp_path)} == {"written"}
        assert len(standing(server)) == len(plan.write) >= 4
        assert len(server.account().calendars.calendars) == calendars + 1


def test_a_plan_is_kept_at_google(tmp_path: Path) -> None:
    """Week by week, with the user's hand in between: the plan looked at is what the tick after it does."""
    with world(tmp_path) as server:
        tick_in(tmp_path, server)
        for after, hand in enumerate(("", "mail", "delete", "edit", ""), 1):
            day = after * 8.0
            server.advance(NOW + timedelta(days=day) - server.now)
            use(server, tmp_path, hand)
            plan = shown(tmp_path, server, day)
            before = len(writes(server))
            check(plan, report := tick_in(tmp_path, server, day))
            assert (len(writes(server)) > before) == bool(report.delivered)


def use(server: Server, folder: Path, hand: str) -> None:
    """The user writes to somebody, deletes an event, edits a draft."""
    if hand == "mail":
        to = next(row.to for row in rows(folder) if row.to)
        server.user.send_mail(to, "By the way", at=server.now - timedelta(hours=1))
    (own,) = (one for one in server.account().calendars.calendars.values() if one.summary == "Kith")
    events = sorted(name for name, event in own.events.items() if not event.cancelled)
    if hand == "delete" and events:
        server.user.delete_event(events[0])
    drafts = server.user.find_drafts()
    if hand == "edit" and drafts:
        server.user.edit_draft(drafts[0].id, body="My own words")
