"""Where was the reading of an account's calendars left? The cursor, unpacked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from typing import Any

from connectors.records import Cursor, Event

VERSION = 1
BACK, AHEAD = timedelta(days=14), timedelta(days=30)
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """From ``start`` to ``end``, instants: an event is in it that ends after the one and starts before the other."""

    start: datetime
    end: datetime

    def holds(self, seen: Seen) -> bool:
        """Tell whether an event that was seen lies within, a day from either end: there no zone matters any more."""
        day = timedelta(days=1)
        return seen.end - day >= self.start and seen.start + day <= self.end


@dataclass(frozen=True, slots=True)
class Seen:
    """An event as the window had it last: a hash of the record, what the source calls it, and when it is."""

    mark: str
    source_id: str
    start: datetime
    end: datetime

    @property
    def calendar(self) -> str:
        """The id of the calendar it stands in."""
        return self.source_id.partition("/")[0]

    def pack(self) -> list[Any]:
        """Return it as JSON has it."""
        return [self.mark, self.source_id, int(self.start.timestamp()), int(self.end.timestamp())]

    @classmethod
    def load(cls, row: Any) -> Seen:
        """Return what ``row`` says. Raises TypeError or ValueError."""
        mark, source_id, start, end = row
        return cls(str(mark), str(source_id), datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC))


def seen(event: Event) -> Seen:
    """Return what is remembered of ``event``."""
    mark = blake2b(repr(event).encode("utf-8", "replace"), digest_size=6).hexdigest()
    return Seen(mark, event.source_id, instant(event.start), instant(event.end))


def instant(when: date) -> datetime:
    """Return an instant as it is, a day's midnight in UTC."""
    return when if isinstance(when, datetime) else datetime.combine(when, time(), UTC)


def window(now: datetime) -> Span:
    """Return what is listed whole at ``now``: days in UTC, so that the same is asked all day long."""
    today = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    return Span(today - BACK, today + AHEAD + timedelta(days=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far the calendars were read."""

    covered: Mapping[str, str]
    """Role by id of the calendars whose past is, or is being, imported."""
    since: datetime
    """What was changed before that is known, however old the event."""
    before: datetime | None = None
    """The past from here on is imported; None when all of it is."""
    floor: datetime | None = None
    """Where the past begins; None before anybody asked."""
    seen: Mapping[str, Seen] = field(default_factory=dict)
    """What the window held, by key of the event."""
    odd: tuple[str, ...] = ()
    """Source ids of what the window held and nobody could read."""

    @classmethod
    def load(cls, cursor: Cursor | None) -> Place | None:
        """Unpack ``cursor``; None when there is none that this version can go on from."""
        if cursor is None or cursor.get("v") != VERSION:
            return None
        try:
            return cls(
                covered=dict(cursor["covered"]),
                since=datetime.fromisoformat(cursor["since"]),
                before=_loaded(cursor["before"]),
                floor=_loaded(cursor["floor"]),
                seen={str(key): Seen.load(row) for key, row in cursor["seen"].items()},
                odd=tuple(cursor["odd"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError):
            return None

    def pack(self) -> dict[str, Any]:
        """Return the cursor."""
        return {
            "v": VERSION,
            "covered": dict(self.covered),
            "since": self.since.isoformat(),
            "before": self.before and self.before.isoformat(),
            "floor": self.floor and self.floor.isoformat(),
            "seen": {key: row.pack() for key, row in sorted(self.seen.items())},
            "odd": list(self.odd),
        }

    def anew(self, covered: Mapping[str, str], now: datetime) -> Place:
        """Return the place with the whole past still to be imported."""
        return replace(self, covered=covered, since=now, before=window(now).start, floor=None)

    def months(self, floor: datetime) -> Span | None:
        """Return the next month of the past to import, the newest first; None when it is imported down to ``floor``."""
        if self.before is None or self.before <= floor:
            return None
        last = self.before - timedelta(microseconds=1)
        return Span(last.replace(day=1, hour=0, minute=0, second=0, microsecond=0), self.before)

    def series(self) -> int:
        """Return how many events the window held, a series counting once."""
        return len({key.partition("/")[0] for key in self.seen})


def _loaded(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
