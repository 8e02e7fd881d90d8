"""May a model's words take the place of a template's? Only if they say the same, as far as that can be checked.

What stands between greeting and closing is said again; the rest, the subject too, stays. On any doubt the template
stays: a fact less or more, a name, a number, an address, a second question, no way left to say no, too many words that
the text did not have, a word that no mail should hold, a rule of words broken.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from daemon import names
from daemon.compose.quotes import hurts
from daemon.compose.rules import DOTS, Letter, broken, phrases
from daemon.compose.templates import Words
from daemon.model import Settings, Vocabulary
from daemon.relate.articles import stem_of

LONGEST = 1200
"""Characters of an answer that is looked at."""
PARAGRAPHS = 4
NEW_WORDS = 3
"""Words that say something and that the text did not have; more would be another letter. Half of its own must stay."""
_QUOTE = re.compile(r"[\"“„«][^\"“”„«»\n]{1,200}[\"”“»]")
_LINK = re.compile(r"\S*(?:://|www\.|@)\S*")
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_BEGINS = re.compile(r"(?:^|[.!?:]\s+|\n\s*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A draft's body: what is said again, and what stands around it."""

    greeting: str
    message: str
    closing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What is needed to judge: the settings, the word lists, the templates."""

    settings: Settings
    vocabulary: Vocabulary
    templates: Mapping[str, str]


def parts(body: str, settings: Settings) -> Parts | None:
    """Return ``body`` taken apart, None if it has no middle."""
    greeting, _, rest = body.partition("\n\n")
    own = settings.signature.strip()
    if own and rest.endswith(f"\n\n{own}"):
        message, closing = rest.removesuffix(f"\n\n{own}"), own
    else:
        message, _, closing = rest.rpartition("\n\n")
    found = Parts(greeting=greeting, message=message.strip(), closing=closing)
    return found if found.message and found.greeting and found.closing else None


def reworded(words: Words, answer: str, grounds: Grounds) -> str | None:
    """Return the body of the draft ``words`` with ``answer`` in its middle, None on any doubt."""
    whole = parts(words.body, grounds.settings)
    text = "\n\n".join(" ".join(part.split()) for part in answer.strip().split("\n\n"))
    if whole is None or not text or len(text) > LONGEST or text.count("\n\n") >= PARAGRAPHS:
        return None
    said = whole.message
    same = all(find(text, grounds.vocabulary) == find(said, grounds.vocabulary) for find in (_facts, _names, _way_out))
    mine, its = _content(text, grounds), _content(said, grounds)
    if not same or len(mine - its - _content(words.title, grounds)) > NEW_WORDS or 2 * len(its - mine) > len(its):
        return None
    if hurts(text, grounds.vocabulary) and not hurts(said, grounds.vocabulary):
        return None
    return _unbroken(words.title, text, whole, grounds.templates)


def _unbroken(title: str, text: str, whole: Parts, templates: Mapping[str, str]) -> str | None:
    body = f"{whole.greeting}\n\n{text}\n\n{whole.closing}"
    framed = _QUOTE.sub(DOTS, _LINK.sub(DOTS, text))
    never = tuple(phrase for name, said in templates.items() if name.endswith("/never") for phrase in phrases(said))
    letter = Letter(
        words=Words(title=title, body=body),
        frame=Words(title=DOTS, body=f"{whole.greeting}\n\n{framed}\n\n{whole.closing}"),
        greeting=whole.greeting,
        closing=whole.closing,
        never=never,
        link=next(iter(_LINK.findall(text)), ""),
    )
    return None if broken(letter) else body


def _facts(text: str, _: Vocabulary) -> tuple[Counter[str], Counter[str], Counter[str], int]:
    """Return what has to stay word for word: what is quoted, addresses, numbers, and how often it asks."""
    bare = _LINK.sub(" ", text)
    quoted = (quote[1:-1] for quote in _QUOTE.findall(text))
    return Counter(quoted), Counter(_LINK.findall(text)), Counter(_NUMBER.findall(bare)), text.count("?")


def _names(text: str, vocabulary: Vocabulary) -> set[str]:
    """Return the words that could be names: with a capital letter, unless it is only where a sentence begins."""
    found = set()
    for match in _WORD.finditer(_LINK.sub(" ", text)):
        begins = _BEGINS.search(match.string[: match.start()]) is not None
        if match[0][0].isupper() and not (begins and _is_common(match[0], vocabulary)):
            found.add(match[0])
    return found - {"I"}


def _way_out(text: str, vocabulary: Vocabulary) -> bool:
    """Tell whether the other is told that a no is fine."""
    return any(names.fold(word) in vocabulary["ways-out"] for word in _WORD.findall(text))


def _is_common(word: str, vocabulary: Vocabulary) -> bool:
    """Tell whether ``word`` is of the kind that every text has."""
    folded = names.fold(word)
    return any(folded in vocabulary[name] for name in ("stop-en", "stop-de", "first-words"))


def _content(text: str, grounds: Grounds) -> set[str]:
    """Return the stems of what ``text`` says beside its facts."""
    vocabulary, facts = grounds.vocabulary, _names(text, grounds.vocabulary)
    words = (word for word in _WORD.findall(_QUOTE.sub(" ", _LINK.sub(" ", text))) if word not in facts)
    return {stem for word in words if not _is_common(word, vocabulary) and (stem := stem_of(names.fold(word)))}
