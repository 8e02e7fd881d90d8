"""What does one event of Google Calendar's say? From the API's JSON to the record that crosses the border.

Nothing in it is believed: a field of the wrong type is as good as missing, and an event without usable times is odd.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeAlias

from connectors._address import clean, fold
from connectors._ical import FIRST_YEAR, LAST_YEAR, LONGEST, Odd, stamp
from connectors._zone import named
from connectors.records import Answer, Event, EventKind, Guest, GuestKind, Mailbox, Role, Status

Body: TypeAlias = Mapping[str, Any]

FIELDS = (
    "id,status,iCalUID,recurringEventId,originalStartTime,start,end,summary,description,"
    "organizer(email,displayName,self),creator(email,displayName),"
    "attendees(email,displayName,self,resource,responseStatus,additionalGuests),attendeesOmitted,"
    "guestsCanSeeOtherGuests,transparency,visibility,eventType,birthdayProperties/type,extendedProperties/private"
)
"""What is asked of an event; whatever else Google knows stays there."""
MOST_GUESTS = 100
"""With more of them Google is asked for none: so many make it an attendance anyway (E6)."""
KEY_PROPERTY = "kith"
"""The private extended property that marks what Kith wrote."""

_ID = re.compile(r"[!-.0-~]{1,1100}")
_TAG = re.compile(r"#kith\b", re.IGNORECASE)
_GROUP = "@group.calendar.google.com"
_ROOM = "@resource.calendar.google.com"
_ANSWERS: Mapping[str, Answer] = {"accepted": "accepted", "declined": "declined", "tentative": "tentative"}
_STATUSES: Mapping[str, Status] = {"cancelled": "cancelled", "tentative": "tentative"}
_KINDS: Mapping[str, EventKind] = {
    "birthday": "birthday",
    "focusTime": "focus",
    "fromGmail": "from-mail",
    "outOfOffice": "out-of-office",
    "workingLocation": "working-location",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The calendar an event stands in: the account's name, the calendar's id and role, and whether the user owns it."""

    account: str
    calendar: str
    role: Role
    owned: bool

    def source_id(self, name: str) -> str:
        """Return what the event ``name`` is called in this account: a tombstone carries no more than that."""
        return f"{self.calendar}/{name}"


def name_in(body: object) -> str:
    """Return the id of an event. Raises Odd if it bears none."""
    name = text_in(body, "id")
    if not _ID.fullmatch(name):
        raise Odd("bears no id")
    return name


def is_cancelled(body: object) -> bool:
    """Tell whether an event is a tombstone: only its id is certain then."""
    return text_in(body, "status") == "cancelled"


def read_event(body: object, origin: Origin) -> Event:
    """Return the record of one occurrence. Raises Odd if its times make no sense."""
    if not isinstance(body, Mapping):
        raise Odd("is not written as an event")
    name, (start, end) = name_in(body), span_in(body)
    series = text_in(body, "recurringEventId")
    uid = _uid(body, series or name)
    guests, unnamed = _guests(body)
    return Event(
        key=f"{uid}/{stamp(_original(body, start))}" if series else uid,
        uid=uid,
        source_id=origin.source_id(name),
        account=origin.account,
        start=start,
        end=end,
        title=clean(text_in(body, "summary")),
        calendar=origin.calendar,
        role=origin.role,
        owned=origin.owned,
        series=uid if series else None,
        organiser=_organiser(body, origin),
        guests=guests,
        status=_STATUSES.get(text_in(body, "status"), "confirmed"),
        free=text_in(body, "transparency") == "transparent",
        kind=_kind(body),
        private=text_in(body, "visibility") in {"private", "confidential"},
        guests_hidden=unnamed or _hidden(body),
        tagged=any(_TAG.search(text_in(body, field)) for field in ("summary", "description")),
        ours=KEY_PROPERTY in properties_in(body),
    )


def _kind(body: Body) -> EventKind:
    """Return what sort of event it is; Google's birthdays are anniversaries, and the user's own day, too."""
    kind = _KINDS.get(text_in(body, "eventType"), "default")
    of = text_in(part_in(body, "birthdayProperties"), "type") or "birthday"
    return "special-day" if kind == "birthday" and of != "birthday" else kind


def properties_in(body: object) -> Body:
    """Return the private extended properties of an event, empty when there are none."""
    return part_in(part_in(body, "extendedProperties"), "private")


def text_in(body: object, name: str) -> str:
    """Return the text that ``body`` has under ``name``, empty when it is none."""
    value = body.get(name) if isinstance(body, Mapping) else None
    return value if isinstance(value, str) else ""


def part_in(body: object, name: str) -> Body:
    """Return the object that ``body`` has under ``name``, empty when it is none."""
    value = body.get(name) if isinstance(body, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def rows_in(body: object, name: str) -> list[Any]:
    """Return the list that ``body`` has under ``name``, empty when it is none."""
    value = body.get(name) if isinstance(body, Mapping) else None
    return value if isinstance(value, list) else []


# -- times -------------------------------------------------------------------------------------------------------------


def span_in(body: object) -> tuple[date, date]:
    """Return start and end: instants in UTC, or days (``end`` exclusive). Raises Odd.

    An event without end (``endTimeUnspecified``) ends where it begins; an all-day one lasts a day at least.
    """
    start = _when(part_in(body, "start"))
    end = _when(part_in(body, "end")) if part_in(body, "end") else start
    if isinstance(start, datetime) is not isinstance(end, datetime):
        raise Odd("is all-day at one end only")
    if not isinstance(start, datetime) and end == start:
        end = start + timedelta(days=1)
    if end < start:
        raise Odd("ends before it starts")
    if end - start > LONGEST:
        raise Odd("lasts longer than ten years")
    return start, end


def _when(edge: Body) -> date:
    try:
        if day := text_in(edge, "date"):
            return _in_range(date.fromisoformat(day))
        when = datetime.fromisoformat(text_in(edge, "dateTime"))
    except ValueError as error:
        raise Odd("has a time that cannot be read") from error
    if when.tzinfo is None:
        zone = named(text_in(edge, "timeZone")[:200])
        if zone is None:
            raise Odd("has a time without a zone")
        when = when.replace(tzinfo=zone)
    _in_range(when)
    return when.astimezone(UTC)


def _in_range(when: date) -> date:
    if not FIRST_YEAR <= when.year <= LAST_YEAR:
        raise Odd("has a year out of range")
    return when


def _original(body: Body, start: date) -> date:
    """Return the original start of an occurrence, which no moving changes."""
    edge = part_in(body, "originalStartTime")
    return _when(edge) if edge else start


def _uid(body: Body, name: str) -> str:
    """Return the iCal UID; where it is missing or not to be believed, the one that Google makes of an id."""
    uid = text_in(body, "iCalUID")
    return uid if 0 < len(uid) <= 1100 and uid.isprintable() else f"{name}@google.com"


# -- people ------------------------------------------------------------------------------------------------------------


def _organiser(body: Body, origin: Origin) -> Mailbox | None:
    """Return who organised it: for an event that a calendar itself organised, whoever put it there."""
    organiser = part_in(body, "organizer")
    itself = organiser.get("self") is True and text_in(organiser, "email").endswith(_GROUP)
    found = _mailbox(part_in(body, "creator")) if itself and origin.owned else None
    return found or _mailbox(organiser)


def _guests(body: Body) -> tuple[tuple[Guest, ...], bool]:
    """Return the guests, each address once, and whether some were left out or bear no address."""
    rows = rows_in(body, "attendees")
    found: dict[str, Guest] = {}
    unnamed = len(rows) > MOST_GUESTS
    for row in rows[:MOST_GUESTS]:
        mailbox = _mailbox(row)
        if mailbox is None or _brings_more(row):
            unnamed = True
        if mailbox is not None:
            found.setdefault(mailbox.address, _guest(mailbox, row))
    return tuple(found.values()), unnamed


def _guest(mailbox: Mailbox, row: Body) -> Guest:
    return Guest(
        address=mailbox.address,
        name=mailbox.name,
        answer=_ANSWERS.get(text_in(row, "responseStatus"), "needs-action"),
        kind=_guest_kind(mailbox.address, row),
        me=row.get("self") is True,
    )


def _guest_kind(address: str, row: Body) -> GuestKind:
    if row.get("resource") is True or address.endswith(_ROOM):
        return "room"
    return "group" if address.endswith(_GROUP) else "person"


def _brings_more(row: object) -> bool:
    more = row.get("additionalGuests") if isinstance(row, Mapping) else None
    return isinstance(more, int) and more > 0


def _hidden(body: Body) -> bool:
    """Tell whether Google cut the guest list, or shows the user only a part of it."""
    organises = part_in(body, "organizer").get("self") is True
    return body.get("attendeesOmitted") is True or (body.get("guestsCanSeeOtherGuests") is False and not organises)


def _mailbox(row: object) -> Mailbox | None:
    address = fold(text_in(row, "email"))
    if address is None:
        return None
    name = clean(text_in(row, "displayName"))
    return Mailbox(address=address, name="" if "@" in name else name)
