"""What do the calendar tests of the Google connector share? An account that is logged in at the stand-in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connectors._google.calendar import CalendarSource
from connectors._google.calendar_reminders import CalendarReminders
from connectors._google.calendar_tasks import TaskReminders
from connectors._google.endpoints import read_endpoints
from connectors._google.grants import Grant, Token
from connectors._google.meter import Clock, Meter, counts_path
from connectors._google.transport import Limits
from connectors._google.wire import Wires
from connectors.google import Google
from connectors.records import Role
from tests.google import Server

ZONE = "Europe/Berlin"
SCOPES = ("calendar.events.readonly", "calendar.calendarlist.readonly", "calendar.app.created", "tasks")


class World:
    """One account at the stand-in, and a clock that nobody waits for."""

    def __init__(self, server: Server, state: Path, *, patience: float = 2.0) -> None:
        self.server, self.state, self.patience = server, state, patience
        self.slept = timedelta(0)
        self.log_in()
        self.wires = self.new_wires()

    def log_in(self) -> None:
        """Give the permission, once more."""
        token = self.server.grant(SCOPES)
        fields = {name: token[name] for name in ("client_id", "client_secret", "refresh_token", "token_uri")}
        Grant(self.state, "home", "calendar").store(Token(**fields, scopes=tuple(token["scopes"])), self.server.now)

    def new_wires(self) -> Wires:
        """Begin a new process: nothing is remembered."""
        clock = Clock(now=self._now, monotonic=lambda: self._now().timestamp(), sleep=self._sleep, jitter=lambda: 0.0)
        meter = Meter(counts_path(self.state, "home"), 0, ZONE, clock)
        limits = Limits(connect=2, read=self.patience, total=5, size=4 << 20)
        return Wires(self.state, "home", read_endpoints(self.server.url), meter, limits)

    def restart(self) -> None:
        """End the process and begin another."""
        self.wires.close()
        self.wires = self.new_wires()

    def _now(self) -> datetime:
        return self.server.now + self.slept

    def _sleep(self, seconds: float) -> None:
        self.slept += timedelta(seconds=seconds)

    def source(self, calendars: Mapping[str, Role] | None = None) -> CalendarSource:
        account = Google(calendars=calendars or {"primary": "work"}).kept_in(self.state)
        return CalendarSource(name="home", zone=ZONE, account=account, wires=self.wires)

    def reminders(self, **settings: Any) -> CalendarReminders:
        account = Google(**settings).kept_in(self.state)
        return CalendarReminders(name="home", zone=ZONE, account=account, wires=self.wires)

    def tasks(self) -> TaskReminders:
        account = Google(written_as="tasks").kept_in(self.state)
        return TaskReminders(name="home", zone=ZONE, account=account, wires=self.wires)

    @contextmanager
    def asking(self) -> Iterator[list[str]]:
        """Give the methods asked for inside, tokens aside."""
        before, found = len(self.server.log), list[str]()
        yield found
        found += [entry.method for entry in self.server.log[before:] if entry.method]
