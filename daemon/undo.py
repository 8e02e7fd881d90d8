"""How is what Kith wrote taken back when the user says so? What is ours and untouched goes, the rest is told.

One commit says what is to go before anything is touched outside; then each is taken back and settled by itself. Killed
anywhere, or with an account out of reach, the rest stays marked: the next tick goes on with it, confirmed or not.

It is no refusal: the matter rests as if it were dismissed, but no interval grows (RULINGS C28, C29).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from daemon.delivery import deliver
from daemon.exchange import look
from daemon.ledger import Ledger
from daemon.model import OPEN_STATES, UNDONE, Entry, State
from daemon.plan.overtaken import can_leave
from daemon.plan.pending import is_chosen
from daemon.world import Trouble, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What came of it, row by row: ``taken`` back; ``edited``, so the user's; ``waiting`` to be taken back by the next
    tick; ``stuck``: in an account that is not configured for it any more, or that refused."""

    taken: tuple[Entry, ...]
    edited: tuple[Entry, ...]
    waiting: tuple[Entry, ...]
    stuck: tuple[Entry, ...]
    troubles: tuple[Trouble, ...]


def undo(
    ledger: Ledger,
    worlds: Sequence[World],
    state: State,
    is_meant: Callable[[Entry], bool],
    *,
    unconfirm: bool = False,
) -> Undone:
    """Take back what ``is_meant`` says in ``worlds``, one for each place that is written into; ``unconfirm``: the yes
    to writing, too.

    Raises OSError if the state cannot be written; what went wrong with an account is in the result.
    """
    now, troubles, reached = state.now, list[Trouble](), list[World]()
    for world in worlds:
        looked = look(ledger, world, state.entries, state.touchpoints, now)
        state = replace(state, entries=looked.entries)
        troubles += looked.troubles
        reached += () if looked.troubles else (world,)
    meant = {entry.key for entry in state.entries if entry.leaving == UNDONE or _stands(entry, is_meant)}
    with ledger.unit():
        ledger.save_entries(_marked(entry, meant, worlds) for entry in state.entries)
        if unconfirm:
            take_back_the_yes(ledger, now)
    for world in reached:
        _, refused = deliver(ledger, world, now, undoing=True)
        troubles += refused
    return _sorted(sorted((entry for entry in ledger.entries() if entry.key in meant), key=_turn), troubles)


def take_back_the_yes(ledger: Ledger, now: datetime) -> None:
    """Put into the unit of work that the user has not said yes to writing anywhere."""
    said = (item for item in ledger.decisions() if item.kind == "confirm")
    ledger.save_decisions([replace(item, at=now, value="", reason="undo --all") for item in said])


def _stands(entry: Entry, is_meant: Callable[[Entry], bool]) -> bool:
    return (entry.state in OPEN_STATES or bool(entry.leaving)) and is_meant(entry)


def _marked(entry: Entry, meant: set[str], worlds: Sequence[World]) -> Entry:
    if entry.key not in meant or not can_leave(replace(entry, leaving="")):
        return entry
    is_written = any(is_chosen(entry, world.settings) for world in worlds)
    return replace(entry, leaving=UNDONE) if is_written else entry


def _turn(entry: Entry) -> tuple[bool, str, str]:
    return entry.is_draft, entry.start.isoformat() if entry.start else "", entry.key


def _sorted(entries: Sequence[Entry], troubles: Iterable[Trouble]) -> Undone:
    taken = [entry for entry in entries if entry.state == "withdrawn"]
    edited = [entry for entry in entries if entry.state == "edited"]
    waiting = [entry for entry in entries if entry.leaving and entry.state != "failed"]
    return Undone(
        taken=tuple(taken),
        edited=tuple(edited),
        waiting=tuple(waiting),
        stuck=tuple(entry for entry in entries if entry not in (*taken, *edited, *waiting)),
        troubles=tuple({(item.account, item.code, item.text): item for item in troubles}.values()),
    )
