"""Which day is it for the user, and how long ago was that?"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """Return the user's calendar day of the instant ``at``."""
    return at.astimezone(zone).date()


def instant(value: datetime | date, zone: ZoneInfo) -> datetime:
    """Return ``value`` as an instant: a date is its midnight in ``zone``."""
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time(), tzinfo=zone)


def days_between(earlier: datetime, later: datetime) -> float:
    """Return the days from ``earlier`` to ``later`` as a float (P36)."""
    return (later - earlier) / DAY
