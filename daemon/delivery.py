"""How is the outbox carried out? Row by row, each under its own key and settled at once (DESIGN 2).

Nothing here decides anything; a write is sent once, and what is not known to have happened is settled by looking.
"""

from __future__ import annotations

from collections.abc import Container
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from connectors.records import (
    BadData,
    ConnectorError,
    Draft,
    Edited,
    Fate,
    Mailbox,
    NeedsLogin,
    Rejected,
    Reminder,
    ReminderSink,
    Sink,
    Unavailable,
)
from daemon import drafts, learn
from daemon.hand import MOST_TEXT
from daemon.ledger import Ledger
from daemon.model import UNDONE, Entry
from daemon.world import Trouble, World, receipt_of, trouble_of

ZERO = datetime.min.replace(tzinfo=UTC)


def deliver(
    ledger: Ledger, world: World, now: datetime, unseen: Container[str] = (), *, undoing: bool = False
) -> tuple[tuple[Entry, ...], tuple[Trouble, ...]]:
    """Carry out the outbox row by row, each under its own key and settled at once; return those, and troubles.

    Nothing is written of the ``unseen`` parts (reminders, drafts): those that could not be looked at just before.
    ``undoing``: only what the user has undone is taken back.
    """
    done: list[Entry] = []
    troubles = []
    for entry in sorted(filter(_is_due, ledger.entries()), key=lambda item: _turn(item, now)):
        part, sink, account = (
            ("drafts", world.drafts, world.settings.drafts)
            if entry.is_draft
            else ("reminders", world.reminders, world.settings.reminders)
        )
        if sink is None or entry.account != account or part in unseen or (undoing and entry.leaving != UNDONE):
            continue
        rows, trouble = _settled(ledger, sink, world, entry, now)
        done += rows
        if trouble is not None:
            troubles.append(trouble)
    return tuple(done), tuple(troubles)


def _settled(
    ledger: Ledger, sink: Any, world: World, entry: Entry, now: datetime
) -> tuple[tuple[Entry, ...], Trouble | None]:
    """Do what is due of ``entry``, each step committed; return the rows that changed, and why not all was done."""
    done: dict[str, Entry] = {}
    trouble: Trouble | None = None
    while _is_due(entry) and trouble is None:
        try:
            rows = _carried_out(ledger, sink, world, entry, now)
        except (Unavailable, NeedsLogin, BadData) as error:
            return tuple(done.values()), trouble_of(entry.account, error)
        except Rejected as error:
            rows, trouble = (_parked(entry, str(error), now),), _refused(entry.account, error)
        if not rows:
            break
        rows = tuple(row if row.state == "waiting" else replace(row, html="") for row in rows)  # said, or never will be
        with ledger.unit():
            ledger.save_entries(rows)
        done |= {row.key: row for row in rows}
        entry = done.get(entry.key, entry)
    return tuple(done.values()), trouble


def _turn(entry: Entry, now: datetime) -> tuple[Any, ...]:
    """Reminders before the drafts they speak of; what goes before what comes: cut short, it is never too much."""
    return entry.is_draft, not entry.leaving, entry.start or now, entry.key


def _carried_out(ledger: Ledger, sink: Any, world: World, entry: Entry, now: datetime) -> tuple[Entry, ...]:
    """Do the first thing that is due of ``entry`` and return the rows that come of it.

    What is amended first can be taken back after it. Nothing comes of it while another draft of that person, or the
    review of an earlier week, is in the way.
    """
    if entry.is_amending:
        return (amend(ledger, sink, entry),)
    standing = drafts.beside(entry, ledger.entries()) if entry.kind in {"draft", "review-draft"} else ()
    if entry.leaving and entry.ref is not None:
        return () if entry.key in drafts.replaced((entry, *standing)) else (_take_back(ledger, sink, entry, now),)
    if entry.place and (old := drafts.predecessor(entry, standing)) is not None:
        return _in_place(ledger, sink, old, _outgoing(ledger, entry, world, now), replace(entry, settled=now))
    if entry.place:  # what it was to replace is the user's, or gone: perhaps with these very words
        return (_displaced(entry, now),)
    if any(not item.leaving for item in standing):
        entry = replace(entry, leaving=entry.leaving or "displaced")
    if entry.leaving:
        return (_take_back(ledger, sink, entry, now),)
    return () if standing else (_write(ledger, sink, world, entry, now),)


def _in_place(ledger: Ledger, sink: Sink[Any], old: Entry, item: Reminder | Draft, entry: Entry) -> tuple[Entry, ...]:
    """Write ``item``, the words of ``entry``, over ``old``, unless that is done already; return both rows.

    If the user has edited or deleted it meanwhile, ``entry`` is not written. If that is not wanted any more, both go.
    """
    before, now = receipt_of(ledger, old), entry.settled or ZERO
    if entry.leaving:
        with suppress(Edited):
            sink.withdraw(before)
            return learn.taken_back(old, now), learn.taken_back(replace(entry, place=""), now)
    try:
        receipt = sink.change(before, item)
    except Edited:
        theirs = replace(old, state="edited", leaving="", settled=now)
        is_gone = sink.look([before])[0].state == "gone"
        return learn.taken_back(old, now) if is_gone else theirs, _displaced(entry, now)
    written = replace(entry, state="written", ref=receipt.ref, fingerprint=receipt.fingerprint)
    return learn.taken_back(old, now), _take_back(ledger, sink, written, now) if entry.leaving else written


def _displaced(entry: Entry, now: datetime) -> Entry:
    return replace(entry, state="withdrawn", place="", leaving="", problem="displaced", settled=now)


def _is_due(entry: Entry) -> bool:
    return entry.state == "waiting" or entry.leaving != "" or entry.is_amending


def _parked(entry: Entry, problem: str, now: datetime) -> Entry:
    """It will never be taken as it is: not written, or left as it stood before."""
    if entry.is_amending:
        return replace(entry, amended=None, problem=problem)
    return replace(entry, state="failed", problem=problem, settled=now)


def amend(ledger: Ledger, sink: ReminderSink, entry: Entry) -> Entry:
    """Return ``entry`` as it is once its amendment was carried out; left to the next look if it is gone.

    A time that the user moved it to stays in the row as it does in the calendar.
    """
    new = entry.amended
    if new is None or entry.start is None:
        return replace(entry, amended=None)
    start, end = (entry.start, entry.end) if entry.state == "moved" else (new.start, new.end)
    before = _reminder(ledger.alias(entry.key), entry, entry.start)
    after = replace(before, title=new.title, body=new.body, start=start, end=end or start)
    try:
        receipt = sink.amend(receipt_of(ledger, entry), before, after, seen=entry.state in {"edited", "noted"})
    except Edited:
        return replace(entry, amended=None)
    words: dict[str, Any] = {"title": new.title, "body": new.body, "start": start, "end": end}
    read = _is_read(entry, sink.look([receipt])[0])
    return replace(entry, **words, ref=receipt.ref, fingerprint=receipt.fingerprint if read else "", amended=None)


def _is_read(entry: Entry, fate: Fate) -> bool:
    """Tell whether the text that stands was read; what the user typed since the last look is read at the next one."""
    return not entry.found_body or fate.state != "untouched" or fate.body[:MOST_TEXT] in {entry.found_body, entry.body}


def _write(ledger: Ledger, sink: Sink[Any], world: World, entry: Entry, now: datetime) -> Entry:
    receipt = sink.find(ledger.alias(entry.outside)) or sink.create(_outgoing(ledger, entry, world, now))
    return replace(entry, state="written", ref=receipt.ref, fingerprint=receipt.fingerprint, settled=now)


def _take_back(ledger: Ledger, sink: Sink[Any], entry: Entry, now: datetime) -> Entry:
    # a row that was never settled may have been written all the same, just before a crash
    receipt = sink.find(ledger.alias(entry.outside)) if entry.ref is None else receipt_of(ledger, entry)
    if receipt is not None:
        try:
            sink.withdraw(receipt)
        except Edited:
            return replace(entry, state="edited", leaving="", settled=now)
    return learn.taken_back(entry, now)


def _outgoing(ledger: Ledger, entry: Entry, world: World, now: datetime) -> Reminder | Draft:
    key = ledger.alias(entry.outside)
    if entry.is_draft:
        return Draft(
            key=key,
            sender=Mailbox(address=entry.sender or world.settings.me.addresses[0], name=world.settings.me.name),
            to=Mailbox(address=entry.to or "", name=entry.to_name),
            second=None if entry.second is None else Mailbox(address=entry.second, name=entry.second_name),
            subject=entry.title,
            body=entry.body,
            html=entry.html,
            at=entry.decided or now,
            in_reply_to=entry.in_reply_to,
            references=(entry.thread,) if entry.thread is not None else (),
            thread=_thread(ledger, entry),
        )
    return _reminder(key, entry, entry.start or now)


def _reminder(key: str, entry: Entry, start: datetime) -> Reminder:
    return Reminder(key=key, title=entry.title, body=entry.body, start=start, end=entry.end or start, alarm=entry.alarm)


def _thread(ledger: Ledger, entry: Entry) -> str | None:
    """Return what the account that ``entry`` is written into calls the thread that it answers in, if it knows it."""
    if entry.in_reply_to is None:
        return None
    mails = ledger.related(entry.account, (entry.in_reply_to,), ()).messages.values()
    return next((mail.thread for mail in mails), None)


def _refused(account: str, error: ConnectorError) -> Trouble:
    return Trouble(account=account, code="rejected", text=str(error))
