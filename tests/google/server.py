"""How do the pieces make one Google? The server: routing, checks, faults, the log, the clock, and the accounts."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from . import bulk, discovery
from .accounts import Account
from .answers import Answer, Request
from .calendars import Calendars
from .faults import Fault, Faults
from .mailbox import Mailbox
from .oauth import CLIENT_ID, CLIENT_SECRET, Grant, OAuth
from .quota import Limits
from .switches import Switches
from .tasks import Tasks
from .turns import Entry, Turn
from .user import User
from .wire import Cut, Wire

EMAIL = "clara@winter.example"
ZONE = "Europe/Berlin"
NOW = datetime(2026, 2, 12, 8, tzinfo=UTC)


class Server:
    """A Google of its own on a free port of 127.0.0.1; a context manager."""

    violations: ClassVar[list[Entry]] = []
    """Requests to any stand-in of this process that would have sent mail."""

    def __init__(
        self, now: datetime = NOW, *, email: str = EMAIL, zone: str = ZONE, switches: Switches | None = None
    ) -> None:
        self.now = now
        self.zone = zone
        self.switches = switches or Switches()
        self.log: list[Entry] = []
        self.oauth = OAuth(self.switches)
        self.faults = Faults()
        self.limits = Limits()
        self._email = email
        self._accounts: dict[str, Account] = {}
        self._guard = threading.RLock()
        self._closing = threading.Event()
        self._wire = Wire(self._answer)
        self.url = f"http://127.0.0.1:{self._wire.port}"
        self.account(email)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop; every connection is cut."""
        self._closing.set()
        self._wire.close()

    @property
    def endpoint(self) -> str:
        """The address for the account's ``endpoint``."""
        return self.url

    @property
    def user(self) -> User:
        """The user of the one account."""
        return User(self)

    @property
    def units(self) -> Counter[str]:
        """Gmail quota units spent, by method, over all accounts."""
        return sum((one.units for one in self._accounts.values()), Counter())

    def account(self, email: str = "") -> Account:
        """Give the account of *email*, made when it is first named; without one, the first."""
        email = email or self._email
        if email not in self._accounts:
            made = Account(
                email=email,
                zone=self.zone,
                mailbox=Mailbox(email),
                calendars=Calendars(email, ZoneInfo(self.zone)),
                tasks=Tasks(self.url),
            )
            made.tasks.add_list("My Tasks", self.now)
            self._accounts[email] = made
        return self._accounts[email]

    def user_of(self, email: str) -> User:
        """Give the user of another account."""
        return User(self, self.account(email))

    def advance(self, by: timedelta) -> datetime:
        """Move the clock and give the new time."""
        self.now += by
        return self.now

    def client(self) -> dict[str, Any]:
        """Give the OAuth client of type "installed" as the console's download has it."""
        return {
            "installed": {
                "client_id": CLIENT_ID,
                "project_id": "kith-1234",
                "auth_uri": f"{self.url}/o/oauth2/auth",
                "token_uri": f"{self.url}/token",
                "auth_provider_x509_cert_url": f"{self.url}/certs",
                "client_secret": CLIENT_SECRET,
                "redirect_uris": ["http://localhost"],
            }
        }

    def grant(self, scopes: Iterable[str], email: str = "") -> dict[str, Any]:
        """Give a token file for a fresh grant of *scopes* (full or without their prefix)."""
        whole = discovery.whole(scopes)
        with self._guard:
            made = self.oauth.grant(self.account(email).email, whole, self.now)
        return {
            "type": "authorized_user",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "refresh_token": made.refresh_token,
            "token_uri": f"{self.url}/token",
            "scopes": sorted(whole),
        }

    def access_token(self, scopes: Iterable[str], email: str = "") -> str:
        """Give an access token of a fresh grant, for requests by hand."""
        return self.oauth.token(self.find_grant(self.grant(scopes, email)), self.now)

    def find_grant(self, token: dict[str, Any] | str) -> Grant:
        """Find the grant of a token file or a refresh token."""
        wanted = token if isinstance(token, str) else token["refresh_token"]
        return next(one for one in self.oauth.grants if one.refresh_token == wanted)

    def fault(
        self,
        what: int | str,
        *,
        method: str = "*",
        path: str = "*",
        verb: str = "*",
        nth: int = 1,
        times: int | None = 1,
        **details: Any,
    ) -> Fault:
        """Order a fault: see README.md."""
        return self.faults.order(
            Fault(what=what, method=method, path=path, verb=verb, nth=nth, times=times, details=details)
        )

    def random_faults(
        self, seed: int, rate: float, kinds: Iterable[int | str], method: str = "*", **details: Any
    ) -> None:
        """Draw a fault for each request of *method* with probability *rate*."""
        for what in kinds:
            Fault(what=what)
        self.faults.throw(seed, rate, tuple(kinds), method, details)

    def calm(self) -> None:
        """End all faults."""
        self.faults.calm()

    def enforce_quota(self, gmail: int = 6000, calendar: int = 600, status: int = 429) -> None:
        """Refuse from now on what is over so much in a minute of the server's clock."""
        self.limits = Limits(most={"gmail": gmail, "calendar": calendar}, status=status)

    def hang_up(self) -> None:
        """Close the connections that are open, as servers do with idle ones."""
        self._wire.hang_up()

    def forget_history(self) -> None:
        """Make every historyId given out so far too old."""
        self.account().mailbox.forget()

    def expire_sync_tokens(self) -> None:
        """Make every syncToken given out so far a 410."""
        self.account().calendars.forget()

    def expire_access_tokens(self) -> None:
        """Let every access token die; refresh tokens live on."""
        self.oauth.expire()

    def load_mails(self, count: int, **about: Any) -> int:
        """Put in many sent mails: see ``bulk.mails``."""
        box = self.account().mailbox
        return box.load(bulk.mails(box, count, self.now, **about))

    def load_events(self, count: int, calendar: str = "primary", **about: Any) -> int:
        """Put in many past events: see ``bulk.events``."""
        calendars = self.account().calendars
        where = calendars.find(calendar)
        assert where is not None
        return calendars.load(where, bulk.events(count, self.now, **about), self.now)

    def sent_paths(self) -> list[str]:
        """Give the paths of requests that would have let mail go out: must be empty."""
        return [entry.path for entry in self.log if entry.sends]

    def requests(self, method: str = "") -> list[Entry]:
        """Give the log without OAuth, or of one method only."""
        return [entry for entry in self.log if (entry.method == method if method else entry.method)]

    def _answer(self, request: Request) -> Answer:
        turn = Turn(self, request)
        with self._guard:
            try:
                answer = turn.answer()
            except Cut:
                self._note(turn.entry(0))
                raise
            self._note(turn.entry(answer.status))
        if turn.late:
            self._closing.wait(turn.late)
        return answer

    def _note(self, entry: Entry) -> None:
        self.log.append(entry)
        if entry.sends:
            self.violations.append(entry)
