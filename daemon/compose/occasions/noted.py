"""promised, congratulation, and what the user noted: their words, as far as they may be quoted (C4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from daemon.compose.names import plain
from daemon.compose.occasions.occasion import Occasion, as_occasion, touches_of
from daemon.compose.quotes import INNER_QUOTES, sayable
from daemon.grammar import Want, wanted
from daemon.model import Cause, Decision, Person, State, local_day


def promised(cause: Cause, _: Person, state: State) -> Occasion | None:
    """Return what was promised and when."""
    made = next((item for item in _decisions(cause, state) if item.kind == "promise"), None)
    text = "" if made is None else said(made.value, state)
    return _occasion("promised", made.at, text, state) if made is not None and text else None


def congratulation(cause: Cause, person: Person, state: State) -> Occasion | None:
    """Return what there is to congratulate on; or the mail from which on somebody wrote from another company."""
    note = next((item for item in _decisions(cause, state) if item.kind == "note"), None)
    if note is not None:
        text = quoted(note, state, "congratulate")
        return _occasion("noted", note.at, text, state) if text else None
    touches = touches_of(cause, person, state)
    if len(touches) < 2:
        return None
    host = plain(touches[-1].address.rpartition("@")[2], 60)
    return replace(as_occasion(touches[-1], "", state), how="moved", other=host)


def quoted(note: Decision, state: State, *kinds: Want) -> str:
    """Return the first thing in ``note`` behind one of the labels ``kinds`` that a mail may say, "" if none."""
    items = (item.text for item in wanted(note.value, state.vocabulary) if item.kind in kinds)
    return next((text for item in items if (text := said(item, state))), "")


def mentioned(cause: Cause, state: State) -> str:
    """Return what the other needs, as noted in the evidence of ``cause``, "" for nothing to quote."""
    notes = (item for item in _decisions(cause, state) if item.kind == "note")
    return next((text for note in notes if (text := quoted(note, state, "needs", "quoted"))), "")


def _decisions(cause: Cause, state: State) -> Iterator[Decision]:
    keys = frozenset(cause.evidence)
    return (item for item in state.decisions if item.key in keys and item.at <= state.now)


def said(text: str, state: State) -> str:
    """Return what was noted as a mail may say it, "" if it may not."""
    line = plain(text).translate(INNER_QUOTES).strip(" .,;:!-")
    return line if sayable(line, state.vocabulary, noted=True) else ""


def _occasion(how: str, at: datetime, text: str, state: State) -> Occasion:
    return Occasion(how=how, day=local_day(at, state.settings.me.zone), topic="", text=text)
