"""How are all facts learned so that what changes can be followed? At once, in a copy of the process where that is much,
and then record by record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from daemon.apart import made_or_here
from daemon.derived import Derived, Rows, View, derived, differences, examine
from daemon.detect import TELLING, Change, Chronicle, Filed, Held, Moved, revise
from daemon.model import Touchpoint
from daemon.shelf import Shelf

RECORDS = ("events", "mails")
BULK = (Touchpoint, Filed, Held)
"""What there is of each record."""
Learned: TypeAlias = tuple[Derived, Rows | None, Shelf, Chronicle]
"""The facts, what of them is stored otherwise if that is known, and what it takes to follow what changes."""


def learned(view: View, *, apart: bool) -> Learned:
    """Derive all facts; return them, and what it takes to follow what changes.

    ``apart``: in a copy of this process. Where none can be had, or it came to nothing, all is derived here: what went
    wrong is seen then.
    """
    ledger, settings = view.ledger, view.settings

    def work() -> Learned:
        facts, _, shelf, chronicle = _learned(view)
        return replace(facts, full=None), differences(ledger, facts), shelf, chronicle

    if not apart:
        return _learned(view)
    shared = (ledger, settings, settings.me.zone, view.vocabulary)
    return made_or_here(work, shared=shared, bulk=BULK, keep=ledger.descriptors)


def _learned(view: View) -> Learned:
    studied = examine(view)
    own = studied.facts.own
    shelf = Shelf(view.ledger, view.stored, view.settings.me.zone, view.now)
    chronicle = Chronicle(
        studied,
        settings=view.settings,
        vocabulary=view.vocabulary,
        new_id=view.ledger.person_id,
        read_mail=shelf.mail,
        read_event=partial(shelf.event, own=own),
    )
    return derived(view, studied), None, shelf, chronicle


def follow(
    view: View,
    changed: Mapping[str, Mapping[str, bytes | None]],
    shelf: Shelf,
    chronicle: Chronicle,
    own: frozenset[str],
) -> Change | None:
    """Let ``shelf`` and ``chronicle`` follow the rows that ``changed`` (as they were before) and the time that passed;
    return what that changes, None where it cannot be followed."""
    shelf.look_back(changed)
    ended, due = shelf.ended(shelf.now, view.now), shelf.come(view.now)
    names = {table: changed.get(table, {}) for table in RECORDS}
    keys = {table: {name.partition("\t")[2] for name in found} for table, found in names.items()}
    events = {key: shelf.event(key, own) for key in keys["events"]}
    mails = {key: shelf.mail(key) for key in keys["mails"] | due}
    for name in names["events"]:
        shelf.put_event(name)
    for name in names["mails"]:
        shelf.put_mail(name)
    shelf.look_from(view.now)
    moved_mails = {key: Moved(old, shelf.mail(key)) for key, old in mails.items()}
    moved_events = {key: Moved(old, shelf.event(key, own)) for key, old in events.items()}
    return revise(
        chronicle,
        {key: item for key, item in moved_mails.items() if item.old != item.new},
        {key: item for key, item in moved_events.items() if item.old != item.new},
        ended,
        view.now,
    )


def constants(view: View) -> object:
    """Return what every fact hangs on: other rules, words or decisions, and everything is derived anew."""
    told = [item for item in view.decisions if item.kind in TELLING]
    return view.settings.me, view.settings.lists, view.settings.hints, view.vocabulary, view.caught_up, told
