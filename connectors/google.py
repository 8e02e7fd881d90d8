"""What does a Google account read and write? Calendar and sent mail; reminders and drafts.

The account itself is light: the libraries that speak with Google are imported with the first request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from connectors._google.endpoints import Endpoints, is_loopback, read_endpoints
from connectors._google.grants import (
    LIST_CALENDARS,
    OWN_CALENDAR,
    READ_EVENTS,
    SENT_HEADERS,
    TASKS,
    WRITE_DRAFTS,
    GrantName,
)
from connectors.records import Draft, Platform, ReminderSink, Role, Sink, Source, Standing

FASTEST = 240
"""Header reads a minute; Gmail's own ceiling is 300 (6,000 units of 20), and the user has other programs."""
LONGEST_POPUP = 40320


def _primary() -> Mapping[str, Role]:
    return {"primary": "work"}


@dataclass(frozen=True)
class Google:
    """A Google account: ``calendars`` (id -> role) and sent mail are read; it may get reminders and drafts.

    ``state`` is where its logins and counts are kept: ``kept_in`` says so.
    """

    calendars: Mapping[str, Role] = field(default_factory=_primary)
    mail: bool = True
    received: bool = False
    hints: tuple[Platform, ...] = ()
    written_as: Literal["events", "tasks"] = field(default="events", metadata={"key": "as"})
    popup: int = 0
    pace: int = 120
    client: Path = field(default=Path("client.json"), metadata={"secret": True})
    endpoint: object = None
    state: Path | None = field(default=None, init=False)

    def open_source(self, name: str, zone: str) -> Source | None:
        """Return the reader of calendars and mail."""
        from connectors._google.source import GoogleSource

        return GoogleSource(name=name, zone=zone, account=self) if self.calendars or self.mail else None

    def open_reminders(self, name: str, zone: str) -> ReminderSink | None:
        """Return the writer of reminders: a calendar of Kith's own, or Google Tasks."""
        from connectors._google.source import reminders

        return reminders(self, name, zone)

    def open_drafts(self, name: str, zone: str) -> Sink[Draft] | None:
        """Return the writer of drafts."""
        from connectors._google.source import drafts

        return drafts(self, name, zone)

    def problems(self) -> tuple[tuple[str, str], ...]:
        """List what is wrong with the values together."""
        found = [] if all(map(_is_id, self.calendars)) else [("calendars", "names a calendar that cannot be one")]
        local = self.pace == 0
        try:
            local = is_loopback(self.endpoints().gmail)
        except ValueError as error:
            found.append(("endpoint", str(error)))
        if self.pace < 0 or not (local or 1 <= self.pace <= FASTEST):
            found.append(("pace", f"must be from 1 to {FASTEST}; 0, no bounds, is for an endpoint on this machine"))
        if not 0 <= self.popup <= LONGEST_POPUP:
            found.append(("popup", f"must be from 0 to {LONGEST_POPUP} minutes"))
        found += [(key, "needs mail = true") for key in ("received", "hints") if getattr(self, key) and not self.mail]
        return tuple(found)

    @property
    def listens(self) -> bool:
        """Whether received mail is read, from whomever it is to be kept."""
        return self.received or bool(self.hints)

    def endpoints(self) -> Endpoints:
        """Return where Google's services live for this account."""
        return read_endpoints(self.endpoint)

    def where(self) -> Path:
        """Return the state's folder. Raises LookupError before ``kept_in``: a bug."""
        if self.state is None:
            raise LookupError("this account was not told where the state is")
        return self.state

    def kept_in(self, state: Path) -> Google:
        """Return this account, keeping its logins and counts below the folder ``state``."""
        account = replace(self)
        object.__setattr__(account, "state", state)
        return account

    def wanted(self, writes: frozenset[str]) -> Mapping[GrantName, tuple[str, ...]]:
        """Return the scopes (short) that this configuration needs, by grant; grants it does not need are left out.

        ``writes`` says what this account was chosen for in ``[write]``: "reminders", "drafts".
        """
        calendar = [READ_EVENTS, LIST_CALENDARS] if self.calendars else []
        if "reminders" in writes:
            own = [LIST_CALENDARS, OWN_CALENDAR] if self.written_as == "events" else [TASKS]
            calendar += [scope for scope in own if scope not in calendar]
        found: dict[GrantName, tuple[str, ...]] = {
            "calendar": tuple(calendar),
            "mail": (SENT_HEADERS,) if self.mail else (),
            "drafts": (WRITE_DRAFTS,) if "drafts" in writes else (),
        }
        return {name: scopes for name, scopes in found.items() if scopes}

    def is_local(self) -> bool:
        """Tell whether all of Google's services are on this machine: an emulator."""
        places = self.endpoints()
        return all(is_loopback(uri) for uri in (places.calendar, places.gmail, places.tasks, places.token or ""))

    def settle(self, name: str) -> None:
        """Write down, once a tick, what was spent of Google's quota."""
        from connectors._google.wire import settle

        settle(self.where(), name)

    def standing(self, name: str, zone: str, writes: frozenset[str], now: datetime) -> Standing:
        """Return how the logins stand and what was spent today, for ``status``; asks nobody."""
        from connectors._google.standing import standing

        return standing(self, name, zone, writes, now)


def _is_id(text: str) -> bool:
    return (
        bool(text.strip()) and text.isprintable() and len(text) <= 320 and "/" not in text and text not in {".", ".."}
    )
