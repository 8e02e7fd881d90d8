"""Who takes the browser's answer when nobody wants to paste it? A listener on this machine, for a few minutes.

It hears favicon requests, port probes and answers to other questions, and goes on waiting. The standard library only.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOST = "127.0.0.1"
_PAGE = b"<!doctype html><title>Kith</title><p>Kith has the answer. You can close this window.</p>"
_SILENT = 5.0


class Listener:
    """An address on this machine that waits for the answer."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        """Take the server; ``listening`` makes one."""
        self._server = server
        self._found = threading.Event()
        self._answer = ""
        self.is_answer: Callable[[str], bool] = lambda _: False

    @property
    def redirect(self) -> str:
        """The address that the browser is to be sent to."""
        return f"http://{HOST}:{self._server.server_address[1]}/"

    def offered(self, path: str) -> bool:
        """Take the request for ``path`` if it is the answer that is waited for."""
        if self._found.is_set() or not self.is_answer(path):
            return False
        self._answer = path
        self._found.set()
        return True

    def wait(self, seconds: float) -> str | None:
        """Return the answer, None when it does not come in ``seconds``. Ctrl-C ends the wait."""
        ends = time.monotonic() + seconds
        while not self._found.wait(0.2):
            if time.monotonic() > ends:
                return None
        return self._answer


class _Handler(BaseHTTPRequestHandler):
    timeout = _SILENT

    def do_GET(self) -> None:
        """Answer the browser."""
        taken = self.server.listener.offered(self.path)  # type: ignore[attr-defined]
        body = _PAGE if taken else b"Not here."
        self.send_response(200 if taken else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing: the request holds the code."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, *_: Any) -> None:
        """Say nothing: somebody probed the port and left."""


@contextmanager
def listening(port: int) -> Iterator[Listener]:
    """Listen on ``port`` of this machine (0: any free one) while the block lasts. Raises OSError if it is taken."""
    server = _Server((HOST, port), _Handler)
    listener = Listener(server)
    server.listener = listener  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
