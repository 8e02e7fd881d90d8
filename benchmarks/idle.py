"""Measures what ``kith run`` takes: resident memory, and CPU time of a tick in which nothing has happened.

    .venv/bin/python -m benchmarks.idle        prints a table; see benchmarks/README.md for figures and their machine

Kith is a process of its own that goes on from tick to tick a quarter of an hour apart (``tests/soak/goes_on.py``); the
stand-in for Google is in this one. Measured once in the process that did the import, and once in one started after it;
in both also after a day of news: a mail an hour, a meeting every two.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from daemon.session import open_session
from tests.google import Server, story
from tests.google.bulk import person
from tests.soak.process import Process

NOW = datetime(2026, 11, 18, 7, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
TICKS = 40
DAY = 96
HERTZ = os.sysconf("SC_CLK_TCK")


def processor(pid: int) -> float:
    """Return the CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / HERTZ


def row(config: Path, now: datetime, server: Server) -> tuple[str, datetime]:
    """Return one row of the table, of a new process, and the time when it ends."""
    kith = Process(config)
    kith.tick(now)
    figures = [kith.figures.resident[-1]]

    def ticks(many: int, news: Callable[[int, datetime], object] = lambda *_: None) -> None:
        nonlocal now
        for number in range(many):
            server.advance(QUARTER)
            now += QUARTER
            news(number, now)
            kith.tick(now)
        figures.append(kith.figures.resident[-1])

    def news(number: int, at: datetime) -> None:
        name, address = person(number * 13 % 300)
        if number % 4 == 0:
            server.user.send_mail(f"{name} <{address}>", f"News {number}", at=at)
        if number % 8 == 1:
            begins = at + timedelta(days=1)
            server.user.add_event(f"Coffee with {name}", begins, attendees=[address])

    ticks(3)  # what is read at the second look only
    before = processor(kith.pid)
    ticks(TICKS)
    spent = (processor(kith.pid) - before) / TICKS * 1000
    ticks(DAY, news)
    peak = re.search(r"VmHWM:\s*(\d+)", Path(f"/proc/{kith.pid}/status").read_text())
    kith.close()
    first, _, idle, later = (f"{figure / 1e6:.0f}" for figure in figures)
    return f"{first} | {idle} | {later} | {int(peak[1]) * 1024 / 1e6 if peak else 0:.0f} | {spent:.0f}", now


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
            rows[name], now = row(config, now, server)
            now = server.advance(timedelta(days=3))  # what the news announced is over
            settled = Process(config)
            settled.tick(now)
            settled.close()
        print(f"{facts(config, now)} touchpoints of {chosen.mails} mails and {chosen.events} events\n")
        print("| kith run | MB after the first tick | 40 idle ticks | a day of news | the peak | CPU ms an idle tick |")
        print("|---|---|---|---|---|---|")
        for name, figures in rows.items():
            print(f"| {name} | {figures} |")


if __name__ == "__main__":
    main()
