"""How is a card told of in words? Where it comes from, and what about it is a guess."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

SOURCES = {
    "debrief": "you wrote it down after an event",
    "typed": "you typed it",
    "vcard": "an address book",
    "connections": "LinkedIn's list of connections",
    "linkedin": "LinkedIn told that your invitation was accepted",
}


def card_lines(story: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each card of the person in ``story``, and for what only the user can say of them."""
    for item in story["cards"]:
        yield _line(item)
    for item in story["questions"]:
        yield f"Only you can say: {item['why']}. {' or '.join(item['may_be'])}?   kith merge PERSON OTHER"


def _line(item: Mapping[str, Any]) -> str:
    known = ", ".join((*item["addresses"], *((item["note"],) if item["note"] else ())))
    parts = [f"Card: {item['name']}, {item['at'][:10]}: {SOURCES[item['source']]}"]
    parts += [f"({known})"] if known else []
    if item["met_at"]:
        parts.append(f"- {'probably met' if item['guess'] else 'met'} at {item['met_at']}")
        parts += ["(a guess: it came within 3 days of that)"] if item["guess"] else []
    parts += [f"- joined, because {item['why']}; if that is wrong: kith split PERSON"] if item["why"] else []
    return " ".join(parts)
