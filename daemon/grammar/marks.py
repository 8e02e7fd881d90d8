"""Does a line end with a mark? `x` as the lone last word, or `[x]` (C16)."""

from __future__ import annotations

import re

from daemon import names
from daemon.grammar.text import EDGES
from daemon.grammar.words import is_sign, words_of

_BOX = re.compile(r"\[ ?([^\s\[\]]{0,3}) ?\]")
_PASSED_OVER = frozenset({".", ",", ";", "!", ":", "-"})


def without_mark(line: str, signs: frozenset[str]) -> tuple[str, bool]:
    """Return ``line`` without the mark it bears, and whether it bears one: one of ``signs``, last or in a box.

    The last word must stand alone, after a space or a colon; emoji and a full stop behind it do not matter.
    """
    line, boxed = _unboxed(line, signs)
    line, found = _without_last(line, signs)
    return line.strip(), boxed or found


def box_last(line: str) -> str:
    """Return ``line`` with a box at its beginning moved to its end, where marks stand; an empty one goes."""
    box = _BOX.match(line)
    return line if box is None else f"{line[box.end() :].strip()} {box[0] if box[1] else ''}".rstrip()


def _unboxed(line: str, signs: frozenset[str]) -> tuple[str, bool]:
    ticked = any(box[1] and _is_mark(box[1], signs) for box in _BOX.finditer(line))
    return _BOX.sub(lambda box: "" if _is_mark(box[1], signs) else box[0], line), ticked


def _is_mark(inside: str, signs: frozenset[str]) -> bool:
    return not inside or names.fold(inside).rstrip("\ufe0f") in signs


def _without_last(line: str, signs: frozenset[str]) -> tuple[str, bool]:
    """Return ``line`` without the marks at its end: "x", "x x", "x.", "x" and an emoji."""
    words = words_of(line)
    end = last = len(words)
    while last > 0:
        last -= 1
        if words.word(last) in signs and words.is_alone(last):
            end = last
        elif words.word(last) in signs or not is_passed_over(words.word(last)):
            break
    if end == len(words):
        return line, False
    return line[: words.tokens[end].start].rstrip(EDGES.replace(":", "")), True


def is_passed_over(word: str) -> bool:
    """Tell whether ``word`` says nothing behind an answer: an emoji, a skin tone, a full stop."""
    return not word or word in _PASSED_OVER or (is_sign(word) and not word.isascii())
