"""How is somebody called? Names come from strangers: what is shown of them is cleaned, what greets is certain."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from connectors._address import clean
from daemon.model import Person, Vocabulary

_LOOK_ALIKE = str.maketrans({"<": "‹", ">": "›"})
_MARKS_IN_A_ROW = 3
_NAME_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?")
_TYPEABLE = re.compile(r"[^\W\d_](?:[\w' -]|\.(?! ?\.)){0,22}[^\W_]")
GREETING_LIMIT = 50
NO_BREAK = "\u00a0"


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
    """Return first name and full name for a greeting, both "" unless they are certain.

    Certain is a name that detection found certain, of letters only, with a first name that is no initial (T24).
    """
    name = plain(person.name)
    if not person.certain_name or len(name) > GREETING_LIMIT:
        return "", ""
    if name.count(",") == 1:
        last, _, first = name.partition(",")
        name = f"{first.strip()} {last.strip()}"
    words = name.split()
    if not all(_NAME_WORD.fullmatch(word) for word in words):
        return "", ""
    own = [word for word in words if word.rstrip(".").casefold() not in vocabulary["quote-honorifics"]]
    if len(own) < 2 or len(own[0].rstrip(".")) < 2 or own[0].endswith("."):
        return "", ""
    return _cased(own[0]), " ".join(_cased(word) for word in words)


def _cased(word: str) -> str:
    """Return ``word`` with a capital where it was shouted or whispered; mixed case is somebody's choice."""
    return word.title() if len(word) > 2 and (word.isupper() or word.islower()) else word


def own_first_name(name: str) -> str:
    """Return the user's first name out of the configured one."""
    line = plain(name)
    if line.count(",") == 1:
        line = line.partition(",")[2].strip() or line
    return line.split(" ")[0]


def command(person: Person, people: Mapping[str, Person]) -> str:
    """Return the ``kith why`` line for ``person``: by name where that is safe to type and nobody else's, else by id.

    Its spaces are no-break spaces, so that wrapping keeps it whole; the caller turns them back.
    """
    name = plain(person.name).casefold()
    alone = sum(name in plain(other.name).casefold() for other in people.values()) <= 1
    who = f'"{name}"' if alone and _TYPEABLE.fullmatch(name) else person.id
    return f"kith why {who}".replace(" ", NO_BREAK)


def words_of(name: str) -> frozenset[str]:
    """Return the words of a name, case folded."""
    return frozenset(re.findall(r"[^\W_]{2,}", name.casefold()))
