"""Does the user act on what Kith proposes? When hardly ever, Kith proposes half as much (PRACTICE 4, P25).

Nothing is stored for it: whether reminders are halved follows from the reminders themselves, gone through in order of
their days. Fewer than one in five acted on over four weeks halves them, until one in three is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from daemon.model import PROPOSED, Capacity, Entry

SPAN = timedelta(days=28)
LEAST = 5
"""So few reminders in four weeks tell nothing."""
TIME_TO_ACT = timedelta(days=3)
HARDLY, ENOUGH = 1 / 5, 1 / 3
_ACTED = frozenset({"done", "sent", "overtaken", "noted", "edited"})
_NEVER_SEEN = frozenset({"withdrawn", "failed", "waiting"})


def is_halved(entries: Iterable[Entry], now: datetime) -> bool:
    """Tell whether reminders are halved at ``now``; ``entries`` is the whole outbox."""
    days = sorted(
        (entry.start, entry.state in _ACTED)
        for entry in entries
        if entry.kind in PROPOSED
        and entry.start is not None
        and entry.start + TIME_TO_ACT <= now
        and entry.state not in _NEVER_SEEN
    )
    halved, first = False, 0
    for last, (day, _) in enumerate(days):
        while days[first][0] <= day - SPAN:
            first += 1
        seen = days[first : last + 1]
        share = sum(acted for _, acted in seen) / len(seen)
        long_enough = day - days[0][0] >= SPAN - timedelta(days=7) and len(seen) >= LEAST
        halved = share < ENOUGH if halved else long_enough and share < HARDLY
    return halved


def allowed(capacity: Capacity, entries: Iterable[Entry], now: datetime) -> Capacity:
    """Return ``capacity``, its reminders a week halved (one at least) while hardly any are acted on."""
    if not is_halved(entries, now):
        return capacity
    return replace(capacity, reminders_week=max(1, capacity.reminders_week // 2))
