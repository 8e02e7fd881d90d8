"""How do reminders get into Google Tasks, and what became of them there?

A task has a day and no time (T5), no id of ours and nothing hidden to keep one in: the last line of its notes,
``[ref:...]``, says which reminder it is, the time it was meant for, and (by a hash) which text we wrote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from connectors._address import clean
from connectors._fields import Fields, Verdict
from connectors._google.calendar_event import Body, text_in
from connectors._google.calendar_reminders import BUSY, TIMES
from connectors._google.calendar_task_list import TaskList
from connectors._google.calendar_written import Written, amended, fate, is_amendable, is_moved, ours, verdict
from connectors._google.errors import Changed, NotThere
from connectors._google.wire import Wires
from connectors._text import digest, name_of, paragraphs
from connectors.records import Edited, Fate, Receipt, Reminder, Unavailable

if TYPE_CHECKING:
    from connectors.google import Google

MOST_TEXT = 8000
"""Google takes 8,192 characters of notes."""
_SHORT = 12
_MARK = re.compile(rf"\s*\[ref:([0-9a-f]{{{_SHORT}}})-([0-9]{{8}}T[0-9]{{4}})-([0-9a-f]{{{_SHORT}}})\]")
_REF = re.compile(r"task:([^/]+)/([^/]+)")


@dataclass(frozen=True, kw_only=True)
class TaskReminders:
    """Writes reminders as tasks into a list "Kith"; ``wires`` lead to the account, ``zone`` is the user's.

    The list is made by the first ``create``; gone as a whole, ``look`` raises Gone. What another connector wrote under
    this account's name is left alone, and told as untouched.
    """

    name: str
    zone: str
    account: Google
    wires: Wires

    def look(self, receipts: Sequence[Receipt]) -> tuple[Fate, ...]:
        """Tell what became of each of ``receipts``; none is gone before Google was asked for it by its id.

        One request for a hundred open tasks, and one more for each that is not among them. Raises Gone, Unavailable.
        """
        refs = [_REF.fullmatch(receipt.ref) for receipt in receipts]
        lists = dict.fromkeys(ref[1] for ref in refs if ref)
        there = {(name, text_in(row, "id")): row for name in lists for row in self._own.rows(name, everything=False)}
        return tuple(
            Fate(key=receipt.key, state="untouched")
            if ref is None
            else fate(receipt, self._found(ref[1], ref[2], there.get((ref[1], ref[2]))))
            for receipt, ref in zip(receipts, refs, strict=True)
        )

    def count(self) -> int:
        """Return how many open tasks of ours stand in the list, 0 when there is none. Raises Unavailable."""
        name = self._own.find()
        rows = () if name is None else self._own.rows(name, everything=False)
        return sum(_key_in(row) != "" for row in rows)

    def find(self, key: str) -> Receipt | None:
        """Return the receipt of what stands under ``key``, done or not; its fingerprint is that of what we wrote."""
        name = self._own.find()
        row = None if name is None else self._search(name, key)
        found = None if name is None or row is None else self._written(row, name)
        return None if found is None else found.receipt(key)

    def create(self, item: Reminder) -> Receipt:
        """Write ``item``; what stands under its key is left, what the user deleted is not brought back.

        For what was deleted the receipt names it: the next look tells that it is gone. Raises Unsure when the answer
        was lost, Gone, Unavailable, Rejected.
        """
        name = self._own.find() or self._own.make()
        body = self._body(item)
        row = self._search(name, item.key)
        if row is None:
            row = self._own.write("insert", tasklist=name, body=body)
        found = self._written(row, name)
        if found is not None:
            return found.receipt(item.key)
        if not text_in(row, "id"):
            raise Unavailable("Google Tasks wrote a task and did not say which")
        ref = f"task:{name}/{text_in(row, 'id')}"
        return Receipt(key=item.key, ref=ref, fingerprint=_print(text_in(body, "title"), text_in(body, "notes")))

    def change(self, receipt: Receipt, item: Reminder) -> Receipt:
        """Replace what ``receipt`` names by ``item``; a day the user moved it to stays (C40).

        Raises Edited if its text is not as we wrote it, or it is done or gone.
        """
        for _ in range(TIMES):
            ref, found = self._untouched(receipt)
            if ref is None or found is None:
                raise Edited("the reminder is not there any more")
            body = self._body(item, found.start if is_moved(receipt, found) else None)
            try:
                row = self._own.write("patch", found.etag, tasklist=ref[1], task=ref[2], body=body)
            except (Changed, NotThere):
                continue
            changed = self._written({**body, **row}, ref[1])
            return receipt if changed is None else Receipt(key=receipt.key, ref=receipt.ref, fingerprint=changed.print)
        raise Unavailable(BUSY)

    def amend(self, receipt: Receipt, before: Reminder, after: Reminder, *, seen: bool = True) -> Receipt:
        """Bring what ``receipt`` names from ``before`` to ``after``, field by field; the mark goes along in its place.

        What is not marked as ours is left, and told as before. Raises Edited if it is done or gone.
        """
        ref = _REF.fullmatch(receipt.ref)
        if ref is None:
            return receipt
        for _ in range(TIMES):
            row = self._own.task(ref[1], ref[2])
            found = None if row is None else self._written(row, ref[1])
            if row is None or found is None or found.done:
                raise Edited("the reminder is not there any more")
            if not is_amendable(receipt, found):
                return receipt
            decided = verdict(receipt, found, _fields(before), _fields(after))
            if decided.ours:
                body = self._amended(text_in(row, "notes"), after, decided)
                try:
                    made = self._own.write("patch", found.etag, tasklist=ref[1], task=ref[2], body=body)
                except (Changed, NotThere):
                    continue
                found = self._written({**row, **body, **made}, ref[1]) or found
            return amended(receipt, decided, found, seen=seen)
        raise Unavailable(BUSY)

    def withdraw(self, receipt: Receipt) -> None:
        """Take back what ``receipt`` names, moved or not; gone is fine. Raises Edited if it was edited, or is done."""
        for _ in range(TIMES):
            ref, found = self._untouched(receipt)
            if ref is None or found is None:
                return
            try:
                self._own.write("delete", found.etag, tasklist=ref[1], task=ref[2])
            except (Changed, NotThere):
                continue
            return
        raise Unavailable(BUSY)

    # -- one task ------------------------------------------------------------------------------------------------------

    @property
    def _own(self) -> TaskList:
        return TaskList(self.wires)

    def _search(self, name: str, key: str) -> Body | None:
        """Return the task that carries the mark of ``key``: an open one first, a deleted one last."""
        rows = [row for row in self._own.rows(name, everything=True) if _key_in(row) == name_of(key)[:_SHORT]]
        last = ("deleted", "completed")
        return min(rows, key=lambda row: (row.get(last[0]) is True, text_in(row, "status") == last[1]), default=None)

    def _found(self, name: str, task: str, row: Body | None = None) -> Written | None:
        found = self._own.task(name, task) if row is None else row
        return None if found is None else self._written(found, name)

    def _untouched(self, receipt: Receipt) -> tuple[re.Match[str] | None, Written | None]:
        """Return what ``receipt`` names if it stands there as we wrote it, moved or not. Raises Edited if not."""
        ref = _REF.fullmatch(receipt.ref)
        return ref, None if ref is None else ours(receipt, self._found(ref[1], ref[2]))

    def _body(self, item: Reminder, moved: datetime | None = None) -> dict[str, Any]:
        """Build the task; without its day when the user chose another."""
        title, text = _texts(item)
        start = (moved or item.start).astimezone(ZoneInfo(self.zone))
        body: dict[str, Any] = {"title": title, "notes": f"{text}\n\n{_mark(item, f'{start:%Y%m%dT%H%M}')}"}
        return body if moved else {**body, "due": f"{start.date().isoformat()}T00:00:00.000Z"}

    def _amended(self, notes: str, after: Reminder, decided: Verdict) -> dict[str, Any]:
        """Build what is ours to change; ``notes`` that are the user's get the new mark where the old one stood."""
        body, found = self._body(after), _MARK.search(notes)
        wall = f"{after.start.astimezone(ZoneInfo(self.zone)):%Y%m%dT%H%M}"
        if found and decided.time != _fields(after).time:
            wall = found[2]
        mark = _mark(after, wall)
        if "body" in decided.ours or found is None:
            body["notes"] = f"{_texts(after)[1]}\n\n{mark}"
        else:
            body["notes"] = f"{notes[: found.end() - len(mark)]}{mark}{notes[found.end() :]}"
        unsent = {name for field, name in (("title", "title"), ("time", "due")) if field not in decided.ours}
        return {name: value for name, value in body.items() if name not in unsent}

    def _written(self, row: Mapping[str, Any], name: str) -> Written | None:
        """Return a task of ours as it stands there; None for a deleted one."""
        task = text_in(row, "id")
        if row.get("deleted") is True or not task:
            return None
        notes, title = text_in(row, "notes"), text_in(row, "title")
        mark = _MARK.search(notes)
        text = _MARK.sub("", notes)
        start = self._moment(f"{text_in(row, 'due')[:10].replace('-', '')}T{mark[2][9:] if mark else '0900'}")
        return Written(
            ref=f"task:{name}/{task}",
            etag=text_in(row, "etag"),
            title=title,
            body=text,
            start=start,
            end=start,
            print=_print(title, text, start),
            wrote=f"{mark[3]}.{_stamp(self._moment(mark[2]))}" if mark else "",
            fields=Fields(title=digest(title), body=digest(text), time=_stamp(start)),
            done=text_in(row, "status") == "completed",
            kith=mark[1] if mark else "",
        )

    def _moment(self, text: str) -> datetime | None:
        """Return the instant of a wall time of the user's, such as ``20260217T0900``; None if it is none."""
        try:
            wall = datetime.strptime(text, "%Y%m%dT%H%M").replace(tzinfo=ZoneInfo(self.zone))
            return wall.astimezone(UTC)
        except (ValueError, OverflowError):
            return None


def _texts(item: Reminder) -> tuple[str, str]:
    """Return title and text as they are written."""
    return clean(item.title), _MARK.sub("", paragraphs(item.body))[:MOST_TEXT].rstrip()


def _fields(item: Reminder) -> Fields:
    title, text = _texts(item)
    return Fields(title=digest(title), body=digest(text), time=_stamp(item.start.astimezone(UTC)))


def _mark(item: Reminder, wall: str) -> str:
    """Return the mark of ``item``, which is meant for the ``wall`` time."""
    return f"[ref:{name_of(item.key)[:_SHORT]}-{wall}-{digest(*_texts(item))[:_SHORT]}]"


def _key_in(row: Mapping[str, Any]) -> str:
    found = _MARK.search(text_in(row, "notes"))
    return found[1] if found else ""


def _print(title: str, text: str, start: datetime | None = None) -> str:
    """Return the fingerprint: a short hash of the text, a dot, and the time."""
    return f"{digest(title, _MARK.sub('', text))[:_SHORT]}.{_stamp(start)}"


def _stamp(start: datetime | None) -> str:
    return start.strftime("%Y%m%dT%H%MZ") if start else ""
