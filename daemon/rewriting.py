"""Who says a draft in better words? A model that the user named, before what was decided is written down.

Deciding knows nothing of it: keys, reasons and subjects stay, and where no answer comes, or one in doubt, the template
does. The first answer that fails ends the asking for this tick.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from daemon.compose import Words, rewording
from daemon.compose.rewording import Grounds
from daemon.model import Entry, Plan
from daemon.world import World

PATIENCE = 20.0
"""Seconds that a tick gives to words in all."""


def reworded(plan: Plan, world: World, clock: Callable[[], float] = time.monotonic) -> Plan:
    """Return ``plan`` with its drafts in the model's words, as far as these can be trusted."""
    say_again = world.say_again
    if say_again is None or not any(entry.kind == "draft" for entry in plan.write):
        return plan
    ends, rows = clock() + PATIENCE, list[Entry]()
    for entry in plan.write:
        whole = rewording.parts(entry.body, world.settings) if entry.kind == "draft" else None
        if whole is None or say_again is None or clock() > ends:
            rows.append(entry)
            continue
        answer = say_again(whole.message)
        if answer is None:
            say_again = None
        rows.append(entry if answer is None else _with(entry, answer, world))
    return replace(plan, write=tuple(rows))


def _with(entry: Entry, answer: str, world: World) -> Entry:
    grounds = Grounds(settings=world.settings, vocabulary=world.vocabulary, templates=world.templates)
    body = rewording.reworded(Words(title=entry.title, body=entry.body), answer, grounds)
    return entry if body is None else replace(entry, body=body)
