"""When did it happen? Days and times of the demo world, counted back from the week of ``now``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Vienna")
AWAY = (13, 14)
"""Weeks ago that Clara was on holiday."""
CONFERENCE = 21
"""Weeks ago that the conference was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The calendar as seen on one day: every date is the same number of weeks and weekdays away from it."""

    now: datetime

    @property
    def today(self) -> date:
        """Clara's day."""
        return self.now.astimezone(ZONE).date()

    def day(self, weeks: int, weekday: int) -> date:
        """Return the ``weekday`` (Monday is 0) of the week ``weeks`` ago; negative weeks lie ahead."""
        return self.today + timedelta(days=weekday - self.today.weekday() - 7 * weeks)

    def at(self, weeks: int, weekday: int, hour: int, minute: int = 0) -> datetime:
        """Return a time of day on that day, in Clara's zone."""
        return on(self.day(weeks, weekday), hour, minute)

    def workday(self, before: int, hour: int, minute: int = 0) -> datetime:
        """Return a time of day on the working day so many working days before today."""
        day, left = self.today, before
        while left:
            day -= timedelta(days=1)
            left -= day.weekday() < 5
        return on(day, hour, minute)

    def last(self, month: int, day: int) -> date:
        """Return the last such day of the year that is over."""
        found = self.today.replace(month=month, day=day)
        return found if found < self.today else found.replace(year=found.year - 1)


def on(day: date, hour: int, minute: int = 0) -> datetime:
    """Return a time of day in Clara's zone."""
    return datetime.combine(day, time(hour, minute), tzinfo=ZONE)


def festive(day: date) -> bool:
    """Tell whether Vienna is closed between Christmas and the New Year."""
    return (day.month, day.day) >= (12, 23) or (day.month, day.day) <= (1, 3)
