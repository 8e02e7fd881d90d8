"""What does a pull change in what is known? Records and outbox rows before and after: pure.

Absence is not deletion (PRACTICE 2, RULINGS C12, C13): mail facts never disappear because a mail did; an event's are
taken back by a cancellation, decline or deletion seen within 7 days after its end, or by absence from a complete
listing if it ended less than 14 days ago.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.records import Event, Fate, Item, Listing, Message, Pull
from daemon import drafts
from daemon.model import ANSWERED, UNDONE, Entry, EntryState, Me, Records, Touchpoint, instant

UNDO = timedelta(days=7)
ABSENCE = timedelta(days=14)
DONE = timedelta(days=3)
FEW = 5
"""Recipients in To up to which a mail is written to each of them (M1)."""
SUSPICIOUS_COUNT = 10
SUSPICIOUS_SHARE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Records to store, and the stored keys (account, tab, key) of those that are no more."""

    items: tuple[Item, ...] = ()
    removed: tuple[str, ...] = ()


def suspicious(before: int | None, now: int | None) -> bool:
    """Tell whether a source came back suspiciously empty: nothing, or more than max(10, 20 %) fewer (R1, U22)."""
    if not before or now is None:
        return False
    return now == 0 or before - now > max(SUSPICIOUS_COUNT, SUSPICIOUS_SHARE * before)


def of_known(
    items: Iterable[Item], people: Container[str], sent: Container[str], is_hint: Callable[[Message], bool]
) -> tuple[Item, ...]:
    """Return ``items`` without the received mail of strangers: it is never stored (PRACTICE 1, RULINGS T18, T19).

    ``people`` are the addresses of those the user wrote to or met, ``sent`` the ids of the user's own mails: that one
    of these came back is worth knowing, whichever machine says so. ``is_hint`` tells of a platform's mail whether it is
    one that the user asked for.
    """
    return tuple(
        item
        for item in items
        if not isinstance(item, Message) or item.sent or is_hint(item) or _is_known(item, people, sent)
    )


def written_to(items: Iterable[Item]) -> frozenset[str]:
    """Return to whom the sent mail among ``items`` went, but for broadcasts: their answers may come with one page."""
    sent = (item for item in items if isinstance(item, Message) and item.sent)
    return frozenset(box.address for item in sent if len(item.to) <= FEW for box in item.to)


def _is_known(mail: Message, people: Container[str], sent: Container[str]) -> bool:
    came_back = mail.automatic and ((mail.in_reply_to or "") in sent or (mail.root or "") in sent)
    return came_back or (mail.sender is not None and mail.sender.address in people)


def answered(items: Iterable[Item]) -> tuple[str, ...]:
    """Return the ids that received mail among ``items`` answers."""
    received = (item for item in items if isinstance(item, Message) and not item.sent)
    return tuple(name for item in received for name in (item.in_reply_to, item.root) if name is not None)


def change(pull: Pull, account: str, known: Records, me: Me, now: datetime) -> Change:
    """Return what ``pull`` changes among the ``known`` records, whose mappings are by account, tab and key."""
    stored, zone = known.events, me.zone
    arrived = {f"{account}\t{item.key}": item for item in pull.items}
    kept = {
        key: item
        for key, item in arrived.items()
        if (stored.get(key) or known.messages.get(key)) != item and not _too_late(stored.get(key), item, me, now)
    }
    mine = [(key, event) for key, event in stored.items() if event.account == account and key not in arrived]
    gone = set(pull.gone)
    cancelled = {
        key: replace(event, status="cancelled")
        for key, event in mine
        if event.source_id in gone and event.status != "cancelled" and now - instant(event.end, zone) <= UNDO
    }
    absent = _absent(mine, pull.complete, gone, now, zone) if pull.complete else ()
    return Change(items=(*kept.values(), *cancelled.values()), removed=tuple(absent))


def _too_late(old: Event | None, new: Item, me: Me, now: datetime) -> bool:
    """Tell whether ``new`` only rewrites history: what ended more than 7 days ago stays as it was counted.

    A cancellation, a decline, another guest list: all of it seen that late is tidying up (C13). An event that was moved
    to a later day is no history yet.
    """
    if old is None or not isinstance(new, Event) or now - instant(old.end, me.zone) <= UNDO:
        return False
    return new.status == "cancelled" or now - instant(new.end, me.zone) > UNDO


def _absent(
    mine: Sequence[tuple[str, Event]], listings: Iterable[Listing], gone: set[str], now: datetime, zone: ZoneInfo
) -> list[str]:
    by_source: dict[str | None, list[Listing]] = {}
    for listing in listings:
        by_source.setdefault(listing.source_id, []).append(listing)
    whole = by_source.get(None, [])
    return [
        key
        for key, event in mine
        if event.source_id not in gone
        and now - instant(event.end, zone) < ABSENCE
        and any(
            listing.start <= instant(event.start, zone) < listing.end
            for listing in (*by_source.get(event.source_id, ()), *whole)
        )
    ]


# -- what became of what we wrote --------------------------------------------------------------------------------------


def settle(entry: Entry, fate: Fate, facts: Iterable[Touchpoint], now: datetime) -> Entry:
    """Return ``entry`` as ``fate`` leaves it; a mail among the person's ``facts`` tells sent from thrown away.

    A draft that the user edits keeps the user's subject: the mail that is sent will have it.
    """
    if entry.kind == "draft" and fate.state == "edited" and fate.title:
        entry = replace(entry, title=fate.title)
    if fate.state == "untouched" or (entry.state == "edited" and fate.state not in {"done", "gone"}):
        return entry
    if fate.state == "done":
        return replace(entry, state="done", settled=now, leaving="")
    if fate.state == "gone":
        return _gone(entry, facts, now)
    if fate.state == "moved" and fate.at is not None and entry.end is not None and entry.start is not None:
        return _moved(entry, fate.at, entry.end - entry.start, now)
    return replace(entry, state="edited", settled=now, leaving="", changed=True)


def _moved(entry: Entry, start: datetime, length: timedelta, now: datetime) -> Entry:
    """Return ``entry`` where the user put it; one that was answered stays answered wherever it stands."""
    if entry.state in {"moved", "noted"} and entry.start == start:
        return entry
    if entry.state == "noted":
        return replace(entry, start=start, end=start + length)
    leaving = UNDONE if entry.leaving == UNDONE else ""
    return replace(entry, state="moved", start=start, end=start + length, settled=now, leaving=leaving)


def _gone(entry: Entry, facts: Iterable[Touchpoint], now: datetime) -> Entry:
    state: EntryState = drafts.gone(entry, facts) if entry.kind == "draft" else "dismissed"
    if entry.leaving and state != "sent":
        return taken_back(entry, now)  # by us: the answer was lost
    return replace(entry, state=state, settled=now, leaving="")


def taken_back(entry: Entry, now: datetime) -> Entry:
    """Return ``entry`` once it was taken back for what it was ``leaving`` for: passed, overtaken, not wanted now,
    or done or refused by a word of the user's."""
    there = entry.ref is not None and entry.leaving in ANSWERED
    state: Any = entry.leaving if there else "withdrawn"
    return replace(entry, state=state, problem=entry.leaving, leaving="", settled=now)


def reconsider(entry: Entry, facts: Iterable[Touchpoint]) -> Entry:
    """Return a settled ``entry`` as what was learned later makes it: mail is often imported days after it was sent.

    A draft taken for thrown away was sent after all if a mail with its subject turns up, or one in its thread that had
    gone by then; a deleted reminder was done, not refused, if the two were in touch within three days of the deletion.
    """
    if entry.settled is None or entry.decided is None:
        return entry
    since, settled = entry.decided, entry.settled
    touches = [fact for fact in facts if not fact.weak and fact.at >= since]
    if entry.kind == "draft" and entry.state in {"discarded", "overtaken"} and entry.ref is not None:
        return replace(entry, state="sent") if drafts.gone_after_all(entry, touches) == "sent" else entry
    if entry.state == "dismissed" and any(abs(fact.at - settled) <= DONE for fact in touches):
        return replace(entry, state="done")
    return entry
