"""What stays in the calendar as done? A reminder whose day has come when its matter was settled otherwise (PRACTICE 6).

Before its day it is taken away; from then on it is the user's diary: "Done: wrote to Maria Huber". The title changes
only if the user left it alone, the rest stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from daemon import compose
from daemon.model import PROPOSED, Amendment, Entry, State, Touchpoint, Withdrawal, local_day
from daemon.relate import is_open

HOW: Mapping[str, str] = {
    "wrote": "wrote",
    "forwarded": "wrote",
    "introduction": "wrote",
    "heard": "heard",
    "call": "call",
}
"""Kind of touch -> what was done; any other was a meeting."""


def kept(
    gone: Iterable[Withdrawal], state: State, templates: Mapping[str, str]
) -> tuple[tuple[Withdrawal, ...], tuple[Entry, ...]]:
    """Return those of ``gone`` to be taken away, and the entries that stay as done instead."""
    entries = {entry.key: entry for entry in state.entries}
    away, done = list[Withdrawal](), list[Entry]()
    for item in gone:
        entry = entries[item.key]
        title = _title(entry, state, templates) if item.why == "overtaken" and _has_come(entry, state) else ""
        if title:
            done.append(_done(entry, title, state.now))
        else:
            away.append(item)
    return tuple(away), (*done, *_edited(state, templates))


def _edited(state: State, templates: Mapping[str, str]) -> Iterator[Entry]:
    """Yield what the user wrote into, when it is settled and its day has come: it closes, the words stay."""
    for entry in state.entries:
        if entry.state == "edited" and is_open(entry, state.now) and _has_come(entry, state):
            title = _title(entry, state, templates)
            if title:
                yield _done(entry, title, state.now)


def _has_come(entry: Entry, state: State) -> bool:
    zone = state.settings.me.zone
    stands = entry.ref is not None and entry.start is not None and entry.amended is None and not entry.also
    return (
        state.settings.routine.diary
        and entry.kind in PROPOSED
        and stands
        and local_day(entry.start or state.now, zone) <= local_day(state.now, zone)
    )


def _title(entry: Entry, state: State, templates: Mapping[str, str]) -> str:
    touch = _settling(entry, state.touchpoints.get(entry.person, ()), state.now)
    person = state.people.get(entry.person)
    if touch is None or person is None or not (person.name or person.addresses):
        return ""
    name = person.name or person.addresses[0]
    return compose.done(HOW.get(touch.kind, "met"), name, state.settings.me.language, templates)


def _settling(entry: Entry, facts: Sequence[Touchpoint], now: datetime) -> Touchpoint | None:
    """Return the last touch since ``entry`` was decided: what settled it.

    An answer proves a mail of theirs of the same time (M7): it is the answer that was the user's own step.
    """
    since = (fact for fact in facts if not fact.weak and (entry.decided or now) <= fact.at <= now)
    return max(since, key=lambda fact: (fact.at, fact.kind != "heard"), default=None)


def _done(entry: Entry, title: str, now: datetime) -> Entry:
    start, end = entry.start or now, entry.end or entry.start or now
    after = Amendment(title=title, body=entry.body, start=start, end=end)
    return replace(entry, state="overtaken", problem="overtaken", settled=now, amended=after)
