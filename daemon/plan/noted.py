"""What did the user note of somebody? Free words, what stands behind a label, who could help (C4)."""

from __future__ import annotations

from daemon.grammar import wanted
from daemon.model import State
from daemon.relate.matches import pairs
from daemon.relate.topics import Topics


def last_note(person: str, state: State) -> str:
    """Return the free words of the latest note on ``person`` that has some, "" if none has."""
    noted = (item for item in state.decisions if (item.kind, item.about) == ("note", person))
    for item in sorted(noted, key=lambda item: (item.at, item.key), reverse=True):
        parts = [part.strip() for part in item.value.split(";")]
        free = [part for part in parts if part and not (":" in part and any(wanted(part, state.vocabulary)))]
        if free:
            return "; ".join(free)
    return ""


def needs(person: str, topics: Topics) -> str:
    """Return what ``person`` needs by the latest note that says so, "" if none does."""
    return ", ".join(item.text for _, item in topics.noted(person, "needs"))


def helper(person: str, topics: Topics) -> tuple[str, str] | None:
    """Return who offers what ``person`` needs, by id, and in which words; None where nobody does."""
    found = next((match for match in pairs(topics) if match.first == person), None)
    if found is None or found.second not in topics.state.people:
        return None
    return found.second, ", ".join(item.text for _, item in topics.noted(found.second, "offers"))
