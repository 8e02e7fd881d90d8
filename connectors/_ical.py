"""What does one VEVENT say? From icalendar's component to the record that crosses the border."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from connectors._address import clean, fold
from connectors._blocks import Slim
from connectors._zone import Zones
from connectors.records import Answer, Event, EventKind, Guest, GuestKind, Mailbox, Role, Status

Component = Any
"""icalendar's Event: a mapping of property names to values of some thirty types."""

FIRST_YEAR, LAST_YEAR = 1900, 2199
LONGEST = timedelta(days=3660)

ANSWERS: dict[str, Answer] = {
    "ACCEPTED": "accepted",
    "DECLINED": "declined",
    "DELEGATED": "declined",
    "TENTATIVE": "tentative",
}
GUEST_KINDS: dict[str, GuestKind] = {"ROOM": "room", "RESOURCE": "room", "GROUP": "group"}
STATUSES: dict[str, Status] = {"CANCELLED": "cancelled", "TENTATIVE": "tentative"}
CATEGORIES: dict[str, EventKind] = {
    "birthday": "birthday",
    "birthdays": "birthday",
    "geburtstag": "birthday",
    "geburtstage": "birthday",
    "anniversaire": "birthday",
    "cumpleaños": "birthday",
    "compleanno": "birthday",
    "out of office": "out-of-office",
    "out-of-office": "out-of-office",
    "vacation": "out-of-office",
    "urlaub": "out-of-office",
    "abwesend": "out-of-office",
    "focus time": "focus",
    "working elsewhere": "working-location",
}
BUSY_STATUSES: dict[str, EventKind] = {"OOF": "out-of-office", "WORKINGELSEWHERE": "working-location"}
_MORE_GUESTS = re.compile(r";X-NUM-GUESTS=\"?[1-9]", re.IGNORECASE)


class Odd(ValueError):
    """One event that cannot be read; the text says why, in words and without its content."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """One VEVENT parsed: ``component`` with zoned times, ``record`` as if it happened once."""

    slim: Slim
    component: Component
    record: Event
    original: date | None
    """The original start (RECURRENCE-ID) when it overrides one occurrence of a series."""
    sequence: int
    broken: frozenset[str]
    """Names of properties that could not be read."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an event comes from: its UID, the account's name and the calendar's role."""

    uid: str
    account: str
    role: Role


def parse(slim: Slim, origin: Origin, zones: Zones) -> Parsed:
    """Read one event. Raises Odd if its times make no sense."""
    from icalendar import Event as Parser

    try:
        component: Component = Parser.from_ical(slim.text)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise Odd("is not written as an event") from error
    if not isinstance(component, Parser):
        raise Odd("is not written as an event")
    broken = _take_out_broken(component)
    if "RECURRENCE-ID" in broken:
        raise Odd("replaces an occurrence that cannot be read")
    _set_zones(component, zones)
    record = _record(slim, component, origin, _span(component))
    replaced = component.get("RECURRENCE-ID")
    original = None if replaced is None else instant(replaced.dt)
    sequence = component.get("SEQUENCE", 0)
    return Parsed(slim, component, record, original, sequence if isinstance(sequence, int) else 0, broken)


def _take_out_broken(component: Component) -> frozenset[str]:
    """Remove what icalendar could not read, so that nothing stumbles over it later; return its names."""
    from icalendar.prop import vBroken

    broken = {name for name in component if any(isinstance(value, vBroken) for value in _several(component[name]))}
    for name in broken:
        whole = [value for value in _several(component.pop(name)) if not isinstance(value, vBroken)]
        if whole:
            component[name] = whole
    return frozenset(broken)


def instant(when: date) -> date:
    """Return a zoned time in UTC; a date stays a date."""
    return when.astimezone(UTC) if isinstance(when, datetime) else when


def stamp(when: date) -> str:
    """Return the original start as keys have it: ``20260211T173000Z``, ``20260211`` when all-day."""
    return when.strftime("%Y%m%dT%H%M%SZ" if isinstance(when, datetime) else "%Y%m%d")


# -- times -------------------------------------------------------------------------------------------------------------


def _set_zones(component: Component, zones: Zones) -> None:
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID"):
        value = component.get(name)
        if hasattr(value, "dt"):
            value.dt = _zoned(value.dt, value.params.get("X-TZID"), zones)
    for name in ("RDATE", "EXDATE"):
        lists = _several(component.get(name))
        for dates in lists:
            for value in dates.dts:
                value.dt = _zoned(value.dt, dates.params.get("X-TZID"), zones)
        if lists:
            component[name] = lists


def _zoned(when: Any, name: str | None, zones: Zones) -> Any:
    if isinstance(when, tuple):
        return tuple(_zoned(part, name, zones) for part in when)
    if isinstance(when, datetime) and when.tzinfo is None:
        return _in_range(when).replace(tzinfo=zones.find(name))
    return _in_range(when) if isinstance(when, date) else when


def _in_range(when: Any) -> Any:
    if not FIRST_YEAR <= when.year <= LAST_YEAR:
        raise Odd("has a year out of range")
    return when


def _span(component: Component) -> tuple[date, date]:
    """Return start and end, in UTC or as dates (RFC 5545 3.6.1). Raises Odd."""
    start = getattr(component.get("DTSTART"), "dt", None)
    if not isinstance(start, date):
        raise Odd("has no start that can be read")
    try:
        end = _end(component, start)
    except (OverflowError, TypeError) as error:
        raise Odd("has no end that can be read") from error
    first, last = instant(start), instant(end)
    if last < first:
        raise Odd("ends before it starts")
    if last - first > LONGEST:
        raise Odd("lasts longer than ten years")
    return first, last


def _end(component: Component, start: date) -> date:
    given, duration = component.get("DTEND"), component.get("DURATION")
    whole_day = not isinstance(start, datetime)
    if given is not None:
        end = getattr(given, "dt", None)
        if not isinstance(end, date):
            raise Odd("has no end that can be read")
        return _alike(start, end, component)
    if duration is not None and not isinstance(getattr(duration, "dt", None), timedelta):
        raise Odd("has a duration that cannot be read")
    length = timedelta(days=1) if whole_day else timedelta(0)
    if duration is not None:
        length = max(length, duration.dt) if duration.dt >= timedelta(0) and whole_day else duration.dt
    return start + length


def _alike(start: date, end: date, component: Component) -> date:
    """Make ``end`` a date when ``start`` is one and the other way round; an all-day event lasts a day at least."""
    if isinstance(start, datetime):
        if not isinstance(end, datetime):
            end = datetime(end.year, end.month, end.day, tzinfo=start.tzinfo)
            component["DTEND"].dt = end
        return end
    end = end.date() if isinstance(end, datetime) else end
    end = start + timedelta(days=1) if end == start else end
    component["DTEND"].dt = end
    return end


# -- everything else ---------------------------------------------------------------------------------------------------


def _record(slim: Slim, component: Component, origin: Origin, span: tuple[date, date]) -> Event:
    organiser = component.get("ORGANIZER")
    guests, unnamed = _guests(component)
    busy = _word(component, "X-MICROSOFT-CDO-BUSYSTATUS")
    return Event(
        key=origin.uid,
        uid=origin.uid,
        source_id=origin.uid,
        account=origin.account,
        start=span[0],
        end=span[1],
        title=clean(_text(component, "SUMMARY")),
        role=origin.role,
        organiser=_mailbox(_several(organiser)[0]) if organiser else None,
        guests=guests,
        status=STATUSES.get(_word(component, "STATUS"), "confirmed"),
        free=_word(component, "TRANSP") == "TRANSPARENT" or busy == "FREE",
        kind=_kind(component, busy),
        private=_word(component, "CLASS") in {"PRIVATE", "CONFIDENTIAL"},
        guests_hidden=slim.crowded or unnamed or _hidden(slim, component),
        tagged=slim.tagged,
        ours="X-KITH-KEY" in component,
    )


def _hidden(slim: Slim, component: Component) -> bool:
    flags = (_word(component, name) for name in ("X-GUESTS-HIDDEN", "X-GOOGLE-GUESTS-HIDDEN"))
    return "TRUE" in flags or _MORE_GUESTS.search(slim.text) is not None


def _guests(component: Component) -> tuple[tuple[Guest, ...], bool]:
    """Return the guests, each address once, and whether some bore no address."""
    found: dict[str, Guest] = {}
    unnamed = False
    for value in _several(component.get("ATTENDEE")):
        mailbox = _mailbox(value)
        if mailbox is None:
            unnamed = True
            continue
        parameters = value.params
        found.setdefault(
            mailbox.address,
            Guest(
                address=mailbox.address,
                name=mailbox.name,
                answer=ANSWERS.get(str(parameters.get("PARTSTAT", "")).upper(), "needs-action"),
                kind=GUEST_KINDS.get(str(parameters.get("CUTYPE", "")).upper(), "person"),
            ),
        )
    return tuple(found.values()), unnamed


def _mailbox(value: Any) -> Mailbox | None:
    parameters = getattr(value, "params", {})
    text = str(value)
    address = fold(text[7:] if text[:7].lower() == "mailto:" else text) or fold(str(parameters.get("EMAIL", "")))
    if address is None:
        return None
    name = clean(str(parameters.get("CN", "")))
    return Mailbox(address=address, name="" if "@" in name else name)


def _kind(component: Component, busy: str) -> EventKind:
    if busy in BUSY_STATUSES:
        return BUSY_STATUSES[busy]
    words = (str(word).casefold().strip() for word in _category_words(component))
    return next((CATEGORIES[word] for word in words if word in CATEGORIES), "default")


def _category_words(component: Component) -> Iterable[Any]:
    for value in _several(component.get("CATEGORIES")):
        yield from getattr(value, "cats", ())


def _several(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _text(component: Component, name: str) -> str:
    values = _several(component.get(name))
    return str(values[0]) if values else ""


def _word(component: Component, name: str) -> str:
    return _text(component, name).strip().upper()
