"""What changed since a sync token? Tokens, what they do not go with, when they expire, the trap of expanded series."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from .accounts import Context
from .answers import Refused, invalid
from .calendars import Calendar, Event
from .checking import Call

Body = dict[str, Any]


NOT_WITH_SYNC = (
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMin",
    "timeMax",
    "updatedMin",
)


WITHOUT_TOKEN = ("iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "updatedMin")
"""A listing with one of these ends without a nextSyncToken."""


MAY_DIFFER = {*NOT_WITH_SYNC, "syncToken", "maxResults", "showDeleted", "quotaUser"}


GHOST_MONTHS = timedelta(days=183)


def _seal_of_sync(call: Call) -> str:
    same = [pair for pair in call.signature if pair[0] not in MAY_DIFFER]
    return f"{zlib.crc32(repr((call.path, same)).encode()):08x}"


def sync_token(call: Call, context: Context, calendar: Calendar) -> str:
    """Give the token for what changes from now on."""
    return f"{context.account.calendars.number}.{int(context.now.timestamp())}.{_seal_of_sync(call)}.{calendar.id}"


def changes(call: Call, context: Context, calendar: Calendar) -> Iterator[Event | Body]:
    """Give what changed since the sync token. Raises Refused: 400 beside other filters, 410 when it has expired."""
    for name in NOT_WITH_SYNC:
        if name in call.query:
            raise invalid(f"Sync token cannot be used with {name}.", name, reason="invalid")
    if call.get("showDeleted") is False:
        raise invalid("Sync token cannot be used with showDeleted=false.", "showDeleted", reason="invalid")
    number = _number(call, context, calendar)
    for event in list(calendar.events.values()):
        if event.number <= number or event.vanished:
            continue
        if event.series and call.get("singleEvents"):
            yield from _all_instances(event, context, calendar)
        else:
            yield event


def _number(call: Call, context: Context, calendar: Calendar) -> int:
    number, _, rest = call.get("syncToken").partition(".")
    issued, _, rest = rest.partition(".")
    seal, _, name = rest.partition(".")
    gone = Refused(410, "fullSyncRequired", location={"location": "syncToken", "locationType": "parameter"})
    if not (number.isdecimal() and issued.isdecimal()) or name != calendar.id:
        raise gone
    if (
        int(number) < context.account.calendars.floor
        or context.now.timestamp() >= int(issued) + context.switches.sync_token_life.total_seconds()
    ):
        raise gone
    if seal != _seal_of_sync(call):
        raise invalid(
            "The other parameters must be those of the initial synchronization.", "syncToken", reason="invalid"
        )
    return int(number)


def _all_instances(event: Event, context: Context, calendar: Calendar) -> Iterator[Body]:
    """A touched series comes with hundreds of instances, a deleted one with those of half a year."""
    assert event.series is not None
    if not event.cancelled:
        yield from event.series.between(None, None, context.switches.expansion_limit)
        return
    for one in event.series.between(context.now, context.now + GHOST_MONTHS, context.switches.expansion_limit):
        yield one | {"status": "cancelled"}


def data_of(event: Event | Body) -> Body:
    """Give the resource of a stored event or of an instance."""
    return event if isinstance(event, dict) else event.data


def bare(event: Event | Body, call: Call, context: Context, calendar: Calendar) -> Event | Body:
    """Give as much of a cancelled event as Google guarantees.

    All of it for an own event, but not in an incremental listing without showDeleted; a called-off instance keeps its
    series and original time (Event.status).
    """
    data = data_of(event)
    if data["status"] != "cancelled" or not context.switches.bare_tombstones:
        return event
    own = data["organizer"]["email"] == calendar.id and "recurringEventId" not in data
    incremental = "syncToken" in call.query or "updatedMin" in call.query
    if own and (call.get("showDeleted") or not incremental):
        return event
    kept = {"kind", "etag", "id", "status", "recurringEventId", "originalStartTime"}
    return {name: value for name, value in data.items() if name in kept}
