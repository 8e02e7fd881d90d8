"""Which address book do other programs get? vCard 4 (RFC 6350), one card a person, the strongest first.

What an import reads from a card is what is written here, so that a card comes back as it was: what somebody does
stands in TITLE, what the user noted in NOTE.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from daemon.detect.cards import IMPORTED
from daemon.model import Card, Decision, Opinion, Person, State

_WIDTH = 75
"""Bytes of a line; longer ones are folded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is known of one person beside facts: their cards, notes (text), and when something was last said."""

    cards: Sequence[Card] = ()
    notes: Sequence[str] = ()
    at: datetime | None = None


def vcards(state: State, opinions: Mapping[str, Opinion], cards: Iterable[Card]) -> str:
    """Return everybody as vCards."""
    told = _told(state.decisions, cards)
    people = sorted(state.people.values(), key=lambda item: (-opinions[item.id].strength, item.id))
    return "".join(vcard(item, opinions[item.id], told.get(item.id, Told())) for item in people)


def _told(decisions: Iterable[Decision], cards: Iterable[Card]) -> dict[str, Told]:
    found: dict[str, Told] = {}
    for card in cards:
        before = found.get(card.person, Told())
        at = max(filter(None, (before.at, card.at)))
        notes = before.notes if card.source in IMPORTED or not card.note else (*before.notes, card.note)
        found[card.person] = Told(cards=(*before.cards, card), notes=notes, at=at)
    for item in decisions:
        if item.kind == "note":
            before = found.get(item.about, Told())
            at = max(filter(None, (before.at, item.at)))
            found[item.about] = Told(cards=before.cards, notes=(*before.notes, item.value), at=at)
    return found


def vcard(person: Person, opinion: Opinion, told: Told) -> str:
    """Return one person as a vCard."""
    addresses = list(dict.fromkeys((*person.addresses, *(each for card in told.cards for each in card.addresses))))
    name = person.name or next(iter(addresses), person.id)
    *given, family = name.split() if " " in name else (name, "")
    work = next((card.note for card in told.cards if card.source in IMPORTED and card.note), "")
    groups = (opinion.circle, *((opinion.stage,) if opinion.stage else ()), *sorted(opinion.marks))
    at = max(filter(None, (told.at, opinion.last_touch)), default=None)
    lines = ["BEGIN:VCARD", "VERSION:4.0", f"UID:{person.id}", "KIND:individual"]
    lines += [f"FN:{_text(name)}", f"N:{_text(family)};{_text(' '.join(given))};;;"]
    lines += [f"EMAIL{';PREF=1' if at == 0 else ''}:{_text(item)}" for at, item in enumerate(addresses)]
    lines += [f"TITLE:{_text(work)}"] if work else []
    lines += [f"NOTE:{_text(chr(10).join(told.notes))}"] if told.notes else []
    lines += [f"CATEGORIES:{','.join(map(_text, groups))}"]
    lines += [f"REV:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"] if at is not None else []
    return "".join(_folded(line) for line in (*lines, "END:VCARD"))


def _text(text: str) -> str:
    """Return ``text`` as a value: what means something in vCards escaped, and no other control character."""
    for sign in "\\,;":
        text = text.replace(sign, f"\\{sign}")
    text = text.replace("\r\n", "\n").replace("\n", "\\n")
    return "".join(c for c in text if c == "\t" or c >= " ")


def _folded(line: str) -> str:
    """Return a content line, folded between characters where it is too long."""
    parts, size = list[str](), 0
    for c in line:
        width = len(c.encode("utf-8", "replace"))
        if size + width > _WIDTH:
            parts.append("\r\n ")
            size = 1
        parts.append(c)
        size += width
    return "".join((*parts, "\r\n"))
