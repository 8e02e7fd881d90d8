"""What does a commit look like in the file? One line of JSON, whole or not there at all.

A line is a JSON array, and every cell of it but the first three is set off by a comma and a tab::

    ["CRC32",LENGTH,MARK,<tab>"TABLE/ID",<tab>ROW,<tab>"TABLE/ID",<tab>ROW ...]

JSON text holds no raw tab, so a line can be split without being parsed, and any tool for JSON lines reads it. CRC32
(eight hexadecimal digits) and LENGTH (bytes) are those of what follows the second comma, without the last bracket. A
ROW ``null`` deletes the row; ``"TABLE/+"`` has the highest id ever given in place of a row.

MARK is a commit's sequence number, or in a snapshot the text ``snapshot SEQUENCE part N of M format F``: rows of one
table as they stood after that commit; the first part has the highest ids instead, the last ones the indexes
(``"TABLE/index NAME"``). A file is a snapshot, all its parts in order, and the commits since.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain, islice
from zlib import crc32

FORMAT = 2
"""Of the lines. Format 1 had cells between bare tabs, commits only, and no brackets; it is still read."""
Rows = MutableMapping[int, bytes]
"""A table: JSON by id, in order of insertion."""
HIGHEST = b"+"
INDEX = b"index "
"""What the id of a cell begins with that holds an index of the table."""
_DELETED = b"null"
_SEPARATOR = b",\t"
_END = b"]\n"
_ROWS_A_PART = 500
_CELLS_A_PIECE = 2000
_PART = re.compile(rb'"snapshot (\d{1,18}) part (\d{1,9}) of (\d{1,9}) format (\d{1,9})"')


@dataclass(frozen=True, slots=True)
class Part:
    """The mark of a line of a snapshot: the ``number``-th of ``of`` parts, counted from 1."""

    sequence: int
    number: int
    of: int
    format: int


@dataclass(frozen=True, slots=True)
class Line:
    """A whole line. ``cells``: table and id in quotes, row, table and id, row, and so on.

    ``start`` is the byte of the line at which they begin, -1 where they do not stand in it just so.
    """

    mark: int | Part
    cells: Sequence[bytes]
    start: int = -1


# -- writing -----------------------------------------------------------------------------------------------------------


def commit(
    sequence: int,
    changed: Mapping[tuple[str, int], bytes | None],
    last: Mapping[str, int],
    again: Collection[tuple[str, int]] = (),
) -> Iterator[bytes]:
    """Yield the line of one commit in pieces: rows by table and id (None: deleted), the highest ids as they are now.

    Rows ``again`` were deleted before they were put, so that they stand last. The pieces are made twice, for the head
    tells their sum: the facts of a first import are too many to be held once more beside what is staged.
    """
    mark = b"%d" % sequence
    head = _head(_pieces(mark, _changed(changed, last, again)))
    yield from chain((head,), _pieces(mark, _changed(changed, last, again)), (_END,))


def _changed(
    changed: Mapping[tuple[str, int], bytes | None], last: Mapping[str, int], again: Collection[tuple[str, int]]
) -> Iterator[bytes]:
    for (table, number), raw in changed.items():
        if (table, number) in again:
            yield _cell(table, b"%d" % number, _DELETED)
        yield _cell(table, b"%d" % number, raw or _DELETED)
    for table in sorted({table for (table, _), raw in changed.items() if raw is not None}):
        yield _cell(table, HIGHEST, b"%d" % last.get(table, 0))


def snapshot(
    sequence: int,
    tables: Mapping[str, Rows],
    last: Mapping[str, int],
    indexes: Iterable[tuple[str, str, bytes]] = (),
) -> Iterator[bytes]:
    """Yield the lines of a snapshot after commit ``sequence``; ``indexes`` are table, label and JSON."""
    head = [_cell(table, HIGHEST, b"%d" % number) for table, number in last.items()]
    tail = [[_cell(table, INDEX + label.encode(), raw)] for table, label, raw in indexes]
    total = 1 + sum(-(-len(rows) // _ROWS_A_PART) for rows in tables.values()) + len(tail)
    for number, cells in enumerate(chain((head,), _parts(tables), tail), 1):
        yield _line(b'"snapshot %d part %d of %d format %d"' % (sequence, number, total, FORMAT), cells)


def _parts(tables: Mapping[str, Rows]) -> Iterator[list[bytes]]:
    for table, rows in tables.items():
        left = iter(rows.items())
        while some := list(islice(left, _ROWS_A_PART)):
            yield [_cell(table, b"%d" % number, raw) for number, raw in some]


def places(
    size: int,
    changed: Mapping[tuple[str, int], bytes | None],
    last: Mapping[str, int],
    again: Collection[tuple[str, int]],
) -> Iterator[tuple[str, int, int]]:
    """Yield table, id and first byte of every row in the line that ``commit`` made, which is ``size`` bytes long."""
    at = size - len(_END) - sum(len(_SEPARATOR) + len(cell) for cell in _changed(changed, last, again))
    for (table, number), raw in changed.items():
        name = len(_SEPARATOR) + len(_cell(table, b"%d" % number, b""))
        at += name + len(_DELETED) if (table, number) in again else 0
        if raw is not None:
            yield table, number, at + name
        at += name + len(raw or _DELETED)


def _cell(table: str, number: bytes, raw: bytes) -> bytes:
    return b'"%s/%s",\t%s' % (_escaped(table), number, raw)


@lru_cache(maxsize=64)
def _escaped(table: str) -> bytes:
    return json.dumps(table)[1:-1].encode()


def _line(mark: bytes, cells: Iterable[bytes]) -> bytes:
    body = _SEPARATOR.join((mark, *cells))
    return b"".join((_head((body,)), body, _END))


def _pieces(mark: bytes, cells: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the body of a line, some cells at a time."""
    left, before = iter(cells), mark
    while some := tuple(islice(left, _CELLS_A_PIECE)):
        yield _SEPARATOR.join((before, *some))
        before = b""
    if before:
        yield before


def _head(body: Iterable[bytes]) -> bytes:
    """Return what stands before ``body``: its checksum and its length."""
    check = length = 0
    for piece in body:
        check, length = crc32(piece, check), length + len(piece)
    return b'["%08x",%d,' % (check, length)


# -- reading -----------------------------------------------------------------------------------------------------------


def read(line: bytes) -> Line | None:
    """Return what a ``line`` without its line feed holds, None if it is not whole."""
    if not line.startswith(b'["'):
        return _read_first_format(line)
    comma = line.find(b",", 12, 40)
    length, body = line[12:comma], line[comma + 1 : -1]
    if line[10:12] != b'",' or not line.endswith(b"]") or not length.isdigit() or int(length) != len(body):
        return None
    if line[2:10] != b"%08x" % crc32(body):
        return None
    mark, *cells = body.split(_SEPARATOR)
    made = _mark(mark)
    return None if made is None or len(cells) % 2 else Line(made, cells, comma + 1 + len(mark) + len(_SEPARATOR))


def whole_start(text: bytes) -> tuple[Line, bytes] | None:
    """Return the whole line that ``text`` begins with, and what stands behind it; None if it begins with none."""
    comma = text.find(b",", 12, 40)
    length = text[12:comma]
    end = comma + 2 + int(length) if text.startswith(b'["') and length.isdigit() else 0
    made = read(text[:end]) if 0 < end <= len(text) else None
    return None if made is None else (made, text[end:])


def rows(line: Line) -> Iterator[tuple[str, bytes, bytes | None, int]]:
    """Yield table, id (``HIGHEST``: the row is a number), row (None: deleted) and its first byte (-1: not known)."""
    for place, raw, at in zip(line.cells[::2], line.cells[1::2], _starts(line), strict=True):
        table, number = _place(place)
        yield table, number, None if raw == _DELETED else raw, at


def part_rows(line: Line) -> tuple[str, Sequence[int], Sequence[bytes], Iterable[int]] | None:
    """Return the one table of a snapshot's part, and ids, rows and first bytes of its rows; None if it holds no rows.

    Faster than ``rows``.
    """
    start = line.cells[0].rindex(b"/") + 1 if line.cells else 0
    if not line.cells or not line.cells[0][start:-1].isdigit():
        return None
    numbers = [int(place[start:-1]) for place in line.cells[::2]]
    return _place(line.cells[0])[0], numbers, line.cells[1::2], _starts(line)


def _starts(line: Line) -> Iterable[int]:
    """Return the byte of ``line`` at which each row begins, -1 where that is not known."""
    if line.start < 0:
        return [-1] * (len(line.cells) // 2)
    ends = accumulate((len(cell) + len(_SEPARATOR) for cell in line.cells), initial=line.start)
    return islice(ends, 1, len(line.cells), 2)


def _place(text: bytes) -> tuple[str, bytes]:
    table, _, number = text[1:-1].rpartition(b"/")
    return _unescaped(table), number


@lru_cache(maxsize=64)
def _unescaped(table: bytes) -> str:
    name: str = json.loads(b'"%s"' % table)
    return name


def _mark(text: bytes) -> int | Part | None:
    if text.isdigit():
        return int(text)
    found = _PART.fullmatch(text)
    return None if found is None else Part(*map(int, found.groups()))


def _read_first_format(line: bytes) -> Line | None:
    """Return a line of format 1: ``CRC32 LENGTH SEQUENCE <tab> TABLE/ID <tab> ROW ...``, a deleted row empty."""
    head, _, rest = line.partition(b" ")
    length, _, body = rest.partition(b" ")
    if len(head) != 8 or not length.isdigit() or int(length[:12]) != len(body) or head != b"%08x" % crc32(body):
        return None
    mark, *cells = body.split(b"\t")
    if not mark.isdigit() or len(cells) % 2:
        return None
    return Line(int(mark), [cell or _DELETED if at % 2 else b'"%s"' % cell for at, cell in enumerate(cells)])
