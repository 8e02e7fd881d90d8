"""What must a ledger hold? Told without any of its code: plain dictionaries, and a reader of the file of its own.

``read`` is written from the description at the top of ``daemon/ledger/lines.py`` with nothing but json and zlib.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Rows = dict[int, Any]
Tables = dict[str, Rows]


class NotWhole(ValueError):
    """A line is not what the description says."""


def tables_of(whole: Mapping[str, Mapping[str, Any]] | None) -> Tables:
    """Return what a storage's ``read`` gave, without empty tables; order counts."""
    return {
        name: {int(number): dict(document) for number, document in rows.items()}
        for name, rows in (whole or {}).items()
        if rows
    }


def same(first: Tables, second: Tables) -> bool:
    """Tell whether two states hold the same rows in the same order."""
    return {name: list(rows.items()) for name, rows in first.items() if rows} == {
        name: list(rows.items()) for name, rows in second.items() if rows
    }


def cells(line: bytes) -> tuple[int | str, list[tuple[str, str, Any]]]:
    """Return the mark of one line and its cells: table, id, row. Raises NotWhole."""
    if not line.startswith(b'["'):
        raise NotWhole(line[:60])
    try:
        items = json.loads(line)
    except ValueError as error:
        raise NotWhole(line[:60]) from error
    comma = line.index(b",", line.index(b",") + 1)
    body = line[comma + 1 : -1]
    if items[0] != f"{zlib.crc32(body):08x}" or items[1] != len(body):
        raise NotWhole(line[:60])
    places = [name.rpartition("/") for name in items[3::2]]
    return items[2], [(table, number, row) for (table, _, number), row in zip(places, items[4::2], strict=True)]


def read(path: Path) -> tuple[Tables, int]:
    """Return the tables and the last commit's number of a file in format 2. Raises NotWhole for any flaw."""
    data = path.read_bytes()
    if not data.endswith(b"\n"):
        raise NotWhole("no line feed at the end")
    tables: Tables = {}
    sequence, part, parts = -1, 0, 0
    before = b""
    for line in data[:-1].split(b"\n"):
        if line == before:  # the same again is no harm
            continue
        before = line
        mark, found = cells(line)
        if isinstance(mark, str):
            _, snapshot, _, number, _, total, _, made = mark.split(" ")
            part, parts, sequence = part + 1, int(total), int(snapshot)
            if (int(number), made) != (part, "2"):
                raise NotWhole(mark)
        elif mark == 1 and (sequence, part) == (-1, 0):  # nothing was before the first commit
            sequence = mark
        elif part != parts or mark != sequence + 1:
            raise NotWhole(mark)
        else:
            sequence = mark
        apply(tables, found)
    return tables, sequence


def apply(tables: Tables, found: list[tuple[str, str, Any]]) -> None:
    """Do to ``tables`` what the cells of a line say."""
    for table, number, row in found:
        if number == "+" or number.startswith("index "):
            continue
        if row is None:
            tables.get(table, {}).pop(int(number), None)
        else:
            tables.setdefault(table, {})[int(number)] = row
