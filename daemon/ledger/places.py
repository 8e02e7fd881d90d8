"""How can a table be larger than the memory it takes? Its rows stay in the file; in memory is where each one is.

For a process that goes on for years. A row that is in no commit yet is held until it has a place. Every read proves by
a checksum that the row is the one that was there: what changes a file behind our back must not reach the next snapshot.
"""

from __future__ import annotations

import errno
from array import array
from collections.abc import Callable, ItemsView, Iterable, Iterator, MutableMapping, ValuesView
from zlib import crc32

from daemon.ledger.lines import Rows

Read = Callable[[int, int], bytes]
"""Returns so many bytes from that byte of the file on."""
_BLOCK = 1 << 18
_NEAR = 1 << 12
_HERE = (1 << 32) - 1
"""The size of a row that is held in memory."""
_GAP = 1 << 16


class Altered(OSError):
    """The file does not hold what was written to it."""


class Places(MutableMapping[int, bytes]):
    """The rows of one table by id, in the order of their ids, at 16 bytes a row; ``read`` reads the file.

    A table whose rows stand in another order, or whose ids are far apart, is held in memory like any other. Reading
    raises Altered, OSError.
    """

    def __init__(self, read: Read) -> None:
        self._read = read
        self._offsets = array("Q")
        self._sizes = array("I")
        self._checks = array("I")
        self._held: dict[int, bytes] = {}
        """Rows without a place."""
        self._plain: dict[int, bytes] | None = None
        """All rows, once they cannot be kept by their places."""
        self._count = 0

    def settle(self, number: int, raw: bytes, at: int) -> None:
        """Let the row ``number``, which is ``raw``, be found at byte ``at`` of the file from now on."""
        if self._plain is None and 0 < len(raw) < _HERE:
            slot = number - 1
            self._offsets[slot], self._sizes[slot], self._checks[slot] = at, len(raw), crc32(raw)
            if self._held.pop(number, None) is not None and not self._held:
                self._held = {}  # one that has held many rows stays large

    def move(self, starts: Iterable[int]) -> None:
        """Let all rows be found in another file from now on: there they begin at these bytes, in this order."""
        if self._plain is None:
            for number, at in zip(self, starts, strict=True):
                if (raw := self._held.get(number)) is not None:
                    self._sizes[number - 1], self._checks[number - 1] = len(raw), crc32(raw)
                self._offsets[number - 1] = at
            self._held.clear()

    # -- a mapping -----------------------------------------------------------------------------------------------------

    def __contains__(self, number: object) -> bool:
        if self._plain is not None:
            return number in self._plain
        return isinstance(number, int) and 0 < number <= len(self._sizes) and self._sizes[number - 1] > 0

    def __getitem__(self, number: int) -> bytes:
        if self._plain is not None:
            return self._plain[number]
        if number not in self:
            raise KeyError(number)
        if number in self._held:
            return self._held[number]
        slot = number - 1
        return self._proven(slot, self._read(self._offsets[slot], self._sizes[slot]))

    def __setitem__(self, number: int, raw: bytes) -> None:
        if self._plain is None and number not in self:
            self._make_room(number)
        if self._plain is not None:
            self._plain[number] = raw
        else:
            self._sizes[number - 1] = _HERE
            self._held[number] = raw

    def __delitem__(self, number: int) -> None:
        if self._plain is not None:
            del self._plain[number]
            return
        if number not in self:
            raise KeyError(number)
        self._sizes[number - 1] = 0
        self._held.pop(number, None)
        self._count -= 1

    def __iter__(self) -> Iterator[int]:
        if self._plain is not None:
            return iter(self._plain)
        return (number for number, size in enumerate(self._sizes, 1) if size)

    def __len__(self) -> int:
        return self._count if self._plain is None else len(self._plain)

    def items(self) -> ItemsView[int, bytes]:
        """Return ids and rows; what lies together in the file is read together."""
        return _Items(self)

    def values(self) -> ValuesView[bytes]:
        """Return the rows; what lies together in the file is read together."""
        return _Values(self)

    # -- within --------------------------------------------------------------------------------------------------------

    def _make_room(self, number: int) -> None:
        """Make a slot for a row that stands behind all others; where it does not, hold all rows in memory."""
        missing = number - len(self._sizes)
        if not 0 < missing <= _GAP + 4 * self._count:
            self._plain = dict(self.items())
            self._offsets, self._sizes, self._checks, self._held = array("Q"), array("I"), array("I"), {}
            return
        for slots in (self._offsets, self._sizes, self._checks):
            slots.frombytes(bytes(missing * slots.itemsize))
        self._count += 1

    def _proven(self, slot: int, raw: bytes) -> bytes:
        if len(raw) != self._sizes[slot] or crc32(raw) != self._checks[slot]:
            raise Altered(errno.EIO, "the ledger's file does not hold what was written to it")
        return raw

    def pairs(self) -> Iterator[tuple[int, bytes]]:
        """Yield ids and rows in order."""
        if self._plain is not None:
            yield from self._plain.items()
            return
        start, block = 0, b""
        for number in self:
            if number in self._held:
                yield number, self._held[number]
                continue
            slot = number - 1
            at, size = self._offsets[slot], self._sizes[slot]
            if not start <= at <= at + size <= start + len(block):
                start, block = at, self._read(at, self._run(slot))
            yield number, self._proven(slot, block[at - start : at - start + size])

    def _run(self, slot: int) -> int:
        """Return how many bytes to read so that the rows behind ``slot`` come along that lie just behind it."""
        start, end = self._offsets[slot], self._offsets[slot] + self._sizes[slot]
        for later in range(slot + 1, len(self._sizes)):
            at, size = self._offsets[later], self._sizes[later]
            if size == _HERE or not size:
                continue
            if not end <= at < end + _NEAR or at + size - start > _BLOCK:
                break
            end = at + size
        return end - start


class _Items(ItemsView[int, bytes]):
    _mapping: Places

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        return self._mapping.pairs()


class _Values(ValuesView[bytes]):
    _mapping: Places

    def __iter__(self) -> Iterator[bytes]:
        return (raw for _, raw in self._mapping.pairs())


def put(rows: Rows, number: int, raw: bytes, at: int) -> None:
    """Put a row that begins at byte ``at`` of the file, -1 if that is not known."""
    rows[number] = raw
    if at >= 0 and isinstance(rows, Places):
        rows.settle(number, raw, at)


def put_part(rows: Rows, numbers: Iterable[int], found: Iterable[bytes], starts: Iterable[int], begins: int) -> None:
    """Put many rows, which begin at byte ``starts`` behind byte ``begins`` of the file, as ``put`` does."""
    if isinstance(rows, Places):
        for number, raw, at in zip(numbers, found, starts, strict=True):
            put(rows, number, raw, at if at < 0 else begins + at)
    else:
        rows.update(zip(numbers, found, strict=True))


def drop(rows: Rows, number: int) -> None:
    """Drop a row, without reading it; none is fine."""
    if number in rows:
        del rows[number]


def move(rows: Rows, starts: Iterable[int]) -> None:
    """Let rows be found in another file, where they begin at these bytes, in their order."""
    if isinstance(rows, Places):
        rows.move(starts)
