"""What may be quoted? A title or subject is repeated to people only when it is a topic and hurts nobody.

Better no draft than a wrong one: every doubt says no (PRACTICE 5 "Words", RULINGS P34).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from daemon.compose.names import plain, shortened, shown, words_of
from daemon.model import Person, State, Touchpoint, Vocabulary

LENGTH = 60
QUESTION_MARKS = "?？؟¿"
SEEN = 36
TITLE_LIMIT = 500
CONTENT_WORDS = 2

_ENDS = " .,;:!-–—*_"
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"
_PREFIX = re.compile(r"\s*([^\W\d_][^:\[\](){}]{0,23}?) ?(?:\^?\d{1,2}|[\[(]\d{1,2}[\])])?\s?[:：]\s*")
_TAG = re.compile(r"\s*\[[^\[\]#\d]{0,40}\]\s*")
_WAS = re.compile(r"\s*[\[(](?:was|war|fwd|fw|re|aw|wg|ex)\b[^\[\]()]{0,200}[\])]?\s*$", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_CODE = re.compile(
    r"[<>{}|`\\=^~\[\]$@]"  # markup, template text, addresses
    r"|://|www\."
    r"|#\s?\w"  # tickets and hash tags
    r"|\b[A-Za-z]{1,10}-?\d{3,}|\b[A-Z]{2,10}-\d"  # PROJ-12, INC0012345
    r"|\d{5,}|\d[\d /-]{7,}\d"  # customer, order and telephone numbers
    r"|\w{2,}\.[^\W\d_]\w*"  # file names, host names, functions
    r"|\w_\w|\w\(|[/\\]\w+[/\\]"  # names in programs, calls and paths
)
_NAME = r"[A-ZÀ-ÖØ-Þ][\w.’'-]*"
_PAIR = re.compile(rf"(?:{_NAME} ?){{1,3}} ?(?:/|&|\+|\||,|·|•|[x×]|-|–|—|↔|:) ?(?:{_NAME} ?){{1,3}}")
_TWO = re.compile(rf"{_NAME} (?:and|und|with|mit|meets|trifft|vs\.?) {_NAME}")


def quotable(title: str, vocabulary: Vocabulary) -> bool:
    """Tell whether ``title``, its reply prefixes aside, may stand in a mail to somebody who knows it already.

    Whether it is private or was only ever the user's own is not in a title: ``topic_between`` asks that, too.
    """
    return topic(title, vocabulary) is not None


def topic(title: str, vocabulary: Vocabulary) -> str | None:
    """Return ``title`` as it may be quoted, without prefixes and list tags, or None if it may not."""
    if len(title) > TITLE_LIMIT or any(unicodedata.category(c) in _HIDDEN and c not in _JOINERS for c in title):
        return None
    text = _bare(unicodedata.normalize("NFC", title), vocabulary)
    if not 5 <= len(text) <= LENGTH or _PAIR.fullmatch(text) or _TWO.fullmatch(text):
        return None
    if any(refuses(text, vocabulary) for refuses in _REFUSALS):
        return None
    return text.translate(INNER_QUOTES)


INNER_QUOTES = str.maketrans(dict.fromkeys('"“”„‟«»', "'"))


def event_title(title: str, vocabulary: Vocabulary) -> str:
    """Return the title of an event that both know by that name, generic or not, as it may be quoted; "" if not."""
    text = _bare(unicodedata.normalize("NFC", title[:TITLE_LIMIT]), vocabulary)
    if len(text) > LENGTH or _PAIR.fullmatch(text) or _TWO.fullmatch(text) or len(text.split()) < CONTENT_WORDS:
        return ""
    return text.translate(INNER_QUOTES) if sayable(text, vocabulary) else ""


def sayable(text: str, vocabulary: Vocabulary, *, noted: bool = False) -> bool:
    """Tell whether ``text`` may be said in a mail at all: short, plain, no code or address, and hurts nobody.

    ``noted``: the user said it to be passed on, so that it may be about family, money or a job.
    """
    if not 2 <= len(text) <= 80 or any(unicodedata.category(c) in _HIDDEN and c not in _JOINERS for c in text):
        return False
    asks = any(mark in text for mark in QUESTION_MARKS)
    hurts = _says(text, "quote-sensitive", vocabulary) if noted else _is_sensitive(text, vocabulary)
    refused = hurts or _is_code(text, vocabulary) or _is_internal(text, vocabulary)
    return any(c.isalnum() for c in text) and not asks and not refused


def hurts(text: str, vocabulary: Vocabulary) -> bool:
    """Tell whether ``text`` is about what no mail of Kith's brings up: death, illness, money, a job, family."""
    return _is_sensitive(text, vocabulary)


def answer_subject(title: str, vocabulary: Vocabulary) -> str | None:
    """Return the subject of an answer in the thread of ``title``: "Re: " once; None if more than a topic stands there.

    A mark of passing on stays: the thread is called so.
    """
    text, found = " ".join(title.split()), _bare(title, vocabulary)
    while (prefix := _PREFIX.match(text)) and f"{prefix[1].casefold()}:" in vocabulary["answer-prefixes"]:
        text = text[prefix.end() :]
    before, _, after = text.partition(found)
    return f"Re: {text}" if found and not (after.strip(_ENDS) or "[" in before) else None


def topic_between(touch: Touchpoint, person: Person, state: State) -> str | None:
    """Return the topic of ``touch`` as it may be quoted to ``person``, or None.

    Never of a private event (P34) or a title that only the user saw (E9, N1), and never what is a list of names.
    """
    if touch.private or touch.rule.startswith(("E9", "N1")):
        return None
    found = topic(touch.title, state.vocabulary)
    if found is None:
        return None
    content = frozenset(_content(found, state.vocabulary))
    if content & (words_of(person.name) | words_of(state.settings.me.name)) or content <= _known_names(content, state):
        return None
    return found


def topic_seen(touch: Touchpoint, vocabulary: Vocabulary) -> str:
    """Return the topic of ``touch`` for the user's own eyes, "" if it may not be quoted."""
    return "" if touch.private else topic(touch.title, vocabulary) or ""


def title_seen(touch: Touchpoint, vocabulary: Vocabulary) -> str:
    """Return the title of ``touch`` for the user's own eyes, generic or not; "" if it is private, hurts or is code."""
    hidden = any(unicodedata.category(c) in _HIDDEN and c not in _JOINERS for c in touch.title)
    if touch.private or hidden or len(touch.title) > TITLE_LIMIT:
        return ""
    text = _bare(unicodedata.normalize("NFC", touch.title), vocabulary)
    refused = any(refuses(text, vocabulary) for refuses in (_is_code, _is_sensitive, _is_internal))
    return "" if refused or not any(c.isalnum() for c in text) else shortened(plain(text), SEEN)


def occasion(touch: Touchpoint, vocabulary: Vocabulary) -> str:
    """Return what ``touch`` was, as a code: call, mail, breakfast, lunch, coffee, dinner, walk, or meeting."""
    if touch.kind == "call":
        return "call"
    if touch.kind in {"wrote", "heard", "copied", "forwarded", "introduction"}:
        return "mail"
    if not touch.private:
        words = frozenset(_folded(touch.title[:TITLE_LIMIT]).split())
        for name in ("breakfast", "lunch", "coffee", "dinner", "walk"):
            if words & vocabulary[f"quote-occasion-{name}"]:
                return name
    return "meeting"


def _bare(title: str, vocabulary: Vocabulary) -> str:
    """Return ``title`` without reply and forward prefixes, list tags, "(was: ...)" and punctuation at its ends."""
    text = " ".join(title.split())
    for _ in range(12):
        tag = _TAG.match(text)
        prefix = _PREFIX.match(text)
        if tag:
            text = text[tag.end() :]
        elif prefix and prefix[1].casefold() in vocabulary["quote-prefixes"]:
            text = text[prefix.end() :]
        else:
            break
    return _WAS.sub("", text).strip(_ENDS)


def _folded(text: str) -> str:
    """Return the words of ``text``, case folded, joiners out, one space between them."""
    return " ".join(_WORD.findall(text.translate({0x200C: None, 0x200D: None}).casefold()))


def _content(text: str, vocabulary: Vocabulary) -> list[str]:
    """Return the words that say what it is about: no generic word, weekday, month, number or single letter."""
    empty = vocabulary["quote-generic"] | vocabulary["quote-dates"]
    words = _folded(text).split()
    return [word for word in words if word not in empty and len(word) > 1 and not word[0].isdigit()]


def _is_code(text: str, _: Vocabulary) -> bool:
    return _CODE.search(text) is not None


def _is_empty(text: str, vocabulary: Vocabulary) -> bool:
    return " " not in text or len(_content(text, vocabulary)) < CONTENT_WORDS


def _is_sensitive(text: str, vocabulary: Vocabulary) -> bool:
    return any(_says(text, kind, vocabulary) for kind in ("quote-sensitive", "quote-personal"))


def _is_talk(text: str, vocabulary: Vocabulary) -> bool:
    """Questions, and what is said to somebody on one day: "Running late today" was no topic even then."""
    asks = any(mark in text for mark in QUESTION_MARKS) or _stripped(text).split()[0] in vocabulary["quote-questions"]
    return asks or _says(text, "quote-talk", vocabulary)


def _says(text: str, kind: str, vocabulary: Vocabulary) -> bool:
    """Tell whether a word or phrase of the list ``kind``, or a word with one of its stems, is in ``text``."""
    folded = _stripped(text)
    stems = vocabulary[f"{kind}-stems"]
    return _has_phrase(folded, vocabulary[kind]) or any(stem in word for word in folded.split() for stem in stems)


def _stripped(text: str) -> str:
    """Return the folded words without what follows an apostrophe: "Thursday's", "don't", "I'm"."""
    return " ".join(re.split("['’]", word)[0] for word in _folded(text).split())


def _is_internal(text: str, vocabulary: Vocabulary) -> bool:
    """Titles that a machine wrote, and ours."""
    return _has_phrase(_folded(text), vocabulary["quote-automatic"])


def _names_company(text: str, vocabulary: Vocabulary) -> bool:
    """Titles such as "Lunch with Ada": only generic words stand before the "with"."""
    words = _folded(text).split()
    cut = next((n for n, word in enumerate(words) if word in vocabulary["quote-with"]), 0)
    return cut > 0 and all(word in vocabulary["quote-generic"] for word in words[:cut])


def _has_phrase(folded: str, phrases: frozenset[str]) -> bool:
    line = f" {folded} "
    return any(f" {phrase} " in line for phrase in phrases)


def _known_names(words: frozenset[str], state: State) -> frozenset[str]:
    """Return which of ``words`` are part of the name of somebody known."""
    return frozenset(word for other in state.people.values() for word in words & words_of(plain(shown(other))))


_REFUSALS: tuple[Callable[[str, Vocabulary], bool], ...] = (
    _is_code,
    _is_empty,
    _is_talk,
    _is_sensitive,
    _is_internal,
    _names_company,
)
