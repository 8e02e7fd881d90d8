"""Killed at every request and every call that changes the disk: at Google, too, nothing is lost and nothing is twice.

The world is that of ``tests/tick/test_crash.py``, its calendar and sent mail put into the stand-in. The n-th step of a
tick (a request, or a call of the operating system) never happens, or happens and nothing after it does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from requests.adapters import HTTPAdapter

from connectors._google import meter, wire
from connectors._google import session as http
from connectors._google.grants import Grant
from connectors._google.token import read_token
from daemon.model import NOTICES
from daemon.session import open_session
from daemon.tick import catch_up
from tests.google import story
from tests.google.server import Server
from tests.google.weather import WEATHER
from tests.tick.test_crash import CHANGING, Killed, Power

DATA = Path(__file__).parent.parent / "data" / "crash"
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
ME = "clara@winter.example"
HANDSHAKE, SENTINEL = "Kith is here. Delete me.", "Kith stopped, if this is today"
"""Each stands once, at a time that depends on which tick could write it."""
_CONFIGURATION = """\
state = "state"
[me]
name = "Clara Winter"
addresses = ["clara@winter.example"]
timezone = "Europe/Vienna"
[accounts.google]
kind = "google"
pace = 0
endpoint = "{endpoint}"
[write]
reminders = "google"
drafts = "google"
confirmed = true
"""


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A read tried again waits for seconds; here none pass."""
    monkeypatch.setattr(meter, "Clock", partial(meter.Clock, sleep=lambda _: None))


@contextmanager
def world(folder: Path) -> Iterator[Server]:
    """Give the crash test's world at Google, and a configuration that is logged in."""
    with Server(now=NOW, email=ME, zone="Europe/Vienna") as server:
        story.put_calendar(server, DATA / "calendar.ics", ME)
        story.put_mail(server, DATA / "Sent.mbox")
        config = story.put_configuration(server, folder)
        config.write_text(_CONFIGURATION.format(endpoint=server.endpoint))
        (folder / "state" / "secret").write_bytes(bytes(range(32)))
        yield server


@contextmanager
def power(at: int | None = None, *, after: bool = False) -> Iterator[Power]:
    """Run what is inside with the process killed at its ``at``-th step (None: only count)."""
    cut = Power(at=at, after=after)
    with pytest.MonkeyPatch.context() as patch:
        for name in CHANGING:
            patch.setattr(os, name, cut.through(name, getattr(os, name)))
        reads, writes = (cut.through(name, HTTPAdapter.send) for name in ("read", "write"))

        def send(adapter: HTTPAdapter, request: Any, **kwargs: Any) -> Any:
            return (reads if request.method == "GET" else writes)(adapter, request, **kwargs)

        patch.setattr(HTTPAdapter, "send", send)
        try:
            yield cut
        except Killed:
            assert cut.off


def worth_killing(steps: list[str]) -> list[tuple[int, bool]]:
    """Every request that writes after its effect; of all other moments a part, spread evenly (all with KITH_LONG)."""
    every = [(at, after) for at in range(1, len(steps) + 1) for after in (False, True)]
    if os.environ.get("KITH_LONG"):
        return every
    return [(at, after) for at, after in every if (steps[at - 1] == "write" and after) or at % 11 == 5 * after]


def once(folder: Path) -> None:
    session = open_session(folder / "config.toml", NOW)
    with session.ledger(write=True) as ledger:
        catch_up(ledger, session.world(), session.now, lambda _: None)
        ledger.fold()
    session.settle()


def seen(folder: Path, server: Server) -> dict[str, Any]:
    """What the ledger and the user's account hold afterwards."""
    session = open_session(folder / "config.toml", NOW)
    with session.ledger(write=False) as ledger:
        names = {person.id: person.name for person in ledger.people()}
        facts = sorted((item.source, item.address, item.kind) for item in ledger.touchpoints())
        rows = [item for item in ledger.entries() if item.kind not in NOTICES]
        entries = sorted((item.kind, names[item.person], item.title, item.state) for item in rows)
        records = sorted(ledger.table("events").keys()) + sorted(ledger.table("mails").keys())
    calendars = [one for one in server.account().calendars.calendars.values() if one.summary == "Kith"]
    events = [event for calendar in calendars for event in calendar.events.values() if not event.cancelled]
    drafts = [(draft.message.header("to"), draft.message.header("subject")) for draft in server.user.find_drafts()]
    return {
        "calendars": len(calendars),
        "facts": facts,
        "entries": entries,
        "records": records,
        "reminders": sorted(
            (event.data["summary"], event.data["start"]["dateTime"])
            for event in events
            if event.data["summary"] not in {HANDSHAKE, SENTINEL}
        ),
        "notices": sorted(event.data["summary"] for event in events if event.data["summary"] in {HANDSHAKE, SENTINEL}),
        "drafts": sorted(drafts),
    }


@dataclass(frozen=True)
class Whole:
    """A run without a crash: what was there afterwards, its steps, and the verbs of its requests."""

    seen: dict[str, Any]
    steps: list[str]
    verbs: list[str]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("whole")
    with world(folder) as server:
        with power() as count:
            once(folder)
        return Whole(seen(folder, server), count.calls, [entry.verb for entry in server.log])


def later(folder: Path, server: Server) -> None:
    """Start a new process a quarter of an hour on: what is to be left alone until then goes by the real clock."""
    server.advance(timedelta(minutes=15))
    (folder / "state" / "run" / "google-google.json").unlink(missing_ok=True)
    for _, wires in wire._KEPT.values():
        wires.close()
    wire._KEPT.clear()


def test_the_world_is_worth_crashing(whole: Whole) -> None:
    """Without a crash there are at least two reminders and two drafts, each once, all written."""
    assert whole.seen["calendars"] == 1
    assert len(whole.seen["reminders"]) >= 2
    assert len(whole.seen["drafts"]) >= 2
    assert {state for *_, state in whole.seen["entries"]} == {"written"}
    assert len(whole.verbs) >= 20


def test_killed_at_every_step_nothing_is_lost_and_nothing_is_twice(whole: Whole, tmp_path: Path) -> None:
    """Each request and each call that changes the disk, killed before or after its effect, then started again."""
    for at, after in worth_killing(whole.steps):
        folder = tmp_path / f"{at}-{after}"
        folder.mkdir()
        with world(folder) as server:
            with power(at, after=after):
                once(folder)
            later(folder, server)
            once(folder)
            found = seen(folder, server)
            assert found == whole.seen, f"killed {'after' if after else 'before'} step {at}, a {whole.steps[at - 1]}"
            assert not server.account().mailbox.ghosts


def worth_spoiling(whole: Whole, what: str) -> list[int]:
    """Every write where the connection ends; otherwise one write and two reads (all with KITH_LONG)."""
    every = range(1, len(whole.verbs) + 1)
    if os.environ.get("KITH_LONG"):
        return list(every)
    writes, reads = ([nth for nth in every if (whole.verbs[nth - 1] == "GET") == kind] for kind in (False, True))
    turn = sorted(WEATHER).index(what)
    some = [writes[turn % len(writes)], *(reads[(turn + far) % len(reads)] for far in (3, len(reads) // 2))]
    return sorted({*some, *(writes if what.startswith("drop") else ())})


def logged_in_again(folder: Path, server: Server) -> None:
    """The user gives all permissions once more."""
    for name, scopes in story.GRANTS.items():
        token = read_token(server.grant(scopes, ME))
        Grant(folder / "state", "google", name).store(token, server.now)  # type: ignore[arg-type]


@pytest.mark.parametrize("what", sorted(WEATHER))
def test_a_request_that_fails_is_settled_by_the_next_tick(
    whole: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Writes of a tick and some of its reads, answered badly: two ticks later the world is as without it."""
    monkeypatch.setattr(http, "Limits", partial(http.Limits, read=0.2, size=4 << 20))
    for nth in worth_spoiling(whole, what):
        verb = whole.verbs[nth - 1]
        folder = tmp_path / str(nth)
        folder.mkdir()
        with world(folder) as server:
            kind, details = WEATHER[what]
            fault = server.fault(kind, nth=nth, **details)
            for _ in range(3):
                once(folder)
                later(folder, server)
                if what == "revoke":
                    logged_in_again(folder, server)
            assert fault.hits == 1
            assert seen(folder, server) == whole.seen, f"{what} at request {nth}, a {verb}"
