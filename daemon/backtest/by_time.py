"""What was known on each day of the past, by the time of each fact alone?

Today's people, and of their facts those that had happened. Quicker than ``past.Walk`` by far, and a little wiser than
anybody was: who is nobody, which addresses are one person and what is a habit, detection says with all that came since.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime

from daemon.backtest.past import Archive, Known, Past, from_the_beginning, resolved
from daemon.model import Person, Touchpoint


class ByTime:
    """Goes through the past, forwards only; ``facts`` are today's, by person, in order of time."""

    def __init__(
        self,
        past: Past,
        begins: datetime,
        people: Mapping[str, Person],
        facts: Mapping[str, tuple[Touchpoint, ...]],
        ids: Mapping[str, str],
    ) -> None:
        self._archive = Archive(past)
        self._decisions = from_the_beginning(past.decisions, begins)
        self._own = frozenset(past.settings.me.addresses)
        self._people = people
        self._facts = facts
        self._ids = ids
        self._known: dict[str, tuple[Touchpoint, ...]] = {}

    def to(self, now: datetime) -> Known:
        """Return what was known at ``now``. Whoever has no new facts keeps the same tuple."""
        for who, items in self._facts.items():
            known = len(self._known.get(who, ()))
            if known < len(items) and items[known].at <= now:
                self._known[who] = items[: bisect_right(items, now, lo=known, key=lambda item: item.at)]
        calendar = self._archive.calendar(now, self._own)
        return Known(
            now=now,
            people={who: person for who, person in self._people.items() if who in self._known},
            touchpoints=dict(self._known),
            calendar=calendar,
            open_events=self._archive.opened(calendar),
            decisions=resolved(self._decisions, now, self._ids),
            earliest=self._archive.first(now),
            ids=self._ids,
        )
