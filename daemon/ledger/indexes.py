"""By what can a table be searched without reading it? Its indexes, each made when it is first asked for.

A fold writes them down beside the rows, so that opening need not make them anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import Any

import msgspec

from daemon.ledger.codec import parse
from daemon.ledger.lines import Rows
from daemon.ledger.postings import NONE, Postings

Values = Callable[[Any], Iterable[Any]]
_SLACK = 4096


@dataclass(frozen=True, slots=True)
class Index:
    """What a table is indexed by: the field ``name`` at the top of its rows, or the ``values`` of a row.

    ``order`` True: the values are dates or times in ISO 8601 and UTC, to be asked for in ranges. ``version`` changes
    with ``values``: what an older one wrote down is made anew.
    """

    name: str
    values: Values | None = None
    order: bool = False
    version: int = 1

    @property
    def label(self) -> str:
        """The name under which it is written down."""
        return f"{self.name} {self.version}"


KEY = Index("key")


@dataclass(slots=True)
class Indexes:
    """The indexes of the table that ``rows`` returns: its ``key``, and those ``declared``."""

    rows: Callable[[], Rows]
    declared: Mapping[str, Index]
    written: dict[str, bytes] = field(default_factory=dict)
    """As a snapshot holds them, by label; they know nothing of rows changed ``since``."""
    since: set[int] = field(default_factory=set)
    _built: dict[str, Postings] = field(default_factory=dict)
    _changes: int = 0

    def get(self, name: str) -> Postings | None:
        """Return the postings of the index ``name``, None if there is no such index."""
        if name not in self._built and name in self.declared:
            self.build(name)
        return self._built.get(name)

    def build(self, *names: str) -> None:
        """Make these indexes; all that are declared when none is named."""
        missing = []
        for index in (self.declared[name] for name in names or self.declared):
            postings = self._read(index)
            if postings is None:
                missing.append(index)
            else:
                self._built[index.name] = postings
        if missing:
            self._make(missing)
        if not self.written:
            self.since.clear()

    def note(self, number: int, raw: bytes | None) -> None:
        """Let the new row ``raw`` be found; what it was before still may be, until so much has changed that the indexes
        are made anew."""
        if self.written:
            self.since.add(number)
        if not self._built:
            return
        self._changes += 1
        if self._changes > 2 * len(self.rows()) + _SLACK:
            self.forget()
        elif raw is not None:
            for name, postings in self._built.items():
                for value in _values(self.declared[name], raw):
                    postings.add(number, value)

    def forget(self) -> None:
        """Make every index anew from the rows when it is next asked for."""
        self._built.clear()
        self.written.clear()
        self._changes = 0

    def pack(self) -> None:
        """Let what is new in the indexes take as little memory as what is old."""
        for postings in self._built.values():
            postings.pack()

    def dump(self) -> Iterator[tuple[str, bytes]]:
        """Yield label and JSON of every index, made if need be: for a snapshot of the rows as they are."""
        self.forget()
        self.build()
        for name, postings in self._built.items():
            yield self.declared[name].label, postings.dump()

    def _read(self, index: Index) -> Postings | None:
        """Return an index as it was written down, brought up to date; None if that is not possible."""
        raw = self.written.pop(index.label, None)
        if raw is None or len(self.since) > len(self.rows()) // 2 + _SLACK:
            return None
        try:
            postings = Postings.load(raw, order=index.order)
        except ValueError:
            return None
        rows = self.rows()
        for number in self.since & rows.keys():
            for value in _values(index, rows[number]):
                postings.add(number, value)
        return postings

    def _make(self, chosen: list[Index]) -> None:
        fields = tuple(index.name for index in chosen if index.values is None)
        rows = self.rows()
        if fields:
            numbers, found = list(rows), list(map(_decoder(fields), rows.values()))
            for name in fields:
                self._built[name] = Postings(self.declared[name].order)
                self._built[name].fill(numbers, list(map(attrgetter(name), found)))
        for index in chosen:
            if index.values is not None:
                postings = self._built[index.name] = Postings(index.order)
                for number, raw in rows.items():
                    for value in index.values(parse(raw)):
                        postings.add(number, value)


def key_of(raw: bytes) -> str | None:
    """Return the text under ``key`` of a row, None where there is none."""
    key = _decoder(("key",))(raw).key
    return key if isinstance(key, str) else None


def _values(index: Index, raw: bytes) -> Iterable[Any]:
    if index.values is not None:
        return index.values(parse(raw))
    return (getattr(_decoder((index.name,))(raw), index.name),)


@lru_cache(maxsize=256)
def _decoder(fields: tuple[str, ...]) -> Callable[[bytes], Any]:
    """Return what reads just these fields of a row."""
    kind = msgspec.defstruct("Row", [(name, Any, NONE) for name in fields], gc=False)
    return msgspec.json.Decoder(kind).decode
