"""Whom does the user mean by a name? Who alone bears it, or bears the first name and was seen lately (P21): pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from daemon import names
from daemon.detect import name_book
from daemon.model import Decision, Person, Touchpoint, Vocabulary


def meant(
    name: str,
    people: Mapping[str, Person],
    touchpoints: Mapping[str, Sequence[Touchpoint]],
    vocabulary: Vocabulary,
    at: datetime,
) -> Person | None:
    """Return the one person whom ``name``, written at ``at``, means; None if nobody or more than one is called so."""
    found = bearers(name, people, touchpoints, vocabulary, at)
    return people[min(found)] if len(found) == 1 else None


def bearers(
    name: str,
    people: Mapping[str, Person],
    touchpoints: Mapping[str, Sequence[Touchpoint]],
    vocabulary: Vocabulary,
    at: datetime,
) -> frozenset[str]:
    """Return the ids of all whom ``name``, written at ``at``, may mean."""
    words = names.words(" ".join(names.spoken(name, vocabulary).words))
    if not words:
        return frozenset()
    called = {who: person.name for who, person in people.items() if person.name}
    touched = {who: [fact.at for fact in touchpoints.get(who, ())] for who in called}
    return name_book(called, touched, "", vocabulary).bearers(words, at)


def cards_alone(gone: Mapping[str, Decision], decisions: Iterable[Decision]) -> Iterator[str]:
    """Yield the typed cards that were there for the sake of what is ``gone``, and of no other of ``decisions``."""
    abouts = {item.about for item in gone.values()}
    left = [item for item in decisions if item.key not in gone and item.about in abouts]
    for card in left:
        alone = all(item.key == card.key for item in left if item.about == card.about)
        if card.kind == "card" and "/typed/" in card.key and alone:
            yield card.key
