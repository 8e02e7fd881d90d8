"""What stands in a calendar file of Kith's own? Its events, found by their bytes, each read once for many looks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from connectors._blocks import unfold
from connectors._zone import Zones

REMEMBERED = 256
"""Events whose reading is remembered from look to look: what stands is looked at every quarter of an hour."""
_EVENT = re.compile(
    rb"^BEGIN:VEVENT[ \t]*\r?\n.*?^END:VEVENT[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE | re.IGNORECASE
)
_TZID = re.compile(rb"^((?:DTSTART|DTEND)[^:\n]*);TZID=", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Placed:
    """One event in the bytes of the file: from where to where, and its unfolded lines."""

    start: int
    end: int
    lines: bytes


def events_in(data: bytes) -> list[Placed]:
    """Return the events in the bytes of a calendar file, unread."""
    found = _EVENT.finditer(data)
    return [Placed(one.start(), one.end(), unfold(one[0].replace(b"\r\n", b"\n"))) for one in found]


@lru_cache(maxsize=REMEMBERED)
def said(lines: bytes, zone: str) -> tuple[str, str, str, datetime, datetime] | None:
    """Return UID, title, description, beginning and end of an event; None if it cannot be read or was cancelled."""
    from icalendar import Event

    try:
        event: Any = Event.from_ical(_TZID.sub(rb"\1;X-TZID=", lines).decode("utf-8", "replace"))
        begins, ends = _time(event, "DTSTART", zone), _time(event, "DTEND", zone)
    except (ValueError, KeyError, AttributeError, TypeError, OverflowError):
        return None
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return None
    return str(event.get("UID", "")), str(event.get("SUMMARY", "")), str(event.get("DESCRIPTION", "")), begins, ends


def _time(event: Any, name: str, zone: str) -> datetime:
    if name == "DTEND" and name not in event:
        return _time(event, "DTSTART", zone) + (event["DURATION"].dt if "DURATION" in event else timedelta(0))
    value = event[name]
    when: date = value.dt
    if not isinstance(when, datetime):
        when = datetime.combine(when, time())
    if when.tzinfo is None:
        when = when.replace(tzinfo=Zones(zone, None, {}).find(value.params.get("X-TZID")))
    return when.astimezone(UTC)
