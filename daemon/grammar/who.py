"""Whom does a line name? Names as they were typed; who bears them is for others to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from connectors._address import fold
from daemon import names
from daemon.grammar.text import EDGES, kept
from daemon.grammar.words import Words, words_of
from daemon.model import Vocabulary

LONGEST_NAME = 5
"""Words of the longest name read."""
LONGEST_SENTENCE = 200
Kind = Literal["person", "several"]
_SPLITS = frozenset(' \t<>()[]‹›,;:"')
_ENDS = frozenset({",", ";", ":", "(", "[", "|", "/", "-", "=", "!", '"', "‹", "<"})
_NO_PERSON = (
    "meet-words",
    "call-words",
    "open-words",
    "role-name-words",
    "company-words",
    "name-nobody-words",
    "line-nobody",
    "line-several",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who a line begins with: the ``name`` as typed, their ``address``, and the ``rest`` of the line."""

    name: str
    rest: str
    address: str | None = None
    kind: Kind = "person"


def who(line: str, vocabulary: Vocabulary) -> Who:
    """Return whom ``line`` begins with: the name up to a colon, comma, bracket, dash or address, or the first words.

    Where no sign ends it, the name is the run of words in capitals at the beginning ("Anna Berger needs a CFO"), or
    the whole line if that begins in small letters.
    """
    before, address, behind = _parted(line)
    words = words_of(before)
    end = next((index for index in range(len(words)) if _ends(words, index)), len(words))
    named = end
    if address is None and end == len(words) and words.said(0)[:1].isupper():
        named = _run(words, 0, vocabulary)
        if words.word(named) in vocabulary["and-words"]:
            named = end
    name = words.text(0, named or end).strip(EDGES + "'\"")
    rest = f"{words.text(named or end, len(words))} {behind}".strip()
    several = _is_several(words, named or end, vocabulary)
    return Who(name=kept(name)[:LONGEST_SENTENCE], rest=rest, address=address, kind="several" if several else "person")


def without_address(text: str) -> tuple[str, str | None]:
    """Return ``text`` without the first mail address in it, and that address, folded."""
    before, address, behind = _parted(text)
    return (text, None) if address is None else (f"{before.rstrip()} {behind.lstrip()}".strip(), address)


def is_name(text: str, vocabulary: Vocabulary) -> bool:
    """Tell whether ``text`` looks like somebody's name: a few words in capitals, none of a thing or an office."""
    words = words_of(text)
    if words.word(0) in vocabulary["no-names"] | vocabulary["said-openers"]:
        return False
    if not 0 < len(words) <= LONGEST_NAME + 2 or _run(words, 0, vocabulary) < len(words):
        return False
    return is_somebody(words, 0, len(words), vocabulary)


def is_somebody(words: Words, start: int, end: int, vocabulary: Vocabulary) -> bool:
    """Tell whether no word between ``start`` and ``end`` is one of a meeting, an office, a company or nobody."""
    said = {part for index in range(start, end) for part in names.words(words.word(index))}
    others = frozenset().union(*(vocabulary[name] for name in _NO_PERSON))
    return bool(said) and others.isdisjoint(said) and all(words.past(at, others) == at for at in range(start, end))


def name_at(words: Words, start: int, vocabulary: Vocabulary) -> int:
    """Return where the name in capitals that begins at ``start`` ends; ``start`` itself if there is none."""
    end = _run(words, start, vocabulary)
    return end if end > start and is_somebody(words, start, end, vocabulary) else start


def _run(words: Words, start: int, vocabulary: Vocabulary) -> int:
    """Return where a run of words in capitals ends, with the small words between them ("van der") and initials.

    Letters that stand for a thing end it ("CFO"), unless everything is shouted.
    """
    titles = vocabulary["name-honorifics"] | vocabulary["name-honorific-tails"]
    shouted = words.said(start).isupper() and len(words.said(start)) > 1
    end = index = start
    while index < len(words) and end - start < LONGEST_NAME + 2:
        word, said = words.word(index), words.said(index)
        if word == "." and index > start and (words.word(index - 1) in titles or len(words.word(index - 1)) == 1):
            index += 1
            continue
        if not said[:1].isalpha() or _is_thing(said, shouted=shouted):
            break
        if not _is_capital(said) and word not in titles:
            if word not in names.PARTICLES or index == start:
                break
        elif said[:1] != said[:1].lower() or not said[:1].islower():
            end = index + 1
        index += 1
    return end


def _is_capital(said: str) -> bool:
    return not said[:1].islower()


def _is_thing(said: str, *, shouted: bool) -> bool:
    return not shouted and len(said) > 1 and said.isupper() and said.isascii()


def _ends(words: Words, index: int) -> bool:
    """Tell whether a sign ends the name here: a dash only between spaces."""
    word = words.word(index)
    if word == "-":
        token = words.tokens[index]
        return words.line[token.start - 1 : token.start] in {"", " "}
    return word in _ENDS and index > 0


def _is_several(words: Words, end: int, vocabulary: Vocabulary) -> bool:
    numbers = frozenset().union(*(vocabulary[f"number-{number}"] for number in range(2, 7)))
    if words.word(0)[:1].isdigit() or words.past(0, vocabulary["line-several"] | numbers) > 0:
        return True
    return any(words.word(index) in vocabulary["and-words"] - {",", "/"} for index in range(1, end - 1))


def _parted(text: str) -> tuple[str, str | None, str]:
    """Return what stands before the first mail address in ``text``, that address folded, and what stands behind it."""
    start = 0
    for index, character in enumerate(f"{text} "):
        if character in _SPLITS:
            address = fold(text[start:index].strip("'.")) if "@" in text[start:index] else None
            if address is not None:
                return (
                    text[:start].removesuffix("‹").removesuffix("<").removesuffix("("),
                    address,
                    _behind(text[index:]),
                )
            start = index + 1
    return text, None, ""


def _behind(text: str) -> str:
    return text[1:] if text[:1] in {">", ")", "›"} else text
