"""first-meeting and conversation: the meeting itself, and for a conversation the half hours that are free."""

from __future__ import annotations

from dataclasses import replace

from daemon.compose.occasions.noted import mentioned
from daemon.compose.occasions.occasion import HOW, Occasion, as_occasion, touches_of
from daemon.compose.quotes import title_seen, topic_between
from daemon.model import Cause, Person, State

_FIRST: frozenset[str] = frozenset({"met", "group", "there", "spoke"})


def meeting(cause: Cause, person: Person, state: State) -> Occasion | None:
    """Return the meeting itself, with its topic if quotable; of a gathering nothing is certain but its title."""
    meetings = [touch for touch in touches_of(cause, person, state) if HOW.get(touch.kind) in _FIRST]
    for touch in sorted(meetings, key=lambda touch: touch.key != cause.evidence[0]):
        # where the user noted them, both were: what that evening is called stands on its door
        noted = touch.kind == "gathering" and touch.rule == "N1"
        topic = title_seen(touch, state.vocabulary) if noted else topic_between(touch, person, state) or ""
        if topic or touch.kind != "gathering":
            return replace(as_occasion(touch, topic, state), text=mentioned(cause, state))
    return None


def conversation(cause: Cause, person: Person, state: State) -> Occasion | None:
    """Return the meeting after which the user wants to talk for longer, with the half hours that are offered."""
    found, zone = meeting(cause, person, state), state.settings.me.zone
    if found is None or not cause.times:
        return None
    return replace(found, times=tuple(at.astimezone(zone) for at in cause.times))
