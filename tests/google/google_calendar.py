"""What does Calendar answer? Lists of calendars, calendars, and events, as its documents describe them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import calendar_lists, events, listing
from .accounts import Context
from .answers import Refused, invalid
from .calendars import Calendar, Event
from .checking import Call
from .reach import calendar_of, match
from .syncing import bare, data_of

Body = dict[str, Any]


def answer(call: Call, context: Context) -> Body | None:
    """Answer *call*; None is an empty answer (204). Raises Refused."""
    play = METHODS.get(call.method.id.removeprefix("calendar."))
    if play is None:
        raise Refused(501, "notImplemented", "The stand-in does not play this method.")
    return play(call, context)


def _list_events(call: Call, context: Context) -> Body:
    return listing.listed(call, context, calendar_of(call, context))


def _stored(call: Call, calendar: Calendar) -> Event:
    found = calendar.events.get(call.path["eventId"])
    if found is None or found.vanished:
        raise Refused(404, "notFound")
    return found


def _data(call: Call, context: Context, calendar: Calendar) -> Body:
    """Give the event's data, of an instance that nobody has changed too. Raises Refused (404)."""
    name = call.path["eventId"]
    if name not in calendar.events and (one := context.account.calendars.instance(calendar, name)):
        return one
    return _stored(call, calendar).data


def _get_event(call: Call, context: Context) -> Body:
    calendar = calendar_of(call, context)
    data = _data(call, context, calendar)
    data = data_of(bare(data, call, context, calendar))
    return listing.shown_event(data, call, calendar, listing.zone(call, calendar))


def _instances(call: Call, context: Context) -> Body:
    calendar = calendar_of(call, context)
    return listing.instances(call, context, calendar, _stored(call, calendar))


def _insert_event(call: Call, context: Context) -> Body:
    calendar = calendar_of(call, context, write=True)
    body = {name: value for name, value in call.body.items() if name not in events.READ_ONLY}
    if call.body.get("eventType", "default") != "default":
        raise Refused(400, "eventTypeRestriction", "The stand-in lets clients write default events only.")
    if "id" in body:
        events.check_id(body["id"])
        if body["id"] in calendar.events:
            raise Refused(409, "duplicate")
    data = events.checked(body, calendar.zone)
    data.setdefault("id", context.account.calendars.next_id())
    return context.account.calendars.write(calendar, data, context.now).data


def _writable(call: Call, context: Context) -> tuple[Calendar, Body]:
    calendar = calendar_of(call, context, write=True)
    old = _data(call, context, calendar)
    match(call, old["etag"])
    if call.body.get("id", old["id"]) != old["id"]:
        raise invalid("The event id cannot be changed.", reason="invalid")
    if call.body.get("eventType", old["eventType"]) != old["eventType"]:
        raise Refused(400, "eventTypeRestriction", "The event type cannot be changed.")
    return calendar, old


def _update_event(call: Call, context: Context) -> Body:
    """Replace the event: what the request leaves out is gone."""
    calendar, old = _writable(call, context)
    kept = {name: old[name] for name in (*events.READ_ONLY, "id", "sequence") if name in old}
    given = {name: value for name, value in call.body.items() if name not in events.READ_ONLY}
    return _rewritten(calendar, old, kept | {"status": "confirmed"} | given, context)


def _patch_event(call: Call, context: Context) -> Body:
    calendar, old = _writable(call, context)
    change = {name: value for name, value in call.body.items() if name not in events.READ_ONLY}
    if old["status"] == "cancelled" and change.get("status") not in {"confirmed", "tentative"}:
        raise Refused(410, "deleted")
    return _rewritten(calendar, old, events.merged(old, change), context)


def _rewritten(calendar: Calendar, old: Body, new: Body, context: Context) -> Body:
    stored = calendar.events.get(old["id"])
    if stored and stored.cancelled and new.get("status") != "cancelled":
        _revive(stored, context)
    data = events.checked(new, calendar.zone)
    if data["status"] == "cancelled" and stored:
        return context.account.calendars.delete(calendar, stored, context.now, context.project).data
    changed = {name for name in {*old, *data} if old.get(name) != data.get(name)}
    data["sequence"] = old.get("sequence", 0) + bool(changed & {"start", "end", "recurrence"})
    return context.account.calendars.write(calendar, data, context.now, touches=bool(changed - {"reminders"})).data


def _revive(event: Event, context: Context) -> None:
    """Raise Refused (403) if a deleted event may not come back; reports differ, see the switch."""
    allowed = context.switches.revives
    if allowed == "never" or (allowed == "own" and event.deleted_by == "user"):
        raise Refused(403, "forbidden")


def _delete_event(call: Call, context: Context) -> None:
    calendar = calendar_of(call, context, write=True)
    data = _data(call, context, calendar)
    if data["status"] == "cancelled":
        raise Refused(410, "deleted")
    match(call, data["etag"])
    calendars = context.account.calendars
    event = calendar.events.get(data["id"]) or calendars.write(calendar, data, context.now)
    calendars.delete(calendar, event, context.now, context.project)


METHODS: dict[str, Callable[[Call, Context], Body | None]] = {
    "calendarList.list": calendar_lists.list_calendars,
    "calendarList.get": calendar_lists.get_entry,
    "calendarList.patch": calendar_lists.patch_entry,
    "calendarList.update": calendar_lists.patch_entry,
    "calendars.insert": calendar_lists.insert_calendar,
    "calendars.get": calendar_lists.get_calendar,
    "calendars.patch": calendar_lists.patch_calendar,
    "calendars.update": calendar_lists.patch_calendar,
    "calendars.delete": calendar_lists.delete_calendar,
    "events.list": _list_events,
    "events.get": _get_event,
    "events.instances": _instances,
    "events.insert": _insert_event,
    "events.update": _update_event,
    "events.patch": _patch_event,
    "events.delete": _delete_event,
}
