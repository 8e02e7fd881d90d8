"""Does a watcher elsewhere hear that Kith lives? A health ping: it never waits long, and never masks an error.

The address is a secret of the user's and stands in no log; what is sent are counts and codes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from connectors._fetch import Bounds, Guard, guard_for, post
from connectors._reach import LOOPBACK, Refused, is_loopback_name, target
from connectors.records import ConnectorError

Event: TypeAlias = Literal["start", "success", "fail"]
PATIENCE = 10.0
"""Seconds that a tick waits for a ping; one that takes longer goes on beside it."""
BOUNDS = Bounds(size=1 << 16, seconds=8.0)
LONGEST = 1000


class Ping:
    """One address of the kind healthchecks.io made common: itself for a success, ``/start`` and ``/fail`` below it.

    It may lie in the open internet, on this machine, or on one of ``private_hosts``.
    """

    def __init__(self, address: str | None, private_hosts: Iterable[str] = (), guard: Guard | None = None) -> None:
        self._address = address
        self._guard = guard or guard_for((*private_hosts, *LOOPBACK))
        self._sending: threading.Thread | None = None

    def send(self, event: Event, text: str = "") -> None:
        """Tell of ``event``; nothing that goes wrong with that is anybody's trouble."""
        if self._address is None or (self._sending is not None and self._sending.is_alive()):
            return
        uri = self._address.rstrip("/") + ("" if event == "success" else f"/{event}")
        self._sending = threading.Thread(target=self._post, args=(uri, text[:LONGEST].encode()), daemon=True)
        self._sending.start()
        self._sending.join(PATIENCE)

    def _post(self, uri: str, body: bytes) -> None:
        try:
            post(uri, body, self._guard, BOUNDS)
        except ConnectorError:
            return


def is_allowed(address: str) -> bool:
    """Tell whether ``address`` may be pinged: https, or http on this machine; no login, query or fragment in it."""
    try:
        found = target(address, LOOPBACK)
    except Refused:
        return False
    parts = urlsplit(address)
    return not parts.query and not parts.fragment and (found.scheme == "https" or is_loopback_name(found.host))
