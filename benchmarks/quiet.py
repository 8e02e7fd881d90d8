"""Times a tick with nothing new beside much and beside little history, the same people in both.

    .venv/bin/python benchmarks/quiet.py            prints a table; see benchmarks/README.md for figures

One process keeps both ledgers open, as ``kith run`` does, and ticks them in turn, a quarter of an hour apart.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import first_import

from daemon.knowledge import Knowledge
from daemon.ledger import Ledger, open_ledger
from daemon.session import open_session
from daemon.tick import catch_up, tick

PEOPLE, TICKS = 100, 40
WORLDS = {"little": (700, 150), "much": (30_000, 5_000)}


def made(folder: Path, mails: int, events: int) -> tuple[Path, Knowledge, Ledger]:
    """Return configuration, knowledge and ledger of a world that is read to its end."""
    chance = random.Random(7)
    everybody = first_import.people(chance)[:PEOPLE]
    config = first_import.world(folder, 0, 0, 0)
    first_import.mails(folder / "Sent.mbox", mails, everybody, chance)
    first_import.events(folder / "calendar.ics", events, 0, everybody, chance)
    session, knowledge = open_session(config, first_import.NOW), Knowledge(lasting=True)
    ledger = open_ledger(session.configuration.state, lean=True)
    catch_up(ledger, replace(session.world(), knowledge=knowledge), first_import.NOW, lambda _: None)
    return config, knowledge, ledger


def main() -> None:
    times: dict[str, list[float]] = {name: [] for name in WORLDS}
    with tempfile.TemporaryDirectory() as folder:
        worlds = {}
        for name, (mails, events) in WORLDS.items():
            (Path(folder) / name).mkdir()
            worlds[name] = made(Path(folder) / name, mails, events)
        for number in range(1, TICKS):
            for name, (config, knowledge, ledger) in worlds.items():
                now, before = first_import.NOW + timedelta(minutes=15 * number), ledger.sequence
                world = replace(open_session(config, now).world(), knowledge=knowledge)
                began = time.process_time()
                tick(ledger, world, now)
                if ledger.sequence == before:
                    times[name].append((time.process_time() - began) * 1000)
        print("| history | people | touchpoints | ticks that wrote nothing | CPU ms, median |\n|---|---|---|---|---|")
        for name, (_, _, ledger) in worlds.items():
            counts = (len(ledger.table("people")), len(ledger.table("touchpoints")), len(times[name]))
            print(f"| {name} | {' | '.join(map(str, counts))} | {statistics.median(times[name]):.1f} |")
    print(f"\nmuch : little {statistics.median(times['much']) / statistics.median(times['little']):.2f}")


if __name__ == "__main__":
    main()
