"""How does a text from outside come onto the page? As text of one line, bounded, and read in one direction."""

from __future__ import annotations

import unicodedata

LONGEST = 80
"""Characters of a name or a title, at most."""
_WIDE = 1.7
"""Ordinary letters that the widest take the room of."""
_JOINERS = "\u200c\u200d"


def line(text: str, limit: int = LONGEST) -> str:
    """Return ``text`` as one line: no controls, no marks that turn the direction, at most ``limit`` characters.

    What was cut ends in an ellipsis. Joiners inside emoji stay. A tower of combining marks is cut to two.
    """
    kept: list[str] = []
    marks = 0
    for character in text[: limit * 4]:
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if category in {"Cc", "Zl", "Zp", "Zs"}:
            kept.append(" ")
        elif marks <= 2 and (category[0] != "C" or character in _JOINERS):
            kept.append(character)
    words = " ".join("".join(kept).split())
    return words if len(words) <= limit and len(text) <= limit * 4 else f"{words[: limit - 1].rstrip()}…"


def label(text: str, letters: int) -> str:
    """Return ``text`` as a line that takes no more room than that many ordinary letters."""
    whole = line(text)
    if room(whole) <= letters:
        return whole
    kept = next(count for count in range(len(whole), -1, -1) if room(whole[:count]) <= letters - 1)
    return f"{whole[:kept].rstrip()}…"


def room(text: str) -> float:
    """Return how many ordinary letters take the room of ``text``."""
    return sum(_WIDE if each in "MWmw@%" or unicodedata.east_asian_width(each) in "WF" else 1.0 for each in text)


def number(value: float) -> str:
    """Return a number as it is written: at most one decimal, and none that is zero."""
    return f"{value:.1f}".removesuffix(".0")
