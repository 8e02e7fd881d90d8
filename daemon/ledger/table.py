"""How does TinyDB's table cost only what it changes? A table over the journal's rows.

TinyDB's own updaters (insert, update, upsert, remove) run unchanged, on an overlay instead of a copy of the table. Ids
are integers and never given twice; ``key`` is a unique field of our documents, found by ``by_key``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any

from tinydb import TinyDB
from tinydb.queries import QueryLike
from tinydb.table import Document, Table

from daemon.ledger.storage import JournalStorage, Rows

_KEY = b'{"key":"'


class Overlay(MutableMapping[int, Any]):
    """A table as an updater sees it: the rows, with what the updater changed on top."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._cleared = False
        self.changed: dict[int, Any] = {}
        """Documents by id; None for deleted ones."""

    def __contains__(self, number: object) -> bool:
        if number in self.changed:
            return self.changed[number] is not None
        return not self._cleared and number in self._rows

    def __getitem__(self, number: int) -> Any:
        if number not in self:
            raise KeyError(number)
        if number not in self.changed:
            self.changed[number] = json.loads(self._rows[number])  # a private copy: an error commits nothing
        return self.changed[number]

    def __setitem__(self, number: int, document: Any) -> None:
        self.changed[number] = document

    def __delitem__(self, number: int) -> None:
        if number not in self:
            raise KeyError(number)
        self.changed[number] = None

    def __iter__(self) -> Iterator[int]:
        if not self._cleared:
            yield from (number for number in self._rows if self.changed.get(number, self) is not None)
        behind = () if self._cleared else self._rows
        yield from (number for number, item in self.changed.items() if item is not None and number not in behind)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def clear(self) -> None:
        """Delete every row."""
        self.changed = dict.fromkeys(self._rows)
        self._cleared = True


class Documents(Mapping[str, Mapping[str, Any]]):
    """The rows as TinyDB reads them: by the text of their id, decoded one at a time."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def __getitem__(self, number: str) -> Mapping[str, Any]:
        document: dict[str, Any] = json.loads(self._rows[int(number)])
        return document

    def __iter__(self) -> Iterator[str]:
        return map(str, self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class JournalTable(Table):
    """A TinyDB table whose writes cost what they change. No query cache: a cached answer can lie."""

    def __init__(self, storage: JournalStorage, name: str, cache_size: int = 0, persist_empty: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - TinyDB's signature; persist_empty would clear an existing table
        super().__init__(storage, name, cache_size=cache_size)
        self._journal = storage
        self._keys: dict[str, int] | None = None

    # -- by key --------------------------------------------------------------------------------------------------------

    def by_key(self, key: str) -> Document | None:
        """Return the document whose ``key`` is ``key``, or None."""
        number = self._numbers().get(key)
        return None if number is None else Document(json.loads(self._rows()[number]), number)

    def put(self, document: Mapping[str, Any]) -> None:
        """Insert ``document``, or replace the one with the same ``key`` as a whole; unchanged costs nothing."""
        number = self._numbers().get(document["key"])
        if number is None:
            number = self._journal.last.get(self.name, 0) + 1
        with self._journal.transaction():
            self._journal.stage(self.name, number, {"key": document["key"], **document})
        self._numbers()[document["key"]] = number
        self._next_id = None

    def drop(self, key: str) -> None:
        """Remove the document with that ``key``; none is fine."""
        number = self._numbers().pop(key, None)
        if number is not None:
            with self._journal.transaction():
                self._journal.stage(self.name, number, None)

    def keys(self) -> tuple[str, ...]:
        """Return the keys of all documents."""
        return tuple(self._numbers())

    def raw(self) -> Iterable[bytes]:
        """Return the JSON of every document, in the order of insertion."""
        return tuple(self._rows().values())

    def forget_index(self) -> None:
        """Build the index of keys anew at the next use: after a roll-back."""
        self._keys = None
        self._next_id = None

    # -- TinyDB's hooks ------------------------------------------------------------------------------------------------

    def get(self, cond: QueryLike | None = None, doc_id: int | None = None, doc_ids: list[int] | None = None) -> Any:
        """Return a document by id without reading the table, several by ids, or the first that ``cond`` holds for."""
        if doc_id is not None:
            raw = self._rows().get(doc_id)
            return None if raw is None else Document(json.loads(raw), doc_id)
        if doc_ids is not None:
            rows = self._rows()
            return [Document(json.loads(rows[number]), number) for number in dict.fromkeys(doc_ids) if number in rows]
        if cond is None:
            raise RuntimeError("you have to pass a query, an id or ids")
        return super().get(cond)

    def _rows(self) -> Rows:
        return self._journal.tables.get(self.name, {})

    def _numbers(self) -> dict[str, int]:
        if self._keys is None:
            self._keys = {key: number for number, raw in self._rows().items() if (key := _key_of(raw)) is not None}
        return self._keys

    def _read_table(self) -> Any:
        return Documents(self._rows())

    def _get_next_id(self) -> int:
        number = max(self._next_id or 1, self._journal.last.get(self.name, 0) + 1)
        self._next_id = number + 1  # type: ignore[assignment]
        return number

    def _update_table(self, updater: Callable[[Any], None]) -> None:
        with self._journal.transaction():
            overlay = Overlay(self._rows())
            updater(overlay)
            for number, document in overlay.changed.items():
                self._journal.stage(self.name, number, document)
        self._keys = None


class JournalDB(TinyDB):
    """TinyDB over the journal: same calls, same queries, durable commits."""

    default_storage_class = JournalStorage  # type: ignore[assignment]
    table_class = JournalTable  # type: ignore[assignment]


def _key_of(raw: bytes) -> str | None:
    """Return the ``key`` of a document without parsing all of it: ``put`` writes it first."""
    if raw.startswith(_KEY):
        text = raw[len(_KEY) : raw.index(b'"', len(_KEY))]
        if b"\\" not in text:
            return text.decode()
    key = json.loads(raw).get("key")
    return key if isinstance(key, str) else None
