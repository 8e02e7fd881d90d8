"""The table is TinyDB's: the same operations on memory and on the journal always agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tinydb import TinyDB, where
from tinydb.operations import delete, increment
from tinydb.storages import MemoryStorage

from daemon.ledger.table import JournalDB

VALUES = st.integers(0, 3)
DOCUMENT = st.fixed_dictionaries({"n": VALUES, "m": VALUES})
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), DOCUMENT),
        st.tuples(st.just("insert_multiple"), st.lists(DOCUMENT, max_size=3)),
        st.tuples(st.just("upsert"), DOCUMENT),
        st.tuples(st.just("update"), VALUES),
        st.tuples(st.just("increment"), VALUES),
        st.tuples(st.just("remove"), VALUES),
        st.tuples(st.just("truncate"), st.none()),
    ),
    max_size=12,
)


def apply(table: Any, name: str, value: Any) -> Any:
    if name == "upsert":
        return sorted(table.upsert({**value, "up": True}, where("n") == value["n"]))
    if name == "update":
        return sorted(table.update({"m": 9}, where("n") == value))
    if name == "increment":
        return sorted(table.update(increment("m"), where("n") == value))
    if name == "remove":
        return sorted(table.remove(where("n") == value))
    if name == "truncate":
        return table.truncate()
    return getattr(table, name)(value)


def content(table: Any) -> list[dict[str, Any]]:
    return [dict(item) for item in table]


@given(operations=OPERATIONS)
def test_memory_and_journal_agree(tmp_path_factory: pytest.TempPathFactory, operations: list[tuple[str, Any]]) -> None:
    """Every operation leaves the same documents, found by the same searches, also after opening the file again."""
    path = tmp_path_factory.mktemp("db") / "j"
    memory = TinyDB(storage=MemoryStorage).table("t", cache_size=0)
    database = JournalDB(path)
    journal = database.table("t", cache_size=0)
    for name, value in operations:
        apply(memory, name, value)
        apply(journal, name, value)
        assert content(journal) == content(memory)
        assert journal.count(where("n") == 1) == memory.count(where("n") == 1)
        assert len(journal) == len(memory)
    database.close()
    assert content(JournalDB(path).table("t", cache_size=0)) == content(memory)


def test_an_id_is_never_given_twice(tmp_path: Path) -> None:
    """TinyDB gives the highest id again after a removal; the journal does not."""
    table = JournalDB(tmp_path / "j").table("t", cache_size=0)
    table.insert({"n": 1})
    last = table.insert({"n": 2})
    table.remove(doc_ids=[last])
    assert table.insert({"n": 3}) > last


def test_put_replaces_as_a_whole_by_key(tmp_path: Path) -> None:
    """A document put under the key of another takes its place and its id; dropping takes it away."""
    table: Any = JournalDB(tmp_path / "j").table("t", cache_size=0)
    table.put({"key": 'a"\\ä', "old": 1})
    number = table.by_key('a"\\ä').doc_id
    table.put({"key": 'a"\\ä', "new": 2})
    assert (dict(table.by_key('a"\\ä')), table.by_key('a"\\ä').doc_id) == ({"key": 'a"\\ä', "new": 2}, number)
    table.drop('a"\\ä')
    assert table.by_key('a"\\ä') is None
    assert len(table) == 0


def test_a_read_document_is_a_private_copy(tmp_path: Path) -> None:
    """Changing what a search returned changes nothing that is stored."""
    table = JournalDB(tmp_path / "j").table("t", cache_size=0)
    table.insert({"n": 1, "deep": {"list": [1]}})
    table.search(where("n") == 1)[0]["deep"]["list"].append(2)
    assert table.search(where("n") == 1)[0]["deep"] == {"list": [1]}


def test_an_updater_that_fails_leaves_everything(tmp_path: Path) -> None:
    """An update that raises on the second document has not changed the first."""
    table = JournalDB(tmp_path / "j").table("t", cache_size=0)
    table.insert_multiple([{"n": 1, "m": 1}, {"n": 1}])
    with pytest.raises(KeyError):
        table.update(delete("m"), where("n") == 1)
    assert content(table) == [{"n": 1, "m": 1}, {"n": 1}]
