"""Killed at random while it imports and started again, Kith reads nothing twice but the page it was on.

Real processes and SIGKILL; the request log of the stand-in says what was read. One mail is one request, a page of mails
a hundred of them; of the calendar a request reads a month, and a page is what one pull reads of them.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from connectors._google.calendar_reading import REQUESTS
from connectors._google.mail_place import FIRST_PAGE
from daemon.session import open_session
from tests.google import story
from tests.google.server import Entry, Server

ROOT = Path(__file__).parent.parent.parent
NOW = datetime(2026, 11, 18, 7, tzinfo=UTC)
KILLS = 10
LONG = bool(os.environ.get("KITH_LONG"))
MAILS, EVENTS = (20_000, 10_000) if LONG else (1_200, 300)
MOST = 3_000 if LONG else 200
"""Requests after which a run is killed at the latest: ten runs do not come to the end."""
EARLY = 40
"""The first three runs are killed while the calendar's months are read: those come first."""
PAGE = {"mail": FIRST_PAGE, "page of ids": 1, "month": REQUESTS}
"""How many of each one page is."""


def started(config: Path) -> subprocess.Popen[bytes]:
    command = (sys.executable, "-m", "daemon.cli", "once", "--yes", "--config", str(config), "--now", NOW.isoformat())
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})


def killed(config: Path, server: Server, requests: int) -> None:
    """Start Kith and kill it when it has sent so many requests."""
    began, deadline = len(server.log), time.monotonic() + 120
    with started(config) as process:
        while len(server.log) < began + requests:
            assert process.poll() is None, "it ended by itself: nothing is left to kill"
            assert time.monotonic() < deadline
            time.sleep(0.001)
        process.kill()


def runs(log: Sequence[Entry], starts: Sequence[int]) -> list[list[Entry]]:
    """Return the log of each run; a run begins by asking for a token, so a late entry belongs to the one before."""
    begins = [next(at for at in range(start, len(log)) if log[at].path == "/token") for start in starts]
    return [list(log[begin:end]) for begin, end in zip(begins, [*begins[1:], len(log)], strict=True)]


def read(entries: Sequence[Entry], what: str) -> list[tuple[str, ...]]:
    """Return what of the kind ``what`` was read, in order."""
    return [name for kind, name in map(named, entries) if kind == what]


def named(entry: Entry) -> tuple[str, tuple[str, ...]]:
    asked = dict(entry.query)
    if entry.method == "gmail.users.messages.get":
        return "mail", (entry.path,)
    if entry.method == "gmail.users.messages.list":
        return "page of ids", (asked.get("pageToken", ""),)
    if entry.method == "calendar.events.list" and "timeMin" in asked and asked.get("timeMax", "~") < NOW.isoformat():
        return "month", (entry.path, asked["timeMin"], asked["timeMax"], asked.get("pageToken", ""))
    return "", ()


def pages_lost(logs: Sequence[Sequence[Entry]], what: str) -> Iterator[list[tuple[str, ...]]]:
    """Yield for each run what later ones read again: nothing, or all that it read last."""
    for number, log in enumerate(logs):
        mine = read(log, what)
        assert len(set(mine)) == len(mine), f"one run read a {what} twice"
        later = {name for other in logs[number + 1 :] for name in read(other, what)}
        again = [name for name in mine if name in later]
        assert again == mine[len(mine) - len(again) :], f"a {what} was read again that was not the last"
        yield again


def test_killed_ten_times_nothing_is_read_twice_but_the_page_it_was_on(tmp_path: Path) -> None:
    """A first import, killed ten times after a random number of requests, comes to its end and has everything once.

    Whatever a run had read is read again only if it stood on the one page that the kill tore out of its hands.
    """
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    with Server(now=NOW, email=story.ME, zone=story.ZONE) as server:
        server.load_mails(MAILS)
        server.load_events(EVENTS)
        config = story.put_configuration(server, tmp_path)
        starts = []
        for number in range(KILLS):
            starts.append(len(server.log))
            killed(config, server, chance.randint(1, MOST if number > 2 else EARLY))
        starts.append(len(server.log))
        with started(config) as process:
            assert process.wait() == 0
        logs = runs(server.log, starts)
    for what, size in PAGE.items():
        lost = list(pages_lost(logs, what))
        assert max(map(len, lost)) <= size, f"more than a page of {what}s was read again (seed {seed})"
        # the long import is seldom killed among its months: the short one, with as many kills, always is
        assert any(lost) or (LONG and what == "month"), f"no kill hit a page of {what}s (seed {seed})"
    assert len({name for log in logs for name in read(log, "mail")}) == MAILS
    with open_session(config, NOW).ledger(write=False) as ledger:
        assert (len(ledger.table("mails")), len(ledger.table("events"))) == (MAILS, EVENTS)
