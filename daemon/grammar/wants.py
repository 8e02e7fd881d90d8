"""What does a note say that somebody needs, offers, likes? Only what stands behind a label or in double quotes.

"needs: a part-time CFO; offers: printing; interests: sailing". What stands there is in the user's words and may be
quoted to the person (C4); the rest of a note is for the user's own eyes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from daemon import names
from daemon.grammar.text import EDGES, line_of
from daemon.model import Vocabulary

Want: TypeAlias = Literal["needs", "offers", "interests", "congratulate", "not", "quoted"]
ITEM_LIMIT = 80
MOST_ITEMS = 20
_PIECES = re.compile(r"[;\n]|(?<=[^\d\s])[.!] ")
_LABEL = re.compile(r"(?:^|.*[,.(|/-] ?)((?:[^\W\d_]+ ){0,3}[^\W\d_]+) ?: ?(.*)", re.DOTALL)
_QUOTED = re.compile(r'"([^"\n]{2,80})"')


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing behind a label: ``text`` as typed; "" takes back what was said under that label before."""

    kind: Want
    text: str


def wanted(text: str, vocabulary: Vocabulary) -> Iterator[Wanted]:
    """Yield what ``text`` says behind its labels, and what stands in double quotes anywhere, in order."""
    line, found = line_of(text), 0
    for piece in _PIECES.split(line):
        label = _LABEL.fullmatch(piece.strip() if ":" in piece else "")
        kind = _kind(label[1], vocabulary) if label else None
        if kind is None or label is None:
            continue
        items = [item for part in label[2].split(",") if (item := _item(part))]
        for item in items or [""]:
            found += 1
            if found <= MOST_ITEMS:
                yield Wanted(kind, item)
    for quote in _QUOTED.findall(line)[:MOST_ITEMS]:
        if item := _item(quote):
            yield Wanted("quoted", item)


def _kind(label: str, vocabulary: Vocabulary) -> Want | None:
    """Return which label the last words of ``label`` are: "Helio, needs" and "he needs" are needs."""
    said = names.fold(label).split()
    for length in range(len(said), 0, -1):
        tail = " ".join(said[-length:])
        for kind in get_args(Want)[:-1]:
            if tail in vocabulary[f"note-{kind}"]:
                return kind  # type: ignore[no-any-return]
    return None


def _item(text: str) -> str:
    """Return one thing without quotes and what stands at its ends, "" if it is too long to be one or says nothing."""
    item = " ".join(text.replace('"', " ").split()).strip(EDGES)
    return item if any(c.isalnum() for c in item) and len(item) <= ITEM_LIMIT else ""
