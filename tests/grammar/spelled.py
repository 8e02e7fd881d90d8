"""What the grammar read, in words that a table can hold."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from daemon.grammar import Line, Report, Said
from daemon.vocabulary import load_vocabulary

TODAY = date(2026, 11, 28)
"""A Saturday."""
VOCABULARY = load_vocabulary()
TABLES = Path(__file__).parents[1] / "data" / "grammar"


def rows(name: str) -> list[dict[str, Any]]:
    """Return the rows of a table."""
    return list(tomllib.loads((TABLES / f"{name}.toml").read_text("utf-8"))["row"])


def said(items: Iterable[Said]) -> list[str]:
    """Spell answers: "called on 2026-11-27", "later until 2026-12-19", "note: wants a CFO"."""
    return [_spelled(item.word, item.day, item.until, item.text, promised=item.word == "promised") for item in items]


def lines(items: Iterable[Line]) -> list[str]:
    """Spell debrief lines: "expected Ruth Steiner x, note: started B2B"."""
    return [_line(item) for item in items]


def told(item: Report) -> str:
    """Spell a report: "call Ada + Bob on 2026-11-27: about the offer"."""
    word = f"{item.kind} {' + '.join(item.names)}"
    return _spelled(word, item.day, None, item.text, promised=item.kind == "promised")


def _spelled(word: str, day: date | None, until: date | None, text: str, *, promised: bool) -> str:
    when = f" until {until or day}" if until or (day and promised) else f" on {day}" if day else ""
    return f"{word}{when}: {text}" if text else f"{word}{when}"


def _line(item: Line) -> str:
    if item.about == "promised":
        return _spelled(f"promised to {item.name or 'nobody named'}", item.day, None, item.promised, promised=True)
    head = [item.about, item.name, f"<{item.address}>" if item.address else "", "(several)" * (item.kind == "several")]
    head += ["x" * item.x, "no" * item.no]
    until = f" until {item.day}" if item.day else ""
    texts = [f"note: {item.note}" if item.note else "", f"promised{until}: {item.promised}" if item.promised else ""]
    return ", ".join([" ".join(part for part in head if part), *(text for text in texts if text)])
