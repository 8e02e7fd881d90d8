"""A server that says what a test tells it to, and notes what it was asked: for what goes wrong below Google's words."""

from __future__ import annotations

import json
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[["Handler"], None]


@dataclass
class Seen:
    """One request as it came in."""

    verb: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Small:
    """What a test holds of the server: its address, the requests so far, and what to answer next."""

    url: str
    seen: list[Seen] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    token: Callable[[], Reply] = field(default=lambda: answer({"access_token": "at", "expires_in": 3600}))

    def paths(self, part: str = "/v") -> list[str]:
        return [f"{item.verb} {item.path.partition('?')[0]}" for item in self.seen if part in item.path]

    def of_tokens(self) -> int:
        return sum(item.path == "/token" for item in self.seen)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_one(self) -> None:
        small: Small = self.server.small  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        small.seen.append(Seen(self.command, self.path, headers, body))
        if self.path == "/token":
            small.token()(self)
        else:
            (small.replies.pop(0) if small.replies else answer({}))(self)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one  # noqa: N815 - the standard library's names

    def log_message(self, *_: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


def answer(content: Any, status: int = 200, **headers: str) -> Reply:
    """Answer with JSON, or with bytes as they are."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return raw(body, status, **headers)


def raw(body: bytes, status: int = 200, *, length: int | None = None, **headers: str) -> Reply:
    """Answer with ``body``, saying that it is ``length`` bytes long; then close the connection if that is a lie."""

    def reply(handler: Handler) -> None:
        (handler.send_response_only if "Date" in headers else handler.send_response)(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        content = b"" if status in {204, 304} else body
        handler.send_header("Content-Length", str(len(content) if length is None else length))
        handler.end_headers()
        handler.wfile.write(content)
        handler.close_connection = length is not None

    return reply


def error(status: int, reason: str = "", **headers: str) -> Reply:
    """Answer as Google does when something is wrong."""
    row = {"reason": reason, "domain": "global", "message": "clara@winter.example may not"}
    return answer(
        {"error": {"code": status, "message": "for clara@winter.example", "errors": [row]}}, status, **headers
    )


def drop(handler: Handler) -> None:
    """Take the request, then close the connection without a word."""
    handler.close_connection = True
    handler.connection.shutdown(2)


def slow(handler: Handler) -> None:
    """Say nothing for longer than the test's patience, which is short."""
    time.sleep(0.4)
    drop(handler)


def drip(handler: Handler) -> None:
    """Send a byte now and then, for ever."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(40):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.02)


@contextmanager
def small_server(secured: ssl.SSLContext | None = None) -> Iterator[Small]:
    """Run a server on this machine while the block lasts, by TLS if ``secured`` says how."""
    server = _Server(("127.0.0.1", 0), Handler)
    if secured is not None:
        server.socket = secured.wrap_socket(server.socket, server_side=True)
    assert isinstance(server, socketserver.ThreadingMixIn)
    small = Small(url=f"http://127.0.0.1:{server.server_address[1]}")
    server.small = small  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield small
    finally:
        server.shutdown()
        server.server_close()
