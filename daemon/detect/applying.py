"""What is known after a change? Persons and facts as they were, and what came out differently."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from daemon.detect.telling import Change
from daemon.model import Person, Touchpoint


def changed_people(known: Sequence[Person], change: Change) -> tuple[Person, ...]:
    """Return the persons ``known`` before as they are after ``change``, by id."""
    if not change.people:
        return tuple(known)
    found = {person.id: person for person in known} | dict(change.people)
    return tuple(person for _, person in sorted(found.items()) if person is not None)


def changed_facts(known: Mapping[str, tuple[Touchpoint, ...]], change: Change) -> Mapping[str, tuple[Touchpoint, ...]]:
    """Return the facts ``known`` of each person as they are after ``change``; whom it leaves alone keeps the tuple."""
    touched: dict[str, list[Touchpoint]] = {}
    for items in change.before.values():
        touched.update((item.person, []) for item in items)
    for items in change.facts.values():
        for item in items:
            touched.setdefault(item.person, []).append(item)
    found = dict(known)
    for person, new in touched.items():
        kept = (item for item in known.get(person, ()) if item.source not in change.facts)
        found[person] = in_order([*kept, *new])
        if not found[person]:
            del found[person]
    return found


def in_order(items: Iterable[Touchpoint]) -> tuple[Touchpoint, ...]:
    """Return ``items`` in order of time."""
    return tuple(sorted(items, key=lambda item: (item.at, item.key)))


def by_person(touchpoints: Iterable[Touchpoint]) -> dict[str, tuple[Touchpoint, ...]]:
    """Return the facts of each person, in order of time."""
    found: dict[str, list[Touchpoint]] = {}
    for item in touchpoints:
        found.setdefault(item.person, []).append(item)
    return {person: in_order(items) for person, items in found.items()}
