"""Where do Google's four services live? At Google, or at an emulator that ``endpoint`` names (issue point 9).

Plain http is allowed on this machine only. The standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from connectors._google.methods import Api

TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address, not a secret
AUTH_HOST = "accounts.google.com"
_GOOGLE: Mapping[Api, str] = {
    "calendar": "https://www.googleapis.com/",
    "gmail": "https://gmail.googleapis.com/",
    "tasks": "https://tasks.googleapis.com/",
}
_KEYS = frozenset({"gmail", "calendar", "tasks", "token"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Base addresses, each ending in a slash; ``token`` is the whole address, None: what the token file says."""

    calendar: str = _GOOGLE["calendar"]
    gmail: str = _GOOGLE["gmail"]
    tasks: str = _GOOGLE["tasks"]
    token: str | None = None

    def base(self, api: Api) -> str:
        """Return where ``api`` lives."""
        return {"calendar": self.calendar, "gmail": self.gmail, "tasks": self.tasks}[api]

    def token_uri(self, said: str) -> str | None:
        """Return where tokens are had: as configured, else as the token file ``said``; None: not trusted (U15)."""
        uri = self.token or said or TOKEN_URI
        return None if trouble(uri) else uri

    def auth_uri_trusted(self, uri: str) -> bool:
        """Tell whether the page of consent at ``uri`` is Google's, or belongs to the emulator."""
        if trouble(uri):
            return False
        host = urlsplit(uri).hostname or ""
        if self.token is None:
            return host == AUTH_HOST
        return is_loopback(uri) or host in {AUTH_HOST, urlsplit(self.token).hostname}


def read_endpoints(value: object) -> Endpoints:
    """Return what the key ``endpoint`` means: an address for all, or a table. Raises ValueError with words.

    ``None`` means Google. Each address is a base under which ``/gmail/v1``, ``/calendar/v3``, ``/tasks/v1`` and
    ``/token`` lie; that of ``token`` in a table may have a path of its own.
    """
    if value is None:
        return Endpoints()
    if isinstance(value, str):
        base = _base(value)
        return Endpoints(calendar=base, gmail=base, tasks=base, token=f"{base}token")
    if not isinstance(value, Mapping) or not value or not all(isinstance(item, str) for item in value.values()):
        raise ValueError("must be an address in quotes, or a table of them: gmail, calendar, tasks, token")
    if value.keys() - _KEYS:
        raise ValueError("knows these entries only: gmail, calendar, tasks, token")
    given = {key: _base(item) for key, item in value.items() if key != "token"}
    return Endpoints(**given, token=_token(value["token"]) if "token" in value else None)


def trouble(uri: str) -> str:
    """Return what keeps ``uri`` from being trusted with a secret, in words; empty when it is https, or loopback."""
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return "is no address"
    if not uri.isprintable() or " " in uri or "\\" in uri or not parts.hostname:
        return "is no address"
    if parts.username or parts.password or parts.query or parts.fragment:
        return "must be an address alone: no user, password, query or fragment"
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(uri)):
        return ""
    return "must begin with https://, or with http:// and be on this machine (127.0.0.1, localhost, [::1])"


def is_loopback(uri: str) -> bool:
    """Tell whether ``uri`` is on this machine."""
    try:
        host = urlsplit(uri).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _base(uri: str) -> str:
    if text := trouble(uri):
        raise ValueError(text)
    return f"{uri.rstrip('/')}/"


def _token(uri: str) -> str:
    base = _base(uri)
    return uri if urlsplit(base).path != "/" else f"{base}token"
