"""Which events does events.list give? Windows, expansion, filters, pages and sync tokens."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from .accounts import Context
from .answers import Refused, invalid
from .calendars import Calendar, Calendars, Event, stamp
from .checking import Call, moment
from .expansion import instant, shown
from .syncing import WITHOUT_TOKEN, bare, changes, data_of, sync_token

Body = dict[str, Any]
KEPT_PAGES = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """timeMin and timeMax: an event must end after the one and start before the other."""

    after: datetime | None
    before: datetime | None

    def holds(self, start: datetime, end: datetime) -> bool:
        """Whether an event of these times is in it."""
        return (self.after is None or end > self.after) and (self.before is None or start < self.before)


def window(call: Call) -> Window:
    """Read the window of a request. Raises Refused (400) if it is empty."""
    bounds = [
        moment(call.get(name)).replace(microsecond=0) if call.get(name) else None for name in ("timeMin", "timeMax")
    ]
    if bounds[0] and bounds[1] and bounds[0] >= bounds[1]:
        raise Refused(400, "timeRangeEmpty", location={"location": "timeMax", "locationType": "parameter"})
    return Window(after=bounds[0], before=bounds[1])


def listed(call: Call, context: Context, calendar: Calendar) -> Body:
    """Answer events.list: a page out of a listing that is fixed when its first page is asked for."""
    calendars = context.account.calendars
    if "pageToken" in call.query:
        return _next(call, calendars, calendar)
    place = zone(call, calendar)
    if "syncToken" in call.query:
        found = [
            one
            for one in changes(call, context, calendar)
            if _asked(call, one) or data_of(one)["status"] == "cancelled"
        ]
    else:
        found = _ordered(call, [event for event in _events(call, context, calendar) if _asked(call, event)])
    found = [bare(event, call, context, calendar) for event in found]
    token = "" if any(name in call.query for name in WITHOUT_TOKEN) else sync_token(call, context, calendar)
    head = _head(calendar, place) | ({"nextSyncToken": token} if token else {})
    return _paged(call, calendars, head, [shown_event(event, call, calendar, place) for event in found])


def _head(calendar: Calendar, zone: ZoneInfo) -> Body:
    head = {
        "kind": "calendar#events",
        "etag": f'"p{calendar.number}"',
        "summary": calendar.summary,
        "description": calendar.description,
        "updated": max((event.data["updated"] for event in calendar.events.values()), default=""),
        "timeZone": zone.key,
        "accessRole": calendar.role,
        "defaultReminders": calendar.entry.get("defaultReminders", []),
    }
    return {name: value for name, value in head.items() if value != ""}


def zone(call: Call, calendar: Calendar) -> ZoneInfo:
    """Give the zone in which a request wants its times. Raises Refused (400) for none."""
    try:
        return ZoneInfo(call.get("timeZone", calendar.zone.key))
    except (ValueError, OSError, KeyError):
        raise invalid("Invalid time zone.", "timeZone", reason="invalid") from None


def _paged(call: Call, calendars: Calendars, head: Body, items: list[Body]) -> Body:
    return _page(call, calendars, head, items, 0)


def _page(call: Call, calendars: Calendars, head: Body, items: list[Body], first: int) -> Body:
    size = call.get("maxResults", 250)
    page = items[first : first + size]
    if first + size >= len(items):
        return head | {"items": page}
    name = f"page{calendars.next_number()}"
    calendars.pages[name] = (_seal(call), head, items, first + size)
    while len(calendars.pages) > KEPT_PAGES:
        calendars.pages.popitem(last=False)
    return {key: value for key, value in head.items() if key != "nextSyncToken"} | {
        "items": page,
        "nextPageToken": name,
    }


def _next(call: Call, calendars: Calendars, calendar: Calendar) -> Body:
    seal, head, items, first = calendars.pages.get(call.get("pageToken"), ("", {}, [], 0))
    if seal != _seal(call):
        raise invalid("Invalid page token value.", "pageToken", reason="invalid")
    return _page(call, calendars, head, items, first)


def _seal(call: Call) -> str:
    return f"{zlib.crc32(repr((call.path, call.signature)).encode()):08x}"


def _events(call: Call, context: Context, calendar: Calendar) -> Iterator[Event | Body]:
    """Give the events of a listing without sync token, before the filters that look into them."""
    span, single = window(call), call.get("singleEvents", False)
    least = _updated_min(call, context)
    deleted = call.get("showDeleted", False) or least is not None
    for event in list(calendar.events.values()):
        if event.vanished or (least is not None and event.data["updated"] < least):
            continue
        if event.cancelled and not deleted and (single or not event.exception):
            continue
        if event.series and single:
            yield from _instances(event, span, context, calendar)
        elif event.series:
            if any(event.series.between(span.after, span.before, 1)):
                yield event
        elif span.holds(event.start, event.end):
            yield event


def _instances(event: Event, span: Window, context: Context, calendar: Calendar) -> Iterator[Body]:
    assert event.series is not None
    changed = {one.data["id"] for one in calendar.exceptions(event.data["id"])}
    for one in event.series.between(span.after, span.before, context.switches.expansion_limit):
        if one["id"] not in changed:
            yield one


def _updated_min(call: Call, context: Context) -> str | None:
    if "updatedMin" not in call.query:
        return None
    when = moment(call.get("updatedMin"))
    if when < context.now - context.switches.updated_min_reach:
        raise Refused(410, "updatedMinTooLongAgo", location={"location": "updatedMin", "locationType": "parameter"})
    return stamp(when)


def _asked(call: Call, event: Event | Body) -> bool:
    data = event if isinstance(event, dict) else event.data
    types = call.get("eventTypes")
    if types and data.get("eventType", "default") not in types:
        return False
    if call.get("iCalUID") and data.get("iCalUID") != call.get("iCalUID"):
        return False
    if call.get("q") and not _mentions(data, call.get("q")):
        return False
    return all(
        _has(data, kind, pair) for kind in ("private", "shared") for pair in call.get(f"{kind}ExtendedProperty", ())
    )


def _has(data: Body, kind: str, pair: str) -> bool:
    name, equals, value = pair.partition("=")
    if not equals:
        raise invalid("Invalid extended property constraint.", f"{kind}ExtendedProperty", reason="invalid")
    return bool(data.get("extendedProperties", {}).get(kind, {}).get(name) == value)


def _mentions(data: Body, words: str) -> bool:
    people = [data.get("organizer", {}), *data.get("attendees", [])]
    texts = [data.get(name, "") for name in ("summary", "description", "location")]
    texts += [person.get(name, "") for person in people for name in ("email", "displayName")]
    return all(word in " ".join(texts).casefold() for word in words.casefold().split())


def _ordered(call: Call, found: list[Event | Body]) -> list[Event | Body]:
    """Order by start or by change if asked; else an order that is stable and means nothing."""
    order = call.get("orderBy")
    if order == "startTime" and not call.get("singleEvents"):
        raise invalid("The requested ordering is not available for the particular query.", "orderBy", reason="invalid")
    if order == "startTime":
        return sorted(found, key=lambda event: (_start(event), data_of(event)["id"]))
    if order == "updated":
        return sorted(found, key=lambda event: (data_of(event).get("updated", ""), data_of(event)["etag"]))
    return sorted(found, key=lambda event: zlib.crc32(data_of(event)["id"].encode()))


def _start(event: Event | Body) -> str:
    when = (
        data_of(event).get("start") or data_of(event).get("originalStartTime") or {"dateTime": "1970-01-01T00:00:00Z"}
    )
    return instant(when, ZoneInfo("UTC")).isoformat()


def shown_event(event: Event | Body, call: Call, calendar: Calendar, zone: ZoneInfo) -> Body:
    """Give an event as this request wants to see it."""
    data = data_of(event)
    if calendar.role == "freeBusyReader" and "start" in data:
        data = {name: data[name] for name in ("kind", "etag", "id", "status", "start", "end") if name in data} | {
            "visibility": "private"
        }
    most = call.get("maxAttendees")
    if most is not None and len(data.get("attendees", ())) > most:
        data = data | {"attendees": [one for one in data["attendees"] if one.get("self")], "attendeesOmitted": True}
    if zone.key != calendar.zone.key and "start" in data:
        data = data | {"start": shown(data["start"], zone), "end": shown(data["end"], zone)}
    return data


def instances(call: Call, context: Context, calendar: Calendar, series: Event) -> Body:
    """Answer events.instances."""
    if "pageToken" in call.query:
        return _next(call, context.account.calendars, calendar)
    if series.series is None:
        raise invalid("The event is not recurring.", reason="invalid")
    span, place = window(call), zone(call, calendar)
    changed = [one for one in calendar.exceptions(series.data["id"]) if span.holds(one.start, one.end)]
    found: list[Event | Body] = [one for one in changed if call.get("showDeleted") or not one.cancelled]
    found += islice(_instances(series, span, context, calendar), context.switches.expansion_limit)
    items = [shown_event(one, call, calendar, place) for one in sorted(found, key=_start)]
    return _paged(call, context.account.calendars, _head(calendar, place), items)
