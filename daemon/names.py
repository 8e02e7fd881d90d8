"""What is somebody's name? Folding, comparing and choosing display names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from daemon.model import Vocabulary

NameKey = tuple[str, ...]
"""The folded words of a name in sorted order: "Doe, Jane" and "Jane Doe" have the same."""

_WORDS = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_ASIDE = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\])")
_TAIL = re.compile(r"\s*(?:[(\[].*|\svia\s.*)$", re.IGNORECASE)
_QUOTES = "\"'‘’“”„`´ "
_PLAIN = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?")
_TOGETHER = re.compile(r"[&+/]")
_POSSESSIVE = re.compile(r"['’]s(?![^\W_])", re.IGNORECASE)
_ORDER_UNKNOWN = re.compile(
    "[\u1100-\u11ff\u3005\u3040-\u30ff\u3105-\u318f\u31a0-\u31ff\u3400-\u9fff\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\uff66-\uffdc\U00020000-\U0003ffff]"
)
"""Han, kana and Hangul: the family name may come first."""
DEGREES = frozenset(
    "mba emba phd ph.d msc m.sc bsc b.sc ma m.a ba b.a md m.d jd j.d llm ll.m llb ll.b mph mfa meng beng bed dba edd"
    " cpa cfa pmp esq rn fh mag dr dipl.-ing dipl-ing bakk cissp frcs facs mas mim mbl ing".split()
)
"""Behind a name; nobody is greeted with one."""
GENERATIONS = frozenset("jr jun junior sr sen senior ii iii iv".split())
_SUFFIXES = DEGREES | GENERATIONS
PARTICLES = frozenset(
    "van von vom der den de di da dos das do del della dello degli du des d la le los las ten ter te tot zu zum zur op"
    " af av bin bint ibn ben abu 't".split()
)
"""Between first name and surname: small, and no word of a name by itself."""
_CORE = (2, 3)
"""Words of a name, particles aside, of which the first is trusted to be the first name."""


@lru_cache(maxsize=8192)
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

    A degree behind a comma goes, "Jr." stays: "Robert Huber, MBA" is Robert Huber. What else stands behind two words
    and a comma may be a company: that is left as it is. Empty when it is no name but an address.
    """
    text = _TAIL.sub("", _ASIDE.sub("", name.strip(_QUOTES))).strip(_QUOTES)
    if "@" in text:
        return ""
    parts = [" ".join(part.split()) for part in text.split(",")]
    behind: list[str] = []
    while len(parts) > 1 and _is_suffix(parts[-1]):
        behind = [word for word in parts.pop().split() if not _is_one_of(word, DEGREES)] + behind
    if len(parts) == 2 and all(parts) and len(_without_particles(parts[0].split())) < 2:
        first, after = _parted(parts[1].split(), 1)
        parts, behind = [" ".join((*first, parts[0]))], [*after, *behind]
    return " ".join((", ".join(parts), *behind)).strip()


def _is_suffix(text: str) -> bool:
    return all(_is_one_of(word, _SUFFIXES) for word in text.split())


def _parted(parts: Sequence[str], least: int) -> tuple[Sequence[str], Sequence[str]]:
    """Return ``parts`` without what stands behind a name, and that; ``least`` words are the name in any case."""
    last = len(parts)
    while last > least and _is_suffix(parts[last - 1]):
        last -= 1
    return parts[:last], parts[last:]


def _is_one_of(word: str, known: frozenset[str]) -> bool:
    return fold(word).rstrip(".") in known


def _without_particles(parts: Sequence[str]) -> list[str]:
    return [word for word in parts if not _is_one_of(word, PARTICLES)]


def key(name: str) -> NameKey:
    """Return what tells two names the same: order, case and accents folded."""
    return tuple(sorted(words(name)))


def same_name(one: str, other: str) -> bool:
    """Tell whether two names are the same, whatever the order of their words."""
    return bool(key(one)) and key(one) == key(other)


def is_full(name: str, vocabulary: Vocabulary) -> bool:
    """Tell whether ``name`` is one person's full name: two to five words, none of an office or a company (P14).

    Initials do not make a word: "J. Smith" may be anybody. A family, a couple and a telephone are no person.
    """
    parts = words(name)
    said = sum(len(part) > 1 or not part.isascii() for part in parts)
    if said < 2 or len(parts) > 5 or any(c.isdigit() for c in name) or _TOGETHER.search(name):
        return False
    initials = {fold(word[0]) for word in name.split() if len(word) == 2 and word[1] == "."}  # "E." joins no couple
    plain = set(parts) - initials
    return not _POSSESSIVE.search(name) and all(vocabulary[kind].isdisjoint(plain) for kind in _NOBODY)


_NOBODY = ("role-name-words", "company-words", "name-nobody-words")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A full name in parts: ``titles`` before it, the ``words`` themselves, and ``behind`` them "Jr." or a degree."""

    titles: tuple[str, ...]
    words: tuple[str, ...]
    behind: tuple[str, ...]


def spoken(name: str, vocabulary: Vocabulary) -> Spoken:
    """Return ``name`` in parts."""
    parts = name.split()
    first = 0
    while first < len(parts) and _is_title(parts[first], first, vocabulary):
        first += 1
    said, behind = _parted(parts[first:], 2)
    return Spoken(titles=tuple(parts[:first]), words=tuple(said), behind=tuple(behind))


def _is_title(word: str, place: int, vocabulary: Vocabulary) -> bool:
    tail = place > 0 and _is_one_of(word, vocabulary["name-honorific-tails"])
    return tail or _is_one_of(word, vocabulary["name-honorifics"])


def first_name(name: str, vocabulary: Vocabulary) -> str:
    """Return the first name in ``name``, "" unless it is certain which word that is (T24).

    Certain is a person's full name of two or three plain words, particles, titles and suffixes aside, in a script that
    puts the first name first; unless the first word is an initial, or is shouted beside one that is not: "HUBER Eva".
    """
    parts = spoken(name, vocabulary).words
    if not is_full(name, vocabulary) or _ORDER_UNKNOWN.search(name) or not all(map(_PLAIN.fullmatch, parts)):
        return ""
    core = _without_particles(parts)
    if not _CORE[0] <= len(core) <= _CORE[1] or core[0] != parts[0] or core[-1] != parts[-1]:
        return ""
    if len(core[0]) < 2 or "." in core[0] or (_shouts(core[0]) and not all(map(_shouts, core))):
        return ""
    return core[0]


def _shouts(word: str) -> bool:
    return any(one.isupper() and other.isupper() for one, other in pairwise(word))


def shared_parts(name: NameKey, one: str, other: str) -> frozenset[str]:
    """Return the parts of ``name``, three letters or more, that the local parts of both addresses hold (P14)."""
    first, second = (fold(address.partition("@")[0]) for address in (one, other))
    return frozenset(part for part in name if len(part) >= 3 and part in first and part in second)


def best(names: Mapping[str, int], vocabulary: Vocabulary) -> tuple[str, bool]:
    """Choose among display names (as written: number of records) and tell whether the choice is certain.

    A full name beats any other, then the commonest wins, then one that tells the first name, then the longest, then the
    first by alphabet. Certain: a full name that stands in two records or more and always begins with the same first
    name (T24).
    """
    heard: dict[NameKey, int] = {}
    for name, count in names.items():
        heard[key(name)] = heard.get(key(name), 0) + count
    firsts = {name: first_name(name, vocabulary) for name in names}
    ranked = sorted(
        (not is_full(name, vocabulary), -heard[key(name)], not firsts[name], _shouted(name), -count, -len(name), name)
        for name, count in names.items()
    )
    if not ranked:
        return "", False
    _, count, nameless, *_, chosen = ranked[0]
    said = {fold(first) for name, first in firsts.items() if first and key(name) == key(chosen)}
    return chosen, not nameless and -count >= 2 and len(said) == 1


def _shouted(name: str) -> bool:
    return name == name.upper() or name == name.lower()


def collect(raw: Mapping[str, int], into: dict[str, int]) -> None:
    """Add display names as found (``raw``: name to number of records) to ``into``, as written."""
    for name, count in raw.items():
        text = written(name)
        if text:
            into[text] = into.get(text, 0) + count
