"""The machine around Kith is damaged: a clear line, the exit code of docs/contracts.md, no damage, well again after.

Whoever runs the tests, root too: where permissions are tried, the process that tries them has given up root's powers.
Disks are small ones of memory in a mount namespace; where none may be made the test says so and skips.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.cli.conftest import Kith
from tests.cli.small import CONFIGURATION, Small

NOBODY = 65534


def everything(folder: Path) -> dict[str, Any]:
    return {
        str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "lock"
    }


def test_a_disk_that_is_full_and_then_read_only(small: Small) -> None:
    """74 and a line that names the trouble and the file; what is asked is answered; with space again all goes on, and
    nothing is twice. That hardly any room is left stands in the calendar before and until then."""
    small.state.mkdir()
    once = small.kith("once")
    meet = f"sed -i 's/UID:10@/UID:11@/; s/:20261110/:20261111/' {small.folder}/calendar.ics"
    rows = small.steps(
        ["sh", f"mount -t tmpfs -o size=256k tmpfs {small.state}"],
        once,
        ["sh", f"dd if=/dev/zero of={small.state}/filler bs=1k count=999; {meet}"],
        once,
        small.kith("people", "--json"),
        ["sh", f"rm {small.state}/filler; mount -o remount,ro {small.state}"],
        once,
        small.kith("people", "--json"),
        ["sh", f"mount -o remount,rw {small.state}"],
        once,
        small.kith("why", "nora", "--json"),
        small.kith("status", "--json"),
        ["sh", f"grep -c 'SUMMARY:Kith has hardly any room' {small.folder}/kith.ics"],
        ["sh", f"mount -o remount,size=200m {small.state}"],
        small.kith("once", "--now", (datetime.now(UTC) + timedelta(minutes=20)).isoformat()),
        small.kith("status", "--json"),
        apart=True,
    )
    assert rows[0].code == 0, rows[0].err
    codes = [row.code for row in rows[1:] if row != rows[2]]
    assert codes == [0, 74, 0, 0, 74, 0, 0, 0, 0, 74, 0, 0, 0, 0], [row.err for row in rows]
    for row, words in ((rows[3], "No space left on device"), (rows[6], "Read-only file system")):
        assert row.err.startswith(f"kith: the state cannot be read or written: {words} ("), row.err
        assert row.err.count("\n") == 1
    assert [len(rows[at].json) for at in (4, 7)] == [1, 1]
    assert len(rows[10].json["facts"]) == 2
    assert rows[11].json["problem"]["remedy"] == f"df -h {small.state}"
    assert rows[12].out.startswith("1\n"), "what is about to happen was said while it could be, once"
    assert rows[15].json["problem"] is None
    assert small.entries() == 2, "with room again the handshake and the sentinel stand, each once"


def test_a_state_and_a_configuration_without_permission(small: Small) -> None:
    """Read-only by its mode the state is 74, shut off 74, a configuration that cannot be read 78; nothing changes."""
    rows = small.steps(
        small.kith("once"),
        ["powerless"],
        ["sh", f"chmod 500 {small.state}; chmod 400 {small.state}/*.jsonl {small.state}/lock"],
        small.kith("once"),
        small.kith("status"),
        ["sh", f"chmod 0 {small.state}"],
        small.kith("once"),
        small.kith("status"),
        ["sh", f"chmod -R u+rwX {small.state}; chmod 0 {small.config}"],
        small.kith("once"),
        ["sh", f"chmod 600 {small.config}"],
        small.kith("once"),
    )
    assert [row.code for row in rows] == [0, 0, 0, 74, 0, 0, 74, 74, 0, 78, 0, 0], [row.err for row in rows]
    for at in (3, 6, 7):
        assert "the state cannot be read or written: Permission denied" in rows[at].err
    assert "cannot be read: Permission denied" in rows[9].err
    assert small.entries() == 2


def test_a_state_of_somebody_elses(small: Small, kith: Kith) -> None:
    """What belongs to another user is not written by root either: that user could not go on with it. The line says
    whose it is and what mends it."""
    assert kith("once", "--config", small.config).code == 0
    if os.geteuid() == 0:
        os.chown(small.state, NOBODY, NOBODY)
    else:
        small.config.write_text(CONFIGURATION.replace('"state"', '"/usr"'))
    before = everything(small.folder)
    for words in (("once",), ("run",), ("note", "nora", "hello")):
        ran = kith(*words, "--config", small.config)
        assert ran.code == 74
        assert "it belongs to " in ran.err
        assert "run Kith as " in ran.err
        assert "sudo chown -R " in ran.err
    assert kith("people", "--config", small.config).code == 0, "reading takes nothing away"
    assert everything(small.folder) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("name", ["ledger.jsonl", "secret", "lock", "run"])
def test_a_file_of_somebody_elses_in_the_state(name: str, small: Small, kith: Kith) -> None:
    """It may be planted, or what `sudo kith` left: refused, with the command that mends it; after that all is well."""
    assert kith("once", "--config", small.config).code == 0
    os.chown(small.state / name, NOBODY, NOBODY)
    ran = kith("once", "--config", small.config)
    assert (ran.code, f"sudo chown -R root {small.state / name}" in ran.err) == (74, True)
    os.chown(small.state / name, 0, 0)
    assert kith("once", "--config", small.config).code == 0


@pytest.mark.parametrize(
    "name", ["ledger.jsonl", "ledger.jsonl.1", "secret", "never", "lock", "run", "tokens", "corrupt"]
)
def test_a_link_in_the_state(name: str, small: Small, kith: Kith, tmp_path: Path) -> None:
    """No link in the state is followed, wherever it leads: refused, and nothing is written where it leads to."""
    assert kith("once", "--config", small.config).code == 0
    outside = tmp_path / "outside"
    there = small.state / name
    there.rename(outside) if there.exists() else outside.mkdir()
    there.symlink_to(outside)
    before = everything(tmp_path)
    ran = kith("once", "--config", small.config)
    assert (ran.code, "it is a link" in ran.err, str(there) in ran.err) == (74, True, True)
    assert everything(tmp_path) == before


def test_the_folder_itself_may_lie_elsewhere(small: Small, kith: Kith, tmp_path: Path) -> None:
    """A link to another disk that we made is the user's choice; one that somebody else made is not."""
    (tmp_path / "disk").mkdir()
    small.state.symlink_to(tmp_path / "disk")
    assert kith("once", "--config", small.config).code == 0
    if os.geteuid() == 0:
        os.chown(small.state, NOBODY, NOBODY, follow_symlinks=False)
        ran = kith("once", "--config", small.config)
        assert (ran.code, "it is a link of nobody" in ran.err) == (74, True)


def test_a_state_that_others_can_enter(small: Small, kith: Kith) -> None:
    """It is closed to them, once, and that is said."""
    assert kith("once", "--config", small.config).code == 0
    small.state.chmod(0o755)
    assert "others could look into the state's folder" in kith("once", "--config", small.config).err
    assert small.state.stat().st_mode & 0o777 == 0o700
    assert kith("once", "--config", small.config).err == ""


@pytest.mark.parametrize("error", [NotImplementedError("no urandom"), OSError(11, "no entropy")])
def test_a_machine_without_entropy(error: Exception, small: Small, kith: Kith, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without random numbers no secret is made, of nothing less: 74 in words, and the next start makes a real one."""

    def none(_: int) -> NoReturn:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr("os.urandom", none)
        patch.setattr("secrets.token_bytes", none)
        ran = kith("once", "--config", small.config)
    assert (ran.code, "no random numbers" in ran.err) == (74, True)
    assert not (small.state / "secret").exists()
    assert kith("once", "--config", small.config).code == 0
    assert len((small.state / "secret").read_bytes()) == 32


def google(folder: Path) -> Path:
    """Configure a Google account at Google itself, with a login for each half; return the calendar's token file."""
    (folder / "config.toml").write_text(
        CONFIGURATION.split("[accounts", maxsplit=1)[0]
        + '[accounts.home]\nkind = "google"\n[accounts.agenda]\nkind = "ics"\npath = "calendar.ics"\n'
    )
    tokens = folder / "state" / "tokens"
    tokens.mkdir(mode=0o700, parents=True)
    for name in ("calendar", "mail"):
        said = {
            "client_id": "i",
            "client_secret": "s",
            "refresh_token": "r",
            "token_uri": "https://oauth2.googleapis.com/token",
        }
        (tokens / f"home.{name}.json").write_text(json.dumps(said))
        (tokens / f"home.{name}.json").chmod(0o600)
    return tokens / "home.calendar.json"


def test_a_machine_without_names(small: Small, kith: Kith, monkeypatch: pytest.MonkeyPatch) -> None:
    """No DNS: 69 and one line for each half, the calendar file beside it is read, and no login is held for lost."""
    google(small.folder)

    def unknown(*_: object, **__: object) -> NoReturn:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    ran = kith("once", "--config", small.config)
    assert (ran.code, "no connection" in ran.err, "Traceback" in ran.err) == (69, True, False)
    assert len(kith("people", "--json", "--config", small.config).json) == 1
    assert {row["problem"] for row in kith("status", "--json", "--config", small.config).json["accounts"]} == {
        None,
        "unavailable",
    }


@pytest.mark.parametrize(
    ("how", "words"), [("link", "is a link"), ("mode", "chmod 600 "), ("owner", "belongs to nobody")]
)
def test_a_login_that_may_not_be_ours(how: str, words: str, small: Small, kith: Kith) -> None:
    """A token file that is a link, that others can read or that is somebody else's is not used: 77 with what mends it;
    the calendar file beside it is read."""
    token = google(small.folder)
    if how == "link":
        token.rename(small.folder / "elsewhere")
        token.symlink_to(small.folder / "elsewhere")
    elif how == "mode":
        token.chmod(0o644)
    elif os.geteuid() == 0:
        os.chown(token, NOBODY, NOBODY)
    else:
        pytest.skip("only root can give a file away")
    token.with_name("home.mail.json").unlink()
    ran = kith("once", "--config", small.config)
    assert (ran.code, words in ran.err) == (77, True), ran.err
    assert len(kith("people", "--json", "--config", small.config).json) == 1


HANGS = """
import ctypes, socket, sys
from daemon.cli import main
libc, lock = ctypes.CDLL(None), ctypes.create_string_buffer(64)
def stuck(*_, **__):
    print("asked", flush=True)
    while True:
        libc.pthread_mutex_lock(lock)
socket.getaddrinfo = stuck
sys.argv = ["kith", "run", "--config", sys.argv[1]]
main()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGABRT])
def test_a_name_server_that_never_answers(
    number: signal.Signals, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name is looked up in C, where no handler of Python's runs. READY=1 came before that; SIGTERM ends the process
    within five seconds all the same; the watchdog's SIGABRT leaves in the log where it hung."""
    google(small.folder)
    monkeypatch.chdir(small.folder)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("notify")
        with subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-c", HANGS, small.config], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env={**os.environ, "NOTIFY_SOCKET": str(small.folder / "notify")},
        ) as process:  # fmt: skip
            assert process.stdout is not None
            assert process.stdout.readline() == "asked\n"
            assert manager.recv(100) == b"READY=1"
            process.send_signal(number)
            began = time.monotonic()
            _, said = process.communicate(timeout=20)
    if number == signal.SIGABRT:
        assert process.returncode == -signal.SIGABRT
        assert "Fatal Python error: Aborted" in said
        assert "in stuck" in said
    else:
        assert (process.returncode, "ended in the middle of a tick" in said) == (0, True), said
        assert time.monotonic() - began < 5


def test_a_clock_ten_years_ahead_and_back(small: Small, kith: Kith) -> None:
    """One day of 2036 and today again: nothing is twice, nobody is heaped with what was due meanwhile, and the sentinel
    stands where it belongs."""
    small.meet(*range(2, 20))
    for day in ("2026-11-20T09:00", "2036-11-20T09:00", "2026-11-20T09:15", "2026-11-20T09:30"):
        ran = kith("once", "--config", small.config, "--now", day)
        assert (ran.code, ran.err) == (0, "")
    text = (small.folder / "kith.ics").read_text()
    uids = re.findall(r"(?m)^UID:(\S+)", text)
    assert len(uids) == len(set(uids)) <= 8
    assert "DTSTART;TZID=Europe/Vienna:2036" not in text
    sentinel = text[text.index("SUMMARY:Kith stopped") - 600 :]
    assert "20261124T" in sentinel or "20261123T" in sentinel
