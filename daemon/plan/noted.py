"""What did the user note of somebody? Free words, and what stands behind a label: for the user's own eyes (C4)."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.model import State
from daemon.names import words

LABELS: frozenset[str] = frozenset({"needs", "offers", "interests"})
SMALL = 3
"""Letters of a word that says nothing by itself."""


def last_note(person: str, state: State) -> str:
    """Return the free words of the latest note on ``person`` that has some, "" if none has."""
    for text in _notes(person, state):
        free = [part for label, part in _parts(text) if not label]
        if free:
            return "; ".join(free)
    return ""


def said_after(label: str, person: str, state: State) -> str:
    """Return what stands behind ``label`` in the latest note on ``person`` that has it, "" if none."""
    return next((part for text in _notes(person, state) for said, part in _parts(text) if said == label), "")


def helper(person: str, state: State) -> tuple[str, str] | None:
    """Return who offers what ``person`` needs, by id, and in which words; None where nobody does."""
    need = set(words(said_after("needs", person, state)))
    if not need:
        return None
    for other in sorted({item.about for item in state.decisions if item.kind == "note"} - {person}):
        offer = said_after("offers", other, state) if other in state.people else ""
        if any(len(word) > SMALL or word.isupper() for word in need.intersection(words(offer))):
            return other, offer
    return None


def _notes(person: str, state: State) -> Iterator[str]:
    noted = [item for item in state.decisions if (item.kind, item.about) == ("note", person)]
    yield from (item.value for item in sorted(noted, key=lambda item: (item.at, item.key), reverse=True))


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a note with the label before each, "" for free words."""
    for part in text.split(";"):
        before, colon, after = part.strip().partition(":")
        label = before.strip().casefold() if colon else ""
        if label in LABELS and after.strip():
            yield label, after.strip()
        elif part.strip():
            yield "", part.strip()
