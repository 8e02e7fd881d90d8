"""What goes wrong in ``kith run`` itself: ticks that fail, a log that nobody takes, a clock that is not set."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from daemon import memory
from daemon.cli.codes import exit_code_of
from daemon.herald import Herald
from daemon.ledger.places import Places
from daemon.loop import Runner, Standing
from daemon.manager import Manager
from daemon.session import open_session
from tests.cli.small import Small
from tests.ledger.oracle import cells


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return Small(tmp_path)


@pytest.fixture
def runner(small: Small) -> Iterator[Runner]:
    with closing(Standing()) as standing:
        yield Runner(
            config=small.config,
            tell=exit_code_of,
            configuration=open_session(small.config).configuration,
            standing=standing,
            herald=Herald(Manager({})),
        )


def problem(small: Small) -> Any:
    return json.loads((small.state / "run" / "status.json").read_text())["problem"]


def test_twenty_ticks_that_end_by_an_error(small: Small, runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is said with its place and its code, the next one is planned all the same, nothing is written meanwhile; and
    the one after is as ever."""
    asked, name = 0, " ".join(("Nora", "Lindqvist"))

    def fails(*_: object, **__: object) -> Any:
        nonlocal asked
        asked += 1
        raise MemoryError if asked % 2 else KeyError(name)

    with monkeypatch.context() as patch:
        patch.setattr("daemon.loop.tick", fails)
        for _ in range(20):
            runner.tick()
            assert runner.timetable.upcoming is not None
            assert runner.timetable.upcoming > datetime.now(UTC)
    assert (asked, problem(small)["code"]) == (20, 1)
    assert not (small.folder / "kith.ics").exists()
    runner.tick()
    assert problem(small) is None
    assert small.entries() == 2


@pytest.mark.parametrize("error", [KeyError, MemoryError, RecursionError, AssertionError])
def test_an_account_whose_reading_ends_by_an_error(
    small: Small, runner: Runner, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """It is a trouble of that account's, said with its kind and place and nothing of what it says; the others are read
    and written into."""
    name = " ".join(("Nora", "Lindqvist"))

    def fails(*_: object) -> Any:
        raise error(name)

    (small.folder / "Sent").touch()
    small.config.write_text(f'{small.config.read_text()}[accounts.post]\nkind = "mbox"\npath = "Sent"\n')
    monkeypatch.setattr("connectors.mbox.MboxSource.pull", fails)
    runner.tick()
    status = json.loads((small.state / "run" / "status.json").read_text())
    (trouble,) = status["troubles"]
    assert (status["problem"], trouble["account"], trouble["code"]) == (None, "post", "bad-data")
    assert f"{error.__name__} in test_runner.py:" in trouble["text"]
    assert name not in json.dumps(status)
    with runner.standing.turn(open_session(small.config)) as ledger:
        assert len(ledger.records().events) == 1


@pytest.mark.parametrize("much", [0, 1_000])
def test_many_facts_are_committed_first(
    small: Small, runner: Runner, monkeypatch: pytest.MonkeyPatch, much: int
) -> None:
    """More than so many new facts stand in a commit before that of what is decided upon them, and are read from there:
    what it took to derive them is gone. The tick is the same."""
    monkeypatch.setattr("daemon.tick.MUCH", much)
    runner.tick()
    assert problem(small) is None
    assert small.entries() == 2
    lines = (small.state / "ledger.jsonl").read_bytes().splitlines()
    tables = [{table for table, _, _ in cells(line)[1]} for line in lines]
    with_facts = [found for found in tables if "touchpoints" in found and "entries" in found]
    assert bool(with_facts) is (much == 1_000)
    assert [found for found in tables if "entries" in found]
    assert (runner.standing.knowledge.shelf is None) is (much == 0)


def test_what_stays_open_holds_no_rows(small: Small, runner: Runner) -> None:
    """The ledger that stays open leaves what grows with the years on the disk; what is free is looked for each tick."""
    runner.tick()
    with runner.standing.turn(open_session(small.config)) as ledger:
        tables = ledger._storage.tables
        assert {name for name, rows in tables.items() if isinstance(rows, Places)} == {"events", "touchpoints"}
        assert not any(rows._held for rows in tables.values() if isinstance(rows, Places))
        assert len(ledger.events_since(date.min)) == 1
        postings = [built for found in ledger._storage._indexes.values() for built in found._built.values()]
        assert postings
        assert not any(built.waiting for built in postings)
    assert runner.level._low > 0


def test_what_hears_of_the_wait_and_of_each_account(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start that waits is told to the watcher elsewhere; the watchdog hears of every account that is done with, not
    only of the end of the page."""
    pings, beats = list[str](), list[int]()
    monkeypatch.setattr("daemon.ping.Ping.send", lambda _, what, *__: pings.append(what))
    monkeypatch.setattr("daemon.manager.Manager.alive", lambda _: beats.append(1))
    (small.state / "run").mkdir(parents=True, mode=0o700)
    small.state.chmod(0o700)
    (small.state / "run" / "under-way").write_text('{"falls": 3, "account": "", "there": 0}')
    configuration = replace(open_session(small.config).configuration, ping="https://watch.example/x")
    with closing(Standing()) as standing:
        made = Runner(
            config=small.config,
            tell=exit_code_of,
            configuration=configuration,
            standing=standing,
            herald=Herald(Manager({})),
        )
        made.start()
        assert pings == ["start", "fail"]
        assert problem(small)["code"] == 1
        beats.clear()
        made.tick()
    assert len(beats) >= 4  # an account, what comes after it, the page, the end
    assert problem(small) is None


def test_memory_is_given_back_once_it_has_grown(monkeypatch: pytest.MonkeyPatch) -> None:
    """At once when much more is held than before; again the next time if much was free; not while little grew."""
    held, given, packed = [0], list[int](), list[int]()

    def give_back() -> None:
        assert packed == [held[0]]
        packed.clear()
        given.append(held[0])
        held[0] -= held[0] % 1000

    monkeypatch.setattr(memory, "SLACK", 100)
    monkeypatch.setattr(memory, "resident", lambda: held[0])
    monkeypatch.setattr(memory, "give_back", give_back)
    level = memory.Level()
    for held[0] in (5_050, 5_100, 5_101, 5_000, 5_100, 6_400, 6_050, 6_100):
        level.ebb(lambda: packed.append(held[0]))
    assert given == [5_050, 5_101, 5_000, 6_400, 6_050]


def test_what_a_process_holds() -> None:
    """The bytes that are resident: more once much is held."""
    before = memory.resident()
    block = bytearray(b"x" * (64 << 20))
    assert memory.resident() - before > 60 << 20
    del block


def test_a_clock_that_is_not_set(small: Small, runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that begins in 1970 reads, judges and writes nothing before it knows the day: 69 in words, and then all
    is as ever."""
    with monkeypatch.context() as patch:
        patch.setattr("daemon.session.BUILT", datetime(2200, 1, 1, tzinfo=UTC))
        runner.tick()
    assert problem(small)["code"] == 69
    assert not (small.state / "ledger.jsonl").exists()
    runner.tick()
    assert problem(small) is None
    assert small.entries() == 2


def test_a_log_that_nobody_takes_any_more(small: Small) -> None:
    """The journal is started anew, the pipe is closed: ticks go on as before and are no trouble."""
    command = [sys.executable, "-m", "daemon.cli", "run", "--config", str(small.config)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.stderr.close()
        first = seen(small)
        process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 60
        while seen(small) == first:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert problem(small) is None
        process.terminate()
        assert process.wait(timeout=10) == 0


def seen(small: Small) -> str:
    path = small.state / "run" / "status.json"
    return str(json.loads(path.read_text())["last_tick"]) if path.exists() else ""


def test_nothing_but_a_path_to_python_in_its_environment(small: Small) -> None:
    """No HOME, no USER, no locale, no terminal, an id without a name (a container's): a tick works, and is told."""
    environ = {"PATH": "/usr/bin:/bin", "PYTHONPATH": os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH")]))}
    code = (
        "import pwd, sys\n"
        "def nobody(_): raise KeyError\n"
        "pwd.getpwuid = nobody\n"
        "from daemon.cli import main\n"
        f"sys.argv = ['kith', 'once', '--config', {str(small.config)!r}]\n"
        "main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        env=environ, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "written now" in done.stdout
    assert small.entries() == 2
