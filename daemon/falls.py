"""How often in a row was this process ended in the middle of a tick, where, and what does the next one do about it?

A count in ``run/`` in the state: put up while a page is under way, with the account that is being read, and gone when
it is over, whatever became of it. Whoever was killed leaves it. What kills every tick is not tried again every minute
for ever; and an account whose reading did it twice in a row is left alone for a day, so that the others live.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec

from connectors.files import make_folder, read_bounded, write_atomically

FIRST, LONGEST = timedelta(minutes=1), timedelta(minutes=30)
BORNE = 1
"""So often it may happen without anything being wrong: somebody pulled the plug."""
ALONE = timedelta(days=1)
Moment: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
_MANY, _LIMIT = 1_000, 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """A tick that is under way, or was never ended: how many it is in a row, and how many were at ``account``."""

    falls: int = 0
    account: str = ""
    there: int = 0


class Falls:
    """What is known of one state. A disk that cannot be written has other signs: then nothing is counted."""

    def __init__(self, state: Path) -> None:
        folder = state / "run"  # not $RUNTIME_DIRECTORY: that may go with the process
        self._path, self._alone = folder / "under-way", folder / "left-alone.json"
        self.before = _read(self._path)
        """The last tick before this process's first one that was never ended."""
        self._last = self.before

    def begin(self) -> None:
        """A tick begins."""
        self._note("")

    def reading(self, account: str) -> None:
        """It is about to read ``account``; "": to do something else."""
        self._note(account)

    def end(self) -> None:
        """It is over, or was ended on purpose."""
        self._last = Fall()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def forgive(self) -> None:
        """Somebody looked: every account was read to its end."""
        self.end()
        with suppress(OSError):
            self._alone.unlink(missing_ok=True)

    def left_alone(self, now: datetime) -> Mapping[str, datetime]:
        """Return which accounts are not to be read, and until when: one that was being read at the last two falls."""
        known = {name: at for name, at in _moments(self._alone).items() if now < at <= now + ALONE}
        if self._last.account and self._last.there > BORNE and self._last.account not in known:
            known[self._last.account] = now + ALONE
            self._last = Fall(falls=self._last.falls)
            with suppress(OSError):
                make_folder(self._alone.parent)
                told = {name: at.isoformat() for name, at in known.items()}
                write_atomically(self._alone, json.dumps(told).encode())
        return known

    def _note(self, account: str) -> None:
        there = (self._last.there if account == self._last.account else 0) + 1 if account else 0
        made = Fall(falls=self._last.falls + 1, account=account, there=there)
        with suppress(OSError):
            make_folder(self._path.parent)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
            file = os.open(self._path, flags, 0o600)
            try:
                os.write(file, json.dumps(asdict(made)).encode())
            finally:
                os.close(file)


def rest(falls: int) -> timedelta:
    """Return how long to wait after so many ticks in a row that were never ended: nothing after one, then a minute,
    doubled up to half an hour."""
    if falls <= BORNE:
        return timedelta()
    doubled: timedelta = FIRST * 2 ** min(falls - BORNE - 1, 10)
    return min(doubled, LONGEST)


def _read(path: Path) -> Fall:
    if not path.exists() or path.is_symlink():
        return Fall()
    try:
        made = msgspec.json.decode(read_bounded(path, _LIMIT), type=Fall)
    except (OSError, ValueError, RecursionError):  # it was not written to its end
        return Fall(falls=1)
    if made.falls < 1 or made.there < 0:
        return Fall(falls=1)
    return replace(made, falls=min(made.falls, _MANY), there=min(made.there, _MANY))


def _moments(path: Path) -> Mapping[str, datetime]:
    try:
        return msgspec.json.decode(read_bounded(path, _LIMIT), type=dict[str, Moment])
    except (OSError, ValueError, RecursionError):
        return {}
