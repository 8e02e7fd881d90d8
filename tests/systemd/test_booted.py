"""A systemd of its own is started in a container, and the units as they are run in it.

Needs root, systemd-nspawn (Debian: systemd-container) and a Python below /usr of the version that the tests run with.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.systemd.test_confined import CALENDAR, CHECKOUT, CONFIGURATION, VENV
from tests.systemd.units import FOLDER

SYSTEM_PYTHON = Path("/usr/bin/python3")
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
DRIVER = """\
[Service]
Type=oneshot
StandardOutput=append:/result/said
StandardError=append:/result/said
ExecStart=/bin/sh /result/drive
ExecStopPost=-/bin/sh -c 'systemctl --no-block poweroff 2>/dev/null'
"""
DRIVE = """\
systemd-sysusers /result/kith.conf
systemd-sysusers --inline 'u kith-anna - - /var/lib/kith-anna'
systemctl start kith-once.service
systemctl start kith.service kith@anna.service
for n in $(seq 60); do
    [ -e /var/lib/kith/run.lock ] && [ -e /var/lib/kith-anna/kith.ics ] && break; sleep 1
done
for unit in kith-once kith kith@anna; do
    echo "$unit $(stat -c %U:%a /var/lib/$(echo $unit | tr @ - | sed s/-once//)/ledger.jsonl)"
    systemd-analyze security --no-pager $unit.service | grep -o 'service: [0-9.]*'
done
systemctl stop kith.service kith@anna.service
systemctl show kith-once.service kith.service kith@anna.service -p Result
mv /etc/kith/config.toml /etc/kith/gone.toml
systemctl start kith.service 2>/dev/null; sleep 3
systemctl show kith.service -p ExecMainStatus -p NRestarts
mv /etc/kith/gone.toml /etc/kith/config.toml
printf 'http://not.allowed.example' > /etc/kith/ping
systemctl start kith.service 2>/dev/null; sleep 3
systemctl show kith.service -p ExecMainStatus
"""
EXPECTED = """\
kith-once kith:600
service: 1.1
kith kith:600
service: 1.1
kith@anna kith-anna:600
service: 1.1
Result=success

Result=success

Result=success
NRestarts=0
ExecMainStatus=78
ExecMainStatus=78
"""
WATCHED = """
[run]
ping = { credential = "ping" }
"""


@pytest.fixture
def machine(tmp_path: Path) -> list[str]:
    """Lay out /opt/kith, /etc/kith and the units; return the command that boots them."""
    if os.getuid() != 0 or shutil.which("systemd-nspawn") is None:
        pytest.skip("only root can boot a container, and only with systemd-nspawn (Debian: systemd-container)")
    said = (
        subprocess.run([SYSTEM_PYTHON, "-V"], check=False, capture_output=True, text=True)
        if SYSTEM_PYTHON.exists()
        else None
    )
    if said is None or f"Python {VERSION}." not in said.stdout:
        pytest.skip(f"{SYSTEM_PYTHON} is not Python {VERSION}")
    units, kith, etc, result = (tmp_path / name for name in ("units", "kith", "etc", "result"))
    for folder in (etc, result):
        folder.mkdir()
    subprocess.run([SYSTEM_PYTHON, "-m", "venv", "--without-pip", kith], check=True)
    packages = Path("lib", f"python{VERSION}", "site-packages")
    shutil.copytree(
        VENV / packages, kith / packages, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__editable__*")
    )
    for name in ("daemon", "connectors"):
        shutil.copytree(CHECKOUT / name, kith / packages / name)
    shutil.copytree(FOLDER, units)
    (units / "driver.service").write_text(DRIVER)
    (units / "systemd-firstboot.service").symlink_to("/dev/null")
    if not any("NOTIFY_SOCKET" in path.read_text() for path in (CHECKOUT / "daemon").rglob("*.py")):
        for name in ("kith.service.d", "kith@.service.d"):  # kith run does not speak to systemd yet
            (units / name).mkdir()
            (units / name / "exec.conf").write_text("[Service]\nType=exec\n")
    (result / "drive").write_text(DRIVE)
    shutil.copy(FOLDER / "sysusers.d/kith.conf", result)
    (etc / "calendar.ics").write_text(CALENDAR)
    for name, home in (("config.toml", "kith"), ("anna.toml", "kith-anna")):
        (etc / name).write_text(CONFIGURATION.format(home=home) + WATCHED * (home == "kith"))
    (etc / "ping").write_text("https://hc-ping.example/uuid")
    (units / "kith.service.d").mkdir(exist_ok=True)
    (units / "kith.service.d" / "ping.conf").write_text("[Service]\nLoadCredential=ping:/etc/kith/ping\n")
    binds = {etc: "/etc/kith", result: "/result"}
    return [
        "systemd-nspawn", "--quiet", "--directory=/", "--volatile=yes", "--private-network", "--register=no",
        "--keep-unit", "--link-journal=no", f"--machine=kith{os.getpid()}",
        f"--bind-ro={units}:/etc/systemd/system", f"--bind-ro={kith}:/opt/kith",  # read-only: presets enable nothing
        *(f"--bind={source}:{target}" for source, target in binds.items()),
        "--boot", "systemd.unit=driver.service", "systemd.firstboot=off",
    ]  # fmt: skip


@pytest.mark.slow
def test_the_units_run_on_a_real_systemd(machine: list[str], tmp_path: Path) -> None:
    """Timer's unit, daemon and a household's daemon tick as users of their own, end well at stop, keep their state to
    themselves at an exposure of 1.1; a configuration that is gone ends with 78 and is not tried again. What
    LoadCredential= hands in is read: a watcher's address that may not be pinged is refused with 78, too."""
    try:
        booted = subprocess.run(machine, check=False, stdin=subprocess.DEVNULL, capture_output=True, timeout=180)
        why = booted.stderr.decode(errors="replace")[-200:]
    except subprocess.TimeoutExpired:
        why = "it did not come to an end"
    said = tmp_path / "result/said"
    if not said.exists():
        pytest.skip(f"this machine boots no container: {why}")
    lines = [line for line in said.read_text().splitlines(keepends=True) if not line.startswith("Creating ")]
    assert "".join(lines) == EXPECTED
