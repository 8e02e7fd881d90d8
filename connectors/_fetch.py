"""What stands at an address that a user or a feed names? Asked once, politely, in bounded time and memory.

Every name is resolved once, each of its addresses judged (``connectors._reach``), and the connection made to the very
address that was judged: a name that leads elsewhere a moment later (DNS rebinding) is of no use. TLS is checked against
the name. A redirect is a new address: judged the same way, five at most, and never to a host at home. No proxy of the
environment is used, for what it connects to nobody could judge. No text of an error holds an address.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Collection, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import lru_cache

from connectors._reach import Refused, Target, fold_host, is_at_home, is_loopback, is_open, onward, target
from connectors.records import BadData, Unavailable

CHUNK = 1 << 16
HOPS = 5
CONNECT = 10.0
"""Seconds that one address of several may take to answer."""
AGENT = "kithd"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GZIP = 31
"""zlib's wbits for the format of gzip."""

Resolve = Callable[[str, int], Collection[str]]
"""Returns the addresses (numbers) of a host. Raises OSError."""
Dial = Callable[[str, int, float], socket.socket]
"""Connects to an address and port within so many seconds. Raises OSError."""


def _resolve(host: str, port: int) -> Collection[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(item[4][0]) for item in found))


def _dial(address: str, port: int, seconds: float) -> socket.socket:
    return socket.create_connection((address, port), timeout=seconds)


@lru_cache(maxsize=1)
def trust() -> ssl.SSLContext:
    """Return whom TLS believes: whom this machine does; where it knows nobody, the list that comes with requests."""
    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"]:
        from requests.utils import DEFAULT_CA_BUNDLE_PATH

        context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    return context


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Where may be gone to: the open internet, and the ``private_hosts`` (folded) that the user named.

    The rest is how it is done; tests give their own.
    """

    private_hosts: frozenset[str] = frozenset()
    resolve: Resolve = _resolve
    dial: Dial = _dial
    trust: Callable[[], ssl.SSLContext] = trust


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Bytes of an answer, unpacked, and seconds for everything, redirects too."""

    size: int = 10 << 20
    seconds: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came: the status, the headers (names in lower case, the first of several), the body unpacked."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def guard_for(hosts: Collection[str]) -> Guard:
    """Return the guard that lets ``hosts`` of the user's be at home."""
    return Guard(private_hosts=frozenset(map(fold_host, hosts)))


def get(url: str, guard: Guard, headers: Mapping[str, str] | None = None, bounds: Bounds | None = None) -> Answer:
    """Return the answer to a GET, redirects followed. Raises Refused, Unavailable, or BadData for one too large."""
    bounds = bounds or Bounds()
    here = target(url, guard.private_hosts)
    at_home = guard.private_hosts & {here.host}  # a redirect leads to no host at home but the one it comes from
    said = Said(headers=headers or {}, size=bounds.size, ends=time.monotonic() + bounds.seconds)
    for _ in range(HOPS + 1):
        answer = _ask(here, guard, at_home, said)
        if answer.status not in _REDIRECTS or "location" not in answer.headers:
            return answer
        here = onward(here, answer.headers["location"], at_home)
    raise Unavailable("leads from one address to the next without end")


def post(url: str, body: bytes, guard: Guard, bounds: Bounds, headers: Mapping[str, str] | None = None) -> Answer:
    """Return the answer to a POST, sent once; a redirect is not followed. Raises as ``get`` does."""
    here, ends = target(url, guard.private_hosts), time.monotonic() + bounds.seconds
    said = Said(verb="POST", body=body, headers=headers or {}, size=bounds.size, ends=ends)
    return _ask(here, guard, guard.private_hosts & {here.host}, said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said to every address on the way, and until when (monotonic) and up to what size the answer counts."""

    size: int
    ends: float
    verb: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


def _ask(here: Target, guard: Guard, at_home: Collection[str], said: Said) -> Answer:
    try:
        addresses = _judged(here, guard, at_home, said.ends)
        with _connected(here, addresses, guard, said.ends) as raw, _Curfew(raw, said.ends) as curfew:
            try:
                answer = _exchange(raw, here, guard, said)
            except (OSError, http.client.HTTPException):
                curfew.check()
                raise
            curfew.check()
            return answer
    except (OSError, http.client.HTTPException, ValueError, zlib.error) as error:
        raise Unavailable(_why(error)) from None


def _exchange(raw: socket.socket, here: Target, guard: Guard, said: Said) -> Answer:
    headers = {"Host": here.authority, "User-Agent": AGENT, "Accept-Encoding": "gzip", "Connection": "close"}
    with closing(http.client.HTTPConnection(here.host, here.port)) as made:
        secured = here.scheme == "https"
        made.sock = guard.trust().wrap_socket(raw, server_hostname=here.host) if secured else raw
        made.request(said.verb, here.path, body=said.body, headers={**headers, **said.headers})
        with made.getresponse() as answer:
            found = {name.lower(): value for name, value in reversed(answer.getheaders())}
            return Answer(status=answer.status, headers=found, body=_body(answer, found, said.size))


# -- whom to connect to ------------------------------------------------------------------------------------------------


def _judged(here: Target, guard: Guard, at_home: Collection[str], ends: float) -> Collection[str]:
    """Return the addresses of ``here``, all of which may be gone to. Raises Refused, OSError."""
    addresses = _in_time(lambda: guard.resolve(here.host, here.port), ends)
    if not addresses:
        raise socket.gaierror
    home = here.host in at_home
    may = is_loopback if here.scheme == "http" else lambda address: is_open(address) or (home and is_at_home(address))
    if not all(map(may, addresses)):
        raise Refused("leads to an address that is not the open internet's: private_hosts may name a host at home")
    return addresses


def _in_time(look_up: Callable[[], Collection[str]], ends: float) -> Collection[str]:
    """Return what ``look_up`` returns; the system's resolver knows no bound of its own (reliability N1)."""
    found: list[Collection[str]] = []
    errors: list[OSError] = []

    def run() -> None:
        try:
            found.append(look_up())
        except (OSError, UnicodeError) as error:
            errors.append(error if isinstance(error, OSError) else socket.gaierror())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(max(ends - time.monotonic(), 0))
    if errors:
        raise errors[0]
    if not found:
        raise TimeoutError
    return found[0]


def _connected(here: Target, addresses: Collection[str], guard: Guard, ends: float) -> socket.socket:
    last: OSError = TimeoutError()
    for address in addresses:
        left = ends - time.monotonic()
        if left <= 0:
            break
        try:
            made = guard.dial(address, here.port, min(CONNECT, left))
        except OSError as error:
            last = error
            continue
        made.settimeout(max(ends - time.monotonic(), 0.001))
        return made
    raise last


class _Curfew:
    """Ends a connection at a moment, whoever waits on it: a byte now and then buys no time (reliability N4)."""

    def __init__(self, raw: socket.socket, ends: float) -> None:
        self._twin = raw.dup()  # what is wrapped for TLS goes by another number; the connection is the same
        self._over = False
        self._timer = threading.Timer(max(ends - time.monotonic(), 0), self._end)
        self._timer.daemon = True

    def __enter__(self) -> _Curfew:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()
        self._twin.close()

    def check(self) -> None:
        """Raise TimeoutError once the moment has come: whatever came till then is not the whole."""
        if self._over:
            raise TimeoutError

    def _end(self) -> None:
        self._over = True
        with suppress(OSError):
            self._twin.shutdown(socket.SHUT_RDWR)


# -- what came ---------------------------------------------------------------------------------------------------------


def _body(answer: http.client.HTTPResponse, headers: Mapping[str, str], size: int) -> bytes:
    """Return the whole body of ``answer``, unpacked. Raises BadData beyond ``size`` bytes, packed or not."""
    packing = headers.get("content-encoding", "").strip().lower()
    if packing not in {"", "identity", "gzip", "x-gzip"}:
        raise BadData("is packed in a way that was not asked for")
    unpack = zlib.decompressobj(_GZIP) if packing.endswith("gzip") else None
    parts: list[bytes] = []
    packed = unpacked = 0
    while part := answer.read(CHUNK):
        packed += len(part)
        if unpack is not None:
            part = unpack.decompress(part, size + 1 - unpacked)  # a bomb is never unpacked beyond its bound
        unpacked += len(part)
        if max(packed, unpacked) > size or (unpack is not None and unpack.unconsumed_tail):
            raise BadData(f"is larger than {size} bytes")
        parts.append(part)
    if answer.length:
        raise http.client.IncompleteRead(b"")
    if unpack is not None and packed and not unpack.eof:
        raise http.client.IncompleteRead(b"")
    return b"".join(parts)


def _why(error: BaseException) -> str:
    """Return in words why there was no answer; never what the library says, for that holds addresses."""
    kinds: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
        (TimeoutError, "no answer in time"),
        (socket.gaierror, "the name of its host is not known"),
        (ssl.SSLCertVerificationError, "its certificate is not believed, or this machine's clock is wrong"),
        (ssl.SSLError, "no secure connection"),
        ((http.client.IncompleteRead, EOFError), "the answer was cut off"),
        (zlib.error, "the answer is damaged"),
        ((http.client.HTTPException, ValueError), "what answers does not speak http"),
    )
    return next((text for kind, text in kinds if isinstance(error, kind)), "no connection")
