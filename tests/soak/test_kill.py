"""SIGKILL at random moments while Kith imports and delivers on real files: it starts again by itself, nothing is lost.

Two homes live through the same days: in one nothing happens to Kith, in the other it is killed, started, killed again
while it recovers, until it comes to its end. Then both must be the same, to the word. Half of the kills fall anywhere,
half after a run's first commit, while the outbox is carried out. ``KITH_LONG=1``: 200 kills.
"""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from daemon.session import open_session
from tests.hand.files_home import FilesHome
from tests.hand.past import EVERYBODY, NOW, TOPICS, Mail, Meeting

ROOT = Path(__file__).parent.parent.parent
KILLS = 200 if os.environ.get("KITH_LONG") else 12
IN_A_ROW = 4
"""Kills of one day's news, at most."""
MAILS = 30
"""Mails of a day."""
PATIENCE = 60.0
TABLES = ("events", "mails", "people", "touchpoints", "decisions", "entries")


@dataclass(frozen=True)
class Run:
    """One run of Kith: how it ended, its last commit that was told of, when the first one was, how long it took."""

    status: int
    committed: int
    first: float | None
    seconds: float


class Forge:
    """Starts Kith in children of one process that has everything imported."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            (sys.executable, "-m", "tests.soak.dies"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            bufsize=0,
        )
        self._rest = b""

    def run(self, config: Path, now: datetime, after: float | None = None, *, delivering: bool = False) -> Run:
        """Let Kith run, and kill it ``after`` so many seconds, of its start or (``delivering``) of its first commit."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{config}\t{now.isoformat()}\n".encode())
        word, child = self._line(PATIENCE)
        assert word == "began"
        began, committed, first = time.monotonic(), 0, None
        deadline = None if after is None or delivering else began + after
        while True:
            left = PATIENCE if deadline is None else deadline - time.monotonic()
            word, number = self._line(left)
            if word == "ended":
                return Run(number, committed, first, time.monotonic() - began)
            if word == "committed":
                committed, first = number, first or time.monotonic() - began
                if after is not None and delivering:
                    deadline, delivering = time.monotonic() + after, False
            else:
                assert deadline is not None, "it hangs"
                with suppress(ProcessLookupError):  # it has just ended by itself
                    os.kill(child, signal.SIGKILL)
                deadline = None

    def _line(self, patience: float) -> tuple[str, int]:
        """Return the next word and number that is told; nothing (and 0) if none comes in so many seconds."""
        assert self._process.stdout is not None
        deadline = time.monotonic() + patience
        while b"\n" not in self._rest:
            if not select.select([self._process.stdout], [], [], max(deadline - time.monotonic(), 0))[0]:
                return "", 0
            self._rest += self._process.stdout.read(4096)
        line, _, self._rest = self._rest.partition(b"\n")
        word, _, number = line.decode().partition(" ")
        return word, int(number)

    def close(self) -> None:
        """End it."""
        with self._process:
            self._process.kill()


@contextmanager
def forge() -> Iterator[Forge]:
    made = Forge()
    try:
        yield made
    finally:
        made.close()


def day(home: FilesHome, number: int, now: datetime) -> None:
    """Bring the news of a day: mails, a meeting with somebody new and one with somebody known, and the user's hand."""
    chance = random.Random(number)
    for turn in range(MAILS):
        who, topic = chance.choice(EVERYBODY), chance.choice(TOPICS)
        at = now - timedelta(minutes=chance.randrange(1, 600))
        home.put_mail(Mail(id=f"d{number}x{turn}", who=who, subject=f"{topic} {chance.randrange(9)}", at=at))
    guests = (f"New{number} Person{number}", f"Other{number} Guest{number}", chance.choice(EVERYBODY))
    for turn, name in enumerate(guests):
        start = now - timedelta(hours=(20, 1, -1)[turn])
        uid, title = f"d{number}m{turn}", f"Talk about {chance.choice(TOPICS).lower()}"
        home.put_meeting(Meeting(uid=uid, title=title, start=start, end=start + timedelta(hours=1), guests=(name,)))
    for letter in sorted(home.letters().values(), key=lambda letter: letter.mark)[:2]:
        home.send(letter, now - timedelta(minutes=5))
    things = sorted(home.things().values(), key=lambda thing: (thing.start, thing.name))
    if number % 3 == 1 and len(things) > 2:
        home.delete(things[2].name)


def stands(home: FilesHome) -> dict[str, Any]:
    """Return all there is afterwards: in the calendar, in Drafts, and in the ledger."""
    session = open_session(home.config, NOW)
    with session.ledger(write=False) as ledger:
        rows = {name: sorted(map(str, ledger.table(name).all())) for name in TABLES}
    letters = {name: (letter.to, letter.subject, letter.body) for name, letter in home.letters().items()}
    return {**rows, "things": home.things(), "letters": letters}


def survived(home: FilesHome, before: dict[str, set[str]], committed: int) -> dict[str, set[str]]:
    """Judge what a kill left: it is opened as it is, and has all records that it had, and every commit told of."""
    session = open_session(home.config, NOW)
    with session.ledger(write=False) as ledger:
        assert ledger.sequence >= committed
        assert ledger.healing is None
        found = {name: set(ledger.table(name).keys()) for name in ("events", "mails", "entries")}
    assert all(before.get(name, set()) <= found[name] for name in found), "what was known is known no more"
    home.things(), home.letters()  # each stands there once, and the file is whole
    return found


def test_killed_at_random_moments_it_always_goes_on(tmp_path: Path) -> None:
    """After each kill the state opens and has all that was committed; started again Kith comes to the same end."""
    seed = random.randrange(1 << 32)
    chance, hits = random.Random(seed), Counter[str]()
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    whole, home = FilesHome(tmp_path / "whole"), FilesHome(tmp_path / "killed")
    now, number = NOW, 0
    with forge() as kith:
        while hits.total() < KILLS:
            number, now = number + 1, now + timedelta(hours=25)
            for one in (whole, home):
                day(one, number, now)
            calm = kith.run(whole.config, now)
            assert calm.status == 0
            known: dict[str, set[str]] = {}
            for _ in range(chance.randint(2, IN_A_ROW)):
                delivering = chance.random() < 0.5
                span = calm.seconds - (calm.first or 0.0) if delivering else calm.seconds
                run = kith.run(home.config, now, chance.random() * span, delivering=delivering)
                assert run.status in {0, -signal.SIGKILL}
                known = survived(home, known, run.committed)
                if run.status and hits.total() < KILLS:
                    hits["after the first commit" if run.committed else "before"] += 1
            assert kith.run(home.config, now).status == 0
            assert stands(home) == stands(whole), f"day {number} (seed {seed})"
    print(f"\n{KILLS} kills on {number} days: {dict(hits)}; {len(stands(home)['entries'])} rows in the outbox")
