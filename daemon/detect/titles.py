"""What does a title say? Whom it names (E9, P21) and whether it is an open event (E12, C18).

A grammar, not containment: "Lunch with Ada" names Ada, "Buy present for Ada" nobody.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from daemon.detect import names
from daemon.model import TouchKind, Vocabulary

RECENT = timedelta(days=365)
"""A first name alone means who bore it and was touched within a year of that day."""
TITLE_LIMIT = 200

_TOKENS = re.compile(r"1[:-]1|w/|<->|<>|#?[^\W_]+(?:['’.-][^\W_]+)*|[^\w\s]")
_SEPARATORS = frozenset({":", "-", "–", "—"})


@dataclass(frozen=True, slots=True)
class Names:
    """Who bears which name. ``touched``: times of the person's touches in order; None when they are not known."""

    full: Mapping[names.NameKey, frozenset[str]]
    first: Mapping[str, frozenset[str]]
    touched: Mapping[str, Sequence[datetime]] | None
    me: names.NameKey

    def bearers(self, tokens: Sequence[str], at: datetime) -> frozenset[str]:
        """Return who may be meant by ``tokens``: everybody of that full name, or of that first name and seen lately."""
        if len(tokens) > 1:
            return self.full.get(tuple(sorted(tokens)), frozenset())
        return frozenset(who for who in self.first.get(tokens[0], ()) if self._lately(who, at))

    def _lately(self, who: str, at: datetime) -> bool:
        if self.touched is None:
            return True
        times = self.touched.get(who, ())
        index = bisect_left(times, at - RECENT)
        return index < len(times) and times[index] <= at + RECENT


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a title names: ``people`` (leaders), how many ``strangers`` beside them, or who all may be meant."""

    kind: TouchKind
    people: tuple[str, ...]
    strangers: int = 0
    ambiguous: frozenset[str] = frozenset()


def name_book(best: Mapping[str, str], touched: Mapping[str, Sequence[datetime]] | None, my_name: str) -> Names:
    """Index persons (leader to name) by full and by first name."""
    full: dict[names.NameKey, set[str]] = {}
    first: dict[str, set[str]] = {}
    for who, name in best.items():
        parts = names.words(name)
        if len(parts) > 1:
            full.setdefault(tuple(sorted(parts)), set()).add(who)
        if parts:
            first.setdefault(parts[0], set()).add(who)
    return Names(
        full={key: frozenset(found) for key, found in full.items()},
        first={key: frozenset(found) for key, found in first.items()},
        touched=touched,
        me=names.words(my_name),
    )


def named(title: str, book: Names, at: datetime, vocabulary: Vocabulary, *, log: bool = False) -> Named | None:
    """Return whom ``title`` names, None if nobody known; ``log``: a call log, where a bare name is enough."""
    tokens = _TOKENS.findall(title[:TITLE_LIMIT])
    folded = [names.fold(token) for token in tokens]
    if not tokens or not vocabulary["title-veto"].isdisjoint(folded):
        return None
    reader = _Reader(tokens, folded, book, at, vocabulary)
    return reader.pair() or reader.phrase() or (reader.people(0, "call") if log else None)


@dataclass(slots=True)
class _Reader:
    tokens: list[str]
    folded: list[str]
    book: Names
    at: datetime
    vocabulary: Vocabulary

    def pair(self) -> Named | None:
        """Read ``NAME / me``, ``me <> NAME``, ``NAME 1:1`` and ``1:1 NAME``."""
        ones = self.vocabulary["one-to-one-words"]
        if self.folded[0] in ones or self.folded[-1] in ones:
            rest = self.folded[1:] if self.folded[0] in ones else self.folded[:-1]
            return self._exactly(self._without_with(rest))
        for index, token in enumerate(self.folded):
            if token in self.vocabulary["title-links"] or token in self.vocabulary["and-words"]:
                left, right = self.folded[:index], self.folded[index + 1 :]
                if self._is_me(left):
                    return self._exactly(right)
                if self._is_me(right):
                    return self._exactly(left)
        return None

    def phrase(self) -> Named | None:
        """Read ``lunch with NAME``, ``called NAME``, ``Lunch NAME``, ``Call: NAME``."""
        for length in (2, 1):
            opening = " ".join(self.folded[:length])
            for name, kind in _PAST:
                if opening in self.vocabulary[name] and len(self.folded) > length:
                    return self.people(length, kind)
        for index in range(len(self.folded)):
            meeting = self._meeting_word(index)
            if meeting is not None and self._is_with(index + 1):
                return self.people(index + 2, meeting)
        return self._noun()

    def people(self, start: int, kind: TouchKind) -> Named | None:
        """Read one or more names from ``start`` on; whatever follows must begin with a word of context."""
        people: list[str] = []
        strangers = 0
        position = start
        while position < len(self.folded):
            found, position = self._name(position)
            if len(found) > 1:
                return Named(kind, (), ambiguous=found)
            if found:
                people.extend(found)
            elif not people:
                return None
            else:
                stranger = position
                while position < len(self.tokens) and self.tokens[position][0].isupper():
                    position += 1
                strangers += position > stranger
            if position < len(self.folded) and self.folded[position] in self.vocabulary["and-words"]:
                position += 1
                continue
            break
        if position < len(self.folded) and self.folded[position] not in self.vocabulary["context-words"]:
            return None
        return _named(kind, people, strangers)

    def _is_with(self, index: int) -> bool:
        return index + 1 < len(self.folded) and self.folded[index] in self.vocabulary["with-words"]

    def _noun(self) -> Named | None:
        kind = self._meeting_word(0)
        if kind is None or len(self.folded) < 2:
            return None
        if self.folded[1] in _SEPARATORS:
            return self.people(2, kind) if len(self.folded) > 2 else None
        return None if self.folded[0] in self.vocabulary["order-words"] else self.people(1, kind)

    def _meeting_word(self, index: int) -> TouchKind | None:
        phrase = " ".join(self.folded[max(index - 1, 0) : index + 1])
        for text in (phrase, self.folded[index]):
            if text in self.vocabulary["call-words"]:
                return "call"
            if text in self.vocabulary["meet-words"]:
                return "one-to-one"
        return None

    def _name(self, start: int) -> tuple[frozenset[str], int]:
        for length in (4, 3, 2, 1):
            tokens = self.folded[start : start + length]
            if len(tokens) == length:
                found = self.book.bearers(tokens, self.at)
                if found:
                    return found, start + length
        return frozenset(), start

    def _exactly(self, tokens: list[str]) -> Named | None:
        found = self.book.bearers(tokens, self.at) if tokens else frozenset()
        if len(found) > 1:
            return Named("one-to-one", (), ambiguous=found)
        return Named("one-to-one", tuple(found)) if found else None

    def _without_with(self, tokens: list[str]) -> list[str]:
        skipped = self.vocabulary["with-words"] | _SEPARATORS
        return tokens[1:] if tokens and tokens[0] in skipped else tokens

    def _is_me(self, tokens: list[str]) -> bool:
        mine = self.book.me
        return bool(tokens) and (
            (len(tokens) == 1 and (tokens[0] in self.vocabulary["me-words"] or tokens[0] in mine[:1]))
            or tuple(tokens) == mine
        )


_PAST: tuple[tuple[str, TouchKind], ...] = (("past-call-words", "call"), ("past-meet-words", "one-to-one"))


def _named(kind: TouchKind, people: list[str], strangers: int) -> Named | None:
    distinct = tuple(dict.fromkeys(people))
    if not distinct:
        return None
    if len(distinct) + strangers > 1:
        return Named("small-group", distinct, strangers)
    return Named(kind, distinct)


def openness(title: str, vocabulary: Vocabulary, *, recurring: bool) -> Literal["open", "doubtful"] | None:
    """Tell what E12 makes of a title: an open event, one to ask about, or neither (C18).

    Open: a word of the list alone or beside proper names, not followed by "with" or "call".
    """
    tokens = _TOKENS.findall(title[:TITLE_LIMIT])
    folded = [names.fold(token) for token in tokens]
    if not vocabulary["open-veto"].isdisjoint(folded):
        return None
    marks = [_opens(token, vocabulary) for token in folded]
    places = [index for index, mark in enumerate(marks) if mark]
    proper = [
        index
        for index, token in enumerate(tokens)
        if not marks[index] and folded[index] not in vocabulary["small-words"] and not token.isdigit()
    ]
    if not places or any(folded[index] in vocabulary["with-words"] for index in range(places[0], len(folded))):
        return None
    if all(marks[index] == "named" for index in places) and (recurring or not proper):
        return None
    return "open" if all(tokens[index][0].isupper() or tokens[index][0] == "#" for index in proper) else "doubtful"


def _opens(token: str, vocabulary: Vocabulary) -> Literal["alone", "named"] | None:
    if token in vocabulary["open-words"]:
        return "alone"
    if token in vocabulary["open-named-words"]:
        return "named"
    return "alone" if any(token.endswith(end) and token != end for end in vocabulary["open-endings"]) else None
