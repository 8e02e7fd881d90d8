"""What does Kith take while it goes on? A process of its own, and its figures after each tick."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Figures:
    """What a process takes after each tick."""

    resident: list[int] = field(default_factory=list)
    """Bytes."""
    files: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    """What it put into the log in that tick."""

    def worst(self, name: str, first: int, last: int | None = None) -> int:
        """Return the highest figure of the ticks from ``first`` up to ``last``."""
        return max(getattr(self, name)[first:last])


class Process:
    """Kith, in a process of its own."""

    def __init__(self, config: Path) -> None:
        self.log = config.parent / "log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                (sys.executable, "-m", "tests.soak.goes_on", str(config)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                text=True,
            )
        self.pid = self._process.pid
        self.figures = Figures()
        self._said = 0

    def tick(self, now: datetime) -> None:
        """Let it tick at ``now``, and see what it takes."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{now.isoformat()}\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "over\n", self.log.read_text()[-2000:]
        about = Path(f"/proc/{self.pid}")
        self.figures.resident.append(int((about / "statm").read_text().split()[1]) * PAGE)
        self.figures.files.append(sum(1 for _ in (about / "fd").iterdir()))
        said = self.log.read_bytes().count(b"\n")
        self.figures.lines.append(said - self._said)
        self._said = said

    def close(self) -> None:
        """End it."""
        with self._process:
            self._process.kill()
