"""Who is never to come back? Salted hashes of addresses, full names and titles, in a file of their own."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from pathlib import Path

from connectors.files import read_whole, write_atomically
from daemon.ledger.folder import NEVER

_HASH = re.compile(r"(?:([0-9a-f]{64}):)?([0-9a-f]{64})")


def mac(key: bytes, use: str, text: str) -> bytes:
    """Return the hash of ``text`` salted by a state's secret, a different one for each ``use``."""
    return hmac.digest(key, f"{use}\0{text}".encode("utf-8", "surrogatepass"), hashlib.sha256)


class Never:
    """The hashes of one state, by the secret that salts them: its own, and those of states it took the place of.

    In the file, a hash of another secret stands behind that secret and a colon (RULINGS C30).
    """

    def __init__(self, folder: Path, key: bytes) -> None:
        """Read what is there. Raises OSError."""
        self._path = folder / NEVER
        self._key = key
        self._hashes: dict[bytes, set[str]] = {}
        if self._path.exists():
            for item in filter(None, map(_HASH.fullmatch, read_whole(self._path).decode(errors="replace").split())):
                self._hashes.setdefault(bytes.fromhex(item[1]) if item[1] else key, set()).add(item[2])

    def __bool__(self) -> bool:
        return bool(self._hashes)

    def __contains__(self, text: str) -> bool:
        return any(mac(key, "never", text).hex() in hashes for key, hashes in self._hashes.items())

    def add(self, texts: Iterable[str]) -> None:
        """Remember ``texts``. Raises OSError."""
        self._hashes.setdefault(self._key, set()).update(mac(self._key, "never", text).hex() for text in texts)
        write_atomically(self._path, self.raw())

    def join(self, other: Never) -> None:
        """Remember what ``other`` does, too. Raises OSError."""
        before = self.raw()
        for key, hashes in other._hashes.items():
            self._hashes.setdefault(key, set()).update(hashes)
        if self.raw() != before:
            write_atomically(self._path, self.raw())

    def raw(self) -> bytes:
        """Return what the file holds."""
        found = (
            f"{'' if key == self._key else f'{key.hex()}:'}{item}\n"
            for key, hashes in self._hashes.items()
            for item in hashes
        )
        return "".join(sorted(found)).encode()
