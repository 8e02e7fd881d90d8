"""What does a debrief ask, and what does an answered entry say in its title? (wording 2.4)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from daemon.compose.language import LAST_RESORT, Tongue
from daemon.compose.names import plain, shortened
from daemon.compose.reminders import LINE_LIMIT, TITLE_LIMIT, fitted
from daemon.compose.templates import BadTemplate, Value, Words

EXPECTED = 12
"""Names listed at most: more is a list nobody fills on a phone."""
_PARTS = ("debrief", "debrief-lines", "date-short")
_ASKED = len("Who did you meet? ()")


def debrief(
    topic: str,
    names: Sequence[str],
    days: tuple[date, date],
    language: str,
    templates: Mapping[str, str],
    *,
    open_event: bool,
) -> Words:
    """Return the debrief of the event ``topic`` ("" for a private one): a line for each of ``names``, and empty ones.

    ``days``: the one on which it goes away by itself, and today.
    """
    tongue = _tongue(language, _PARTS, templates)
    listed = "\n".join(f"{shortened(plain(name).replace(':', ' '), LINE_LIMIT - 1)}:" for name in names[:EXPECTED])
    try:
        lines = tongue.say("debrief-lines", {"names": listed, "open": int(open_event)})
        values: dict[str, Value] = {
            "topic": shortened(plain(topic), TITLE_LIMIT - _ASKED),
            "lines": lines,
            "until": tongue.day(*days, "date-short"),
        }
        return fitted(tongue.text("debrief"), values)
    except (BadTemplate, KeyError):
        return Words(title="?", body=f"{listed}\nnew:\nnew:\nnew:\npromised:")


def noted(people: int, wanted: int, promises: int, language: str, templates: Mapping[str, str]) -> str:
    """Return the title of a debrief that was read; "" where the template cannot be used."""
    values: dict[str, Value] = {"people": people, "wanted": wanted, "promises": promises}
    return _said("noted", values, language, templates)


def noted_review(calls: int, answers: int, language: str, templates: Mapping[str, str]) -> str:
    """Return the title of a review that was read; "" where the template cannot be used."""
    return _said("noted-review", {"calls": calls, "answers": answers}, language, templates)


def done(how: str, name: str, language: str, templates: Mapping[str, str]) -> str:
    """Return the title of a reminder that became needless; ``how``: wrote, call, heard, met. "" where it cannot be."""
    for length in (len(name), *range(TITLE_LIMIT - len("Done: "), 8, -1)):
        said = _said("done", {"how": how, "name": shortened(plain(name), length)}, language, templates)
        if len(said) <= TITLE_LIMIT:
            return said
    return ""


def _said(name: str, values: Mapping[str, Value], language: str, templates: Mapping[str, str]) -> str:
    try:
        return " ".join(_tongue(language, (name,), templates).say(name, values).split())
    except (BadTemplate, KeyError):
        return ""


def _tongue(language: str, names: Sequence[str], templates: Mapping[str, str]) -> Tongue:
    known = all(f"{language}/{name}" in templates for name in names)
    return Tongue(language=language if known else LAST_RESORT, templates=templates)
