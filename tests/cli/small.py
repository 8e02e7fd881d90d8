"""A home with one calendar: the smallest in which a whole tick happens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Ran

EVENT = """\
BEGIN:VEVENT
UID:{number}@test
DTSTART:202611{number:02}T090000Z
DTEND:202611{number:02}T100000Z
SUMMARY:Talk about the heating
ORGANIZER:mailto:clara@winter.example
ATTENDEE;PARTSTAT=ACCEPTED:mailto:clara@winter.example
ATTENDEE;PARTSTAT=ACCEPTED;CN=Nora Lindqvist:mailto:nora@lindqvist.example
END:VEVENT
"""
CONFIGURATION = """\
state = "state"
[me]
name = "Clara Winter"
addresses = ["clara@winter.example"]
timezone = "Europe/Vienna"
[accounts.agenda]
kind = "ics"
path = "calendar.ics"
reminders = "kith.ics"
[write]
reminders = "agenda"
confirmed = true
"""


class Small:
    """A home with one calendar, and what happens in it step by step (``steps.py``)."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.state = folder, folder / "state"
        self.config = folder / "config.toml"
        self.config.write_text(CONFIGURATION)
        self.meet(10)

    def meet(self, *days: int) -> None:
        events = "".join(EVENT.format(number=day) for day in days)
        text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n{events}END:VCALENDAR\n"
        (self.folder / "calendar.ics").write_text(text)

    def kith(self, *words: str) -> list[str]:
        return ["kith", *words, "--config", str(self.config)]

    def steps(self, *steps: list[str], apart: bool = False) -> list[Ran]:
        """Take ``steps`` in a process of its own; ``apart``: what it mounts is there for it alone."""
        command = [sys.executable, "-m", "tests.cli.steps", json.dumps(steps)]
        namespace = ["unshare", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--mount"] if apart else []
        if apart and subprocess.run([*namespace, "true"], check=False, capture_output=True).returncode:
            pytest.skip("this machine lets nobody mount anything")
        ran = subprocess.run([*namespace, *command], check=False, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        return [Ran(*row) for row in json.loads(ran.stdout)]

    def entries(self) -> int:
        return (self.folder / "kith.ics").read_text().count("BEGIN:VEVENT")
