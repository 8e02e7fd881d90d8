"""Two processes keep the ledger open and take turns: each sees what the other did, and knows what changed."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tinydb import where

from daemon.ledger import Busy, Ledger, changes, open_ledger
from daemon.ledger.codec import parse
from daemon.ledger.storage import JournalStorage
from daemon.ledger.table import JournalTable
from tests.ledger.taker import turn

ROOT = Path(__file__).parent.parent.parent
OTHER = [sys.executable, str(Path(__file__).parent / "taker.py")]


class Other:
    """The other process."""

    def __init__(self, folder: Path) -> None:
        environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        self.process = subprocess.Popen(
            [*OTHER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ, cwd=ROOT
        )
        self.sequence = self.answer()["sequence"]

    def answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found

    def turn(self, wish: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(wish) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def end(self) -> None:
        self.process.communicate()


class Ours:
    """This process."""

    def __init__(self, folder: Path) -> None:
        self.ledger: Ledger = open_ledger(folder, lean=True)
        with self.ledger.turn():
            pass
        self.sequence = self.ledger.sequence

    def turn(self, wish: dict[str, Any]) -> dict[str, Any]:
        return turn(self.ledger, wish)

    def end(self) -> None:
        self.ledger.close()


@pytest.fixture
def both(tmp_path: Path) -> Iterator[list[Any]]:
    ours = Ours(tmp_path / "s")
    found = [ours, Other(tmp_path / "s")]
    yield found
    for item in found:
        item.end()


def test_two_processes_take_turns(both: list[Any], tmp_path: Path, effort: int) -> None:
    """Commits, folds, torn tails and damage between turns: each process sees the same rows, and every change once."""
    chance, keys, path = random.Random(3), [], tmp_path / "s" / "ledger.jsonl"
    told: list[dict[str, Any]] = [{"sequence": item.sequence, "left": []} for item in both]
    healed = 0
    for number in range(150 * effort):
        at = chance.randrange(2)
        wish = {
            "do": chance.choice(["put", "put", "put", "drop", "fold", "look"]),
            "key": f"n{chance.randrange(12)}",
            "since": told[at]["sequence"],
        }
        spoiled = spoil(path, chance) if number % 10 == 9 else None
        found = both[at].turn(wish)
        assert found["found"] == keys, f"turn {number}"
        assert found["healed"] == (spoiled == "snapshot")
        healed += found["healed"]
        if found["changed"] is None:
            assert found["sequence"] > told[at]["sequence"]
        else:
            assert set(found["changed"]) >= set(keys) ^ set(told[at]["left"])
        if wish["do"] == "put" and wish["key"] not in keys:
            keys.append(wish["key"])
        elif wish["do"] == "drop" and wish["key"] in keys:
            keys.remove(wish["key"])
        assert found["left"] == keys
        assert found["sequence"] >= max(item["sequence"] for item in told)
        told[at] = found
    assert healed >= 2


def spoil(path: Path, chance: random.Random) -> str:
    """Do to the file what a crash, or a bad disk with a generation at hand, does; return what."""
    what = chance.choice(["torn", "snapshot"] if path.with_name(path.name + ".1").exists() else ["torn"])
    data = path.read_bytes()
    if what == "torn" or not reaches(path):
        path.write_bytes(data + b'["00000000",77,')
        return "torn"
    path.with_name("damaged").write_bytes(data[:30] + b"?" + data[31:])
    path.with_name("damaged").replace(path)
    return what


def reaches(path: Path) -> bool:
    """Tell whether generation 1 ends where the file's snapshot begins: then nothing is lost with the snapshot."""
    older = JournalStorage(path.with_name(path.name + ".1"), write=False)
    return path.read_bytes().split(b" ")[1] == b"%d" % older.sequence


def test_one_at_a_time(both: list[Any], tmp_path: Path) -> None:
    """While one has its turn the other is told Busy, and has its turn afterwards."""
    ours = both[0]
    with ours.ledger.turn(), pytest.raises(Busy):
        open_ledger(tmp_path / "s")
    assert both[1].turn({"do": "put", "key": "a", "since": 0})["left"] == ["a"]
    with open_ledger(tmp_path / "s", write=False) as reader:
        assert reader.table("mails").keys() == ("a",)


def test_a_second_process_is_told_busy(tmp_path: Path) -> None:
    """A whole second process cannot open a ledger that is held, and can when it is let go."""
    with open_ledger(tmp_path / "s"):
        process = subprocess.run(
            [*OTHER, str(tmp_path / "s")],
            input="",
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=False,
        )
        assert "Busy" in process.stderr
    other = Other(tmp_path / "s")
    other.end()
    assert other.process.returncode == 0


STEPS = st.lists(
    st.lists(
        st.tuples(st.sampled_from(["put", "drop", "rename", "fail"]), st.sampled_from("abcd"), st.integers(0, 2)),
        max_size=3,
    ),
    max_size=8,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(units=STEPS, limit=st.sampled_from([2, 50_000]))
def test_what_changed_since_a_commit(
    units: list[list[tuple[str, str, int]]], limit: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """``changed`` has every row that is another one since, as it was, in a handle that catches up too, or says None."""
    path = tmp_path_factory.mktemp("changed") / "j"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changes, "_REMEMBERED", limit)
        ours, other = JournalStorage(path), JournalStorage(path, bulky={"t"})
        table = JournalTable(ours, "t")
        states = {ours.sequence: rows(table)}
        for unit in units:
            try:
                with ours.transaction():
                    for step in unit:
                        do(table, *step)
            except ValueError:
                pass
            states[ours.sequence] = rows(table)
            other.refresh()
        for handle in (ours, other):
            assert handle.changed(ours.sequence + 1) is None
            for since, before in states.items():
                found = handle.changed(since)
                now = states[ours.sequence]
                different = {key for key in before.keys() | now.keys() if before.get(key) != now.get(key)}
                then = None if found is None else {key: raw and parse(raw) for key, raw in found.get("t", {}).items()}
                assert then is None or then == {key: before.get(key) for key in then.keys() | different}
            assert not handle.changed(ours.sequence)
        ours.close()
        other.close()


def rows(table: JournalTable) -> dict[str, Any]:
    return {item["key"]: dict(item) for item in table}


def do(table: JournalTable, what: str, key: str, value: int) -> None:
    if what == "put":
        table.put({"key": key, "value": value})
    elif what == "drop":
        table.drop(key)
    elif what == "rename":
        table.update({"key": "xyz"[value]}, where("key") == key)
    else:
        raise ValueError
