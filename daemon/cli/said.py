"""What did the user say of somebody, where, and what became of it? For ``why`` and ``export``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from daemon.cli import documents
from daemon.model import Decision, Entry, Person, State
from daemon.told import source_of

PLACES: Mapping[str, str] = {
    "debrief": "in a debrief",
    "roundup": "in a round-up",
    "review": "in the review of a week",
    "promise": "on a promise",
    "follow-up": "on a reminder",
    "reconnect": "on a reminder",
    "introduction": "on an introduction",
}
_SAID = frozenset({"mark", "unmark", "circle", "note", "sign", "x", "promise", "tone", "agreed"})
_OUTCOMES: Mapping[str, str] = {"done": "kept", "dismissed": "dropped", "passed": "passed"}


def promise_json(item: Decision, entries: Iterable[Entry], zone: ZoneInfo) -> dict[str, Any]:
    """Return a promise: ``state`` is open, kept (the user said done), dropped (no) or passed (its day is long over)."""
    state = next((entry.state for entry in entries if entry.kind == "promise" and entry.fact == item.key), "waiting")
    return {
        "person": item.about,
        "at": documents.moment(item.at, zone),
        "text": item.value,
        "due": item.reason,
        "state": _OUTCOMES.get(state, "open"),
    }


def note_json(item: Decision, zone: ZoneInfo) -> dict[str, Any]:
    """Return a note."""
    return {"person": item.about, "at": documents.moment(item.at, zone), "text": item.value}


def said_json(state: State, person: Person, titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what the user said of ``person``, the newest first; ``titles`` of events by key."""
    zone, entries = state.settings.me.zone, {entry.key: entry for entry in state.entries}
    ids = {person.id, *person.cards}
    said = [item for item in state.decisions if item.about in ids and item.kind in _SAID]
    rows = []
    for item in sorted(said, key=lambda one: (one.at, one.key), reverse=True):
        row = {
            "at": documents.moment(item.at, zone),
            "kind": item.kind,
            "text": "" if item.kind in {"x", "agreed"} else item.value,
        }
        row["where"] = _where(item, entries, titles)
        if item.kind == "promise":
            row |= {"due": item.reason, "state": promise_json(item, state.entries, zone)["state"]}
        rows.append(row)
    return rows


def _where(item: Decision, entries: Mapping[str, Entry], titles: Mapping[str, str]) -> str:
    """Return where it was said, in words."""
    if source_of(item):
        return "in your calendar, or in a mail to yourself"
    if not item.key.startswith("hand/"):
        return "by a command"
    entry = next((one for key, one in entries.items() if item.key.startswith(f"hand/{key}/")), None)
    place = "in the calendar" if entry is None else PLACES.get(entry.kind, "in the calendar")
    title = titles.get(entry.fact, "") if entry is not None and entry.kind == "debrief" else ""
    return f"in the debrief of {title}" if title else place


def said_lines(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what was said, a line each, for reading."""
    return [f"You said on {_day(row['at'])}, {row['where']}: {_words(row)}" for row in rows]


def _words(row: Mapping[str, Any]) -> str:
    if row["kind"] == "x":
        return "x, a longer conversation"
    if row["kind"] == "agreed":
        return "yes to an introduction"
    if row["kind"] == "promise":
        return f"promised {row['text']}, by {_day(row['due'])} ({row['state']})"
    return f"{row['kind']} {row['text']}".rstrip()


def _day(text: str) -> str:
    return f"{date.fromisoformat(text[:10]):%d %b %Y}"
