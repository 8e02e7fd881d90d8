"""Which CSV do spreadsheets get? One file for each table of the export, in which no cell can be a formula.

A text that a spreadsheet would calculate stands behind an apostrophe (reliability C14). UTF-8, RFC 4180.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

_CALCULATED = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
TABLES = (
    "people", "touchpoints", "events", "mails", "groups", "reminders", "drafts", "notes", "cards", "decisions",
)  # fmt: skip


def sheets(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the CSV text of each table of the exported ``document``, by its name."""
    return {name: sheet(document[name]) for name in TABLES}


def sheet(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return ``rows`` as CSV: a line of names first, none where there is no row."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    made = io.StringIO()
    writer = csv.writer(made)
    if names:
        writer.writerow(names)
    writer.writerows([_cell(row.get(name)) for name in names] for row in rows)
    return made.getvalue()


def _cell(item: Any) -> Any:
    if isinstance(item, list | tuple):
        return _cell("; ".join(map(str, item)))
    if isinstance(item, str):
        return f"'{item}" if item.lstrip(" \xa0").startswith(_CALCULATED) else item
    return {None: "", True: "true", False: "false"}[item] if item is None or isinstance(item, bool) else item
