"""How much of Google's quota is spent, how many reads may follow now, and until when must we stay away?

Counts are kept for each day in ``run/google-ACCOUNT.json`` in the state, written by ``save`` only (once a tick), beside
the moments before which Google does not want to hear from us, so that the next process keeps away too, and how far its
clock was from ours. Losing that file loses nothing else. The standard library only.
"""

from __future__ import annotations

import json
import random
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors._google.methods import Method
from connectors.files import make_folder, read_bounded, write_atomically

MINUTE = 60.0
BURST = 6
"""A sixth of a minute's reads may come at once; the rest is spread, so that no minute has more than ``pace``."""
UNBOUNDED = 1_000_000
DAYS_KEPT = 31
LONGEST = timedelta(hours=25)
SKEW = timedelta(minutes=5)
"""So far from ours Google's clock must be to be worth telling."""
_LIMIT = 1 << 20
_CENTURY = 100 * 366 * 86_400


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The time, and how to let it pass; tests give their own."""

    now: Callable[[], datetime] = _now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random


class Meter:
    """Counts what one account spends; shared by its wires. ``pace`` bounds header reads a minute, 0 does not."""

    def __init__(self, path: Path | None, pace: int, zone: str = "UTC", clock: Clock | None = None) -> None:
        """Take the file of the counts (None: none is kept) and the zone whose days are counted."""
        self.path, self.pace, self.clock = path, pace, clock or Clock()
        self.zone = ZoneInfo(zone)
        self._minute: deque[tuple[float, int]] = deque()
        self._spent: dict[tuple[str, str], list[int]] = {}
        self._holds: dict[str, datetime] | None = None
        self._ahead: timedelta | None = None
        self._full = float(max(pace // BURST, 1))
        self._reads, self._filled = self._full, self.clock.monotonic()

    def spend(self, method: Method) -> None:
        """Count one request."""
        at = self.clock.monotonic()
        row = self._spent.setdefault((self.today().isoformat(), method.api), [0, 0])
        row[0] += 1
        row[1] += method.units
        if method.api == "gmail":
            self._forget(at)
            before = self._minute.pop()[1] if self._minute and self._minute[-1][0] == at else 0
            self._minute.append((at, before + method.units))
        if method.paced and self.pace:
            self._reads = self._available(at) - 1

    def allowance(self) -> int:
        """Return how many paced reads may be made now: 0 or more."""
        if not self.pace:
            return UNBOUNDED
        return max(int(self._available(self.clock.monotonic()) + 1e-6), 0)

    def await_one(self, patience: float) -> int:
        """Return ``allowance``; sleep first, ``patience`` seconds at most, while it is 0."""
        if not self.allowance():
            missing = (1.0 - self._reads) / self._rate()
            self.clock.sleep(min(max(missing, 0.01), patience))
        return self.allowance()

    def units_last_minute(self) -> int:
        """Return the Gmail units spent in the last sixty seconds."""
        self._forget(self.clock.monotonic())
        return sum(units for _, units in self._minute)

    def today(self) -> date:
        """Return the day that is counted now."""
        return self.clock.now().astimezone(self.zone).date()

    def hold(self, what: str, seconds: float) -> None:
        """Stay away from ``what`` (an API, or an API and ``.writes``) for so long; a longer hold stays."""
        holds, until = self._known_holds(), self.clock.now() + timedelta(seconds=seconds)
        holds[what] = max(until, holds.get(what, until))

    def held(self, *names: str) -> datetime | None:
        """Return until when Google does not want to hear of any of ``names``, None when it may be asked."""
        found = [until for name in names if (until := self._known_holds().get(name)) and until > self.clock.now()]
        return max(found, default=None)

    def heard(self, date: str | None) -> None:
        """Take the ``Date`` of an answer: how far Google's clock is ahead of ours. Nothing goes by it."""
        with suppress(TypeError, ValueError, OverflowError):
            at = parsedate_to_datetime(date or "")
            self._ahead = at.replace(tzinfo=at.tzinfo or UTC) - self.clock.now()

    def save(self) -> None:
        """Write down what was spent since the last time, if anything was. A disk that is full loses counts only."""
        if self.path is None or not self._spent:
            return
        document = _read(self.path)
        found = document.get("days")
        days: dict[str, Any] = found if isinstance(found, dict) else {}
        for (day, api), (requests, units) in self._spent.items():
            row = _row(days, day, api)
            table = days.get(day)
            days[day] = {
                **(table if isinstance(table, dict) else {}),
                api: {"requests": row[0] + requests, "units": row[1] + units},
            }
        kept = dict(sorted(days.items())[-DAYS_KEPT:])
        known = {**_holds(document), **self._known_holds()}
        holds = {name: until.isoformat() for name, until in known.items() if until > self.clock.now()}
        ahead = _ahead(document) if self._ahead is None else self._ahead
        told = {"clock_ahead": int(ahead.total_seconds())} if abs(ahead) > SKEW else {}
        with suppress(OSError):
            make_folder(self.path.parent)
            write_atomically(self.path, json.dumps({"days": kept, "not_before": holds, **told}, indent=1).encode())
            self._spent = {}

    def _forget(self, at: float) -> None:
        while self._minute and at - self._minute[0][0] >= MINUTE:
            self._minute.popleft()

    def _rate(self) -> float:
        return max(self.pace - self._full, 1.0) / MINUTE

    def _available(self, at: float) -> float:
        self._reads = min(self._full, self._reads + (at - self._filled) * self._rate())
        self._filled = at
        return self._reads

    def _known_holds(self) -> dict[str, datetime]:
        if self._holds is None:
            latest = self.clock.now() + LONGEST  # a clock that was wrong once must not silence an account for ever
            found = _holds(_read(self.path)) if self.path is not None else {}
            self._holds = {name: min(until, latest) for name, until in found.items()}
        return self._holds


def counts_path(state: Path, account: str) -> Path:
    """Return where the counts of ``account`` are kept."""
    return state / "run" / f"google-{account}.json"


def spent_on(path: Path, day: date) -> dict[str, dict[str, int]]:
    """Return what was spent on ``day``: ``{api: {requests, units}}``; empty when nothing is known."""
    days = _read(path).get("days")
    rows = days.get(day.isoformat()) if isinstance(days, dict) else None
    if not isinstance(rows, dict):
        return {}
    found = {api: _row(days, day.isoformat(), api) for api in ("calendar", "gmail", "tasks") if api in rows}
    return {api: {"requests": requests, "units": units} for api, (requests, units) in found.items()}


def ahead_in(path: Path) -> timedelta:
    """Return how far Google's clock was ahead of ours the last time, nothing where that is not worth telling."""
    return _ahead(_read(path))


def _ahead(document: Mapping[str, Any]) -> timedelta:
    seconds = document.get("clock_ahead")
    if type(seconds) is not int or not SKEW.total_seconds() <= abs(seconds) <= _CENTURY:
        return timedelta()
    return timedelta(seconds=seconds)


def _row(days: Any, day: str, api: str) -> tuple[int, int]:
    try:
        row = days[day][api]
        return int(row["requests"]), int(row["units"])
    except (KeyError, TypeError, ValueError):
        return 0, 0


def _holds(document: Mapping[str, Any]) -> dict[str, datetime]:
    found = {}
    rows = document.get("not_before")
    for name, text in rows.items() if isinstance(rows, dict) else ():
        with suppress(TypeError, ValueError):
            until = datetime.fromisoformat(text)
            found[str(name)] = until if until.tzinfo else until.replace(tzinfo=UTC)
    return found


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(read_bounded(path, _LIMIT))
    except (OSError, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
