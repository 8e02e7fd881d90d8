"""A process that something ends in the middle of every tick: it starts again, later each time, and never gives up."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.falls import Fall, Falls, rest
from daemon.session import open_session
from tests.cli.small import Small

DIES = "import os, daemon.tick; daemon.tick.remember = lambda *_: os.kill(os.getpid(), 9); "
SLEEPS = "import time, daemon.loop; daemon.loop.GRACE = 0.1; daemon.loop.tick = lambda *_: time.sleep(60); "
POISON = (
    "import os, connectors.mbox; connectors.mbox.MboxSource.pull = lambda *_: os.kill(os.getpid(), 9) "
    "if os.path.exists('poison') else connectors.records.Pull(cursor={}); import connectors.records; "
)
ENV = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)
DAY = timedelta(days=1)
RUN = "from daemon.cli import main; main()"


@pytest.mark.parametrize(
    ("falls", "minutes"),
    [(0, 0), (1, 0), (2, 1), (3, 2), (4, 4), (5, 8), (6, 16), (7, 30), (8, 30), (20, 30), (1_000_000, 30)],
)
def test_how_long_it_waits(falls: int, minutes: int) -> None:
    """One tick that was cut off is a power cut; from two in a row on a minute, doubled up to half an hour."""
    assert rest(falls) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b'{"falls": 3, "account": "agenda", "there": 2}', Fall(falls=3, account="agenda", there=2)),
        (b"", Fall(falls=1)),
        (b"[]", Fall(falls=1)),
        (b'{"falls": 3, "acc', Fall(falls=1)),
        (b'{"falls": -3, "account": "", "there": 0}', Fall(falls=1)),
        (b'{"falls": 3, "account": 7, "there": 0}', Fall(falls=1)),
        (b'{"falls": 99999999, "account": "", "there": 0}', Fall(falls=1_000)),
        (b"[" * 9_999, Fall(falls=1)),
        (b"x" * 99_999, Fall(falls=1)),
    ],
)
def test_whatever_stands_in_the_count(tmp_path: Path, text: bytes, found: Fall) -> None:
    """A count that was not written to its end is one."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "under-way").write_bytes(text)
    assert Falls(tmp_path).before == found


def died(folder: Path, *accounts: str) -> Falls:
    """A process that is killed while it reads the last of these accounts."""
    falls = Falls(folder)
    falls.left_alone(NOW)
    falls.begin()
    for account in accounts:
        falls.reading(account)
    return Falls(folder)


@pytest.mark.parametrize(
    ("lives", "alone"),
    [
        ([["a", "b"]], set()),
        ([["a", "b"], ["a", "b"]], {"b"}),
        ([["a", "b"], ["a"]], set()),
        ([["a", "b"], ["a", "b", ""]], set()),
        ([["a", "b"], [], ["a", "b"]], set()),
        ([["a"], ["a"], ["b"], ["b"]], {"a", "b"}),
    ],
)
def test_which_account_is_left_alone(tmp_path: Path, lives: list[list[str]], alone: set[str]) -> None:
    """The one that was being read both of the last two times, and for a day; nobody is left alone for what came after
    the reading."""
    for accounts in lives:
        found = died(tmp_path, *accounts)
    assert found.before.falls == len(lives)
    assert set(found.left_alone(NOW)) == alone
    found.begin()
    found.end()
    assert set(found.left_alone(NOW + DAY / 2)) == set(Falls(tmp_path).left_alone(NOW + DAY / 2)) == alone
    assert set(found.left_alone(NOW + DAY)) == set(Falls(tmp_path).left_alone(NOW + DAY)) == set()
    assert Falls(tmp_path).before == Fall()


@pytest.mark.parametrize(
    "text", ["", "[]", '{"a": 7}', '{"a": "soon"}', '{"a": "2099-01-01T00:00:00+00:00"}', '{"a": "2026-11-27T08:00"}']
)
def test_whatever_stands_beside_it(tmp_path: Path, text: str) -> None:
    """Nobody is left alone for longer than a day from now, by whatever clock that was written."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "left-alone.json").write_text(text)
    assert Falls(tmp_path).left_alone(NOW) == {}


def test_a_link_in_its_place_leads_nowhere(tmp_path: Path) -> None:
    """It is neither believed nor written through."""
    (tmp_path / "run").mkdir()
    (tmp_path / "elsewhere").write_text("7")
    (tmp_path / "run" / "under-way").symlink_to(tmp_path / "elsewhere")
    falls = Falls(tmp_path)
    falls.begin()
    assert (falls.before, (tmp_path / "elsewhere").read_text()) == (Fall(), "7")


@contextmanager
def running(small: Small, code: str = "") -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", code + RUN, "run", "--config", str(small.config)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, cwd=small.folder, env=ENV) as process:
        try:
            yield process
        finally:
            process.kill()


def seen(small: Small) -> dict[str, Any]:
    path = small.state / "run" / "status.json"
    return json.loads(path.read_text()) if path.exists() else {}


def wait_for(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_killed_in_every_tick_it_waits_longer_each_time(tmp_path: Path) -> None:
    """By what comes after the reading, so no account is to blame: the first two starts try at once, the third one says
    so, waits and touches nothing. A SIGHUP has it try now: the tick comes to its end, and all is as ever."""
    small = Small(tmp_path)
    count = small.state / "run" / "under-way"
    for number in (1, 2):
        with running(small, DIES) as process:
            assert process.wait(60) == -signal.SIGKILL
        assert json.loads(count.read_text()) == {"falls": number, "account": "", "there": 0}
    with running(small) as process:
        wait_for(lambda: seen(small).get("problem"))
        assert seen(small)["problem"]["code"] == 1
        waits = datetime.fromisoformat(seen(small)["next_tick"]) - datetime.now(UTC)
        assert timedelta(seconds=30) < waits <= timedelta(minutes=1)
        assert "last_tick" not in seen(small)
        assert not (small.folder / "kith.ics").exists()
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: seen(small).get("problem") is None and seen(small).get("last_tick"))
        assert small.entries() == 2
        wait_for(lambda: not count.exists())
        process.terminate()
        assert process.wait(60) == 0
        assert process.stderr is not None
        said = process.stderr.read().decode()
    assert "the last 2 ticks were ended from outside: the next one waits 1 min (SIGHUP: now)" in said


def test_stopped_while_it_waits_it_tries_at_once_the_next_time(tmp_path: Path) -> None:
    """Somebody who stops it and starts it again need not wait."""
    small = Small(tmp_path)
    (small.state / "run").mkdir(parents=True, mode=0o700)
    small.state.chmod(0o700)
    (small.state / "run" / "under-way").write_text('{"falls": 7, "account": "", "there": 0}')
    with running(small) as process:
        wait_for(lambda: seen(small).get("problem"))
        process.terminate()
        assert process.wait(60) == 0
    with running(small):
        wait_for(lambda: seen(small).get("last_tick"))
    assert small.entries() == 2


def test_pages_that_were_read_well_are_no_falls(tmp_path: Path) -> None:
    """Killed in the first page of a run, and in another long after: nothing twice in a row."""
    small = Small(tmp_path)
    source, count = "connectors.records.Pull(cursor={}, caught_up=False)", small.state / "run" / "under-way"
    for number in (1, 40):
        code = POISON.replace("if os.path.exists('poison')", f"if pages.append(1) or len(pages) == {number}")
        code = "pages = []; " + code.replace("connectors.records.Pull(cursor={})", source)
        (tmp_path / "Sent").touch()
        if number == 1:
            small.config.write_text(f'{small.config.read_text()}[accounts.poison]\nkind = "mbox"\npath = "Sent"\n')
        with running(small, code) as process:
            assert process.wait(60) == -signal.SIGKILL
        assert json.loads(count.read_text()) == {"falls": 1, "account": "poison", "there": 1}


def test_ended_on_purpose_it_did_not_fall(tmp_path: Path) -> None:
    """SIGTERM in the middle of a tick: whoever stops it has it start at once the next time."""
    small = Small(tmp_path)
    count = small.state / "run" / "under-way"
    with running(small, SLEEPS) as process:
        wait_for(count.exists)
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(60) == 0
    assert not count.exists()


def test_one_account_that_kills_does_not_kill_the_others(tmp_path: Path) -> None:
    """Read twice it is left alone and named in status, with the command that tries it; the calendar beside it lives.
    Once that command has read it, it is read by all."""
    small = Small(tmp_path)
    (tmp_path / "poison").touch()
    (tmp_path / "Sent").touch()
    small.config.write_text(f'{small.config.read_text()}[accounts.poison]\nkind = "mbox"\npath = "Sent"\n')
    for _ in range(2):
        with running(small, POISON) as process:
            assert process.wait(60) == -signal.SIGKILL
    with running(small, POISON) as process:
        wait_for(lambda: seen(small).get("problem"))
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: seen(small).get("last_tick"))
        assert process.poll() is None
        (trouble,) = seen(small)["troubles"]
        assert (trouble["account"], trouble["code"], trouble["remedy"]) == ("poison", "bad-data", "kith once")
        assert "ended this process twice: it is left alone until" in trouble["text"]
        assert small.steps(small.kith("once"))[0].code == 0
        assert not (small.state / "run" / "left-alone.json").exists()
        (tmp_path / "poison").unlink()
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: not seen(small)["troubles"])
    with open_session(small.config, NOW).ledger(write=False) as ledger:
        assert len(ledger.records().events) == 1
