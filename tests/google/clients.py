"""How do the tests of the stand-in talk to it? With Google's own client library, and by hand where it would refuse."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
import requests
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from tests.google.server import Server

opened: list[Any] = []
"""What the fixture in conftest.py closes after each test."""
CALENDAR = ("calendar.events.readonly", "calendar.calendarlist.readonly", "calendar.app.created")
PATHS = {"gmail": ("v1", ""), "calendar": ("v3", "/calendar/v3/"), "tasks": ("v1", "")}


def credentials(token: dict[str, Any]) -> Credentials:
    """Give the credentials of a token file; google-auth's own reader would point them at Google."""
    kept = {name: token[name] for name in ("refresh_token", "token_uri", "client_id", "client_secret", "scopes")}
    return Credentials(None, **kept)


def api(server: Server, name: str, *scopes: str, token: dict[str, Any] | None = None) -> Any:
    """Build googleapiclient's resource of a service over real HTTP."""
    version, path = PATHS[name]
    held = credentials(token or server.grant(scopes))
    made = build(name, version, credentials=held, client_options={"api_endpoint": server.url + path})
    opened.append(made)
    return made


def refused(request: Any) -> tuple[int, str]:
    """Execute a request that fails and give status and reason."""
    with pytest.raises(HttpError) as caught:
        request.execute()
    details = caught.value.error_details
    return caught.value.status_code, details[0]["reason"] if details and "reason" in details[0] else ""


class ByHand(requests.Session):
    """Plain requests with an access token, relative to the server."""

    def __init__(self, server: Server, scopes: Iterable[str] = ()) -> None:
        super().__init__()
        opened.append(self)
        self.trust_env = False
        self.server = server
        if scopes:
            self.headers["Authorization"] = f"Bearer {server.access_token(scopes)}"

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request to a path of the server (or any address); redirects are not followed."""
        return super().request(
            method,
            url if "://" in url else self.server.url + url,
            *args,
            **{"timeout": 5, **kwargs, "allow_redirects": False},
        )

    def reason(self, path: str, verb: str = "GET", **kwargs: Any) -> tuple[int, str]:
        """Send a request and give its status and the reason in the error, if there is one."""
        answer = self.request(verb, path, **kwargs)
        body = answer.json() if answer.content else {}
        error = body.get("error", {})
        return answer.status_code, error["errors"][0]["reason"] if isinstance(error, dict) and error else str(
            error or ""
        )
