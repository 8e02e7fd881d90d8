"""What is exchanged with the accounts? Pages read, what became of what we wrote, and the outbox carried out.

Nothing here decides anything: a failing account is a trouble in the report, never the end of the tick.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from connectors.records import (
    BadData,
    ConnectorError,
    Draft,
    Edited,
    Fate,
    Gone,
    Mailbox,
    NeedsLogin,
    Receipt,
    Rejected,
    Reminder,
    ReminderSink,
    Sink,
    Source,
    Unavailable,
)
from daemon import drafts, learn
from daemon.hand import MOST_TEXT, Ear, answered
from daemon.ledger import Ledger
from daemon.model import UNDONE, Decision, Entry, SourceState, Touchpoint
from daemon.world import Pulled, Trouble, World

ZERO = datetime.min.replace(tzinfo=UTC)

# -- pull --------------------------------------------------------------------------------------------------------------


def pull(world: World, before: Mapping[str, SourceState], now: datetime) -> tuple[Pulled, ...]:
    """Read one page of every source; one failing source is one trouble, not the end."""
    return tuple(
        _pull_one(source, before.get(name) or SourceState(account=name, kind=world.kinds[name]), world, now)
        for name, source in world.sources.items()
    )


def _pull_one(source: Source, state: SourceState, world: World, now: datetime) -> Pulled:
    try:
        page = source.pull(state.cursor, now)
    except (Unavailable, NeedsLogin, BadData) as error:
        return _troubled(state, _trouble(state.account, error), now)
    if state.account not in world.accept and learn.suspicious(state.listed, page.listed):
        text = f"came back with {page.listed} items where there were {state.listed}: nothing of it is believed"
        remedy = f"kith once --accept {state.account}"
        return _troubled(state, Trouble(account=state.account, code="suspicious", text=text, remedy=remedy), now)
    well = replace(
        state,
        cursor=dict(page.cursor),
        listed=page.listed,
        caught_up=page.caught_up,
        current=page.current or page.caught_up,
        last_success=now,
        problem="",
        detail="",
        remedy="",
        problem_since=None,
        notes=page.notes or state.notes,
        skipped=len(page.skipped) if page.items or page.skipped else state.skipped,
    )
    if page.troubles:  # a part of the account went on, and its place is kept; the account as a whole is not well
        ill = _troubled(state, _trouble(state.account, page.troubles[0]), now)
        return Pulled(state=replace(ill.state, **_progress(well)), pull=page, trouble=ill.trouble)
    return Pulled(state=well, pull=page)


def _progress(state: SourceState) -> dict[str, Any]:
    return {name: getattr(state, name) for name in ("cursor", "listed", "caught_up", "current", "notes", "skipped")}


def _trouble(account: str, error: ConnectorError) -> Trouble:
    code = "unavailable"
    if isinstance(error, NeedsLogin | BadData):
        code = "needs-login" if isinstance(error, NeedsLogin) else "bad-data"
    remedy = error.remedy if isinstance(error, NeedsLogin) else ""
    return Trouble(account=account, code=code, text=str(error), remedy=remedy)


def _troubled(state: SourceState, trouble: Trouble, now: datetime) -> Pulled:
    since = state.problem_since or now
    ill = replace(state, problem=trouble.code, detail=trouble.text, remedy=trouble.remedy, problem_since=since)
    return Pulled(state=ill, trouble=trouble)


# -- what the user did with what we wrote ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The outbox as the user left it, what was answered in it, and what could not be looked at."""

    entries: tuple[Entry, ...]
    troubles: tuple[Trouble, ...] = ()
    said: tuple[Decision, ...] = ()
    unsaid: tuple[str, ...] = ()
    """Keys of decisions that rest on words which the user has taken back."""


def look(
    ledger: Ledger,
    world: World,
    outbox: Sequence[Entry],
    facts: Mapping[str, Sequence[Touchpoint]],
    now: datetime,
    *,
    ear: Ear | None = None,
) -> Looked:
    """Return the outbox as the user left it; ``facts`` by person. Without an ``ear`` no words are read."""
    seen: dict[str, Entry] = {item.key: item for item in outbox}
    troubles, heard = [], []
    for part, account, sink, entries in _standing(world, outbox):
        try:
            if not outbox and account not in world.accept and (stood := sink.count()):
                troubles.append(replace(_of_another_state(account, stood), part=part))
                continue
            fates = sink.look([_receipt(ledger, entry) for entry in entries])
        except Gone as error:
            if world.anew:
                seen |= {entry.key: _lost(entry, now) for entry in entries}
            else:
                troubles.append(replace(_trouble(account, error), remedy="kith once --yes", part=part))
            continue
        except ConnectorError as error:
            trouble = _foreign(account, error) if type(error) is Rejected else _trouble(account, error)
            troubles.append(replace(trouble, part=part))
            continue
        replaced = drafts.replaced(outbox)
        for entry, fate in zip(entries, fates, strict=True):
            if is_amending(entry):
                continue  # it may be amended already, and not settled: what differs need not be the user's
            # what stands there may be the words that were to replace it: delivering tells
            if entry.key in replaced and fate.state == "edited":
                continue
            after = learn.settle(entry, fate, facts.get(entry.person, ()), now)
            if ear is not None:
                heard.append(ear.hear(after, fate))
                after = heard[-1].entry
            seen[entry.key] = after
    late = (learn.reconsider(entry, facts.get(entry.person, ())) for entry in seen.values())
    said, unsaid = answered(heard)
    return Looked(entries=tuple(late), troubles=tuple(troubles), said=said, unsaid=unsaid)


def all_untouched(ledger: Ledger, world: World) -> bool:
    """Tell whether everything that stands is as we wrote it, and nothing waits to be written or taken back."""
    entries = ledger.entries()
    if any(entry.state == "waiting" or entry.leaving or is_amending(entry) for entry in entries):
        return False
    try:
        fates = [
            (entry, fate)
            for _, _, sink, standing in _standing(world, entries)
            for entry, fate in zip(standing, sink.look([_receipt(ledger, item) for item in standing]), strict=True)
        ]
    except ConnectorError:
        return False
    return all(learn.settle(entry, fate, (), entry.settled or entry.decided or ZERO) == entry for entry, fate in fates)


def _standing(world: World, entries: Iterable[Entry]) -> Iterable[tuple[str, str, Sink[Any], list[Entry]]]:
    there = [entry for entry in entries if entry.ref is not None and _is_looked_at(entry)]
    drafts = [entry for entry in there if entry.kind == "draft" and entry.account == world.settings.drafts]
    others = [entry for entry in there if entry.kind != "draft" and entry.account == world.settings.reminders]
    if world.drafts is not None:
        yield "drafts", world.settings.drafts or "", world.drafts, drafts
    if world.reminders is not None:
        yield "reminders", world.settings.reminders or "", world.reminders, others


def _is_looked_at(entry: Entry) -> bool:
    """Tell whether what became of ``entry`` is of interest: while it stands, an answered debrief for good."""
    return entry.state in {"written", "edited", "moved"} or (entry.kind == "debrief" and entry.state == "noted")


def _of_another_state(account: str, stood: int) -> Trouble:
    """A ledger that never wrote anything meets things that Kith wrote: the state was lost, or is not the right one."""
    text = f"holds {stood} things of Kith's that this state knows nothing of: bring back the state, or take them away"
    return Trouble(account=account, code="suspicious", text=text, remedy=f"kith once --accept {account}")


def _lost(entry: Entry, now: datetime) -> Entry:
    """It went with the whole calendar or folder: no answer of the user's, so its reason may come again."""
    return replace(entry, state="withdrawn", ref=None, leaving="", amended=None, problem="gone", settled=now)


def _receipt(ledger: Ledger, entry: Entry) -> Receipt:
    return Receipt(key=ledger.alias(entry.outside), ref=entry.ref or "", fingerprint=entry.fingerprint or "")


def _foreign(account: str, error: ConnectorError) -> Trouble:
    """What stands where we would write is somebody else's: a matter of configuration."""
    return Trouble(account=account, code="foreign", text=str(error), remedy="name another file in the configuration")


def _refused(account: str, error: ConnectorError) -> Trouble:
    return Trouble(account=account, code="rejected", text=str(error))


# -- deliver -----------------------------------------------------------------------------------------------------------


def deliver(
    ledger: Ledger, world: World, now: datetime, unseen: Container[str] = (), *, undoing: bool = False
) -> tuple[tuple[Entry, ...], tuple[Trouble, ...]]:
    """Carry out the outbox row by row, each under its own key and settled at once; return those, and troubles.

    Nothing is written of the ``unseen`` parts (reminders, drafts): those that could not be looked at just before.
    ``undoing``: only what the user has undone is taken back.
    """
    done: list[Entry] = []
    troubles = []
    for entry in sorted(ledger.entries(), key=lambda item: _turn(item, now)):
        part, sink, account = (
            ("drafts", world.drafts, world.settings.drafts)
            if entry.kind == "draft"
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
            return tuple(done.values()), _trouble(entry.account, error)
        except Rejected as error:
            rows, trouble = (_parked(entry, str(error), now),), _refused(entry.account, error)
        if not rows:
            break
        with ledger.unit():
            ledger.save_entries(rows)
        done |= {row.key: row for row in rows}
        entry = done.get(entry.key, entry)
    return tuple(done.values()), trouble


def _turn(entry: Entry, now: datetime) -> tuple[Any, ...]:
    """Reminders before the drafts they speak of; a draft is taken out before another one is put in."""
    is_draft = entry.kind == "draft"
    return is_draft, is_draft and not entry.leaving, entry.start or now, entry.key


def _carried_out(ledger: Ledger, sink: Any, world: World, entry: Entry, now: datetime) -> tuple[Entry, ...]:
    """Do the first thing that is due of ``entry`` and return the rows that come of it.

    What is amended first can be taken back after it. Nothing comes of it while another draft of that person is in the
    way.
    """
    if is_amending(entry):
        return (amend(ledger, sink, entry),)
    standing = drafts.beside(entry, ledger.entries()) if entry.kind == "draft" else ()
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
    before, now = _receipt(ledger, old), entry.settled or ZERO
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


def is_amending(entry: Entry) -> bool:
    """Tell whether ``entry`` stands and is to be amended, or was amended and not settled."""
    return entry.amended is not None and entry.ref is not None and entry.kind != "draft"


def _is_due(entry: Entry) -> bool:
    return entry.state == "waiting" or entry.leaving != "" or is_amending(entry)


def _parked(entry: Entry, problem: str, now: datetime) -> Entry:
    """It will never be taken as it is: not written, or left as it stood before."""
    if is_amending(entry):
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
        receipt = sink.amend(_receipt(ledger, entry), before, after, seen=entry.state in {"edited", "noted"})
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
    receipt = sink.find(ledger.alias(entry.outside)) if entry.ref is None else _receipt(ledger, entry)
    if receipt is not None:
        try:
            sink.withdraw(receipt)
        except Edited:
            return replace(entry, state="edited", leaving="", settled=now)
    return learn.taken_back(entry, now)


def _outgoing(ledger: Ledger, entry: Entry, world: World, now: datetime) -> Reminder | Draft:
    key = ledger.alias(entry.outside)
    if entry.kind == "draft":
        return Draft(
            key=key,
            sender=Mailbox(address=entry.sender or world.settings.me.addresses[0], name=world.settings.me.name),
            to=Mailbox(address=entry.to or "", name=entry.to_name),
            subject=entry.title,
            body=entry.body,
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
