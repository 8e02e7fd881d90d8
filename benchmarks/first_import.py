"""Times the first import of 10,000 mails and 5,000 events, and a second ``once`` with nothing new.

    make bench            prints a table; see benchmarks/README.md for figures and the machine they were taken on

Each command runs as a process of its own; memory is the peak of the process (ru_maxrss of the children).
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ME = "clara@winter.example"
FIRST = "Anna Ben Cleo Dora Emil Finn Gina Hugo Ida Jan Karl Lena Mia Nils Olga Paul Rosa Sven Tina Uwe".split()
LAST = "Adler Berg Conti Duval Eder Fuchs Graf Huber Ivanov Jung Kern Lang Moser Novak Ortiz Pohl Roth Stein".split()
WORDS = "tender report budget workshop plan draft visit offer study review site launch survey pilot grant".split()


def people(random_: random.Random) -> list[tuple[str, str]]:
    found = {}
    while len(found) < 600:
        first, last = random_.choice(FIRST), random_.choice(LAST)
        found[f"{first}.{last}{len(found) % 40}@c{len(found) % 90}.example".lower()] = f"{first} {last}"
    return [(name, address) for address, name in found.items()]


def mails(path: Path, count: int, everybody: list[tuple[str, str]], random_: random.Random) -> None:
    filler = "".join(f"X-Trace-{n}: {hashlib.sha256(str(n).encode()).hexdigest() * 2}\n" for n in range(20))
    with path.open("w") as file:
        for number in range(count):
            at = NOW - timedelta(minutes=random_.randrange(60 * 24 * 900))
            name, address = everybody[min(int(random_.expovariate(1 / 60)), len(everybody) - 1)]
            answer = f"In-Reply-To: <r{number}@far.example>\nReferences: <r{number}@far.example>\n" * (number % 3 == 0)
            subject = f"{random_.choice(WORDS)} {random_.choice(WORDS)}"
            file.write(
                f"From - {at:%a %b %d %H:%M:%S %Y}\nMessage-ID: <m{number}@winter.example>\n"
                f"Date: {format_datetime(at)}\nFrom: Clara Winter <{ME}>\nTo: {name} <{address}>\n{answer}"
                f"Subject: The {subject}\n{filler}\nbody\n\n"
            )


def events(path: Path, count: int, weekly: int, everybody: list[tuple[str, str]], random_: random.Random) -> None:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//bench//EN"]
    for number in range(count):
        start = NOW - timedelta(minutes=15 * random_.randrange(4 * 24 * 700))
        guests = random_.sample(everybody[:200], random_.choice((1, 1, 2, 3)))
        lines += ["BEGIN:VEVENT", f"UID:e{number}@winter.example", f"DTSTART:{start:%Y%m%dT%H%M%SZ}"]
        lines += [f"DTEND:{start + timedelta(hours=1):%Y%m%dT%H%M%SZ}", f"SUMMARY:{random_.choice(WORDS)} talk"]
        if weekly and number % weekly == 0:
            lines.append("RRULE:FREQ=WEEKLY;COUNT=40")
        lines += [f"ORGANIZER;CN=Clara Winter:mailto:{ME}"]
        lines += [f"ATTENDEE;CN={name};PARTSTAT=ACCEPTED:mailto:{address}" for name, address in guests]
        lines += ["DESCRIPTION:" + "words " * 40, "END:VEVENT"]
    path.write_text("\r\n".join([*lines, "END:VCALENDAR", ""]))


def world(folder: Path, mail_count: int, event_count: int, weekly: int) -> Path:
    random_ = random.Random(7)
    everybody = people(random_)
    mails(folder / "Sent.mbox", mail_count, everybody, random_)
    events(folder / "calendar.ics", event_count, weekly, everybody, random_)
    config = folder / "config.toml"
    config.write_text(
        f'state = "state"\n[me]\nname = "Clara Winter"\naddresses = ["{ME}"]\ntimezone = "Europe/Vienna"\n'
        '[accounts.sent]\nkind = "mbox"\npath = "Sent.mbox"\n'
        '[accounts.agenda]\nkind = "ics"\npath = "calendar.ics"\nreminders = "kith.ics"\n'
        '[accounts.mail]\nkind = "maildir"\npath = "Mail"\n'
        '[write]\nreminders = "agenda"\ndrafts = "mail"\nconfirmed = true\n'
    )
    (folder / "Mail" / "Sent" / "cur").mkdir(parents=True)
    (folder / "Mail" / "Sent" / "new").mkdir()
    (folder / "Mail" / "Sent" / "tmp").mkdir()
    return config


def timed(*command: str) -> tuple[float, float, float]:
    """Return seconds, CPU seconds and peak memory in MB of a command, run as a process of its own."""
    before = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "daemon.cli", *command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command[0]} ended with {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - before, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=5_000)
    chosen = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for weekly, shape in ((0, "none of them recurring"), (10, "one in ten weekly for 40 weeks")):
        print(f"\n{chosen.mails} mails, {chosen.events} events, {shape}\n")
        measure(chosen.mails, chosen.events, weekly)


def measure(mail_count: int, event_count: int, weekly: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        config = str(world(Path(folder), mail_count, event_count, weekly))
        print("| command | seconds | CPU seconds | peak MB |\n|---|---|---|---|")
        for name in ("first once", "second once", "third once"):
            seconds, processor, memory = timed("once", "--config", config, "--now", NOW.isoformat())
            print(f"| {name} | {seconds:.2f} | {processor:.2f} | {memory:.0f} |")
        for name in ("people", "plan", "status"):
            seconds, processor, memory = timed(name, "--config", config, "--now", NOW.isoformat())
            print(f"| {name} | {seconds:.2f} | {processor:.2f} | {memory:.0f} |")


if __name__ == "__main__":
    main()
