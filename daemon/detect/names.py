"""What is somebody's name? Folding, comparing and choosing display names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from daemon.model import Vocabulary

NameKey = tuple[str, ...]
"""The folded words of a name in sorted order: "Doe, Jane" and "Jane Doe" have the same."""

_WORDS = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_TAIL = re.compile(r"\s*(?:[(\[].*|\svia\s.*)$", re.IGNORECASE)
_QUOTES = "\"'‘’“”„`´ "


def fold(text: str) -> str:
    """Return ``text`` for comparing: lower case, without accents."""
    if text.isascii():
        return text.casefold()
    apart = unicodedata.normalize("NFD", text.casefold())
    return unicodedata.normalize("NFC", "".join(c for c in apart if not unicodedata.combining(c)))


def words(text: str) -> tuple[str, ...]:
    """Return the folded words of ``text``."""
    return tuple(_WORDS.findall(fold(text)))


def written(name: str) -> str:
    """Return a display name as one would say it: no quotes, no "(Company)", no "via ...", "Doe, Jane" turned round.

    Empty when it is no name but an address.
    """
    text = _TAIL.sub("", name.strip(_QUOTES)).strip(_QUOTES)
    if "@" in text:
        return ""
    last, comma, first = text.partition(",")
    if comma and "," not in first and first.strip() and last.strip():
        text = f"{first.strip()} {last.strip()}"
    return " ".join(text.split())


def key(name: str) -> NameKey:
    """Return what tells two names the same: order, case and accents folded."""
    return tuple(sorted(words(name)))


def is_full(name: str, vocabulary: Vocabulary) -> bool:
    """Tell whether ``name`` is a person's full name: two to five words, none of an office or a company (P14).

    Initials do not make a word: "J. Smith" may be anybody.
    """
    parts = words(name)
    said = sum(len(part) > 1 or not part.isascii() for part in parts)
    if said < 2 or len(parts) > 5 or any(c.isdigit() for c in name):
        return False
    return vocabulary["role-name-words"].isdisjoint(parts) and vocabulary["company-words"].isdisjoint(parts)


def share_part(name: NameKey, one: str, other: str) -> bool:
    """Tell whether the local parts of two addresses hold the same part of ``name``, three letters or more (P14)."""
    first, second = (fold(address.partition("@")[0]) for address in (one, other))
    return any(len(part) >= 3 and part in first and part in second for part in name)


def best(names: Mapping[str, int], vocabulary: Vocabulary) -> tuple[str, bool]:
    """Choose among display names (as written: number of records) and tell whether the choice is certain.

    A full name beats any other, then the commonest wins, then the longest, then the first by alphabet. Certain: a full
    name that stands in two records or more (T24).
    """
    heard: dict[NameKey, int] = {}
    for name, count in names.items():
        heard[key(name)] = heard.get(key(name), 0) + count
    ranked = sorted(
        (not is_full(name, vocabulary), -heard[key(name)], _shouted(name), -count, -len(name), name)
        for name, count in names.items()
    )
    if not ranked:
        return "", False
    partial, count, *_, name = ranked[0]
    return name, not partial and -count >= 2


def _shouted(name: str) -> bool:
    return name == name.upper() or name == name.lower()


def collect(raw: Mapping[str, int], into: dict[str, int]) -> None:
    """Add display names as found (``raw``: name to number of records) to ``into``, as written."""
    for name, count in raw.items():
        text = written(name)
        if text:
            into[text] = into.get(text, 0) + count
