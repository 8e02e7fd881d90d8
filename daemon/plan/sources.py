"""Is what a reason rests on still there? Evidence is named by key: a fact of the person, a decision, an event ahead."""

from __future__ import annotations

from daemon.model import State
from daemon.plan.overtaken import fact_of


def is_there(key: str, person: str, state: State) -> bool:
    """Tell whether the source called ``key`` still stands: a fact of ``person``'s or of somebody else's, a decision,
    an event around today."""
    if fact_of(key, state.touchpoints.get(person, ())) is not None:
        return True
    return any(item.key == key for item in state.decisions) or any(event.key == key for event in state.calendar)
