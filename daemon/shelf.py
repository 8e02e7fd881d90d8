"""Which records are there, and which of them matter at a moment? What is asked for is read out of the ledger.

A record counts under its key, whatever accounts it came through: of several copies one counts (E11, M1). A mail of the
future is not known yet (U12).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.records import Event, Message
from daemon.detect import copies, title_key
from daemon.ledger import Ledger
from daemon.ledger.codec import decode, parse, parser
from daemon.ledger.indexes import key_of
from daemon.model import Records, instant

EVENTS, MAILS = "events", "mails"
GRACE = timedelta(days=1)
"""How far a mail's time may lie ahead of now and still be believed (P30)."""
_LAST = "\uffff"
_message = parser(Message)


class Shelf:
    """The records of a ledger, in order of time; ``now`` is the moment to look from.

    A record that ``look_back`` is told of is as it was before, until it is put.
    """

    def __init__(self, ledger: Ledger, records: Records, zone: ZoneInfo, now: datetime) -> None:
        self.now = now
        self._zone = zone
        self._ledger = ledger
        self._before: dict[str, dict[str, bytes | None]] = {EVENTS: {}, MAILS: {}}
        self._accounts = {key.partition("\t")[0] for key in (*records.events, *records.messages)}
        ends = (instant(event.end, zone) for event in records.events.values())
        self._ends = sorted(zip(ends, records.events, strict=True))
        begins = [instant(event.start, zone) for event in records.events.values() if not event.ours]
        sent = ((mail.at, key) for key, mail in records.messages.items() if mail.at is not None)
        self._near: dict[str, Event] = {}
        self._coming: tuple[Event, ...] = ()
        self._titles: dict[str, dict[str, datetime]] | None = None
        self._is_near = False
        self._late = sorted((at, key) for at, key in sent if at > now + GRACE)
        self._begins = sorted((*begins, *(mail.at for mail in records.messages.values() if mail.at is not None)))

    # -- one record ----------------------------------------------------------------------------------------------------

    def event(self, key: str, own: frozenset[str]) -> Event | None:
        """Return the event that counts under ``key``; None if there is none."""
        found = [_event(raw) for name in self._names(key) if (raw := self._row(EVENTS, name)) is not None]
        return found[0] if len(found) == 1 else next(iter(copies.events(found, own)), None)

    def mail(self, key: str) -> Message | None:
        """Return the mail that counts under ``key`` and is known by now; None if there is none."""
        found = [_mail(raw) for name in self._names(key) if (raw := self._row(MAILS, name)) is not None]
        known = [mail for mail in found if is_known(mail, self.now)]
        return known[0] if len(known) == 1 else next(iter(copies.messages(known)), None)

    def _names(self, key: str) -> Iterable[str]:
        return (f"{account}\t{key}" for account in self._accounts)

    def ends_of(self, title: str) -> tuple[datetime, ...]:
        """Return when the events called ``title`` (a ``title_key``) ended or will end, those called off left out."""
        if self._titles is None:  # from now on kept as records change
            self._titles = {}
            for raw in self._ledger.table(EVENTS).raw():
                self._title(key_of(raw) or "", _event(raw), gone=False)
        return tuple(sorted(set(self._titles.get(title, {}).values())))

    def _title(self, name: str, event: Event, *, gone: bool) -> None:
        key = title_key(event.title)
        named = self._titles.setdefault(key, {}) if self._titles is not None and key else {}
        if gone or event.status == "cancelled" or event.ours:
            named.pop(name, None)
        else:
            named[name] = instant(event.end, self._zone)

    # -- what changes --------------------------------------------------------------------------------------------------

    def look_back(self, changed: Mapping[str, Mapping[str, bytes | None]]) -> None:
        """Take the records that ``changed``, by table and name, as they were before, until each is put."""
        self._before = {table: dict(changed.get(table, {})) for table in (EVENTS, MAILS)}

    def put_event(self, name: str) -> None:
        """Take the event stored under ``name`` as it is now."""
        before = self._before[EVENTS].pop(name)
        for raw, put in ((before, _remove), (self._row(EVENTS, name), insort)):
            if raw is not None:
                event = _event(raw)
                put(self._ends, (instant(event.end, self._zone), name))
                if not event.ours:
                    put(self._begins, instant(event.start, self._zone))
                if self._titles is not None:
                    self._title(name, event, gone=put is _remove)
        self._accounts.add(name.partition("\t")[0])
        self._near.pop(name, None)
        self._is_near = False

    def put_mail(self, name: str) -> None:
        """Take the mail stored under ``name`` as it is now."""
        before = self._before[MAILS].pop(name)
        for raw, put in ((before, _remove), (self._row(MAILS, name), insort)):
            mail = None if raw is None else _mail(raw)
            if mail is not None and mail.at is not None:
                put(self._begins, mail.at)
                if not is_known(mail, self.now):
                    put(self._late, (mail.at, name))
        self._accounts.add(name.partition("\t")[0])

    def _row(self, table: str, name: str) -> bytes | None:
        before = self._before[table]
        return before[name] if name in before else self._ledger.table(table).raw_by_key(name)

    def come(self, now: datetime) -> set[str]:
        """Return the keys of the mails that will be known at ``now``, a later moment to look from."""
        return {name.partition("\t")[2] for at, name in self._late if at <= now + GRACE}

    def look_from(self, now: datetime) -> None:
        """Look from ``now``, a later moment."""
        self._late = [item for item in self._late if item[0] > now + GRACE]
        self.now = now

    def ended(self, since: datetime, until: datetime) -> set[str]:
        """Return the keys of the events that ended after ``since`` and not after ``until``."""
        first, last = bisect_right(self._ends, (since, _LAST)), bisect_right(self._ends, (until, _LAST))
        return {name.partition("\t")[2] for _, name in self._ends[first:last]}

    # -- the span of time ----------------------------------------------------------------------------------------------

    def next_change(self) -> datetime | None:
        """Return when facts change by themselves: the next event is over, a mail from the future arrives."""
        index = bisect_right(self._ends, (self.now, _LAST))
        found = [end for end, _ in self._ends[index : index + 1]] + [at - GRACE for at, _ in self._late[:1]]
        return min(found, default=None)

    def earliest(self) -> datetime | None:
        """Return the earliest record of any account, None if none has begun (P26)."""
        return self._begins[0] if self._begins and self._begins[0] <= self.now else None

    def ending_since(self, at: datetime) -> tuple[Event, ...]:
        """Return every stored event that ends at ``at`` or later: the same objects while they are the same."""
        names = [name for _, name in self._ends[bisect_left(self._ends, (at, "")) :]]
        if len(names) != len(self._near) or not self._is_near:
            before, self._near = self._near, {}
            for name in names:
                if (known := before.get(name)) is None and (raw := self._row(EVENTS, name)) is not None:
                    known = _event(raw)
                if known is not None:
                    self._near[name] = known
            self._coming = tuple(self._near.values())
            self._is_near = True
        return self._coming


def is_known(mail: Message, now: datetime) -> bool:
    """Tell whether ``mail`` is known at ``now``."""
    return mail.at is None or mail.at <= now + GRACE


def _event(raw: bytes) -> Event:
    row = parse(raw)
    return decode(Event, {**row, "key": row["key"].partition("\t")[2]})


def _mail(raw: bytes) -> Message:
    mail = _message(raw)
    return replace(mail, key=mail.key.partition("\t")[2])


def _remove(items: list[Any], item: Any) -> None:
    index = bisect_left(items, item)
    if index < len(items) and items[index] == item:
        del items[index]
