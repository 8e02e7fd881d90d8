"""Who all may be meant by an ambiguous title? For the question in the review (E9)."""

from __future__ import annotations

from datetime import datetime

from daemon.detect.book import name_book
from daemon.detect.titles import named
from daemon.model import State, local_day


def namesakes(title: str, at: datetime, state: State) -> tuple[str, ...]:
    """Return the ids of those whom ``title`` of that time may mean, by name; () when it means nobody or one."""
    called = {who: person.name for who, person in state.people.items() if person.name}
    touched = {who: [fact.at for fact in state.touchpoints.get(who, ())] for who in called}
    book = name_book(called, touched, state.settings.me.name, state.vocabulary)
    found = named(title, book, at, local_day(at, state.settings.me.zone), state.vocabulary)
    meant = found.ambiguous if found is not None else ()
    return tuple(sorted(meant, key=lambda who: (called[who], who)))
