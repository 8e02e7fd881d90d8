"""Which rules does every draft keep? The guard after rendering: a draft that breaks one is not made (PRACTICE 5).

Each rule looks at the letter as it would be sent and at its *frame*: the same letter with every name, title and date
out of the facts replaced by dots, so that what a person is called or a meeting was about breaks no rule of wording.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from daemon.compose.quotes import QUESTION_MARKS
from daemon.compose.templates import Words

FEWEST, MOST = 20, 70
SUBJECT_LIMIT = 90
DOTS = "…"

_LEFT_OVER = re.compile(
    r"[{}<>\[\]_|]|%\w|\$\w|\b(?:None|True|False|undefined|nan|TODO|XXX|lorem)\b|\b[A-Z]{3,}_|  "
    r"|\(\s*\)|[\"„“]\s*[\"“”]|[ ,]\."
)
_WORDS = re.compile(r"[\w’-]+")
_OURS = re.compile(r"\bkith", re.IGNORECASE)
_ADDRESS = re.compile(r"@|://|www\.", re.IGNORECASE)
_BROKEN_LINE = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A draft before it is believed: ``words``, their ``frame``, its greeting and closing, and forbidden phrases."""

    words: Words
    frame: Words
    greeting: str
    closing: str
    never: tuple[str, ...]
    link: str = ""
    """The one address it may hold: that of something the user saved."""

    @property
    def message(self) -> str:
        """The body between greeting and closing."""
        return self.words.body.removeprefix(self.greeting).removesuffix(self.closing).strip()

    @property
    def wording(self) -> str:
        """All of the frame but what the user configured as a signature, spaces folded and case folded."""
        frame = f"{self.frame.title} {self.frame.body.removesuffix(self.closing)}"
        return " ".join(frame.split()).casefold()


def broken(letter: Letter) -> str | None:
    """Return the first rule that ``letter`` breaks, in words, or None."""
    return next((rule for rule, keeps in RULES if not keeps(letter)), None)


def phrases(text: str) -> tuple[str, ...]:
    """Return the forbidden phrases of a ``never`` file: one a line, ``#`` begins a comment, case folded."""
    lines = (" ".join(line.partition("#")[0].split()).casefold() for line in text.splitlines())
    return tuple(line for line in lines if line)


def phrase_in(letter: Letter) -> str | None:
    """Return the forbidden phrase that stands in ``letter``, as whole words, or None."""
    wording = _spaced(letter.wording)
    return next((phrase for phrase in letter.never if _spaced(phrase) in wording), None)


def _spaced(text: str) -> str:
    """Return the words of ``text`` with one space around each, so that a phrase is found as whole words only."""
    return f" {' '.join(_WORDS.findall(text.replace(chr(39), '’')))} "


def _has_length(letter: Letter) -> bool:
    return FEWEST <= len(letter.message.split()) <= MOST


def _has_plain_subject(letter: Letter) -> bool:
    subject = letter.words.title
    return len(subject) <= SUBJECT_LIMIT and not _BROKEN_LINE.search(subject) and "=?" not in subject


def _has_no_controls(letter: Letter) -> bool:
    text = letter.words.title + letter.words.body.replace("\n", "")
    return not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and c not in "\u200c\u200d" for c in text)


def _is_filled_in(letter: Letter) -> bool:
    frame = letter.frame.body.removesuffix(letter.closing)
    return not _LEFT_OVER.search(frame) and not _LEFT_OVER.search(letter.frame.title)


def _is_not_signed_by_us(letter: Letter) -> bool:
    return not _OURS.search(f"{letter.words.title}\n{letter.words.body}")


def _has_no_address(letter: Letter) -> bool:
    body = letter.words.body.removesuffix(letter.closing)
    return not _ADDRESS.search(f"{letter.words.title}\n{body.replace(letter.link, DOTS, 1) if letter.link else body}")


def _asks_once(letter: Letter) -> bool:
    """One question or one offer in the whole letter, its subject and what it quotes included."""
    text = f"{letter.words.title}\n{letter.words.body.removesuffix(letter.closing)}"
    text = text.replace(letter.link, DOTS) if letter.link else text
    return sum(text.count(mark) for mark in QUESTION_MARKS) <= 1


def _greets_and_closes(letter: Letter) -> bool:
    body = letter.words.body
    return body.startswith(letter.greeting) and body.endswith(letter.closing)


RULES: tuple[tuple[str, Callable[[Letter], bool]], ...] = (
    (f"has to have {FEWEST} to {MOST} words between greeting and closing", _has_length),
    (f"the subject has to be one plain line of at most {SUBJECT_LIMIT} characters", _has_plain_subject),
    ("may not hold a control character", _has_no_controls),
    ("looks as if something was left to fill in", _is_filled_in),
    ("may not name Kith", _is_not_signed_by_us),
    ("may not hold an address", _has_no_address),
    ("may ask one question, not two", _asks_once),
    ("has to begin with {{ greeting }} and to end with {{ closing }}", _greets_and_closes),
    ("holds a phrase that the file 'never' forbids", lambda letter: phrase_in(letter) is None),
)
