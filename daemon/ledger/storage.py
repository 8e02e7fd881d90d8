"""How does TinyDB keep its tables in a journal? A storage whose commits cost what they change."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tinydb.storages import Storage

from daemon.ledger import lines
from daemon.ledger.codec import dump, parse
from daemon.ledger.indexes import Index
from daemon.ledger.journal import Journal
from daemon.ledger.places import put


class JournalStorage(Journal, Storage):
    """Keep tables of JSON rows in one append-only file; the arguments are those of ``Journal``.

    ``mend`` is told of a healing before it reaches the disk, to take back what does not fit any more. Raises Damaged,
    NewerFormat, OSError.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        write: bool = True,
        indexes: Mapping[str, Iterable[Index]] | None = None,
        lasting: Collection[str] = (),
        bulky: Collection[str] = (),
        mend: Callable[[JournalStorage], None] | None = None,
    ) -> None:
        self._mend = mend
        self._depth = 0
        self._staged: dict[tuple[str, int], bytes | None] = {}
        self._before: dict[tuple[str, int], bytes | None] = {}
        """The rows that something is staged for, as they were."""
        self._again: set[tuple[str, int]] = set()
        """Rows that were deleted and put again."""
        self._order: dict[str, list[int] | None] = {}
        """The ids of tables before the first deletion; None: they were in order."""
        super().__init__(Path(path), write=write, indexes=indexes or {}, lasting=lasting, bulky=bulky)

    # -- TinyDB's own face: whole copies, for stock tables and tools ---------------------------------------------------

    def read(self) -> dict[str, dict[str, Any]] | None:
        """Return a private copy of everything, as TinyDB's protocol wants it (cost: everything)."""
        if not self.tables:
            return None
        return {name: {str(number): parse(raw) for number, raw in rows.items()} for name, rows in self.tables.items()}

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Journal the difference between ``data`` and what is stored (cost: everything)."""
        with self.transaction():
            for name, rows in list(self.tables.items()):
                for number in set(rows) - {int(key) for key in data.get(name, {})}:
                    self.stage(name, number, None)
            for name, documents in data.items():
                self._content.rows(name)
                for key, document in documents.items():
                    self.stage(name, int(key), document)

    @property
    def next_sequence(self) -> int:
        """The number that what is staged so far will be committed under; that of the last commit when nothing is."""
        return self.sequence + bool(self._staged)

    def changed(self, since: int) -> dict[str, dict[str, bytes | None]] | None:
        """Return the rows put or dropped after commit ``since``, by table and key, as they were then (None: not there).

        What the transaction under way has staged is among them. None when that is not known.
        """
        return None if since > self.sequence else self._changes.since(since, self._staged_and_before())

    # -- commits -------------------------------------------------------------------------------------------------------

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[None]:
        """Make everything staged inside one commit: all or nothing, one fsync. Nested ones join the outermost.

        ``durable`` False: it stays in memory, as a reader brings old rows forward.
        """
        self._depth += 1
        try:
            yield
            if self._depth == 1 and durable:
                self._commit()
            elif self._depth == 1:
                self._forget_staged()
        except BaseException:
            if self._depth == 1:
                self._roll_back()
            raise
        finally:
            self._depth -= 1

    def stage(self, table: str, number: int, document: Mapping[str, Any] | None) -> None:
        """Put (None: delete) a row in memory; it becomes durable when the transaction ends. Raises UnstorableError."""
        raw = None if document is None else dump(document)
        place, before = (table, number), self.tables.get(table, {}).get(number)
        if raw == before:
            return
        if raw is None and table not in self._order:
            self._order[table] = None if self.is_ordered(table) else list(self.tables[table])
        elif raw is not None and self._staged.get(place, raw) is None:
            del self._staged[place]
            self._again.add(place)
        self._before.setdefault(place, before)
        self._staged[place] = raw
        self._apply(table, number, raw)

    def _commit(self) -> None:
        if not self._staged:
            return
        file = self._certain()
        line = lines.commit(self.sequence + 1, self._staged, self.last, self._again)
        self._poisoned = True
        size = self._append(file, line)
        self._content.sequence += 1
        self._end += size
        self._changes.note(self.sequence, self._staged_and_before())
        self._settle(size)
        self._forget_staged()
        self._poisoned = False

    def _forget_staged(self) -> None:
        for held in (self._staged, self._before, self._again, self._order):
            held.clear()

    def _staged_and_before(self) -> Iterator[tuple[str, bytes | None, bytes | None]]:
        return ((place[0], self._before[place], raw) for place, raw in self._staged.items())

    def _settle(self, size: int) -> None:
        """Let rows be read from the line of ``size`` bytes that was just written, and be held no more."""
        if self._bulky.isdisjoint(table for table, _ in self._staged):
            return
        for table, number, at in lines.places(size, self._staged, self.last, self._again):
            raw = self._staged[table, number]
            if table in self._bulky and raw is not None:
                put(self.tables[table], number, raw, self._end - size + at)

    def _roll_back(self) -> None:
        for (name, number), before in self._before.items():
            self._apply(name, number, before)
        for name, order in self._order.items():  # a row taken back out of a deletion stands last
            rows = self.tables[name]
            self.tables[name] = {number: rows[number] for number in order or sorted(rows) if number in rows}
            self._ordered.pop(name, None)
        self._forget_staged()

    # -- as a whole ----------------------------------------------------------------------------------------------------

    def dump(self) -> Iterator[bytes]:
        """Yield the rows of all tables as the lines of a snapshot: the same rows, the same bytes."""
        tables = {name: rows for name, rows in sorted(self.tables.items()) if rows}
        return lines.snapshot(self.sequence, tables, dict(sorted(self.last.items())))

    def count_on(self, sequence: int) -> None:
        """Let the last commit have the number ``sequence`` at least: no number falls where states change places."""
        if sequence > self.sequence:
            self._certain()
            self._content.sequence = sequence
            self._write_snapshot()

    # -- the journal's hooks -------------------------------------------------------------------------------------------

    def fold(self, *, force: bool = False) -> bool:
        """Write the rows into a new file when that pays; tell whether it did. Never inside a transaction."""
        return self._depth == 0 and super().fold(force=force)

    def _mended(self) -> None:
        if self._mend is not None:
            with self.transaction(durable=False):
                self._mend(self)
