"""Who all may be meant by an ambiguous title? For the question in the review (E9)."""

from __future__ import annotations

from datetime import datetime

from daemon.detect.book import name_book
from daemon.detect.titles import named
from daemon.model import State, TouchKind, local_day


def namesakes(title: str, at: datetime, state: State) -> tuple[TouchKind, tuple[str, ...]]:
    """Return as what kind of touch ``title`` of that time tells of somebody, and the ids of those it may mean, by name;
    none when it means nobody or one."""
    called = {who: person.name for who, person in state.people.items() if person.name}
    touched = {who: [fact.at for fact in state.touchpoints.get(who, ())] for who in called}
    book = name_book(called, touched, state.settings.me.name, state.vocabulary)
    found = named(title, book, at, local_day(at, state.settings.me.zone), state.vocabulary)
    if found is None:
        return "note", ()
    return found.kind, tuple(sorted(found.ambiguous, key=lambda who: (called[who], who)))
