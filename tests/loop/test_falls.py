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

from daemon.falls import Falls, rest
from tests.cli.small import Small

DIES = "import os, daemon.loop; daemon.loop.tick = lambda *_: os.kill(os.getpid(), 9); "
SLEEPS = "import time, daemon.loop; daemon.loop.GRACE = 0.1; daemon.loop.tick = lambda *_: time.sleep(60); "
RUN = "from daemon.cli import main; main()"


@pytest.mark.parametrize(
    ("falls", "minutes"),
    [(0, 0), (1, 0), (2, 1), (3, 2), (4, 4), (5, 8), (6, 16), (7, 30), (8, 30), (20, 30), (1_000_000, 30)],
)
def test_how_long_it_waits(falls: int, minutes: int) -> None:
    """One tick that was cut off is a power cut; from two in a row on a minute, doubled up to half an hour."""
    assert rest(falls) == timedelta(minutes=minutes)


@pytest.mark.parametrize(("text", "falls"), [(b"3\n", 3), (b"", 1), (b"-3", 1), (b"x" * 99, 1), (b"9" * 99, 1_000_000)])
def test_whatever_stands_in_the_count(tmp_path: Path, text: bytes, falls: int) -> None:
    """A count that was not written to its end is one."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "under-way").write_bytes(text)
    assert Falls(tmp_path).before == falls


def test_a_link_in_its_place_leads_nowhere(tmp_path: Path) -> None:
    """It is neither believed nor written through."""
    (tmp_path / "run").mkdir()
    (tmp_path / "elsewhere").write_text("7")
    (tmp_path / "run" / "under-way").symlink_to(tmp_path / "elsewhere")
    falls = Falls(tmp_path)
    falls.begin()
    assert (falls.before, (tmp_path / "elsewhere").read_text()) == (0, "7")


@contextmanager
def running(small: Small, code: str = "") -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", code + RUN, "run", "--config", str(small.config)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
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
    """The first two starts try at once; the third one says so, waits and touches nothing. A SIGHUP has it try now: the
    tick comes to its end, and all is as ever."""
    small = Small(tmp_path)
    count = small.state / "run" / "under-way"
    for number in (1, 2):
        with running(small, DIES) as process:
            assert process.wait(60) == -signal.SIGKILL
        assert count.read_text() == f"{number}\n"
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
    assert "the last 2 ticks were ended in the middle by no will of ours: the next one waits 1 min" in said


def test_ended_on_purpose_it_did_not_fall(tmp_path: Path) -> None:
    """SIGTERM in the middle of a tick: whoever stops it has it start at once the next time."""
    small = Small(tmp_path)
    count = small.state / "run" / "under-way"
    with running(small, SLEEPS) as process:
        wait_for(count.exists)
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(60) == 0
    assert not count.exists()
