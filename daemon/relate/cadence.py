"""How often should two people touch each other, and is it time? (PRACTICE 3: cadence, due, the silence rule)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from daemon.model import Person, Settings, days_between
from daemon.relate.choices import Choices
from daemon.relate.summary import Message, Summary

Pace: TypeAlias = Literal["key", "growing", "established"]
HABIT = 5
"""Two-way touches from which the pair's own rhythm tells the ideal."""
STRETCH = 1.5
UNANSWERED = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """Ideal and worst-case interval, in days."""

    ideal: float
    worst: float


def cadence(
    person: Person, summary: Summary, chosen: Choices, settings: Settings, *, pace: Pace, refused: int
) -> Cadence:
    """Return the intervals for ``person``; ``refused`` is the run of reminders deleted or passed.

    The user's own wish wins; else the pair's rhythm, clamped to half and double of the standing's ideal. The worst case
    is the standing's, and at least the double of a longer ideal. Every two refusals in a row lengthen both by half.
    """
    low, high = getattr(settings.cadence, pace)
    wish = chosen.every or _wish(person, settings)
    ideal = float(wish or low)
    if wish is None and len(summary.two_way) >= HABIT and summary.gap is not None:
        ideal = min(max(summary.gap, low / 2), low * 2.0)
    worst = ideal * 2 if wish else max(float(high), ideal * high / low)
    stretch = STRETCH ** (refused // 2)
    return Cadence(ideal=ideal * stretch, worst=worst * stretch)


def due(silence: float | None, ideal: float, ahead: datetime | None) -> float | None:
    """Return (silence - ideal) / ideal; zero while a meeting stands ahead; None when there was no touch."""
    if silence is None:
        return None
    return 0.0 if ahead is not None else (silence - ideal) / ideal


def is_silent(unanswered: Sequence[Message], received: frozenset[str], now: datetime) -> bool:
    """Tell whether two messages of the user's stand unanswered, the first for 14 days or more (the silence rule).

    An answer can only be missed where received mail is read, or within one thread (C22). They come in order of time.
    """
    if not _waits(unanswered, now):
        return False
    seen = [item for item in unanswered if item.account in received]
    threads: dict[str, list[Message]] = {}
    for item in unanswered:
        if item.thread is not None:
            threads.setdefault(item.thread, []).append(item)
    return any(_waits(messages, now) for messages in (seen, *threads.values()))


def _waits(messages: Sequence[Message], now: datetime) -> bool:
    return len(messages) > 1 and now - messages[0].at >= UNANSWERED


def _wish(person: Person, settings: Settings) -> int | None:
    if not settings.people:
        return None
    wishes = [settings.people[address] for address in person.addresses if address in settings.people]
    own = [wish.every for wish in wishes if wish.every]
    tags = sorted({tag for wish in wishes for tag in wish.tags if tag in settings.tags})
    tagged = [every for tag in tags if (every := settings.tags[tag].every)]
    return own[0] if own else min(tagged, default=None)


def age(at: datetime | None, now: datetime) -> float | None:
    """Return the days from ``at`` to ``now``, None for None."""
    return None if at is None else days_between(at, now)
