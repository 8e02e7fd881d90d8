"""How does one append-only file keep rows, whatever happens to the power? Opening, catching up, appending, folding.

A snapshot and the commits since (``lines``). Opening replays the file. A tail that is not a whole commit was never
acknowledged: it is set aside in ``corrupt/`` and cut. A damaged file is set aside whole, and what can be proven takes
its place (``healing``). Rows stay bytes until somebody reads them, so every read is a private copy; those of *bulky*
tables may stay in the file until then (``places``).
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path

from connectors.files import make_folder, open_regular, sync_folder, write_atomically, write_pieces
from daemon.apart import made_or_here
from daemon.ledger import lines
from daemon.ledger.changes import Changes
from daemon.ledger.generations import drop as drop_older
from daemon.ledger.generations import keep, older, rotate, set_aside
from daemon.ledger.healing import Healing, heal
from daemon.ledger.indexes import KEY, Index, Indexes
from daemon.ledger.lines import Rows
from daemon.ledger.places import Places, drop, move, put
from daemon.ledger.replay import Content, Scan, pieces, scan
from daemon.memory import give_back

FOLD_SLACK = 1 << 20
FLAGS = os.O_NOFOLLOW | os.O_CLOEXEC
_WORTH_INDEXING = 1_000
"""Rows of a table from which on its indexes are written down."""
_LARGE = 1 << 23


class Journal:
    """The rows of all tables, and the file they are in.

    ``write`` False opens for reading only: the file is then left as it is, whatever it holds. ``indexes`` are those of
    each table beside ``key``; ``lasting`` names the tables whose rows are true by themselves (``healing``), ``bulky``
    those whose rows a writer does not hold in memory. Raises Damaged, NewerFormat, OSError.
    """

    def __init__(
        self,
        path: Path,
        *,
        write: bool,
        indexes: Mapping[str, Iterable[Index]],
        lasting: Collection[str],
        bulky: Collection[str],
    ) -> None:
        self.path = path
        self.writes = write
        self._declared = {table: tuple(found) for table, found in indexes.items()}
        self._lasting = frozenset(lasting)
        self._bulky = frozenset(bulky) if write else frozenset()
        self._file: int | None = None
        self._source: int | None = None
        """The open file that rows of bulky tables are read from."""
        self._poisoned = False
        """What the open file holds is in doubt: nothing more is written to it."""
        self.torn = 0
        """Bytes of unfinished commits that were found and set aside."""
        self.healing: Healing | None = None
        """What was done about a damaged file, if it was."""
        self._open()

    def close(self) -> None:
        """Close the file; what was committed is on disk already."""
        for file in (self._file, self._source):
            if file is not None:
                os.close(file)
        self._file = self._source = None

    @property
    def descriptors(self) -> frozenset[int]:
        """The open file that rows are read from, where they are not in memory."""
        return frozenset() if self._source is None else frozenset({self._source})

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

    # -- one change ----------------------------------------------------------------------------------------------------

    def _certain(self) -> int:
        """Return the open file. Raises OSError if there is none, or if what it holds is in doubt."""
        if self._file is None or self._poisoned:
            raise OSError("the ledger cannot be written: it is closed, or an earlier write failed")
        return self._file

    def _append(self, file: int, line: Iterable[bytes]) -> int:
        """Write ``line`` behind what is there and make it certain; return its size."""
        try:
            size = write_pieces(file, line)
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
        return size

    def _read(self, at: int, size: int) -> bytes:
        """Return ``size`` bytes of the file from byte ``at`` on, fewer where it ends. Raises OSError."""
        if self._source is None:
            raise OSError("the ledger cannot be read: it is closed")
        return os.pread(self._source, size, at)

    def _rows_of(self, table: str) -> Rows:
        """Return the rows of a table, none yet."""
        return Places(self._read) if table in self._bulky else {}

    def _apply(self, table: str, number: int, raw: bytes | None) -> None:
        rows = self._content.rows(table)
        if raw is None:
            drop(rows, number)
        else:
            if number not in rows and number <= self.last.get(table, 0):
                self._ordered.pop(table, None)
            rows[number] = raw
            if number > self.last.get(table, 0):
                self.last[table] = number
        self.indexes(table).note(number, raw)

    def forget_changes(self, until: int) -> None:
        """Remember no change up to the commit ``until``: nobody will ask."""
        self._changes.forget(min(until, self.sequence))

    def tidy(self) -> None:
        """Forget which rows changed, and pack the indexes."""
        self.forget_changes(self.sequence)
        self.pack()

    def pack(self) -> None:
        """Let what is new in the indexes take as little memory as what is old."""
        for indexes in self._indexes.values():
            indexes.pack()

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
        if found.size > _LARGE:
            give_back()

    def _found(self) -> Scan:
        """Return what the file holds; where there is none, one is made, or nothing is there to be read."""
        if self.path.exists() or self.path.is_symlink():
            return self._scan()
        if any(item.exists() for item in older(self.path)):
            return Scan()
        if not self.writes:
            return Scan(whole=True, damage=False)
        make_folder(self.path.parent)
        write_atomically(self.path, lines.snapshot(0, {}, {}))
        return self._scan()

    def _scan(self) -> Scan:
        if not self._bulky:
            return scan(self.path)
        self._source = open_regular(self.path)
        found = scan(self.path, self._rows_of)
        return scan(self.path) if found.damage else found

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
        self._mended()
        if self.writes:
            if self.path.exists():
                set_aside(self.path, f"damaged-{self.sequence}")
            self._write_snapshot()
            if self._bulky:
                self._content = scan(self.path, self._rows_of).content

    def _take(self, content: Content, snapshot: int, end: int) -> None:
        self._content, self._snapshot, self._end = content, snapshot, end
        content.make = self._rows_of
        self._indexes: dict[str, Indexes] = {}
        self._ordered: dict[str, bool] = {}
        self._changes = Changes(content.sequence)

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
                for table, number, raw, at in lines.rows(made):
                    self._replay(table, number, raw, self._end + at if at >= 0 else at)
                self._end += len(line) + 1
        if self._end > known:
            file, self._poisoned = self._certain(), True
            os.fsync(file)  # its writer may have been killed before
            self._poisoned = False
        return True

    def _replay(self, table: str, number: bytes, raw: bytes | None, at: int) -> None:
        if number == lines.HIGHEST:
            self._content.put(table, number, raw)
        else:
            before = self._content.rows(table).get(int(number))
            self._apply(table, int(number), raw)
            self._changes.note(self.sequence, [(table, before, raw)])
            if raw is not None:
                put(self._content.rows(table), int(number), raw, at)

    def keep(self, name: str) -> None:
        """Keep the file as it is under a name of its own, and go on in a new one; for a reader nothing happens."""
        if self.writes:
            keep(self.path, name)
            self._write_snapshot()

    # -- folding -------------------------------------------------------------------------------------------------------

    def fold(self, *, force: bool = False) -> bool:
        """Write the rows into a new file when that pays; tell whether it did.

        It pays when the commits have grown larger than the snapshot before them. The file before stays as generation 1
        (three are kept). Raises OSError; the old file is then still in place, or nothing is written until ``refresh``.
        """
        if not (force or self._end > 2 * self._snapshot + FOLD_SLACK):
            return False
        self._certain()
        self._write_snapshot(before=lambda: rotate(self.path))
        return True

    def _write_snapshot(self, before: Callable[[], None] | None = None) -> None:
        indexes = self._dumped()
        size, starts = 0, {table: array("Q") for table in self._bulky}

        def counted() -> Iterator[bytes]:
            nonlocal size
            for line in lines.snapshot(self.sequence, self.tables, self.last, indexes):
                _note_starts(starts, line, size)
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
        self._source = open_regular(self.path) if self._bulky else None
        self._snapshot = self._end = size
        for table, found in starts.items():
            move(self.tables.get(table, {}), found)
        self._poisoned = False

    def _dumped(self) -> Sequence[tuple[str, str, bytes]]:
        """Return table, label and JSON of all indexes worth writing down. A writer that does not hold its rows has a
        copy of its process make them: that takes ten times the memory they do."""
        large = [table for table, rows in self.tables.items() if len(rows) >= _WORTH_INDEXING]

        def work() -> Sequence[tuple[str, str, bytes]]:
            return [(table, label, raw) for table in large for label, raw in self.indexes(table).dump()]

        return made_or_here(work, keep=self.descriptors) if large and self._bulky else work()

    def drop_generations(self) -> None:
        """Delete the older generations and torn tails: somebody asked to be forgotten."""
        drop_older(self.path)

    def _mended(self) -> None:
        """Take back what does not fit any more after a healing, before it reaches the disk."""


def _note_starts(starts: Mapping[str, array[int]], line: bytes, begins: int) -> None:
    """Add where the rows of a snapshot's line begin, which begins at byte ``begins``, if their table is bulky."""
    made = lines.read(line[:-1]) if starts else None
    part = lines.part_rows(made) if made else None
    if part and part[0] in starts:
        starts[part[0]].extend(begins + at for at in part[3])
