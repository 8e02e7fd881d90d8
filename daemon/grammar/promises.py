"""What was promised, to whom and until when? (PRACTICE 5.3)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from daemon.grammar.days import looking_ahead
from daemon.grammar.text import kept
from daemon.grammar.who import name_at
from daemon.grammar.words import Words
from daemon.model import Vocabulary

_LEADING = frozenset({":", ",", ";", ".", "-", "!", ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """``text`` is what was promised, ``day`` until when; both may be missing."""

    text: str
    day: date | None = None


def promise(words: Words, start: int, end: int, today: date, vocabulary: Vocabulary) -> Promise:
    """Read what stands from token ``start`` up to before ``end``: "him the Graz study by 18 Feb"."""
    while start < end and words.word(start) in _LEADING:
        start += 1
    start = min(words.past(start, vocabulary["said-them"]), end)
    last = end
    while last > start and words.word(last - 1) in _LEADING:
        last -= 1
    for index in range(max(start, last - 6), last):
        found = looking_ahead(words, index, today, vocabulary)
        if found is not None and found.after >= last:
            return Promise(text=kept(words.text(start, index)), day=found.day)
    found = looking_ahead(words, start, today, vocabulary)
    if found is not None and words.word(found.after) in _LEADING:
        return Promise(text=kept(words.text(found.after, end)), day=found.day)
    return Promise(text=kept(words.text(start, end)))


def receiver(words: Words, start: int, vocabulary: Vocabulary) -> tuple[str, int, int]:
    """Return to whom something is promised, and between which tokens stands what: "Karl the study", "it to Karl".

    "Graz study" names nobody: a name before the thing has a colon, a comma or an article behind it.
    """
    while words.word(start) in _LEADING - {""}:
        start += 1
    end = name_at(words, start, vocabulary)
    if end > start and (words.word(end) in {":", ","} or words.past(end, vocabulary["articles"]) > end):
        return kept(words.text(start, end)), end, len(words)
    for index in range(len(words) - 2, start, -1):
        if words.word(index) in vocabulary["promise-to"]:
            after = name_at(words, index + 1, vocabulary)
            if after > index + 1:
                return kept(words.text(index + 1, after)), start, index
    return "", start, len(words)
