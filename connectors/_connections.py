"""Who is in LinkedIn's Connections.csv? Notes stand above its header, and most people show no address."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from io import StringIO

from connectors._address import clean, fold
from connectors.contacts import Contact
from connectors.records import BadData, Skipped

PREAMBLE = 50
"""Lines among which the header is looked for."""
PROFILE_LIMIT = 200
_COLUMNS: Mapping[str, str] = {
    "first name": "first",
    "last name": "last",
    "url": "url",
    "email address": "address",
    "company": "company",
    "position": "position",
    "connected on": "on",
}
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


def entries(text: str) -> Iterator[Contact | Skipped]:
    """Yield the people in ``text``. Raises BadData if no header of LinkedIn's stands in it."""
    rows = csv.reader(StringIO(text, newline=""))
    columns = _header(rows)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield Skipped(where=f"line {rows.line_num}", why="is not written as a row")
            continue
        if any(map(str.strip, row)):
            yield _contact(dict(zip(columns, row, strict=False)), f"line {rows.line_num}")


def _header(rows: Iterator[list[str]]) -> list[str]:
    """Return which column holds what, as far as it is read."""
    for _ in range(PREAMBLE):
        try:
            row = [cell.strip().casefold() for cell in next(rows)]
        except StopIteration:
            break
        except csv.Error:
            continue
        if "first name" in row and "last name" in row:
            return [_COLUMNS.get(cell, f"column {number}") for number, cell in enumerate(row)]
    raise BadData("is neither a vCard file nor LinkedIn's Connections.csv")


def _contact(row: Mapping[str, str], where: str) -> Contact | Skipped:
    first, last, company, position = (clean(row.get(name, "")) for name in ("first", "last", "company", "position"))
    if not first and not last:
        return Skipped(where=where, why="has no name")
    address, page = fold(row.get("address", "")), row.get("url", "").strip()
    known = page.startswith("https://") and page.isprintable() and len(page) <= PROFILE_LIMIT
    return Contact(
        where=where,
        name=f"{first} {last}".strip(),
        addresses=() if address is None else (address,),
        profile=page if known else "",
        note=", ".join(filter(None, (position, company))),
        saved=_day(row.get("on", "")),
    )


def _day(text: str) -> date | None:
    """Return the day of "12 Feb 2027", None if it is none."""
    parts = text.casefold().split()
    try:
        day, month, year = parts
        return date(int(year), _MONTHS.index(month[:3]) + 1, int(day))
    except ValueError:
        return None
