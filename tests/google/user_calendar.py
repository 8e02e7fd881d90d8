"""What does the person do in Calendar? Events added, moved, renamed, answered and deleted; calendars too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from . import events
from .accounts import Account
from .calendars import Body, Calendar, Calendars, Event

if TYPE_CHECKING:
    from .server import Server

Times = datetime | date
Guest = str | Mapping[str, Any]


class CalendarUser:
    """The person at Calendar."""

    _server: Server
    _account: Account

    @property
    def _all(self) -> Calendars:
        return self._account.calendars

    def add_event(
        self,
        summary: str = "Meeting",
        start: Times | None = None,
        end: Times | None = None,
        attendees: Iterable[Guest] = (),
        *,
        calendar: str = "primary",
        **fields: Any,
    ) -> Event:
        """Add an event to a calendar; it lasts an hour or a day unless told."""
        where = self._calendar(calendar)
        first = start if start is not None else self._server.now
        last = (
            end
            if end is not None
            else first + (timedelta(hours=1) if isinstance(first, datetime) else timedelta(days=1))
        )
        data = {
            "id": self._all.next_id(),
            "summary": summary,
            "start": self._when(first),
            "end": self._when(last),
            **fields,
        }
        guests = [
            dict(one) if isinstance(one, Mapping) else {"email": one, "responseStatus": "accepted"} for one in attendees
        ]
        if guests:
            own = {"email": self._account.email, "self": True, "organizer": True, "responseStatus": "accepted"}
            data["attendees"] = guests if any(one.get("self") for one in guests) else [own, *guests]
        return self._write(where, data)

    def receive_event(
        self,
        organizer: str,
        summary: str = "Meeting",
        start: Times | None = None,
        end: Times | None = None,
        **about: Any,
    ) -> Event:
        """Be invited by somebody: they hold the event, the user has not answered."""
        own = {"email": self._account.email, "self": True, "responseStatus": about.pop("response", "needsAction")}
        host = {"email": organizer, "organizer": True, "responseStatus": "accepted"}
        more = [{"email": one, "responseStatus": "accepted"} for one in about.pop("attendees", ())]
        return self.add_event(
            summary,
            start,
            end,
            [own, host, *more],
            organizer={"email": organizer},
            creator={"email": organizer},
            **about,
        )

    def add_birthday(self, name: str, day: date, contact: str = "people/c1") -> Event:
        """Have a contact with a birthday: a yearly all-day event of its own type."""
        more: dict[str, Any] = {
            "eventType": "birthday",
            "birthdayProperties": {"contact": contact, "type": "birthday"},
            "recurrence": ["RRULE:FREQ=YEARLY"],
        }
        return self.add_event(f"{name}'s birthday", day, visibility="private", transparency="transparent", **more)

    def _calendar(self, name: str) -> Calendar:
        found = self._all.find(name)
        if found is None:
            raise KeyError(name)
        return found

    def _when(self, when: Times) -> Body:
        if not isinstance(when, datetime):
            return {"date": when.isoformat()}
        return {
            "dateTime": when.isoformat(timespec="seconds"),
            "timeZone": getattr(when.tzinfo, "key", None) or self._account.zone,
        }

    def _write(self, calendar: Calendar, data: Body) -> Event:
        return self._all.write(calendar, events.checked(data, calendar.zone), self._server.now)

    def event(self, name: str, calendar: str = "") -> Event:
        """Find an event, in whichever calendar it is."""
        return self._find(name, calendar)[1]

    def _find(self, name: str, calendar: str = "") -> tuple[Calendar, Event]:
        for one in [self._calendar(calendar)] if calendar else self._all.calendars.values():
            if name in one.events:
                return one, one.events[name]
            if data := self._all.instance(one, name):
                return one, self._write(one, data)
        raise KeyError(name)

    def edit_event(self, name: str, **fields: Any) -> Event:
        """Change any field of an event or of one instance, by the API's names; None takes it away."""
        where, event = self._find(name)
        return self._write(where, events.merged(event.data, fields))

    def move_event(self, name: str, start: Times, end: Times | None = None) -> Event:
        """Drag an event to another time; it keeps its length."""
        _, event = self._find(name)
        last = end if end is not None else start + (event.end - event.start)
        both = {"date": None, "dateTime": None, "timeZone": None}
        return self.edit_event(name, start=both | self._when(start), end=both | self._when(last))

    def rename_event(self, name: str, summary: str) -> Event:
        """Give an event another title."""
        return self.edit_event(name, summary=summary)

    def decline(self, name: str, response: str = "declined") -> Event:
        """Answer an invitation."""
        _, event = self._find(name)
        guests = [
            one | ({"responseStatus": response} if one.get("self") else {}) for one in event.data.get("attendees", [])
        ]
        return self.edit_event(name, attendees=guests)

    def delete_event(self, name: str) -> Event:
        """Delete an event, a series or one instance."""
        where, event = self._find(name)
        return self._all.delete(where, event, self._server.now, "user")

    def empty_bin(self, calendar: str = "primary") -> None:
        """Let the tombstones of a calendar vanish; their ids stay taken."""
        for event in self._calendar(calendar).events.values():
            event.vanished = event.vanished or (event.cancelled and not event.exception)

    def add_calendar(self, summary: str, role: str = "owner") -> Calendar:
        """Have another calendar: an own one, or one that is shared with the user in *role*."""
        return self._all.add(summary, role=role)

    def delete_calendar(self, name: str) -> None:
        """Delete a whole calendar."""
        self._all.remove(self._calendar(name))

    def empty_calendar(self, name: str = "primary") -> None:
        """Delete every event of a calendar."""
        where = self._calendar(name)
        for event in [one for one in where.events.values() if not one.cancelled]:
            if event.data["id"] in where.events:
                self._all.delete(where, event, self._server.now, "user")
