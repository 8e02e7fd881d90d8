"""Who hears how a tick went? The log, the status file, the metrics, a watcher elsewhere and the service manager.

All of them get counts, codes and the names of accounts: never a name, address or title of anybody. None of them can end
a tick: what cannot be told in one way is told in the others.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

from daemon.config import Configuration
from daemon.manager import Manager
from daemon.ping import Ping
from daemon.status import metrics, read_status, write_metrics, write_problem, write_status
from daemon.world import Report

BEARABLE = frozenset({"unavailable", "rejected"})
"""Troubles that need nobody: the first mends itself, and a watcher that hears nothing for long raises the alarm."""
UNWRITTEN = 74
"""The exit code for a state that cannot be written."""
EXPOSED = "others could look into the state's folder; it is closed to them now (0700)"
WAITS = {"unconfirmed": "writing waits for: kith once --yes", "forbidden": "writing=forbidden"}


class Herald:
    """Tells of one tick after the other."""

    def __init__(self, manager: Manager) -> None:
        self.manager = manager
        self._ping = Ping(None)
        self._told: tuple[str | None, frozenset[str]] = None, frozenset()
        self._began = time.monotonic()
        self._written: Counter[str] = Counter()
        self._unwritten = 0

    def begin(self, configuration: Configuration) -> None:
        """Tell that a tick begins."""
        told = configuration.ping, configuration.private_hosts
        if told != self._told:
            self._ping, self._told = Ping(*told), told
        self._began, self._written, self._unwritten = time.monotonic(), Counter(), 0
        self._ping.send("start")

    def page(
        self, made: Configuration, report: Report, began: datetime, upcoming: datetime | None, problem: int
    ) -> None:
        """Tell of a part of a tick: there may be more to read."""
        self._written.update(f"{entry.kind}-{entry.state}" for entry in report.delivered)
        try:
            write_status(made.state, report, began, upcoming, problem)
        except OSError as error:  # an idle tick keeps nothing else: only this tells of a disk that is full
            say(f"the status file cannot be written: {error.strerror}")
            self._unwritten = UNWRITTEN
        self.manager.alive()

    def end(self, made: Configuration, report: Report, line: str, upcoming: datetime | None, problem: int) -> None:
        """Tell that a tick came to its end, as ``line`` says; ``problem`` is the exit code for what else is wrong."""
        problem = problem or self._unwritten
        codes = {trouble.code for trouble in report.troubles}
        if problem or codes - BEARABLE:
            self._ping.send("fail", f"problem={problem} {line}" if problem else line)
        elif "unavailable" not in codes:
            self._ping.send("success", line)
        self._sum_up(made, problem)
        self.manager.tell(in_words(report, self._written, datetime.now(UTC), upcoming, problem))
        self.manager.alive()

    def fail(self, made: Configuration, code: int, upcoming: datetime | None) -> None:
        """Tell that a tick came to nothing, for the reason that the exit ``code`` stands for."""
        now = datetime.now(UTC)
        with suppress(OSError):
            write_problem(made.state, code, now, upcoming)
        self._ping.send("fail", f"problem={code}")  # whoever hears it may look at once
        self._sum_up(made, code)
        self.manager.tell(f"The tick at {_clock(now)} came to nothing ({code}); see kith status")
        self.manager.alive()

    def _sum_up(self, made: Configuration, problem: int) -> None:
        if made.metrics is None:
            return
        text = metrics(
            read_status(made.state), problem, datetime.now(UTC), self._written, time.monotonic() - self._began
        )
        try:
            write_metrics(made.metrics, text)
        except OSError as error:
            say(f"the metrics cannot be written: {error.strerror}")


def in_words(report: Report, written: Mapping[str, int], now: datetime, upcoming: datetime | None, problem: int) -> str:
    """Return one line that says what the last tick was."""
    parts = [f"{report.new} new", f"{sum(written.values())} written or taken back"]
    parts += [f"{name}: {code}" for name, code in sorted({(item.account, item.code) for item in report.troubles})]
    parts += [f"problem {problem}, see kith status"] if problem else []
    planned = f"; next at {_clock(upcoming)}" if upcoming else ""
    return f"Tick at {_clock(now)}: {', '.join(parts)}{planned}"


def line_of(report: Report, said: str) -> str:
    """Return the one line that a tick is in the log; ``said`` is how it stands with writing."""
    kinds = Counter(f"{entry.kind}-{entry.state}" for entry in report.delivered)
    parts = [f"new={report.new}", f"caught_up={report.caught_up}", f"confirmed={report.confirmed}"]
    parts += [f"{name}={count}" for name, count in sorted(kinds.items())]
    parts += [f"{item.account}={item.code}" for item in report.troubles]
    parts += [WAITS[said]] if said in WAITS else []
    return " ".join(["tick", *parts])


def is_heard_by_the_journal(environ: Mapping[str, str]) -> bool:
    """Tell whether what is said goes into systemd's journal: it names the file that stderr then is."""
    try:
        found = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def say(line: str) -> None:
    """Put one line into the log; one that nobody takes any more ends nothing."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - the log


def _clock(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
