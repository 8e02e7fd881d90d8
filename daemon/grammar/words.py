"""Which words does a line hold, and where? Reading goes by folded words, texts are cut from the line as it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass

from daemon import names

LONGEST = 4
"""Words of the longest phrase in the lists."""
_TOKEN = re.compile(r"w/|\d[\d.:/-]*[^\W\d_]*|[^\W\d_][^\W_]*(?:['.-][^\W_]+)*|[^\w\s]|_")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or a sign: ``folded`` for comparing, and where it stands."""

    folded: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Words:
    """A plain line and its tokens."""

    line: str
    tokens: tuple[Token, ...]

    def __len__(self) -> int:
        return len(self.tokens)

    def word(self, index: int) -> str:
        """Return the folded token at ``index``, "" beyond the ends."""
        return self.tokens[index].folded if 0 <= index < len(self.tokens) else ""

    def said(self, index: int) -> str:
        """Return the token at ``index`` as it was typed, "" beyond the ends."""
        if not 0 <= index < len(self.tokens):
            return ""
        token = self.tokens[index]
        return self.line[token.start : token.end]

    def text(self, start: int, end: int) -> str:
        """Return the line from token ``start`` up to before token ``end``, as it was typed."""
        if start >= end or start >= len(self.tokens):
            return ""
        return self.line[self.tokens[start].start : self.tokens[min(end, len(self.tokens)) - 1].end]

    def past(self, index: int, phrases: frozenset[str]) -> int:
        """Return where the longest of ``phrases`` that stands at ``index`` ends; ``index`` itself if none does."""
        for length in range(min(LONGEST, len(self.tokens) - index), 0, -1):
            if " ".join(token.folded for token in self.tokens[index : index + length]) in phrases:
                return index + length
        return index

    def past_all(self, index: int, phrases: frozenset[str]) -> int:
        """Return where a run of ``phrases`` from ``index`` on ends."""
        after = self.past(index, phrases)
        while after > index:
            index, after = after, self.past(after, phrases)
        return index

    def is_alone(self, index: int) -> bool:
        """Tell whether no letter, digit or sign touches the token at ``index``; a colon before it may, an emoji too."""
        token = self.tokens[index]
        before, after = self.line[: token.start][-1:], self.line[token.end :][:1]
        return (not before or before in " :") and (not after or after in " .,;!" or is_sign(after) > after.isascii())


def words_of(line: str) -> Words:
    """Return the words of a plain line."""
    return Words(line, tuple(Token(names.fold(found[0]), *found.span()) for found in _TOKEN.finditer(line)))


def is_sign(word: str) -> bool:
    """Tell whether ``word`` is neither letters nor a number: an emoji, a full stop."""
    return bool(word) and not word[0].isalnum()
