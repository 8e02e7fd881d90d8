"""Whom does a title name? (E9, P21)

A grammar, not containment: "Lunch with Ada" names Ada, "Buy present for Ada" nobody.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from daemon import names
from daemon.detect.book import Names
from daemon.model import TouchKind, Vocabulary

TITLE_LIMIT = 200
LONGEST_NAME = 5
"""Words of the longest name looked for."""

_TOKENS = re.compile(r"1[:-]1|w/|<->|<>|#?[^\W_]+(?:['’.-][^\W_]+)*|[^\w\s]")
_SEPARATORS = frozenset({":", "-", "–", "—"})
_PAST: tuple[tuple[str, TouchKind], ...] = (("past-call-words", "call"), ("past-meet-words", "one-to-one"))


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a title names: ``people`` (leaders), how many ``strangers`` beside them, or who all may be meant."""

    kind: TouchKind
    people: tuple[str, ...]
    strangers: int = 0
    ambiguous: frozenset[str] = frozenset()


def tokens(title: str, vocabulary: Vocabulary) -> list[str]:
    """Return the words of ``title`` as they stand, and the signs that mean something: no emoji, full stop or quote."""
    text = title[:TITLE_LIMIT]
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    signs = vocabulary["title-signs"]
    return [item for item in _TOKENS.findall(text) if item[0].isalnum() or item[0] == "#" or item in signs]


def named(title: str, book: Names, at: datetime, vocabulary: Vocabulary, *, log: bool = False) -> Named | None:
    """Return whom ``title`` names, None if nobody known; ``log``: a call log, where a bare name is enough."""
    said = tokens(title, vocabulary)
    folded = [names.fold(token) for token in said]
    if not said or not vocabulary["title-veto"].isdisjoint(folded):
        return None
    reader = _Reader(said, folded, book, at, vocabulary)
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
            return self._exactly(self._without_with(rest)) or self._beside_me(rest)
        return self._beside_me(self.folded)

    def phrase(self) -> Named | None:
        """Read ``lunch with NAME``, ``called NAME``, ``Lunch NAME``, ``Call: NAME``."""
        for length in (2, 1):
            opening = " ".join(self.folded[:length])
            for name, kind in _PAST:
                if opening in self.vocabulary[name] and len(self.folded) > length:
                    return self.people(length, kind)
        for index in range(len(self.folded)):
            meeting = self._meeting_word(" ".join(self.folded[max(index - 1, 0) : index + 1]), self.folded[index])
            if meeting is not None and self._is_with(index + 1):
                return self.people(index + 2, meeting)
        return self._noun()

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
