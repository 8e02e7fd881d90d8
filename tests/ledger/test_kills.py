"""A real process writes and is killed: by the clock, and at each system call that changes the disk."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.ledger.storage import JournalStorage
from tests.ledger.oracle import read, same, tables_of
from tests.ledger.writer import Expected

ROOT = Path(__file__).parent.parent.parent
WRITER = [sys.executable, str(Path(__file__).parent / "writer.py")]
CALLS = ("write", "fsync", "rename,renameat,renameat2", "link,linkat", "unlink,unlinkat", "openat")
KILLS = 500


def start(*command: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=environ, cwd=ROOT, check=False, timeout=300)


@pytest.mark.slow
def test_a_writer_killed_at_random_moments_loses_nothing(tmp_path: Path, effort: int) -> None:
    """Five hundred writers are killed, one after the other on one file: each acknowledged commit is there, in order."""
    done = start(*WRITER, "rounds", str(tmp_path), str(KILLS * effort), "1")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["rounds"] >= KILLS
    assert told["commits"] >= KILLS // 10  # on a busy machine some die before their first


def traced(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    folder.mkdir()
    return start("strace", "-f", "-qq", "-o", str(folder / "trace"), *options, *WRITER, "once", str(folder))


def calls(folder: Path, which: str) -> list[int]:
    """Return which of the calls, counted from 1, are about the ledger's folder or on a descriptor of it."""
    lines = [line for line in (folder / "trace").read_text().splitlines() if "(" in line]
    ours = [at for at, line in enumerate(lines, 1) if str(folder) in line]
    first = ours[0] if ours else 1
    return ours if "openat" in which else list(range(first if which != "write" else 1, len(lines) + 1))


@pytest.mark.slow
def test_a_writer_killed_at_each_system_call_loses_nothing(tmp_path: Path, effort: int) -> None:
    """At every n-th call of each kind (KITH_EFFORT=10: at each) the kernel kills the writer: nothing is lost."""
    if shutil.which("strace") is None or traced(tmp_path / "try", "-e", "trace=fsync").returncode:
        pytest.skip("strace may not trace here; test_power_cuts kills at each call of os instead")
    kills = 0
    for which in CALLS:
        whole = tmp_path / f"whole-{which}"
        assert traced(whole, "-y", "-e", f"trace={which}").stdout.split() == list("12345678")
        for at in calls(whole, which)[kills % 5 :: max(1, 6 // effort)]:
            folder = tmp_path / f"{which}-{at}"
            done = traced(folder, "-e", f"trace={which}", "-e", f"inject={which}:signal=KILL:when={at}")
            assert done.returncode != 0, "it was not killed"
            kills += 1
            check(folder, [int(line) for line in done.stdout.split()])
    assert kills >= 10


def check(folder: Path, acknowledged: list[int]) -> None:
    """What was acknowledged is there, or one commit more; the file is well afterwards."""
    storage = JournalStorage(folder / "j")
    assert storage.healing is None
    found = tables_of(storage.read())
    expected = Expected()
    expected.advance(max(acknowledged, default=0))
    if not same(found, expected.tables):
        expected.advance(expected.number + 1)
    assert same(found, expected.tables)
    storage.close()
    assert same(read(folder / "j")[0], found)
