"""What does Calendar hold? Calendars and their events, each change numbered, the deleted ones as tombstones."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from .expansion import Series, instant

Body = dict[str, Any]


@dataclass(slots=True)
class Event:
    """One stored event: a single one, a series, or a changed instance; *data* is replaced, never changed in place."""

    data: Body
    number: int
    """The number of its last change."""
    start: datetime
    end: datetime
    deleted_by: str = ""
    """The project that deleted it, or "user"."""
    vanished: bool = False
    series: Series | None = None

    @property
    def cancelled(self) -> bool:
        """Whether it is deleted, or an instance called off."""
        return bool(self.data["status"] == "cancelled")

    @property
    def exception(self) -> bool:
        """Whether it is an instance of a series, changed."""
        return "recurringEventId" in self.data


@dataclass(slots=True, kw_only=True)
class Calendar:
    """One calendar, and how it stands in the user's list."""

    id: str
    summary: str
    zone: ZoneInfo
    role: str = "owner"
    primary: bool = False
    owner: str = ""
    project: str = ""
    """The OAuth project that made it, which is all that calendar.app.created reaches."""
    description: str = ""
    location: str = ""
    entry: Body = field(default_factory=dict)
    number: int = 0
    entry_number: int = 0
    deleted: bool = False
    events: dict[str, Event] = field(default_factory=dict)

    def exceptions(self, series: str) -> list[Event]:
        """Give the changed instances of a series."""
        return [event for event in self.events.values() if event.data.get("recurringEventId") == series]


def stamp(when: datetime) -> str:
    """Write a time as Google does in ``created`` and ``updated``."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"


def etag(number: int) -> str:
    """Give the etag of a change."""
    return f'"{3500000000000000 + 2 * number}"'


@dataclass(slots=True)
class Calendars:
    """All calendars of one account."""

    email: str
    zone: ZoneInfo
    calendars: dict[str, Calendar] = field(default_factory=dict)
    number: int = 0
    floor: int = 0
    """Sync tokens of changes below this have expired."""
    pages: OrderedDict[str, Any] = field(default_factory=OrderedDict)
    _count: int = 0

    def __post_init__(self) -> None:
        primary = Calendar(id=self.email, summary=self.email, zone=self.zone, primary=True)
        primary.entry = {"selected": True, "defaultReminders": [{"method": "popup", "minutes": 10}], "colorId": "14"}
        self.calendars[self.email] = primary

    @property
    def primary(self) -> Calendar:
        """The account's own calendar."""
        return self.calendars[self.email]

    def find(self, name: str) -> Calendar | None:
        """Find a calendar that is not deleted; ``primary`` is the account's own."""
        found = self.calendars.get(self.email if name == "primary" else name)
        return None if found is None or found.deleted else found

    def add(self, summary: str, *, zone: ZoneInfo | None = None, role: str = "owner", project: str = "") -> Calendar:
        """Add a calendar to the account and to its list."""
        name = hashlib.sha256(f"{self.email} {self.next_number()}".encode()).hexdigest() + "@group.calendar.google.com"
        made = Calendar(id=name, summary=summary, zone=zone or self.zone, role=role, owner=self.email, project=project)
        made.entry = {"selected": True, "defaultReminders": [], "colorId": "3"}
        made.number = made.entry_number = self.number
        self.calendars[name] = made
        return made

    def next_number(self) -> int:
        """Count one more change."""
        self.number += 1
        return self.number

    def next_id(self) -> str:
        """Give a new event id as Google makes them: 26 letters of base32hex."""
        self._count += 1
        digest = hashlib.sha256(f"{self.email} event {self._count}".encode()).hexdigest()
        return digest[:26]

    def write(self, calendar: Calendar, data: Body, now: datetime, *, touches: bool = True) -> Event:
        """Store *data* as the event of its id; *touches* is whether ``updated`` moves on."""
        old = calendar.events.get(data["id"])
        number = self.next_number()
        created = old.data["created"] if old else stamp(now)
        updated = stamp(now) if touches or old is None else old.data["updated"]
        data = self._complete(calendar, data) | {"created": created, "updated": updated, "etag": etag(number)}
        return self.hold(calendar, data, number)

    def hold(self, calendar: Calendar, data: Body, number: int) -> Event:
        """Keep a complete event."""
        series = Series(data, calendar.zone) if "recurrence" in data else None
        start, end = instant(data["start"], calendar.zone), instant(data["end"], calendar.zone)
        event = Event(data=data, number=number, start=start, end=end, series=series)
        calendar.events[data["id"]] = event
        return event

    def _complete(self, calendar: Calendar, data: Body) -> Body:
        """Add what Google adds to an event that somebody wrote."""
        own: Body = {"email": calendar.id, "self": True}
        if not calendar.primary:
            own["displayName"] = calendar.summary
        whole: Body = {
            "kind": "calendar#event",
            "status": "confirmed",
            "htmlLink": f"https://www.google.com/calendar/event?eid={data['id']}",
            "creator": {"email": self.email, **({"self": True} if calendar.primary else {})},
            "organizer": own,
            "iCalUID": f"{data['id'].partition('_')[0]}@google.com",
            "sequence": 0,
            "reminders": {"useDefault": True},
            "eventType": "default",
        }
        return whole | data

    def delete(self, calendar: Calendar, event: Event, now: datetime, by: str) -> Event:
        """Leave a tombstone; a series takes its changed instances with it."""
        for exception in calendar.exceptions(event.data["id"]):
            del calendar.events[exception.data["id"]]
        gone = self.write(calendar, event.data | {"status": "cancelled"}, now)
        gone.deleted_by = by
        return gone

    def load(self, calendar: Calendar, events: Iterable[Body], now: datetime) -> int:
        """Store many events, each as it was changed last when it was over, at the latest *now*."""
        count = 0
        for data in events:
            number, over = self.next_number(), data["end"].get("dateTime", stamp(now))
            when = min(stamp(now), f"{over[:19]}.000Z")
            self.hold(
                calendar,
                self._complete(calendar, data) | {"created": when, "updated": when, "etag": etag(number)},
                number,
            )
            count += 1
        return count

    def remove(self, calendar: Calendar) -> None:
        """Delete a whole calendar."""
        calendar.deleted = True
        calendar.events.clear()
        calendar.entry_number = self.next_number()

    def instance(self, calendar: Calendar, name: str) -> Body | None:
        """Give an instance of a series by its id, changed or as the rule makes it."""
        series, _, mark = name.rpartition("_")
        master = calendar.events.get(series)
        if master is None or master.series is None or master.cancelled or not mark:
            return None
        try:
            day = datetime.strptime(mark[:8], "%Y%m%d").replace(tzinfo=UTC)
        except ValueError:
            return None
        near = master.series.between(day - timedelta(days=2), day + timedelta(days=3), 10_000)
        return next((one for one in near if one["id"] == name), None)

    def forget(self) -> None:
        """Let every sync token given out so far expire."""
        self.floor = self.next_number()
