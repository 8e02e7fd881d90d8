"""TinyDB on its own memory and TinyDB on the journal never differ, whatever is done to both, in whatever order."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tinydb import TinyDB, operations, where
from tinydb.storages import MemoryStorage
from tinydb.table import Document

from daemon.ledger import indexes, journal, places, postings
from daemon.ledger.indexes import Index
from daemon.ledger.search import candidates
from daemon.ledger.storage import JournalStorage
from daemon.ledger.table import JournalDB
from tests.ledger.oracle import read, tables_of

pytestmark = pytest.mark.usefixtures("no_real_fsync")

INDEXES = {"t": (Index("a"), Index("b"), Index("at", order=True))}
WORDS = st.sampled_from(["", "a", "b", "1", "ä", "A", "a\tb", "\x00", "😀"])
NUMBERS = st.sampled_from([-1, 0, 1, 2, -0.0, 0.5, 1.0, 2**53 + 1, 1e300, -(2**63), 2**63])
SIMPLE = st.one_of(st.none(), st.booleans(), NUMBERS, WORDS)
TIMES = st.sampled_from(
    "2026-01-01|2026-01-01T10:00:00Z|2026-01-02|2025-12-31T23:59:59Z|0001-01-01|9999-12-31|2026-1-1|soon||2026-01-01X"
    "|２026-01-01|2026-01-0a".split("|")
)
VALUES = st.one_of(SIMPLE, st.lists(SIMPLE, max_size=2), st.dictionaries(WORDS, SIMPLE, max_size=2))
DOCUMENTS = st.fixed_dictionaries(
    {"n": st.integers(0, 3)},
    optional={
        "a": VALUES,
        "b": NUMBERS,
        "c": VALUES,
        "at": TIMES,
        "deep": st.fixed_dictionaries({}, optional={"x": SIMPLE, "y": st.fixed_dictionaries({"z": SIMPLE})}),
        "tags": st.lists(st.one_of(WORDS, st.fixed_dictionaries({"x": SIMPLE})), max_size=3),
    },
)
LEAVES = st.one_of(
    st.builds(lambda name, value: where(name) == value, st.sampled_from("abc"), VALUES),
    st.builds(lambda name, value: where(name) != value, st.sampled_from("abc"), VALUES),
    st.builds(lambda name, values: where(name).one_of(values), st.sampled_from("abc"), st.lists(VALUES, max_size=3)),
    st.builds(lambda value: where("b") <= value, NUMBERS),
    st.builds(lambda value: where("b") > value, NUMBERS),
    st.builds(lambda low, high: (where("at") >= low) & (where("at") < high), TIMES, TIMES),
    st.builds(lambda low, high: (where("at") > low) | (where("at") <= high), TIMES, TIMES),
    st.builds(lambda value: where("at") == value, TIMES),
    st.builds(lambda value: where("n") == value, st.integers(0, 3)),
    st.builds(lambda value: where("deep")["x"] == value, SIMPLE),
    st.builds(lambda value: where("deep")["y"]["z"] == value, SIMPLE),
    st.builds(lambda value: where("tags").any(where("x") == value), SIMPLE),
    st.builds(lambda values: where("tags").any(values), st.lists(WORDS, max_size=2)),
    st.builds(lambda values: where("tags").all(values), st.lists(WORDS, max_size=2)),
    st.builds(lambda name: where(name).exists(), st.sampled_from(["a", "at", "deep"])),
    st.builds(lambda value: where("a").test(lambda found: found == value), SIMPLE),
    st.builds(lambda value: where("a").map(repr) == value, WORDS),
    st.builds(lambda word: where("a").matches(word), st.sampled_from(["a", "[ab]", ""])),
)
QUERIES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda first, second: first & second, inner, inner),
        st.builds(lambda first, second: first | second, inner, inner),
        st.builds(lambda first: ~first, inner),
    ),
    max_leaves=4,
)
CHANGES = st.one_of(
    st.builds(lambda document: document, DOCUMENTS),
    st.builds(operations.set, st.sampled_from("ac"), VALUES),  # b stays a number: a range of others is an error
    st.builds(operations.increment, st.just("n")),
    st.builds(operations.add, st.just("n"), st.integers(-2, 2)),
    st.builds(operations.delete, st.sampled_from("abc")),
)


class Stop(Exception):
    """Something went wrong within a unit of work."""


@pytest.fixture(autouse=True)
def _small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Indexes are sorted in, written down and made anew with a handful of rows already."""
    monkeypatch.setattr(postings, "_FEW", 3)
    monkeypatch.setattr(indexes, "_SLACK", 8)
    monkeypatch.setattr(journal, "_WORTH_INDEXING", 2)


class Both(RuleBasedStateMachine):
    """The same done to TinyDB in memory and to the journal, its rows in memory or in the file."""

    @initialize(bulky=st.sampled_from([(), ("t",)]), gap=st.sampled_from([0, 3, 1 << 16]))
    def begin(self, bulky: tuple[str, ...], gap: int) -> None:
        self.bulky = bulky
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(places, "_GAP", gap)
        self.folder = Path(tempfile.mkdtemp(prefix="both-"))
        self.theirs = TinyDB(storage=MemoryStorage)
        self.memory = self.theirs.table("t", cache_size=0)
        self.given = 1000
        self.open()
        self.reader = JournalStorage(self.folder / "j", bulky=bulky)

    def open(self) -> None:
        self.ours = JournalDB(storage=lambda: JournalStorage(self.folder / "j", indexes=INDEXES, bulky=self.bulky))
        self.journal = self.ours.table("t", cache_size=0)

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.ours.close()
            self.reader.close()
            self.patch.undo()
            shutil.rmtree(self.folder)

    # -- helping -------------------------------------------------------------------------------------------------------

    def ids(self, table: Any) -> list[int]:
        return [item.doc_id for item in table]

    def both(self, step: Callable[[Any], Any], *, ids: bool = False) -> None:
        """Do ``step`` to both: the same error or the same answer, ids by their place."""
        before, kept = deepcopy(self.theirs.storage.memory), tables_of(self.ours.storage.read())
        answers = []
        for table in (self.memory, self.journal):
            try:
                answers.append(step(table))
            except (KeyError, TypeError, ValueError):
                answers.append(Stop)
        if isinstance(answers[0], type):
            self.theirs.storage.memory = before  # TinyDB's own memory keeps half of it
            assert tables_of(self.ours.storage.read()) == kept
        self.memory._next_id = None  # else TinyDB overwrites what was inserted with an id of its own
        if ids and not isinstance(answers[0], type):
            places = [
                {number: at for at, number in enumerate(self.ids(table))} for table in (self.memory, self.journal)
            ]
            answers = [[place.get(number) for number in found] for place, found in zip(places, answers, strict=True)]
        assert answers[0] == answers[1]

    def own(self, documents: list[dict[str, Any]], first: int | None) -> list[Any]:
        """Return the documents with ids given from outside."""
        self.given += 100
        start = self.given if first is None else first
        return [Document(item, start + at) for at, item in enumerate(documents)]

    # -- writing -------------------------------------------------------------------------------------------------------

    @rule(document=DOCUMENTS)
    def insert(self, document: dict[str, Any]) -> None:
        self.both(lambda table: [table.insert(document)], ids=True)

    @rule(documents=st.lists(DOCUMENTS, max_size=4))
    def insert_multiple(self, documents: list[dict[str, Any]]) -> None:
        self.both(lambda table: table.insert_multiple(documents), ids=True)

    @rule(documents=st.lists(DOCUMENTS, min_size=1, max_size=2), first=st.sampled_from([None, None, 0, -1, 500, 2**33]))
    def insert_with_own_ids(self, documents: list[dict[str, Any]], first: int | None) -> None:
        own = self.own(documents, first)
        taken = [{item.doc_id for item in own} & set(self.ids(table)) for table in (self.memory, self.journal)]
        if taken[0] != taken[1]:  # TinyDB gave an id again that the journal never does
            return
        self.both(lambda table: table.insert_multiple(own) if len(own) > 1 else [table.insert(own[0])], ids=True)

    @rule(change=CHANGES, query=QUERIES)
    def update(self, change: Any, query: Any) -> None:
        self.both(lambda table: table.update(change, query), ids=True)

    @rule(change=CHANGES)
    def update_all(self, change: Any) -> None:
        self.both(lambda table: table.update(change), ids=True)

    @rule(change=CHANGES, places=st.lists(st.integers(0, 9), max_size=3))
    def update_by_id(self, change: Any, places: list[int]) -> None:
        self.both(lambda table: table.update(change, doc_ids=[*self.some(table, places), 777_777]), ids=True)

    @rule(pairs=st.lists(st.tuples(CHANGES, QUERIES), max_size=3))
    def update_multiple(self, pairs: list[Any]) -> None:
        self.both(lambda table: table.update_multiple(pairs), ids=True)

    @rule(document=DOCUMENTS, query=QUERIES)
    def upsert(self, document: dict[str, Any], query: Any) -> None:
        self.both(lambda table: table.upsert(document, query), ids=True)

    @rule(document=DOCUMENTS, place=st.integers(0, 9))
    def upsert_by_id(self, document: dict[str, Any], place: int) -> None:
        self.given += 100
        fresh = self.given
        self.both(
            lambda table: table.upsert(Document(document, next(iter(self.some(table, [place])), fresh))), ids=True
        )

    @rule(query=QUERIES)
    def remove(self, query: Any) -> None:
        self.both(lambda table: len(table.remove(query)))

    @rule(places=st.lists(st.integers(0, 9), max_size=3, unique=True))
    def remove_by_id(self, places: list[int]) -> None:
        self.both(lambda table: len(table.remove(doc_ids=[*self.some(table, places), 777_777])))

    @rule()
    def truncate(self) -> None:
        self.both(lambda table: table.truncate())

    @rule(query=QUERIES, place=st.integers(0, 9), document=DOCUMENTS)
    def take_out_and_put_in_again(self, query: Any, place: int, document: dict[str, Any]) -> None:
        """In one unit a row goes and comes again under its id: it stands last then."""

        def step(table: Any) -> None:
            for number in self.some(table, [place]):
                table.remove(doc_ids=[number])
                table.insert(Document(document, number))

        with self.ours.storage.transaction():
            self.both(step)

    def some(self, table: Any, places: list[int]) -> list[int]:
        numbers = self.ids(table)
        return [numbers[place % len(numbers)] for place in places] if numbers else []

    # -- asking --------------------------------------------------------------------------------------------------------

    @rule(query=QUERIES)
    def ask(self, query: Any) -> None:
        self.both(lambda table: [dict(item) for item in table.search(query)])
        self.both(lambda table: [item.doc_id for item in table.search(query)], ids=True)
        self.both(lambda table: (table.count(query), table.contains(query), table.get(query)))

    @rule(places=st.lists(st.integers(0, 9), max_size=3))
    def ask_by_id(self, places: list[int]) -> None:
        self.both(lambda table: [dict(item) for item in table.get(doc_ids=[*self.some(table, places), 777_777])])
        self.both(lambda table: [table.get(doc_id=number) for number in [*self.some(table, places), 777_777]])
        self.both(lambda table: [table.contains(doc_id=number) for number in [*self.some(table, places), 777_777]])

    # -- what only the journal has -------------------------------------------------------------------------------------

    @rule()
    def reopen(self) -> None:
        self.ours.close()
        self.open()

    @rule()
    def fold(self) -> None:
        assert self.ours.storage.fold(force=True)

    @rule()
    def tidy(self) -> None:
        self.ours.storage.tidy()

    @rule()
    def second_handle(self) -> None:
        self.reader.refresh()
        found = tables_of(self.reader.read()).get("t", {})
        assert list(found.items()) == [(item.doc_id, dict(item)) for item in self.journal]

    @rule(documents=st.lists(DOCUMENTS, max_size=3), query=QUERIES, change=CHANGES, place=st.integers(0, 9))
    def fail_half_way(self, documents: list[dict[str, Any]], query: Any, change: Any, place: int) -> None:
        """A unit of work of several steps that fails leaves nothing, not even another order."""
        with suppress(Stop, KeyError, TypeError, ValueError), self.ours.storage.transaction():
            self.journal.insert_multiple(documents)
            self.journal.remove(doc_ids=self.some(self.journal, [place]))
            self.journal.insert(Document({"n": 0}, 3))
            self.journal.update(change, query)
            self.journal.remove(query)
            raise Stop

    # -- always --------------------------------------------------------------------------------------------------------

    @invariant()
    def same_documents_in_the_same_order(self) -> None:
        if hasattr(self, "folder"):
            assert [dict(item) for item in self.journal] == [dict(item) for item in self.memory]
            assert len(self.journal) == len(self.memory)
            numbers = self.ids(self.journal)
            assert read(self.folder / "j")[0].get("t", {}) == {item.doc_id: dict(item) for item in self.journal}
            assert list(read(self.folder / "j")[0].get("t", {})) == numbers


@pytest.mark.slow
def test_memory_and_journal_never_differ(effort: int) -> None:
    """Documents, their order, answers and errors are the same after any sequence of operations."""
    run_state_machine_as_test(
        Both,
        settings=settings(
            max_examples=80 * effort,
            stateful_step_count=30,
            deadline=None,
            report_multiple_bugs=False,
            phases=[Phase.generate],  # making a failure small takes minutes here
            suppress_health_check=list(HealthCheck),
        ),
    )


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.lists(DOCUMENTS, max_size=8),
    second=st.lists(DOCUMENTS, max_size=8),
    query=QUERIES,
    fold=st.booleans(),
    touched=st.lists(st.tuples(st.integers(1, 16), DOCUMENTS), max_size=6),
)
def test_candidates_never_miss_a_row(
    first: list[Any], second: list[Any], query: Any, fold: bool, touched: list[tuple[int, Any]]
) -> None:
    """Whatever a query holds for is among its candidates: after folding, opening anew, rolling back, changing."""
    with tempfile.TemporaryDirectory() as folder:
        journal = JournalStorage(Path(folder) / "j", indexes=INDEXES)
        table: Any = JournalDB(storage=lambda: journal).table("t", cache_size=0)
        table.insert_multiple(first)
        table.search(query)
        if fold:
            journal.fold(force=True)
            journal.close()
            journal = JournalStorage(Path(folder) / "j", indexes=INDEXES)
            table = JournalDB(storage=lambda: journal).table("t", cache_size=0)
        table.insert_multiple(second)
        for number, document in touched:
            with suppress(Stop), journal.transaction():
                table.update(document, doc_ids=[number])
                if number % 2:
                    raise Stop
        chosen = candidates(query, journal.indexes("t"))
        matching = {item.doc_id for item in table if query(item)}
        assert chosen is None or matching <= set(chosen)


EQUALS = [
    None,
    False,
    0,
    0.0,
    -0.0,
    True,
    1,
    1.0,
    2**53,
    float(2**53),
    2**53 + 1,
    -(2**63),
    "",
    "1",
    "a",
    "ä",
    [],
    [1],
    {},
]


@pytest.mark.parametrize("when", ["made now", "written down", "written down and changed"])
def test_an_index_finds_whatever_is_equal(when: str, tmp_path: Path) -> None:
    """True, 1 and 1.0 are equal, as are 0 and -0.0: an index finds them all, one of an older snapshot too."""
    journal = JournalStorage(tmp_path / "j", indexes=INDEXES)
    table = JournalDB(storage=lambda: journal).table("t", cache_size=0)
    half = len(EQUALS) // 2 if when == "written down and changed" else len(EQUALS)
    table.insert_multiple([{"a": value} for value in EQUALS[:half]])
    table.insert({"a": "to be changed"})
    if when != "made now":
        journal.fold(force=True)
        table.insert_multiple([{"a": value} for value in EQUALS[half:]])
        if half < len(EQUALS):
            table.update({"a": "changed"}, where("a") == "to be changed")
        journal.close()
        journal = JournalStorage(tmp_path / "j", indexes=INDEXES)
        table = JournalDB(storage=lambda: journal).table("t", cache_size=0)
    everything = [dict(item) for item in table]
    for value in [*EQUALS, "changed", "to be changed"]:
        assert table.search(where("a") == value) == [item for item in everything if item["a"] == value], repr(value)
        found = table.search(where("a").one_of([value, "nothing"]))
        assert found == [item for item in everything if item["a"] == value], repr(value)


def test_an_id_given_from_outside_is_not_given_again_in_the_same_call(tmp_path: Path) -> None:
    """Of documents with and without ids inserted in one call none overwrites another."""
    table = JournalDB(tmp_path / "j").table("t", cache_size=0)
    table.insert({"n": 0})
    numbers = table.insert_multiple([Document({"n": 1}, 3), {"n": 2}, {"n": 3}, {"n": 4}])
    assert len(set(numbers)) == 4
    assert [item["n"] for item in table] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "value", [10**400, float("nan"), float("inf"), b"x", ("a",), {"a"}, object(), 1 + 0j, "\ud800"]
)
def test_asking_for_what_cannot_be_stored_finds_nothing_and_fails_on_nothing(tmp_path: Path, value: Any) -> None:
    """A query by a value that no row can have is answered, by an index too."""
    journal = JournalDB(storage=lambda: JournalStorage(tmp_path / "j", indexes=INDEXES)).table("t", cache_size=0)
    journal.insert_multiple([{"a": 0, "at": "2026-01-01"}, {"a": "x", "at": "soon"}])
    for name in ("a", "at"):
        assert journal.search(where(name) == value) == []
        assert journal.search(where(name).one_of([value])) == []


def test_one_of_a_text_means_a_part_of_it(tmp_path: Path) -> None:
    """``one_of`` takes whatever ``in`` takes; the index does not make less of it."""
    journal = JournalDB(storage=lambda: JournalStorage(tmp_path / "j", indexes=INDEXES)).table("t", cache_size=0)
    journal.insert_multiple([{"a": "bc"}, {"a": "x"}])
    assert [item["a"] for item in journal.search(where("a").one_of("abcd"))] == ["bc"]  # type: ignore[arg-type]
