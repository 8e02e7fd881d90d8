"""Whose need does somebody else's offer meet? Notes against notes, word by word; never of two who met already (5.7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import takewhile

from daemon import names
from daemon.model import Decision, State, Touchpoint
from daemon.relate.topics import Topics

STEM = 5
"""Letters that two forms of a word share at least, and ``ALIKE`` of the longer one: printing, printer."""
ALIKE = 0.6
SHARE = 0.5
"""Of the words of a need so many are met at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """``needs`` and ``offers`` are the notes, about ``first`` and ``second``; ``fact`` names the pair of notes."""

    first: str
    second: str
    needs: Decision
    offers: Decision
    shared: int

    @property
    def fact(self) -> str:
        """The key of the match: of its notes, so that it outlives a merge of persons."""
        both = f"{self.needs.key}\n{self.offers.key}"
        return f"introduction/{sha256(both.encode()).hexdigest()[:16]}"


def matches(topics: Topics) -> Iterator[Match]:
    """Yield the needs that somebody else's offer meets, the best first, without those whom a touch ever joined."""
    yield from (match for match in pairs(topics) if not joined(match.first, match.second, topics.state))


def pairs(topics: Topics) -> Sequence[Match]:
    """Return the needs that somebody else's offer meets, the best first, of people who may know each other, too."""
    needs = [(who, note, _words(item.text, topics)) for who, note, item in topics.everybody("needs")]
    offers = [(who, note, _words(item.text, topics)) for who, note, item in topics.everybody("offers")] if needs else []
    found = [
        Match(first=first, second=second, needs=note, offers=other, shared=shared)
        for first, note, words in needs
        for second, other, offered in offers
        if first != second and (shared := _shared(words, offered))
    ]
    return sorted(found, key=lambda match: (-match.shared, match.needs.at, match.needs.key, match.offers.key))


def joined(first: str, second: str, state: State) -> bool:
    """Tell whether one meeting or mail touched both, up to today or in the days ahead."""
    there = [{item.source for item in _known(who, state)} for who in (first, second)]
    return not there[0].isdisjoint(there[1])


def _known(person: str, state: State) -> Sequence[Touchpoint]:
    return (*state.touchpoints.get(person, ()), *state.ahead.get(person, ()))


def _words(text: str, topics: Topics) -> frozenset[str]:
    said = frozenset(part for word, _ in topics.content.of(text) for part in names.words(word))
    return said or frozenset(names.words(text))


def _shared(needs: frozenset[str], offers: frozenset[str]) -> int:
    """Return how many words of a need are met, 0 for too few."""
    met = sum(any(_alike(one, other) for other in offers) for one in needs)
    return met if needs and met >= SHARE * min(len(needs), len(offers)) else 0


@lru_cache(maxsize=4096)
def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    return common >= STEM and common >= ALIKE * max(len(one), len(other))
