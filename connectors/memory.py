"""What does an account look like that lives in memory alone?

For tests, and the reference for whoever writes a connector: every promise of ``records`` in its shortest form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from connectors._fields import Fields, judge, text_of
from connectors._text import digest, name_of
from connectors.records import (
    ConnectorError,
    Cursor,
    Draft,
    Edited,
    Fate,
    Item,
    Pull,
    Receipt,
    Reminder,
    ReminderSink,
    Sink,
    Source,
)

T = TypeVar("T", Reminder, Draft)


class MemorySource:
    """A source with a script: each pull from a cursor gives the next page, or fails as the script says.

    The cursor counts what was read of the script. A failure is raised once and does not move the cursor; after the last
    page a pull returns the same cursor and no items.
    """

    def __init__(self, name: str, *script: Pull | Sequence[Item] | ConnectorError) -> None:
        """Take the account's name and what to return: pulls (their cursor is replaced), items, or errors."""
        self._name = name
        self.script: list[Pull | Sequence[Item] | ConnectorError] = list(script)

    @property
    def name(self) -> str:
        """The account's name in the configuration."""
        return self._name

    def pull(self, cursor: Cursor | None, now: datetime) -> Pull:  # noqa: ARG002 - a script knows no time
        """Return the next page of the script. Raises what the script says."""
        place = int(cursor["place"]) if cursor is not None else 0
        if place < len(self.script) and isinstance(self.script[place], ConnectorError):
            raise self._failure(place)
        if place >= len(self.script):
            return Pull(cursor=cursor if cursor is not None else {"place": 0}, listed=self._listed())
        page = self.script[place]
        pull = (
            page if isinstance(page, Pull) else Pull(cursor={}, items=tuple(self._items(place)), listed=self._listed())
        )
        return replace(pull, cursor={"place": place + 1}, caught_up=pull.caught_up and place + 1 >= len(self.script))

    def _failure(self, place: int) -> ConnectorError:
        error = self.script.pop(place)
        assert isinstance(error, ConnectorError)  # noqa: S101 - the caller looked
        return error

    def _items(self, place: int) -> Sequence[Item]:
        page = self.script[place]
        return () if isinstance(page, ConnectorError) else page.items if isinstance(page, Pull) else page

    def _listed(self) -> int:
        return sum(len(self._items(place)) for place in range(len(self.script)))


class MemorySink(Generic[T]):
    """A calendar or a Drafts folder in memory. ``standing`` is what the user sees there, and may edit, by key.

    ``failure``, where set, is raised by the next verb, once.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self.standing: dict[str, T] = {}
        self.failure: ConnectorError | None = None

    def look(self, receipts: Sequence[Receipt]) -> tuple[Fate, ...]:
        """Tell what became of each of ``receipts``."""
        self._fail()
        return tuple(_fate(receipt, self.standing.get(receipt.key)) for receipt in receipts)

    def count(self) -> int:
        """Return how many items stand."""
        self._fail()
        return len(self.standing)

    def find(self, key: str) -> Receipt | None:
        """Return the receipt of what stands under ``key``, with the fingerprint of what it says now."""
        self._fail()
        item = self.standing.get(key)
        return None if item is None else _receipt(item)

    def create(self, item: T) -> Receipt:
        """Write ``item``; what already stands under its key is left as it is."""
        self._fail()
        return _receipt(self.standing.setdefault(item.key, item))

    def change(self, receipt: Receipt, item: T) -> Receipt:
        """Replace what ``receipt`` names by ``item``; a time the user moved it to stays. Raises Edited."""
        self._fail()
        stands = self.standing.get(receipt.key)
        if stands is not None and isinstance(item, Draft) and _prints(stands) == _prints(item):
            return _receipt(item)
        found = self._untouched(receipt)
        if found is None:
            raise Edited("it is not there any more")
        if isinstance(found, Reminder) and isinstance(item, Reminder) and _prints(found) != receipt.fingerprint:
            item = replace(item, start=found.start, end=found.end)
        self.standing[receipt.key] = item
        return _receipt(item)

    def amend(
        self: MemorySink[Reminder], receipt: Receipt, before: Reminder, after: Reminder, *, seen: bool = True
    ) -> Receipt:
        """Bring what ``receipt`` names from ``before`` to ``after``, field by field. Raises Edited if it is gone."""
        self._fail()
        found = self.standing.get(receipt.key)
        if found is None:
            raise Edited("it is not there any more")
        verdict = judge(_fields(found), _fields(before), _fields(after), receipt.fingerprint)
        taken = {"title": ("title",), "body": ("body",), "time": ("start", "end")}
        new = {name: getattr(after, name) for field in verdict.ours for name in taken[field]}
        self.standing[receipt.key] = replace(found, **new)
        said = verdict.fingerprint(_prints(self.standing[receipt.key]), receipt.fingerprint, seen=seen)
        return replace(receipt, fingerprint=said)

    def withdraw(self, receipt: Receipt) -> None:
        """Take back what ``receipt`` names, moved or not; gone is fine. Raises Edited if its text was changed."""
        self._fail()
        if self._untouched(receipt) is not None:
            del self.standing[receipt.key]

    def _untouched(self, receipt: Receipt) -> T | None:
        found = self.standing.get(receipt.key)
        if found is not None and text_of(_prints(found)) != text_of(receipt.fingerprint):
            raise Edited("it was edited: it is the user's")
        return found

    def _fail(self) -> None:
        error, self.failure = self.failure, None
        if error is not None:
            raise error


def _receipt(item: Reminder | Draft) -> Receipt:
    return Receipt(key=item.key, ref=name_of(item.key), fingerprint=_prints(item))


def _prints(item: Reminder | Draft) -> str:
    if isinstance(item, Reminder):
        return f"{digest(item.title, item.body)}.{_times(item)}"
    said = (item.subject, item.body, item.html) if item.html else (item.subject, item.body)
    return f"{digest(item.sender.address, *(box.address for box in item.recipients), *said)}."


def _times(item: Reminder) -> str:
    return digest(*(when.astimezone(UTC).isoformat() for when in (item.start, item.end)))


def _fields(item: Reminder) -> Fields:
    return Fields(title=digest(item.title), body=digest(item.body), time=_times(item))


def _fate(receipt: Receipt, found: Reminder | Draft | None) -> Fate:
    if found is None:
        return Fate(key=receipt.key, state="gone")
    title = found.title if isinstance(found, Reminder) else found.subject
    at = found.start if isinstance(found, Reminder) else None
    edited = text_of(_prints(found)) != text_of(receipt.fingerprint)
    state = "edited" if edited else "untouched" if _prints(found) == receipt.fingerprint else "moved"
    return Fate(key=receipt.key, state=state, at=at, title=title, body=found.body)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Memory:
    """An account in memory: nothing to read unless ``script`` says so, and two sinks that start empty."""

    script: tuple[Any, ...] = ()
    reminders: Any = field(init=False, default_factory=MemorySink[Reminder])
    drafts: Any = field(init=False, default_factory=MemorySink[Draft])

    def open_source(self, name: str, zone: str) -> Source | None:  # noqa: ARG002 - the script has instants
        """Return a source that follows the script."""
        return MemorySource(name, *self.script)

    def open_reminders(self, name: str, zone: str) -> ReminderSink | None:  # noqa: ARG002 - one sink an account
        """Return the calendar; the same one each time."""
        sink: ReminderSink = self.reminders
        return sink

    def open_drafts(self, name: str, zone: str) -> Sink[Draft] | None:  # noqa: ARG002 - one sink an account
        """Return the Drafts folder; the same one each time."""
        sink: Sink[Draft] = self.drafts
        return sink

    def problems(self) -> tuple[tuple[str, str], ...]:
        """Find nothing: memory is always well."""
        return ()
