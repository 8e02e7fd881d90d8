"""The sentinel at Google: it comes due by itself when Kith is dead, and costs one move a day while it lives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.google import story
from tests.google.test_ticks import DATA, ME, NOVEMBER, House, house

TITLE = "Kith stopped, if this is today"
HOUR = timedelta(hours=1)
VIENNA = ZoneInfo("Europe/Vienna")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """The crash test's world, all of it read and written, and then an hour of rest."""
    for made in house(tmp_path, monkeypatch, now=NOVEMBER):
        story.put_calendar(made.server, DATA / "calendar.ics", ME)
        story.put_mail(made.server, DATA / "Sent.mbox")
        text = made.config.read_text()
        made.config.write_text(text.replace('drafts = "google"\n', ""))
        made.once()
        made.ticks(6)
        yield made


def standing(home: House) -> list[dict[str, Any]]:
    """The sentinels that stand in the calendar Kith."""
    own = [one for one in home.server.account().calendars.calendars.values() if one.summary == "Kith"]
    events = [event for one in own for event in one.events.values() if not event.cancelled]
    return [dict(event.data) for event in events if event.data["summary"] == TITLE]


def day(home: House) -> str:
    (found,) = standing(home)
    return str(found["start"]["dateTime"])[:16]


def ledger(home: House) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (home.folder / "state").glob("ledger*")}


def test_it_is_moved_once_a_day_and_nothing_else_is_written(home: House) -> None:
    """Three days of hourly ticks from a Friday on: three moves, one a day; no other tick asks more than four times, and
    the ledger keeps every byte but for the places in the accounts, saved once a day (C24)."""
    assert day(home) == "2026-11-23T09:00"
    (event,) = standing(home)
    assert event["reminders"]["overrides"] == [{"method": "popup", "minutes": 0}]
    moves: Counter[str] = Counter()
    wrote: Counter[str] = Counter()
    for _ in range(3 * 24):
        asked, before = len(home.server.log), ledger(home)
        (report,) = home.ticks(1, HOUR)
        today = home.server.now.astimezone(VIENNA).date().isoformat()
        found = home.asked(asked)
        found.pop("token", None)
        assert report.troubles == ()
        moves[today] += sum(row.kind == "sentinel" for row in report.delivered)
        if not report.delivered:
            assert found.total() <= 4, found
            wrote[today] += ledger(home) != before
    assert {today: count for today, count in moves.items() if count} == dict.fromkeys(
        ("2026-11-21", "2026-11-22", "2026-11-23"), 1
    )
    assert set(wrote.values()) <= {0, 1}
    assert day(home) == "2026-11-25T09:00"


def test_days_without_a_tick_let_it_come_due_and_the_next_tick_brings_it_back(home: House) -> None:
    """Nobody moves it while Kith is dead; its text says since when. A living Kith is two days ahead again."""
    home.server.advance(timedelta(days=5))
    assert day(home) == "2026-11-23T09:00"  # two days ago: it rang
    assert "has not worked since Fri 20 Nov" in " ".join(standing(home)[0]["description"].split())
    home.ticks(1)
    assert day(home) == "2026-11-27T09:00"
    assert "since Wed 25 Nov" in " ".join(standing(home)[0]["description"].split())


def test_deleted_it_stays_away(home: House) -> None:
    """The user's deletion switches it off: no tick of the next days brings another."""
    (event,) = standing(home)
    home.server.user.delete_event(event["id"])
    home.ticks(4, timedelta(hours=20))
    assert standing(home) == []


def test_dragged_to_tomorrow_it_is_put_right(home: House) -> None:
    """An alarm that would be false is replaced, and there is never a second one."""
    (event,) = standing(home)
    home.server.user.move_event(event["id"], datetime(2026, 11, 21, 8, tzinfo=UTC))
    home.ticks(2)
    assert day(home) == "2026-11-23T09:00"
    home.ticks(2, timedelta(hours=20))
    assert len(standing(home)) == 1
