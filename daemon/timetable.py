"""When is the next tick? About every so often, sooner while nothing answers, and whatever becomes of the clock.

The times are those of the process, which is in UTC while this is used: ``schedule`` reckons in local time and would
stand still for an hour when that is put back (RULINGS T8). The user's time zone is the configuration's alone.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import schedule

from daemon.model import Entry

JITTER = 0.25
"""Share of the interval by which ticks are spread, so that many machines do not ask at once (google.md 3.1)."""
MINUTE = timedelta(minutes=1)
LONGEST = timedelta(hours=1)
"""However long nothing answers, it is asked this often."""
SLACK = timedelta(minutes=1)
SHORTLY = timedelta(minutes=10)
"""So long before something rings it is looked at once more."""
DOUBLINGS = 12


def live_in_utc() -> None:
    """Have this process reckon in UTC: no hour is there twice, and none is missing."""
    os.environ["TZ"] = "UTC"
    time.tzset()


def fresh_look(entries: Iterable[Entry], now: datetime, early: timedelta = timedelta()) -> datetime | None:
    """Return when to look once more because something of ours rings soon after (PRACTICE 5, C38); None for never.

    ``early``: how much sooner than at its own time it rings. Nobody is to be asked about someone they just wrote to.
    """
    rings = (
        entry.start - timedelta(minutes=entry.alarm) - early - SHORTLY
        for entry in entries
        if entry.alarm is not None and entry.start is not None and entry.state in {"waiting", "written", "moved"}
    )
    return min((at for at in rings if at > now), default=None)


def pause(every: timedelta, down: int) -> timedelta:
    """Return how long to wait after ``down`` ticks in a row that reached nobody: a minute, doubled up to an hour.

    The first tick that reaches somebody brings back ``every``.
    """
    if not down:
        return every
    doubled: timedelta = MINUTE * 2 ** min(down - 1, DOUBLINGS)
    return min(doubled, max(every, LONGEST))


def is_in_time(began: float, now: float, wait: timedelta) -> bool:
    """Tell whether the next tick is not overdue: both by a clock that nobody puts back, ``wait`` the pause between."""
    return now - began <= wait.total_seconds() * (1 + JITTER) + SLACK.total_seconds()


def plan_ticks(planner: schedule.Scheduler, every: timedelta, one: Callable[[], None]) -> schedule.Job:
    """Have ``planner`` call ``one`` about ``every`` so often, each time somewhat sooner or later; return its job."""
    seconds = max(int(every.total_seconds()), 60)
    spread = max(int(seconds * JITTER), 1)
    job: schedule.Job = planner.every(seconds - spread).to(seconds + spread).seconds.do(one)
    return job


class Timetable:
    """One job of ``schedule``, planned anew when the pause changes or the clock was put back."""

    def __init__(self, one: Callable[[], None]) -> None:
        self._planner = schedule.Scheduler()
        self._one = one
        self._wait = timedelta()
        self._sooner: datetime | None = None

    @property
    def wait(self) -> timedelta:
        """The pause between two ticks, before it is spread."""
        return self._wait

    @property
    def upcoming(self) -> datetime | None:
        """When the next tick is planned."""
        at = self._planner.get_next_run()
        return None if at is None else at.replace(tzinfo=UTC)

    def keep(self, wait: timedelta) -> None:
        """Plan the next tick in about ``wait``."""
        self._planner.clear()
        self._sooner = None
        self._wait = wait
        plan_ticks(self._planner, wait, self._one)

    def look(self, at: datetime | None) -> None:
        """Have one tick more at ``at``, unless one is planned before; None: no more than planned."""
        upcoming = self.upcoming
        self._sooner = None if at is None or (upcoming is not None and upcoming <= at) else at

    def run(self, now: datetime) -> None:
        """Do what is due at ``now``: one tick, however many were slept through."""
        if self._sooner is not None and now >= self._sooner:
            self._sooner = None
            self._one()
            return
        at = self.upcoming
        if at is not None and at - now > self._wait * (1 + JITTER) + SLACK:
            self.keep(self._wait)  # the clock was put back: else it would be waited for to come there again
        self._planner.run_pending()
