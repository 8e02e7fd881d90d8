"""What is exchanged with the accounts? Pages read, what became of what we wrote, and the outbox carried out.

Nothing here decides anything: a failing account is a trouble in the report, never the end of the tick.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
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
    Sink,
    Source,
    Unavailable,
)
from daemon import learn
from daemon.ledger import Ledger
from daemon.model import UNDONE, Entry, SourceState, State
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


def look(ledger: Ledger, world: World, state: State, now: datetime) -> tuple[tuple[Entry, ...], tuple[Trouble, ...]]:
    """Return the outbox as the user left it, and the accounts that could not be looked at."""
    seen: dict[str, Entry] = {item.key: item for item in state.entries}
    troubles = []
    for account, sink, entries in _standing(world, state.entries):
        try:
            if not state.entries and account not in world.accept and (stood := sink.count()):
                troubles.append(_of_another_state(account, stood))
                continue
            fates = sink.look([_receipt(ledger, entry) for entry in entries])
        except Gone as error:
            if world.anew:
                seen |= {entry.key: _lost(entry, now) for entry in entries}
            else:
                troubles.append(replace(_trouble(account, error), remedy="kith once --yes"))
            continue
        except ConnectorError as error:
            troubles.append(_foreign(account, error) if type(error) is Rejected else _trouble(account, error))
            continue
        for entry, fate in zip(entries, fates, strict=True):
            seen[entry.key] = _settled(entry, fate, state, now)
    late = (learn.reconsider(entry, state.touchpoints.get(entry.person, ())) for entry in seen.values())
    return tuple(late), tuple(troubles)


def all_untouched(ledger: Ledger, world: World) -> bool:
    """Tell whether everything that stands is as we wrote it, and nothing waits to be written or taken back."""
    entries = ledger.entries()
    if any(entry.state == "waiting" or entry.leaving for entry in entries):
        return False
    try:
        fates = [
            (entry, fate)
            for _, sink, standing in _standing(world, entries)
            for entry, fate in zip(standing, sink.look([_receipt(ledger, item) for item in standing]), strict=True)
        ]
    except ConnectorError:
        return False
    return all(learn.settle(entry, fate, (), entry.settled or entry.decided or ZERO) == entry for entry, fate in fates)


def _standing(world: World, entries: Iterable[Entry]) -> Iterable[tuple[str, Sink[Any], list[Entry]]]:
    there = [entry for entry in entries if entry.ref is not None and entry.state in {"written", "edited", "moved"}]
    drafts = [entry for entry in there if entry.kind == "draft" and entry.account == world.settings.drafts]
    others = [entry for entry in there if entry.kind != "draft" and entry.account == world.settings.reminders]
    if world.drafts is not None:
        yield world.settings.drafts or "", world.drafts, drafts
    if world.reminders is not None:
        yield world.settings.reminders or "", world.reminders, others


def _of_another_state(account: str, stood: int) -> Trouble:
    """A ledger that never wrote anything meets things that Kith wrote: the state was lost, or is not the right one."""
    text = f"holds {stood} things of Kith's that this state knows nothing of: bring back the state, or take them away"
    return Trouble(account=account, code="suspicious", text=text, remedy=f"kith once --accept {account}")


def _lost(entry: Entry, now: datetime) -> Entry:
    """It went with the whole calendar or folder: no answer of the user's, so its reason may come again."""
    return replace(entry, state="withdrawn", ref=None, leaving="", problem="gone", settled=now)


def _settled(entry: Entry, fate: Fate, state: State, now: datetime) -> Entry:
    return learn.settle(entry, fate, state.touchpoints.get(entry.person, ()), now)


def _receipt(ledger: Ledger, entry: Entry) -> Receipt:
    return Receipt(key=ledger.alias(entry.key), ref=entry.ref or "", fingerprint=entry.fingerprint or "")


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

    Nothing is written into ``unseen`` accounts: those that could not be looked at just before. ``undoing``: only what
    the user has undone is taken back.
    """
    done, troubles = [], []
    for entry in sorted(ledger.entries(), key=lambda item: (item.kind == "draft", item.start or now, item.key)):
        sink, account = (
            (world.drafts, world.settings.drafts)
            if entry.kind == "draft"
            else (world.reminders, world.settings.reminders)
        )
        due = entry.leaving == UNDONE if undoing else entry.state == "waiting" or entry.leaving
        if sink is None or entry.account != account or not due or account in unseen:
            continue
        try:
            after = _take_back(ledger, sink, entry, now) if entry.leaving else _write(ledger, sink, world, entry, now)
        except (Unavailable, NeedsLogin, BadData) as error:
            troubles.append(_trouble(account or "", error))
            continue
        except Rejected as error:
            after = replace(entry, state="failed", problem=str(error), settled=now)
            troubles.append(_refused(account or "", error))
        with ledger.unit():
            ledger.save_entries((after,))
        done.append(after)
    return tuple(done), tuple(troubles)


def _write(ledger: Ledger, sink: Sink[Any], world: World, entry: Entry, now: datetime) -> Entry:
    key = ledger.alias(entry.key)
    receipt = sink.find(key) or sink.create(_outgoing(key, entry, world, now))
    return replace(entry, state="written", ref=receipt.ref, fingerprint=receipt.fingerprint, settled=now)


def _take_back(ledger: Ledger, sink: Sink[Any], entry: Entry, now: datetime) -> Entry:
    # a row that was never settled may have been written all the same, just before a crash
    receipt = sink.find(ledger.alias(entry.key)) if entry.ref is None else _receipt(ledger, entry)
    if receipt is not None:
        try:
            sink.withdraw(receipt)
        except Edited:
            return replace(entry, state="edited", leaving="", settled=now)
    return learn.taken_back(entry, now)


def _outgoing(key: str, entry: Entry, world: World, now: datetime) -> Reminder | Draft:
    if entry.kind == "draft":
        return Draft(
            key=key,
            sender=Mailbox(address=entry.sender or world.settings.me.addresses[0], name=world.settings.me.name),
            to=Mailbox(address=entry.to or "", name=entry.to_name),
            subject=entry.title,
            body=entry.body,
            at=entry.decided or now,
        )
    start = entry.start or now
    return Reminder(key=key, title=entry.title, body=entry.body, start=start, end=entry.end or start, alarm=entry.alarm)
