"""The service really runs under its directives: a new root, no rights, and the unit's own system call filter.

Without systemd as process 1 this is as near as a machine comes; ``confine.py`` says what it leaves out.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from tests.systemd.confine import NOBODY
from tests.systemd.units import FOLDER, SYSTEM, directives, without

CHECKOUT = FOLDER.parent
VENV = Path(sys.prefix).resolve()
KEEP = (CHECKOUT, VENV, Path(sys.base_prefix))
NAMESPACES = ("--mount", "--pid", "--ipc", "--uts", "--fork", "--propagation", "private")
WALLS = tomllib.loads((CHECKOUT / "tests/data/systemd/walls.toml").read_text())["wall"]
MODULE = (
    "import runpy, sys; sys.path.insert(0, {!r}); runpy.run_module('daemon.cli', run_name='__main__', alter_sys=True)"
)
CALENDAR = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:one@test
DTSTART:20261110T090000Z
DTEND:20261110T100000Z
SUMMARY:Talk about the heating
ORGANIZER:mailto:clara@winter.example
ATTENDEE;PARTSTAT=ACCEPTED:mailto:clara@winter.example
ATTENDEE;PARTSTAT=ACCEPTED;CN=Nora Lindqvist:mailto:nora@lindqvist.example
END:VEVENT
END:VCALENDAR
"""
CONFIGURATION = """\
state = "/var/lib/{home}"
[me]
name = "Clara Winter"
addresses = ["clara@winter.example"]
timezone = "Europe/Vienna"
[accounts.agenda]
kind = "ics"
path = "calendar.ics"
reminders = "/var/lib/{home}/kith.ics"
[write]
reminders = "agenda"
confirmed = true
"""


@pytest.fixture(scope="module", autouse=True)
def _able() -> None:
    """Skip, with words, where this machine cannot confine anything."""
    for program in ("systemd-analyze", "unshare", "pivot_root"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not here: nothing to confine with")
    if os.getuid() != 0:
        pytest.skip("only root can make the confinement")
    probe = subprocess.run(
        ["unshare", *NAMESPACES, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], check=False, capture_output=True
    )
    if probe.returncode:
        pytest.skip(f"this machine lets nobody make a mount namespace: {probe.stderr.decode().strip()}")


class House:
    """A state and a configuration as the machine has them, and commands under a unit's limits."""

    def __init__(self, folder: Path, unit: str) -> None:
        self.home = "kith-anna" if "@" in unit else "kith"
        self.text = (FOLDER / unit).read_text()
        self.state, self.config, self.unit = folder / "state", folder / "etc", folder / "unit"
        for path, mode in ((self.state, 0o700), (self.config, 0o777)):
            path.mkdir()
            path.chmod(mode)
        os.chown(self.state, NOBODY, NOBODY)
        (self.config / "calendar.ics").write_text(CALENDAR)
        for name in ("config.toml", "anna.toml"):
            (self.config / name).write_text(CONFIGURATION.format(home=self.home))

    def start(self, *words: str, **environ: str) -> subprocess.Popen[str]:
        self.unit.write_text(self.text)
        confine = [sys.executable, "-m", "tests.systemd.confine", self.unit, self.state, self.config, *KEEP]
        return subprocess.Popen(
            ["unshare", *NAMESPACES, *map(str, confine), "--", str(VENV / "bin/python"), *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=CHECKOUT, env=os.environ | environ,
        )  # fmt: skip

    def outcomes(self) -> dict[str, str]:
        process = self.start("-I", str(CHECKOUT / "tests/systemd/tries.py"))
        out, said = process.communicate(timeout=60)
        assert process.returncode == 0, said
        found: dict[str, str] = json.loads(out)
        return found

    def service(self, **environ: str) -> subprocess.Popen[str]:
        """Start the unit's ExecStart word for word, but for where Python and Kith lie."""
        line = next(item.value for item in directives(self.text) if item.name == "ExecStart").replace("%i", "anna")
        words = line.split()[1:]
        at = words.index("-m")
        return self.start(*words[:at], "-c", MODULE.format(str(CHECKOUT)), *words[at + 2 :], **environ)


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, f"{path.name} did not appear"
        time.sleep(0.05)


def end(process: subprocess.Popen[str]) -> str:
    """Send SIGTERM to the one process within, as KillMode=mixed does; return what it said."""
    child = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0]
    os.kill(int(child), signal.SIGTERM)
    return process.communicate(timeout=60)[1]


def test_a_tick_works_under_the_timers_unit(tmp_path: Path) -> None:
    """kith-once.service reads a calendar, keeps its state and writes a reminder; a second tick writes nothing twice."""
    house = House(tmp_path, "kith-once.service")
    for _ in range(2):
        process = house.service()
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
    assert (house.state / "ledger.jsonl").stat().st_uid == NOBODY
    assert (house.state / "ledger.jsonl").stat().st_mode & 0o077 == 0
    assert (house.state / "kith.ics").read_text().count("BEGIN:VEVENT") == 2, (
        "the handshake and the sentinel, each once"
    )


CHILDREN = """
import sys
sys.path.insert(0, {!r})
from datetime import datetime, UTC
from connectors._articles import of_feed
from connectors._child import read_in_child
from connectors.records import BadData
feed = b"<rss version='2.0'><channel><item><title>Boxes</title><link>https://a.example/1</link></item></channel></rss>"
print([item.title for item in of_feed(feed, "https://a.example/", "", "reading", datetime.now(UTC))])
try:
    read_in_child("tests.connectors.readers:memory", b"")
except BadData as error:
    print(error)
"""


COPY = """
import os, sys
sys.path.insert(0, {!r})
from daemon.apart import made
here = os.getpid()
print(made(lambda: (os.getpid() == here, os.getppid() == here)))
"""


def test_work_is_done_in_a_copy(tmp_path: Path) -> None:
    """Under the limits of kith.service a process can make a copy of itself, hear what comes of its work, and see it
    end."""
    process = House(tmp_path, "kith.service").start("-I", "-X", "utf8", "-c", COPY.format(str(CHECKOUT)))
    out, said = process.communicate(timeout=60)
    assert (out, said) == ("(False, True)\n", "")


def test_a_feed_is_read_in_a_child(tmp_path: Path) -> None:
    """Under the limits of kith.service a process of its own can be started, and holds itself to narrower ones."""
    process = House(tmp_path, "kith.service").start("-I", "-X", "utf8", "-c", CHILDREN.format(str(CHECKOUT)))
    out, said = process.communicate(timeout=60)
    assert (out.splitlines(), said) == (["['Boxes']", "cannot be read within its bounds"], "")


@pytest.mark.parametrize("unit", ["kith.service", "kith@.service"])
def test_the_daemon_works_and_ends_in_good_order(unit: str, tmp_path: Path) -> None:
    """kith run ticks under the unit's limits, writes, and ends with 0 at SIGTERM; the log names no person."""
    house = House(tmp_path, unit)
    process = house.service()
    wait_for(house.state / "run/status.json", process)
    said = end(process)
    assert process.returncode == 0, said
    assert (house.state / "kith.ics").read_text().count("BEGIN:VEVENT") == 2, (
        "the handshake and the sentinel, each once"
    )
    assert "lindqvist" not in said.lower()


def test_it_tells_systemd_that_it_is_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the limits of kith.service READY=1 comes through to the socket that systemd listens at."""
    if not any("NOTIFY_SOCKET" in path.read_text() for path in (CHECKOUT / "daemon").rglob("*.py")):
        pytest.skip("kith run does not speak to systemd yet")
    house = House(tmp_path, "kith.service")
    monkeypatch.chdir(house.state)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("notify")
        Path("notify").chmod(0o777)
        listening.settimeout(60)
        process = house.service(NOTIFY_SOCKET="/var/lib/kith/notify")
        said = b""
        while b"READY=1" not in said:
            said = listening.recv(4096)
        end(process)
    assert process.returncode == 0


@pytest.mark.parametrize("unit", SYSTEM)
def test_the_walls_stand(unit: str, tmp_path: Path) -> None:
    """What the unit forbids fails, with the error expected; what Kith needs stays open."""
    assert House(tmp_path, unit).outcomes() == {wall["tries"]: wall["error"] for wall in WALLS}


@pytest.mark.parametrize("directive", sorted({wall["directive"] for wall in WALLS if "directive" in wall}))
def test_each_wall_is_its_directives_work(directive: str, tmp_path: Path) -> None:
    """Without the directive, what it forbids succeeds: neither the machine nor another wall hides its absence."""
    house = House(tmp_path, "kith.service")
    house.text = without(house.text, directive)
    found = house.outcomes()
    expected = {w["tries"]: "open" if w.get("directive") == directive else w["error"] for w in WALLS}
    assert found == expected
