"""The power is cut while the whole state is made, used and cleaned: secret, lock, schema and generations too."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from daemon.ledger import Ledger, open_ledger
from tests.ledger.oracle import tables_of
from tests.ledger.power import Disk, Killed, Moment, lay_out

pytestmark = pytest.mark.usefixtures("no_real_fsync")

TEXT = "what nobody may find again"


@dataclass(frozen=True)
class Known:
    """What must be found: the ``notes`` of the last unit (or of the one begun), the secret once it was used."""

    notes: tuple[str, ...] = ()
    begun: tuple[str, ...] = ()
    secret: bytes | None = None
    burnt: bool = False


def life(disk: Disk) -> None:
    """A state is made, written to in turns, folded, healed of a torn tail, and somebody is forgotten."""
    folder = disk.root / "state"
    known = Known()
    disk.allowed = (known,)
    for text in ("first", "second"):
        with open_ledger(folder) as ledger:
            known = replace(known, secret=(folder / "secret").read_bytes())
            disk.allowed = (known,)
            known = note(disk, known, ledger, text)
    with open_ledger(folder) as ledger:
        known = note(disk, known, ledger, TEXT)
        ledger.fold()
        ledger._storage.fold(force=True)
        known = note(disk, known, ledger, "fourth")
    file = os.open(folder / "ledger.jsonl", os.O_WRONLY | os.O_APPEND)
    os.write(file, b'["00000000",9999,9,\t"notes/7",\t{"text":"' + TEXT.encode())
    os.close(file)
    with open_ledger(folder) as ledger:
        ledger._storage.fold(force=True)
        known = note(disk, known, ledger, TEXT, gone=True)
        ledger.burn()
        known = replace(known, burnt=True)
        disk.allowed = (known,)
        note(disk, known, ledger, "last")


def note(disk: Disk, known: Known, ledger: Ledger, text: str, *, gone: bool = False) -> Known:
    """Add a note in a unit of its own, or take it away."""
    notes = tuple(item for item in known.notes if item != text) if gone else (*known.notes, text)
    disk.allowed = (replace(known, begun=notes),)
    with ledger.turn(), ledger.unit():
        if gone:
            ledger.table("notes").drop(text)
        else:
            ledger.table("notes").put({"key": text, "text": text * 300})
    known = replace(known, notes=notes, begun=notes)
    disk.allowed = (known,)
    return known


def check(root: Path, moment: Moment) -> None:
    """The state opens, holds what it must, goes on, and what was burnt stands nowhere."""
    (known,) = moment.allowed
    about = f"cut before {moment.number} ({moment.name})"
    folder = root / "state"
    if known.burnt:
        held = [path for path in folder.rglob("*") if path.is_file() and TEXT.encode() in path.read_bytes()]
        assert not held, f"{about}: {held}"
    with open_ledger(folder) as ledger:
        assert ledger.healing is None, f"{about}: taken for damage"
        assert tuple(ledger.table("notes").keys()) in (known.notes, known.begun), about
        assert ledger.meta("schema") == 2
        assert known.secret in (None, (folder / "secret").read_bytes()), f"{about}: another secret"
        with ledger.unit():
            ledger.table("notes").put({"key": "after"})
    with open_ledger(folder, write=False) as reader:
        assert "after" in reader.table("notes").keys()  # noqa: SIM118 - keys of documents
    assert not list(folder.glob(".*")), f"{about}: left over"


def cut(moment: Moment, samples: int, root: Path) -> int:
    cuts = 0
    for state in moment.states(samples):
        cuts += 1
        lay_out(state, root)
        check(root, moment)
        shutil.rmtree(root)
    return cuts


def record(root: Path) -> Disk:
    root.mkdir()
    disk = Disk(root)
    with disk.recording():
        life(disk)
    return disk


@pytest.mark.slow
def test_a_power_cut_at_any_time_in_the_life_of_a_state(tmp_path: Path, effort: int) -> None:
    """Whatever is left, the state opens with all that was acknowledged and the same secret."""
    disk = record(tmp_path / "disk")
    assert sum(cut(moment, 6 * effort, tmp_path / "cut") for moment in disk.moments) >= 250


@pytest.mark.slow
def test_a_state_killed_and_then_cut_off(tmp_path: Path, effort: int) -> None:
    """Killed at each operation, started again and then cut off: what the second start was told is still there."""
    for at in range(1, record(tmp_path / "whole").count + 1):
        root = tmp_path / "disk"
        root.mkdir()
        disk = Disk(root, kill_at=at, keep=False)
        with disk.recording():
            with pytest.raises(Killed):
                life(disk)
            disk.revive()
            (known,) = disk.allowed
            with open_ledger(root / "state") as ledger:
                notes = tuple(ledger.table("notes").keys())
                assert notes in (known.notes, known.begun), f"killed at {at}"
                disk.keep = True
                known = replace(known, notes=notes, begun=notes, secret=(root / "state" / "secret").read_bytes())
                note(disk, known, ledger, "again")
        cut(disk.moments[-1], 3 * effort, tmp_path / "cut")
        shutil.rmtree(root)


def test_the_script_is_worth_cutting(tmp_path: Path) -> None:
    """The life of the state makes generations, evidence and a secret, and burns what must go."""
    disk = record(tmp_path / "disk")
    assert disk.count >= 80
    assert not [
        path for path in (tmp_path / "disk").rglob("*") if path.is_file() and TEXT.encode() in path.read_bytes()
    ]
    with open_ledger(tmp_path / "disk" / "state", write=False) as ledger:
        assert list(tables_of(ledger._storage.read())["notes"]) == [1, 2, 4, 5]
