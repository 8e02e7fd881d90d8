"""What does the service manager hear? systemd's own few words over ``$NOTIFY_SOCKET``; without one, nobody.

The watchdog is fed at the end of a piece of work and between ticks as long as they come in time, never by a thread of
its own: a Kith that hangs goes hungry, and is started anew.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import suppress


class Manager:
    """The socket that ``environ`` names; what goes wrong with it is nobody's trouble."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        name = environ.get("NOTIFY_SOCKET", "")
        self._address = f"\0{name[1:]}" if name.startswith("@") else name
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) if name else None

    def ready(self) -> None:
        """Say that Kith has begun: the configuration is read, and no other one runs."""
        self._say("READY=1")

    def tell(self, text: str) -> None:
        """Say ``text`` in one line, for ``systemctl status``."""
        self._say(f"STATUS={' '.join(text.split())}")

    def alive(self) -> None:
        """Say that work goes on."""
        self._say("WATCHDOG=1")

    def stopping(self) -> None:
        """Say that Kith ends."""
        self._say("STOPPING=1")

    def _say(self, text: str) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.sendto(text.encode(), socket.MSG_DONTWAIT, self._address)

    def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            self._socket.close()
