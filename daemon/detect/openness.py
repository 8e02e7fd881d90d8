"""Is a title that of an open event? (E12, C18)"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from daemon import names
from daemon.detect import titles
from daemon.model import Vocabulary

Mark = Literal["alone", "named"]
"""What a word of the lists needs: nothing, or a proper name beside it and no series ("Messe" on Sundays is church)."""
LONGEST_PHRASE = 4
"""Words of the longest entry of the lists."""


def openness(title: str, vocabulary: Vocabulary, *, recurring: bool) -> Literal["open", "doubtful"] | None:
    """Tell what E12 makes of a title: an open event, one to ask about, or neither (C18).

    Open: words of the list alone or beside proper names, not followed by "with" or "call".
    """
    said = titles.tokens(title, vocabulary)
    folded = [names.fold(token) for token in said]
    marks = _marks(folded, vocabulary)
    places = [index for index, mark in enumerate(marks) if mark]
    beside = [index for index, mark in enumerate(marks) if not mark]
    proper = [said[index] for index in beside if _says_more(folded[index], vocabulary)]
    if not vocabulary["open-veto"].isdisjoint(folded[index] for index in beside):
        return None
    if not places or any(_is_with(said[index], vocabulary) for index in range(places[0], len(said))):
        return None
    if all(marks[index] == "named" for index in places) and (recurring or not proper):
        return None
    return "open" if all(token[0].isupper() or token[0] == "#" for token in proper) else "doubtful"


def _is_with(token: str, vocabulary: Vocabulary) -> bool:
    """Tell whether ``token`` is a word for "with": "mit" is one, MIT a university."""
    return names.fold(token) in vocabulary["with-words"] and not (token.isalpha() and token.isupper())


def _says_more(token: str, vocabulary: Vocabulary) -> bool:
    return token not in vocabulary["small-words"] and token not in vocabulary["title-signs"] and not token.isdigit()


def _marks(folded: Sequence[str], vocabulary: Vocabulary) -> list[Mark | None]:
    """Return the mark of each word, the longest entry of the lists first."""
    marks: list[Mark | None] = []
    while len(marks) < len(folded):
        start = len(marks)
        for length in range(min(LONGEST_PHRASE, len(folded) - start), 0, -1):
            mark = _mark(folded[start : start + length], vocabulary)
            if mark or length == 1:
                marks += [mark] * length
                break
    return marks


def _mark(words: Sequence[str], vocabulary: Vocabulary) -> Mark | None:
    phrase = " ".join(words)
    if phrase in vocabulary["open-words"]:
        return "alone"
    if phrase in vocabulary["open-named-words"]:
        return "named"
    if len(words) > 1 or phrase in vocabulary["open-veto"]:
        return None
    if _ends(phrase, vocabulary["open-endings"]):
        return "alone"
    return "named" if _ends(phrase, vocabulary["open-named-endings"]) else None


def _ends(word: str, endings: frozenset[str]) -> bool:
    return any(word.endswith(end) and word != end for end in endings)
