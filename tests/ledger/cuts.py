"""Scripts on the model of a disk, and what is found after the power was cut in the middle of one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from copy import deepcopy
from pathlib import Path
from typing import Any

from daemon.ledger.storage import JournalStorage
from tests.ledger.oracle import Tables, read, same, tables_of
from tests.ledger.power import Disk, Moment, lay_out

Changes = dict[int, dict[str, Any] | None]
LONG = "page after page " * 500


class Script:
    """Does things to a ledger on a disk, and tells the disk what may be found if the power is cut now."""

    def __init__(self, disk: Disk, state: Tables | None = None) -> None:
        self.disk = disk
        self.state: Tables = state or {}
        self.disk.allowed = (deepcopy(self.state),)
        self.path = disk.root / "j"
        self.storage: JournalStorage | None = None

    def open(self) -> None:
        self.storage = JournalStorage(self.path, lasting={"kept"})

    def commit(self, changes: Changes, table: str = "t") -> None:
        assert self.storage is not None
        after = deepcopy(self.state)
        for number, document in changes.items():
            if document is None:
                after.get(table, {}).pop(number, None)
            else:
                after.setdefault(table, {})[number] = document
        self.disk.allowed = (self.state, after)
        with self.storage.transaction():
            for number, document in changes.items():
                self.storage.stage(table, number, document)
        self.acknowledge(after)

    def acknowledge(self, state: Tables) -> None:
        self.state = deepcopy(state)
        self.disk.allowed = (self.state,)

    def fold(self) -> None:
        assert self.storage is not None
        self.storage.fold(force=True)

    def stubbornly(self, step: Callable[[], None]) -> None:
        """Do a step, again after an error, on the ledger opened anew if it refuses: all of that keeps the promise."""
        for attempt in range(3):
            try:
                if attempt == 2:
                    assert self.storage is not None
                    self.storage.refresh()
                step()
            except OSError:
                continue
            return
        raise AssertionError("nothing helps")


def record(script: Callable[[Script], None], root: Path, **options: Any) -> Disk:
    """Run a script to its end on a new disk."""
    root.mkdir()
    disk = Disk(root, **options)
    with disk.recording():
        script(Script(disk))
    return disk


def check(folder: Path, allowed: Iterable[Tables], about: str, *, mended: bool = False) -> Tables:
    """Open the ledger in ``folder``: it holds an allowed state, is not called damaged, and writing goes on."""
    storage = JournalStorage(folder / "j", lasting={"kept"})
    found = tables_of(storage.read())
    assert any(same(found, item) for item in allowed), f"{about}: {summary(found)}"
    assert mended or storage.healing is None, f"{about}: taken for damage"
    with storage.transaction():
        storage.stage("t", 10**6, {"after": about})
    storage.close()
    found.setdefault("t", {})[10**6] = {"after": about}
    assert same(read(folder / "j")[0], found), f"{about}: writing went wrong"
    return found


def summary(tables: Tables) -> str:
    return str({name: {number: str(row)[:30] for number, row in rows.items()} for name, rows in tables.items()})


def cut(moments: Iterable[Moment], samples: int, folder: Path, *, mended: bool = False) -> int:
    """Cut the power at each of ``moments``; return how often that was."""
    cuts = 0
    for moment in moments:
        for state in moment.states(samples):
            cuts += 1
            lay_out(state, folder)
            check(folder, moment.allowed, f"cut before {moment.number} ({moment.name})", mended=mended)
            shutil.rmtree(folder)
    return cuts
