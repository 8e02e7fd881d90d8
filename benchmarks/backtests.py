"""How long does a backtest of a year take? The made-up state of ``planning``: 5,000 people, 200,000 touchpoints.

    python -m benchmarks.backtests [PEOPLE TOUCHES]

Prints seconds for the replay as ``kith backtest`` does it with so many records, each fact counting from its time on.
"""

from __future__ import annotations

import sys
import time
from datetime import timedelta

from benchmarks.planning import MAILS, NOW, world
from connectors.records import Event, Guest
from daemon.backtest import ByTime, Past, judge, looks, replay
from daemon.memory import collect_seldom
from daemon.model import Records, State
from daemon.vocabulary import load_templates

WEEKS = 52


def meetings(state: State) -> Records:
    """Return the events of the last year behind the facts."""
    since = NOW - timedelta(weeks=WEEKS + 4)
    found = {}
    for items in state.touchpoints.values():
        for item in items:
            if item.kind not in MAILS and item.at >= since:
                me = Guest(address="clara@winter.example", me=True, answer="accepted")
                found[f"agenda\t{item.source}"] = Event(
                    key=item.source,
                    uid=item.source,
                    source_id=item.source,
                    account="agenda",
                    start=item.at - timedelta(hours=1),
                    end=item.at,
                    title=item.title,
                    guests=(me, Guest(address=item.address)),
                )
    return Records(events=found)


def main(people: int = 5_000, facts: int = 200_000) -> None:
    """Print how long a replay of a year takes, and what came of it."""
    collect_seldom()  # as every command does
    state, templates = world(people, facts), load_templates()
    past = Past(
        records=meetings(state),
        decisions=state.decisions,
        settings=state.settings,
        vocabulary=state.vocabulary,
        new_id=lambda address: f"p-{address}",
        earliest=state.earliest,
    )
    began, used = time.perf_counter(), time.process_time()
    times = looks(WEEKS, NOW, past, state.touchpoints)
    ids = {who: who for who in state.people}
    knowing = ByTime(past, min(times), state.people, state.touchpoints, ids)
    (box,) = replay(knowing, times, (state.settings,), past, templates)
    result = judge(box, state.people, state.touchpoints, ids, now=NOW)
    print(f"{people} people, {facts} touchpoints, {len(past.records.events)} events, {len(times)} looks")
    print(f"a year: {time.perf_counter() - began:.1f} s ({time.process_time() - used:.1f} s of CPU)")
    print(f"{result.tally.proposed} proposals of {result.tally.people} people")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
