"""What does Calendar answer of calendars? The list of them, its entries, and the calendars themselves."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from . import events
from .accounts import Context
from .answers import Refused, invalid
from .calendars import Calendar, etag
from .checking import Call
from .reach import ROLES, calendar_of, match

Body = dict[str, Any]


ENTRY_FIELDS = {
    "backgroundColor",
    "foregroundColor",
    "colorId",
    "defaultReminders",
    "notificationSettings",
    "selected",
    "hidden",
    "summaryOverride",
}


def _resource(calendar: Calendar) -> Body:
    owner = {} if calendar.primary or not calendar.project else {"dataOwner": calendar.owner}
    texts = {"description": calendar.description, "location": calendar.location}
    return {
        "kind": "calendar#calendar",
        "etag": etag(calendar.number),
        "id": calendar.id,
        "summary": calendar.summary,
        "timeZone": calendar.zone.key,
        **{name: text for name, text in texts.items() if text},
        **owner,
    }


def _entry(calendar: Calendar, *, deleted: bool = False) -> Body:
    body = _resource(calendar) | {
        "kind": "calendar#calendarListEntry",
        "etag": etag(calendar.entry_number),
        "accessRole": calendar.role,
        **calendar.entry,
    }
    if calendar.primary:
        body["primary"] = True
    return body | ({"deleted": True} if deleted else {})


def list_calendars(call: Call, context: Context) -> Body:
    """Answer calendarList.list."""
    calendars = context.account.calendars
    start = 0
    if "syncToken" in call.query:
        start = _sync_start(call, context)
    least = ROLES.index(call.get("minAccessRole", "none"))
    gone = call.get("showDeleted", False) or bool(start)
    found = [one for one in calendars.calendars.values() if one.entry_number >= start and (gone or not one.deleted)]
    found = [
        one
        for one in found
        if (call.get("showHidden") or start or not one.entry.get("hidden")) and ROLES.index(one.role) >= least
    ]
    size, first = call.get("maxResults", 100), _first(call)
    page = [_entry(one, deleted=one.deleted) for one in found[first : first + size]]
    body: Body = {"kind": "calendar#calendarList", "etag": f'"p{calendars.number}"', "items": page}
    if first + size < len(found):
        return body | {"nextPageToken": f"list{first + size}"}
    return body | {"nextSyncToken": f"list{calendars.number + 1}"}


def _first(call: Call) -> int:
    text: str = call.get("pageToken", "list0").removeprefix("list")
    if not text.isdecimal():
        raise invalid("Invalid page token value.", "pageToken", reason="invalid")
    return int(text)


def _sync_start(call: Call, context: Context) -> int:
    if "minAccessRole" in call.query:
        raise invalid("Sync token cannot be used with minAccessRole.", "minAccessRole", reason="invalid")
    text = call.get("syncToken").removeprefix("list")
    if not text.isdecimal() or int(text) <= context.account.calendars.floor:
        raise Refused(410, "fullSyncRequired", location={"location": "syncToken", "locationType": "parameter"})
    return int(text)


def get_entry(call: Call, context: Context) -> Body:
    """Answer calendarList.get."""
    return _entry(calendar_of(call, context))


def patch_entry(call: Call, context: Context) -> Body:
    """Answer calendarList.patch and update."""
    calendar = calendar_of(call, context)
    match(call, etag(calendar.entry_number))
    change = {name: value for name, value in call.body.items() if name in ENTRY_FIELDS}
    if {"backgroundColor", "foregroundColor"} & set(change) and not call.get("colorRgbFormat"):
        raise invalid("colorRgbFormat must be true to set colors.", "colorRgbFormat", reason="invalid")
    events.checked_reminders(change.get("defaultReminders") or [])
    calendar.entry = events.merged(calendar.entry, change)
    calendar.entry_number = context.account.calendars.next_number()
    return _entry(calendar)


def _zone(body: Body, default: str) -> ZoneInfo:
    try:
        return ZoneInfo(body.get("timeZone") or default)
    except (ValueError, OSError, KeyError):
        raise invalid("Invalid time zone definition.", reason="invalid") from None


def insert_calendar(call: Call, context: Context) -> Body:
    """Answer calendars.insert."""
    if not call.body.get("summary"):
        raise Refused(400, "required", "Missing title.")
    made = context.account.calendars.add(call.body["summary"], zone=_zone(call.body, "UTC"), project=context.project)
    made.description, made.location = call.body.get("description", ""), call.body.get("location", "")
    return _resource(made)


def get_calendar(call: Call, context: Context) -> Body:
    """Answer calendars.get."""
    return _resource(calendar_of(call, context))


def patch_calendar(call: Call, context: Context) -> Body:
    """Answer calendars.patch and update."""
    calendar = calendar_of(call, context, write=True)
    match(call, etag(calendar.number))
    body = call.body
    calendar.zone = _zone(body, calendar.zone.key)
    calendar.summary = body.get("summary") or calendar.summary
    calendar.description = body.get("description", calendar.description) or ""
    calendar.location = body.get("location", calendar.location) or ""
    calendar.number = calendar.entry_number = context.account.calendars.next_number()
    return _resource(calendar)


def delete_calendar(call: Call, context: Context) -> None:
    """Answer calendars.delete."""
    calendar = calendar_of(call, context, write=True)
    if calendar.primary:
        raise Refused(403, "cannotDeletePrimaryCalendar", "The primary calendar cannot be deleted.")
    context.account.calendars.remove(calendar)
