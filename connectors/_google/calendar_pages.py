"""What does Google Calendar answer? Its listings of events, read to the end, everything odd set aside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors._google.calendar_event import (
    FIELDS,
    MOST_GUESTS,
    Body,
    Origin,
    is_cancelled,
    name_in,
    read_event,
    rows_in,
    span_in,
    text_in,
)
from connectors._google.calendar_place import EARLIEST, Span, instant
from connectors._google.wire import Wire
from connectors._ical import Odd
from connectors.records import BadData, Event, Role

PAGE = 2500
MOST_PAGES = 20
OWN_MARK = "[kith-calendar]"
"""Stands in the description of the calendar that Kith writes into."""
_REPEATED = ["default", "fromGmail", "focusTime", "outOfOffice", "workingLocation"]
"""All types but birthdays, which begin in the year somebody was born."""
_ITEM_ERRORS = (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError)


@dataclass(slots=True)
class Listed:
    """What one listing of one calendar gave."""

    owned: bool = False
    ours: bool = False
    """It is the calendar that Kith writes into: nothing of it is read."""
    busy_only: bool = False
    """The calendar is shared as free or busy only: no titles, no guests."""
    events: list[Event] = field(default_factory=list)
    tombstones: list[str] = field(default_factory=list)
    """Source ids of what was deleted or cancelled."""
    odd: dict[str, str] = field(default_factory=dict)
    """Why it could not be read, by source id, or by place where there is none."""
    pages: int = 0


@dataclass(frozen=True, slots=True)
class Shelf:
    """One calendar to read: whose account, its id and role, and the wire that leads there."""

    wire: Wire
    account: str
    calendar: str
    role: Role

    def window(self, span: Span) -> Listed:
        """Return everything from ``span.start`` to ``span.end``, the tombstones of what was deleted too (T2)."""
        return self._listed(timeMin=_text(span.start), timeMax=_text(span.end), showDeleted=True)

    def month(self, span: Span) -> Listed:
        """Return what stands in ``span``."""
        return self._listed(timeMin=_text(span.start), timeMax=_text(span.end), showDeleted=False)

    def changed(self, since: datetime, before: datetime) -> Listed:
        """Return what was changed after ``since`` of the events that began before ``before``. Raises Outdated."""
        return self._listed(updatedMin=_text(since), timeMax=_text(before), showDeleted=True)

    def oldest(self, before: datetime) -> datetime | None:
        """Return when the oldest event begins, birthdays aside; None when there is none before ``before``."""
        query = {"timeMax": _text(before), "orderBy": "startTime", "eventTypes": _REPEATED, "maxResults": 1}
        for page in self._pages(query, "nextPageToken,items(start,end)"):
            for row in rows_in(page, "items"):
                try:
                    return instant(span_in(row)[0])
                except Odd:
                    return EARLIEST
        return None

    def _listed(self, **query: Any) -> Listed:
        listed = Listed()
        fields = f"accessRole,description,nextPageToken,items({FIELDS})"
        for page in self._pages({**query, "maxResults": PAGE, "maxAttendees": MOST_GUESTS}, fields):
            listed.pages += 1
            listed.owned = text_in(page, "accessRole") == "owner"
            listed.busy_only = text_in(page, "accessRole") == "freeBusyReader"
            listed.ours = listed.ours or OWN_MARK in text_in(page, "description")
            origin = Origin(account=self.account, calendar=self.calendar, role=self.role, owned=listed.owned)
            self._read(rows_in(page, "items"), origin, listed)
        return listed if not listed.ours else Listed(ours=True, pages=listed.pages)

    def _read(self, rows: Iterable[object], origin: Origin, into: Listed) -> None:
        for number, row in enumerate(rows, 1):
            where = f"page {into.pages}, {number}"
            try:
                where = origin.source_id(name_in(row))
                if is_cancelled(row):
                    into.tombstones.append(where)
                else:
                    into.events.append(read_event(row, origin))
            except Odd as error:
                into.odd[where] = str(error)
            except _ITEM_ERRORS:
                into.odd[where] = "cannot be read"

    def _pages(self, query: dict[str, Any], fields: str) -> Iterator[Body]:
        """Yield the pages of a listing. Raises BadData if it never ends, and as the wire does."""
        asked = {"calendarId": self.calendar, "singleEvents": True, "fields": fields, **query}
        for _ in range(MOST_PAGES):
            page = self.wire.read(self.wire.resource("events").list(**asked))
            yield page
            token = text_in(page, "nextPageToken")
            if not token:
                return
            asked["pageToken"] = token
        raise BadData("Google Calendar: a listing of events that does not end")


def _text(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
