"""How do rows reach the disk so that a power cut costs nothing? A TinyDB storage that appends what changed.

One file: a snapshot and the commits since (``lines``). Rows stay bytes until somebody reads them, so every read is a
private copy. Opening replays the file. A tail that is not a whole commit was never acknowledged: it is set aside in
``corrupt/`` and cut. A damaged file is set aside whole, and what can be proven takes its place (``healing``).
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from tinydb.storages import Storage

from connectors.files import make_folder, sync_folder, write_all, write_atomically
from daemon.ledger import lines
from daemon.ledger.codec import dump, parse
from daemon.ledger.generations import drop, keep, older, rotate, set_aside
from daemon.ledger.healing import Healing, heal
from daemon.ledger.indexes import KEY, Index, Indexes, key_of
from daemon.ledger.lines import Rows
from daemon.ledger.replay import Content, Scan, pieces, scan

FOLD_SLACK = 1 << 20
FLAGS = os.O_NOFOLLOW | os.O_CLOEXEC
_WORTH_INDEXING = 1_000
"""Rows of a table from which on its indexes are written down."""
_REMEMBERED = 50_000
"""Changed rows whose keys are remembered for ``changed``."""


class JournalStorage(Storage):
    """Keep tables of JSON rows in one append-only file.

    ``write`` False opens for reading only: the file is then left as it is, whatever it holds. ``indexes`` are those of
    each table beside ``key``; ``lasting`` names the tables whose rows are true by themselves (``healing``); ``mend`` is
    told of a healing before it reaches the disk, to take back what does not fit any more.
    Raises Damaged, NewerFormat, OSError.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        write: bool = True,
        indexes: Mapping[str, Iterable[Index]] | None = None,
        lasting: Collection[str] = (),
        mend: Callable[[JournalStorage], None] | None = None,
    ) -> None:
        self.path = Path(path)
        self.writes = write
        self._declared = {table: tuple(found) for table, found in (indexes or {}).items()}
        self._lasting = frozenset(lasting)
        self._mend = mend
        self._file: int | None = None
        self._depth = 0
        self._staged: dict[tuple[str, int], bytes | None] = {}
        self._undo: list[tuple[str, int, bytes | None]] = []
        self._again: set[tuple[str, int]] = set()
        """Rows that were deleted and put again."""
        self._order: dict[str, list[int] | None] = {}
        """The ids of tables before the first deletion; None: they were in order."""
        self._poisoned = False
        self.torn = 0
        """Bytes of unfinished commits that were found and set aside."""
        self.healing: Healing | None = None
        """What was done about a damaged file, if it was."""
        self._open()

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
                self.tables.setdefault(name, {})
                for key, document in documents.items():
                    self.stage(name, int(key), document)

    def close(self) -> None:
        """Close the file; what was committed is on disk already."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    # -- what is there -------------------------------------------------------------------------------------------------

    @property
    def tables(self) -> dict[str, Rows]:
        """The rows of each table."""
        return self._content.tables

    @property
    def last(self) -> dict[str, int]:
        """The highest id ever given in each table."""
        return self._content.last

    @property
    def sequence(self) -> int:
        """The number of the last commit; it never falls."""
        return self._content.sequence

    def indexes(self, table: str) -> Indexes:
        """Return the indexes of ``table``, there or not."""
        if table not in self._indexes:
            declared = {index.name: index for index in (KEY, *self._declared.get(table, ()))}
            written = self._content.indexes.get(table, {})
            since = self._content.since.setdefault(table, set())
            self._indexes[table] = Indexes(lambda: self.tables.get(table, {}), declared, written, since)
        return self._indexes[table]

    def is_ordered(self, table: str) -> bool:
        """Tell whether the rows of ``table`` stand in the order of their ids: so unless ids were given from outside."""
        if table not in self._ordered:
            numbers = list(self.tables.get(table, ()))
            self._ordered[table] = numbers == sorted(numbers)
        return self._ordered[table]

    def changed(self, since: int) -> dict[str, set[str]] | None:
        """Return the keys of rows put or dropped after commit ``since``, by table; None when that is not known.

        What the transaction under way has staged is among them.
        """
        if not self._remembered_from <= since <= self.sequence:
            return None
        found: dict[str, set[str]] = {}
        for (table, _), raw, before in self._staged_and_before():
            row = raw or before
            key = None if row is None else key_of(row)
            if key is not None:
                found.setdefault(table, set()).add(key)
        for sequence, table, key in reversed(self._changes):
            if sequence <= since:
                break
            found.setdefault(table, set()).add(key)
        return found

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
        before = self.tables.get(table, {}).get(number)
        if raw == before:
            return
        if raw is None and table not in self._order:
            self._order[table] = None if self.is_ordered(table) else list(self.tables[table])
        elif raw is not None and self._staged.get((table, number), raw) is None:
            del self._staged[table, number]
            self._again.add((table, number))
        self._undo.append((table, number, before))
        self._staged[table, number] = raw
        self._apply(table, number, raw)

    def _commit(self) -> None:
        if not self._staged:
            return
        file = self._certain()
        line = lines.commit(self.sequence + 1, self._staged, self.last, self._again)
        self._poisoned = True
        self._append(file, line)
        self._content.sequence += 1
        self._end += len(line)
        self._remember((table, item) for (table, _), *both in self._staged_and_before() for item in both)
        self._forget_staged()
        self._poisoned = False

    def _forget_staged(self) -> None:
        for held in (self._staged, self._undo, self._again, self._order):
            held.clear()

    def _certain(self) -> int:
        """Return the open file. Raises OSError if there is none, or if what it holds is in doubt."""
        if self._file is None or self._poisoned:
            raise OSError("the ledger cannot be written: it is closed, or an earlier write failed")
        return self._file

    def _staged_and_before(self) -> Iterator[tuple[tuple[str, int], bytes | None, bytes | None]]:
        before = {(table, number): raw for table, number, raw in reversed(self._undo)}
        return ((place, raw, before[place]) for place, raw in self._staged.items())

    def _append(self, file: int, line: bytes) -> None:
        try:
            write_all(file, line)
        except OSError:
            os.ftruncate(file, self._end)
            self._poisoned = False
            raise
        try:
            os.fsync(file)
        except OSError:  # the page cache proves nothing now: never again on this descriptor
            with suppress(OSError):
                os.ftruncate(file, self._end)
            raise

    def _roll_back(self) -> None:
        for name, number, before in reversed(self._undo):
            self._apply(name, number, before)
        for name, order in self._order.items():  # a row taken back out of a deletion stands last
            rows = self.tables[name]
            self.tables[name] = {number: rows[number] for number in order or sorted(rows) if number in rows}
            self._ordered.pop(name, None)
        self._forget_staged()

    def _apply(self, table: str, number: int, raw: bytes | None) -> None:
        rows = self.tables.setdefault(table, {})
        if raw is None:
            rows.pop(number, None)
        else:
            if number not in rows and number <= self.last.get(table, 0):
                self._ordered.pop(table, None)
            rows[number] = raw
            if number > self.last.get(table, 0):
                self.last[table] = number
        self.indexes(table).note(number, raw)

    def _remember(self, changed: Iterable[tuple[str, bytes | None]]) -> None:
        for table, raw in changed:
            key = None if raw is None else key_of(raw)
            change = None if key is None else (self.sequence, table, key)
            if change is not None and not (self._changes and self._changes[-1] == change):
                self._changes.append(change)
        if len(self._changes) > _REMEMBERED:
            self._changes.clear()
            self._remembered_from = self.sequence

    # -- opening -------------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        try:
            found = self._found()
            if found.damage:
                self._heal(found)
            else:
                self._believe(found)
        except BaseException:
            self.close()
            raise

    def _found(self) -> Scan:
        """Return what the file holds; where there is none, one is made, or nothing is there to be read."""
        if self.path.exists() or self.path.is_symlink():
            return scan(self.path)
        if any(item.exists() for item in older(self.path)):
            return Scan()
        if not self.writes:
            return Scan(whole=True, damage=False)
        make_folder(self.path.parent)
        write_atomically(self.path, lines.snapshot(0, {}, {}))
        return scan(self.path)

    def _believe(self, found: Scan) -> None:
        self._take(found.content, found.snapshot, found.end)
        self.torn = found.size - found.end
        if self.writes:  # whoever wrote it may have been killed before its fsync: certain first, then built upon
            sync_folder(self.path.parent)
            self._file = os.open(self.path, os.O_RDWR | os.O_APPEND | FLAGS)
            if self.torn:
                set_aside(self.path, f"torn-{self.sequence}", self._end)
                os.ftruncate(self._file, self._end)
            os.fsync(self._file)

    def _heal(self, found: Scan) -> None:
        content, self.healing = heal(found, self.path, older(self.path), self._lasting)
        self._take(content, 0, found.size)
        if self._mend is not None:
            with self.transaction(durable=False):
                self._mend(self)
        if self.writes:
            if self.path.exists():
                set_aside(self.path, f"damaged-{self.sequence}")
            self._write_snapshot()

    def _take(self, content: Content, snapshot: int, end: int) -> None:
        self._content, self._snapshot, self._end = content, snapshot, end
        self._indexes: dict[str, Indexes] = {}
        self._ordered: dict[str, bool] = {}
        self._changes: deque[tuple[int, str, str]] = deque()
        self._remembered_from = content.sequence

    def refresh(self) -> None:
        """Read what another process wrote since, all of it if the file was replaced or a write of ours had failed.

        Raises Damaged, NewerFormat, OSError.
        """
        self.torn, self.healing = 0, None
        if self._poisoned or self._is_replaced() or not self._catch_up():
            self.close()
            self._poisoned = False
            self._open()

    def _is_replaced(self) -> bool:
        if self._file is None:
            return True
        try:
            there = self.path.lstat()
        except FileNotFoundError:
            return True
        return not os.path.samestat(there, os.fstat(self._file)) or there.st_size < self._end

    def _catch_up(self) -> bool:
        """Apply the commits behind the last one known; tell whether that was all there is."""
        known = self._end
        with closing(pieces(self.path, self._end)) as found:
            for line, ended in found:
                made = lines.read(line) if ended else None
                if made is None or made.mark != self.sequence + 1:
                    return False
                self._content.sequence += 1
                self._end += len(line) + 1
                for table, number, raw in lines.rows(made):
                    self._replay(table, number, raw)
        if self._end > known:
            file, self._poisoned = self._certain(), True
            os.fsync(file)  # its writer may have been killed before
            self._poisoned = False
        return True

    def _replay(self, table: str, number: bytes, raw: bytes | None) -> None:
        if number == lines.HIGHEST:
            self._content.put(table, number, raw)
        else:
            before = self.tables.get(table, {}).get(int(number))
            self._apply(table, int(number), raw)
            self._remember([(table, before), (table, raw)])

    def keep(self, name: str) -> None:
        """Keep the file as it is under a name of its own, and go on in a new one; for a reader nothing happens."""
        if self.writes:
            keep(self.path, name)
            self._write_snapshot()

    # -- folding -------------------------------------------------------------------------------------------------------

    def fold(self, *, force: bool = False) -> bool:
        """Write the rows into a new file when that pays; tell whether it did. Never inside a transaction.

        It pays when the commits have grown larger than the snapshot before them. The file before stays as generation 1
        (three are kept). Raises OSError; the old file is then still in place, or nothing is written until ``refresh``.
        """
        if self._depth or not (force or self._end > 2 * self._snapshot + FOLD_SLACK):
            return False
        self._certain()
        self._write_snapshot(before=lambda: rotate(self.path))
        return True

    def _write_snapshot(self, before: Callable[[], None] | None = None) -> None:
        large = [table for table, rows in self.tables.items() if len(rows) >= _WORTH_INDEXING]
        indexes = [(table, label, raw) for table in large for label, raw in self.indexes(table).dump()]
        size = 0

        def counted() -> Iterator[bytes]:
            nonlocal size
            for line in lines.snapshot(self.sequence, self.tables, self.last, indexes):
                size += len(line)
                yield line

        self._poisoned = True
        try:
            write_atomically(self.path, counted(), before=before)
        except OSError:
            self._poisoned = self._is_replaced()  # then the file that is open is not the ledger's any more
            raise
        self.close()
        self._file = os.open(self.path, os.O_RDWR | os.O_APPEND | FLAGS)
        self._snapshot = self._end = size
        self._poisoned = False

    def drop_generations(self) -> None:
        """Delete the older generations and torn tails: somebody asked to be forgotten."""
        drop(self.path)
