"""Killed while reminders at Google are amended, at each request: afterwards all is as without the crash."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors._google import meter
from daemon.session import open_session
from tests.google.server import Server
from tests.google.test_crash import NOW, later, once, power, world, worth_killing
from tests.tick.test_amend import renamed, standing

pytestmark = pytest.mark.usefixtures("_no_waiting")
TYPED = "Bring  the book\n<b>before lunch</b>"


@pytest.fixture
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A read tried again waits for seconds; here none pass."""
    real = meter.Clock
    monkeypatch.setattr(meter, "Clock", lambda **more: real(**{**more, "sleep": lambda _: None}))


def planted(folder: Path, server: Server) -> None:
    """Everything is written; one is typed into, one moved; all wait to be amended, one of them to leave as well."""
    once(folder)
    events = own(server)
    typed, moved, *_ = sorted(events)
    server.user.edit_event(typed, description=TYPED)
    start = server.user.event(moved).start
    server.user.move_event(moved, start.replace(hour=17))
    later(folder, server)
    once(folder)
    with open_session(folder / "config.toml", NOW).ledger(write=True) as ledger, ledger.unit():
        rows = standing(ledger)
        assert {"edited", "moved", "written"} <= {row.state for row in rows}
        leaving = next(row.key for row in rows if row.state == "written")
        ledger.save_entries(replace(renamed(row), leaving="passed" if row.key == leaving else "") for row in rows)
    later(folder, server)


def own(server: Server) -> dict[str, Any]:
    (calendar,) = [one for one in server.account().calendars.calendars.values() if one.summary == "Kith"]
    there = {name: event for name, event in calendar.events.items() if not event.cancelled}
    return {name: event for name, event in there.items() if not event.data["summary"].startswith("Kith stopped")}


def seen(folder: Path, server: Server) -> dict[str, Any]:
    """What the user has in the calendar, mark included, and the rows."""
    fields = ("summary", "description", "start", "end", "extendedProperties")
    with open_session(folder / "config.toml", NOW).ledger(write=False) as ledger:
        rows = [replace(row, settled=None, ref=None) for row in standing(ledger)]  # the calendar's id is the server's
    events = {name: [copy.deepcopy(event.data.get(field)) for field in fields] for name, event in own(server).items()}
    return {"events": events, "rows": rows}


def test_killed_while_amending_at_google(tmp_path: Path) -> None:
    """Every write after its effect, a part of the rest (all with KITH_LONG): then as without the crash."""
    (tmp_path / "whole").mkdir()
    with world(tmp_path / "whole") as server:
        planted(tmp_path / "whole", server)
        with power() as count:
            once(tmp_path / "whole")
        whole = seen(tmp_path / "whole", server)
        patches = len(server.requests("calendar.events.patch"))
    assert patches >= 3
    assert all(fields[0].startswith("Done: ") for fields in whole["events"].values())
    assert TYPED in {fields[1] for fields in whole["events"].values()}
    assert {"edited", "moved", "passed"} <= {row.state for row in whole["rows"]}
    assert not [row for row in whole["rows"] if row.amended]
    for at, after in worth_killing(count.calls):
        folder = tmp_path / f"{at}-{after}"
        folder.mkdir()
        with world(folder) as server:
            planted(folder, server)
            with power(at, after=after):
                once(folder)
            for _ in range(2):
                later(folder, server)
                once(folder)
            where = f"{'after' if after else 'before'} step {at}, a {count.calls[at - 1]}"
            assert seen(folder, server) == whole, f"killed {where}"
            assert len(server.requests("calendar.events.patch")) == patches, f"amended twice, killed {where}"
