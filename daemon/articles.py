"""Which articles are known? What a page of a feed changes, and what the user saved by a mail to themselves: pure.

An article of a feed is of use for 90 days, what the user saved for a year; 500 of each are kept of an account, the
latest. When an article has no day of its own, the day on which it was first read is its day for good.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors._links import of_text
from connectors.records import Article, Item, Message
from daemon.told import is_own

MOST = 500
FEED = timedelta(days=90)
SAVED = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Articles to store, and the stored keys (account, tab, key) of those that are no more."""

    items: tuple[Article, ...] = ()
    removed: tuple[str, ...] = ()


def change(
    found: Iterable[Article], gone: Iterable[str], account: str, known: Mapping[str, Article], now: datetime
) -> Change:
    """Return what was ``found`` in ``account``, and is ``gone`` (keys), changes among all that are ``known``."""
    before = {key: item for key, item in known.items() if item.account == account}
    after = dict(before)
    for key in gone:
        after.pop(f"{account}\t{key}", None)
    for item in found:
        old = before.get(f"{account}\t{item.key}")
        after[f"{account}\t{item.key}"] = replace(item, at=item.at or (old.at if old else None) or now)
    kept = {key: item for saved in (True, False) for key, item in _latest(after, now, saved=saved)}
    return Change(
        items=tuple(item for key, item in kept.items() if before.get(key) != item),
        removed=tuple(key for key in before if key not in kept),
    )


def of_mails(items: Iterable[Item], own: frozenset[str]) -> Iterator[Article]:
    """Yield what the user saved: mails from themselves to themselves whose subject holds an address of the web."""
    for item in items:
        if isinstance(item, Message) and item.at is not None and "://" in item.subject and is_own(item, own):
            found = of_text(item.subject, item.account, item.at)
            if found is not None:
                yield found


def in_sight(known: Iterable[Article], now: datetime) -> tuple[Article, ...]:
    """Return the articles that can be of use at ``now``, each once, what the user saved before what a feed had."""
    found: dict[str, Article] = {}
    for item in sorted(known, key=lambda item: (not item.saved, item.account)):
        if item.at is not None and item.at <= now and now - item.at <= _life(item):
            found.setdefault(item.key, item)
    return tuple(sorted(found.values(), key=lambda item: item.key))


def _latest(known: Mapping[str, Article], now: datetime, *, saved: bool) -> list[tuple[str, Article]]:
    mine = [(key, item) for key, item in known.items() if item.saved == saved and _is_young(item, now)]
    return sorted(mine, key=lambda pair: (pair[1].at or now, pair[0]), reverse=True)[:MOST]


def _is_young(item: Article, now: datetime) -> bool:
    return item.at is None or now - item.at <= _life(item)


def _life(item: Article) -> timedelta:
    return SAVED if item.saved else FEED
