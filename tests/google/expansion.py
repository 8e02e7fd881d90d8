"""When does a series take place? Its instances, in the wall time of its zone, as Calendar expands them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rruleset, rrulestr

Body = dict[str, Any]


def instant(when: Body, zone: ZoneInfo) -> datetime:
    """Give the UTC time of an event's start or end; a day begins at midnight of *zone*."""
    if "date" in when:
        return datetime.combine(date.fromisoformat(when["date"]), time(), zone).astimezone(UTC)
    found = datetime.fromisoformat(when["dateTime"])
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo(when["timeZone"]))
    return found.astimezone(UTC)


def shown(when: Body, zone: ZoneInfo) -> Body:
    """Give a start or end with its time in *zone*."""
    if "date" in when:
        return when
    return when | {"dateTime": _stamp(instant(when, zone).astimezone(zone))}


def _stamp(when: datetime) -> str:
    text = when.isoformat(timespec="seconds")
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def instance_id(series: str, original: Body, zone: ZoneInfo) -> str:
    """Name the instance of *series* that begins at *original*."""
    if "date" in original:
        return f"{series}_{original['date'].replace('-', '')}"
    return f"{series}_{instant(original, zone):%Y%m%dT%H%M%SZ}"


class Series:
    """A recurring event's rule, read once. Raises ValueError for lines that are no recurrence."""

    def __init__(self, event: Body, zone: ZoneInfo) -> None:
        self.event = event
        self.calendar_zone = zone
        self.all_day = "date" in event["start"]
        self.zone = zone if self.all_day else ZoneInfo(event["start"].get("timeZone", zone.key))
        self.length = self._length()
        self.rule: rruleset = rrulestr(
            "\n".join(map(self._line, event["recurrence"])), dtstart=self._first(), forceset=True
        )

    def _length(self) -> timedelta:
        start, end = self.event["start"], self.event["end"]
        if self.all_day:
            return date.fromisoformat(end["date"]) - date.fromisoformat(start["date"])
        return instant(end, self.zone) - instant(start, self.zone)

    def _first(self) -> datetime:
        if self.all_day:
            return datetime.combine(date.fromisoformat(self.event["start"]["date"]), time())
        return instant(self.event["start"], self.zone).astimezone(self.zone).replace(tzinfo=None)

    def _line(self, line: str) -> str:
        """Rewrite a line so that all its times are wall times of the series' zone."""
        name, _, value = line.partition(":")
        kind, *parameters = name.split(";")
        if kind.upper() not in {"RRULE", "EXRULE", "RDATE", "EXDATE"} or not value:
            raise ValueError(line)
        if kind.upper() in {"RRULE", "EXRULE"}:
            return f"{kind}:" + re.sub(
                r"UNTIL=(\w+)", lambda found: f"UNTIL={self._wall(found[1], self.zone, last=True)}", value
            )
        zone = next((ZoneInfo(text[5:]) for text in parameters if text.upper().startswith("TZID=")), self.zone)
        return f"{kind}:" + ",".join(self._wall(text, zone) for text in value.split(","))

    def _wall(self, text: str, zone: ZoneInfo, *, last: bool = False) -> str:
        if "T" not in text:
            wall = datetime.combine(date.fromisoformat(text), time())
            wall += timedelta(0) if self.all_day or not last else timedelta(days=1, seconds=-1)
        else:
            wall = datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S").replace(
                tzinfo=UTC if text.endswith("Z") else zone
            )
            wall = wall.astimezone(self.zone).replace(tzinfo=None)
            wall = datetime.combine(wall.date(), time()) if self.all_day else wall
        return f"{wall:%Y%m%dT%H%M%S}"

    def between(self, after: datetime | None, before: datetime | None, limit: int) -> Iterator[Body]:
        """Give the instances that end after *after* and start before *before*, in order, at most *limit*."""
        count = 0
        slack = timedelta(days=1)
        low = None if after is None else after.replace(tzinfo=None) - self.length - slack
        for wall in self.rule.xafter(low, inc=True) if low else self.rule:
            one = self._instance(wall)
            if before is not None and instant(one["start"], self.calendar_zone) >= before:
                return
            if after is None or instant(one["end"], self.calendar_zone) > after:
                count += 1
                yield one
            if count >= limit:
                return

    def _instance(self, wall: datetime) -> Body:
        start = self._when(wall) if not self.all_day else {"date": wall.date().isoformat()}
        if self.all_day:
            end = {"date": (wall.date() + self.length).isoformat()}
        else:
            end = self._when(
                (wall.replace(tzinfo=self.zone).astimezone(UTC) + self.length)
                .astimezone(self.zone)
                .replace(tzinfo=None)
            )
        named = {
            "id": instance_id(self.event["id"], start, self.calendar_zone),
            "recurringEventId": self.event["id"],
            "originalStartTime": start,
        }
        kept = {name: value for name, value in self.event.items() if name != "recurrence"}
        return kept | named | {"start": start, "end": end}

    def _when(self, wall: datetime) -> Body:
        here = wall.replace(tzinfo=self.zone).astimezone(UTC).astimezone(self.calendar_zone)
        return {"dateTime": _stamp(here), "timeZone": self.zone.key}
