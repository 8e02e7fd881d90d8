"""One tick, a straight line: pull, detect, learn, decide, commit, deliver.

Everything learned and decided becomes durable in one commit before anything is written outside; what is written outside
is settled row by row under its own key. Killed anywhere, the next tick goes on: nothing is lost, nothing is done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from connectors.records import Item, Message, Pull, Skipped
from daemon import forgotten, learn
from daemon.delivery import deliver
from daemon.detect import accepted
from daemon.exchange import all_untouched, look, pull, read_articles
from daemon.hand import Ear
from daemon.ledger import DERIVED, Ledger
from daemon.model import Entry, Held, Plan, SourceState, State
from daemon.plan import decide, is_due, notices
from daemon.plan.pending import with_pending
from daemon.relate import opinions
from daemon.rewriting import reworded
from daemon.state import Memory
from daemon.told import TOLD, of_records, promises
from daemon.world import Pulled, Quiet, Report, Trouble, World

QUARTER = timedelta(minutes=15)
MUCH = 5_000
"""So many new facts are committed, let go and read again before anything is decided upon them: else they stand in
memory twice meanwhile, and that never becomes as small again."""
PAGES = 4
"""How many more pages a plan that is looked at may read."""
CURSOR_REST = timedelta(days=1)
"""A cursor that moved without new items is saved at most this often (RULINGS C24)."""


def tick(ledger: Ledger, world: World, now: datetime) -> Report:
    """Do one tick. Raises OSError if the state cannot be written; everything else is in the report."""
    with ledger.unit():
        report = prepare(ledger, world, now)
        if report.state is None and not _has_rows(report.plan):
            return report
        if report.confirmed:
            report = replace(report, plan=reworded(report.plan, world))
        commit(ledger, report.state, report.plan if report.confirmed else Plan(), now)
    delivered, refused = deliver(ledger, world, now, report.unseen, undoing=not report.confirmed)
    troubles = (*report.troubles, *refused)
    decided = report.state is not None and report.confirmed and not troubles and not _is_half_amended(report.state)
    quiet = _quiet(ledger, world, now) if decided else None
    return replace(report, delivered=delivered, troubles=troubles, quiet=quiet)


def rehearse(ledger: Ledger, world: World, now: datetime) -> Report:
    """Return what a tick would report and plan; nothing is stored or written.

    One page of each source is read (RULINGS C43); a few more where all had been read before and a source begins anew. A
    plan made of a half-read past is shown, though none would be carried out (PRACTICE 8).
    """
    with ledger.rehearsal():
        more = PAGES if all(source.caught_up for source in ledger.sources().values()) else 0
        report = prepare(ledger, world, now)
        while more and not report.caught_up:
            more, report = more - 1, prepare(ledger, replace(world, early=False), now)
        if report.state is None:
            report = _decided(ledger, world, now, report, shown=True)
        assert report.state is not None  # noqa: S101 - it was decided
    return replace(report, plan=with_pending(report.plan, report.state, report.unseen))


def prepare(ledger: Ledger, world: World, now: datetime) -> Report:
    """Do the first half of a tick, inside the caller's unit of work: pull, detect, learn, decide.

    While there are more pages to read nothing is derived and nobody is written about: ``state`` is None then, unless
    the newest two years are in and this is the time to decide (``World.early``). So it is, too, while whoever goes on
    has ``MUCH`` to commit first.
    """
    pulled = pull(world, ledger.sources(), now)
    world = replace(world, strange=frozenset(item.state.account for item in pulled if item.strange))
    report = Report(
        confirmed=is_confirmed(ledger, world),
        new=remember(ledger, world, pulled, now),
        troubles=tuple(item.trouble for item in pulled if item.trouble),
        skipped={item.state.account: item.pull.skipped for item in pulled if item.pull and item.pull.skipped},
        sources={item.state.account: item.state for item in pulled},
    )
    if any(item.pull and not item.pull.caught_up for item in pulled):
        current = all(item.state.current for item in pulled)
        if current and world.early:
            return replace(_decided(ledger, world, now, report), caught_up=False)
        return _meanwhile(ledger, world, now, report)
    known = None if report.new or report.troubles else world.quiet
    if known is not None and known.holds(world.key, ledger, now) and all_untouched(ledger, world):
        return replace(report, caught_up=True, quiet=known)
    return _decided(ledger, world, now, report, much=MUCH)


def _meanwhile(ledger: Ledger, world: World, now: datetime, report: Report) -> Report:
    """Add what Kith says of itself while it reads: that waits for no import (RULINGS C17)."""
    plan = _notices(world, ledger.entries(), now) if report.confirmed else Plan()
    if not _has_rows(plan):
        return report
    blind = look(ledger, world, ledger.entries(), {}, now).troubles
    return replace(
        report,
        plan=plan,
        troubles=(*report.troubles, *blind),
        unseen=frozenset(trouble.part for trouble in blind),
    )


def _has_rows(plan: Plan) -> bool:
    return bool(plan.write or plan.amend or plan.withdraw)


def _notices(world: World, entries: Sequence[Entry], now: datetime) -> Plan:
    return notices(entries, world.losses(), world.settings, now, world.templates)


def _decided(
    ledger: Ledger, world: World, now: datetime, report: Report, *, shown: bool = False, much: int | None = None
) -> Report:
    """Derive and decide; ``shown`` True: as if what was read were all there is.

    Whoever goes on only derives where more than ``much`` facts are new.
    """
    memory = Memory(ledger, world.settings, world.vocabulary, now, world.sources, knowledge=world.knowledge)
    new = memory.save()
    if much is not None and new > much:
        world.knowledge.let_go()
        return report
    state = memory.state()
    if shown:
        state = replace(state, sources={name: replace(item, current=True) for name, item in state.sources.items()})
    looked = look(ledger, world, state.entries, state.touchpoints, now, ear=ear(ledger, state, world.templates))
    told = promises(state, ledger.person_id)
    said, unsaid = (*looked.said, *told.made), (*looked.unsaid, *told.undone)
    if said or unsaid:
        ledger.save_decisions(said)
        ledger.erase("decisions", unsaid)
        memory = Memory(ledger, world.settings, world.vocabulary, now, world.sources, knowledge=world.knowledge)
        memory.save()
        state = replace(memory.state(), sources=state.sources)
    state, blind = replace(state, entries=looked.entries), looked.troubles
    return replace(
        report,
        state=state,
        caught_up=True,
        plan=_planned(memory, state, world, blind),
        troubles=(*report.troubles, *blind),
        unseen=frozenset(trouble.part for trouble in blind),
    )


def ear(ledger: Ledger, state: State, templates: Mapping[str, str]) -> Ear:
    """Return what reads the user's words on that day."""
    return Ear(
        settings=state.settings,
        vocabulary=state.vocabulary,
        templates=templates,
        people=state.people,
        touchpoints=state.touchpoints,
        events={event.key: event for event in state.calendar},
        decisions=state.decisions,
        new_id=ledger.person_id,
        now=state.now,
    )


def catch_up(ledger: Ledger, world: World, now: datetime, advance: Callable[[Report], None]) -> Report:
    """Tick until every source is read to its end; ``advance`` hears of each page. Return the last tick's report,
    with what all of them found and wrote."""
    new, skipped, delivered = 0, dict[str, tuple[Skipped, ...]](), tuple[Entry, ...]()
    early = world
    while True:
        report = tick(ledger, early, now)
        early = replace(world, early=False)
        new += report.new
        skipped |= report.skipped
        delivered += report.delivered
        advance(report)
        if report.caught_up:
            return replace(report, new=new, skipped=skipped, delivered=delivered)


def _is_half_amended(state: State) -> bool:
    """Tell whether an amendment was under way before: what was decided about its row waits for the next tick."""
    return any(item.is_amending for item in state.entries)


def _quiet(ledger: Ledger, world: World, now: datetime) -> Quiet:
    """Return until when nothing new can be decided: the quarter's end, or when an upcoming event is over."""
    ends = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) + QUARTER
    holds = (ledger.meta(DERIVED) or {}).get("until")
    until = ends if holds is None else min(ends, datetime.fromisoformat(holds))
    return Quiet(key=world.key, sequence=ledger.sequence, since=now, until=until)


def remember(ledger: Ledger, world: World, pulled: Sequence[Pulled], now: datetime) -> int:
    """Store what came, cursors beside it; return how many records changed."""
    changed = 0
    for item in pulled:
        changed += _remember_page(ledger, world, item.state.account, item.pull, now) if item.pull else 0
        if _worth_saving(ledger.sources().get(item.state.account), item, now):
            ledger.save_sources((item.state,))
    return changed


def _remember_page(ledger: Ledger, world: World, account: str, page: Pull, now: datetime) -> int:
    read = read_articles(ledger, world, account, page, now)
    if not (page.items or page.gone or page.complete):
        return read
    if page.known_only or page.hints_only:
        page = replace(page, items=_worth_keeping(ledger, world, account, page))
    if ledger.forgets:
        page = replace(page, items=tuple(forgotten.without_forgotten(item, ledger.is_forgotten) for item in page.items))
    source_ids = {*page.gone, *(item.source_id for item in page.complete if item.source_id is not None)}
    whole = any(item.source_id is None for item in page.complete)
    known = ledger.related(account, [item.key for item in page.items], None if whole else source_ids)
    change = learn.change(page, account, known, world.settings.me, now)
    ledger.save_records(change.items, change.removed)
    _listen(ledger, world, change)
    return read + len(change.items) + len(change.removed)


def _listen(ledger: Ledger, world: World, change: learn.Change) -> None:
    """Remember what the user tells in the records that came, and let go what is told no more."""
    told = {item.key: item for item in of_records(change.items, world.settings.me, world.vocabulary)}
    before = {item.key for item in ledger.decisions() if item.kind == "told"}
    removed = (key.partition("\t")[2] for key in change.removed)
    silent = {f"{TOLD}{key}" for key in (*(item.key for item in change.items), *removed)} - told.keys()
    ledger.save_decisions(told.values())
    ledger.erase("decisions", before & silent)


def _worth_keeping(ledger: Ledger, world: World, account: str, page: Pull) -> tuple[Item, ...]:
    """Return the items of ``page`` without received mail of strangers that is no hint either."""
    items = page.items
    if not any(isinstance(item, Message) and not item.sent for item in items):
        return items
    platforms = world.settings.hints.get(account, ())

    def is_hint(mail: Message) -> bool:
        return bool(accepted(mail, platforms, world.vocabulary))

    if page.hints_only:
        return learn.of_known(items, (), (), is_hint)
    people = {address for person in ledger.people() for address in person.addresses} | learn.written_to(items)
    sent = {mail.key for mail in ledger.related(account, learn.answered(items), ()).messages.values()}
    return learn.of_known(items, people, sent, is_hint)


def _worth_saving(stored: SourceState | None, item: Pulled, now: datetime) -> bool:
    page = item.pull
    if stored is None or (page and (page.worth_saving or page.items or page.articles or page.complete or page.gone)):
        return True
    if not item.state.caught_up and stored.cursor != item.state.cursor:
        return True  # a place on the way, where nothing stood: else the next pull would begin there again
    bare: dict[str, Any] = {"cursor": None, "last_success": None}
    if replace(stored, **bare) != replace(item.state, **bare):
        return True
    rested = stored.last_success is None or now - stored.last_success >= CURSOR_REST
    return rested and stored.cursor != item.state.cursor


def _planned(memory: Memory, state: State, world: World, blind: Sequence[Trouble]) -> Plan:
    """Return the plan; while an account we write to cannot be seen, nobody is written about (open eyes)."""
    own = _notices(world, state.entries, state.now)
    if blind:
        held = tuple(Held(person=person, kind="reconnect", why="blind") for person in sorted(state.people))
        return replace(own, held=held)
    about = opinions(state, world.knowledge.summaries)
    work = partial(decide, state, about, world.templates, memory.past, world.html)
    plan = memory.apart(work) if is_due(state) else work()
    return replace(
        plan,
        write=(*own.write, *plan.write),
        amend=(*own.amend, *plan.amend),
        withdraw=(*own.withdraw, *plan.withdraw),
    )


def is_confirmed(ledger: Ledger, world: World) -> bool:
    """Tell whether the user has said yes to writing into just these accounts (RULINGS C36)."""
    if world.write_confirmed is not None:
        return world.write_confirmed
    return any(item.kind == "confirm" and item.value == world.write_hash for item in ledger.decisions())


def writing(world: World, *, confirmed: bool) -> str:
    """Return whether writing is ``on``, ``unconfirmed``, ``forbidden`` by the configuration, or ``off``: nowhere."""
    if world.reminders is None and world.drafts is None:
        return "off"
    if confirmed:
        return "on"
    return "forbidden" if world.write_confirmed is False else "unconfirmed"


def commit(ledger: Ledger, state: State | None, plan: Plan, now: datetime) -> None:
    """Put into the unit of work what the user did, what was decided, and the rows to deliver.

    What is being amended already is amended anew only after that was settled.
    """
    leaving = {item.key: item.why for item in plan.withdraw}
    known = ledger.entries() if state is None else state.entries
    amended = {item.key: item for item in plan.amend}
    rows = (item if item.is_amending else amended.get(item.key, item) for item in known)
    entries = (replace(item, leaving=leaving[item.key]) if item.key in leaving else item for item in rows)
    stored = {item.key: item for item in ledger.entries()}
    changed = [item for item in entries if item != stored.get(item.key)]
    ledger.save_entries((*changed, *(replace(item, decided=item.decided or now) for item in plan.write)))
    ledger.save_decisions(plan.decisions)
