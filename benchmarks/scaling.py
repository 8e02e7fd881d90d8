"""What does one person more cost? Makes many people, each with a state of their own, and ticks them all here.

    .venv/bin/python -m benchmarks.scaling        prints tables; see docs/scaling.md for figures and their machine

Each person is a made-up year as `kith demo` makes it, and every tick a process of its own, as a timer starts it; so
many at a time as there are processors. Memory of processes that stay (`kith run`) is that of a few of them, what they
share counted in shares (PSS). Requests are counted at the stand-in for Google, for a few people and a day of 96 ticks.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.google import asked_for, day
from daemon.demo import make_world
from tests.google import Server, story

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
MAIL = """From clara@winter-consulting.example Fri Nov 20 10:{minute:02}:00 2026
From: Clara Winter <clara@winter-consulting.example>
To: Maria Huber <maria.huber@huber-technik.example>
Subject: A short question
Message-ID: <scaling-{minute}@winter-consulting.example>
Date: Fri, 20 Nov 2026 10:{minute:02}:00 +0100

"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took: CPU seconds, peak memory in MB."""

    cpu: float
    memory: float


def tick(config: Path, now: datetime) -> Cost:
    """Do one tick as a process of its own."""
    command = [sys.executable, "-m", "daemon.cli", "once", "--config", str(config), "--now", now.isoformat()]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if status:
        sys.exit(f"once ended with {process.returncode} for {config}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def disk(folder: Path) -> float:
    """Return the megabytes that ``folder`` takes on the disk."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*")) / 1e6


def writes(config: Path, number: int) -> None:
    """Let the user write a mail."""
    with (config.parent / "Sent.mbox").open("a") as file:
        file.write(MAIL.format(minute=number))


def all_of(people: Iterable[Path], what: Callable[[Path], Cost], workers: int) -> tuple[list[Cost], float]:
    """Return what each took, and how long all of them did."""
    before = time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        found = list(pool.map(what, people))
    return found, time.perf_counter() - before


def row(name: str, found: list[Cost], seconds: float) -> str:
    """Return one line of the table."""
    cpu, memory = [item.cpu for item in found], [item.memory for item in found]
    cells = f"{statistics.median(cpu):.2f} | {max(cpu):.2f} | {statistics.median(memory):.0f} | {max(memory):.0f}"
    return f"| {name} | {cells} | {seconds:.0f} |"


def share(process: int) -> float:
    """Return the memory of ``process`` in MB, pages that several have counted in shares."""
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1000
    return 0.0


def staying(people: list[Path]) -> list[float]:
    """Return the memory of ``kith run`` for each of ``people``, all at once, after their first ticks."""
    status = [config.parent / "state" / "run" / "status.json" for config in people]
    for path in status:
        path.unlink(missing_ok=True)
    command = [sys.executable, "-m", "daemon.cli", "run", "--config"]
    processes = [subprocess.Popen([*command, str(config)], stderr=subprocess.DEVNULL) for config in people]
    try:
        while not all(path.exists() for path in status):
            time.sleep(0.2)
        time.sleep(2)
        return [share(item.pid) for item in processes]
    finally:
        for item in processes:
            item.send_signal(signal.SIGTERM)
        for item in processes:
            with suppress(subprocess.TimeoutExpired):
                item.wait(10)


def asked(number: int) -> str:
    """Return the line of one person at Google: requests of an import, and of an idle day."""
    with tempfile.TemporaryDirectory() as folder, Server(now=NOW, email=story.ME, zone=story.ZONE) as server:
        server.load_mails(2_000)
        server.load_events(500)
        config = story.put_configuration(server, Path(folder))
        command = [
            sys.executable,
            "-m",
            "daemon.cli",
            "once",
            "--yes",
            "--config",
            str(config),
            "--now",
            NOW.isoformat(),
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        first, units = len(asked_for(server.log)), server.units.total()
        found = day(server, config, lambda _: None)
    return f"| {number} | {first} | {units} | {found['requests']} | {found['units']} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--stay", type=int, default=10, help="of whom so many are kept by kith run")
    parser.add_argument("--google", type=int, default=3, help="people at the stand-in for Google")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kith-scaling-") as folder:
        people = [Path(folder, f"{number:03}", "config.toml") for number in range(chosen.people)]
        for config in people:
            make_world(config.parent, NOW)
        print(f"{chosen.people} people, {chosen.workers} ticks at a time. CPU in seconds, memory in MB.\n")
        print("| tick | CPU, median | CPU, most | memory, median | memory, most | all of them, seconds |")
        print("|---|---|---|---|---|---|")
        print(row("first: a year is read", *all_of(people, lambda one: tick(one, NOW), chosen.workers)), flush=True)
        print(row("nothing new", *all_of(people, lambda one: tick(one, NOW), chosen.workers)), flush=True)
        for config in people:
            writes(config, 15)
        later = NOW + timedelta(hours=1)
        print(row("one new mail", *all_of(people, lambda one: tick(one, later), chosen.workers)), flush=True)
        states = [disk(config.parent / "state") for config in people]
        print(f"\nDisk: a state takes {statistics.median(states):.1f} MB (most {max(states):.1f}).")
        if kept := people[: chosen.stay]:
            shares = staying(kept)
            print(
                f"Memory of {len(kept)} that stay: {statistics.median(shares):.0f} MB each, {sum(shares):.0f} together."
            )
    if chosen.google:
        print("\n| person | requests of the import | Gmail units | requests of an idle day | Gmail units |")
        print("|---|---|---|---|---|")
        for number in range(chosen.google):
            print(asked(number + 1), flush=True)


if __name__ == "__main__":
    main()
