"""A life with Kith in short: a plan a week, and a user who sends some drafts, deletes some and forgets the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from daemon.model import Decision, Entry, Plan, State
from daemon.plan import decide
from daemon.relate import Summaries, opinions
from daemon.vocabulary import load_templates
from tests.histories import taken

WEEK = timedelta(days=7)
TEMPLATES = load_templates()


@dataclass(frozen=True)
class Look:
    """One plan, and all that stands after it was carried out."""

    state: State
    plan: Plan


def lived(begin: datetime, weeks: int, state_at: Callable[[datetime], State], *, days: int = 7) -> Iterator[Look]:
    """Yield a look every so many ``days``; ``state_at`` gives the state of a moment without entries and decisions."""
    entries: tuple[Entry, ...] = ()
    decided: Mapping[str, Decision] = {}
    kept = Summaries()
    for number in range(weeks * 7 // days):
        now = begin + number * timedelta(days=days)
        state = state_at(now)
        told = {item.key: item for item in state.decisions if item.at <= now}
        state = replace(state, entries=_answered(entries, now), decisions=tuple({**told, **decided}.values()))
        plan = decide(state, opinions(state, kept), TEMPLATES)
        after = taken(state, plan)
        decided = {item.key: item for item in (*decided.values(), *plan.decisions)}
        entries = after.entries
        yield Look(after, plan)


def _answered(entries: tuple[Entry, ...], now: datetime) -> tuple[Entry, ...]:
    """Return the entries after a week of the user's: of three drafts one is sent, one deleted, one left; of two
    reminders whose day has come one is done."""
    return tuple(_answer(entry, now) for entry in entries)


def _answer(entry: Entry, now: datetime) -> Entry:
    luck = sum(entry.key.encode())
    if entry.state != "written" or entry.decided is None or now - entry.decided < timedelta(days=5):
        return entry
    if entry.kind == "draft" and luck % 3 != 2:
        return replace(entry, state=("sent", "discarded")[luck % 3], settled=now)  # type: ignore[arg-type]
    if entry.kind != "draft" and entry.start is not None and entry.start <= now and luck % 2:
        return replace(entry, state="done", settled=now)
    return entry
