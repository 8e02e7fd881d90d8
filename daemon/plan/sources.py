"""Is what a reason rests on still there? Evidence is named by key: a fact of the person, a decision, an event ahead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from daemon.model import State, Touchpoint
from daemon.relate.articles import article_key, is_article
from daemon.relate.matches import matches
from daemon.relate.topics import Topics


def fact_of(key: str, facts: Sequence[Touchpoint]) -> Touchpoint | None:
    """Return the fact called ``key``; after a merge perhaps what the same record gave under another address."""
    source = key.rpartition("\t")[0]
    exact = next((fact for fact in facts if fact.key == key), None)
    return exact or next((fact for fact in facts if fact.source == source), None)


def is_there(key: str, person: str, state: State) -> bool:
    """Tell whether the source called ``key`` still stands: a fact of ``person``'s or of somebody else's, a decision,
    an event around today, a birthday that the calendar knows, an article."""
    if fact_of(key, state.touchpoints.get(person, ())) is not None:
        return True
    others = _others(key, state) if "\t" in key else ()
    return (
        any(item.key == key for item in state.decisions)
        or any(event.key == key for event in state.calendar)
        or (is_article(key) and any(article_key(item) == key for item in state.articles))
        or key == f"birthday/{person}/{state.birthdays.get(person)}"
        or any(item.key == key for item in others)
        or (key.startswith("introduction/") and any(match.fact == key for match in matches(Topics(state))))
    )


def _others(key: str, state: State) -> Iterator[Touchpoint]:
    """Yield the facts of whoever has the address in ``key``."""
    address = key.rpartition("\t")[2]
    for person in state.people.values():
        if address in person.addresses:
            yield from state.touchpoints.get(person.id, ())
