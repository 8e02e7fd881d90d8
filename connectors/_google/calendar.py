"""What stands in the calendars of a Google account, and what changed there?

Each pull lists a window that moves with now whole (14 days back, 30 ahead, expanded by the server) and tells what is
new, different or gone in it. Older events are asked for by ``updatedMin``, each calendar once an hour at most and one
calendar a pull; the past is imported month by month, the newest first. An idle pull costs one request a calendar, and
one more where it is time to ask for older events.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors._google.calendar_pages import Shelf
from connectors._google.calendar_place import Place
from connectors._google.calendar_reading import Reading
from connectors._google.wire import Wires
from connectors.records import Cursor, Pull, Role

if TYPE_CHECKING:
    from connectors.google import Google

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TURN = 900
"""Seconds after which another calendar has its turn, where no process remembers which had it."""
_REST = "calendar"


@dataclass(frozen=True, slots=True)
class Rest:
    """What this process remembers from one pull to the next, so that nothing is asked twice without need."""

    now: datetime
    calendars: Mapping[str, Role]
    page: Pull
    since: datetime
    looked: Mapping[str, datetime]
    """From ``since`` to this moment nothing became of a calendar's older events."""

    def holds(self, cursor: Cursor | None, now: datetime, calendars: Mapping[str, Role]) -> bool:
        """Tell whether all of that moment is known."""
        return self.page.caught_up and (self.now, self.calendars, self.page.cursor) == (now, calendars, cursor)


@dataclass(frozen=True, kw_only=True)
class CalendarSource:
    """Reads the chosen calendars of one account; ``wires`` lead there."""

    name: str
    zone: str
    account: Google
    wires: Wires

    def pull(self, cursor: Cursor | None, now: datetime) -> Pull:
        """Return what is new since ``cursor``: the window first, then a year of the past.

        A calendar that is not there, or not shared any more, is a trouble of its own. Raises Unavailable, NeedsLogin or
        BadData; Unavailable too if none of the calendars is there.
        """
        rest: Rest | None = self.wires.memory.get(_REST)
        if rest is not None and rest.holds(cursor, now, self.account.calendars):
            return rest.page  # mail still has pages to read, and the same moment holds nothing new
        place = Place.load(cursor)
        since = place.since if place is not None else now
        known = rest.looked if rest is not None and rest.since <= since else {}
        looked = {name: max(since, known.get(name, since)) for name in self.account.calendars}
        reading = Reading(self._shelves(), place, now, looked)
        page = reading.pull(older=_due(looked, now))
        idle = replace(page, items=(), gone=(), complete=(), skipped=())
        calendars = dict(self.account.calendars)
        self.wires.memory[_REST] = Rest(now, calendars, idle, since, reading.looked)
        return page

    def _shelves(self) -> list[Shelf]:
        roles = self.account.calendars
        return [Shelf(self.wires.calendar, self.name, calendar, role) for calendar, role in roles.items()]


def _due(looked: Mapping[str, datetime], now: datetime) -> tuple[str, ...]:
    """Return the calendars to ask what became of older events: the one that was asked longest ago, if it is time.

    After a day nobody remembers, all of them: else the place would stay behind for as long as processes come and go.
    """
    due = {name: at for name, at in looked.items() if now - at >= HOUR}
    first = min(due.values(), default=now)
    if now - first >= DAY:
        return tuple(due)
    longest = [name for name, at in due.items() if at == first]
    return (longest[int(now.timestamp()) // TURN % len(longest)],) if longest else ()
