"""Does Kith see enough to decide? Open eyes: who is held back because a source cannot be read (PRACTICE 8, C25)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from daemon.model import SourceState, State

BLIND = timedelta(days=1)
TOLD = timedelta(days=7)
"""After this reminders go on (their first line says so), drafts do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Eyes:
    """``shut``: nothing is decided; ``blind``: accounts whose people wait; ``drafts``: whether any may be written."""

    shut: bool
    blind: frozenset[str]
    drafts: bool


def eyes(state: State) -> Eyes:
    """Return what can be seen: a source that is suspicious or lacks some of its newest two years shuts both eyes, one
    that is ill for a day its part."""
    sources = state.sources.values()
    ages = {source.account: _ill_for(source, state) for source in sources}
    return Eyes(
        shut=any(not (source.caught_up or source.current) or source.problem == "suspicious" for source in sources),
        blind=frozenset(account for account, age in ages.items() if BLIND < age <= TOLD),
        drafts=all(age <= BLIND for age in ages.values()),
    )


def _ill_for(source: SourceState, state: State) -> timedelta:
    if not source.problem or source.problem_since is None:
        return timedelta(0)
    return state.now - source.problem_since
