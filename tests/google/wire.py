"""How do requests come in and answers go out? Keep-alive over plain sockets, one thread for each connection.

Each answer is one write. Connections can be cut at any point, which is why http.server is not used here.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from urllib.parse import parse_qsl, unquote

from .answers import Answer, Request, as_page

HEAD_LIMIT = 64 * 1024
BODY_LIMIT = 64 * 1024 * 1024


class Cut(Exception):
    """The connection is to be closed; *sent* goes out before that."""

    def __init__(self, sent: bytes = b"", *, reset: bool = False) -> None:
        self.sent = sent
        self.reset = reset
        super().__init__("the connection is cut")


class Wire:
    """Listens on a free port of 127.0.0.1 until closed and gives each request to *answer*."""

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        self._answer = answer
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listening.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._guard = threading.Lock()
        self._thread = threading.Thread(target=self._accept, name="stand-in", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening, cut every connection and wait for the threads."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(5)
        self.hang_up()
        for thread in self._threads:
            thread.join(5)

    def hang_up(self) -> None:
        """Close every open connection, as a server does with idle ones."""
        with self._guard:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            with self._guard:
                self._open.add(connection)
                self._threads = [*(one for one in self._threads if one.is_alive()), thread]
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb", buffering=65536) as stream, contextlib.suppress(OSError):
                self._converse(connection, stream)
        finally:
            with self._guard:
                self._open.discard(connection)

    def _converse(self, connection: socket.socket, stream: object) -> None:
        while (request := _read(stream, connection)) is not None:
            if isinstance(request, Answer):
                connection.sendall(request.encoded())
                return
            try:
                answer = self._answer(request)
            except Cut as cut:
                connection.sendall(cut.sent)
                if cut.reset:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                else:
                    connection.shutdown(socket.SHUT_RDWR)
                return
            connection.sendall(answer.encoded())
            if request.headers.get("connection", "").lower() == "close":
                return


def _read(stream: object, connection: socket.socket) -> Request | Answer | None:
    """Read one request; None at the end of the connection, an answer if it is no HTTP."""
    line = stream.readline(HEAD_LIMIT)  # type: ignore[attr-defined]
    if not line:
        return None
    parts = line.split()
    if len(parts) != 3 or not parts[2].startswith(b"HTTP/1."):
        return as_page(400, "Your client has issued a malformed or illegal request.")
    headers = _headers(stream)
    if headers is None:
        return as_page(431, "The headers are too large.")
    if "transfer-encoding" in headers:
        return as_page(411, "POST requests require a Content-length header.")
    told = headers.get("content-length", "0")
    length = int(told) if told.isdecimal() else BODY_LIMIT + 1
    if length > BODY_LIMIT:
        return as_page(413, "Your client issued a request that was too large.")
    if headers.get("expect", "").lower() == "100-continue":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    body = stream.read(length) if length else b""  # type: ignore[attr-defined]
    return (
        None if len(body) < length else _request(parts[0].decode("latin-1"), parts[1].decode("latin-1"), headers, body)
    )


def _headers(stream: object) -> dict[str, str] | None:
    headers: dict[str, str] = {}
    for _ in range(200):
        line = stream.readline(HEAD_LIMIT)  # type: ignore[attr-defined]
        if line in {b"\r\n", b"\n", b""}:
            return headers
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    return None


def _request(verb: str, target: str, headers: dict[str, str], body: bytes) -> Request:
    """Split the target; googleapiclient turns a long GET into a POST that says what it was."""
    path, _, query = target.partition("?")
    override = headers.get("x-http-method-override", "").upper()
    if verb == "POST" and override:
        verb, query, body = override, body.decode("latin-1"), b""
    pairs = tuple(parse_qsl(query, keep_blank_values=True)) if query else ()
    return Request(verb=verb, path=path, query=pairs, headers=headers, body=body)


def segments(path: str) -> list[str]:
    """Split a path at its slashes and decode each piece: calendar ids hold @ and #."""
    return [unquote(piece) for piece in path.removeprefix("/").split("/")]
