"""``kith run`` left to itself: a real process that is told of a new configuration, watched, and asked what is wrong."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from daemon.loop import only_one
from tests.cli.conftest import Kith
from tests.cli.small import Small


def until(true: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


def status(world: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        return dict(json.loads((world / "state" / "run" / "status.json").read_text()))
    return {}


@contextmanager
def running(world: Path, **environ: str) -> Iterator[subprocess.Popen[str]]:
    """``kith run`` as a process of its own; its log is in ``world / "log"``."""
    command = [sys.executable, "-m", "daemon.cli", "run", "--config", str(world / "config.toml")]
    with (
        (world / "log").open("w") as log,
        subprocess.Popen(command, stderr=log, stdout=log, text=True, env={**os.environ, **environ}) as process,
    ):
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


@pytest.fixture
def heard() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A watcher on this machine: its address, and what it was told."""
    kept: list[tuple[str, str]] = []

    class Watcher(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.append((self.path, self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Watcher)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/secret-uuid", kept
    server.shutdown()
    server.server_close()


@pytest.fixture
def ear() -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """The service manager's socket, an abstract one, and what was said to it so far."""
    name = f"kith-run-{os.getpid()}-{time.monotonic_ns()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind(f"\0{name}")
        made.setblocking(False)
        said: list[str] = []

        def listen() -> list[str]:
            with suppress(BlockingIOError):
                while True:
                    said.append(made.recv(4096).decode())
            return said

        yield f"@{name}", listen


def anew(world: Path) -> None:
    """Take away the state and all that was written: the next tick imports everything, under the yes of the demo."""
    shutil.rmtree(world / "state")
    (world / "kith.ics").unlink()
    shutil.rmtree(world / "Mail")
    for name in ("cur", "new", "tmp"):
        (world / "Mail" / "Drafts" / name).mkdir(parents=True)


def configure(world: Path, **run: str) -> None:
    """Give the configuration a ``[run]`` of its own."""
    path = world / "config.toml"
    text = re.sub(r"(?s)\n\[run\].*?(?=\n\[|\Z)", "", path.read_text())
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in run.items())
    path.write_text(f"{text}\n[run]\n{lines}")


def test_no_name_or_address_leaves_by_any_sign(
    world: Path,
    kith: Kith,
    heard: tuple[str, list[tuple[str, str]]],
    ear: tuple[str, Callable[[], list[str]]],
) -> None:
    """A whole first import with all that is written after it: log, status file, metrics, pings and the words to the
    service manager hold no name, address, title or subject of anybody, nor the watcher's address, nor our paths."""
    (address, pings), (name, said) = heard, ear
    export = kith("export", "--config", world / "config.toml").json
    anew(world)
    configure(world, ping=address, metrics="kith.prom")
    with running(world, NOTIFY_SOCKET=name) as process:
        until(lambda: len(pings) >= 2 and any(line.startswith("STATUS=") for line in said()))
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    told = {
        "log": (world / "log").read_text(),
        "status": (world / "state" / "run" / "status.json").read_text(),
        "metrics": (world / "kith.prom").read_text(),
        "pings": json.dumps(pings),
        "manager": "\n".join(said()),
    }
    assert [path for path, _ in pings] == ["/secret-uuid/start", "/secret-uuid"]
    assert re.search(r"new=\d{3,}", told["pings"])
    assert [word for word in said() if word in {"READY=1", "STOPPING=1"}] == ["READY=1", "STOPPING=1"]
    assert said().index("READY=1") < said().index("WATCHDOG=1") < said().index("STOPPING=1")
    secret = {who for row in export["people"] for who in (row["name"], *row["addresses"]) if who}
    secret |= {str(row["title"]) for row in (*export["events"], *export["reminders"]) if len(row["title"] or "") > 8}
    secret |= {part for row in export["people"] for part in (row["name"] or "").split() if len(part) > 5}
    assert len(secret) > 300
    found = {where for where, text in told.items() for word in secret if word.casefold() in text.casefold()}
    assert found == set()
    for where, text in told.items():
        assert "@" not in text, where
        assert "secret" not in text.replace("/secret-uuid", "") if where == "pings" else "secret" not in text, where
        assert str(world) not in text, where


def test_a_timers_tick_is_one_line_in_the_journal(small: Small) -> None:
    """Under the timer's unit stdout goes nowhere, since `once` shows plans with names there, and what the journal hears
    is one line of counts; in a terminal, or a pipe, nothing is said of a tick that is well."""
    command = [sys.executable, "-m", "daemon.cli", "once", "--config", str(small.config)]
    heard = []
    for to_journal in (True, False):
        with (small.folder / "log").open("w+") as log:
            told = os.fstat(log.fileno())
            stream = f"{told.st_dev}:{told.st_ino}" if to_journal else "1:1"
            environ = {**os.environ, "JOURNAL_STREAM": stream}
            done = subprocess.run(command, check=False, stderr=log, stdout=subprocess.DEVNULL, env=environ)
            log.seek(0)
            heard.append((done.returncode, log.read()))
    (code, line), quiet = heard
    assert (code, quiet) == (0, (0, ""))
    assert re.fullmatch(r"tick new=\d+ caught_up=True confirmed=True( [a-z-]+=\d+)+\n", line), line


def test_a_bad_configuration_is_refused_and_said_and_a_good_one_taken(
    world: Path, kith: Kith, heard: tuple[str, list[tuple[str, str]]]
) -> None:
    """SIGHUP has it read. With a bad one Kith goes on as before, says so in the log, the status, the calendar and
    to the watcher; with a good one it goes on with that, at once."""
    address, pings = heard
    configure(world, ping=address)
    config = world / "config.toml"
    with running(world) as process:
        until(lambda: len(pings) >= 2)
        before, good = status(world)["last_tick"], config.read_text()
        config.write_text(good.replace("[me]", "[me]\ncolour = 'blue'"))
        process.send_signal(signal.SIGHUP)
        until(lambda: (status(world).get("problem") or {}).get("code") == 78)
        assert status(world)["last_tick"] > before
        until(lambda: pings[-1][0].endswith("/fail"))
        assert pings[-1][1].startswith("problem=78 tick ")
        assert "SUMMARY:Kith has a mistake in its configuration" in (world / "kith.ics").read_text()
        log = (world / "log").read_text()
        assert "me.colour" in log
        assert "the configuration is refused; the one before stays" in log
        config.write_text(good)
        assert kith("status", "--config", config).code == 78
        configure(world, ping=address, every="1h", metrics="kith.prom")
        process.send_signal(signal.SIGHUP)
        until((world / "kith.prom").exists)
        assert "kith_problem_code 0\n" in (world / "kith.prom").read_text()
        assert "a mistake in its configuration" not in (world / "kith.ics").read_text()
        assert status(world)["problem"] is None
        assert kith("status", "--config", config).code == 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def test_a_state_that_cannot_be_written_is_said_wherever_that_can_be(
    world: Path, kith: Kith, tmp_path: Path, heard: tuple[str, list[tuple[str, str]]]
) -> None:
    """The ledger's folder is gone as a whole: the log, the watcher and the status file in another place say so with the
    code 74, the process lives, and the tick after it is mended is as ever."""
    address, pings = heard
    configure(world, ping=address)
    runtime = tmp_path / "runtime"
    with running(world, RUNTIME_DIRECTORY=str(runtime)) as process:
        until(lambda: len(pings) >= 2)
        journal = world / "state" / "ledger.jsonl"
        journal.rename(world / "kept")
        journal.mkdir()
        process.send_signal(signal.SIGHUP)
        until(lambda: len(pings) >= 4)
        assert pings[-1] == ("/secret-uuid/fail", "problem=74")
        assert json.loads((runtime / "status.json").read_text())["problem"]["code"] == 74
        assert "the state cannot be read or written" in (world / "log").read_text()
        journal.rmdir()
        (world / "kept").rename(journal)
        process.send_signal(signal.SIGHUP)
        until(lambda: len(pings) >= 6)
        assert pings[-1][0] == "/secret-uuid"
        assert json.loads((runtime / "status.json").read_text())["problem"] is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


@pytest.mark.parametrize(
    ("last", "code", "says"),
    [
        ({"problem": {"code": 74, "since": "2026-11-20T08:00:00+00:00"}}, 74, "df -h"),
        ({"problem": {"code": 78, "since": "2026-11-20T08:00:00+00:00"}}, 78, "kith check"),
        ({"problem": {"code": 1, "since": "2026-11-20T08:00:00+00:00"}}, 1, "kith once"),
        ({"problem": None, "next_tick": "2026-11-20T05:00:00+00:00"}, 69, "kith run"),
        ({"problem": None, "next_tick": "2026-11-20T07:14:00+00:00"}, 69, "did not come"),
        ({"problem": None, "next_tick": "2026-11-20T07:16:00+00:00"}, 0, ""),
        ({"problem": "nonsense", "next_tick": None}, 0, ""),
    ],
)
def test_status_names_what_is_wrong_and_what_mends_it(
    world: Path, kith: Kith, last: dict[str, Any], code: int, says: str
) -> None:
    """What the last ticks met beyond the accounts, and a tick that was planned and did not come: by the exit code,
    in words and in JSON."""
    path = world / "state" / "run" / "status.json"
    path.write_text(json.dumps({**status(world), **last}))
    words = ("--config", world / "config.toml", "--now", "2026-11-20T09:00:00")
    ran = kith("status", *words)
    assert (ran.code, bool(says) and says in ran.out) == (code, bool(says))
    problem = kith("status", "--json", *words).json["problem"]
    assert (problem and problem["code"]) == (code or None)


def test_status_tells_a_run_that_hangs_from_one_that_is_not_there(world: Path, kith: Kith) -> None:
    """Three intervals after its tick was planned the process that holds the lock is named; before, it has its time."""
    path = world / "state" / "run" / "status.json"
    path.write_text(json.dumps({**status(world), "problem": None, "next_tick": "2026-11-20T07:00:00+00:00"}))
    lock = only_one(world / "state")
    try:
        words = ("status", "--json", "--config", world / "config.toml", "--now")
        hangs = kith(*words, "2026-11-20T08:46:00").json["problem"]
        assert kith(*words, "2026-11-20T08:44:00").json["problem"] is None
    finally:
        os.close(lock)
    assert (hangs["code"], f"process {os.getpid()}) hangs" in hangs["text"]) == (69, True)
    assert hangs["remedy"] == f"kill -9 {os.getpid()}; kith run"
    assert kith(*words, "2026-11-20T08:46:00").json["problem"]["remedy"] == "kith run"
