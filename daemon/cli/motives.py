"""What does somebody care about, and which reasons are there to write? In words, for ``kith why``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

WORDS_SHOWN = 12
OUTCOMES: Mapping[str, str] = {
    "best": "the best there is",
    "behind": "behind a better one",
    "line": "a line in the reminder, no draft",
    "not-today": "not today, on its own day",
    "used": "was used, rests",
    "refused": "you deleted a draft of it",
    "no-source": "nothing on record",
    "nothing-to-say": "nothing that may stand in a mail",
}


def topic_lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what somebody cares about, a line a source."""
    for source, said in (*((name, "you noted") for name in ("needs", "offers", "interests")), ("tag", "your tags")):
        words = [row["word"] for row in rows if row["source"] == source]
        if words:
            yield f"{source.capitalize()} ({said}): {', '.join(words)}"
    read = [f"{row['word']} ({len(row['evidence'])})" for row in rows if row["source"] == "title"]
    if read:
        yield f"Words of titles between you: {', '.join(read[:WORDS_SHOWN])}"


def reason_lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the reasons that compete, a line each, the best first."""
    for row in rows:
        until = f" until {date.fromisoformat(row['until'][:10]):%d %b %Y}" if row["until"] else ""
        yield f"Reason to write: {row['reason']}: {OUTCOMES.get(row['outcome'], row['outcome'])}{until}"
