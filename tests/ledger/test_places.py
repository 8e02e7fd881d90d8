"""Rows that stay in the file: the same as rows in memory, and never other bytes than were written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.ledger import journal, open_ledger, places
from daemon.ledger.places import Altered, Places
from daemon.ledger.storage import JournalStorage
from tests.ledger.oracle import read, tables_of

pytestmark = pytest.mark.usefixtures("no_real_fsync")

BULKY = {"t"}
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(-1, 9), st.binary(min_size=1, max_size=9)),
        st.tuples(st.just("put and write"), st.integers(1, 300), st.binary(min_size=1, max_size=9)),
        st.tuples(st.just("drop"), st.integers(-1, 9), st.just(b"")),
        st.tuples(st.just("move"), st.just(0), st.just(b"")),
    ),
    max_size=25,
)


@settings(max_examples=300)
@given(
    steps=STEPS, gap=st.sampled_from([0, 4, 1000]), near=st.sampled_from([0, 4, 1000]), block=st.sampled_from([1, 50])
)
def test_a_mapping_like_any_other(steps: list[Any], gap: int, near: int, block: int) -> None:
    """Ids, rows and their order are those of a dictionary, whatever is put, dropped, written and moved."""
    file = bytearray(b"start")
    rows, plain = Places(lambda at, size: bytes(file[at : at + size])), dict[int, bytes]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(places, "_GAP", gap)
        patch.setattr(places, "_NEAR", near)
        patch.setattr(places, "_BLOCK", block)
        for what, number, raw in steps:
            if what == "move":
                starts, file = [], bytearray(b"anew")
                for item in plain.values():
                    starts.append(len(file))
                    file += item
                rows.move(starts)
            elif what == "drop":
                plain.pop(number, None)
                places.drop(rows, number)
            else:
                rows[number] = plain[number] = raw
            if what == "put and write":
                rows.settle(number, raw, len(file))
                file += raw
            assert list(rows) == list(plain)
            assert list(rows.items()) == list(plain.items())
            assert list(rows.values()) == list(plain.values())
            assert [rows.get(number) for number in range(-2, 11)] == [plain.get(number) for number in range(-2, 11)]
            assert len(rows) == len(plain)


def held(storage: JournalStorage) -> int:
    """Return how many rows are in memory."""
    rows = storage.tables["t"]
    assert isinstance(rows, Places)
    return len(rows._held) if rows._plain is None else len(rows._plain)


def fill(storage: JournalStorage, numbers: range, text: str = "") -> None:
    with storage.transaction():
        for number in numbers:
            storage.stage("t", number, {"key": f"k{number}", "text": text or "x" * number})


def test_what_is_committed_is_not_held(tmp_path: Path) -> None:
    """After a commit, another's commit, a fold, opening anew and a healing no row is in memory, and all are there."""
    first, second = JournalStorage(tmp_path / "j", bulky=BULKY), JournalStorage(tmp_path / "j", bulky=BULKY)
    fill(first, range(1, 40))
    assert held(first) == 0
    second.refresh()
    assert held(second) == 0
    fill(first, range(20, 60), "anew")
    with first.transaction():
        first.stage("t", 7, None)
        assert held(first) == 0
        first.stage("t", 60, {"key": "k60"})
        assert held(first) == 1
    assert first.fold(force=True)
    assert held(first) == 0
    second.refresh()
    assert held(second) == 0
    path = tmp_path / "j"
    data = path.read_bytes()
    path.write_bytes(data[:40] + b"?" + data[41:])
    healed = JournalStorage(path, bulky=BULKY)
    assert healed.healing is not None
    assert held(healed) == 0
    assert tables_of(healed.read()) == tables_of(first.read())
    assert read(path)[0] == tables_of(healed.read())


@pytest.mark.parametrize("fold", [False, True])
def test_a_byte_changed_behind_our_back_is_never_believed(tmp_path: Path, fold: bool) -> None:
    """A row is what was written or an error; a fold is refused, so the next opening can still heal."""
    storage = JournalStorage(tmp_path / "j", bulky=BULKY)
    fill(storage, range(1, 9), "the very same text")
    before = storage.read()
    if fold:
        storage.fold(force=True)
    data = (tmp_path / "j").read_bytes()
    place = data.rindex(b"very")
    spoiled = data[:place] + b"VERY" + data[place + 4 :]
    with (tmp_path / "j").open("r+b") as file:
        file.write(spoiled)
    with pytest.raises(Altered):
        storage.read()
    with pytest.raises(Altered):
        storage.fold(force=True)
    assert (tmp_path / "j").read_bytes() == spoiled
    assert storage.tables["t"][1] == b'{"key":"k1","text":"the very same text"}'
    storage.close()
    if fold:
        assert JournalStorage(tmp_path / "j", bulky=BULKY).read() == before


def test_a_fold_makes_no_index_that_nobody_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file has them, made in a copy of the process, or where none can be had in itself."""
    monkeypatch.setattr(journal, "_WORTH_INDEXING", 5)
    whole = JournalStorage(tmp_path / "whole")
    fill(whole, range(1, 9))
    whole.fold(force=True)
    assert b"key 1" in (tmp_path / "whole").read_bytes()
    for name in ("apart", "here"):
        storage = JournalStorage(tmp_path / name, bulky=BULKY)
        fill(storage, range(1, 9))
        with monkeypatch.context() as patch:
            if name == "here":
                patch.setattr("os.fork", no_process)
            storage.fold(force=True)
        assert bool(storage.indexes("t")._built) is (name == "here")
        assert (tmp_path / name).read_bytes() == (tmp_path / "whole").read_bytes()
        assert storage.indexes("t").get("key") is not None


def no_process() -> int:
    raise BlockingIOError


def test_a_closed_ledger_says_so(tmp_path: Path) -> None:
    """Nothing is read through a file that is closed, or that another one may have by now."""
    storage = JournalStorage(tmp_path / "j", bulky=BULKY)
    fill(storage, range(1, 4))
    storage.close()
    with pytest.raises(OSError, match="closed"):
        storage.read()


def test_a_lean_ledger_holds_no_record(tmp_path: Path) -> None:
    """Mails, events and touchpoints of a ledger that is open for years stay on the disk."""
    for lean in (False, True):
        with open_ledger(tmp_path / "s", lean=lean) as ledger:
            if not lean:
                with ledger.unit():
                    for name in ("events", "mails", "touchpoints"):
                        for number in range(50):
                            ledger.table(name).put({"key": f"a\t{number}", "mark": "kept" * 9})
            for name in ("events", "mails", "touchpoints"):
                assert ledger.table(name).by_key("a\t7") == {"key": "a\t7", "mark": "kept" * 9}
                rows = ledger._storage.tables[name]
                assert (isinstance(rows, Places) and not rows._held and rows._plain is None) is lean
