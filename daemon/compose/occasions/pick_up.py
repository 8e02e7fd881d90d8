"""pick-up: the last occasion with a quotable topic, and the thread to go on with."""

from __future__ import annotations

from dataclasses import replace

from daemon.compose.occasions.occasion import HOW, Occasion, as_occasion, touches_of
from daemon.compose.quotes import topic_between
from daemon.compose.threads import thread_of
from daemon.model import Cause, Person, State

_PICK_UP: frozenset[str] = frozenset({"met", "group", "spoke", "wrote", "sent", "heard"})


def last_topic(cause: Cause, person: Person, state: State) -> Occasion | None:
    """Return the last occasion with a quotable topic. What only an answer proves (M7) has no date of its own."""
    for touch in reversed(touches_of(cause, person, state)):
        topic = topic_between(touch, person, state)
        if topic and HOW.get(touch.kind) in _PICK_UP and not touch.rule.startswith("M7"):
            return replace(as_occasion(touch, topic, state), thread=thread_of(touch, person, state))
    return None
