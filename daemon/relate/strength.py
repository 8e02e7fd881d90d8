"""How strong is a tie? Interactions Rank: touches add, time takes away (PRACTICE 3).

After Roth et al., "Suggesting Friends Using the Implicit Social Graph", KDD 2010: each touch adds its weight, and what
it added halves every ``half_life`` days of its own age. A person's day counts at most ``day_limit``: the newest touches
of the day fill the limit first. So the sum is the largest that the limit allows, one touch more never lowers it, and
the order of input never matters.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from math import fsum
from zoneinfo import ZoneInfo

from daemon.model import StrengthRules, Touchpoint, local_day

DAY = timedelta(days=1)


def strength(touchpoints: Iterable[Touchpoint], rules: StrengthRules, zone: ZoneInfo, now: datetime) -> float:
    """Return the strength of one person's tie at ``now``; facts later than that are invisible. Unit: weights."""
    seen = {item.key: item for item in touchpoints if item.at <= now}.values()
    return decayed(((local_day(item.at, zone), item) for item in seen), rules, now)


def decayed(dated: Iterable[tuple[date, Touchpoint]], rules: StrengthRules, at: datetime) -> float:
    """Return the sum of limited weights, each decayed by its own age at ``at``; facts come with the user's day."""
    days: dict[date, list[tuple[float, float]]] = {}
    for day, item in dated:
        weight = rules.weights.get(item.kind, 0.0)
        if weight > 0:
            days.setdefault(day, []).append(((at - item.at) / DAY, weight))
    return fsum(part for touches in days.values() for part in _one_day(touches, rules))


class Running:
    """The same sum, kept while facts come in order of time: what days that are over added, and the touches of the last
    one."""

    def __init__(self, rules: StrengthRules) -> None:
        self._rules = rules
        self._weights = rules.weights
        self._half_life = timedelta(days=rules.half_life)
        self._sum = 0.0
        self._at: datetime | None = None
        self._day: date | None = None
        self._touches: list[tuple[datetime, float]] = []

    def add(self, day: date, item: Touchpoint) -> None:
        """Add one fact, with the user's day of it."""
        if day != self._day:
            self._sum, self._day, self._touches = self.at(item.at), day, []
            self._at = item.at
        weight = self._weights.get(item.kind, 0.0)
        if weight > 0:
            self._touches.append((item.at, weight))

    def at(self, now: datetime) -> float:
        """Return the sum at ``now``, not before the last fact."""
        before = 0.0 if self._at is None else self._sum * float(0.5 ** ((now - self._at) / self._half_life))
        if len(self._touches) == 1:  # as on most days
            at, weight = self._touches[0]
            return before + min(weight, self._rules.day_limit) * float(0.5 ** ((now - at) / self._half_life))
        touches = [((now - at) / DAY, weight) for at, weight in self._touches]
        return before + fsum(_one_day(touches, self._rules))


def later(value: float, since: datetime, at: datetime, rules: StrengthRules) -> float:
    """Return what a strength of ``value`` at ``since`` has become at ``at``, nothing new having happened."""
    return float(value * 0.5 ** ((at - since) / DAY / rules.half_life))


def _one_day(touches: list[tuple[float, float]], rules: StrengthRules) -> Iterable[float]:
    room = rules.day_limit
    for age, weight in sorted(touches):
        counted = min(weight, room)
        room -= counted
        yield counted * 0.5 ** (age / rules.half_life)
