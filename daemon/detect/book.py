"""Whom may a name in a title mean? Persons by full and by first name."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from daemon.detect import names
from daemon.model import Vocabulary

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
        if self.touched is None:
            return True
        times = self.touched.get(who, ())
        index = bisect_left(times, at - RECENT)
        return index < len(times) and times[index] <= at + RECENT


def name_book(
    best: Mapping[str, str], touched: Mapping[str, Sequence[datetime]] | None, my_name: str, vocabulary: Vocabulary
) -> Names:
    """Index persons (leader to name) by full and by first name, titles and degrees left out."""
    full: dict[tuple[str, ...], set[str]] = {}
    first: dict[tuple[str, ...], set[str]] = {}
    short: dict[tuple[str, ...], set[str]] = {}
    for who, name in best.items():
        spoken = names.spoken(name, vocabulary).words
        parts = names.words(" ".join(spoken))
        if not parts:
            continue
        if len(parts) > 1:
            full.setdefault(tuple(sorted(parts)), set()).add(who)
        given = names.words(spoken[0]) or parts[:1]
        first.setdefault(given, set()).add(who)
        if len(given) > 1:
            short.setdefault(given[:1], set()).add(who)
    return Names(_frozen(full), _frozen(first), _frozen(short), touched, names.words(my_name))


def _frozen(found: Mapping[tuple[str, ...], set[str]]) -> Mapping[tuple[str, ...], frozenset[str]]:
    return {key: frozenset(who) for key, who in found.items()}
