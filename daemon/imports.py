"""What does an address book change? Its entries become cards, and nothing else: nobody was met by them (PRACTICE 1).

The same file twice changes nothing: a card that is there keeps the day on which it became known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

from connectors.contacts import Book, Contact
from connectors.records import Skipped
from daemon import forgotten, names
from daemon.detect import card_decision
from daemon.model import Decision, Me

NOON = time(12)


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What is to be stored of a file: ``new`` and ``changed`` cards; how many were ``known``, and what was left out."""

    new: Mapping[str, Decision] = field(default_factory=dict)
    changed: Mapping[str, Decision] = field(default_factory=dict)
    known: int = 0
    skipped: tuple[Skipped, ...] = ()


def cards_of(
    book: Book,
    before: Iterable[Decision],
    *,
    me: Me,
    new_id: Callable[[str], str],
    is_forgotten: Callable[[str], bool],
    now: datetime,
) -> Imported:
    """Return the cards that ``book`` makes beside the decisions made ``before``; who was forgotten stays so."""
    stored = {item.key: item for item in before if item.kind == "card"}
    found: dict[str, Decision] = {}
    skipped = list(book.skipped)
    for contact in book.contacts:
        why = _unwanted(contact, me, is_forgotten)
        if why:
            skipped.append(Skipped(where=contact.where, why=why))
        else:
            item = _decision(contact, book, me.zone, new_id, now)
            found.setdefault(item.key, item)
    new = {key: item for key, item in found.items() if key not in stored}
    kept = {key: replace(item, at=stored[key].at) for key, item in found.items() if key in stored}
    changed = {key: item for key, item in kept.items() if item != stored[key]}
    return Imported(new=new, changed=changed, known=len(kept) - len(changed), skipped=tuple(skipped))


def _unwanted(contact: Contact, me: Me, is_forgotten: Callable[[str], bool]) -> str:
    if any(map(is_forgotten, contact.addresses)) or forgotten.names_forgotten(contact.name, is_forgotten):
        return "is forgotten, as you said"
    mine = not set(contact.addresses).isdisjoint(me.addresses) or names.key(contact.name) == names.key(me.name)
    return "is you" if mine else ""


def _decision(contact: Contact, book: Book, zone: ZoneInfo, new_id: Callable[[str], str], now: datetime) -> Decision:
    saved = contact.saved
    if saved is not None and not isinstance(saved, datetime):
        saved = datetime.combine(saved, NOON, tzinfo=zone)
    return card_decision(
        contact.name,
        min(saved or now, now),
        book.kind,
        new_id=new_id,
        addresses=contact.addresses,
        note=contact.note,
        profile=contact.profile,
    )
