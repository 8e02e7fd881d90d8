"""How do reminders get into a calendar of Kith's own in a Google account, and what became of them there?

Ids are ours (a hash of the key), so the same reminder cannot stand there twice, and one that the user deleted cannot be
written again: Google keeps its tombstone. Nothing but the calendar with our mark in its description is ever written to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from connectors._address import clean
from connectors._fields import Fields, Verdict, fields, fingerprint, text_of
from connectors._google.calendar_event import KEY_PROPERTY, Body, is_cancelled, properties_in, span_in, text_in
from connectors._google.calendar_own import OwnCalendar
from connectors._google.calendar_written import Written, amended, fate, is_amendable, is_moved, ours, verdict
from connectors._google.errors import Changed, Conflict, NotThere, Outdated
from connectors._google.wire import Wires
from connectors._ical import Odd
from connectors._text import name_of, paragraphs
from connectors.records import Edited, Fate, Receipt, Reminder, Unavailable

if TYPE_CHECKING:
    from connectors.google import Google

LONGEST_POPUP = 40320
"""Minutes; Google takes no more."""
MOST_TEXT = 8000
"""Google takes 8,192 characters of description."""
TIMES = 3
"""How often a write is tried while the event changes under it."""
BUSY = "the reminder is being changed by somebody else"
_WROTE = "wrote"
_SLACK = timedelta(days=7)
_EARLIEST = date(1970, 1, 1)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_REF = re.compile(r"event:([^/]+)/([^/]+)/(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, slots=True)
class Ref:
    """Where an event of ours stands: its calendar, its id, and the day we wrote it to."""

    calendar: str
    name: str
    day: date

    @classmethod
    def read(cls, receipt: Receipt) -> Ref | None:
        """Return what ``receipt`` refers to, None when that is no event of Google's."""
        found = _REF.fullmatch(receipt.ref)
        return None if found is None else cls(found[1], found[2], date.fromisoformat(found[3]))

    def __str__(self) -> str:
        return f"event:{self.calendar}/{self.name}/{self.day.isoformat()}"


@dataclass(frozen=True, kw_only=True)
class CalendarReminders:
    """Writes reminders as events; ``wires`` lead to the account, ``zone`` is the user's.

    The calendar is made by the first ``create``. Where it is gone as a whole ``look`` raises Gone, and whoever writes
    must look first (T6): a ``create`` after that makes another one. What another connector wrote under this account's
    name is left alone, and told as untouched.
    """

    name: str
    zone: str
    account: Google
    wires: Wires

    def look(self, receipts: Sequence[Receipt]) -> tuple[Fate, ...]:
        """Tell what became of each of ``receipts``; none is gone before Google was asked for it by its id.

        One request, and one more for each that is not listed. Raises Gone if the calendar is, Unavailable.
        """
        refs = [Ref.read(receipt) for receipt in receipts]
        days: dict[str, date] = {}
        for ref in refs:
            if ref is not None:
                days[ref.calendar] = min(ref.day, days.get(ref.calendar, ref.day))
        listed = {
            (calendar, text_in(row, "id")): row
            for calendar, day in days.items()
            for row in self._own.rows(calendar, day - _SLACK)
        }
        return tuple(self._fate(receipt, ref, listed) for receipt, ref in zip(receipts, refs, strict=True))

    def count(self) -> int:
        """Return how many events of ours stand in the calendar, 0 when there is none. Raises Unavailable."""
        calendar = self._own.find()
        rows = () if calendar is None else self._own.rows(calendar, _EARLIEST)
        return sum(not is_cancelled(row) and KEY_PROPERTY in properties_in(row) for row in rows)

    def find(self, key: str) -> Receipt | None:
        """Return the receipt of what stands under ``key``; its fingerprint is that of what we wrote."""
        calendar = self._own.find()
        found = None if calendar is None else self._standing(calendar, id_of(key))
        return None if found is None else found.receipt(key)

    def create(self, item: Reminder) -> Receipt:
        """Write ``item``; what stands under its key is left, what the user deleted is not brought back.

        For what was deleted the receipt names the tombstone: the next look tells that it is gone. Raises Unsure when
        the answer was lost, Gone, Unavailable, Rejected.
        """
        calendar = self._own.find() or self._own.make(self.zone)
        body = self._body(item, item.start, item.end) | {"id": id_of(item.key)}
        try:
            made: Body | None = self._own.write("insert", calendarId=calendar, body=body)
        except Conflict:
            found = self._standing(calendar, id_of(item.key))
            return self._receipt(item, calendar, body) if found is None else found.receipt(item.key)
        except NotThere:
            raise self._own.missed(calendar) from None
        written = self._written(made, calendar)
        receipt = self._receipt(item, calendar, body)
        return receipt if written is None else Receipt(key=item.key, ref=receipt.ref, fingerprint=written.print)

    def change(self, receipt: Receipt, item: Reminder) -> Receipt:
        """Replace what ``receipt`` names by ``item``; a time the user moved it to stays (C40).

        Raises Edited if its text is not as we wrote it or it is gone.
        """
        for _ in range(TIMES):
            ref, found = self._untouched(receipt)
            if ref is None or found is None:
                raise Edited("the reminder is not there any more")
            body = self._changed(receipt, found, item)
            try:
                made = self._own.write("patch", found.etag, calendarId=ref.calendar, eventId=ref.name, body=body)
            except (Changed, NotThere, Outdated):
                continue
            written = self._written(made, ref.calendar)
            return Receipt(key=receipt.key, ref=receipt.ref, fingerprint=written.print if written else _wrote(body))
        raise Unavailable(BUSY)

    def amend(self, receipt: Receipt, before: Reminder, after: Reminder, *, seen: bool = True) -> Receipt:
        """Bring what ``receipt`` names from ``before`` to ``after``, field by field: only what changes is sent.

        What has guests, or is not marked as ours, is left, and told as before. Raises Edited if it is gone.
        """
        ref = Ref.read(receipt)
        if ref is None:
            return receipt
        for _ in range(TIMES):
            found = self._standing(ref.calendar, ref.name)
            if found is None:
                raise Edited("the reminder is not there any more")
            if not is_amendable(receipt, found):
                return receipt
            decided = verdict(receipt, found, self._fields(before), self._fields(after))
            if decided.ours:
                body = self._amended(after, decided)
                try:
                    made = self._own.write("patch", found.etag, calendarId=ref.calendar, eventId=ref.name, body=body)
                except (Changed, NotThere, Outdated):
                    continue
                found = self._written(made, ref.calendar) or found
            return amended(receipt, decided, found, seen=seen)
        raise Unavailable(BUSY)

    def withdraw(self, receipt: Receipt) -> None:
        """Take back what ``receipt`` names, moved or not; gone is fine. Raises Edited if its text was changed."""
        for _ in range(TIMES):
            ref, found = self._untouched(receipt)
            if ref is None or found is None:
                return
            try:
                self._own.write("delete", found.etag, calendarId=ref.calendar, eventId=ref.name)
            except (Changed, NotThere, Outdated):
                continue
            return
        raise Unavailable(BUSY)

    # -- what stands there ---------------------------------------------------------------------------------------------

    @property
    def _own(self) -> OwnCalendar:
        return OwnCalendar(self.wires)

    def _fate(self, receipt: Receipt, ref: Ref | None, listed: Mapping[tuple[str, str], Body]) -> Fate:
        if ref is None:
            return Fate(key=receipt.key, state="untouched")
        row = listed.get((ref.calendar, ref.name)) or self._own.event(ref.calendar, ref.name)
        return fate(receipt, self._written(row, ref.calendar))

    def _standing(self, calendar: str, name: str) -> Written | None:
        return self._written(self._own.event(calendar, name), calendar)

    def _written(self, body: Body | None, calendar: str) -> Written | None:
        """Return an event of ours as it stands there; None for a tombstone."""
        if body is None or is_cancelled(body):
            return None
        title, text = text_in(body, "summary"), text_in(body, "description")
        start, end = self._times(body)
        shared = "shared" if body.get("attendees") or body.get("recurrence") else ""
        return Written(
            ref=str(Ref(calendar, text_in(body, "id"), (start or _NEVER).date())),
            etag=text_in(body, "etag"),
            title=title,
            body=text,
            start=start,
            end=end,
            print=fingerprint(title, f"{text}\n{shared}", start or _NEVER, end or _NEVER),
            wrote=_wrote(body),
            fields=fields(title, text, start or _NEVER, end or _NEVER),
            shared=shared != "",
            kith=text_in(properties_in(body), KEY_PROPERTY),
        )

    def _times(self, body: Body) -> tuple[datetime, datetime] | tuple[None, None]:
        """Return start and end in UTC, of an all-day event the user's midnights; nothing where they make no sense."""
        try:
            start, end = span_in(body)
        except Odd:
            return None, None
        return self._instant(start), self._instant(end)

    def _instant(self, when: date) -> datetime:
        day = when if isinstance(when, datetime) else datetime.combine(when, time(), ZoneInfo(self.zone))
        return day.astimezone(UTC)

    def _untouched(self, receipt: Receipt) -> tuple[Ref | None, Written | None]:
        """Return what ``receipt`` names if it stands there as we wrote it, moved or not. Raises Edited if not."""
        ref = Ref.read(receipt)
        return ref, None if ref is None else ours(receipt, self._standing(ref.calendar, ref.name))

    # -- what we write -------------------------------------------------------------------------------------------------

    def _body(self, item: Reminder, start: datetime, end: datetime) -> dict[str, Any]:
        """Build the event: nobody invited, nobody's time taken, nobody else's business."""
        title, text = clean(item.title), paragraphs(item.body)[:MOST_TEXT]
        popups = [] if item.alarm is None else [{"method": "popup", "minutes": self._early(item.alarm)}]
        marks = {KEY_PROPERTY: name_of(item.key), _WROTE: fingerprint(title, text, start, end)}
        return {
            "summary": title,
            "description": text,
            "start": {"dateTime": start.astimezone(UTC).isoformat(), "timeZone": self.zone},
            "end": {"dateTime": end.astimezone(UTC).isoformat(), "timeZone": self.zone},
            "transparency": "transparent",
            "visibility": "private",
            "reminders": {"useDefault": False, "overrides": popups},
            "extendedProperties": {"private": marks},
        }

    def _early(self, alarm: int) -> int:
        return min(max(alarm, 0) + self.account.popup, LONGEST_POPUP)

    def _changed(self, receipt: Receipt, found: Written, item: Reminder) -> dict[str, Any]:
        """Build what changes; the time stays out of it when the user chose another."""
        if found.start is None or found.end is None or not is_moved(receipt, found):
            return self._body(item, item.start, item.end)
        body = self._body(item, found.start, found.end)
        return {name: value for name, value in body.items() if name not in {"start", "end"}}

    def _amended(self, after: Reminder, decided: Verdict) -> dict[str, Any]:
        """Build what is ours to change, and the mark of what we have written then."""
        body = self._body(after, after.start, after.end)
        names = {"title": ("summary",), "body": ("description",), "time": ("start", "end")}
        sent = {name: body[name] for field in decided.ours for name in names[field]}
        wrote = f"{text_of(_wrote(body))}.{decided.time}"
        return {**sent, "extendedProperties": {"private": {KEY_PROPERTY: name_of(after.key), _WROTE: wrote}}}

    def _fields(self, item: Reminder) -> Fields:
        return fields(clean(item.title), paragraphs(item.body)[:MOST_TEXT], item.start, item.end)

    def _receipt(self, item: Reminder, calendar: str, body: Mapping[str, Any]) -> Receipt:
        ref = Ref(calendar, id_of(item.key), item.start.astimezone(UTC).date())
        return Receipt(key=item.key, ref=str(ref), fingerprint=_wrote(body))


def id_of(key: str) -> str:
    """Return the id of the event that is written under ``key``: base32hex, as Google wants it."""
    return f"kith{name_of(key)}"


def _wrote(body: Mapping[str, Any]) -> str:
    return text_in(properties_in(body), _WROTE)
