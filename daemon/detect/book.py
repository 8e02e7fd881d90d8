"""Whom may a name in a title mean? Persons by full and by first name."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from daemon import names
from daemon.model import Vocabulary

Entry: TypeAlias = tuple[names.NameKey, tuple[str, ...], tuple[str, ...]]
"""A person's full name, first name, and the beginning of a double one; () where there is none."""
NOWHERE: Entry = ((), (), ())
_Bearers: TypeAlias = dict[tuple[str, ...], frozenset[str]]
RECENT = timedelta(days=365)
"""A first name alone means who bore it and was touched within a year of that day."""


@dataclass(frozen=True, slots=True)
class Names:
    """Who bears which name. ``touched``: times of the person's touches in order; None when they are not known."""

    full: Mapping[names.NameKey, frozenset[str]]
    first: Mapping[tuple[str, ...], frozenset[str]]
    short: Mapping[tuple[str, ...], frozenset[str]]
    """The beginning of a double first name: Anna of Anna-Maria."""
    touched: Mapping[str, Sequence[datetime]] | None
    me: tuple[str, ...]

    def bearers(self, words: tuple[str, ...], at: datetime) -> frozenset[str]:
        """Return who may be meant by ``words``: everybody of that full name, or of that first name and seen lately."""
        full = self.full.get(tuple(sorted(words))) if len(words) > 1 else None
        return full or self._lately(self.first.get(words), at) or self._lately(self.short.get(words), at)

    def is_me(self, words: tuple[str, ...]) -> bool:
        """Tell whether ``words`` are the user's full or first name."""
        return bool(words) and (words == self.me or words == self.me[:1])

    def _lately(self, bearers: Iterable[str] | None, at: datetime) -> frozenset[str]:
        return frozenset(who for who in bearers or () if self._is_seen(who, at))

    def _is_seen(self, who: str, at: datetime) -> bool:
        return self.touched is None or is_seen(self.touched.get(who, ()), at)


def is_seen(times: Sequence[datetime], at: datetime) -> bool:
    """Tell whether one of ``times`` (in order) lies within a year of ``at``."""
    index = bisect_left(times, at - RECENT)
    return index < len(times) and times[index] <= at + RECENT


def name_book(
    best: Mapping[str, str], touched: Mapping[str, Sequence[datetime]] | None, my_name: str, vocabulary: Vocabulary
) -> Names:
    """Index persons (leader to name) by full and by first name, titles and degrees left out."""
    register = Entries(vocabulary)
    for who, name in best.items():
        register.call(who, name)
    return register.names(touched, my_name)


class Entries:
    """Under which names persons stand in a book of names that goes on being written."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._called: dict[str, str] = {}
        self._entries: dict[str, Entry] = {}
        self._bearers: tuple[_Bearers, _Bearers, _Bearers] = ({}, {}, {})

    def names(self, touched: Mapping[str, Sequence[datetime]] | None, my_name: str) -> Names:
        """Return the book; it goes on being what is written here."""
        full, first, short = self._bearers
        return Names(full, first, short, touched, names.words(my_name))

    def of(self, who: str) -> Entry:
        """Return under what ``who`` stands."""
        return self._entries.get(who, NOWHERE)

    def call(self, who: str, name: str) -> set[str]:
        """Call ``who`` ``name`` from now on ("": not at all); return a word of each name that bears somebody else."""
        if self._called.get(who, "") == name:
            return set()
        self._called[who] = name
        before, after = self.of(who), (entry(name, self._vocabulary) if name else None) or NOWHERE
        self._entries[who] = after
        if not name:
            del self._called[who], self._entries[who]
        for bearers, old, new in zip(self._bearers, before, after, strict=True):
            if old != new:
                _bear(bearers, old, bearers.get(old, frozenset()) - {who})
                _bear(bearers, new, bearers.get(new, frozenset()) | {who})
        return {key[0] for old, new in zip(before, after, strict=True) if old != new for key in (old, new) if key}


def _bear(into: _Bearers, key: tuple[str, ...], bearers: frozenset[str]) -> None:
    if key and bearers:
        into[key] = bearers
    elif key:
        into.pop(key, None)


def entry(name: str, vocabulary: Vocabulary) -> Entry | None:
    """Return under what a person called ``name`` stands in the book, None if there is no word in it."""
    spoken = names.spoken(name, vocabulary).words
    parts = names.words(" ".join(spoken))
    if not parts:
        return None
    given = names.words(spoken[0]) or parts[:1]
    return tuple(sorted(parts)) if len(parts) > 1 else (), given, given[:1] if len(given) > 1 else ()
