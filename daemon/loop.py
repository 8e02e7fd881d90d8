"""When does Kith tick? The only clock: a schedule with jitter, signals, and the status file.

The state is locked for the length of a tick only, so the other commands work while this runs; a lock of its own keeps a
second ``kith run`` away.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import schedule

from connectors.files import make_folder, read_whole, write_atomically
from daemon.knowledge import Knowledge
from daemon.ledger import Busy, Healing, Ledger, open_ledger
from daemon.session import Session, open_session, patiently
from daemon.tick import tick, writing
from daemon.world import Quiet, Report

JITTER = 0.25
"""Share of the interval by which ticks are spread, so that many machines do not ask at once (google.md 3.1)."""
PULSE = 1.0
GRACE = 4.0
"""Seconds a tick under way has to come to its end; then it is left as a power cut would leave it (RULINGS C27)."""


def status_folder(state: Path) -> Path:
    """Return where the status file lies: ``$RUNTIME_DIRECTORY``, else ``run/`` in the state (RULINGS C24)."""
    runtime = os.environ.get("RUNTIME_DIRECTORY")
    return Path(runtime) if runtime else state / "run"


def write_status(state: Path, report: Report, now: datetime, upcoming: datetime | None = None) -> None:
    """Write what the last tick was, for ``kith status``: counts and codes, nothing of anybody."""
    folder = status_folder(state)
    make_folder(folder)
    document = {
        "last_tick": now.isoformat(),
        "next_tick": upcoming.isoformat() if upcoming else None,
        "new": report.new,
        "accounts": {
            name: item.last_success.isoformat() if item.last_success else None for name, item in report.sources.items()
        },
        "quiet": {
            **asdict(report.quiet),
            "since": report.quiet.since.isoformat(),
            "until": report.quiet.until.isoformat(),
        }
        if report.quiet
        else None,
        "troubles": [
            {"account": item.account, "code": item.code, "text": item.text, "remedy": item.remedy}
            for item in report.troubles
        ],
    }
    write_atomically(folder / "status.json", json.dumps(document, indent=1).encode())


def read_quiet(state: Path) -> Quiet | None:
    """Return what the last tick left behind, None when that is not known."""
    try:
        found = read_status(state)["quiet"]
        since, until = (datetime.fromisoformat(found[name]) for name in ("since", "until"))
        return Quiet(key=str(found["key"]), sequence=int(found["sequence"]), since=since, until=until)
    except (KeyError, TypeError, ValueError):
        return None


def read_status(state: Path) -> Mapping[str, Any]:
    """Return what ``write_status`` wrote last; empty before the first tick or when it is damaged."""
    try:
        document = json.loads(read_whole(status_folder(state) / "status.json"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def run_for_ever(config: Path | None, tell: Callable[[BaseException], int]) -> int:
    """Tick until SIGTERM or SIGINT; return the exit code. ``tell`` says what went wrong in a tick.

    Raises Busy if another ``run`` holds this state, ConfigError.
    """
    session = open_session(config)
    every = session.configuration.every
    lock = only_one(session.configuration.state)
    stop = threading.Event()
    _end_at_signals(stop)
    planner = schedule.Scheduler()
    with closing(Standing()) as standing:
        plan_ticks(planner, every, lambda: _one_tick(config, every, tell, stop, standing))
        _one_tick(config, every, tell, stop, standing)
        while not stop.wait(PULSE):
            planner.run_pending()
    signal.setitimer(signal.ITIMER_REAL, 0)
    os.close(lock)
    return 0


def plan_ticks(planner: schedule.Scheduler, every: timedelta, one: Callable[[], None]) -> Any:
    """Have ``planner`` call ``one`` about ``every`` so often, each time somewhat sooner or later; return its job."""
    seconds = max(int(every.total_seconds()), 60)
    spread = max(int(seconds * JITTER), 1)
    return planner.every(seconds - spread).to(seconds + spread).seconds.do(one)


def _end_at_signals(stop: threading.Event) -> None:
    """Let SIGTERM and SIGINT end the loop: at once between two ticks, within ``GRACE`` wherever a tick stands.

    An answer may be waited for much longer than that. What was cut off is as after a crash: the next start settles it.
    """

    def end(*_: object) -> None:
        stop.set()
        signal.setitimer(signal.ITIMER_REAL, GRACE)

    def cut(*_: object) -> None:
        print("ended in the middle of a tick; the next start settles it", file=sys.stderr, flush=True)  # noqa: T201
        os._exit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    signal.signal(signal.SIGALRM, cut)


class Standing:
    """The ledger that stays open from tick to tick, and what is known of it; between them it is anybody's."""

    def __init__(self) -> None:
        self._ledger: Ledger | None = None
        self.knowledge = Knowledge(lasting=True)

    @contextmanager
    def turn(self, session: Session) -> Iterator[Ledger]:
        """Be the ledger's one writer for a tick. After an error it is opened anew the next time. Raises Busy."""
        if self._ledger is None or self._ledger.folder != session.configuration.state:
            self.close()
            self._ledger = patiently(lambda: open_ledger(session.configuration.state))
        ledger = self._ledger
        try:
            with ExitStack() as stack:
                patiently(lambda: stack.enter_context(ledger.turn()))
                yield ledger
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the ledger."""
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None


def _one_tick(
    config: Path | None,
    every: timedelta,
    tell: Callable[[BaseException], int],
    stop: threading.Event,
    standing: Standing,
) -> None:
    """Do one tick and log it in one line; while there is more to read, go on, the ledger free between two pages.

    An error ends this tick, never the loop: the next tick is the retry.
    """
    early = True
    try:
        while not stop.is_set():
            started = datetime.now(UTC)
            session = open_session(config)
            with standing.turn(session) as ledger:
                world = replace(session.world(), early=early, knowledge=standing.knowledge)
                report = tick(ledger, world, session.now)
                ledger.fold()
                healing = ledger.healing
            write_status(session.configuration.state, report, started, started + every)
            session.settle()
            _log(report, writing(world, confirmed=report.confirmed), healing)
            if report.caught_up:
                return
            early = False
    except Exception as error:  # noqa: BLE001 - schedule would drop a job that raises
        tell(error)


WAITS = {"unconfirmed": "writing waits for: kith once --yes", "forbidden": "writing=forbidden"}


def _log(report: Report, said: str, healing: Healing | None = None) -> None:
    if healing is not None:
        print(healing, file=sys.stderr, flush=True)  # noqa: T201 - a count and the name of a file of ours
    kinds: dict[str, int] = {}
    for entry in report.delivered:
        name = f"{entry.kind}-{entry.state}"
        kinds[name] = kinds.get(name, 0) + 1
    parts = [f"new={report.new}", f"caught_up={report.caught_up}", f"confirmed={report.confirmed}"]
    parts += [f"{name}={count}" for name, count in sorted(kinds.items())]
    parts += [f"{item.account}={item.code}" for item in report.troubles]
    parts += [WAITS[said]] if said in WAITS else []
    print("tick", *parts, file=sys.stderr, flush=True)  # noqa: T201 - the log line, counts and codes only


def only_one(state: Path) -> int:
    """Take the lock of the one ``kith run`` on this state, and return it, open. Raises Busy, OSError."""
    make_folder(state)
    lock = os.open(state / "run.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.pread(lock, 32, 0).decode(errors="replace").strip() or "unknown"
        os.close(lock)
        raise Busy(f"another kith run holds this state (process {holder})") from None
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock
