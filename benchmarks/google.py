"""Times a first import from Google, and counts what an idle and a busy day ask of it, at the stand-in by real HTTP.

    .venv/bin/python -m benchmarks.google        prints tables; see benchmarks/README.md for figures and their machine

The import runs as a process of its own (pacing off), the stand-in in this one; a day is 96 ticks of one process, as
``kith run`` does them, by the stand-in's clock.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from daemon.knowledge import Knowledge
from daemon.ledger import open_ledger
from daemon.session import open_session
from daemon.tick import catch_up
from tests.google import Server, story
from tests.google.server import Entry

NOW = datetime(2026, 11, 18, 7, tzinfo=UTC)
TICKS = 96


def timed(config: Path) -> tuple[float, float, float]:
    """Return seconds, CPU seconds and peak memory in MB of a first ``kith once --yes``, a process of its own."""
    command = [sys.executable, "-m", "daemon.cli", "once", "--yes", "--config", str(config), "--now", NOW.isoformat()]
    before = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"once ended with {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - before, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def asked_for(log: list[Entry]) -> list[Entry]:
    """Return the requests of ``log`` but those for a token, or with one that is old by the stand-in's clock only."""
    return [entry for entry in log if entry.path != "/token" and entry.status != 401]


def day(server: Server, config: Path, happens: Callable[[int], object]) -> Counter[str]:
    """Let a day go by in 96 ticks; return requests by kind of tick and Gmail units."""
    spent, start, began = server.units.total(), len(server.log), server.now
    knowledge, most = Knowledge(lasting=True), 0
    state = open_session(config, began).configuration.state
    with open_ledger(state) as ledger:
        for number in range(TICKS):
            happens(number)
            session = open_session(config, server.now)
            before, written = len(server.log), ledger.sequence
            report = catch_up(ledger, replace(session.world(), knowledge=knowledge), server.now, lambda _: None)
            if ledger.sequence == written and not report.delivered:
                most = max(most, len(asked_for(server.log[before:])))
            server.advance(timedelta(minutes=15))
    asked = asked_for(server.log[start:])
    return Counter(
        requests=len(asked),
        writes=sum(entry.verb != "GET" for entry in asked),
        units=server.units.total() - spent,
        most=most,
    )


def busy(server: Server) -> Callable[[int], object]:
    """Return a day on which something happens in every third tick: mails, meetings, a moved event, a sent draft."""
    people = [f"person{number}@busy.example" for number in range(12)]

    def happens(number: int) -> object:
        if number % 3:
            return None
        who = people[number % len(people)]
        if number % 9 == 0:
            start = server.now + timedelta(hours=2)
            return server.user.add_event(
                f"Talk {number}", start, start + timedelta(hours=1), [f"met{number}@busy.example"]
            )
        if number == 30 and (drafts := server.user.find_drafts()):
            return server.user.send_draft(drafts[0].id)
        return server.user.send_mail(to=who, subject=f"News {number}")

    return happens


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=20_000)
    parser.add_argument("--events", type=int, default=10_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Server(now=NOW, email=story.ME, zone=story.ZONE) as server:
        server.load_mails(chosen.mails)
        server.load_events(chosen.events)
        config = story.put_configuration(server, Path(folder))
        seconds, busy_for, memory = timed(config)
        requests, units = len(asked_for(server.log)), server.units.total()
        print(f"First import of {chosen.mails} mails and {chosen.events} events: {seconds:.1f} s,")
        print(f"{busy_for:.1f} s CPU, {memory:.0f} MB,", end=" ")
        print(f"{requests} requests, {units} Gmail units; {chosen.mails / seconds:.0f} mails a second.\n")
        print("| a day of 96 ticks | requests | writes | Gmail units | most in a tick without news |")
        print("|---|---|---|---|---|")
        for name, happens in (("idle", lambda _: None), ("busy", busy(server))):
            found = day(server, config, happens)
            cells = (name, found["requests"], found["writes"], found["units"], found["most"])
            print(f"| {' | '.join(map(str, cells))} |")
        print(f"\nPaths that send: {server.sent_paths()}")


if __name__ == "__main__":
    main()
