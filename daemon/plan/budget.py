"""How much may be visible? One budget for everything, by ISO week and by day in the user's zone (PRACTICE 4, P36)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias, cast

from daemon.model import LOOKING_BACK, NOTICES, UNDONE, Capacity, Entry, Opinion
from daemon.plan.agenda import Agenda, monday_of

Place: TypeAlias = Literal["promise", "debrief", "follow-up", "roundup", "brief", "growing", "key", "rest"]
REMINDERS: tuple[Place, ...] = ("promise", "follow-up", "roundup", "growing", "key", "rest")
BESIDE: tuple[Place, ...] = ("debrief", "brief")
"""Visible, and no reminders."""
PLACES_A_WEEK: Mapping[str, int] = {"growing": 2, "key": 2, "roundup": 1}
KEPT_OPEN = 2
"""Reminders of a coming week that reconnects leave to what is not known yet."""
_GONE = frozenset({"withdrawn", "failed"})
UNCOUNTED = NOTICES | LOOKING_BACK | {"draft"}


@dataclass(kw_only=True)
class Budget:
    """What is already visible, and so what there is still room for."""

    capacity: Capacity
    today: date
    weeks: Counter[tuple[date, str]] = field(default_factory=Counter)
    days: Counter[date] = field(default_factory=Counter)
    """Reminders by day."""
    items: Counter[date] = field(default_factory=Counter)
    """Everything visible, by day."""

    def hindrance(self, place: Place, day: date) -> str | None:
        """Return ``week-full`` or ``day-full`` if nothing of ``place`` fits on ``day``, else None."""
        if self.is_week_full(place, monday_of(day)):
            return "week-full"
        full = self.days[day] >= self.capacity.reminders_day or self.items[day] >= self.capacity.items_day
        return "day-full" if full else None

    def lack(self, day: date) -> str | None:
        """Return why nothing more may be visible on ``day``: ``day-full`` or ``week-full``; None if it may."""
        if self.items[day] >= self.capacity.items_day:
            return "day-full"
        week = sum(self.items[monday_of(day) + timedelta(days=number)] for number in range(7))
        return "week-full" if week >= self.capacity.items_week else None

    def is_week_full(self, place: Place, monday: date) -> bool:
        """Tell whether the week of ``monday`` has no room for ``place``."""
        limits = self.capacity
        total = sum(self.weeks[monday, name] for name in REMINDERS)
        most = min(limits.reminders_week, limits.items_week - sum(self.weeks[monday, name] for name in BESIDE))
        if place in {"growing", "key", "rest"} and monday > monday_of(self.today):
            most = max(most - KEPT_OPEN, min(most, 1))
        own = limits.follow_ups_week if place == "follow-up" else PLACES_A_WEEK.get(place, most)
        return total >= most or self.weeks[monday, place] >= own

    def is_spare(self, day: date) -> bool:
        """Tell whether the week of ``day`` keeps places for what is not known yet when one more is taken."""
        monday = monday_of(day)
        taken = sum(self.weeks[monday, name] for name in REMINDERS)
        return taken < max(self.capacity.reminders_week - KEPT_OPEN, 1)

    def take(self, place: Place, day: date, number: int = 1) -> None:
        """Count one reminder of ``place`` on ``day`` (-1: give it back)."""
        self.weeks[monday_of(day), place] += number
        self.items[day] += number
        if place not in BESIDE:
            self.days[day] += number


def budget(capacity: Capacity, time: Agenda, entries: Iterable[Entry], opinions: Mapping[str, Opinion]) -> Budget:
    """Return the budget with all reminders in it that stand, or stood and were answered, or taken back by the user."""
    found = Budget(capacity=capacity, today=time.day_of(time.now))
    for entry in entries:
        counts = entry.state not in _GONE or entry.problem == UNDONE
        if entry.kind not in UNCOUNTED and entry.start is not None and counts:
            found.take(place_of(entry, opinions), time.day_of(stands_at(entry) or entry.start))
    return found


def stands_at(entry: Entry) -> datetime | None:
    """Return when ``entry`` stands, what it is about to become included; the user's own time stays."""
    return entry.amended.start if entry.amended is not None and entry.state != "moved" else entry.start


def place_of(entry: Entry, opinions: Mapping[str, Opinion]) -> Place:
    """Return which place ``entry`` takes."""
    if entry.kind in {"promise", "debrief", "follow-up", "roundup", "brief"}:
        return cast("Place", entry.kind)
    return standing_of(opinions.get(entry.person))


def standing_of(opinion: Opinion | None) -> Place:
    """Return the place a reconnect of that person takes."""
    if opinion is not None and opinion.key:
        return "key"
    return "growing" if opinion is not None and opinion.stage == "growing" else "rest"


def next_monday(day: date) -> date:
    """Return the Monday after the ISO week of ``day``."""
    return monday_of(day) + timedelta(days=7)
