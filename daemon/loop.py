"""How does Kith go on for years? The only clock: one tick after the other, signals, and a lock against a second one.

The state is locked for the length of a tick only, so the other commands work while this runs; a lock of its own keeps a
second ``kith run`` away.
"""

from __future__ import annotations

import fcntl
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from daemon.config import ConfigError, Configuration, Problem
from daemon.falls import Falls, rest
from daemon.herald import EXPOSED, Herald, line_of, say
from daemon.knowledge import Knowledge
from daemon.ledger import Busy, Ledger, open_ledger, own_folder
from daemon.manager import Manager
from daemon.memory import Level
from daemon.model import Loss
from daemon.pages import Keeper
from daemon.plan.notices import CONFIGURATION
from daemon.session import Session, open_session, patiently, prove_clock
from daemon.status import RUN_LOCK, runner_of
from daemon.tick import tick, writing
from daemon.timetable import Timetable, fresh_look, is_in_time, live_in_utc, pause
from daemon.world import Report, World

PULSE = 1.0
GRACE = 4.0
"""Seconds a tick under way has to come to its end; then it is left as a power cut would leave it (RULINGS C27)."""
REFUSED = Loss(account="", login=CONFIGURATION, remedy="kith check")
FELL = 1
"""The exit code that stands for ticks that were ended from outside: as for those that end by an error."""
FALLEN = "the last {count} ticks were ended from outside: the next one waits {wait} min (SIGHUP: now)"
REREAD = "the configuration is refused; the one before stays"


def run_for_ever(config: Path | None, tell: Callable[[BaseException], int]) -> int:
    """Tick until SIGTERM or SIGINT; return the exit code. ``tell`` says what went wrong and returns the code for it.

    Raises Busy if another ``run`` holds this state, ConfigError.
    """
    configuration = open_session(config).configuration
    lock = only_one(configuration.state)
    live_in_utc()
    with closing(Standing()) as standing, closing(Manager(os.environ)) as manager:
        runner = Runner(
            config=config, tell=tell, configuration=configuration, standing=standing, herald=Herald(manager)
        )
        with signals_minded(runner):
            manager.ready()
            runner.start()
            while not runner.stop.wait(PULSE):
                runner.pulse()
        runner.falls.end()
    os.close(lock)
    return 0


@dataclass(kw_only=True)
class Runner:
    """What goes on from tick to tick: the configuration that holds, the open ledger, the timetable."""

    config: Path | None
    tell: Callable[[BaseException], int]
    configuration: Configuration
    standing: Standing
    herald: Herald
    keeper: Keeper = field(default_factory=lambda: Keeper(apart=True))
    level: Level = field(default_factory=Level)
    stop: threading.Event = field(default_factory=threading.Event)
    again: threading.Event = field(default_factory=threading.Event)
    """Set by SIGHUP: read the configuration and look, now."""
    down: int = 0
    """Ticks in a row that reached nobody."""
    problem: int = 0
    """The exit code for a configuration that was refused, 0 while all is well."""
    rings: datetime | None = None
    """When to look once more because something of ours rings soon after."""

    def __post_init__(self) -> None:
        self.timetable = Timetable(self.tick)
        self.falls = Falls(self.configuration.state)
        self._ended = time.monotonic()

    def start(self) -> None:
        """Do the first tick; later, if several in a row before it were never ended (``falls``)."""
        falls = self.falls.before.falls
        wait = rest(falls)
        if not wait:
            self.tick()
            return
        say(FALLEN.format(count=falls, wait=int(wait.total_seconds()) // 60))
        self.herald.begin(self.configuration)
        self.herald.fail(self.configuration, FELL, datetime.now(UTC) + wait)
        self.timetable.keep(wait)

    def pulse(self) -> None:
        """Do what is due; feed the watchdog as long as ticks come when they should."""
        if self.again.is_set():
            self.again.clear()
            self.tick()
        else:
            self.timetable.run(datetime.now(UTC))
        if is_in_time(self._ended, time.monotonic(), self.timetable.wait):
            self.herald.manager.alive()

    def tick(self) -> None:
        """Do one tick, then plan the next one. An error ends this tick, never the loop: the next tick is the retry."""
        self._reread()
        made = self.configuration
        self.herald.begin(made)
        try:
            self._pages(made)
        except Exception as error:  # noqa: BLE001 - schedule would drop a job that raises
            self.herald.fail(made, self.tell(error), datetime.now(UTC) + made.every)
            self.down = 0
        self.falls.end()
        self._ended = time.monotonic()
        self.timetable.keep(pause(made.every, self.down))
        self.timetable.look(self.rings)

    def _pages(self, made: Configuration) -> None:
        """While there is more to read go on, the ledger free between two pages. One line of log for each tick, and one
        for each page before its last that brought something: an import takes hours."""
        early = True
        prove_clock()
        while not self.stop.is_set():
            self.falls.begin()
            session = Session(configuration=made, now=datetime.now(UTC))
            with self.standing.turn(session) as ledger:
                world = self._world(session, early=early)
                report = tick(ledger, world, session.now)
                ledger.fold()
                rings = fresh_look(ledger.entries(), session.now, _sooner(made))
                if ledger.healing is not None:
                    say(str(ledger.healing))  # a count and the name of a file of ours
                if report.caught_up and (trouble := self.keeper.keep(ledger, world, session.now)):
                    say(trouble)
                if ledger.exposed:
                    say(EXPOSED)
                    ledger.exposed = False
            self.down = self.down + 1 if is_down(report) else 0
            upcoming = session.now + pause(made.every, self.down)
            line = line_of(report, writing(world, confirmed=report.confirmed))
            self.herald.page(made, report, session.now, upcoming, self.problem)
            self.rings = rings
            session.settle()
            self.level.ebb(self.standing.pack)
            self.falls.end()
            if report.caught_up or report.new or report.delivered:
                say(line)
            if report.caught_up:
                self.herald.end(made, report, line, upcoming, self.problem)
                return
            early = False

    def _world(self, session: Session, *, early: bool) -> World:
        """Open the accounts; a configuration that was refused is told through them, too."""
        world = replace(
            session.world(),
            early=early,
            knowledge=self.standing.knowledge,
            left_alone=self.falls.left_alone(session.now),
            reading=self._reading,
        )
        return replace(world, losses=lambda: (*session.losses(), REFUSED)) if self.problem else world

    def _reading(self, account: str) -> None:
        self.falls.reading(account)
        self.herald.manager.alive()  # the account before has answered, or was given up

    def _reread(self) -> None:
        """Take the configuration as it stands now; a bad one is refused and said, and the one before stays."""
        try:
            fresh = _fresh(self.config, self.configuration.state)
        except ConfigError as error:
            self.problem = self.tell(error)
            say(REREAD)
        else:
            self.configuration, self.problem = fresh, 0


def _fresh(config: Path | None, state: Path) -> Configuration:
    """Return the configuration as it stands now. Raises ConfigError, for another ``state``, too."""
    fresh = open_session(config).configuration
    if fresh.state != state:
        raise ConfigError([Problem(path="state", text="cannot change while kith run goes on", hint="start it anew")])
    return fresh


def _sooner(made: Configuration) -> timedelta:
    """Return how much sooner than at their own time reminders ring, as the account that gets them is configured."""
    account = made.accounts.get(made.settings.reminders or "")
    return timedelta(minutes=getattr(account, "popup", 0))


def is_down(report: Report) -> bool:
    """Tell whether no account could be reached at all."""
    return bool(report.sources) and all(item.problem == "unavailable" for item in report.sources.values())


@contextmanager
def signals_minded(runner: Runner) -> Iterator[None]:
    """Let SIGTERM and SIGINT end the loop: at once between two ticks, within ``GRACE`` wherever a tick stands.

    An answer may be waited for much longer than that, a name even in C, where no handler of Python's runs: so a thread
    hears the signals. What was cut off is as after a crash: the next start settles it. SIGHUP has the configuration
    read.
    """
    heard, told = os.pipe2(os.O_CLOEXEC)
    os.set_blocking(told, False)
    ended = threading.Event()
    before = signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # whoever is not default is told to the pipe
    threading.Thread(target=_listen, args=(heard, runner, ended), daemon=True).start()
    try:
        yield
    finally:
        ended.set()
        signal.set_wakeup_fd(before)
        os.close(told)


def _listen(heard: int, runner: Runner, ended: threading.Event) -> None:
    while number := os.read(heard, 1):
        if number[0] == signal.SIGHUP:
            runner.again.set()
            continue
        runner.herald.manager.stopping()  # first: who waits for ``stop`` closes the manager's socket at once
        runner.stop.set()
        if not ended.wait(GRACE):
            runner.falls.end()
            say("ended in the middle of a tick; the next start settles it")
            os._exit(0)
    os.close(heard)


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
            self._ledger = patiently(lambda: open_ledger(session.configuration.state, lean=True))
        ledger = self._ledger
        try:
            with ExitStack() as stack:
                patiently(lambda: stack.enter_context(ledger.turn()))
                yield ledger
        except BaseException:
            self.close()
            raise

    def pack(self) -> None:
        """Hold what is new in the ledger as what is old."""
        if self._ledger is not None:
            self._ledger.pack()

    def close(self) -> None:
        """Close the ledger."""
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None


def only_one(state: Path) -> int:
    """Take the lock of the one ``kith run`` on this state, and return it, open. Raises Busy, Unsuited, OSError."""
    own_folder(state)
    lock = os.open(state / RUN_LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise Busy(f"another kith run holds this state (process {runner_of(state) or 'unknown'})") from None
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock
