"""One tick, a straight line: pull, detect, learn, decide, commit, deliver.

Everything learned and decided becomes durable in one commit before anything is written outside; what is written outside
is settled row by row under its own key. Killed anywhere, the next tick goes on: nothing is lost, nothing is done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
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
    Pull,
    Receipt,
    Rejected,
    Reminder,
    Sink,
    Skipped,
    Source,
    Unavailable,
)
from daemon import learn
from daemon.ledger import DERIVED, Ledger
from daemon.model import Entry, Held, Plan, Settings, SourceState, State, Vocabulary
from daemon.plan import decide
from daemon.relate import opinions
from daemon.state import Memory

QUARTER = timedelta(minutes=15)
ZERO = datetime.min.replace(tzinfo=UTC)
CURSOR_REST = timedelta(days=1)
"""A cursor that moved without new items is saved at most this often (RULINGS C24)."""


@dataclass(frozen=True, kw_only=True)
class Quiet:
    """What a tick left behind when it had decided: with the ledger at ``sequence`` and under the configuration ``key``,
    nothing new is to be decided from ``since`` to ``until`` (the end of that quarter of an hour)."""

    key: str
    sequence: int
    since: datetime
    until: datetime

    def holds(self, key: str, ledger: Ledger, now: datetime) -> bool:
        """Tell whether deciding again would only repeat what was decided."""
        return (self.key, self.sequence) == (key, ledger.sequence) and self.since <= now < self.until


@dataclass(frozen=True, kw_only=True)
class World:
    """All that a tick touches: the settings, the words, the accounts by name."""

    settings: Settings
    vocabulary: Vocabulary
    templates: Mapping[str, str]
    sources: Mapping[str, Source]
    kinds: Mapping[str, str]
    reminders: Sink[Reminder] | None = None
    drafts: Sink[Draft] | None = None
    write_hash: str = ""
    write_confirmed: bool | None = None
    accept: frozenset[str] = frozenset()
    """Accounts whose shrunken listing the user has accepted."""
    key: str = ""
    """Hash of the configuration and the user's templates."""
    quiet: Quiet | None = None
    """What the last tick left behind, if it is known."""
    anew: bool = False
    """The user has just said yes to writing: what is gone as a whole may be begun anew."""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Something that went wrong: ``code`` foreign, needs-login, bad-data, suspicious, unavailable or rejected."""

    account: str
    code: str
    text: str
    remedy: str = ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a tick did, for the one line it logs and for the user.

    ``caught_up`` False: there is more to read, nothing was decided. ``state`` is what it decided on; None when nothing
    was, because more is to be read or nothing has happened since the last tick.
    """

    state: State | None = None
    new: int = 0
    caught_up: bool = False
    plan: Plan = field(default_factory=Plan)
    confirmed: bool = True
    delivered: tuple[Entry, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    skipped: Mapping[str, tuple[Skipped, ...]] = field(default_factory=dict)
    sources: Mapping[str, SourceState] = field(default_factory=dict)
    quiet: Quiet | None = None


@dataclass(frozen=True, kw_only=True)
class Pulled:
    """One source after its page: what came, and how the source stands."""

    state: SourceState
    pull: Pull | None = None
    trouble: Trouble | None = None


def tick(ledger: Ledger, world: World, now: datetime) -> Report:
    """Do one tick. Raises OSError if the state cannot be written; everything else is in the report."""
    with ledger.unit():
        report = prepare(ledger, world, now)
        if report.state is None:
            return report
        commit(ledger, report.state, report.plan if report.confirmed else Plan(), now)
    delivered, refused = deliver(ledger, world, now) if report.confirmed else ((), ())
    troubles = (*report.troubles, *refused)
    quiet = None if troubles or not report.confirmed else _quiet(ledger, world, now)
    return replace(report, delivered=delivered, troubles=troubles, quiet=quiet)


def rehearse(ledger: Ledger, world: World, now: datetime) -> Report:
    """Return what a tick would report and plan, having read one page of each source; nothing is stored or written."""
    with ledger.rehearsal():
        report = prepare(ledger, world, now)
        if report.state is None:
            report = _decided(ledger, world, now, report)
    return report


def prepare(ledger: Ledger, world: World, now: datetime) -> Report:
    """Do the first half of a tick, inside the caller's unit of work: pull, detect, learn, decide.

    While there are more pages to read nothing is derived and nobody is written about: ``state`` is None then.
    """
    pulled = pull(world, ledger.sources(), now)
    report = Report(
        new=remember(ledger, world, pulled, now),
        troubles=tuple(item.trouble for item in pulled if item.trouble),
        skipped={item.state.account: item.pull.skipped for item in pulled if item.pull and item.pull.skipped},
        sources={item.state.account: item.state for item in pulled},
    )
    if any(item.pull and not item.pull.caught_up for item in pulled):
        return report
    known = None if report.troubles else world.quiet
    if known is not None and known.holds(world.key, ledger, now) and _all_untouched(ledger, world):
        return replace(report, caught_up=True, quiet=known)
    return _decided(ledger, world, now, report)


def _all_untouched(ledger: Ledger, world: World) -> bool:
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


def _quiet(ledger: Ledger, world: World, now: datetime) -> Quiet:
    """Return until when nothing new can be decided: the quarter's end, or when an upcoming event is over."""
    ends = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) + QUARTER
    holds = (ledger.meta(DERIVED) or {}).get("until")
    until = ends if holds is None else min(ends, datetime.fromisoformat(holds))
    return Quiet(key=world.key, sequence=ledger.sequence, since=now, until=until)


def _decided(ledger: Ledger, world: World, now: datetime, report: Report) -> Report:
    memory = Memory(ledger, world.settings, world.vocabulary, now, world.sources)
    memory.save()
    state = memory.state()
    seen, blind = look(ledger, world, state, now)
    state = replace(state, entries=seen)
    return replace(
        report,
        state=state,
        caught_up=True,
        plan=decided(state, world, blind),
        confirmed=is_confirmed(ledger, world),
        troubles=(*report.troubles, *blind),
    )


def catch_up(ledger: Ledger, world: World, now: datetime, advance: Callable[[Report], None]) -> Report:
    """Tick until every source is read to its end; ``advance`` hears of each page. Return the last tick's report,
    with what all of them found."""
    new, skipped = 0, dict[str, tuple[Skipped, ...]]()
    while True:
        report = tick(ledger, world, now)
        new += report.new
        skipped |= report.skipped
        advance(report)
        if report.caught_up:
            return replace(report, new=new, skipped=skipped)


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
        last_success=now,
        problem="",
        detail="",
        remedy="",
        problem_since=None,
        notes=page.notes or state.notes,
        skipped=len(page.skipped) if page.items or page.skipped else state.skipped,
    )
    return Pulled(state=well, pull=page)


def _trouble(account: str, error: ConnectorError) -> Trouble:
    codes = {Unavailable: "unavailable", Gone: "unavailable", NeedsLogin: "needs-login", BadData: "bad-data"}
    remedy = error.remedy if isinstance(error, NeedsLogin) else ""
    return Trouble(account=account, code=codes[type(error)], text=str(error), remedy=remedy)


def _troubled(state: SourceState, trouble: Trouble, now: datetime) -> Pulled:
    since = state.problem_since or now
    ill = replace(state, problem=trouble.code, detail=trouble.text, remedy=trouble.remedy, problem_since=since)
    return Pulled(state=ill, trouble=trouble)


# -- learn -------------------------------------------------------------------------------------------------------------


def remember(ledger: Ledger, world: World, pulled: Sequence[Pulled], now: datetime) -> int:
    """Store what came, cursors beside it; return how many records changed."""
    changed = 0
    for item in pulled:
        changed += _remember_page(ledger, world, item.state.account, item.pull, now) if item.pull else 0
        if _worth_saving(ledger.sources().get(item.state.account), item, now):
            ledger.save_sources((item.state,))
    return changed


def _remember_page(ledger: Ledger, world: World, account: str, page: Pull, now: datetime) -> int:
    if not (page.items or page.gone or page.complete):
        return 0
    if ledger.forgets:
        page = replace(page, items=tuple(learn.without_forgotten(item, ledger.is_forgotten) for item in page.items))
    source_ids = {*page.gone, *(item.source_id for item in page.complete if item.source_id is not None)}
    whole = any(item.source_id is None for item in page.complete)
    known = ledger.related(account, [item.key for item in page.items], None if whole else source_ids)
    change = learn.change(page, account, known, world.settings.me, now)
    ledger.save_records(change.items, change.removed)
    return len(change.items) + len(change.removed)


def _worth_saving(stored: SourceState | None, item: Pulled, now: datetime) -> bool:
    if stored is None or (item.pull and (item.pull.items or item.pull.complete or item.pull.gone)):
        return True
    bare: dict[str, Any] = {"cursor": None, "last_success": None}
    if replace(stored, **bare) != replace(item.state, **bare):
        return True
    rested = stored.last_success is None or now - stored.last_success >= CURSOR_REST
    return rested and stored.cursor != item.state.cursor


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


# -- decide and commit -------------------------------------------------------------------------------------------------


def decided(state: State, world: World, blind: Sequence[Trouble]) -> Plan:
    """Return the plan; while an account we write to cannot be seen, nobody is written about (open eyes)."""
    if blind:
        return Plan(held=tuple(Held(person=person, kind="reconnect", why="blind") for person in sorted(state.people)))
    return decide(state, opinions(state), world.templates)


def is_confirmed(ledger: Ledger, world: World) -> bool:
    """Tell whether the user has said yes to writing into just these accounts (RULINGS C36)."""
    if world.write_confirmed is not None:
        return world.write_confirmed
    return any(item.kind == "confirm" and item.value == world.write_hash for item in ledger.decisions())


def commit(ledger: Ledger, state: State, plan: Plan, now: datetime) -> None:
    """Put into the unit of work what the user did, what was decided, and the rows to deliver."""
    leaving = {item.key: item.why for item in plan.withdraw}
    entries = [replace(item, leaving=leaving.get(item.key, item.leaving)) for item in state.entries]
    ledger.save_entries((*entries, *(replace(item, decided=item.decided or now) for item in plan.write)))
    ledger.save_decisions(plan.decisions)


# -- deliver -----------------------------------------------------------------------------------------------------------


def deliver(ledger: Ledger, world: World, now: datetime) -> tuple[tuple[Entry, ...], tuple[Trouble, ...]]:
    """Carry out the outbox row by row, each under its own key and settled at once; return those, and troubles."""
    done, troubles = [], []
    for entry in sorted(ledger.entries(), key=lambda item: (item.kind == "draft", item.start or now, item.key)):
        sink, account = (
            (world.drafts, world.settings.drafts)
            if entry.kind == "draft"
            else (world.reminders, world.settings.reminders)
        )
        if sink is None or entry.account != account or not (entry.state == "waiting" or entry.leaving):
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
    there = entry.ref is not None and entry.leaving in {"passed", "overtaken"}
    state: Any = entry.leaving if there else "withdrawn"
    return replace(entry, state=state, problem=entry.leaving, leaving="", settled=now)


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
