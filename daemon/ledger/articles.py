"""What is there to read? The table ``articles``; no fact about anybody rests on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from connectors.records import Article
from daemon.ledger.codec import encode, parser
from daemon.ledger.ledger import Ledger

_TABLE = "articles"
_article = parser(Article)


def articles(ledger: Ledger) -> Mapping[str, Article]:
    """Return every stored article, by account, tab and key."""
    found = (_article(raw) for raw in ledger.table(_TABLE).raw())
    return {item.key: replace(item, key=item.key.partition("\t")[2]) for item in found}


def save_articles(ledger: Ledger, items: Iterable[Article], removed: Iterable[str] = ()) -> None:
    """Store articles, inside a unit of work; ``removed`` are keys of ``articles`` that are gone."""
    for item in items:
        ledger.table(_TABLE).put({**encode(item), "key": f"{item.account}\t{item.key}"})
    for key in removed:
        ledger.table(_TABLE).drop(key)
