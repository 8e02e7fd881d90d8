"""What does a pull change in what is known? Records and outbox rows before and after: pure.

Absence is not deletion (PRACTICE 2, RULINGS C12, C13): mail facts never disappear because a mail did; an event's are
taken back by a cancellation, decline or deletion seen within 7 days after its end, or by absence from a complete
listing if it ended less than 14 days ago.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.records import Event, Fate, Item, Listing, Mailbox, Message, Pull
from daemon.model import Entry, EntryState, Me, Records, Touchpoint, instant

UNDO = timedelta(days=7)
ABSENCE = timedelta(days=14)
DONE = timedelta(days=3)
SUSPICIOUS_COUNT = 10
SUSPICIOUS_SHARE = 0.2
_NAME_WORDS = 4


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


# -- forgetting --------------------------------------------------------------------------------------------------------


def without_forgotten(item: Item, is_forgotten: Callable[[str], bool]) -> Item:
    """Return ``item`` without any trace of forgotten people: their addresses, and titles beside or about them."""
    mailboxes = {box.address for box in _mailboxes(item)}
    dropped = {address for address in mailboxes if is_forgotten(address)}
    title = item.title if isinstance(item, Event) else item.subject
    if not dropped and not _names_forgotten(title, is_forgotten):
        return item
    if isinstance(item, Event):
        organiser = item.organiser if item.organiser and item.organiser.address not in dropped else None
        guests = tuple(guest for guest in item.guests if guest.address not in dropped)
        return replace(
            item, title="", organiser=organiser, guests=guests, guests_hidden=item.guests_hidden or bool(dropped)
        )

    def keep(boxes: tuple[Mailbox, ...]) -> tuple[Mailbox, ...]:
        return tuple(box for box in boxes if box.address not in dropped)

    sender = item.sender if item.sender and item.sender.address not in dropped else None
    return replace(item, subject="", sender=sender, to=keep(item.to), cc=keep(item.cc), bcc=keep(item.bcc))


def _mailboxes(item: Item) -> Iterable[Mailbox]:
    if isinstance(item, Message):
        return (*((item.sender,) if item.sender else ()), *item.to, *item.cc, *item.bcc)
    guests = (Mailbox(address=guest.address) for guest in item.guests)
    return (*((item.organiser,) if item.organiser else ()), *guests)


def _names_forgotten(title: str, is_forgotten: Callable[[str], bool]) -> bool:
    words = ["".join(c for c in word if c.isalnum() or c in "-'") for word in title.casefold().split()]
    return any(
        is_forgotten(name_key(words[start : start + length]))
        for length in range(2, _NAME_WORDS + 1)
        for start in range(len(words) - length + 1)
    )


def name_key(words: Iterable[str]) -> str:
    """Return a full name as it is remembered when forgotten: case folded, in order of its words."""
    return " ".join(sorted(word.casefold() for word in words if word))


# -- what became of what we wrote --------------------------------------------------------------------------------------


def settle(entry: Entry, fate: Fate, facts: Iterable[Touchpoint], now: datetime) -> Entry:
    """Return ``entry`` as ``fate`` leaves it; a mail among the person's ``facts`` tells sent from thrown away."""
    if fate.state == "untouched" or (entry.state == "edited" and fate.state != "gone"):
        return entry
    if fate.state == "gone":
        state: EntryState = _gone_draft(entry, facts) if entry.kind == "draft" else "dismissed"
        return replace(entry, state=state, settled=now, leaving="")
    if fate.state == "moved" and fate.at is not None and entry.end is not None and entry.start is not None:
        if (entry.state, entry.start) == ("moved", fate.at):
            return entry
        length = entry.end - entry.start
        return replace(entry, state="moved", start=fate.at, end=fate.at + length, settled=now, leaving="")
    return replace(entry, state="edited", settled=now, leaving="")


def reconsider(entry: Entry, facts: Iterable[Touchpoint]) -> Entry:
    """Return a settled ``entry`` as what was learned later makes it: mail is often imported days after it was sent.

    A draft taken for thrown away was sent after all if a mail with its subject turns up; a deleted reminder was done,
    not refused, if the two were in touch within three days of the deletion.
    """
    if entry.settled is None or entry.decided is None:
        return entry
    since = entry.decided
    touches = [fact for fact in facts if not fact.weak and fact.at >= since]
    if entry.kind == "draft" and entry.state in {"discarded", "overtaken"} and entry.ref is not None:
        return replace(entry, state="sent") if _gone_draft(entry, touches) == "sent" else entry
    settled = entry.settled
    if entry.state == "dismissed" and any(abs(fact.at - settled) <= DONE for fact in touches):
        return replace(entry, state="done")
    return entry


def _gone_draft(entry: Entry, facts: Iterable[Touchpoint]) -> EntryState:
    later = [fact for fact in facts if fact.kind == "wrote" and entry.decided is not None and fact.at >= entry.decided]
    if any(fact.title.casefold() == entry.title.casefold() for fact in later):
        return "sent"
    return "overtaken" if later else "discarded"
