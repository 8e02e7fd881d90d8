"""Which addresses are one person, and what is that person's id? (P14, C6, U1)"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.records import Event
from daemon import names
from daemon.detect.sightings import Sightings
from daemon.model import Decision, Person, Vocabulary

OVERLAP = timedelta(days=60)
"""How long an old address may still be used beside the new one that follows it (P14)."""


@dataclass(frozen=True, slots=True)
class Directory:
    """Who is behind an address: ``codes`` of those that are nobody's, ``leaders`` of addresses joined with others."""

    codes: Mapping[str, str]
    leaders: Mapping[str, str]

    def who(self, address: str) -> str | None:
        """Return what stands for the person of ``address`` while records are read; None if it is nobody's."""
        if address in self.codes:
            return None
        return self.leaders.get(address, address)


@dataclass(slots=True)
class Groups:
    """Addresses joined to persons; whoever is not in it stands alone."""

    leaders: dict[str, str] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)

    def of(self, address: str) -> list[str]:
        """Return the addresses of the person of ``address``."""
        return self.members.get(self.leaders.get(address, address), [address])

    def join(self, one: str, other: str) -> None:
        """Make one person of two."""
        first, second = self.of(one), self.of(other)
        if set(first) != set(second):
            self._set(sorted({*first, *second}))

    def part(self, address: str) -> None:
        """Take ``address`` out of its person."""
        rest = [other for other in self.of(address) if other != address]
        self.members.pop(self.leaders.pop(address, address), None)
        if rest:
            self._set(rest)

    def _set(self, group: list[str]) -> None:
        for address in group:
            self.members.pop(self.leaders.get(address, address), None)
        for address in group:
            self.leaders[address] = group[0]
        self.members[group[0]] = group


@dataclass(frozen=True, slots=True)
class Aliases:
    """Finds the addresses behind a person id: present ids, and the id that any address would give."""

    known: Mapping[str, Sequence[str]]
    derived: Mapping[str, str]

    def address(self, person: str) -> str | None:
        """Return an address of ``person``, None if there is none any more."""
        if person in self.derived:
            return self.derived[person]
        return next(iter(self.known.get(person, ())), None)


def aliases(
    humans: Iterable[str], known: Sequence[Person], new_id: Callable[[str], str], decisions: Sequence[Decision]
) -> Aliases:
    """Build the aliases that ``decisions`` need; identities are derived only if there are any."""
    seen = frozenset(humans)
    derived = {new_id(address): address for address in sorted(seen)} if decisions else {}
    return Aliases(
        known={person.id: [address for address in person.addresses if address in seen] for person in known},
        derived=derived,
    )


def by_name(universe: Iterable[str], seen: Sightings, vocabulary: Vocabulary) -> dict[names.NameKey, list[str]]:
    """Return the addresses of ``universe`` that bear each full name."""
    bearers: dict[names.NameKey, set[str]] = {}
    for address in universe:
        for name in full_names(seen.names.get(address, ()), vocabulary):
            bearers.setdefault(name, set()).add(address)
    return {key: sorted(bearers[key]) for key in sorted(bearers) if len(bearers[key]) > 1}


def full_names(heard: Iterable[str], vocabulary: Vocabulary) -> set[names.NameKey]:
    """Return what tells the full names among the display names ``heard``."""
    spoken = (names.written(raw) for raw in heard)
    return {names.key(name) for name in spoken if names.is_full(name, vocabulary)}


def merge(
    namesakes: Mapping[names.NameKey, Sequence[str]],
    seen: Sightings,
    together: Mapping[str, Set[str]],
    decisions: Sequence[Decision],
    found: Aliases,
) -> tuple[Groups, list[tuple[str, str]]]:
    """Join addresses to persons, and list the pairs that only the user can judge; ``together`` is ``side_by_side``.

    By itself: exactly two addresses bear the same full name, never side by side on one event, and their local parts
    share a part of it or one fell silent before the other began (P14). A first name alone is shared by many: two
    addresses that share no more of it and are in use at the same time are asked about (S28). What the user decided
    comes after, so a split holds for ever.
    """
    groups, asked = Groups(), list[tuple[str, str]]()
    split = {item.value for item in decisions if item.kind == "split"}
    for name, bearers in namesakes.items():
        one, other = bearers[0], bearers[1]
        free = len(groups.of(one)) == len(groups.of(other)) == 1
        alike = len(bearers) == 2 and together[one].isdisjoint(together[other])
        if free and alike and (_named_alike(name, one, other, seen) or _follow(one, other, seen)):
            groups.join(one, other)
        else:
            asked.extend((one, other) for other in bearers[1:])
    _decided(groups, decisions, found)
    open_pairs = {(a, b) for a, b in asked if b not in groups.of(a) and not split & {a, b}}
    return groups, sorted(open_pairs)


def _decided(groups: Groups, decisions: Sequence[Decision], found: Aliases) -> None:
    for item in decisions:
        if item.kind == "merge":
            one, other = found.address(item.about), found.address(item.value)
            if one is not None and other is not None:
                groups.join(one, other)
        elif item.kind == "split":
            groups.part(item.value)


def _named_alike(name: names.NameKey, one: str, other: str, seen: Sightings) -> bool:
    """Tell whether the local parts share a surname, or a first name while never in use together for long."""
    shared = names.shared_parts(name, one, other)
    spoken = (names.words(names.written(raw)) for address in (one, other) for raw in seen.names.get(address, ()))
    first = {words[0] for words in spoken if tuple(sorted(words)) == name}
    return bool(shared - first) or (bool(shared) and _together(one, other, seen) <= OVERLAP)


def _together(one: str, other: str, seen: Sightings) -> timedelta:
    """Return for how long both addresses were in use."""
    if one not in seen.spans or other not in seen.spans:
        return timedelta()
    old, new = seen.spans[one], seen.spans[other]
    return min(old[1], new[1]) - max(old[0], new[0])


def _follow(one: str, other: str, seen: Sightings) -> bool:
    """Tell whether one address fell silent before the other began, or at most 60 days after."""
    if one not in seen.spans or other not in seen.spans:
        return False
    old, new = sorted((seen.spans[one], seen.spans[other]))
    return old[0] < new[0] and old[1] < new[1] and old[1] - new[0] <= OVERLAP


def side_by_side(namesakes: Mapping[names.NameKey, Sequence[str]], events: Iterable[Event]) -> dict[str, set[str]]:
    """Return the keys of the events at which each of ``namesakes`` stood."""
    asked = {address for both in namesakes.values() for address in both}
    stood: dict[str, set[str]] = {address: set() for address in asked}
    for event in events if asked else ():
        for guest in event.guests:
            if guest.address in asked:
                stood[guest.address].add(event.key)
        if event.organiser is not None and event.organiser.address in asked:
            stood[event.organiser.address].add(event.key)
    return stood


def identify(
    groups: Mapping[str, Sequence[str]],
    first_touch: Mapping[str, datetime],
    known: Sequence[Person],
    new_id: Callable[[str], str],
) -> dict[str, str]:
    """Return the id of every person, by leader.

    A stored id stays with the person who has the address it was made from, else most of its addresses. Of several
    stored ids the one with the earlier first touch stays (U1); a new person is named by the address touched first.
    """
    home = {address: leader for leader, members in groups.items() for address in members}
    claims: dict[str, list[tuple[datetime | None, str]]] = {}
    for person in sorted(known, key=lambda item: item.id):
        held = [address for address in person.addresses if address in home]
        if not held:
            continue
        maker = next((address for address in held if new_id(address) == person.id), None)
        leader = home[maker] if maker else _most([home[address] for address in held])
        touched = [first_touch[address] for address in held if home[address] == leader and address in first_touch]
        claims.setdefault(leader, []).append((min(touched, default=None), person.id))
    given: dict[str, str] = {}
    for leader, members in groups.items():
        if leader in claims:
            given[leader] = min(claims[leader], key=lambda claim: (claim[0] is None, claim[0] or _NEVER, claim[1]))[1]
        else:
            given[leader] = new_id(min(members, key=lambda a: (a not in first_touch, first_touch.get(a, _NEVER), a)))
    return given


def _most(leaders: list[str]) -> str:
    return min(leaders, key=lambda leader: (-leaders.count(leader), leader))


_NEVER = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
