"""What is there to read that might be of use to somebody? Feeds (RSS, Atom), and a reading list that the user keeps.

Feeds are asked politely (``connectors._visits``) and read in a child of their own (``connectors._articles``). One that
has no answer, or one nobody can believe, is trouble of its own: the others go on, and nothing is held back for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors import files
from connectors._articles import of_feed, of_list
from connectors._fetch import Bounds, Guard, guard_for
from connectors._reach import address_problems, is_on_this_machine
from connectors._visits import name_of, visits
from connectors.records import (
    Article,
    BadData,
    ConnectorError,
    Cursor,
    Draft,
    Pull,
    ReminderSink,
    Sink,
    Source,
    Standing,
    Unavailable,
)

MOST_FEEDS = 20
ASKED = 4
"""Feeds that are asked in one tick; the others have their turn in the next."""
BOUNDS = Bounds(size=4 << 20, seconds=10.0)
LIST_LIMIT = 1 << 20
LIST_LINES = 500
VERSION = 1


@dataclass(frozen=True)
class Feed:
    """Feeds to follow (``urls``), a reading list of the user's (an address a line, perhaps a title beside it), or both.

    ``private_hosts`` are those at home that the addresses may lead to.
    """

    urls: tuple[str, ...] = ()
    reading_list: Path | None = None
    private_hosts: tuple[str, ...] = ()
    state: Path | None = field(default=None, init=False, compare=False)

    def open_source(self, name: str, zone: str) -> Source | None:  # noqa: ARG002 - an instant is one everywhere
        """Return the reader."""
        if self.state is None:
            return None
        return FeedSource(name, self.urls, self.reading_list, guard_for(self.private_hosts), self.state)

    def open_reminders(self, name: str, zone: str) -> ReminderSink | None:  # noqa: ARG002 - read only
        """Return None: nothing is written."""
        return None

    def open_drafts(self, name: str, zone: str) -> Sink[Draft] | None:  # noqa: ARG002 - read only
        """Return None: nothing is written."""
        return None

    def problems(self) -> tuple[tuple[str, str], ...]:
        """List what is wrong with the values together."""
        found = dict(problem for url in self.urls for problem in address_problems(url, self.private_hosts, "urls"))
        if not self.urls and self.reading_list is None:
            found["urls"] = "is missing (feeds to follow), or reading_list (a file of yours)"
        if len(self.urls) > MOST_FEEDS:
            found["urls"] = f"may name {MOST_FEEDS} feeds at most"
        return tuple(found.items())

    def kept_in(self, state: Path) -> Feed:
        """Return this account, keeping below the folder ``state`` when each feed was asked."""
        account = replace(self)
        object.__setattr__(account, "state", state)
        return account

    def is_local(self) -> bool:
        """Tell whether all feeds are on this machine."""
        return all(map(is_on_this_machine, self.urls))

    def settle(self, name: str) -> None:
        """Write down, once a tick, when each feed was asked."""
        if self.state is not None:
            visits(self.state, name).save()

    def standing(self, name: str, zone: str, writes: frozenset[str], now: datetime) -> Standing:  # noqa: ARG002 - no login
        """Return nothing: there is no login, and nothing is counted."""
        return Standing()


@dataclass(frozen=True)
class FeedSource:
    """Reads feeds and one reading list. ``state`` keeps when each feed was asked."""

    name: str
    urls: tuple[str, ...]
    reading_list: Path | None
    guard: Guard
    state: Path

    def pull(self, cursor: Cursor | None, now: datetime) -> Pull:
        """Return the articles of the feeds that changed, and of the reading list if it did.

        Never raises: what could not be read is told in ``troubles``, as Unavailable.
        """
        before = cursor if cursor is not None and cursor.get("v") == VERSION else {}
        troubles: list[ConnectorError] = []
        known: dict[str, Any] = dict(_table(before, "feeds"))
        found = [*self._feeds(known, troubles, now)]
        saved, listed, gone = self._list(_table(before, "list"), troubles)
        wanted = {name_of(url) for url in self.urls}
        kept = {name: value for name, value in known.items() if name in wanted}
        return Pull(
            cursor={"v": VERSION, "feeds": kept, "list": listed},
            articles=(*found, *saved),
            gone=gone,
            troubles=tuple(troubles),
        )

    def _feeds(self, known: dict[str, Any], troubles: list[ConnectorError], now: datetime) -> Iterator[Article]:
        asked = visits(self.state, self.name)
        due = [url for url in self.urls if asked.is_due(url, now, known=name_of(url) in known)]
        turns = sorted(due, key=asked.last)
        for number, url in enumerate(self.urls, 1):
            try:
                if url in turns[ASKED:]:
                    continue
                fresh = asked.look(url, self.guard, BOUNDS, now, known=known.get(name_of(url)))
                if fresh is not None:
                    yield from of_feed(fresh.body, url, fresh.kind, self.name, now)
                    known[name_of(url)] = dict(fresh.known)
            except (Unavailable, BadData) as error:
                asked.spoil(url, error, now)
                troubles.append(Unavailable(f"feed {number}: {error}"))

    def _list(
        self, before: Mapping[str, Any], troubles: list[ConnectorError]
    ) -> tuple[tuple[Article, ...], Mapping[str, Any], tuple[str, ...]]:
        """Return what the reading list holds if it changed, what to remember of it, and the keys that are gone."""
        if self.reading_list is None:
            return (), {}, tuple(before.get("keys", ()))
        try:
            stamp = list(files.stamp(self.reading_list))
            if before.get("stamp") == stamp:
                return (), before, ()
            data = files.read_bounded(self.reading_list, LIST_LIMIT)
        except (OSError, files.TooLarge) as error:
            why = error if isinstance(error, files.TooLarge) else getattr(error, "strerror", None) or "not a file"
            troubles.append(Unavailable(f"the reading list cannot be read: {why}"))
            return (), before, ()
        found = {item.key: item for item in of_list(data, self.name, LIST_LINES)}
        kept = dict(list(found.items())[-LIST_LINES:])  # what stands last was added last
        gone = tuple(key for key in before.get("keys", ()) if key not in kept)
        return tuple(kept.values()), {"stamp": stamp, "keys": list(kept)}, gone


def _table(cursor: Cursor, name: str) -> Mapping[str, Any]:
    found = cursor.get(name)
    return found if isinstance(found, Mapping) else {}
