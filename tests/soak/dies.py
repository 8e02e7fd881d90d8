"""``kith once`` in processes that can be killed: one child for each line of standard input.

    python -m tests.soak.dies

Everything is imported once; then each line (configuration, tab, time) forks a child that does what ``kith once --yes
--now TIME --config CONFIGURATION`` does. Answered by lines: ``began PID``, ``committed N`` for each commit that is
durable, ``ended STATUS``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import daemon.cli.ticks
import daemon.loop  # noqa: F401 - what a child would else import anew
from daemon.cli import main as kith
from daemon.ledger import Ledger


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


@contextmanager
def told(self: Ledger) -> Iterator[None]:
    """Do a unit of work, and tell that it is durable."""
    before = self.sequence
    with UNIT(self):
        yield
    if self.sequence != before:
        say(f"committed {self.sequence}")


UNIT = Ledger.unit
Ledger.unit = told


def once(config: str, now: str) -> None:
    """Be that command."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    sys.stdout = sys.stderr
    sys.argv = ["kith", "once", "--yes", "--now", now, "--config", config]
    try:
        kith()
    except SystemExit as end:
        os._exit(int(end.code or 0))
    except BaseException:  # noqa: BLE001 - whatever it is, it is an end that a test must hear of
        os._exit(99)


def main() -> None:
    """Fork a child for each line."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            say(f"began {os.getpid()}")
            once(*line.rstrip("\n").split("\t"))
        _, status = os.waitpid(child, 0)
        say(f"ended {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main()
