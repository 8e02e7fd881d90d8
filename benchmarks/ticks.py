"""Times what one change costs a process that goes on running: derive, save, state and opinions after it.

    python benchmarks/ticks.py            prints a table; see benchmarks/README.md for figures and their machine

Three worlds in one run: a large one, its last tenth, and one of a tenth of everything. Each change is a record put into
the ledger as a tick would put it. CPU time: other work on the machine does not count.
"""

from __future__ import annotations

import argparse
import gc
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from first_import import NOW, world

from connectors.records import Event, Mailbox, Message
from daemon.knowledge import Knowledge
from daemon.ledger import DERIVED, Ledger, open_ledger
from daemon.model import instant
from daemon.relate import opinions
from daemon.session import Session, open_session
from daemon.state import Memory

STEPS = ("derive", "save", "state", "opinions")


def made(folder: Path, mails: int, events: int) -> Path:
    """Return the configuration of a world whose records are stored, and their facts derived."""
    folder.mkdir()
    config = world(folder, mails, events, weekly=10)
    command = (sys.executable, "-m", "daemon.cli", "once", "--config", str(config), "--now", NOW.isoformat())
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return config


def resident() -> float:
    """Return the megabytes of memory in use."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


def measured(
    session: Session, ledger: Ledger, knowledge: Knowledge, now: datetime, items: Iterable[Event | Message]
) -> dict[str, float]:
    """Return the CPU seconds of each step after ``items`` came."""
    items, times = tuple(items), [0.0]
    memory = Memory(
        ledger, session.configuration.settings, session.vocabulary, now, session.configuration.accounts,
        knowledge=knowledge,
    )  # fmt: skip
    with ledger.unit():
        ledger.save_records(items)
        times[0] = time.process_time()
        for step in (lambda: memory.facts, memory.save):
            step()
            times.append(time.process_time())
    state = memory.state()
    times.append(time.process_time())
    opinions(state, knowledge.summaries)
    times.append(time.process_time())
    return dict(zip(STEPS, (later - before for before, later in pairwise(times)), strict=True))


def changes(
    ledger: Ledger, now: datetime
) -> Iterator[tuple[str, Callable[[int], tuple[datetime, list[Event | Message]]]]]:
    """Yield what may happen, and for each the moment and the records of its n-th time."""
    records = ledger.records()
    mail = max((item for item in records.messages.values() if item.at), key=lambda item: item.at or now)
    event = max(records.events.values(), key=lambda item: item.end)

    def one_mail(number: int) -> tuple[datetime, list[Event | Message]]:
        at = now + timedelta(minutes=number)
        return at, [replace(mail, key=f"new{number}", message_id=f"new{number}", at=at, subject=f"News {number}")]

    def one_ahead(number: int) -> tuple[datetime, list[Event | Message]]:
        start = now + timedelta(hours=2 + number)
        ahead = replace(event, key=f"soon{number}", uid=f"soon{number}", start=start, end=start + timedelta(minutes=25))
        return now + timedelta(minutes=40 + number), [ahead]

    def one_ended(number: int) -> tuple[datetime, list[Event | Message]]:
        return now + timedelta(hours=2 + number, minutes=30), []

    def one_person(number: int) -> tuple[datetime, list[Event | Message]]:
        at = now + timedelta(minutes=20 + number)
        who = Mailbox(address=f"new{number}@fresh.example", name=f"Nova{number} Neumann{number}")
        return at, [replace(mail, key=f"who{number}", message_id=f"who{number}", at=at, to=(who,), subject="Hello")]

    def nothing(number: int) -> tuple[datetime, list[Event | Message]]:
        return now + timedelta(hours=30, minutes=number), []

    yield "one new mail", one_mail
    yield "one new person", one_person
    yield "one meeting ahead", one_ahead
    yield "one meeting over", one_ended
    yield "nothing new", nothing


def table(world_: str, config: Path) -> dict[str, dict[str, float]]:
    """Return the median CPU seconds of each step after each change, and print the memory."""
    session = open_session(config, NOW)
    found: dict[str, dict[str, float]] = {}
    before = resident()
    with open_ledger(session.configuration.state, lean=True) as ledger:
        opened = resident()
        knowledge = Knowledge(lasting=True)
        first = [max(ledger.records().messages.values(), key=lambda item: item.key)]
        found["the first derivation"] = measured(
            session, ledger, knowledge, NOW + timedelta(seconds=1), [replace(first[0], key="first", message_id="first")]
        )
        kept = resident()
        for name, change in changes(ledger, NOW + timedelta(seconds=2)):
            runs = [measured(session, ledger, knowledge, *change(number)) for number in range(7)]
            found[name] = {step: statistics.median(run[step] for run in runs) for step in STEPS}
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        events, mails, facts, people = (
            len(ledger.table(kind)) for kind in ("events", "mails", "touchpoints", "people")
        )
    print(f"\n{world_}: {events} events, {mails} mails, {facts} facts, {people} people;", end=" ")
    print(f"memory: {opened - before:.0f} MB the ledger, {kept - opened:.0f} MB what is kept, {peak:.0f} MB the peak\n")
    print("| after | derive | save | state | opinions | all, ms CPU |\n|---|---|---|---|---|---|")
    for name, steps in found.items():
        row = " | ".join(f"{steps[step] * 1000:.1f}" for step in STEPS)
        print(f"| {name} | {row} | {sum(steps.values()) * 1000:.1f} |")
    return found


def recent(config: Path, folder: Path, share: int) -> Path:
    """Return a copy of a world that began later: what stands ahead, and of all before only the last ``share``-th."""
    shutil.copytree(config.parent, folder)
    session = open_session(folder / config.name, NOW)
    with session.ledger(write=True) as ledger, ledger.unit():
        records = ledger.records()
        dated = [(instant(event.start, session.zone), "events", key) for key, event in records.events.items()]
        dated += [(mail.at or NOW, "mails", key) for key, mail in records.messages.items()]
        past = sorted(item for item in dated if item[0] < NOW)
        for _, kind, key in past[: len(past) * (share - 1) // share]:
            ledger.erase(kind, [key])
        ledger.set_meta(DERIVED, None)
    return folder / config.name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=5_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        large = made(folder / "large", chosen.mails, chosen.events)
        worlds = {
            "large": large,
            "a tenth of the history, as full a calendar": recent(large, folder / "recent", 10),
            "a tenth of everything": made(folder / "small", chosen.mails // 10, chosen.events // 10),
        }
        found = {name: table(name, config) for name, config in worlds.items()}
    first, *others = found
    print("\n| after |", *(f"large : {name} |" for name in others))
    print("|---" * (len(others) + 1) + "|")
    for change in list(found[first])[1:]:
        sums = {name: sum(steps[change].values()) for name, steps in found.items()}
        print(f"| {change} |", *(f"{sums[first] / sums[name]:.2f} |" for name in others))


if __name__ == "__main__":
    main()
