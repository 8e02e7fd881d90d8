"""Unit files are code: scored, verified, reasoned line by line, in step with the exit codes and with one another."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.cli import codes
from tests.systemd.units import FOLDER, OFFICE, STAND_IN, SYSTEM, TIMERS, directives

SERVICES = (*SYSTEM, OFFICE, "user/kith.service")
ALL = (*SERVICES, *TIMERS)
MOST = 1.2

Analyze = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def analyze(tmp_path: Path) -> Analyze:
    """``systemd-analyze`` on copies whose Python is one that is here."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here: the units are not checked (Debian: apt-get install systemd)")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        for name in ALL:
            text = (FOLDER / name).read_text().replace(STAND_IN, sys.executable)
            copy = tmp_path / name
            copy.parent.mkdir(exist_ok=True)
            copy.write_text(text.replace("%h/.local/bin/kith", sys.executable))
        environ = os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)}  # a user's systemd wants one, even to look at a file
        return subprocess.run(
            ["systemd-analyze", *words], check=False, cwd=tmp_path, env=environ, capture_output=True, text=True
        )

    return run


@pytest.mark.parametrize("unit", [*SYSTEM, OFFICE])
def test_little_is_exposed(unit: str, analyze: Analyze) -> None:
    """The exposure that systemd counts is 1.2 or below, of the 10 of a service that limits nothing."""
    said = analyze("security", "--offline=yes", "--no-pager", unit)
    found = re.search(r"exposure level for \S+: ([\d.]+)", said.stdout)
    assert found, said.stderr
    assert float(found[1]) <= MOST, said.stdout


@pytest.mark.parametrize(
    "units",
    [
        ("kith.service",),
        ("kith@anna.service",),
        ("kith-once.service", "kith.timer"),
        ("kith-once@anna.service", "kith-once@anna.timer"),
    ],
)
def test_systemd_has_nothing_to_say(units: tuple[str, ...], analyze: Analyze) -> None:
    """systemd-analyze verify knows every directive and says nothing at all."""
    said = analyze("verify", "--man=no", *(f"./{unit}" for unit in units))
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def test_the_users_unit_is_known_too(analyze: Analyze) -> None:
    """The same for the unit of a user's own systemd."""
    said = analyze("verify", "--user", "--man=no", "./user/kith.service")
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


@pytest.mark.parametrize("unit", ALL)
def test_each_directive_has_its_reason_beside_it(unit: str) -> None:
    """Directly above every line stands a sentence that says why."""
    bare = [item.name for item in directives((FOLDER / unit).read_text()) if not item.above.startswith("# ")]
    assert bare == []


@pytest.mark.parametrize("unit", SERVICES)
def test_what_only_a_person_can_mend_is_not_tried_again(unit: str) -> None:
    """A daemon does not start again after wrong usage or a refused configuration; a tick that only has to wait has not
    failed."""
    found = {item.name: item.value for item in directives((FOLDER / unit).read_text())}
    if found["Type"] == "oneshot":
        assert found["SuccessExitStatus"] == f"{codes.UNAVAILABLE} {codes.BUSY} {codes.LOGIN}"
        assert "Restart" not in found
    else:
        assert found["RestartPreventExitStatus"] == f"{codes.USAGE} {codes.CONFIGURATION}"


@pytest.mark.parametrize("unit", SERVICES)
def test_it_never_gives_up_and_leaves_no_dump(unit: str) -> None:
    """However often it ends, it is started again after a pause (P6); what
    grows without end is ended (P10); a dump would hold tokens (P12)."""
    found = {item.name: item.value for item in directives((FOLDER / unit).read_text())}
    assert (found["LimitCORE"], found["MemoryMax"]) == ("0", "512M")
    if found["Type"] == "notify":
        assert (found["Restart"], found["RestartSec"], found["StartLimitIntervalSec"]) == ("on-failure", "60s", "0")
        assert found["OOMPolicy"] == "continue"  # for a copy of the process that was killed Kith does its work


OWN_OF_A_PERSON = {"Description", "ExecStart", "User", "Group", "StateDirectory", "WorkingDirectory", "NoExecPaths"}
OWN_OF_A_TICK = {
    "Type", "ExecStart", "ExecReload", "TimeoutStartSec", "SuccessExitStatus", "StartLimitIntervalSec", "NotifyAccess",
    "WatchdogSec", "TimeoutAbortSec", "Restart", "RestartSec", "OOMPolicy", "RestartPreventExitStatus", "WantedBy",
    "StandardOutput",
}  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "own"),
    [
        ("kith@.service", OWN_OF_A_PERSON | {"SyslogIdentifier"}),
        ("kith-once.service", OWN_OF_A_TICK),
        (OFFICE, OWN_OF_A_TICK | OWN_OF_A_PERSON | {"SyslogIdentifier"}),
    ],
)
def test_the_units_stay_in_step(unit: str, own: set[str]) -> None:
    """What holds for kith.service holds for the others, but for what makes them others."""

    def common(name: str) -> list[tuple[str, str]]:
        return [(d.name, d.value) for d in directives((FOLDER / name).read_text()) if d.name not in own]

    assert common(unit) == common("kith.service")


@pytest.mark.parametrize("unit", ["kith@.service", OFFICE])
def test_people_of_a_household_share_nothing(unit: str) -> None:
    """User, group, state and configuration of kith@ are each one person's (RULINGS T12)."""
    found = {item.name: item.value for item in directives((FOLDER / unit).read_text())}
    for name in ("User", "Group", "StateDirectory", "WorkingDirectory", "SyslogIdentifier"):
        assert found[name].endswith("kith-%i"), name
    assert found["ExecStart"].endswith("--config /etc/kith/%i.toml")


@pytest.mark.parametrize("unit", SYSTEM)
def test_the_status_is_where_a_command_by_hand_looks(unit: str) -> None:
    """No unit sets RUNTIME_DIRECTORY: the status file lies in the state, where `kith status` finds it."""
    assert "RuntimeDirectory" not in {item.name for item in directives((FOLDER / unit).read_text())}


def test_installing_and_uninstalling_leave_no_unit_behind(tmp_path: Path) -> None:
    """`make install-units` brings every unit and the user; `make uninstall` takes away what it brought, no more."""
    if shutil.which("make") is None:
        pytest.skip("make is not here")

    def make(target: str) -> set[str]:
        subprocess.run(["make", "-s", "-C", FOLDER.parent, target, f"DESTDIR={tmp_path}"], check=True)
        return {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}

    mine = tmp_path / "etc/kith/config.toml"
    mine.parent.mkdir(parents=True)
    mine.touch()
    units = {f"etc/systemd/system/{name}" for name in (*SYSTEM, OFFICE, *TIMERS)}
    assert make("install-units") == units | {"etc/kith/config.toml", "usr/local/lib/sysusers.d/kith.conf"}
    assert make("uninstall") == {"etc/kith/config.toml"}


def test_the_user_has_no_shell_and_lives_in_the_state(tmp_path: Path) -> None:
    """sysusers.d makes the user that kith.service names, who cannot log in, and whose home is the state."""
    if shutil.which("systemd-sysusers") is None:
        pytest.skip("systemd-sysusers is not here")
    (tmp_path / "etc").mkdir()
    subprocess.run(["systemd-sysusers", f"--root={tmp_path}", FOLDER / "sysusers.d/kith.conf"], check=True)
    rows = [line.split(":") for line in (tmp_path / "etc/passwd").read_text().splitlines()]
    user = next(row for row in rows if row[0] == "kith")
    assert (user[5], Path(user[6]).name) == ("/var/lib/kith", "nologin")


def test_the_page_names_what_is_there() -> None:
    """Each unit file stands in systemd/README.md, and each `make` target it tells of is one."""
    page = (FOLDER / "README.md").read_text()
    files = {
        path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.*") if path.suffix in {".service", ".timer"}
    }
    assert files == set(ALL)
    assert [name for name in files if f"`{name}`" not in page] == []
    targets = set(re.findall(r"(?m)^([a-z-]+):", (FOLDER.parent / "Makefile").read_text()))
    assert set(re.findall(r"sudo make ([a-z-]+)", page)) <= targets
