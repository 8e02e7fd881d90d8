"""What does Kith say of itself, in the user's calendar? The handshake, and what a lost login means (wording 2.6)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from daemon.compose.language import LAST_RESORT, Tongue
from daemon.compose.names import NO_BREAK, plain
from daemon.compose.reminders import fitted
from daemon.compose.templates import BadTemplate, Value, Words


def notice(
    kind: str, values: Mapping[str, str], language: str, templates: Mapping[str, str], today: date | None = None
) -> Words:
    """Return title and description of the notice ``kind``; ``today`` is said where the template asks for a date.

    Where a template of the user's own cannot be used, the remedy alone is said.
    """
    known = f"{language}/{kind}" in templates
    tongue = Tongue(language=language if known else LAST_RESORT, templates=templates)
    said: dict[str, Value] = {name: plain(text) for name, text in values.items()}
    if "remedy" in said:
        said["remedy"] = str(said["remedy"]).replace(" ", NO_BREAK)
    try:
        if today is not None:
            said["date"] = tongue.day(today, today, "date-short")
        return fitted(tongue.text(kind), said)
    except (BadTemplate, KeyError):
        return Words(title="Kith", body=values.get("remedy") or "kith status")
