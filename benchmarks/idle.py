"""Measures what an idle ``kith run`` takes: resident memory, and CPU time of a tick in which nothing has happened.

    .venv/bin/python -m benchmarks.idle        prints a table; see benchmarks/README.md for figures and their machine

Kith is a process of its own that goes on from tick to tick a quarter of an hour apart (``tests/soak/goes_on.py``); the
stand-in for Google is in this one. Measured once in the process that did the import, and once in one started after it.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from daemon.session import open_session
from tests.google import Server, story
from tests.soak.process import Process

NOW = datetime(2026, 11, 18, 7, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
TICKS = 40
HERTZ = os.sysconf("SC_CLK_TCK")


def processor(pid: int) -> float:
    """Return the CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / HERTZ


def idle(config: Path, now: datetime, advance: Callable[[timedelta], object]) -> tuple[str, datetime]:
    """Return one row of the table, after ``TICKS`` idle ticks of a new process, and the time then."""
    kith = Process(config)
    kith.tick(now)
    first = max(kith.figures.resident)
    for _ in range(3):  # what is read at the second look only
        advance(QUARTER)
        now += QUARTER
        kith.tick(now)
    before = processor(kith.pid)
    for _ in range(TICKS):
        advance(QUARTER)
        now += QUARTER
        kith.tick(now)
    spent = (processor(kith.pid) - before) / TICKS * 1000
    resident = kith.figures.resident[-1] / 1e6
    kith.close()
    return f"{first / 1e6:.0f} | {resident:.0f} | {spent:.0f}", now


def facts(config: Path, now: datetime) -> int:
    """Return how many touchpoints there are."""
    with open_session(config, now).ledger(write=False) as ledger:
        return len(ledger.table("touchpoints"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=14_000)
    parser.add_argument("--events", type=int, default=3_500)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Server(now=NOW, email=story.ME, zone=story.ZONE) as server:
        server.load_mails(chosen.mails)
        server.load_events(chosen.events)
        config = story.put_configuration(server, Path(folder))
        config.write_text(f"{config.read_text()}confirmed = true\n")
        now, rows = NOW, {}
        for name in ("it did the import itself", "it was started afterwards"):
            rows[name], now = idle(config, now, server.advance)
        print(f"{facts(config, now)} touchpoints of {chosen.mails} mails and {chosen.events} events\n")
        print("| kith run, 40 idle ticks | MB after the first tick | MB then | CPU ms a tick |\n|---|---|---|---|")
        for name, row in rows.items():
            print(f"| {name} | {row} |")


if __name__ == "__main__":
    main()
