"""Wires that lead to a small server on this machine, with a clock of their own: for the tests of the transport."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors._google.endpoints import read_endpoints
from connectors._google.grants import Grant
from connectors._google.meter import Clock, Meter, counts_path
from connectors._google.session import Limits
from connectors._google.token import Token
from connectors._google.wire import Wires
from tests.connectors.small_server import Small, small_server

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SCOPES = ("calendar.events.readonly", "calendar.calendarlist.readonly", "calendar.app.created")
EVENT = {"summary": "Write to Ada"}


class Time:
    """A clock that passes only when somebody sleeps or the test says so."""

    def __init__(self) -> None:
        self.at = NOW
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)

    def _seconds(self) -> float:
        return self.at.timestamp()

    def clock(self) -> Clock:
        return Clock(now=lambda: self.at, monotonic=self._seconds, sleep=self.sleep, jitter=lambda: 1.0)


@pytest.fixture
def small() -> Iterator[Small]:
    with small_server() as server:
        yield server


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def wires(small: Small, tmp_path: Path, time: Time) -> Iterator[Wires]:
    for name in ("calendar", "mail", "drafts"):
        log_in(tmp_path, name)
    meter = Meter(counts_path(tmp_path, "home"), 120, "UTC", time.clock())
    limits = Limits(connect=2, read=0.2, total=0.3, size=10_000)
    made = Wires(state=tmp_path, name="home", endpoints=read_endpoints(small.url), meter=meter, limits=limits)
    yield made
    made.close()


def log_in(state: Path, name: Any, refresh: str = "rt", **fields: Any) -> Grant:
    grant = Grant(state, "home", name)
    scopes = tuple(f"https://www.googleapis.com/auth/{scope}" for scope in SCOPES)
    token = {"client_id": "id", "client_secret": "cs", "refresh_token": refresh, "token_uri": "", "scopes": scopes}
    grant.store(Token(**{**token, **fields}), NOW)
    return grant


def listing(wires: Wires) -> Any:
    return wires.calendar.resource("events").list(calendarId="clara@winter.example")


def inserting(wires: Wires) -> Any:
    return wires.calendar.resource("events").insert(calendarId="clara@winter.example", body=EVENT)


def put(wires: Wires) -> None:
    wires.calendar.write(inserting(wires))
