"""The journal: what is committed is there again, what was cut off is set aside, what is damaged is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.ledger import Busy, NewerSchema, open_ledger
from daemon.ledger.codec import UnstorableError
from daemon.ledger.storage import JournalStorage
from tests.ledger.oracle import read

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
DOCUMENTS = st.dictionaries(TEXT, st.one_of(st.none(), st.booleans(), st.integers(-(10**9), 10**9), TEXT), max_size=4)


def put(storage: JournalStorage, number: int, document: dict[str, object] | None) -> None:
    with storage.transaction():
        storage.stage("t", number, document)


def test_what_is_committed_is_there_after_opening_again(tmp_path: Path) -> None:
    """Rows, deletions and the highest id ever given all survive."""
    storage = JournalStorage(tmp_path / "j")
    put(storage, 1, {"a": 1})
    put(storage, 7, {"b": "ä\t\n"})
    put(storage, 7, None)
    storage.close()
    again = JournalStorage(tmp_path / "j")
    assert again.read() == {"t": {"1": {"a": 1}}}
    assert again.last == {"t": 7}


def test_nothing_is_kept_of_a_transaction_that_fails(tmp_path: Path) -> None:
    """An error inside a transaction leaves memory and disk as they were."""
    storage = JournalStorage(tmp_path / "j")
    put(storage, 1, {"a": 1})
    size = (tmp_path / "j").stat().st_size

    def fails() -> None:
        with storage.transaction():
            storage.stage("t", 1, {"a": 2})
            storage.stage("t", 2, {"a": 3})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert storage.read() == {"t": {"1": {"a": 1}}}
    assert (tmp_path / "j").stat().st_size == size


def test_an_unchanged_row_costs_nothing(tmp_path: Path) -> None:
    """Putting the same document again writes no byte."""
    storage = JournalStorage(tmp_path / "j")
    put(storage, 1, {"a": 1})
    size = (tmp_path / "j").stat().st_size
    put(storage, 1, {"a": 1})
    assert (tmp_path / "j").stat().st_size == size


@given(
    commits=st.lists(st.tuples(st.integers(1, 4), st.one_of(st.none(), DOCUMENTS)), min_size=1, max_size=6),
    data=st.data(),
)
def test_a_file_cut_at_any_byte_holds_a_prefix_of_the_commits(
    tmp_path_factory: pytest.TempPathFactory, commits: list[tuple[int, dict[str, object] | None]], data: st.DataObject
) -> None:
    """Whatever a power cut leaves of the file, loading gives the commits that are whole, and writing goes on."""
    path = tmp_path_factory.mktemp("cut") / "j"
    storage = JournalStorage(path)
    begun = path.stat().st_size
    states = [(begun, {})]
    for number, document in commits:
        put(storage, number, document)
        states.append((path.stat().st_size, storage.read() or {}))
    storage.close()
    cut = data.draw(st.integers(begun, path.stat().st_size))
    path.write_bytes(path.read_bytes()[:cut])
    again = JournalStorage(path)
    expected = next(state for size, state in reversed(states) if size <= cut)
    assert {k: v for k, v in (again.read() or {}).items() if v} == {k: v for k, v in expected.items() if v}
    put(again, 9, {"after": True})
    again.close()
    assert (JournalStorage(path).read() or {})["t"]["9"] == {"after": True}


def test_a_torn_tail_is_kept_aside(tmp_path: Path) -> None:
    """The bytes that loading cuts off lie in corrupt/ afterwards."""
    path = tmp_path / "j"
    storage = JournalStorage(path)
    put(storage, 1, {"a": 1})
    storage.close()
    with path.open("ab") as file:
        file.write(b"deadbeef 99 2\tt/1\t{")
    again = JournalStorage(path)
    assert again.torn == 19
    assert [item.read_bytes() for item in (tmp_path / "corrupt").iterdir()] == [b"deadbeef 99 2\tt/1\t{"]


def test_folding_keeps_what_lives_and_a_generation(tmp_path: Path) -> None:
    """A folded journal holds the same rows in less space; the file before it is generation 1."""
    path = tmp_path / "j"
    storage = JournalStorage(path)
    for value in range(50):
        put(storage, 1, {"value": value})
    before = path.read_bytes()
    assert storage.fold(force=True)
    put(storage, 2, {"value": "after"})
    storage.close()
    assert path.stat().st_size < len(before)
    assert (tmp_path / "j.1").read_bytes() == before
    assert JournalStorage(path).read() == {"t": {"1": {"value": 49}, "2": {"value": "after"}}}


def test_a_small_journal_is_not_folded(tmp_path: Path) -> None:
    """Folding waits until it pays."""
    storage = JournalStorage(tmp_path / "j")
    put(storage, 1, {"a": 1})
    assert not storage.fold()


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), "\ud800", {1, 2}, (1, 2), {1: 2}, 10**400, 2**64, b"x", object()]
)
def test_what_json_does_not_keep_is_refused_at_the_door(tmp_path: Path, value: object) -> None:
    """A value that would not come back the same is refused, and nothing is written."""
    storage = JournalStorage(tmp_path / "j")
    before = (tmp_path / "j").read_bytes()
    with pytest.raises(UnstorableError):
        put(storage, 1, {"value": value})
    assert storage.read() in (None, {"t": {}})
    assert (tmp_path / "j").read_bytes() == before


def test_a_full_disk_leaves_the_ledger_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails half-way is cut back; the next one works."""
    storage = JournalStorage(tmp_path / "j")
    put(storage, 1, {"a": 1})
    before = (tmp_path / "j").read_bytes()
    real = os.write

    def half(file: int, data: bytes) -> int:
        real(file, bytes(data)[: len(data) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(OSError, match="No space"):
        put(storage, 2, {"a": 2})
    monkeypatch.setattr(os, "write", real)
    assert (tmp_path / "j").read_bytes() == before
    assert storage.read() == {"t": {"1": {"a": 1}}}
    put(storage, 2, {"a": 2})
    assert JournalStorage(tmp_path / "j", write=False).read() == {"t": {"1": {"a": 1}, "2": {"a": 2}}}


def test_after_a_failed_fsync_nothing_more_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed fsync is never retried on the same descriptor: the page cache proves nothing any more."""
    storage = JournalStorage(tmp_path / "j")

    def failing(file: int) -> None:
        raise OSError(5, "Input/output error")

    real = os.fsync
    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OSError, match="Input/output"):
        put(storage, 1, {"a": 1})
    monkeypatch.setattr(os, "fsync", real)
    with pytest.raises(OSError, match="cannot be written"):
        put(storage, 1, {"a": 1})


def test_a_large_commit_is_one_line_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of rows leave in several writes, yet are one whole line; cut off after any of them none is there."""
    writes: list[int] = []
    real = os.write

    def noted(file: int, data: bytes) -> int:
        writes.append(len(data))
        return real(file, data)

    storage = JournalStorage(tmp_path / "j")
    put(storage, 1, {"a": 1})
    size = (tmp_path / "j").stat().st_size
    monkeypatch.setattr(os, "write", noted)
    with storage.transaction():
        for number in range(2, 5_003):
            storage.stage("t", number, {"text": "x" * 150})
        storage.stage("t", 1, None)
        storage.stage("t", 1, {"a": 2})
    monkeypatch.setattr(os, "write", real)
    assert len(writes) > 2
    whole = (tmp_path / "j").read_bytes()
    tables, sequence = read(tmp_path / "j")
    assert (len(tables["t"]), list(tables["t"])[-1], tables["t"][1], sequence) == (5_002, 1, {"a": 2}, storage.sequence)
    for written in range(len(writes)):
        (tmp_path / "cut").write_bytes(whole[: size + sum(writes[:written])])
        assert JournalStorage(tmp_path / "cut").read() == {"t": {"1": {"a": 1}}}


def test_a_link_in_place_of_the_ledger_is_refused(tmp_path: Path) -> None:
    """Nothing is written through a symbolic link."""
    target = tmp_path / "target"
    target.write_bytes(b"precious")
    (tmp_path / "j").symlink_to(target)
    with pytest.raises(OSError):
        JournalStorage(tmp_path / "j")
    assert target.read_bytes() == b"precious"


def test_the_ledger_has_one_writer_and_any_readers(tmp_path: Path) -> None:
    """A second writer is told that another one is at work; a reader is let in."""
    with open_ledger(tmp_path / "s"):
        with pytest.raises(Busy):
            open_ledger(tmp_path / "s")
        open_ledger(tmp_path / "s", write=False).close()
    open_ledger(tmp_path / "s").close()


def test_files_of_the_state_are_private(tmp_path: Path) -> None:
    """The folder is 0700 and every file in it 0600, whatever the umask."""
    old = os.umask(0)
    try:
        open_ledger(tmp_path / "s").close()
    finally:
        os.umask(old)
    assert (tmp_path / "s").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "s").iterdir()} == {0o600}


def test_what_a_crash_left_half_written_is_cleared_away(tmp_path: Path) -> None:
    """Files a killed writer never finished are gone after the next start; everything else stays."""
    open_ledger(tmp_path / "s").close()
    (tmp_path / "s" / ".secret.4711.kith-tmp").write_bytes(b"half")
    (tmp_path / "s" / "mine.txt").write_bytes(b"kept")
    open_ledger(tmp_path / "s").close()
    assert {path.name for path in (tmp_path / "s").iterdir()} == {"ledger.jsonl", "lock", "secret", "mine.txt"}


def test_a_newer_schema_is_refused_in_words(tmp_path: Path) -> None:
    """A state that a newer Kith wrote is left alone."""
    with open_ledger(tmp_path / "s") as ledger, ledger.unit():
        ledger.set_meta("schema", 99)
    before = (tmp_path / "s" / "ledger.jsonl").read_bytes()
    with pytest.raises(NewerSchema, match="schema 99"):
        open_ledger(tmp_path / "s")
    assert (tmp_path / "s" / "ledger.jsonl").read_bytes() == before


def test_a_lost_secret_is_never_replaced_in_silence(tmp_path: Path) -> None:
    """Person ids hang on the secret: with it gone and facts there, opening fails instead of making a new one."""
    open_ledger(tmp_path / "s").close()
    (tmp_path / "s" / "secret").unlink()
    with pytest.raises(OSError, match="secret"):
        open_ledger(tmp_path / "s")
