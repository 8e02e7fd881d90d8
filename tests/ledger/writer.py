"""A process that writes to a ledger, to be killed; run as a program, by ``test_kills`` only.

``rounds FOLDER ROUNDS SEED``: fork a writer that acknowledges each commit over a pipe, kill it after a random time,
open what is left, compare it with what must be there, and so on; at the end print how it went as JSON. ``once FOLDER``:
do a short script and print the number of each acknowledged commit.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from daemon.ledger.storage import JournalStorage
from tests.ledger.oracle import Tables, read, same, tables_of


def changes(number: int) -> dict[int, dict[str, Any] | None]:
    """Return what commit ``number`` does to the rows: the same every time."""
    chance = random.Random(number)
    found: dict[int, dict[str, Any] | None] = {0: {"commit": number}}
    for _ in range(chance.randrange(4)):
        row = {"n": number, "text": "ä" * chance.randrange(4000)}
        found[chance.randrange(1, 30)] = row if chance.random() < 0.7 else None
    return found


def commit(storage: JournalStorage, number: int) -> None:
    with storage.transaction():
        for row, document in changes(number).items():
            storage.stage("t", row, document)
    if number % 25 == 0:
        storage.fold(force=True)


class Expected:
    """The rows after each commit, as plain dictionaries."""

    def __init__(self) -> None:
        self.number = 0
        self.rows: dict[int, Any] = {}

    def advance(self, number: int) -> None:
        for at in range(self.number + 1, number + 1):
            for row, document in changes(at).items():
                if document is None:
                    self.rows.pop(row, None)
                else:
                    self.rows[row] = document
        self.number = number

    @property
    def tables(self) -> Tables:
        return {"t": self.rows} if self.rows else {}


def write_until_killed(path: Path, pipe: int) -> None:
    storage = JournalStorage(path)
    number = storage.tables["t"] and json.loads(storage.tables["t"][0])["commit"] if "t" in storage.tables else 0
    while True:
        number += 1
        commit(storage, number)
        os.write(pipe, number.to_bytes(8))


def one_round(path: Path, chance: random.Random) -> int | None:
    """Let a writer live for a moment; return its last acknowledged commit, None if there was none."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            write_until_killed(path, theirs)
        except BaseException:  # noqa: BLE001 - told, and the process ends
            traceback.print_exc()
        finally:
            os._exit(9)
    os.close(theirs)
    if chance.random() < 0.5:
        select.select([ours], [], [], 1)
    time.sleep(chance.random() * 0.006)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the writer ended by itself"
    said = b""
    while part := os.read(ours, 65536):
        said += part
    os.close(ours)
    return int.from_bytes(said[-8:]) if said else None


def rounds(folder: Path, count: int, seed: int) -> dict[str, int]:
    chance, expected = random.Random(seed), Expected()
    path, torn, acknowledged = folder / "j", 0, 0
    for _ in range(count):
        last = one_round(path, chance)
        if last is not None:
            acknowledged += last - expected.number
            expected.advance(last)
        storage = JournalStorage(path)
        torn += storage.torn > 0
        assert storage.healing is None, "taken for damage"
        found = tables_of(storage.read())
        if not same(found, expected.tables):  # the one after it may be there too, whole
            expected.advance(expected.number + 1)
        assert same(found, expected.tables), f"after commit {expected.number}"
        storage.close()
        assert same(read(path)[0], found)
    return {"rounds": count, "commits": acknowledged, "torn": torn}


def once(folder: Path) -> None:
    storage = JournalStorage(folder / "j")
    for number in range(1, 9):
        commit(storage, number)
        os.write(1, b"%d\n" % number)
        if number in (3, 5, 6):
            storage.fold(force=True)


if __name__ == "__main__":
    if sys.argv[1] == "once":
        once(Path(sys.argv[2]))
    else:
        print(json.dumps(rounds(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))))
