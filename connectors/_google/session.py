"""How is one request bounded in time and memory, and what does it take from the environment?

Imports the HTTP libraries: only who speaks with Google imports it, when it is used.
"""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.util.ssl_ import create_urllib3_context

from connectors._google.endpoints import is_loopback
from connectors._google.meter import Clock

CHUNK = 1 << 16
NO_ANSWER = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)
"""Everything that means: no whole answer came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds to connect, to wait for the next bytes, and for everything; bytes of an answer, unpacked."""

    connect: float = 10.0
    read: float = 30.0
    total: float = 90.0
    size: int = 32 << 20


class Adapter(HTTPAdapter):
    """The library's adapter, but all connections share what is read of whom to trust.

    Left to itself each reads all certificates anew, and keeps them as long as it stands: 40 ms and 0.7 MB.
    """

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Have ``conn``, a pool of connections, checked as the library would. Raises OSError."""
        super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]  # the library is untyped
        secure_proxy = conn.proxy is not None and conn.proxy.scheme == "https"  # has a context of its own to make
        if conn.ca_certs and not secure_proxy:
            conn.conn_kw["ssl_context"] = _trusting(conn.ca_certs)
            conn.ca_certs = None


def _trusting(bundle: str) -> ssl.SSLContext:
    """Return how to connect for whoever trusts the certificates in the file ``bundle``, as they stand there now."""
    try:
        stands = Path(bundle).stat()
        return _context(bundle, stands.st_mtime_ns, stands.st_size, stands.st_ino)
    except OSError as error:  # no certificates, too
        raise requests.exceptions.SSLError(error) from None


@lru_cache(maxsize=1)
def _context(bundle: str, *_: int) -> ssl.SSLContext:
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    context.load_verify_locations(bundle)
    return context


def settle_session(session: requests.Session) -> None:
    """Make ``session`` send each request once, and take nothing out of the environment but what we ask for."""
    session.trust_env = False  # a .netrc would replace the Authorization header
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
    for prefix in ("https://", "http://"):
        session.mount(prefix, Adapter(max_retries=0, pool_connections=2, pool_maxsize=2))


def plain_session() -> requests.Session:
    """Return a session without credentials, for the token endpoint."""
    session = requests.Session()
    settle_session(session)
    return session


def proxies(uri: str) -> dict[str, str]:
    """Return the proxies the environment names for ``uri``; none on this machine."""
    return {} if is_loopback(uri) else dict(requests.utils.get_environ_proxies(uri))


def taken(answer: requests.Response, ends: float, size: int, clock: Clock) -> bytes:
    """Return the whole body of ``answer``. Raises requests.Timeout or requests.RequestException beyond the bounds."""
    parts: list[bytes] = []
    left = size
    try:
        while part := answer.raw.read1(CHUNK, decode_content=True):
            parts.append(part)
            left -= len(part)
            _stop_at(left, ends - clock.monotonic())
    except BaseException:
        answer.close()
        raise
    return b"".join(parts)


def _stop_at(left: int, seconds: float) -> None:
    if left < 0:
        raise requests.exceptions.ContentDecodingError("too large")
    if seconds < 0:
        raise requests.Timeout


def why(error: BaseException) -> str:
    """Return in a word why there was no answer; never what the library says, for that holds addresses."""
    kinds: tuple[tuple[Any, str], ...] = (
        (requests.exceptions.ProxyError, "the proxy"),
        (requests.exceptions.SSLError, "its certificate, or this machine's clock"),
        ((requests.Timeout, urllib3.exceptions.TimeoutError), "no answer in time"),
        (requests.exceptions.ContentDecodingError, "too large an answer"),
        ((urllib3.exceptions.IncompleteRead, urllib3.exceptions.ProtocolError), "the answer was cut off"),
    )
    return next((text for kind, text in kinds if isinstance(error, kind)), "no connection")
