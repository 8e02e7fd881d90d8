"""Which occurrences does a recurring event have, and when did each stand originally?

recurring-ical-events applies EXDATE, RDATE and RANGE=THISANDFUTURE; what it is given is bounded before (``_rules``).
Occurrences that were replaced one by one (RECURRENCE-ID) are taken as they are written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from connectors import _rules
from connectors._ical import Odd, Parsed, instant, stamp
from connectors.records import Event

NEWEST = 4000
"""Instances of one series that are kept, the newest."""
DATES_LIMIT = 4000
RULES_LIMIT = 4


@dataclass(frozen=True, slots=True)
class Group:
    """What one UID stands for: its occurrences, remarks for the user, and whether there will be more."""

    events: tuple[Event, ...]
    remarks: tuple[str, ...] = ()
    goes_on: bool = False
    since: datetime | None = None
    """Older instances than this were left out."""


def occurrences(parsed: Sequence[Parsed], horizon: datetime, since: datetime | None) -> Group:
    """Return the events of one UID up to ``horizon``.

    ``since`` not None asks only for what the moving of the horizon from there to ``horizon`` brought. Raises Odd.
    """
    master, overrides, remarks = _sorted_out(parsed)
    uid = parsed[0].record.uid
    replaced = [] if since else [_occurrence(item.record, uid, item.original) for item in overrides.values()]
    if master is None:
        return Group(tuple(replaced), remarks)
    rules, dates = _rules_of(master), _dates_of(master)
    if not rules and not dates and "RRULE" not in master.broken:
        return Group((master.record, *replaced), remarks)
    objection = _objection(master, rules, dates, horizon)
    if objection is not None:
        return Group((master.record, *replaced), (*remarks, f"{objection}: counted once"))
    start = master.component["DTSTART"].dt
    found, cut = _expanded(master, overrides, rules, horizon, since)
    if cut:
        remarks = (*remarks, f"only the newest {NEWEST} instances of a series are read")
    ahead = any(_rules.goes_on(rule, start, horizon.date()) for rule in rules) or any(
        day >= horizon.date() for day in dates
    )
    oldest = _midnight(found[0].start) if cut and found else None
    return Group((*found, *replaced), remarks, goes_on=ahead, since=oldest)


def _sorted_out(parsed: Sequence[Parsed]) -> tuple[Parsed | None, dict[date, Parsed], tuple[str, ...]]:
    """Tell the event from the replaced occurrences; the highest SEQUENCE wins, then the later in the file."""
    master: Parsed | None = None
    overrides: dict[date, Parsed] = {}
    twice = 0
    for item in sorted(parsed, key=lambda each: (each.sequence, each.slim.line)):
        if item.original is not None:
            overrides[item.original] = item
        else:
            twice += master is not None
            master = item
    return master, overrides, ("the same UID stands for more than one event: the last is read",) if twice else ()


def _occurrence(record: Event, uid: str, original: date | None) -> Event:
    return record if original is None else replace(record, key=f"{uid}/{stamp(original)}", series=uid)


def _rules_of(master: Parsed) -> list[_rules.Rule]:
    value = master.component.get("RRULE")
    return value if isinstance(value, list) else [] if value is None else [value]


def _dates_of(master: Parsed) -> list[date]:
    lists = master.component.get("RDATE", [])
    found = (item.dt[0] if isinstance(item.dt, tuple) else item.dt for dates in lists for item in dates.dts)
    return [when.date() if isinstance(when, datetime) else when for when in found]


def _objection(master: Parsed, rules: Sequence[_rules.Rule], dates: Sequence[date], horizon: datetime) -> str | None:
    if master.slim.unruly or "EXRULE" in master.component or len(rules) > RULES_LIMIT or len(dates) > DATES_LIMIT:
        return "a recurrence beyond what Kith expands"
    if "RRULE" in master.broken:
        return "a recurrence rule that cannot be read"
    start = master.component["DTSTART"].dt
    try:
        said = (_rules.objection(rule, start, horizon.date()) for rule in rules)
        return next((text for text in said if text), None)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError):
        return "a recurrence rule that cannot be read"


def _expanded(
    master: Parsed,
    overrides: dict[date, Parsed],
    rules: Sequence[_rules.Rule],
    horizon: datetime,
    since: datetime | None,
) -> tuple[list[Event], bool]:
    """Return the occurrences nobody replaced, oldest first, and whether older ones were left out."""
    start = master.component["DTSTART"].dt
    cut = (
        None
        if since
        else _rules.newest([rule for rule in rules if not _rules.short(rule)], start, horizon.date(), NEWEST)
    )
    begin = since or _midnight(start if cut is None else _at_wall(start, cut))
    off = bool(rules) and not any(_rules.begins_with(rule, start) for rule in rules)
    uid = master.record.uid
    found: list[Event] = []
    for first, last, original in _library(master, overrides, begin - timedelta(days=1), horizon):
        if original in overrides or not _between(original, begin, horizon) or (off and original == instant(start)):
            continue
        key = f"{uid}/{stamp(original)}"
        found.append(replace(master.record, key=key, series=uid, start=first, end=last))
    return found, cut is not None


def _between(original: date, begin: datetime, horizon: datetime) -> bool:
    if isinstance(original, datetime):
        return begin <= original < horizon
    return begin.date() <= original < horizon.date()


def _at_wall(start: date, wall: datetime) -> date:
    return wall.replace(tzinfo=start.tzinfo) if isinstance(start, datetime) else wall.date()


def _midnight(start: date) -> datetime:
    """Return the beginning of a series, no later than its first instance, as an instant."""
    if isinstance(start, datetime):
        return start.astimezone(UTC)
    return datetime.combine(start, time(), UTC)


def _library(
    master: Parsed, overrides: dict[date, Parsed], begin: datetime, horizon: datetime
) -> list[tuple[date, date, date]]:
    """Return start, end and original start of each occurrence that keeps to the series, in order."""
    from icalendar import Calendar

    calendar: Any = Calendar()
    calendar.subcomponents = [master.component, *(item.component for item in overrides.values())]
    whole_days = not isinstance(master.component["DTSTART"].dt, datetime)
    span = (begin.date(), horizon.date()) if whole_days else (begin, horizon)
    try:
        found = [item for item in _query(calendar).between(*span) if item is not None]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError) as error:
        raise Odd("has a recurrence that cannot be expanded") from error
    return sorted({item[2]: item for item in found}.values(), key=lambda item: _sortable(item[2]))


def _sortable(when: date) -> str:
    return stamp(when)


def _query(calendar: Any) -> Any:
    """Build the library's query so that it yields times instead of copies of components."""
    from recurring_ical_events import CalendarQuery, EventAdapter, Occurrence
    from recurring_ical_events.selection.name import ComponentsWithName

    class Times(Occurrence):  # type: ignore[misc]  # the library has no types
        """Start, end and original start; None for an occurrence that was replaced."""

        def __init__(self, adapter: Any, start: Any = None, end: Any = None, sequence: int = -1) -> None:
            super().__init__(adapter, start, end, sequence)
            self.kept = start is not None

        def as_component(self, keep_recurrence_attributes: bool) -> Any:  # noqa: ARG002, FBT001 - the library's shape
            if not self.kept:
                return None
            original = self.start - self._adapter.move_recurrences_by
            return instant(self.start), instant(self.end), instant(original)

    return CalendarQuery(calendar, components=[ComponentsWithName("VEVENT", EventAdapter, occurrence=Times)])
