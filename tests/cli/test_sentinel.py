"""The sentinel on files: it stands two days ahead with an alarm, is moved once a day, and can be deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import icalendar

from tests.cli.conftest import NOW, Kith

TITLE = "Kith stopped, if this is today"


def sentinels(world: Path) -> list[Any]:
    calendar = icalendar.Calendar.from_ical((world / "kith.ics").read_bytes())
    return [item for item in calendar.walk("VEVENT") if item["SUMMARY"] == TITLE]


def day(world: Path) -> str:
    (found,) = sentinels(world)
    return found["DTSTART"].dt.isoformat()[:16]  # type: ignore[no-any-return]


def once(kith: Kith, world: Path, now: str) -> bytes:
    """Do one tick, and return the calendar as it is then."""
    assert kith("once", "--config", world / "config.toml", "--now", now).code == 0
    return (world / "kith.ics").read_bytes()


def test_it_stands_ahead_rings_and_is_moved_by_the_first_tick_of_a_day(kith: Kith, world: Path) -> None:
    """Friday's stands on Monday at nine; later ticks of the day leave calendar and ledger to the byte; Monday's first
    tick takes it to Wednesday."""
    assert day(world) == "2026-11-23T09:00"
    (alarm,) = sentinels(world)[0].walk("VALARM")
    assert alarm["TRIGGER"].dt.total_seconds() == 0
    first = once(kith, world, NOW)
    ledger = (world / "state" / "ledger.jsonl").read_bytes()
    assert once(kith, world, "2026-11-20T09:10:00") == first
    assert (world / "state" / "ledger.jsonl").read_bytes() == ledger
    once(kith, world, "2026-11-23T00:10:00")
    assert day(world) == "2026-11-25T09:00"
    plan = kith("plan", "--json", "--config", world / "config.toml", "--now", "2026-11-24T08:00:00").json
    assert [row["at"][:10] for row in plan["amend"] if row["title"] == TITLE] == ["2026-11-26"]


def test_deleted_it_is_off_and_before_the_yes_there_is_none(kith: Kith, world: Path) -> None:
    """Taken out of the file it does not come back; where writing is not confirmed none is written."""
    calendar = icalendar.Calendar.from_ical((world / "kith.ics").read_bytes())
    calendar.subcomponents = [item for item in calendar.subcomponents if item.get("SUMMARY") != TITLE]
    (world / "kith.ics").write_bytes(calendar.to_ical())
    for now in ("2026-11-20T12:00:00", "2026-11-25T12:00:00"):
        once(kith, world, now)
        assert sentinels(world) == []
    for path in (world / "kith.ics", world / "state" / "ledger.jsonl", *(world / "Mail" / "Drafts" / "cur").iterdir()):
        path.unlink()
    config = world / "config.toml"
    config.write_text(config.read_text().replace("confirmed = true\n", ""))
    kith("once", "--config", config, "--now", NOW)
    assert not (world / "kith.ics").exists()
