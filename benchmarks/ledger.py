"""Times the ledger beside sqlite3 and beside a bare read of its lines, all in one run: read ratios, not seconds.

    .venv/bin/python benchmarks/ledger.py            prints tables; see benchmarks/README.md for figures

A durable commit is 10 new touchpoints and 3 changed ones. sqlite3 keeps the same rows as JSON beside indexed columns
(key, address, person, kind, at), with WAL and synchronous=FULL. The competitors take turns within one loop; every
figure is a median. Loading is done by fresh processes.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from tinydb import where

from daemon.ledger import Ledger, open_ledger
from daemon.ledger.folder import LEDGER

Row = dict[str, Any]
Times = dict[tuple[int, str], list[tuple[float, float]]]
"""Wall and processor milliseconds, by number of touchpoints and competitor."""
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KINDS = "one-to-one call small-group introduction forwarded wrote heard gathering copied".split()
WORDS = "tender report budget workshop plan draft visit offer study review site launch survey pilot grant".split()
PEOPLE = 2000
WARMING = 5
COLUMNS = ("key", "address", "person", "kind", "at")


# -- rows --------------------------------------------------------------------------------------------------------------


def touchpoint(number: int, chance: random.Random) -> Row:
    """Return a row like those of the daemon: about 260 bytes of JSON."""
    who = min(int(chance.expovariate(1 / 500)), PEOPLE - 1)
    at = NOW - timedelta(minutes=chance.randrange(60 * 24 * 365 * 10))
    return {
        "key": f"m{number:07}@winter.example|p{who}",
        "source": f"<m{number:07}@winter.example>",
        "address": f"person{who}@c{who % 90}.example",
        "person": f"p-{who:010}",
        "at": at.isoformat().replace("+00:00", "Z"),
        "kind": chance.choice(KINDS),
        "rule": "M1",
        "account": "sent",
        "title": f"The {chance.choice(WORDS)} {chance.choice(WORDS)}",
        **({"thread": f"<r{number // 3:07}@far.example>"} if number % 3 else {"minutes": 30}),
        **({"mine": "clara@winter.example"} if number % 3 == 1 else {}),
    }


def everything(count: int) -> list[Row]:
    chance = random.Random(7)
    return [touchpoint(number, chance) for number in range(count)]


def made(folder: Path, rows: list[Row]) -> None:
    """Make a folded ledger and an sqlite database with the same rows."""
    with open_ledger(folder) as ledger:
        for start in range(0, len(rows), 10_000):
            with ledger.unit():
                for row in rows[start : start + 10_000]:
                    ledger.table("touchpoints").put(row)
        ledger._storage.fold(force=True)  # noqa: SLF001 - now, whether it pays or not
    with sqlite(folder) as database:
        database.execute(f"CREATE TABLE touchpoints ({', '.join(COLUMNS)}, row)")
        for name in COLUMNS:
            database.execute(f"CREATE {'UNIQUE ' if name == 'key' else ''}INDEX by_{name} ON touchpoints ({name})")
        store(database, rows, [])


def sqlite(folder: Path) -> sqlite3.Connection:
    database = sqlite3.connect(folder / "touchpoints.sqlite")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    return database


def store(database: sqlite3.Connection, new: list[Row], changed: list[Row]) -> None:
    values = [(*(row[name] for name in COLUMNS), json.dumps(row)) for row in new]
    database.executemany("INSERT INTO touchpoints VALUES (?, ?, ?, ?, ?, ?)", values)
    for row in changed:
        database.execute("UPDATE touchpoints SET kind=?, row=? WHERE key=?", (row["kind"], json.dumps(row), row["key"]))
    database.commit()


def commit(ledger: Ledger, new: list[Row], changed: list[Row]) -> None:
    with ledger.unit():
        for row in (*new, *changed):
            ledger.table("touchpoints").put(row)


# -- measuring ---------------------------------------------------------------------------------------------------------


def taken(step: Callable[[], Any]) -> tuple[float, float]:
    """Return wall and processor milliseconds of ``step``."""
    wall, processor = time.perf_counter(), time.process_time()
    step()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - processor) * 1000


def median(times: list[tuple[float, float]]) -> str:
    """Return wall and processor time as a table's cell."""
    return f"{statistics.median(wall for wall, _ in times):.3f} / {statistics.median(cpu for _, cpu in times):.3f}"


def wall(times: list[tuple[float, float]]) -> float:
    return statistics.median(item for item, _ in times)


def batches(rows: list[Row], rounds: int) -> Iterator[tuple[list[Row], list[Row]]]:
    """Yield new and changed rows, made beforehand: only storing them is timed."""
    chance = random.Random(11)
    for number in range(rounds):
        new = [touchpoint(len(rows) + number * 10 + at, chance) for at in range(10)]
        yield (
            new,
            [{**row, "kind": chance.choice(KINDS), "title": f"changed {number}"} for row in chance.sample(rows, 3)],
        )


def commits(root: Path, rows: dict[int, list[Row]], rounds: int) -> Times:
    """Return how long durable commits took, by size and competitor: all of them take turns."""
    found: Times = {(count, name): [] for count in rows for name in ("ledger", "sqlite3")}
    with ExitStack() as stack:
        ledgers = {count: stack.enter_context(open_ledger(root / str(count))) for count in rows}
        databases = {count: stack.enter_context(closing(sqlite(root / str(count)))) for count in rows}
        work = {count: list(batches(rows[count], rounds + WARMING)) for count in rows}
        for number in range(rounds + WARMING):
            for count, name in random.Random(number).sample(list(found), len(found)):
                new, changed = work[count][number]
                where_to, step = (ledgers[count], commit) if name == "ledger" else (databases[count], store)
                found[count, name].append(taken(partial(step, where_to, new, changed)))
    return {key: times[WARMING:] for key, times in found.items()}


def idle_turns(root: Path, counts: list[int], rounds: int) -> dict[int, list[tuple[float, float]]]:
    """Return how long turns took in which nothing was new, by size: all of them take turns."""
    with ExitStack() as stack:
        ledgers = {count: stack.enter_context(open_ledger(root / str(count))) for count in counts}
        for ledger in ledgers.values():
            turn(ledger)
        found: dict[int, list[tuple[float, float]]] = {count: [] for count in counts}
        for number in range(rounds):
            for count in random.Random(number).sample(counts, len(counts)):
                found[count].append(taken(partial(turn, ledgers[count])))
    return {count: times[WARMING:] for count, times in found.items()}


def turn(ledger: Ledger) -> None:
    with ledger.turn(), ledger.unit():
        pass
    ledger.fold()


def searches(folder: Path, rows: list[Row], rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Return how long questions took, beside sqlite3's answers to the same."""
    chance = random.Random(3)
    found: dict[str, list[tuple[float, float]]] = {}
    everybody = sorted({row["person"] for row in rows})
    with open_ledger(folder, write=False) as ledger, sqlite(folder) as database:
        table = ledger.table("touchpoints")
        ledger._storage.indexes("touchpoints").build()  # noqa: SLF001 - once, as a daemon does
        for _ in range(rounds):
            row, who = chance.choice(rows), chance.choice(everybody)
            day, later = row["at"][:10], row["at"][:8] + "99"
            span = (where("at") >= day) & (where("at") < later)
            steps: dict[str, Callable[[], Any]] = {
                "by_key": lambda row=row: table.by_key(row["key"]),
                "by_key sqlite3": lambda row=row: ask(database, "key = ?", row["key"]),
                "person": lambda who=who: table.search(where("person") == who),
                "person sqlite3": lambda who=who: ask(database, "person = ?", who),
                "rest of a month": lambda span=span: table.search(span),
                "rest of a month sqlite3": lambda day=day, later=later: ask(database, "at >= ? AND at < ?", day, later),
            }
            for name, step in steps.items():
                found.setdefault(name, []).append(taken(step))
    return found


def ask(database: sqlite3.Connection, condition: str, *values: Any) -> list[Row]:
    return [json.loads(row) for (row,) in database.execute(f"SELECT row FROM touchpoints WHERE {condition}", values)]  # noqa: S608 - words of ours


def hits(rows: list[Row]) -> float:
    """Return how many rows the median person has."""
    return statistics.median(Counter(row["person"] for row in rows).values())


# -- loading, in processes of their own --------------------------------------------------------------------------------


def resident() -> float:
    """Return the memory of this process that is in use, MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def reader() -> tuple[str, Callable[[bytes], Any]]:
    """Return the fastest reader of JSON that is installed, with its name."""
    try:
        import orjson
    except ImportError:
        return "msgspec", msgspec.json.decode
    return "orjson", orjson.loads


def load(what: str, folder: Path) -> Row:
    """Load once, in a process of its own: the ledger with every index, or its lines with a bare reader of JSON."""
    before = resident()
    _, parse = reader()

    def bare() -> Any:
        return [parse(line) for line in (folder / LEDGER).read_bytes().splitlines()]

    def whole() -> Any:
        ledger = open_ledger(folder, write=False)
        ledger._storage.indexes("touchpoints").build()  # noqa: SLF001 - all of them, at once
        return ledger

    kept: list[Any] = []
    times = taken(lambda: kept.append(bare() if what == "bare" else whole()))
    return {"times": times, "grown": resident() - before}


def loads(folder: Path, rounds: int) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {"ledger": [], "bare": []}
    for _ in range(rounds):
        for name, results in found.items():
            done = subprocess.run(
                [sys.executable, __file__, "--load", name, str(folder)], check=True, capture_output=True, text=True
            )
            results.append(json.loads(done.stdout))
    return found


def folds(folder: Path, rounds: int) -> list[tuple[float, float]]:
    with open_ledger(folder) as ledger:
        return [taken(lambda: ledger._storage.fold(force=True)) for _ in range(rounds)]  # noqa: SLF001 - now


# -- the tables --------------------------------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--load", nargs=2, metavar=("WHAT", "FOLDER"), help=argparse.SUPPRESS)
    parser.add_argument("--most", type=int, default=200_000, help="touchpoints in the largest ledger")
    chosen = parser.parse_args()
    if chosen.load:
        print(json.dumps(load(chosen.load[0], Path(chosen.load[1]))))
        return
    with tempfile.TemporaryDirectory() as folder:
        report(Path(folder), [chosen.most // 200, chosen.most // 10, chosen.most])


def report(root: Path, counts: list[int]) -> None:
    rows = {count: everything(count) for count in counts}
    for count in counts:
        made(root / str(count), rows[count])
    most = counts[-1]
    print("\nMilliseconds, wall / processor, medians.\n")
    print(
        "| durable commit of 10 new and 3 changed, at | ledger | sqlite3 | ledger : sqlite3 (wall) |\n|---|---|---|---|"
    )
    times = commits(root, rows, 300)
    for count in counts:
        ours, theirs = times[count, "ledger"], times[count, "sqlite3"]
        print(f"| {count:,} | {median(ours)} | {median(theirs)} | {wall(ours) / wall(theirs):.2f} |")
    idle = idle_turns(root, counts, 200)
    grows = [
        statistics.median(item[at] for item in times[most, "ledger"])
        / statistics.median(item[at] for item in times[counts[0], "ledger"])
        for at in (0, 1)
    ]
    print(f"\nAt {most:,} over {counts[0]:,}: a commit {grows[0]:.2f} (wall), {grows[1]:.2f} (processor), ", end="")
    print(f"a turn with nothing new {wall(idle[most]) / wall(idle[counts[0]]):.2f} ({wall(idle[most]):.3f} ms).")
    questions(root / str(most), rows[most])
    opening(root / str(most), most)


def questions(folder: Path, rows: list[Row]) -> None:
    times = searches(folder, rows, 150)
    print(f"\n| question at {len(rows):,} (a median person has {hits(rows):,.0f} rows) | ms |\n|---|---|")
    for name, found in times.items():
        print(f"| {name} | {median(found)} |")


def opening(folder: Path, count: int) -> None:
    print(f"\n| opening at {count:,}, a process each | ms | MB grown |\n|---|---|---|")
    tail = loads(folder, 3)["ledger"]
    fold = folds(folder, 3)
    found = loads(folder, 5)
    for name, results in (("ledger, folded, all indexes", found["ledger"]), (f"bare {reader()[0]}", found["bare"])):
        print(f"| {name} | {median([item['times'] for item in results])} | {grown(results):.0f} |")
    print(f"| ledger, 305 commits behind | {median([item['times'] for item in tail])} | {grown(tail):.0f} |")
    print(f"| fold | {median(fold)} | |")
    ratio = wall([item["times"] for item in found["ledger"]]) / wall([item["times"] for item in found["bare"]])
    print(f"\nLedger over bare {reader()[0]}: {ratio:.2f}. File: {(folder / LEDGER).stat().st_size / 1e6:.0f} MB.")


def grown(results: list[Row]) -> float:
    return statistics.median(item["grown"] for item in results)


if __name__ == "__main__":
    main()
