"""Is the event that somebody wants to write a good one? The rules of Calendar beyond the discovery document."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from .answers import Refused, invalid
from .checking import moment
from .expansion import Series, instant, shown

Body = dict[str, Any]
READ_ONLY = {
    "kind",
    "etag",
    "created",
    "updated",
    "creator",
    "organizer",
    "htmlLink",
    "hangoutLink",
    "locked",
    "attendeesOmitted",
    "eventType",
    "recurringEventId",
    "originalStartTime",
    "iCalUID",
}
"""Fields in a request that Google passes over (or that cannot change once the event is there)."""
CHOICES = {
    "status": {"confirmed", "tentative", "cancelled"},
    "transparency": {"opaque", "transparent"},
    "visibility": {"default", "public", "private", "confidential"},
}
MAX_REMINDERS = 5
MAX_MINUTES = 40320


def check_id(text: str) -> None:
    """Raise Refused (400) unless *text* is 5 to 1024 letters of base32hex."""
    if not re.fullmatch(r"[a-v0-9]{5,1024}", text):
        raise invalid("Invalid resource id value.", reason="invalid")


def merged(old: Body, change: Body) -> Body:
    """Give *old* with a patch put into it: objects merge, null takes away, arrays are replaced."""
    new = dict(old)
    for name, value in change.items():
        if value is None:
            new.pop(name, None)
        elif isinstance(value, dict):
            new[name] = merged(new.get(name) or {}, value)
        else:
            new[name] = value
    return new


def checked(data: Body, zone: ZoneInfo) -> Body:
    """Give *data* in the shape in which Calendar keeps it. Raises Refused (400)."""
    data = {name: value for name, value in data.items() if value is not None}
    for edge in ("start", "end"):
        data[edge] = merged({}, data.get(edge, {}))
        if not data[edge]:
            raise Refused(400, "required", f"Missing {edge} time.")
        _edge(data[edge], edge, data)
    if ("date" in data["start"]) is not ("date" in data["end"]):
        raise invalid("Start and end times must either both be date or both be dateTime.", reason="invalid")
    data["start"], data["end"] = shown(data["start"], zone), shown(data["end"], zone)
    if instant(data["end"], zone) < instant(data["start"], zone) or data["start"].get("date", "") == data["end"].get(
        "date", "-"
    ):
        raise Refused(400, "timeRangeEmpty")
    for name, choices in CHOICES.items():
        if data.get(name, min(choices)) not in choices:
            raise invalid(f"Invalid {name} value.", reason="invalid")
    _details(data)
    _recurs(data, zone)
    return data


def _edge(when: Body, edge: str, data: Body) -> None:
    if ("date" in when) is ("dateTime" in when):
        raise invalid("Invalid start time." if edge == "start" else "Invalid end time.", reason="invalid")
    try:
        if "date" in when:
            date.fromisoformat(when["date"])
        elif "timeZone" in when and datetime.fromisoformat(when["dateTime"]).tzinfo is None:
            ZoneInfo(when["timeZone"])
        else:
            moment(when["dateTime"])
        if "timeZone" in when:
            ZoneInfo(when["timeZone"])
    except (ValueError, KeyError, OSError):
        raise invalid(f"Missing or invalid time zone definition or time at {edge}.", reason="invalid") from None
    if "recurrence" in data and "dateTime" in when and "timeZone" not in when:
        raise Refused(400, "required", f"Missing time zone definition for {edge} time.")


def _details(data: Body) -> None:
    reminders = data.get("reminders", {})
    overrides = reminders.get("overrides", [])
    if reminders.get("useDefault") and overrides:
        raise Refused(
            400,
            "cannotUseDefaultRemindersAndSpecifyOverride",
            "Cannot specify both default reminders and overrides at the same time.",
        )
    checked_reminders(overrides)
    if "source" in data and not re.match(r"https?://", data["source"].get("url", "")):
        raise invalid("Invalid source URL.", reason="invalid")
    if "colorId" in data and data["colorId"] not in {str(number) for number in range(1, 12)}:
        raise invalid("Invalid color.", reason="invalid")
    if any("@" not in attendee.get("email", "") for attendee in data.get("attendees", [])):
        raise Refused(400, "required", "Missing or invalid attendee email.")
    properties = data.get("extendedProperties", {})
    for kind in properties:
        # Longer keys are dropped and longer values cut, silently.
        properties[kind] = {
            key: value[:1024] for key, value in properties[kind].items() if len(key) <= 44 and value is not None
        }


def _recurs(data: Body, zone: ZoneInfo) -> None:
    if "recurrence" not in data:
        return
    if not data["recurrence"]:
        del data["recurrence"]
        return
    try:
        Series({"id": "x", **data}, zone)
    except (ValueError, KeyError, OSError):
        raise invalid("Invalid recurrence rule.", reason="invalid") from None


def checked_reminders(overrides: list[Body]) -> None:
    """Raise Refused (400) for more than five reminders, an unknown method, or minutes out of range."""
    if len(overrides) > MAX_REMINDERS:
        raise invalid("Too many override reminders.", reason="invalid")
    for one in overrides:
        if one.get("method") not in {"popup", "email"} or not 0 <= one.get("minutes", -1) <= MAX_MINUTES:
            raise invalid("Invalid reminder.", reason="invalid")
