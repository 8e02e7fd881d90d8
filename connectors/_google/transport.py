"""How does one request get to Google and its answer back, in bounded time and memory, once?

The ``http`` object that googleapiclient is given, over google-auth's AuthorizedSession: httplib2 would silently send a
POST twice when the connection drops. Imports the HTTP libraries: only ``wire`` imports it, when it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from json import loads
from typing import Any
from urllib.parse import urlencode

import google.auth.credentials
import httplib2
import requests
import urllib3
from google.auth.transport.requests import AuthorizedSession

from connectors._google.endpoints import Endpoints
from connectors._google.errors import Answer, Unsure
from connectors._google.grants import Grant, refused
from connectors._google.meter import Clock, Meter
from connectors._google.methods import Method, permitted
from connectors._google.session import NO_ANSWER, Limits, plain_session, proxies, settle_session, taken, why
from connectors._google.token import Token, refusal_in
from connectors.records import NeedsLogin, Unavailable

MARGIN = timedelta(minutes=4)
"""A new access token is had this long before the old one ends."""


class Login(google.auth.credentials.Credentials):
    """The credentials of one grant: refreshed once a request at most, kept in its token file, never hammered."""

    def __init__(self, grant: Grant, endpoints: Endpoints, clock: Clock) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._grant, self._endpoints, self._clock = grant, endpoints, clock
        self._stamp = ""
        self._ends = clock.now()

    @property
    def valid(self) -> bool:
        """Whether there is an access token that holds for a while; by our clock, not the library's."""
        return self.token is not None and self._clock.now() < self._ends

    def forget_if_changed(self) -> None:
        """Drop the access token when the token file is another one than it came from: a new login holds at once."""
        if self.token is not None and self._grant.stamp() != self._stamp:
            self.token = None

    def refresh(self, request: Callable[..., Any]) -> None:
        """Get a new access token. Raises NeedsLogin, Unavailable."""
        self.token = None  # whatever becomes of this: the old one was refused, or ends
        token = self._grant.token()
        answer = self._ask(request, token)
        if (fresh := answer.get("refresh_token")) and isinstance(fresh, str) and fresh != token.refresh_token:
            token = replace(token, refresh_token=fresh)
            self._keep(token)  # before it is used: the old one may be dead already (reliability A3)
        now = self._clock.now()
        self._grant.accept(token, now)
        self.token, self._stamp = answer["access_token"], self._grant.stamp()
        self._ends = now + timedelta(seconds=_lifetime(answer)) - MARGIN

    def _keep(self, token: Token) -> None:
        try:
            self._grant.store(token)
        except OSError as error:
            raise Unavailable(f"the new login cannot be written to the disk: {error.strerror}") from None

    def _ask(self, request: Callable[..., Any], token: Token) -> dict[str, Any]:
        uri = self._endpoints.token_uri(token.token_uri)
        if uri is None:
            raise NeedsLogin("the token file names a token endpoint that is not https", self._grant.remedy)
        fields = {
            "grant_type": "refresh_token",
            "client_id": token.client_id,
            "client_secret": token.client_secret,
            "refresh_token": token.refresh_token,
        }
        form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        answer = request(url=uri, method="POST", body=urlencode(fields).encode(), headers=form)
        content = _object(answer.data)
        if answer.status == 200 and isinstance(content.get("access_token"), str) and content["access_token"]:
            return content
        if code := refusal_in(answer.status, content):
            self._grant.refuse(code, self._clock.now())
            raise refused(code, self._grant)
        if answer.status == 429:
            raise Answer(429, answer.headers, b"")  # judged as any rate limit is: waited for, and left alone meanwhile
        raise Unavailable(f"Google's token endpoint gives no believable answer ({answer.status})")


@dataclass(frozen=True, slots=True)
class Fetched:
    """Status and body of an answer of the token endpoint: what google-auth calls a response."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class TokenRequest:
    """Requests to the token endpoint: one try, bounded, no redirection."""

    def __init__(self, session: requests.Session, limits: Limits, clock: Clock) -> None:
        self.session = session
        self._bounds = limits, clock

    def __call__(self, url: str, method: str = "GET", body: Any = None, headers: Any = None, **_: Any) -> Fetched:
        """Return the answer. Raises Unavailable."""
        limits, clock = self._bounds
        self.session.proxies = proxies(url)
        try:
            ends = clock.monotonic() + limits.total
            answer = self.session.request(
                method,
                url,
                data=body,
                headers=headers,
                timeout=(limits.connect, limits.read),
                allow_redirects=False,
                stream=True,
            )
            return Fetched(answer.status_code, answer.headers, taken(answer, ends, limits.size, clock))
        except NO_ANSWER as error:
            raise Unavailable(f"Google's token endpoint cannot be reached ({why(error)})") from None


class Session(AuthorizedSession):
    """The library's session, but for what it does again and again with the headers of every read."""

    _like: tuple[dict[str, Any], requests.PreparedRequest] | None = None

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """Return what is sent for ``request``. A read like the one before, but for its address, is a copy of it."""
        if request.method != "GET" or request.data or not str(request.url).isascii():
            return self._prepared(request)
        headers = dict(request.headers)
        if self._like is None or self._like[0] != headers:
            self._like = headers, self._prepared(request)
        made = self._like[1].copy()
        made.url = request.url  # whoever built it has quoted it already
        return made

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:  # noqa: ARG002 - the library's signature
        """Return how to send: as the session says, for nothing is taken out of the environment."""
        return {"proxies": self.proxies, "stream": stream, "verify": self.verify, "cert": cert}

    def _prepared(self, request: requests.Request) -> requests.PreparedRequest:
        made: requests.PreparedRequest = super().prepare_request(request)
        return made


class Http:
    """What googleapiclient calls instead of httplib2: ``request`` and ``close``."""

    def __init__(self, base: str, login: Login, meter: Meter, limits: Limits) -> None:
        """Take where the API lives, and whose requests these are."""
        self._base, self._login, self._meter, self._limits = base, login, meter, limits
        self._asking = TokenRequest(plain_session(), limits, meter.clock)
        made = Session(login, refresh_status_codes=(), auth_request=self._asking)  # type: ignore[no-untyped-call]
        self._session: Any = made  # the library is untyped
        settle_session(self._session)
        self._session.proxies = proxies(base)

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_: Any,
    ) -> tuple[httplib2.Response, bytes]:
        """Send one request and return its answer, a success; after a 401 once more with a new access token.

        Raises Refused before anything is sent, Answer for every status from 300 on, Unsure for a write and Unavailable
        for a read that got no whole answer, NeedsLogin.
        """
        sent = dict(headers or {})
        if sent.pop("x-http-method-override", "") == "GET":  # googleapiclient's way with long addresses
            uri, method, body = f"{uri}?{_text(body)}", "GET", None
            sent = {name: value for name, value in sent.items() if not name.lower().startswith("content-")}
        known = permitted(method, uri, self._base, body)
        status, content = self._authorised(known, uri, body, sent)
        if status.status >= 300:
            raise Answer(status.status, status, content)
        if known.verb == "DELETE" and not content:
            status.status = 204
        return status, content

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _authorised(
        self, method: Method, uri: str, body: str | bytes | None, headers: dict[str, str]
    ) -> tuple[httplib2.Response, bytes]:
        self._login.forget_if_changed()
        fresh = not self._login.valid
        if fresh:
            self._login.refresh(self._asking)
        status, content = self._once(method, uri, body, headers)
        if status.status == 401 and not fresh:  # refused before anything happened: a write may go again, too
            self._login.refresh(self._asking)
            status, content = self._once(method, uri, body, headers)
        return status, content

    def _once(
        self, method: Method, uri: str, body: str | bytes | None, headers: dict[str, str]
    ) -> tuple[httplib2.Response, bytes]:
        limits, clock = self._limits, self._meter.clock
        self._meter.spend(method)
        ends = clock.monotonic() + limits.total
        try:
            found = self._session.request(
                method.verb,
                uri,
                data=body,
                headers=headers,
                timeout=(limits.connect, limits.read),
                allow_redirects=False,
                stream=True,
            )
            content = taken(found, ends, limits.size, clock)
        except NO_ANSWER as error:
            kind = Unsure if method.writes and not _never_left(error) else Unavailable
            raise kind(f"Google cannot be reached ({why(error)})") from None
        self._meter.heard(found.headers.get("date"))
        return httplib2.Response({"status": str(found.status_code), **found.headers}), content


def _never_left(error: BaseException) -> bool:
    """Tell whether there never was a connection: then nothing can have happened on the other side."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    reasons = [getattr(item, "reason", None) for item in error.args]
    return any(isinstance(item, urllib3.exceptions.NewConnectionError) for item in reasons)


def _object(data: bytes) -> dict[str, Any]:
    try:
        content = loads(data)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _lifetime(answer: Mapping[str, Any]) -> float:
    seconds = answer.get("expires_in")
    return min(float(seconds), 86400.0) if isinstance(seconds, int | float) and seconds > 0 else 3600.0


def _text(body: str | bytes | None) -> str:
    return body.decode() if isinstance(body, bytes) else body or ""
