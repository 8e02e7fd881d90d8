"""Which cards are there? A card tells a name: the user's word, an address book, an accepted invitation (PRACTICE 1).

A card of the user's or of an import is stored as a decision, so that everything made of it can be made again; one of a
platform is the mail itself. Whose cards they are, and whom they join, is ``piles``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import get_args

from connectors.records import Message
from daemon import names
from daemon.model import Card, CardSource, Decision, Vocabulary

SAID: frozenset[CardSource] = frozenset({"debrief", "typed"})
"""What the user wrote: an address in it is a person's."""
IMPORTED: frozenset[CardSource] = frozenset({"vcard", "connections"})
"""What only makes a name known: nobody was met by it."""
LINKED: frozenset[CardSource] = frozenset({"connections", "linkedin"})
"""Where LinkedIn told the name."""
NAME_LIMIT = 100
NOTE_LIMIT = 500
ADDRESSES = 10
_SOURCES: Mapping[str, CardSource] = {source: source for source in get_args(CardSource)}
_LINE = re.compile(r"(source|address|profile|event|note): (.*)")


def card_decision(
    name: str,
    at: datetime,
    source: CardSource,
    *,
    new_id: Callable[[str], str],
    addresses: Sequence[str] = (),
    note: str = "",
    event: str | None = None,
    profile: str = "",
) -> Decision:
    """Return the decision that stores a card.

    ``name`` as written; ``at`` when they were met or became known; ``new_id`` is ``Ledger.person_id``; ``addresses``
    are folded; ``event`` is the key of the event they were met at. A debrief line with an address makes a person, one
    without a card: both by this function. The same line twice is the same decision.
    """
    said = " ".join((names.written(name) or name).split())[:NAME_LIMIT]
    card = Card(
        key="",
        id="",
        name=said,
        at=at,
        source=source,
        addresses=tuple(dict.fromkeys(addresses))[:ADDRESSES],
        profile=profile,
        note=" ".join(note.split())[:NOTE_LIMIT],
        event=event,
    )
    about = _id(card, new_id)
    return Decision(
        key=f"card/{about}/{source}/{event or ''}", at=at, kind="card", about=about, value=said, reason=_told(card)
    )


def _id(card: Card, new_id: Callable[[str], str]) -> str:
    """Return the person id of a card: of the address the user typed, else of the name and what tells it apart."""
    if card.source in SAID and card.addresses:
        return new_id(card.addresses[0])
    key = names.key(card.name)
    place = "" if len(key) > 1 else card.event or card.at.date().isoformat()
    apart = next(iter(card.addresses), "") or card.profile or place
    return new_id(f"card:{' '.join(key) or card.name}\t{apart}")


def _told(card: Card) -> str:
    lines = [f"source: {card.source}", *(f"address: {address}" for address in card.addresses)]
    lines += [f"{name}: {text}" for name in ("profile", "event", "note") if (text := getattr(card, name))]
    return "\n".join(lines)


def read(decision: Decision) -> Card:
    """Return the card that ``decision`` stores."""
    said: dict[str, list[str]] = {}
    for line in decision.reason.split("\n"):
        if found := _LINE.fullmatch(line):
            said.setdefault(found[1], []).append(found[2])
    rest = {name: said[name][0] for name in ("profile", "note", "event") if name in said}
    return Card(
        key=decision.key,
        id=decision.about,
        name=decision.value,
        at=decision.at,
        source=_SOURCES.get(said.get("source", [""])[0], "typed"),
        addresses=tuple(said.get("address", ())),
        **rest,
    )


def of_decisions(told: Iterable[Decision]) -> Iterator[Card]:
    """Yield the cards among what was decided."""
    yield from (read(item) for item in told if item.kind == "card")


def typed(told: Iterable[Decision]) -> frozenset[str]:
    """Return the addresses that the user typed beside a name: each is a person's, whatever it looks like."""
    return frozenset(address for card in of_decisions(told) if card.source in SAID for address in card.addresses)


# -- what platforms tell -----------------------------------------------------------------------------------------------


def of_hints(
    messages: Iterable[Message],
    hints: Mapping[str, Sequence[str]],
    own: frozenset[str],
    vocabulary: Vocabulary,
    new_id: Callable[[str], str],
) -> Iterator[Card]:
    """Yield a card for each mail by which a platform tells that somebody accepted the user's invitation.

    Whichever account brought it: the same mail comes through several, and accounts are given other names.
    """
    platforms = sorted({platform for asked in hints.values() for platform in asked})
    for message in messages if platforms else ():
        name = accepted(message, platforms, vocabulary)
        if name and message.at is not None and (message.sender is None or message.sender.address not in own):
            card = Card(key=message.key, id="", name=name, at=message.at, source="linkedin")
            yield replace(card, id=_id(card, new_id))


def accepted(message: Message, platforms: Sequence[str], vocabulary: Vocabulary) -> str:
    """Return who accepted an invitation, as a mail of one of ``platforms`` says in its headers; "" if none does."""
    sender = message.sender
    if sender is None or message.draft:
        return ""
    for platform in platforms:
        if sender.address in vocabulary[f"{platform}-senders"]:
            found = _pattern(vocabulary[f"{platform}-accepted"]).match(message.subject)
            if found is not None:
                name, via, _ = sender.name.partition(" via ")
                said = name if via else next(group for group in found.groups() if group is not None)
                return (names.written(said) or "")[:NAME_LIMIT]
    return ""


@lru_cache(maxsize=16)
def _pattern(phrases: frozenset[str]) -> re.Pattern[str]:
    """Return what finds the name, written {} in ``phrases``; the longest one first."""
    ways = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    written = (re.escape(way).replace(r"\ ", r"\s+").replace(r"\{\}", _NAME[way.endswith("{}")]) for way in ways)
    return re.compile("|".join(rf"\W*{way}(?!\w)" for way in written), re.IGNORECASE)


_NAME = {False: r"(\S.{0,98}?)", True: r"([^\s:,!|][^:,!|]{0,98})"}
"""How a name is found in the middle of a phrase, and at its end."""
