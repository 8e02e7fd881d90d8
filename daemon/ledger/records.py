"""How does a stored row become a record? Its key in the tables ``events`` and ``mails`` begins with account and tab."""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from connectors.records import Event, Message
from daemon.ledger.codec import decode, parse, parser
from daemon.model import Touchpoint

T = TypeVar("T", bound=Hashable)

_END = re.compile(rb'"end":"(\d{4}-\d{2}-\d{2})')
_SOURCE = re.compile(rb'"source_id":"((?:[^"\\]|\\.)*)"')
"""Found without parsing: a quote inside a JSON string is escaped, so these match fields only."""
_message = parser(Message)
_fact = parser(Touchpoint)
_SHARED = ("source", "address", "person", "rule", "account", "title", "thread", "series", "mine")
"""What of a fact others say, too."""


def record_key(item: Event | Message) -> str:
    """Return the key of the row that holds ``item``."""
    return f"{item.account}\t{item.key}"


def event_of(row: Mapping[str, Any]) -> Event:
    """Return the event that ``row`` holds."""
    return decode(Event, {**row, "key": _bare(row["key"])})


def message_of(row: Mapping[str, Any]) -> Message:
    """Return the mail that ``row`` holds."""
    return decode(Message, {**row, "key": _bare(row["key"])})


class Reading:
    """Reads many rows: what several of them say (an address with its name, a guest, an account) is in memory once."""

    def __init__(self) -> None:
        self._said: dict[Hashable, Any] = {}

    def event(self, raw: bytes) -> Event:
        """Return the event in ``raw``."""
        event = event_of(parse(raw))
        return replace(
            event,
            uid=event.key if event.uid == event.key else event.uid,
            account=self._once(event.account),
            calendar=self._once(event.calendar),
            organiser=self._once(event.organiser),
            guests=self._each(event.guests),
        )

    def message(self, raw: bytes) -> Message:
        """Return the mail in ``raw``."""
        mail = _message(raw)
        key = _bare(mail.key)
        return replace(
            mail,
            key=key,
            message_id=key if mail.message_id == key else mail.message_id,
            account=self._once(mail.account),
            sender=self._once(mail.sender),
            to=self._each(mail.to),
            cc=self._each(mail.cc),
            bcc=self._each(mail.bcc),
        )

    def fact(self, raw: bytes) -> Touchpoint:
        """Return the fact in ``raw``."""
        fact = _fact(raw)
        for name in _SHARED:  # nobody else has it yet; ``replace`` of 20,000 would take longer than to read them
            value = getattr(fact, name)
            object.__setattr__(fact, name, self._said.setdefault(value, value))
        return fact

    def _once(self, value: T) -> T:
        found: T = self._said.setdefault(value, value)
        return found

    def _each(self, values: tuple[T, ...]) -> tuple[T, ...]:
        return tuple(self._once(value) for value in values)


def ends_since(raw: bytes, day: date) -> bool:
    """Tell whether the event in ``raw`` ends on ``day`` (UTC) or later, without parsing it."""
    return (found := _END.search(raw)) is None or found[1] >= day.isoformat().encode()


def has_source(raw: bytes, source_ids: Collection[str] | None) -> bool:
    """Tell whether the event in ``raw`` may be one of ``source_ids`` (None: any is), without parsing it."""
    if source_ids is None:
        return True
    found = _SOURCE.search(raw)
    return found is None or b"\\" in found[1] or found[1].decode() in source_ids


def _bare(key: str) -> str:
    return key.partition("\t")[2]
