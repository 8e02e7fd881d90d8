"""How do rows reach the disk so that a power cut costs nothing? A TinyDB storage that appends what changed.

One file of lines. A line is one commit, whole or not there at all::

    CRC32 LENGTH SEQUENCE <tab> TABLE/ID <tab> JSON <tab> TABLE/ID <tab> JSON ...

An empty JSON cell deletes the row; ``TABLE/+`` keeps the highest id ever given. JSON holds no raw tab or line feed, so
a line is split without being parsed and rows stay bytes until somebody reads them: every read is a private copy.

Loading replays the file. A tail that is not a whole commit was never acknowledged: it is set aside in ``corrupt/`` and
cut. A damaged line with whole ones behind it is refused (``Damaged``): nothing is overwritten in doubt.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zlib import crc32

from tinydb.storages import Storage

from connectors.files import make_folder, read_whole, sync_folder, write_all, write_atomically
from daemon.ledger.codec import dump

FOLD_SLACK = 1 << 20
GENERATIONS = 3
FLAGS = os.O_NOFOLLOW | os.O_CLOEXEC


class Damaged(Exception):
    """The ledger's file has a damaged line with whole ones behind it; the text says where."""


Rows = dict[int, bytes]


class JournalStorage(Storage):
    """Keep tables of JSON rows in one append-only file.

    ``write`` False opens for reading only: a torn tail is then left where it is. Raises Damaged, OSError.
    """

    def __init__(self, path: str | Path, *, write: bool = True) -> None:
        self.path = Path(path)
        self.tables: dict[str, Rows] = {}
        self.last: dict[str, int] = {}
        self.sequence = 0
        self.torn = 0
        """Bytes of an unfinished commit that loading found and set aside."""
        self._end = 0
        self._live = 0
        self._depth = 0
        self._staged: dict[tuple[str, int], bytes | None] = {}
        self._undo: list[tuple[str, int, bytes | None]] = []
        self._file: int | None = None
        self._poisoned = False
        self._tables_by_bytes: dict[bytes, Rows] = {}
        self._load(write=write)

    # -- TinyDB's own face: whole copies, for stock tables and tools ---------------------------------------------------

    def read(self) -> dict[str, dict[str, Any]] | None:
        """Return a private copy of everything, as TinyDB's protocol wants it (cost: everything)."""
        if not self.tables:
            return None
        return {
            name: {str(number): json.loads(raw) for number, raw in rows.items()} for name, rows in self.tables.items()
        }

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

    # -- commits -------------------------------------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything staged inside one commit: all or nothing, one fsync. Nested ones join the outermost."""
        self._depth += 1
        try:
            yield
            if self._depth == 1:
                self._commit()
        except BaseException:
            if self._depth == 1:
                self._roll_back()
            raise
        finally:
            self._depth -= 1

    def stage(self, table: str, number: int, document: Mapping[str, Any] | None) -> None:
        """Put (None: delete) a row in memory; it becomes durable when the transaction ends."""
        raw = None if document is None else dump(document)
        before = self.tables.get(table, {}).get(number)
        if raw == before:
            return
        self._undo.append((table, number, before))
        self._staged[table, number] = raw
        self._apply(table, number, raw)

    def _commit(self) -> None:
        if not self._staged:
            return
        cells = [b"%s/%d\t%s" % (name.encode(), number, raw or b"") for (name, number), raw in self._staged.items()]
        highest = {name for (name, _), raw in self._staged.items() if raw is not None}
        cells += [b"%s/+\t%d" % (name.encode(), self.last[name]) for name in sorted(highest)]
        line = _line(self.sequence + 1, cells)
        self._append(line)
        self.sequence += 1
        self._end += len(line)
        self._staged.clear()
        self._undo.clear()

    def _append(self, line: bytes) -> None:
        if self._file is None or self._poisoned:
            raise OSError("the ledger cannot be written: it is closed, or an earlier write failed")
        try:
            write_all(self._file, line)
        except OSError:
            self._poisoned = True
            os.ftruncate(self._file, self._end)
            self._poisoned = False
            raise
        try:
            os.fsync(self._file)
        except OSError:
            self._poisoned = True  # after a failed fsync the page cache proves nothing
            raise

    def _roll_back(self) -> None:
        for name, number, before in reversed(self._undo):
            self._apply(name, number, before)
        self._staged.clear()
        self._undo.clear()

    def _apply(self, name: str, number: int, raw: bytes | None) -> None:
        rows = self.tables.setdefault(name, {})
        self._live -= len(rows.get(number, b""))
        if raw is None:
            rows.pop(number, None)
        else:
            rows[number] = raw
            self._live += len(raw)
            if number > self.last.get(name, 0):
                self.last[name] = number

    # -- loading and folding -------------------------------------------------------------------------------------------

    def _load(self, *, write: bool) -> None:
        if write:
            make_folder(self.path.parent)
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | FLAGS, 0o600)
            sync_folder(self.path.parent)
        elif not self.path.exists():
            return
        try:
            data = read_whole(self.path)
            self._end = self._replay(data)
            self._live = sum(len(raw) for rows in self.tables.values() for raw in rows.values())
            self._tables_by_bytes.clear()
            self.torn = len(data) - self._end
            if write and self.torn:
                self._set_aside(data[self._end :])
        except BaseException:
            self.close()
            raise

    def _replay(self, data: bytes) -> int:
        end = 0
        while (feed := data.find(b"\n", end)) >= 0:
            cells = _check(data[end:feed], self.sequence + 1)
            if cells is None:
                if _whole_line_behind(data, feed + 1):
                    raise Damaged(f"{self.path.name}: commit {self.sequence + 1} at byte {end} is damaged")
                return end
            self._replay_line(cells)
            self.sequence += 1
            end = feed + 1
        return end

    def _replay_line(self, cells: list[bytes]) -> None:
        """Apply one commit: the same as ``_apply`` row by row, without what loading can count once at its end."""
        for place, raw in zip(cells[1::2], cells[2::2], strict=True):
            name, _, number = place.rpartition(b"/")
            rows = self._tables_by_bytes.get(name) or self._table_of(name)
            if number == b"+":
                key = name.decode()
                self.last[key] = max(self.last.get(key, 0), int(raw))
            elif raw:
                rows[int(number)] = raw
            else:
                rows.pop(int(number), None)

    def _table_of(self, name: bytes) -> Rows:
        rows = self._tables_by_bytes[name] = self.tables.setdefault(name.decode(), {})
        return rows

    def _set_aside(self, tail: bytes) -> None:
        corrupt = self.path.parent / "corrupt"
        make_folder(corrupt)
        write_atomically(corrupt / f"{self.path.name}.torn-{self.sequence}", tail)
        assert self._file is not None  # noqa: S101 - only called while writing
        os.ftruncate(self._file, self._end)
        os.fsync(self._file)

    def fold(self, *, force: bool = False) -> bool:
        """Write the live rows into a new file when that pays; tell whether it did. Never inside a transaction.

        The file before stays as generation 1 (three are kept). Raises OSError; the old file is then still in place.
        """
        if not force and self._end <= 2 * self._live + FOLD_SLACK:
            return False
        cells = [
            b"%s/%d\t%s" % (name.encode(), number, raw)
            for name, rows in self.tables.items()
            for number, raw in rows.items()
        ]
        cells += [b"%s/+\t%d" % (name.encode(), highest) for name, highest in self.last.items()]
        lines = [
            _line(number + 1, cells[first : first + 500]) for number, first in enumerate(range(0, len(cells), 500))
        ]
        self._rotate()
        write_atomically(self.path, b"".join(lines))
        self.close()
        self._file = os.open(self.path, os.O_RDWR | os.O_APPEND | FLAGS, 0o600)
        self.sequence = len(lines)
        self._end = sum(map(len, lines))
        return True

    def _rotate(self) -> None:
        older = [self.path.with_name(f"{self.path.name}.{number}") for number in range(1, GENERATIONS + 1)]
        for number in range(GENERATIONS - 1, 0, -1):
            if older[number - 1].exists():
                older[number - 1].replace(older[number])
        if older[0].exists():
            older[0].unlink()
        older[0].hardlink_to(self.path)

    def drop_generations(self) -> None:
        """Delete the older generations and torn tails: somebody asked to be forgotten."""
        for path in (*self.path.parent.glob(f"{self.path.name}.[0-9]"), *(self.path.parent / "corrupt").glob("*")):
            path.unlink()
        sync_folder(self.path.parent)


def _line(sequence: int, cells: list[bytes]) -> bytes:
    body = b"\t".join([b"%d" % sequence, *cells])
    return b"%08x %d %s\n" % (crc32(body), len(body), body)


def _check(line: bytes, sequence: int) -> list[bytes] | None:
    """Return the cells of a whole line with the number expected, else None."""
    head, _, rest = line.partition(b" ")
    length, _, body = rest.partition(b" ")
    if len(head) != 8 or not length.isdigit() or int(length[:12]) != len(body) or head != b"%08x" % crc32(body):
        return None
    cells = body.split(b"\t")
    return cells if cells[0] == b"%d" % sequence and len(cells) % 2 else None


def _whole_line_behind(data: bytes, start: int) -> bool:
    while (feed := data.find(b"\n", start)) >= 0:
        head, _, rest = data[start:feed].partition(b" ")
        _, _, body = rest.partition(b" ")
        if head == b"%08x" % crc32(body):
            return True
        start = feed + 1
    return False
