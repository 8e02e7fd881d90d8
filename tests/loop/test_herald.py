"""What is told of a tick reaches the service manager, a watcher and a collector, and never ends or delays it."""

from __future__ import annotations

import os
import socket
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from daemon import ping as pinging
from daemon.config import Configuration, load
from daemon.herald import Herald
from daemon.manager import Manager
from daemon.ping import Ping, is_allowed
from daemon.status import metrics, read_status, write_metrics, write_problem
from daemon.world import Report, Trouble

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize("abstract", [False, True])
def test_the_service_manager_hears_every_word(tmp_path: Path, *, abstract: bool) -> None:
    """Over a socket in the file system and over an abstract one; a status is one line."""
    name = f"@kith-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(f"\0{name[1:]}" if abstract else name)
        ear.settimeout(5)
        manager = Manager({"NOTIFY_SOCKET": name})
        manager.ready()
        manager.tell("Tick:\n3 new")
        manager.alive()
        manager.stopping()
        manager.close()
        assert [ear.recv(200) for _ in range(4)] == [b"READY=1", b"STATUS=Tick: 3 new", b"WATCHDOG=1", b"STOPPING=1"]


@pytest.mark.parametrize("name", ["", "/nowhere/at/all", "@nobody-listens", "vsock:2:1", "x" * 300, "@" + "x" * 300])
def test_a_manager_that_is_not_there_is_nobodys_trouble(name: str) -> None:
    """Without a socket, or with one that nobody reads, everything goes on."""
    manager = Manager({"NOTIFY_SOCKET": name} if name else {})
    manager.ready()
    manager.alive()
    manager.close()


class Watcher(BaseHTTPRequestHandler):
    """Keeps what it is told."""

    heard: list[tuple[str, str]]
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.heard.append((self.path, body))
        self.send_response(self.status)
        if self.status == 307:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def watcher() -> Iterator[tuple[str, type[Watcher]]]:
    class Own(Watcher):
        heard: list[tuple[str, str]] = []

    server = HTTPServer(("127.0.0.1", 0), Own)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/abc", Own
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("status", [200, 307, 404, 500])
def test_a_watcher_hears_start_success_and_fail(watcher: tuple[str, type[Watcher]], status: int) -> None:
    """At the address itself and below it, with a short text; no answer is followed or judged."""
    address, kept = watcher
    kept.status = status
    told = Ping(address)
    told.send("start")
    told.send("success", "tick new=3")
    told.send("fail", "x" * 5000)
    assert kept.heard == [("/abc/start", ""), ("/abc", "tick new=3"), ("/abc/fail", "x" * 1000)]


def test_a_watcher_that_is_silent_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that takes the connection and never answers: the tick goes on, and no second ping waits behind the first."""
    monkeypatch.setattr(pinging, "PATIENCE", 0.1)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        told = Ping(f"http://127.0.0.1:{deaf.getsockname()[1]}/abc")
        before = threading.active_count()
        for _ in range(5):
            told.send("fail", "tick")
        assert threading.active_count() == before + 2  # the ping, and what ends it
    Ping("http://127.0.0.1:1/abc").send("success")
    Ping(None).send("success")


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("https://hc-ping.example/0c1e", True),
        ("https://watch.home.example:8443/ping/0c1e", True),
        ("http://127.0.0.1:9/x", True),
        ("http://localhost/x", True),
        ("http://[::1]:9/x", True),
        ("http://hc-ping.example/0c1e", False),
        ("http://127.0.0.1.example.com/x", False),
        ("https://ada:secret@hc-ping.example/x", False),
        ("https://hc-ping.example/x?a=b", False),
        ("https://hc-ping.example/x#a", False),
        ("https://hc-ping.example/x y", False),
        ("https://hc-ping.example/x\r\nHost: a", False),
        ("https:///x", False),
        ("https://hc-ping.example:99999/x", False),
        ("file:///etc/passwd", False),
        ("ftp://hc-ping.example/x", False),
        ("", False),
    ],
)
def test_only_https_is_pinged(address: str, allowed: bool) -> None:
    """Http is for tests on this machine; no login, query or fragment stands in the address."""
    assert is_allowed(address) is allowed


def test_the_metrics_are_as_a_collector_reads_them(tmp_path: Path) -> None:
    """Each name is said and typed once; the file is readable by everybody whatever the umask, and replaced whole."""
    status = {
        "new": 3,
        "accounts": {"home": NOW.isoformat(), "archive": None},
        "troubles": [{"account": "archive", "code": "needs-login"}, {"account": "archive", "code": "needs-login"}],
    }
    text = metrics(status, 0, NOW, {"follow-up-written": 2}, 1.23456)
    assert [line for line in text.splitlines() if not line.startswith("#")] == [
        "kith_problem_code 0",
        f"kith_tick_ended_timestamp_seconds {NOW.timestamp()}",
        "kith_tick_duration_seconds 1.235",
        "kith_tick_new_records 3",
        'kith_tick_written{row="follow-up-written"} 2',
        f'kith_account_success_timestamp_seconds{{account="home"}} {NOW.timestamp()}',
        'kith_account_problem{account="archive",code="needs-login"} 1',
    ]
    assert text.endswith("\n")
    names = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names)) == text.count("# HELP")
    before = os.umask(0o077)
    try:
        write_metrics(tmp_path / "kith.prom", text)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "kith.prom").stat().st_mode) == 0o644
    assert [path.name for path in tmp_path.iterdir()] == ["kith.prom"]


def test_a_problem_is_known_since_its_first_tick(tmp_path: Path) -> None:
    """The same problem again keeps its day; another one begins anew; the last good tick stays known."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "status.json").write_text('{"last_tick": "2026-11-27T12:00:00+00:00", "problem": null}')
    for code, hours in ((74, 0), (74, 5), (78, 6)):
        write_problem(tmp_path, code, NOW + timedelta(hours=hours))
        since = NOW + timedelta(hours=0 if code == 74 else 6)
        assert read_status(tmp_path)["problem"] == {"code": code, "since": since.isoformat()}
    assert read_status(tmp_path)["last_tick"] == "2026-11-27T12:00:00+00:00"


def configured(folder: Path, address: str) -> Configuration:
    """A configuration with a watcher, its state in ``folder``."""
    (folder / "config.toml").write_text(
        '[me]\nname = "Ada"\naddresses = ["ada@example.com"]\ntimezone = "UTC"\n'
        f'[run]\nping = "{address}"\n[accounts.a]\nkind = "ics"\npath = "a.ics"\n'
    )
    return load(folder / "config.toml", {"STATE_DIRECTORY": str(folder)}, NOW.date())


def test_a_disk_that_is_full_is_told_by_an_idle_tick_too(
    tmp_path: Path, watcher: tuple[str, type[Watcher]], capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing but the status file is written then: where that cannot be, log and watcher say so; then all is well."""
    address, kept = watcher
    made, herald = configured(tmp_path, address), Herald(Manager({}))
    for full in (True, False):
        if full:
            (tmp_path / "run").write_text("no folder")
        else:
            (tmp_path / "run").unlink()
        herald.begin(made)
        herald.page(made, Report(), NOW, None, 0)
        herald.end(made, Report(), "tick new=0", None, 0)
    heard = [("/abc/start", ""), ("/abc/fail", "problem=74 tick new=0"), ("/abc/start", ""), ("/abc", "tick new=0")]
    assert kept.heard == heard
    assert "the status file cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("codes", "problem", "hears"),
    [
        ((), 0, ["/abc/start", "/abc"]),
        (("rejected",), 0, ["/abc/start", "/abc"]),
        (("unavailable",), 0, ["/abc/start"]),
        (("needs-login",), 0, ["/abc/start", "/abc/fail"]),
        (("unavailable", "suspicious"), 0, ["/abc/start", "/abc/fail"]),
        ((), 78, ["/abc/start", "/abc/fail"]),
    ],
)
def test_a_watcher_is_told_success_only_when_all_is_well(
    tmp_path: Path, watcher: tuple[str, type[Watcher]], codes: tuple[str, ...], problem: int, hears: list[str]
) -> None:
    """What needs the user is a fail at once; what mends itself is neither, and the watcher's patience decides."""
    address, kept = watcher
    made = configured(tmp_path, address)
    herald = Herald(Manager({}))
    herald.begin(made)
    troubles = tuple(Trouble(account="a", code=code, text="x") for code in codes)
    herald.end(made, Report(troubles=troubles), "tick new=0", None, problem)
    assert [path for path, _ in kept.heard] == hears
