"""How do reminders get into a calendar file of Kith's own, and what became of them there?

The file is read afresh for each verb and changed by replacing the bytes of one event; whatever else a user or a
calendar program put there stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors import files
from connectors._address import clean
from connectors._fields import Fields, fields, fingerprint, judge, text_of
from connectors._lines import amended
from connectors._own_events import Placed, events_in, said
from connectors._text import name_of, paragraphs
from connectors._zone import named
from connectors.records import Edited, Fate, Gone, Receipt, Rejected, Reminder, Unavailable

FILE_LIMIT = 64 << 20
PRODUCT = "-//Kith//Reminders//EN"
_OURS = re.compile(
    rb"^(?:(?i:PRODID:-//Kith//|X-KITH-KEY[:;])|(?i:X-WR-CALNAME)(?:;[^:\n]*)?:Kith[ \t]*\r?$)", re.MULTILINE
)
"""By any of these a calendar is one of Kith's; a program that saves it again may drop the PRODID or every event."""
_KEYED = re.compile(rb"^X-KITH-KEY[:;]", re.MULTILINE | re.IGNORECASE)
_END = re.compile(rb"^END:VCALENDAR", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """One event of ours as the file has it: its place in the bytes, and what it says."""

    start: int
    end: int
    uid: str
    title: str
    body: str
    begins: datetime
    ends: datetime

    @property
    def fingerprint(self) -> str:
        """Text and time apart, so that a moved event is told from an edited one."""
        return fingerprint(self.title, self.body, self.begins, self.ends)

    @property
    def fields(self) -> Fields:
        """What it says, field by field."""
        return fields(self.title, self.body, self.begins, self.ends)


@dataclass(frozen=True)
class IcsReminders:
    """Writes reminders into the calendar file ``path``; ``zone`` is the user's.

    The file is made by the first ``create``. Once something was written its absence means that the user took the whole
    file away (ruling U17): ``look``, ``change`` and ``withdraw`` raise Gone then, and whoever writes must look
    first. So the file is made again only when nothing written into it is still waiting there.
    """

    path: Path
    zone: str

    def look(self, receipts: Sequence[Receipt]) -> tuple[Fate, ...]:
        """Tell what became of each of ``receipts``. Raises Gone if the file is, Unavailable if it is half-written,
        Rejected if it is not Kith's."""
        if not receipts:
            self._read()
            return ()
        events = events_in(self._present())
        return tuple(_fate(receipt, self._among(events, receipt.key)) for receipt in receipts)

    def count(self) -> int:
        """Return how many events in the file carry a key of Kith's."""
        return len(_KEYED.findall(self._read() or b""))

    def find(self, key: str) -> Receipt | None:
        """Return the receipt of what stands under ``key``, with the fingerprint of what it says now."""
        data = self._read()
        found = None if data is None else self._find(data, key)
        return None if found is None else Receipt(key=key, ref=found.uid, fingerprint=found.fingerprint)

    def create(self, item: Reminder) -> Receipt:
        """Write ``item`` unless something stands under its key. Raises Rejected if the file is not Kith's."""
        standing = self.find(item.key)
        if standing is not None:
            return standing
        before = self._stamp()
        data = self._read()
        if data is None:
            data = self._empty()
        place = [match.start() for match in _END.finditer(data)][-1]
        self._write(data[:place] + self._event(item, item.start, item.end) + data[place:], before)
        return _receipt(item, item.start, item.end)

    def change(self, receipt: Receipt, item: Reminder) -> Receipt:
        """Replace what ``receipt`` names by ``item``; a time the user moved it to stays (ruling C40).

        Raises Edited if its text is not as we wrote it or it is gone.
        """
        before = self._stamp()
        data = self._present()
        found = _untouched(receipt, self._find(data, receipt.key))
        if found is None:
            raise Edited("the reminder is not there any more")
        moved = found.fingerprint != receipt.fingerprint
        start, end = (found.begins, found.ends) if moved else (item.start, item.end)
        self._write(data[: found.start] + self._event(item, start, end) + data[found.end :], before)
        return _receipt(item, start, end)

    def amend(self, receipt: Receipt, before: Reminder, after: Reminder, *, seen: bool = True) -> Receipt:
        """Bring what ``receipt`` names from ``before`` to ``after``, field by field; every other byte stays.

        Raises Edited if it is gone.
        """
        stamp = self._stamp()
        data = self._present()
        found = self._find(data, receipt.key)
        if found is None:
            raise Edited("the reminder is not there any more")
        verdict = judge(found.fields, _fields(before), _fields(after), receipt.fingerprint)
        if verdict.ours:
            old, new = (self._event(item, item.start, item.end) for item in (before, after))
            block = amended(data[found.start : found.end], verdict.ours, old, new)
            data = data[: found.start] + block + data[found.end :]
            found = self._find(data, receipt.key) or found
            self._write(data, stamp)
        said = verdict.fingerprint(found.fingerprint, receipt.fingerprint, seen=seen)
        return Receipt(key=receipt.key, ref=found.uid, fingerprint=said)

    def withdraw(self, receipt: Receipt) -> None:
        """Take back what ``receipt`` names, moved or not; gone is fine. Raises Edited if its text was changed."""
        before = self._stamp()
        data = self._present()
        found = _untouched(receipt, self._find(data, receipt.key))
        if found is not None:
            self._write(data[: found.start] + data[found.end :], before)

    # -- the file ------------------------------------------------------------------------------------------------------

    def _stamp(self) -> files.Stamp | None:
        try:
            return files.stamp(self.path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unavailable(f"the calendar of reminders cannot be read: {error.strerror}") from error

    def _present(self) -> bytes:
        data = self._read()
        if data is None:
            raise Gone("the calendar of reminders is gone; nothing is written until it is back or chosen anew")
        return data

    def _read(self) -> bytes | None:
        """Return the bytes of the file, None if there is none. Raises Unavailable, Rejected."""
        try:
            data = files.read_bounded(self.path, FILE_LIMIT)
        except FileNotFoundError:
            return None
        except (OSError, files.TooLarge) as error:
            raise Unavailable("the calendar of reminders cannot be read") from error
        if not _OURS.search(data):
            raise Rejected(f"{self.path} is not a calendar of Kith's")
        if _END.search(data) is None:
            raise Unavailable("the calendar of reminders is half-written: its end is missing")
        return data

    def _write(self, data: bytes, before: files.Stamp | None) -> None:
        if self._stamp() != before:
            raise Unavailable("the calendar of reminders was being written by somebody else")
        try:
            if before is None:
                files.make_folder(self.path.parent)
            files.write_atomically(self.path, data)
        except OSError as error:
            raise Unavailable(f"the calendar of reminders cannot be written: {error.strerror}") from error

    def _find(self, data: bytes, key: str) -> Found | None:
        return self._among(events_in(data), key)

    def _among(self, events: Sequence[Placed], key: str) -> Found | None:
        """Return our event of ``key``: by its UID, else by X-KITH-KEY (a program may have given it another UID)."""
        name = name_of(key)
        candidates = [item for item in events if name.encode() in item.lines]
        read = [found for item in candidates if (found := self._event_at(item)) is not None]
        return next((found for found in read if found.uid == f"{name}@kith"), read[0] if read else None)

    def _event_at(self, item: Placed) -> Found | None:
        values = said(item.lines, self.zone)
        return None if values is None else Found(item.start, item.end, *values)

    # -- what we write -------------------------------------------------------------------------------------------------

    def _empty(self) -> bytes:
        from icalendar import Calendar, Timezone

        calendar = Calendar()
        calendar.add("prodid", PRODUCT)
        calendar.add("version", "2.0")
        calendar.add("x-wr-calname", "Kith")
        zone = named(self.zone)
        if zone is not None and zone != UTC:
            calendar.add_component(Timezone.from_tzid(self.zone))
        return bytes(calendar.to_ical())

    def _event(self, item: Reminder, start: datetime, end: datetime) -> bytes:
        """Build the event. DTSTAMP is its own start: the same reminder is the same bytes, whenever it is written."""
        from icalendar import Event

        zone = named(self.zone) or UTC
        event = Event()
        event.add("uid", f"{name_of(item.key)}@kith")
        event.add("x-kith-key", name_of(item.key))
        event.add("dtstamp", start.astimezone(UTC))
        event.add("dtstart", start.astimezone(zone))
        event.add("dtend", end.astimezone(zone))
        event.add("summary", clean(item.title))
        event.add("description", paragraphs(item.body))
        event.add("transp", "TRANSPARENT")
        event.add("class", "PRIVATE")
        if item.alarm is not None:
            event.add_component(_alarm(item))
        return bytes(event.to_ical())


def _alarm(item: Reminder) -> Any:
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", clean(item.title))
    alarm.add("trigger", -timedelta(minutes=item.alarm or 0))
    return alarm


def _fields(item: Reminder) -> Fields:
    return fields(clean(item.title), paragraphs(item.body), item.start, item.end)


def _receipt(item: Reminder, start: datetime, end: datetime) -> Receipt:
    said = fingerprint(clean(item.title), paragraphs(item.body), start, end)
    return Receipt(key=item.key, ref=f"{name_of(item.key)}@kith", fingerprint=said)


def _untouched(receipt: Receipt, found: Found | None) -> Found | None:
    """Return ``found`` if its text is as ``receipt`` says. Raises Edited if not."""
    if found is not None and text_of(found.fingerprint) != text_of(receipt.fingerprint):
        raise Edited("the reminder was edited: it is the user's")
    return found


def _fate(receipt: Receipt, found: Found | None) -> Fate:
    if found is None:
        return Fate(key=receipt.key, state="gone")
    edited = text_of(found.fingerprint) != text_of(receipt.fingerprint)
    state = "edited" if edited else "untouched" if found.fingerprint == receipt.fingerprint else "moved"
    return Fate(key=receipt.key, state=state, at=found.begins, title=found.title, body=found.body)  # type: ignore[arg-type]
