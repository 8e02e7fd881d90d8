"""What does the user answer to the questions of a review? What stands behind each line of ours that ends with "?"."""

from __future__ import annotations

from typing import Literal

from daemon.grammar.additions import lines_of, same
from daemon.grammar.marks import without_mark
from daemon.grammar.text import EDGES, kept
from daemon.grammar.words import words_of
from daemon.model import Vocabulary

MOST_LINES = 200
ASKS = "?"


def replies(written: str, found: str) -> tuple[str, ...]:
    """Return the answer to each question in ``written``, in their order: "" where there is none.

    A question is a line that ends with a question mark. Its answer stands behind it, else on a line of its own right
    below (not the last one's: lines to be filled stand there); a question that is not there any more has none.
    """
    ours = lines_of(written)
    known = tuple(text for line in ours if (text := same(line)))
    theirs = lines_of(found)[: MOST_LINES + len(ours)]
    told: list[str] = []
    at = 0
    asked = [line for line in ours if line.endswith(ASKS)]
    for number, question in enumerate(asked, 1):
        place = next((index for index in range(at, len(theirs)) if _begins(theirs[index], question)), None)
        if place is None:
            told.append("")
            continue
        at = place + 1
        text = _behind(theirs[place], question)
        if not text and number < len(asked) and at < len(theirs) and not same(theirs[at]).startswith(known):
            text = theirs[at].strip(EDGES)
        told.append(kept(text))
    return tuple(told)


def assent(text: str, vocabulary: Vocabulary) -> Literal["yes", "no"] | None:
    """Tell whether an answer begins with a yes (a tick or an ``x`` is one) or a no; None for any other words."""
    bare, marked = without_mark(text, vocabulary["sign-x"])
    words = words_of(bare)
    if words.past(0, vocabulary["said-yes"]) or (marked and not bare.strip(EDGES)):
        return "yes"
    return "no" if words.past(0, vocabulary["said-no"]) else None


def _begins(line: str, question: str) -> bool:
    return same(line).startswith(same(question))


def _behind(line: str, question: str) -> str:
    """Return what stands behind the question mark of ``question`` in ``line``."""
    marks = question.count(ASKS)
    parts = line.split(ASKS, marks)
    return parts[marks].strip(EDGES) if len(parts) > marks else ""
