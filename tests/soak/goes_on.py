"""``kith run`` in a process of its own, by another's clock: ticks whenever a line with the time comes in.

    python -m tests.soak.goes_on CONFIG

All is that of ``kith run`` (the ledger that stays open, what is kept from tick to tick, log, status file) but for the
timetable: one tick for each line, answered by one line when it is over.
"""

from __future__ import annotations

import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace

from connectors._google import meter
from daemon import herald, loop, session
from daemon.cli.codes import exit_code_of
from daemon.manager import Manager
from daemon.memory import collect_seldom


def main() -> None:
    """Tick for each line of standard input."""
    at: list[datetime] = []
    told = SimpleNamespace(now=lambda _zone: at[-1], fromisoformat=datetime.fromisoformat)
    loop.datetime = herald.datetime = session.datetime = told

    def seconds() -> float:
        return at[-1].timestamp()

    meter.Clock = partial(meter.Clock, now=lambda: at[-1], monotonic=seconds, sleep=lambda _: None)
    loop.live_in_utc()
    collect_seldom()  # as every command does
    config, runner = Path(sys.argv[1]), None
    for line in sys.stdin:
        at[:] = [datetime.fromisoformat(line.strip())]
        runner = runner or loop.Runner(
            config=config,
            tell=exit_code_of,
            configuration=session.open_session(config).configuration,
            standing=loop.Standing(),
            herald=herald.Herald(Manager({})),
        )
        runner.tick()
        print("over", flush=True)


if __name__ == "__main__":
    main()
