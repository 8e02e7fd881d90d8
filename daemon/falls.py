"""How often in a row was this process ended in the middle of a tick, and how long does the next one wait therefore?

A count beside the status file: put up while a tick is under way, gone when it is over, whatever became of it. Whoever
was killed leaves it. What kills every tick is not tried again every minute for ever.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from connectors.files import make_folder
from daemon.status import status_folder

FIRST, LONGEST = timedelta(minutes=1), timedelta(minutes=30)
BORNE = 1
"""So often it may happen without anything being wrong: somebody pulled the plug."""
_MANY = 1_000_000


class Falls:
    """The count for one state. A disk that cannot be written has other signs: then nothing is counted."""

    def __init__(self, state: Path) -> None:
        self._path = status_folder(state) / "under-way"
        self.before = _read(self._path)
        """How many ticks before this process's first one were never ended, in a row."""
        self._begun = self.before

    def begin(self) -> None:
        """A tick begins."""
        self._begun += 1
        with suppress(OSError):
            make_folder(self._path.parent)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
            file = os.open(self._path, flags, 0o600)
            try:
                os.write(file, b"%d\n" % self._begun)
            finally:
                os.close(file)

    def end(self) -> None:
        """It is over, or was ended on purpose."""
        self._begun = 0
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


def rest(falls: int) -> timedelta:
    """Return how long to wait after so many ticks in a row that were never ended: nothing after one, then a minute,
    doubled up to half an hour."""
    if falls <= BORNE:
        return timedelta()
    doubled: timedelta = FIRST * 2 ** min(falls - BORNE - 1, 10)
    return min(doubled, LONGEST)


def _read(path: Path) -> int:
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return 0
    try:
        text = os.read(file, 16).strip()
    except OSError:
        return 1
    finally:
        os.close(file)
    return min(int(text), _MANY) if text.isdigit() else 1
