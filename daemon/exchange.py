"""What do the accounts tell? Pages read, and what became of what we wrote.

Nothing here decides anything: a failing account is a trouble in the report, never the end of the tick.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.records import (
    BadData,
    ConnectorError,
    Fate,
    Gone,
    NeedsLogin,
    Pull,
    Rejected,
    Sink,
    Source,
    Unavailable,
)
from daemon import articles, drafts, forgotten, learn
from daemon.hand import Ear, answered, says_more
from daemon.ledger import Ledger, save_articles
from daemon.ledger import articles as stored_articles
from daemon.model import Decision, Entry, SourceState, Touchpoint
from daemon.world import Pulled, Trouble, World, receipt_of, trouble_of

ANSWERED_FOR_GOOD: frozenset[str] = frozenset({"debrief", "review"})
STRANGE = "the login is of another account than the one that was read: log in as before, or accept it"
ZERO = datetime.min.replace(tzinfo=UTC)

# -- pull --------------------------------------------------------------------------------------------------------------


def pull(world: World, before: Mapping[str, SourceState], now: datetime) -> tuple[Pulled, ...]:
    """Read one page of every source; one failing source is one trouble, not the end."""
    found = tuple(
        _pull_one(source, before.get(name) or SourceState(account=name, kind=world.kinds[name]), world, now)
        for name, source in world.sources.items()
    )
    world.reading("")
    return found


def _pull_one(source: Source, state: SourceState, world: World, now: datetime) -> Pulled:
    page = _read(source, state, world, now)
    if isinstance(page, Trouble):
        return _troubled(state, page, now)
    if page.foreign:
        return replace(_troubled(state, _suspicious(state.account, STRANGE), now), strange=True)
    if state.account not in world.accept and learn.suspicious(state.listed, page.listed):
        text = f"came back with {page.listed} items where there were {state.listed}: nothing of it is believed"
        return _troubled(state, _suspicious(state.account, text), now)
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
    if page.half_read:  # nothing is decided from half a past, whatever the other half says
        well = replace(well, caught_up=False, current=False)
    if page.troubles:  # a part of the account went on, and its place is kept; the account as a whole is not well
        ill = _troubled(state, trouble_of(state.account, page.troubles[0]), now)
        return Pulled(state=replace(ill.state, **_progress(well)), pull=page, trouble=ill.trouble)
    return Pulled(state=well, pull=page)


def _read(source: Source, state: SourceState, world: World, now: datetime) -> Pull | Trouble:
    account = state.account
    if until := world.left_alone.get(account):
        text = f"reading it ended this process twice: it is left alone until {until:%Y-%m-%d %H:%M} UTC"
        return Trouble(account=account, code="bad-data", text=text, remedy="kith once")
    world.reading(account)
    try:
        page = source.pull(state.cursor, now)
        return source.pull(None, now) if page.foreign and account in world.accept else page
    except (Unavailable, NeedsLogin, BadData) as error:
        return trouble_of(account, error)
    except OSError:
        raise  # of the state
    except Exception as error:  # noqa: BLE001 - a fault of ours, or no memory for what is there: the others go on
        text = f"reading it ended by an error of Kith's: {type(error).__name__} in {_place(error)}"
        return Trouble(account=account, code="bad-data", text=text)


def _place(error: BaseException) -> str:
    """Return file and line where ``error`` came up; never what it says, for that may hold anything."""
    found = error.__traceback__
    while found is not None and found.tb_next is not None:
        found = found.tb_next
    return "?" if found is None else f"{Path(found.tb_frame.f_code.co_filename).name}:{found.tb_lineno}"


def _progress(state: SourceState) -> dict[str, Any]:
    return {name: getattr(state, name) for name in ("cursor", "listed", "caught_up", "current", "notes", "skipped")}


def _troubled(state: SourceState, trouble: Trouble, now: datetime) -> Pulled:
    since = state.problem_since or now
    ill = replace(state, problem=trouble.code, detail=trouble.text, remedy=trouble.remedy, problem_since=since)
    return Pulled(state=ill, trouble=trouble)


def read_articles(ledger: Ledger, world: World, account: str, page: Pull, now: datetime) -> int:
    """Store the articles that came, and those the user saved by mail; return how many changed."""
    found = (*page.articles, *articles.of_mails(page.items, frozenset(world.settings.me.addresses)))
    if ledger.forgets:
        found = tuple(item for item in found if not forgotten.is_named_in(item, ledger.is_forgotten))
    if not (found or (page.gone and world.kinds.get(account) == "feed")):
        return 0
    change = articles.change(found, page.gone, account, stored_articles(ledger), now)
    save_articles(ledger, change.items, change.removed)
    return len(change.items) + len(change.removed)


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
        if account in world.strange:
            troubles.append(replace(_suspicious(account, STRANGE), part=part))
            continue
        try:
            if not outbox and account not in world.accept and (stood := sink.count()):
                troubles.append(replace(_of_another_state(account, stood), part=part))
                continue
            fates = sink.look([receipt_of(ledger, entry) for entry in entries])
        except Gone as error:
            if world.anew:
                seen |= {entry.key: _lost(entry, now) for entry in entries}
            else:
                troubles.append(replace(trouble_of(account, error), remedy="kith once --yes", part=part))
            continue
        except ConnectorError as error:
            trouble = _foreign(account, error) if type(error) is Rejected else trouble_of(account, error)
            troubles.append(replace(trouble, part=part))
            continue
        for entry, fate in _telling(outbox, entries, fates):
            after = learn.settle(entry, fate, facts.get(entry.person, ()), now)
            if ear is not None:
                heard.append(ear.hear(after, fate))
                after = heard[-1].entry
            seen[entry.key] = after
    late = (learn.reconsider(entry, facts.get(entry.person, ())) for entry in seen.values())
    said, unsaid = answered(heard)
    return Looked(entries=tuple(late), troubles=tuple(troubles), said=said, unsaid=unsaid)


def _telling(outbox: Sequence[Entry], entries: Sequence[Entry], fates: Sequence[Fate]) -> Iterator[tuple[Entry, Fate]]:
    """Yield each of ``entries`` with its fate, where that tells what the user did."""
    replaced = drafts.replaced(outbox)
    for entry, fate in zip(entries, fates, strict=True):
        if entry.is_amending:
            continue  # it may be amended already, and not settled: what differs need not be the user's
        # what stands there may be the words that were to replace it: delivering tells
        if entry.key in replaced and fate.state == "edited":
            continue
        yield entry, fate


def all_untouched(ledger: Ledger, world: World) -> bool:
    """Tell whether everything that stands is as it was read last, and nothing waits to be written or taken back."""
    entries = ledger.entries()
    if any(entry.state == "waiting" or entry.leaving or entry.is_amending for entry in entries):
        return False
    try:
        fates = [
            (entry, fate)
            for _, _, sink, standing in _standing(world, entries)
            for entry, fate in zip(standing, sink.look([receipt_of(ledger, item) for item in standing]), strict=True)
        ]
    except ConnectorError:
        return False
    return not any(says_more(entry, fate) for entry, fate in fates) and all(
        learn.settle(entry, fate, (), entry.settled or entry.decided or ZERO) == entry for entry, fate in fates
    )


def _standing(world: World, entries: Iterable[Entry]) -> Iterable[tuple[str, str, Sink[Any], list[Entry]]]:
    there = [entry for entry in entries if entry.ref is not None and _is_looked_at(entry)]
    drafts = [entry for entry in there if entry.is_draft and entry.account == world.settings.drafts]
    others = [entry for entry in there if not entry.is_draft and entry.account == world.settings.reminders]
    if world.drafts is not None:
        yield "drafts", world.settings.drafts or "", world.drafts, drafts
    if world.reminders is not None:
        yield "reminders", world.settings.reminders or "", world.reminders, others


def _is_looked_at(entry: Entry) -> bool:
    """Tell whether what became of ``entry`` is of interest: while it stands, an answered debrief or review for good."""
    return entry.state in {"written", "edited", "moved"} or (entry.kind in ANSWERED_FOR_GOOD and entry.state == "noted")


def _of_another_state(account: str, stood: int) -> Trouble:
    """A ledger that never wrote anything meets things that Kith wrote: the state was lost, or is not the right one."""
    text = f"holds {stood} things of Kith's that this state knows nothing of: bring back the state, or take them away"
    return _suspicious(account, text)


def _suspicious(account: str, text: str) -> Trouble:
    return Trouble(account=account, code="suspicious", text=text, remedy=f"kith once --accept {account}")


def _lost(entry: Entry, now: datetime) -> Entry:
    """It went with the whole calendar or folder: no answer of the user's, so its reason may come again."""
    return replace(entry, state="withdrawn", ref=None, leaving="", amended=None, problem="gone", settled=now)


def _foreign(account: str, error: ConnectorError) -> Trouble:
    """What stands where we would write is somebody else's: a matter of configuration."""
    return Trouble(account=account, code="foreign", text=str(error), remedy="name another file in the configuration")
