"""Who knows whom? Pairs of people who sat in one meeting with the user, or whom one mail of the user's introduced."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import combinations

from daemon.model import Touchpoint
from daemon.page.pictures import Tie

PEOPLE = 20
"""As many as a phone shows around a circle, each with a name."""
TABLE = 8
"""People beside the user who can be said to have met: in a larger crowd nobody meets everybody."""
TOGETHER: frozenset[str] = frozenset({"small-group", "gathering"})


def acquainted(
    touchpoints: Mapping[str, Sequence[Touchpoint]], among: Collection[str], since: datetime, until: datetime
) -> tuple[tuple[str, ...], tuple[Tie, ...]]:
    """Return the people (ids) of the most ties, acquaintances side by side, and the ties between them.

    ``touchpoints`` in order of time by person; ``among`` says who may be shown.
    """
    pairs = _pairs(_gathered(touchpoints, among, since, until))
    known: Counter[str] = Counter()
    for (one, other), (meetings, introductions) in pairs.items():
        known[one] += meetings + introductions
        known[other] += meetings + introductions
    chosen = {person for person, _ in sorted(known.items(), key=lambda item: (-item[1], item[0]))[:PEOPLE]}
    kept = {pair: counts for pair, counts in pairs.items() if chosen.issuperset(pair)}
    people = _around(kept)
    place = {person: index for index, person in enumerate(people)}
    ties = [
        Tie(one=place[one], other=place[other], meetings=meetings, introductions=introductions)
        for (one, other), (meetings, introductions) in kept.items()
    ]
    return people, tuple(sorted(ties, key=lambda tie: (-tie.meetings - tie.introductions, tie.one, tie.other)))


def _gathered(
    touchpoints: Mapping[str, Sequence[Touchpoint]], among: Collection[str], since: datetime, until: datetime
) -> Mapping[tuple[str, bool], set[str]]:
    """Return who was together, by record, and whether that was an introduction."""
    found: defaultdict[tuple[str, bool], set[str]] = defaultdict(set)
    for person in among:
        for item in reversed(touchpoints.get(person, ())):
            if item.at < since:
                break
            if item.at < until and (item.kind in TOGETHER or item.kind == "introduction"):
                found[item.source, item.kind == "introduction"].add(person)
    return found


def _pairs(gathered: Mapping[tuple[str, bool], set[str]]) -> Mapping[tuple[str, str], tuple[int, int]]:
    """Return how often each pair met, and how often it was introduced."""
    counts: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for (_, introduced), people in gathered.items():
        if len(people) <= TABLE:
            for pair in combinations(sorted(people), 2):
                counts[pair][introduced] += 1
    return {pair: (meetings, introductions) for pair, (meetings, introductions) in sorted(counts.items())}


def _around(pairs: Mapping[tuple[str, str], tuple[int, int]]) -> tuple[str, ...]:
    """Return the people of ``pairs`` in an order that puts whoever met most often side by side."""
    ties: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (one, other), counts in pairs.items():
        ties[one][other] = ties[other][one] = sum(counts)
    order: list[str] = []
    left = set(ties)
    while left:
        last = order[-1] if order else ""
        nearest = left & ties[last].keys() if order else set()
        person = min(nearest or left, key=lambda each: (-_weight(ties, last, each, nearest), each))
        order.append(person)
        left.discard(person)
    return tuple(order)


def _weight(ties: Mapping[str, Mapping[str, int]], last: str, person: str, nearest: Iterable[str]) -> int:
    """Return how strongly ``person`` is tied to the one before, or to anybody where a new circle begins."""
    return ties[last][person] if nearest else sum(ties[person].values())
