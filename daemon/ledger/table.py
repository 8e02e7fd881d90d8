"""How does TinyDB's table cost only what it changes? A table over the journal's rows.

TinyDB's own updaters (insert, update, upsert, remove) run unchanged, on an overlay instead of a copy of the table. Ids
are integers and never given twice; ``key`` is a unique field of our documents, found by ``by_key``. Searches use the
table's indexes where the query's shape allows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tinydb import TinyDB
from tinydb.queries import QueryLike
from tinydb.table import Document, Table

from daemon.ledger.codec import parse
from daemon.ledger.indexes import key_of
from daemon.ledger.lines import Rows
from daemon.ledger.overlay import Documents, Overlay
from daemon.ledger.search import candidates
from daemon.ledger.storage import JournalStorage


class DuplicateKeyError(ValueError):
    """Two documents of a table would have the same ``key``."""


class JournalTable(Table):
    """A TinyDB table whose writes cost what they change. No query cache: a cached answer can lie."""

    def __init__(self, storage: JournalStorage, name: str, cache_size: int = 0, persist_empty: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - TinyDB's signature; persist_empty would clear an existing table
        super().__init__(storage, name, cache_size=0)
        self._journal = storage
        self._changing: Mapping[int, Any] = {}

    # -- by key --------------------------------------------------------------------------------------------------------

    def by_key(self, key: str) -> Document | None:
        """Return the document whose ``key`` is ``key``, or None."""
        found = self._found(key)
        return None if found is None else Document(parse(found[1]), found[0])

    def raw_by_key(self, key: str) -> bytes | None:
        """Return the JSON of the document whose ``key`` is ``key``, or None."""
        found = self._found(key)
        return None if found is None else found[1]

    def put(self, document: Mapping[str, Any]) -> None:
        """Insert ``document``, or replace the one with the same ``key`` as a whole; unchanged costs nothing."""
        number = self._number(document["key"])
        if number is None:
            number = self._get_next_id()
        with self._journal.transaction():
            self._journal.stage(self.name, number, {"key": document["key"], **document})

    def drop(self, key: str) -> None:
        """Remove the document with that ``key``; none is fine."""
        number = self._number(key)
        if number is not None:
            with self._journal.transaction():
                self._journal.stage(self.name, number, None)

    def keys(self) -> tuple[str, ...]:
        """Return the keys of all documents, in the order of ``raw``."""
        return tuple(key for raw in self._rows().values() if (key := key_of(raw)) is not None)

    def raw(self) -> Iterable[bytes]:
        """Return the JSON of every document, in the order of insertion: to be read before anything is changed."""
        return self._rows().values()

    def find(self, index: str, value: Any) -> Iterator[Document]:
        """Yield the documents that may have ``value`` in ``index``, in the order of their ids.

        An index answers with a few too many rather than one too few: test what must be certain. Raises KeyError for an
        index that was not declared.
        """
        postings = self._journal.indexes(self.name).get(index)
        if postings is None:
            raise KeyError(index)
        rows, numbers = self._rows(), postings.at(value)
        for number in rows if numbers is None else numbers:
            if (raw := rows.get(number)) is not None:
                yield Document(parse(raw), number)

    def raw_since(self, index: str, first: str) -> Iterator[bytes]:
        """Yield the JSON of the documents whose time in ``index`` may be ``first`` or later, in the order of insertion.

        As with ``find``, a few too many rather than one too few.
        """
        rows, postings = self._rows(), self._journal.indexes(self.name).get(index)
        numbers = None if postings is None else postings.between(first, None)
        if numbers is None or 2 * len(numbers) > len(rows):
            yield from rows.values()
            return
        for number in self._in_order(numbers):
            if (raw := rows.get(number)) is not None:
                yield raw

    # -- TinyDB's face -------------------------------------------------------------------------------------------------

    def search(self, cond: QueryLike) -> list[Document]:
        """Return the documents that ``cond`` holds for, in the order of insertion."""
        return list(self._matching(cond))

    def get(self, cond: QueryLike | None = None, doc_id: int | None = None, doc_ids: list[int] | None = None) -> Any:
        """Return a document by id without reading the table, several by ids, or the first that ``cond`` holds for."""
        rows = self._rows()
        if doc_id is not None:
            raw = rows.get(doc_id)
            return None if raw is None else Document(parse(raw), doc_id)
        if doc_ids is not None:
            there = self._in_order({number for number in doc_ids if number in rows})
            return [Document(parse(rows[number]), number) for number in there]
        if cond is None:
            raise RuntimeError("you have to pass a query, an id or ids")
        return next(self._matching(cond), None)

    def update(
        self,
        fields: Any,
        cond: QueryLike | None = None,
        doc_ids: Iterable[int] | None = None,
    ) -> list[int]:
        """Change the documents that ``cond`` holds for, or those of ``doc_ids``, or all; return their ids."""
        if doc_ids is None and cond is not None:
            doc_ids = [item.doc_id for item in self._matching(cond)]
        return super().update(fields, doc_ids=doc_ids)

    def remove(self, cond: QueryLike | None = None, doc_ids: Iterable[int] | None = None) -> list[int]:
        """Remove the documents that ``cond`` holds for, or those of ``doc_ids``; return their ids."""
        if doc_ids is None and cond is not None:
            doc_ids = [item.doc_id for item in self._matching(cond)]
        return super().remove(doc_ids=doc_ids)

    def upsert(self, document: Mapping[str, Any], cond: QueryLike | None = None) -> list[int]:
        """Change the documents that ``cond`` holds for, or insert ``document``: one commit either way."""
        with self._journal.transaction():
            return super().upsert(document, cond)

    # -- within --------------------------------------------------------------------------------------------------------

    def _matching(self, cond: QueryLike) -> Iterator[Document]:
        rows = self._rows()
        chosen = candidates(cond, self._journal.indexes(self.name))
        for number in list(rows) if chosen is None else self._in_order(chosen):
            if (raw := rows.get(number)) is not None and cond(document := parse(raw)):
                yield Document(document, number)

    def _in_order(self, numbers: Iterable[int]) -> list[int]:
        """Return ``numbers`` in the order of their rows: that of their ids, unless ids were given from outside."""
        if self._journal.is_ordered(self.name):
            return sorted(numbers)
        chosen = set(numbers)
        return [number for number in self._rows() if number in chosen]

    def _rows(self) -> Rows:
        return self._journal.tables.get(self.name, {})

    def _number(self, key: str) -> int | None:
        found = self._found(key)
        return None if found is None else found[0]

    def _found(self, key: str) -> tuple[int, bytes] | None:
        """Return id and JSON of the document with that ``key``, or None."""
        rows = self._rows()
        postings = self._journal.indexes(self.name).get("key")
        found = None if postings is None else postings.at(key)
        for number in rows if found is None else found:
            if (raw := rows.get(number)) is not None and key_of(raw) == key:
                return number, raw
        return None

    def _read_table(self) -> Any:
        return Documents(self._rows())

    def _get_next_id(self) -> int:
        number = max(self._next_id or 1, self._journal.last.get(self.name, 0) + 1)
        while number in self._changing:  # an id given from outside in the same call
            number += 1
        self._next_id = number + 1  # type: ignore[assignment]
        return number

    def _update_table(self, updater: Callable[[Any], None]) -> None:
        with self._journal.transaction():
            overlay = Overlay(self._rows())
            self._changing = overlay.changed
            updater(overlay)
            self._changing = {}
            self._check_keys(overlay)
            for number, document in overlay.changed.items():
                self._journal.stage(self.name, number, document)

    def _check_keys(self, overlay: Overlay) -> None:
        """Raise DuplicateKeyError if a changed document has the ``key`` of another one."""
        taken: dict[str, int] = {}
        for number, document in overlay.changed.items():
            key = None if document is None else document.get("key")
            if isinstance(key, str):
                other = taken.setdefault(key, number)
                stored = self._number(key)
                if other != number or (stored is not None and stored != number and stored not in overlay.changed):
                    raise DuplicateKeyError(f"table {self.name}: this key is there already")


class JournalDB(TinyDB):
    """TinyDB over the journal: same calls, same queries, durable commits."""

    default_storage_class = JournalStorage  # type: ignore[assignment]
    table_class = JournalTable  # type: ignore[assignment]
