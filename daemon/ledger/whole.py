"""What does a state hold as a whole? Nothing yet, or rows that are each what they say."""

from __future__ import annotations

from daemon.ledger.articles import articles
from daemon.ledger.codec import parse
from daemon.ledger.ledger import Ledger


def is_empty(ledger: Ledger) -> bool:
    """Tell whether nothing was ever stored but the schema."""
    tables = ledger._storage.tables  # noqa: SLF001 - of the same room
    return not any(rows for name, rows in tables.items() if name != "meta")


def prove(ledger: Ledger) -> None:
    """Decode every row. Raises ValueError, TypeError, KeyError or RecursionError for one that no Kith wrote."""
    tables = ledger._storage.tables  # noqa: SLF001 - of the same room
    for raw in (raw for rows in tables.values() for raw in rows.values()):
        if not isinstance(parse(raw)["key"], str):
            raise TypeError("a key that is no text")
    for read in (ledger.records, ledger.people, ledger.touchpoints, ledger.decisions, ledger.entries, ledger.sources):
        read()
    articles(ledger)
