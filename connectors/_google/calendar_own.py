"""Which calendar of a Google account is Kith's own, and what stands in it?

It is known by a mark in its description, which only a calendar that the user owns may carry: somebody else's Kith may
share theirs. Its id is remembered as long as the process lives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from connectors._google.calendar_event import Body, is_cancelled, rows_in, text_in
from connectors._google.calendar_pages import OWN_MARK
from connectors._google.errors import NotThere
from connectors._google.wire import Wire, Wires
from connectors.records import BadData, Gone, Unavailable

ABOUT = (
    "Kith keeps its reminders here. Move them, edit them, delete what you do not want; "
    f"if you delete the whole calendar, Kith asks before it makes another. {OWN_MARK}"
)
GONE = "the calendar of reminders is gone; nothing is written until it is back or chosen anew"
NOT_OURS = (
    "the calendar of reminders was made with another OAuth client: delete it in Google Calendar, or log in with that"
)
_FIELDS = "id,etag,status,summary,description,start,end,recurrence,attendees/email,extendedProperties/private"
_ID = "own calendar"
_PAGE = 2500
_MOST_PAGES = 40


@dataclass(frozen=True)
class OwnCalendar:
    """The calendar that Kith made in one account."""

    wires: Wires

    @property
    def _wire(self) -> Wire:
        return self.wires.calendar

    def find(self) -> str | None:
        """Return its id, None when there is none. Raises Unavailable, NeedsLogin."""
        if _ID not in self.wires.memory:
            found = self._marked()
            if not found:
                return None
            self.wires.memory[_ID] = min(found)
        known: str = self.wires.memory[_ID]
        return known

    def make(self, zone: str) -> str:
        """Make it and return its id. Raises Unsure when the answer was lost: ``find`` finds it then."""
        body = {"summary": "Kith", "description": ABOUT, "timeZone": zone}
        made = text_in(self._wire.write(self._wire.resource("calendars").insert(body=body, fields="id")), "id")
        if not made:
            raise Unavailable("Google Calendar made a calendar and did not say which")
        self.wires.memory[_ID] = made
        return made

    def missed(self, calendar: str) -> Unavailable:
        """Return what it means that nothing can be written into ``calendar``, and forget its id."""
        self.wires.memory.pop(_ID, None)
        return Unavailable(NOT_OURS) if calendar in self._marked() else Gone(GONE)

    def rows(self, calendar: str, since: date) -> Iterator[Body]:
        """Yield the events of ``calendar`` that end after the day ``since``, deleted ones too. Raises Gone."""
        asked = {
            "calendarId": calendar,
            "timeMin": f"{since.isoformat()}T00:00:00Z",
            "showDeleted": True,
            "maxResults": _PAGE,
            "fields": f"nextPageToken,items({_FIELDS})",
        }
        try:
            for page in self._pages("events", asked):
                yield from (row for row in rows_in(page, "items") if isinstance(row, Mapping))
        except NotThere:
            self.wires.memory.pop(_ID, None)
            raise Gone(GONE) from None
        self.wires.memory[_ID] = calendar

    def event(self, calendar: str, name: str) -> Body | None:
        """Return an event that stands there, None if it does not (any more). Raises Unavailable."""
        request = self._wire.resource("events").get(calendarId=calendar, eventId=name, fields=_FIELDS)
        try:
            found = self._wire.read(request)
        except NotThere:
            return None
        if text_in(found, "id") != name:
            raise Unavailable("Google Calendar answers with another event than it was asked for")
        return None if is_cancelled(found) else found

    def write(self, verb: str, etag: str = "", **about: Any) -> Body:
        """Call ``insert``, ``patch`` or ``delete`` of events; with ``etag`` only if nothing changed. Raises Changed."""
        request = getattr(self._wire.resource("events"), verb)(**about)
        if etag:
            request.headers["If-Match"] = etag
        return self._wire.write(request)

    def _marked(self) -> list[str]:
        """Return the ids of the user's calendars that carry our mark."""
        asked = {"showHidden": True, "maxResults": 250, "fields": "nextPageToken,items(id,description,accessRole)"}
        return [
            text_in(row, "id")
            for page in self._pages("calendarList", asked)
            for row in rows_in(page, "items")
            if OWN_MARK in text_in(row, "description") and text_in(row, "accessRole") == "owner" and text_in(row, "id")
        ]

    def _pages(self, resource: str, asked: dict[str, Any]) -> Iterator[Body]:
        for _ in range(_MOST_PAGES):
            page = self._wire.read(self._wire.resource(resource).list(**asked))
            yield page
            token = text_in(page, "nextPageToken")
            if not token:
                return
            asked = {**asked, "pageToken": token}
        raise BadData("Google Calendar: a listing that does not end")
