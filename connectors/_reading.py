"""What does one pull take out of a calendar file, given what was taken before?

Only events with a new hash are parsed; series that go on are read further as the horizon moves; what vanished is told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from connectors import files
from connectors._blocks import Block, Layout, digest, slim
from connectors._ical import Odd, Origin, parse
from connectors._series import Group, occurrences
from connectors._zone import Zones
from connectors.records import Cursor, Event, Listing, Pull, Role, Skipped

VERSION = 1
AHEAD = timedelta(days=60)
PAGE_GROUPS = 2000
PAGE_ITEMS = 20_000
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
ITEM_ERRORS = (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, RecursionError)
"""What the libraries raise on input nobody thought of: one event is skipped for it (R5)."""
TITLES_ONLY = "names no guests: titles only"
GUESSED_ZONE = "names a time zone nobody knows: read in the user's"


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a file is read: the account's name, the calendar's role, the user's zone."""

    account: str
    role: Role
    zone: str


@dataclass(slots=True)
class State:
    """The cursor, unpacked: what of the file was read, and up to which day."""

    zone: str
    until: date
    groups: dict[str, str] = field(default_factory=dict)
    """Hash of every event that was read, by UID."""
    ahead: set[str] = field(default_factory=set)
    """UIDs of series that go on after ``until``."""
    file: files.Stamp | None = None
    """None while there is more to read."""
    listed: int = 0
    notes: tuple[str, ...] = ()

    @classmethod
    def load(cls, cursor: Cursor | None, zone: str) -> State | None:
        """Unpack ``cursor``; None when there is none that this version and zone can go on from."""
        if cursor is None or cursor.get("v") != VERSION or cursor.get("zone") != zone:
            return None
        try:
            return cls(
                zone,
                date.fromisoformat(cursor["until"]),
                dict(cursor["groups"]),
                set(cursor["ahead"]),
                cursor["file"] and tuple(cursor["file"]),
                cursor["listed"],
                tuple(cursor["notes"]),
            )
        except (KeyError, TypeError, ValueError):
            return None

    def pack(self) -> dict[str, Any]:
        """Return the cursor."""
        return {
            "v": VERSION,
            "zone": self.zone,
            "until": self.until.isoformat(),
            "file": None if self.file is None else list(self.file),
            "groups": self.groups,
            "ahead": sorted(self.ahead),
            "listed": self.listed,
            "notes": list(self.notes),
        }


def horizon(cursor: Cursor | None, zone: str, now: datetime) -> tuple[State | None, date]:
    """Return what was read before, and up to which day to read now: 60 days ahead.

    A look from an earlier day forgets nothing.
    """
    before = State.load(cursor, zone)
    until = (now.astimezone(UTC) + AHEAD).date()
    return before, until if before is None else max(until, before.until)


@dataclass(slots=True)
class Page:
    """What one pull has gathered so far."""

    items: list[Event] = field(default_factory=list)
    complete: list[Listing] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    read: int = 0

    @property
    def full(self) -> bool:
        """Tell whether the rest is left to the next pull."""
        return self.read >= PAGE_GROUPS or len(self.items) >= PAGE_ITEMS


class Reading:
    """One pull from a file that changed, or that has to be read further ahead."""

    def __init__(self, reader: Reader, layout: Layout, before: State | None, until: date) -> None:
        """Take the file as it is, what was read of it before, and the day up to which series are to be read."""
        self.reader = reader
        self.layout = layout
        self.before = before
        self.until = until
        self.zones = Zones(reader.zone, layout.preferred, layout.zones)
        self.page = Page(skipped=list(layout.skipped))
        self.after = State(reader.zone, before.until if before else until)
        if before is not None:
            self.after.groups = {uid: seen for uid, seen in before.groups.items() if uid in layout.groups}
            self.after.ahead = before.ahead & layout.groups.keys()

    def pull(self, found: files.Stamp) -> Pull:
        """Read one page; the last one also moves the horizon and tells what vanished."""
        done = self._changed()
        if done:
            self._further()
            self._vanished()
            self.after.until = self.until
            self.after.file = found
        self.after.listed = self.layout.listed
        self.after.notes = self._notes()
        return Pull(
            cursor=self.after.pack(),
            items=tuple(self.page.items),
            complete=tuple(self.page.complete),
            skipped=tuple(self.page.skipped),
            caught_up=done,
            listed=self.layout.listed,
            notes=self.after.notes,
        )

    def _changed(self) -> bool:
        """Read the events whose hash is new, a page of them; tell whether that was all."""
        context = repr((sorted(self.layout.zones.items()), self.layout.preferred)).encode("utf-8", "replace")
        seen = self.before.groups if self.before else {}
        for uid, blocks in self.layout.groups.items():
            now = digest(blocks, context)
            if seen.get(uid) == now:
                continue
            if self.page.full:
                return False
            group = self._group(uid, blocks, None)
            self.after.groups[uid] = now
            self.after.ahead.discard(uid)
            if group.goes_on:
                self.after.ahead.add(uid)
            self.page.items += group.events
            self.page.read += 1
            if uid in seen:
                self.page.complete.append(_listing(uid, group))
        return True

    def _further(self) -> None:
        """Read series on, from the last horizon to the new one."""
        if self.before is None or self.before.until >= self.until:
            return
        since = datetime.combine(self.before.until, time(), UTC)
        for uid in sorted(self.before.ahead & self.layout.groups.keys()):
            if self.after.groups[uid] != self.before.groups[uid]:
                continue
            group = self._group(uid, self.layout.groups[uid], since)
            self.page.items += group.events
            if not group.goes_on:
                self.after.ahead.discard(uid)

    def _vanished(self) -> None:
        if self.before is None:
            self.page.complete.append(Listing(source_id=None, start=EARLIEST, end=LATEST))
            return
        lost = [uid for uid in self.before.groups if uid not in self.layout.groups]
        self.page.complete += [Listing(source_id=uid, start=EARLIEST, end=LATEST) for uid in lost]

    def _group(self, uid: str, blocks: list[Block], since: datetime | None) -> Group:
        """Read one UID; what cannot be read is skipped, never more than that."""
        parsed = []
        origin = Origin(uid, self.reader.account, self.reader.role)
        for block in blocks:
            try:
                parsed.append(parse(slim(block), origin, self.zones))
            except Odd as error:
                self._skip(block.line, str(error))
            except ITEM_ERRORS:
                self._skip(block.line, "cannot be read")
        if not parsed:
            return Group(())
        line = min(block.line for block in blocks)
        try:
            group = occurrences(parsed, datetime.combine(self.until, time(), UTC), since)
        except Odd as error:
            self._skip(line, str(error))
            return Group(())
        except ITEM_ERRORS:
            self._skip(line, "cannot be read")
            return Group(())
        if since is None:
            for remark in group.remarks:
                self._skip(line, remark)
        return group

    def _skip(self, line: int, why: str) -> None:
        self.page.skipped.append(Skipped(where=f"line {line}", why=why))

    def _notes(self) -> tuple[str, ...]:
        known = self.before.notes if self.before else ()
        titles = TITLES_ONLY if self.layout.listed and not self.layout.names_guests else None
        guessed = GUESSED_ZONE if self.zones.guessed or GUESSED_ZONE in known else None
        return tuple(note for note in (titles, guessed) if note)


def _listing(uid: str, group: Group) -> Listing:
    return Listing(source_id=uid, start=group.since or EARLIEST, end=LATEST)
