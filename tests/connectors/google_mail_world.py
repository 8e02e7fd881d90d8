"""What do the mail tests of the Google connector share? An account that is logged in at the stand-in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connectors._google.endpoints import read_endpoints
from connectors._google.grants import Grant, GrantName, Token
from connectors._google.mail import MailSource
from connectors._google.mail_drafts import MailDrafts
from connectors._google.meter import Clock, Meter, counts_path
from connectors._google.transport import Limits
from connectors._google.wire import Wires
from connectors.google import Google
from connectors.records import Cursor, Message, Pull
from tests.google import Server

ZONE = "Europe/Berlin"
SCOPES: dict[GrantName, str] = {"mail": "gmail.metadata", "drafts": "gmail.compose"}


class Killed(BaseException):
    """The process ends here."""


class World:
    """One account at the stand-in, and a clock that nobody waits for."""

    def __init__(self, server: Server, state: Path, *, pace: int = 0, patience: float = 0.15) -> None:
        self.server, self.state, self.pace, self.patience = server, state, pace, patience
        self.slept = timedelta(0)
        self.lives: int | None = None
        """How many requests may still leave before the process is killed."""
        self.log_in()
        self.wires = self._new_wires()

    def log_in(self) -> None:
        """Give both permissions, once more."""
        for name, scope in SCOPES.items():
            token = self.server.grant([scope])
            fields = {key: token[key] for key in ("client_id", "client_secret", "refresh_token", "token_uri")}
            Grant(self.state, "home", name).store(Token(**fields, scopes=tuple(token["scopes"])), self.server.now)

    def _new_wires(self) -> Wires:
        clock = Clock(now=self._now, monotonic=self._seconds, sleep=self._sleep, jitter=lambda: 0.0)
        meter = Meter(counts_path(self.state, "home"), self.pace, ZONE, clock)
        limits = Limits(connect=2, read=self.patience, total=max(2, self.patience), size=4 << 20)
        return Wires(self.state, "home", read_endpoints(self.server.url), meter, limits)

    def restart(self) -> None:
        """End the process and begin another: nothing is remembered but what is on the disk."""
        self.wires.meter.save()
        self.wires.close()
        self.lives = None
        self.wires = self._new_wires()

    def _now(self) -> datetime:
        return self.server.now + self.slept

    def _seconds(self) -> float:
        if self.lives is not None:
            self.lives -= 1
            if self.lives < 0:
                raise Killed
        return self._now().timestamp()

    def _sleep(self, seconds: float) -> None:
        self.slept += timedelta(seconds=seconds)

    def source(self, **settings: Any) -> MailSource:
        account = Google(**settings).kept_in(self.state)
        return MailSource(name="home", zone=ZONE, account=account, wires=self.wires)

    def drafts(self) -> MailDrafts:
        account = Google().kept_in(self.state)
        return MailDrafts(name="home", zone=ZONE, account=account, wires=self.wires)

    def pull(self, cursor: Cursor | None, **settings: Any) -> Pull:
        """Pull once, from a cursor that went through JSON."""
        return self.source(**settings).pull(json.loads(json.dumps(cursor)), self.server.now)

    def read(self, cursor: Cursor | None = None, **settings: Any) -> tuple[list[Message], Cursor]:
        """Pull until there is nothing more."""
        items: list[Message] = []
        for _ in range(2000):
            page = self.pull(cursor, **settings)
            items += [item for item in page.items if isinstance(item, Message)]
            cursor = page.cursor
            if page.caught_up:
                return items, cursor
        raise AssertionError("the source never catches up")

    @contextmanager
    def asking(self) -> Iterator[list[str]]:
        """Give the last word of each method asked for inside, tokens aside: ``list``, ``get`` and so on."""
        before, found = len(self.server.log), list[str]()
        yield found
        found += [entry.method.removeprefix("gmail.users.") for entry in self.server.log[before:] if entry.method]

    def gets(self) -> list[str]:
        """Return the ids of the mails whose headers were asked for, in order."""
        return [entry.path.rpartition("/")[2] for entry in self.server.requests("gmail.users.messages.get")]
