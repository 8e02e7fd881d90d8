"""How is somebody called? Names come from strangers: what is shown of them is cleaned, what greets is certain."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from connectors._address import clean
from daemon.model import Person, Vocabulary
from daemon.names import GENERATIONS, PARTICLES, first_name, spoken, written

_LOOK_ALIKE = str.maketrans({"<": "‹", ">": "›"})
_MARKS_IN_A_ROW = 3
_TYPEABLE = re.compile(r"[^\W\d_](?:[\w' -]|\.(?! ?\.)){0,22}[^\W_]")
GREETING_LIMIT = 50
NO_BREAK = "\u00a0"


@lru_cache(maxsize=16_384)
def plain(text: str, limit: int = 200) -> str:
    """Return ``text`` as one clean line: no markup, no encoded word, no tower of marks (C8, C12, C13, C23)."""
    line = clean(text, limit).translate(_LOOK_ALIKE)
    while "=?" in line or "?=" in line:
        line = line.replace("=?", "?").replace("?=", "?")
    return clean(_few_marks(line), limit)


def _few_marks(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        if marks <= _MARKS_IN_A_ROW:
            kept.append(character)
    return "".join(kept)


def shown(person: Person) -> str:
    """Return what to call ``person`` before the user: the name, else the address, else the id.

    A name with ``@`` in it poses as an address and is dropped (reliability C11).
    """
    name = plain(person.name)
    if any(c.isalnum() for c in name) and "@" not in name:
        return name
    return plain(person.addresses[0]) if person.addresses else person.id


def shortened(text: str, limit: int) -> str:
    """Return ``text`` in at most ``limit`` characters, at the end of a word where that keeps more than half."""
    if len(text) <= limit:
        return text
    cut = text[: max(limit - 1, 1)]
    word = cut.rpartition(" ")[0]
    return (word if len(word) * 2 > limit else cut).rstrip(" ,-") + "…"


def greeting_names(person: Person, vocabulary: Vocabulary) -> tuple[str, str]:
    """Return first name and full name for a greeting, both "" unless it is certain which word is the first name (T24).

    As their owner writes them, a degree behind the name aside; only a name all in capitals, or with none, is recased.
    """
    name = written(plain(person.name))
    first = first_name(name, vocabulary) if person.certain_name and len(name) <= GREETING_LIMIT else ""
    if not first:
        return "", ""
    parts = spoken(name, vocabulary)
    behind = tuple(word for word in parts.behind if word.rstrip(".").casefold() in GENERATIONS)
    if not name.isupper() and not name.islower():
        return first, " ".join((*parts.titles, *parts.words, *behind))
    titles = (word.title() if n == 0 else word.lower() for n, word in enumerate(parts.titles))
    return _cased(first), " ".join((*titles, *map(_cased, parts.words), *map(_behind, behind)))


def _cased(word: str) -> str:
    return word.lower() if word.casefold() in PARTICLES else word.title()


def _behind(word: str) -> str:
    return word.upper() if set(word.casefold()) == {"i"} or word.casefold() == "iv" else word.title()


def own_first_name(name: str, vocabulary: Vocabulary) -> str:
    """Return the user's first name out of the configured one."""
    parts = spoken(written(plain(name)) or plain(name), vocabulary)
    return next(iter((*parts.words, *parts.titles)), "")


def command(person: Person, people: Mapping[str, Person]) -> str:
    """Return the ``kith why`` line for ``person``: by name where that is safe to type and nobody else's, else by id.

    Its spaces are no-break spaces, so that wrapping keeps it whole; the caller turns them back.
    """
    name = plain(person.name)
    # lower, not casefold: that is for comparing, and no Greek or German would type what it makes of their letters
    folded, small = name.casefold(), name.lower()
    alone = sum(folded in plain(other.name).casefold() for other in people.values()) <= 1
    who = f'"{small}"' if alone and _TYPEABLE.fullmatch(small) else person.id
    return f"kith why {who}".replace(" ", NO_BREAK)


def words_of(name: str) -> frozenset[str]:
    """Return the words of a name, case folded."""
    return frozenset(re.findall(r"[^\W_]{2,}", name.casefold()))
