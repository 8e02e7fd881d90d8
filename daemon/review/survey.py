"""What lies on the table when a review is made? Everything in order of time, laid out once for many weeks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from daemon.model import OUTSIDE, Opinion, State
from daemon.review.firsts import First, evenings, first
from daemon.review.values import Letter, Occasion, Past

T = TypeVar("T")
TALKS: frozenset[str] = frozenset({"one-to-one", "call"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What was known at ``state.now``; ``opinions`` are those of that day. Sequences are in order of time."""

    state: State
    opinions: Mapping[str, Opinion]
    past: Past
    occasions: tuple[Occasion, ...]
    """Those over, without the ones of the user's own circles alone; so with ``letters``."""
    letters: tuple[Letter, ...]
    firsts: tuple[First, ...]
    talks: tuple[tuple[datetime, str], ...]
    """One-to-ones and calls: when, and the key of the record."""
    present: Mapping[str, tuple[str, ...]]
    """Who (ids) was at each of the occasions, by its key."""


def survey(state: State, past: Past, opinions: Mapping[str, Opinion]) -> Survey:
    """Lay out everything known at ``state.now``; ``opinions`` are those of that day."""
    insiders = {who for who in state.touchpoints if who not in opinions or opinions[who].circle in OUTSIDE}
    seen: dict[str, list[str]] = {item.key: [] for item in past.occasions}
    others, own = set[str](), set[str]()
    talks: dict[str, datetime] = {}
    for who, facts in state.touchpoints.items():
        if who in insiders:
            own.update(item.source for item in facts)
            continue
        for item in facts:
            others.add(item.source)
            if item.source in seen:
                seen[item.source].append(who)
            if item.kind in TALKS and item.at <= state.now:
                talks[item.source] = item.at
    alone = own - others
    occasions = tuple(item for item in past.occasions if item.end <= state.now and item.key not in alone)
    opened = evenings(occasions)
    outer = ((who, facts) for who, facts in state.touchpoints.items() if who not in insiders)
    firsts = [found for who, facts in outer if (found := first(who, facts, state, opened)) is not None]
    return Survey(
        state=state,
        opinions=opinions,
        past=past,
        occasions=occasions,
        letters=tuple(item for item in past.letters if item.at <= state.now and item.key not in alone),
        firsts=tuple(sorted(firsts, key=lambda item: (item.at, item.person))),
        talks=tuple(sorted((at, source) for source, at in talks.items())),
        present={item.key: tuple(sorted({*seen[item.key]})) for item in occasions},
    )


def between(items: Sequence[T], since: datetime, until: datetime, at: Callable[[T], datetime]) -> Sequence[T]:
    """Return those of ``items`` (in order of ``at``) from ``since`` to before ``until``."""
    return items[bisect_left(items, since, key=at) : bisect_left(items, until, key=at)]
