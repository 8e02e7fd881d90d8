"""Does a watcher elsewhere hear that Kith lives? A health ping: it never waits long, and never masks an error.

The address is a secret of the user's and stands in no log; what is sent are counts and codes.
"""

from __future__ import annotations

import threading
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

Event: TypeAlias = Literal["start", "success", "fail"]
PATIENCE = 10.0
"""Seconds that a tick waits for a ping; one that takes longer goes on beside it."""
TIMEOUT = 8.0
LONGEST = 1000
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Ping:
    """One address of the kind healthchecks.io made common: itself for a success, ``/start`` and ``/fail`` below it."""

    def __init__(self, address: str | None) -> None:
        self._address = address
        self._sending: threading.Thread | None = None

    def send(self, event: Event, text: str = "") -> None:
        """Tell of ``event``; nothing that goes wrong with that is anybody's trouble."""
        if self._address is None or (self._sending is not None and self._sending.is_alive()):
            return
        uri = self._address.rstrip("/") + ("" if event == "success" else f"/{event}")
        self._sending = threading.Thread(target=_post, args=(uri, text[:LONGEST]), daemon=True)
        self._sending.start()
        self._sending.join(PATIENCE)


def _post(uri: str, text: str) -> None:
    import requests

    try:
        with requests.Session() as session:
            session.trust_env = False  # else a .netrc would add a password
            named = {} if urlsplit(uri).hostname in LOOPBACK else requests.utils.get_environ_proxies(uri)
            answer = session.post(
                uri, data=text.encode(), timeout=TIMEOUT, proxies=named, allow_redirects=False, stream=True
            )
            answer.close()
    except (requests.RequestException, OSError, ValueError):
        return


def is_allowed(address: str) -> bool:
    """Tell whether ``address`` may be pinged: https, or http on this machine; no login, query or fragment in it."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    plain = parts.scheme == "http" and host in LOOPBACK
    odd = parts.username or parts.password or parts.query or parts.fragment or port == 0
    clean = address.isascii() and address.isprintable() and " " not in address
    return bool(host) and clean and not odd and (parts.scheme == "https" or plain)
