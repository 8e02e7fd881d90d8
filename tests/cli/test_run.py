"""``kith run``: ticks, ends cleanly at SIGTERM, keeps a second one away, and lets the other commands work beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import schedule

from daemon.timetable import plan_ticks
from tests.cli.conftest import Kith
from tests.google import story
from tests.google.server import Server


def wait_for(path: Path, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < deadline, f"{path.name} did not appear"
        time.sleep(0.05)


@pytest.fixture
def running(world: Path) -> Iterator[subprocess.Popen[str]]:
    status = world / "state" / "run" / "status.json"
    status.unlink(missing_ok=True)
    command = [sys.executable, "-m", "daemon.cli", "run", "--config", str(world / "config.toml")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    wait_for(status)
    yield process
    if process.poll() is None:
        process.kill()
    process.wait()
    assert process.stderr is not None
    process.stderr.close()


def test_it_ends_cleanly_and_logs_one_line_a_tick(running: subprocess.Popen[str]) -> None:
    """SIGTERM ends it with 0 within five seconds; the log has counts and codes only."""
    began = time.monotonic()
    running.send_signal(signal.SIGTERM)
    _, said = running.communicate(timeout=10)
    assert running.returncode == 0
    assert time.monotonic() - began < 5
    lines = [line for line in said.splitlines() if line.startswith("tick ")]
    assert len(lines) == 1
    assert "new=" in lines[0]
    assert "@" not in said


def test_ticks_are_spread() -> None:
    """Of a quarter of an hour the next tick is up to a quarter sooner or later, each time another moment."""
    job = plan_ticks(schedule.Scheduler(), timedelta(minutes=15), lambda: None)
    moments = set()
    for _ in range(40):
        before = time.time()
        job._schedule_next_run()
        moments.add(round(job.next_run.timestamp() - before))
    assert len(moments) > 10
    assert moments <= set(range(675, 1127))


def test_it_ends_while_google_does_not_answer(tmp_path: Path, kith: Kith) -> None:
    """An answer may take longer than a service manager waits: SIGTERM ends the process all the same, and the next
    tick begins where it was cut off."""
    with Server(now=datetime.now(UTC), email=story.ME, zone=story.ZONE) as server:
        server.user.send_mail("ada@lovelace.example", "The engine")
        slow = server.fault("slow", seconds=60, method="gmail.users.messages.get", times=None)
        config = story.put_configuration(server, tmp_path)
        command = [sys.executable, "-m", "daemon.cli", "run", "--config", str(config)]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 30
        while not slow.hits and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)
        assert slow.hits == 1
        assert (process.returncode, "ended in the middle of a tick" in said) == (0, True)
        server.calm()
        assert kith("once", "--config", config).code == 0
        assert [row["addresses"] for row in kith("people", "--json", "--config", config).json] == [
            ["ada@lovelace.example"]
        ]


def test_a_second_one_ends_with_75_and_names_the_first(running: subprocess.Popen[str], world: Path, kith: Kith) -> None:
    """Two daemons on one state would ask twice; the second is told which process holds it."""
    ran = kith("run", "--config", world / "config.toml")
    assert ran.code == 75
    assert str(running.pid) in ran.err


def test_other_commands_work_beside_it(running: subprocess.Popen[str], world: Path, kith: Kith) -> None:
    """The state is locked during a tick only: the user's words are taken while the daemon runs."""
    config = ("--config", world / "config.toml")
    assert kith("mark", "karl wenz", "admired", *config).code == 0
    assert kith("why", "karl wenz", "--json", *config).json["opinion"]["marks"] == ["admired"]
    assert kith("status", *config).code == 0
    os.kill(running.pid, 0)
