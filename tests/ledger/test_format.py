"""The file is what its description says: any reader of JSON lines can read it, and files of older Kiths go on."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.ledger import Ledger, NewerSchema, open_ledger
from daemon.ledger.indexes import Index
from daemon.ledger.migrations import STEPS
from daemon.ledger.storage import JournalStorage
from daemon.model import Amendment, Entry
from tests.ledger.oracle import NotWhole, cells, read, same, tables_of
from tests.ledger.power import Disk, Killed

pytestmark = pytest.mark.usefixtures("no_real_fsync")

DATA = Path(__file__).parent.parent / "data" / "ledger"
FORMAT_1_ROWS = {
    "decisions": {1: {"key": "d1", "kind": "mute", "about": ["p-aaaaaaaaaa"], "at": "2026-01-05T10:00:00Z"}},
    "notes": {2: {"key": "n2", "list": []}, 4: {"key": "n4", "deep": {"a": {"b": []}}}},
}
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**64 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        TEXT,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=8,
)
NAMES = st.one_of(st.sampled_from(["t", "a/b", 'quo"ted', "tab\tbed", "line\nfed", "ä\\", "", "+", "index x"]), TEXT)
UNITS = st.lists(
    st.dictionaries(
        st.tuples(NAMES, st.integers(-2, 5)), st.one_of(st.none(), st.dictionaries(TEXT, JSON, max_size=3)), max_size=4
    ),
    max_size=5,
)


@settings(max_examples=120)
@given(units=UNITS, fold_at=st.integers(0, 5))
def test_the_file_is_what_its_description_says(units: list[Any], fold_at: int) -> None:
    """Every line is JSON; a reader written from the description alone finds the same rows, number and order."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "j"
        ours = JournalStorage(path)
        for at, unit in enumerate(units):
            with ours.transaction():
                for (table, number), document in unit.items():
                    ours.stage(table, number, document)
            if at == fold_at:
                ours.fold(force=True)
        found, sequence = read(path)
        assert same(found, tables_of(ours.read()))
        assert sequence == ours.sequence
        ours.close()
        assert same(tables_of(JournalStorage(path, write=False).read()), found)


def test_a_large_table_is_written_in_parts_with_its_indexes_last(tmp_path: Path) -> None:
    """A snapshot has the highest ids first, 500 rows of one table a part, and the indexes at the end."""
    ours = JournalStorage(tmp_path / "j", indexes={"t": (Index("a"), Index("at", order=True))})
    with ours.transaction():
        for number in range(1, 1203):
            ours.stage("t", number, {"key": f"k{number}", "a": number % 7, "at": f"2026-01-{number % 28 + 1:02}"})
        ours.stage("small", 5, {"n": 1})
    ours.fold(force=True)
    lines = [cells(line) for line in (tmp_path / "j").read_bytes().splitlines()]
    assert [mark for mark, _ in lines] == [
        f"snapshot 1 part {at} of {len(lines)} format 2" for at in range(1, len(lines) + 1)
    ]
    assert {table: row for table, number, row in lines[0][1]} == {"t": 1202, "small": 5}
    assert [len(found) for _, found in lines[1:5]] == [500, 500, 202, 1]
    assert sorted(number for _, found in lines[5:] for _, number, _ in found) == [
        "index a 1",
        "index at 1",
        "index key 1",
    ]
    assert read(tmp_path / "j")[0]["t"].keys() == set(range(1, 1203))


@pytest.mark.parametrize(
    "line", [b'{"a":1}', b'["00000000",1,1]', b'["00000000","x"]', b"[]", b"null", b'["00000000",0,]']
)
def test_the_oracle_refuses_what_is_no_line(line: bytes) -> None:
    """The reader of the tests is not kinder than the description."""
    with pytest.raises((NotWhole, ValueError)):
        cells(line)


# -- older files -------------------------------------------------------------------------------------------------------


def old_state(folder: Path) -> Path:
    """Return a folder with a state as version 0.1.0 left it."""
    folder.mkdir(mode=0o700)
    shutil.copy(DATA / "format-1.jsonl", folder / "ledger.jsonl")
    (folder / "secret").write_bytes(bytes(range(32)))
    return folder


def without_meta(ledger: Ledger) -> dict[str, Any]:
    return {name: rows for name, rows in tables_of(ledger._storage.read()).items() if name != "meta"}


def test_a_state_of_version_0_1_0_becomes_one_of_this(tmp_path: Path) -> None:
    """Rows, ids and numbers stay; the file becomes JSON lines in format 2, the old one is kept byte for byte."""
    state = old_state(tmp_path / "s")
    with open_ledger(state) as ledger:
        assert without_meta(ledger) == FORMAT_1_ROWS
        assert ledger.meta("schema") == len(STEPS) + 1
        assert ledger.sequence >= 6
        with ledger.unit():
            ledger.table("notes").put({"key": "n5"})
        assert ledger.table("notes").by_key("n5").doc_id == 5  # type: ignore[union-attr]
    assert (state / "ledger.jsonl.schema-1").read_bytes() == (DATA / "format-1.jsonl").read_bytes()
    assert read(state / "ledger.jsonl")[0]["notes"] == {**FORMAT_1_ROWS["notes"], 5: {"key": "n5"}}


def test_a_row_of_before_a_field_was_there(tmp_path: Path) -> None:
    """An outbox row and a fact without the newer fields are read with their defaults, and written as they were."""
    row = {
        "key": "draft/p-1/f/0",
        "kind": "draft",
        "person": "p-1",
        "account": "mail",
        "reason": "pick-up",
        "fact": "f",
        "cycle": 0,
        "evidence": ["f"],
        "title": "The tender",
        "body": "Hi",
        "to": "b@y.example",
        "state": "written",
        "ref": "r",
        "fingerprint": "x",
        "decided": "2026-01-05T10:00:00Z",
    }
    fact = {
        "key": "m\tb@y.example",
        "source": "m",
        "address": "b@y.example",
        "person": "p-1",
        "kind": "wrote",
        "at": "2026-01-05T10:00:00Z",
        "rule": "M1",
        "account": "mail",
        "thread": "m",
    }
    with open_ledger(tmp_path / "s") as ledger:
        with ledger.unit():
            ledger.table("entries").put(row)
            ledger.table("touchpoints").put(fact)
        (entry,), (touch,) = ledger.entries(), ledger.touchpoints()
        assert (entry.thread, entry.in_reply_to, entry.place, entry.outside) == (None, None, "", "draft/p-1/f/0")
        assert not touch.others
        with ledger.unit():
            ledger.save_entries([entry])
        assert dict(ledger.table("entries").by_key(entry.key)) == row  # type: ignore[arg-type]
        answer = replace(entry, thread="a@b", in_reply_to="c@d", place="draft/p-1/e/0")
        with ledger.unit():
            ledger.save_entries([answer])
        assert ledger.entries() == (answer,)


def test_a_reader_brings_an_old_state_forward_in_memory(tmp_path: Path) -> None:
    """Whoever only reads sees the rows as they will be, and changes no file."""
    state = old_state(tmp_path / "s")
    before = {path.name: path.read_bytes() for path in state.iterdir()}
    with open_ledger(state, write=False) as reader:
        assert without_meta(reader) == FORMAT_1_ROWS
        assert reader.meta("schema") == len(STEPS) + 1
    assert {path.name: path.read_bytes() for path in state.iterdir()} == before


def test_a_torn_file_of_version_0_1_0(tmp_path: Path) -> None:
    """Cut at every byte, an old file opens with the commits that are whole, or is refused untouched."""
    data = (DATA / "format-1.jsonl").read_bytes()
    ends = [at + 1 for at, byte in enumerate(data) if byte == 10]
    for at in range(1, len(data)):
        path = tmp_path / f"{at}"
        path.write_bytes(data[:at])
        if at < ends[0]:
            with pytest.raises(Exception, match="damaged"):
                JournalStorage(path, write=False)
        else:
            assert JournalStorage(path, write=False).sequence == sum(end <= at for end in ends)
        path.unlink()


def test_a_row_written_before_there_were_amendments_goes_on(tmp_path: Path) -> None:
    """An outbox row without the field is one that nothing is to become of; with it, it comes back as it was."""
    words: dict[str, Any] = {"reason": "due", "fact": "", "cycle": 0, "evidence": (), "title": "Call Ben", "body": ""}
    at = datetime(2026, 2, 17, 8, tzinfo=UTC)
    row = Entry(key="k", kind="reconnect", person="p", account="a", start=at, ref="r", **words)
    new = Amendment(title="Done: Call Ben", body="You met.", start=at, end=at + timedelta(minutes=15))
    with open_ledger(tmp_path / "s") as ledger:
        for entry in (row, replace(row, key="l", amended=new)):
            with ledger.unit():
                ledger.save_entries((entry,))
        ledger.fold()
    stored = read(tmp_path / "s" / "ledger.jsonl")[0]["entries"].values()
    assert ["amended" in document for document in stored] == [False, True]
    with open_ledger(tmp_path / "s", write=False) as reader:
        assert list(reader.entries()) == [row, replace(row, key="l", amended=new)]


# -- migrations --------------------------------------------------------------------------------------------------------


def renames(ledger: Ledger) -> None:
    for item in list(ledger.table("notes")):
        ledger.table("notes").update({"renamed": True, "count": item.get("count", 0) + 1}, doc_ids=[item.doc_id])


def drops(ledger: Ledger) -> None:
    ledger.table("notes").drop("n2")


LATER = (*STEPS, renames, drops)


def check_migrated(state: Path) -> None:
    with open_ledger(state, steps=LATER) as ledger:
        assert ledger.meta("schema") == 4
        assert [dict(item) for item in ledger.table("notes")] == [
            {"key": "n4", "deep": {"a": {"b": []}}, "renamed": True, "count": 1}
        ]


def test_steps_run_once_and_in_order(tmp_path: Path) -> None:
    """Two invented steps from schema 2, or all three from schema 1: each runs once, and the file before is kept."""
    for first in (STEPS, LATER):
        state = old_state(tmp_path / str(len(first)))
        open_ledger(state, steps=first).close()
        before = (state / "ledger.jsonl").read_bytes()
        check_migrated(state)
        check_migrated(state)
        if first is STEPS:
            assert (state / "ledger.jsonl.schema-2").read_bytes() == before
        assert (state / "ledger.jsonl.schema-1").exists()


def test_a_reader_takes_the_steps_in_memory(tmp_path: Path) -> None:
    """A newer Kith's status command reads a state that its daemon has not migrated yet."""
    state = old_state(tmp_path / "s")
    open_ledger(state).close()
    before = {path.name: path.read_bytes() for path in state.iterdir()}
    with open_ledger(state, write=False, steps=LATER) as reader:
        assert reader.table("notes").keys() == ("n4",)
        assert reader.meta("schema") == 4
    assert {path.name: path.read_bytes() for path in state.iterdir()} == before


def test_an_older_kith_leaves_a_newer_schema_alone(tmp_path: Path) -> None:
    """After the steps the Kith from before them refuses in words, writer and reader, and touches nothing."""
    state = old_state(tmp_path / "s")
    open_ledger(state, steps=LATER).close()
    before = {path.name: path.read_bytes() for path in state.iterdir()}
    for write in (True, False):
        with pytest.raises(NewerSchema, match="schema 4; this Kith knows 2"):
            open_ledger(state, write=write)
    assert {path.name: path.read_bytes() for path in state.iterdir()} == before


def test_a_step_that_fails_leaves_the_old_rows(tmp_path: Path) -> None:
    """If a step raises, nothing of the steps before it is kept either, and the next start begins again."""

    def fails(ledger: Ledger) -> None:
        raise RuntimeError("a step failed")

    state = old_state(tmp_path / "s")
    with pytest.raises(RuntimeError):
        open_ledger(state, steps=(*STEPS, renames, fails))
    with open_ledger(state, steps=LATER[:1]) as ledger:
        assert without_meta(ledger) == FORMAT_1_ROWS
    check_migrated(state)


@pytest.mark.slow
def test_killed_at_each_operation_of_a_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed anywhere, the next start migrates once and for all; the old file is kept."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    (tmp_path / "whole").mkdir()
    old_state(tmp_path / "whole" / "s")
    whole = Disk(tmp_path / "whole", keep=False)
    with whole.recording():
        open_ledger(whole.root / "s", steps=LATER).close()
    assert whole.count >= 8
    for at in range(1, whole.count + 1):
        root = tmp_path / str(at)
        root.mkdir()
        old_state(root / "s")
        disk = Disk(root, kill_at=at, keep=False)
        with disk.recording():
            with pytest.raises(Killed):
                open_ledger(root / "s", steps=LATER)
            disk.revive()
            check_migrated(root / "s")
        assert (root / "s" / "ledger.jsonl.schema-1").read_bytes() == (DATA / "format-1.jsonl").read_bytes()
