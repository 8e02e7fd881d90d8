"""Which marks does Kith propose? The user decides each (PRACTICE 3 "Marks").

``key``: the people of the network with a one-to-one in most different quarters. ``muted``: three deletions in a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from daemon.model import PROPOSED, UNDONE, Entry, Opinion, State, Touchpoint, local_day
from daemon.relate.answers import settled_at

QUARTERS = 2
"""Fewer different quarters are no habit yet."""
DELETIONS = 3
HALTS: frozenset[str] = frozenset({"muted", "never"})
CIRCLES: frozenset[str] = frozenset({"network", "correspondent"})
"""Whose marks are asked about (S3): colleagues, household and services are never proposed."""


def strongest(opinions: Mapping[str, Opinion], number: int) -> Sequence[str]:
    """Return the ``number`` strongest of network and correspondents, the strongest first."""
    asked = (item for item in opinions.values() if item.circle in CIRCLES and "never" not in item.marks)
    return [item.person for item in sorted(asked, key=lambda item: (-item.strength, item.person))[:number]]


def key_proposals(state: State, opinions: Mapping[str, Opinion]) -> Mapping[str, int]:
    """Return who could be key, beside those who are, up to the capacity, and in how many quarters they were met
    one-to-one: the most first, then the strongest. Private meetings and pupils propose nobody (P34)."""
    room = state.settings.capacity.key - sum(item.key for item in opinions.values())
    found = {
        person: quarters
        for person, item in opinions.items()
        if item.circle == "network" and not item.marks & (HALTS | {"key"})
        if (quarters := _quarters(state.touchpoints.get(person, ()), state)) >= QUARTERS
    }
    best = sorted(found, key=lambda person: (-found[person], -opinions[person].strength, person))
    return {person: found[person] for person in best[: max(room, 0)]}


def mute_proposals(state: State, opinions: Mapping[str, Opinion]) -> tuple[str, ...]:
    """Return whose last three reminders the user deleted or refused, by id; those who are marked so are left out."""
    settled: dict[str, list[Entry]] = {}
    for entry in sorted(state.entries, key=lambda item: (str(settled_at(item, state.now)), item.key)):
        if entry.kind in PROPOSED and entry.problem != UNDONE and settled_at(entry, state.now) is not None:
            settled.setdefault(entry.person, []).append(entry)
    return tuple(
        person
        for person, entries in sorted(settled.items())
        if person in opinions and not opinions[person].marks & HALTS and _is_refused(entries)
    )


def _is_refused(entries: Sequence[Entry]) -> bool:
    seen = [entry for entry in entries if entry.state not in {"withdrawn", "failed"}]
    return len(seen) >= DELETIONS and all(entry.state == "dismissed" for entry in seen[-DELETIONS:])


def _quarters(facts: Iterable[Touchpoint], state: State) -> int:
    ignored = [word.casefold() for word in state.settings.routine.ignore_titles if word]
    days = [
        local_day(fact.at, state.settings.me.zone)
        for fact in facts
        if fact.kind == "one-to-one" and fact.at <= state.now and not fact.private
        if not any(word in fact.title.casefold() for word in ignored)
    ]
    return len({(day.year, (day.month - 1) // 3) for day in days})
