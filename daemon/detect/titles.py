"""Whom does a title name? (E9, P21)

A grammar, not containment: "Lunch with Ada" names Ada, "Buy present for Ada" nobody. What the user reports of the past
("called Ada", "mit Ada telefoniert") is read by ``grammar.report``; here it is found out whom the names mean.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from daemon import names
from daemon.detect.book import Names
from daemon.grammar import Report, report
from daemon.model import TouchKind, Vocabulary

TITLE_LIMIT = 200
LONGEST_NAME = 5
"""Words of the longest name looked for."""

_TOKENS = re.compile(r"1[:-]1|w/|<->|<>|#?[^\W_]+(?:['’.-][^\W_]+)*|[^\w\s]")
_SEPARATORS = frozenset({":", "-", "–", "—"})
_TOLD: Mapping[str, TouchKind] = {"call": "call", "one-to-one": "one-to-one", "small-group": "small-group"}


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a title names: ``people`` (leaders), how many ``strangers`` beside them, or who all may be meant.

    ``day`` is the one that it says they were in touch on, None where it says none.
    """

    kind: TouchKind
    people: tuple[str, ...]
    strangers: int = 0
    ambiguous: frozenset[str] = frozenset()
    day: date | None = None


def tokens(title: str, vocabulary: Vocabulary) -> list[str]:
    """Return the words of ``title`` as they stand, and the signs that mean something: no emoji, full stop or quote."""
    text = title[:TITLE_LIMIT]
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    signs = vocabulary["title-signs"]
    return [item for item in _TOKENS.findall(text) if item[0].isalnum() or item[0] == "#" or item in signs]


def named(
    title: str, book: Names, at: datetime, today: date, vocabulary: Vocabulary, *, log: bool = False
) -> Named | None:
    """Return whom ``title`` names, None if nobody known; ``log``: a call log, where a bare name is enough.

    ``at`` is when that was written, ``today`` the user's day then.
    """
    said = tokens(title, vocabulary)
    folded = [names.fold(token) for token in said]
    if not said or not vocabulary["title-veto"].isdisjoint(folded):
        return None
    reader = _Reader(said, folded, book, at, vocabulary)
    told = reader.pair() or reader.reported(report(title, today, vocabulary)) or reader.phrase()
    return told or (reader.people(0, "call") if log else None)


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
            return self._exactly(self._without_with(rest)) or self._beside_me(rest)
        return self._beside_me(self.folded)

    def phrase(self) -> Named | None:
        """Read ``lunch with NAME``, ``Lunch NAME``, ``Call: NAME``."""
        for index in range(len(self.folded)):
            meeting = self._meeting_word(" ".join(self.folded[max(index - 1, 0) : index + 1]), self.folded[index])
            if meeting is not None and self._is_with(index + 1):
                return self.people(index + 2, meeting)
        return self._noun()

    def reported(self, told: Report | None) -> Named | None:
        """Find out whom a report of the user's names: ``called NAME``, ``mit NAME telefoniert``."""
        if told is None or told.kind not in _TOLD:
            return None
        kind, people, strangers = _TOLD[told.kind], list[str](), 0
        for name in told.names:
            words = names.words(names.fold(name))
            found = self._bearers(words)
            if len(found) > 1:
                return Named(kind, (), ambiguous=found)
            people.extend(found)
            strangers += not found and not self._is_me(words)
        said = _named("one-to-one" if kind == "small-group" else kind, people, strangers)
        return None if said is None else replace(said, day=told.day)

    def _bearers(self, words: tuple[str, ...]) -> frozenset[str]:
        """Return who may be meant by ``words``, which may begin with a title."""
        found = self.book.bearers(words, self.at) if words else frozenset()
        return self._bearers(words[1:]) if not found and words[1:] and self._is_title(words[0]) else found

    def people(self, start: int, kind: TouchKind) -> Named | None:
        """Read one or more names from ``start`` on; whatever follows must begin with a word of context."""
        people: list[str] = []
        strangers = 0
        position = start
        while position < len(self.folded):
            found, after = self._name(position)
            if len(found) > 1:
                return Named(kind, (), ambiguous=found)
            people.extend(found)
            if after == position:
                after = self._past_stranger(position) if people else position
                strangers += after > position
            if after == position and not people:
                return None
            position = after
            if position == len(self.folded) or self.folded[position] not in self.vocabulary["and-words"]:
                break
            position += 1
        if position < len(self.folded) and self.folded[position] not in self.vocabulary["context-words"]:
            return None
        return _named(kind, people, strangers)

    def _is_with(self, index: int) -> bool:
        return index + 1 < len(self.folded) and self.folded[index] in self.vocabulary["with-words"]

    def _noun(self) -> Named | None:
        for length in (2, 1):
            kind = self._meeting_word(" ".join(self.folded[:length]))
            if kind is None or len(self.folded) <= length:
                continue
            if self.folded[length] in _SEPARATORS:
                return self.people(length + 1, kind) if len(self.folded) > length + 1 else None
            if length > 1 or self.folded[0] not in self.vocabulary["order-words"]:
                return self.people(length, kind)
        return None

    def _meeting_word(self, *texts: str) -> TouchKind | None:
        for text in texts:
            if text in self.vocabulary["call-words"]:
                return "call"
            if text in self.vocabulary["meet-words"]:
                return "one-to-one"
        return None

    def _name(self, start: int) -> tuple[frozenset[str], int]:
        """Return who is named at ``start`` and where that ends: nobody for the user, ``start`` itself for no name."""
        spans = [*self._spans(start)]
        for after, words in reversed(spans):
            found = self.book.bearers(words, self.at)
            if found:
                return found, after
        for after, words in reversed(spans):
            if self._is_me(words):
                return frozenset(), after
        if len(spans) > 1 and self._is_title(self.folded[start]):
            found, after = self._name(start + 1)
            return (found, after) if after > start + 1 else (frozenset(), start)
        return frozenset(), start

    def _spans(self, start: int) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield where each run of words from ``start`` on ends, and its words; a sign ends them all."""
        said: tuple[str, ...] = ()
        for index, token in enumerate(self.folded[start : start + LONGEST_NAME], start + 1):
            words = names.words(token)
            if not words:
                return
            said += words
            yield index, said

    def _is_title(self, word: str) -> bool:
        return word in self.vocabulary["name-honorifics"] or word in self.vocabulary["name-honorific-tails"]

    def _past_stranger(self, position: int) -> int:
        while position < len(self.tokens) and self.tokens[position][0].isupper():
            position += 1
        return position

    def _beside_me(self, folded: list[str]) -> Named | None:
        links = self.vocabulary["title-links"] | self.vocabulary["and-words"]
        for index, token in enumerate(folded):
            if token in links:
                left, right = folded[:index], folded[index + 1 :]
                if self._is_me(_words(left)):
                    return self._exactly(right)
                if self._is_me(_words(right)):
                    return self._exactly(left)
        return None

    def _exactly(self, folded: list[str]) -> Named | None:
        while len(folded) > 1 and self._is_title(folded[0]):
            folded = folded[1:]
        words = _words(folded)
        found = self.book.bearers(words, self.at) if words else frozenset()
        if len(found) > 1:
            return Named("one-to-one", (), ambiguous=found)
        return Named("one-to-one", tuple(found)) if found else None

    def _without_with(self, folded: list[str]) -> list[str]:
        skipped = self.vocabulary["with-words"] | _SEPARATORS
        return folded[1:] if folded and folded[0] in skipped else folded

    def _is_me(self, words: tuple[str, ...]) -> bool:
        return self.book.is_me(words) or (len(words) == 1 and words[0] in self.vocabulary["me-words"])


def _words(folded: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for token in folded for word in names.words(token))


def _named(kind: TouchKind, people: list[str], strangers: int) -> Named | None:
    distinct = tuple(dict.fromkeys(people))
    if not distinct:
        return None
    if len(distinct) + strangers > 1:
        return Named("small-group", distinct, strangers)
    return Named(kind, distinct)
