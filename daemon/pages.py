"""Which weeks have a page? The one whose review is due, once; they stay beside each other in the state, with an index.

A page is what the state looks like on one day: nothing rests on it, and the next one comes whether or not this one was
made. So whatever goes wrong is told, and ends nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.files import make_folder, remove_left_overs, write_atomically
from daemon import compose
from daemon.apart import Ended, copied
from daemon.ledger import Ledger
from daemon.model import Block, local_day
from daemon.page import contents, document, index
from daemon.plan import is_halved, is_off, reviewed, reviews
from daemon.relate import opinions
from daemon.review import Review, Survey, Week, survey, weekly
from daemon.state import Memory
from daemon.vocabulary import load_page
from daemon.world import World

FOLDER = "reviews"
INDEX = "index.html"
KEPT = 105
"""Weeks: two years."""
LINKED = 8
"""Earlier weeks that a page leads to; the index leads to all."""
REST = timedelta(hours=6)
"""A page that could not be made is not tried again sooner."""
_NAME = re.compile(r"\d{4}-W\d{2}\.html")


class Keeper:
    """Keeps the page of the week, tick by tick; remembers when it could not.

    ``apart``: in a process of its own, whose memory goes with it: for whoever goes on.
    """

    def __init__(self, *, apart: bool = False) -> None:
        self._apart = apart
        self._failed: datetime | None = None

    def keep(self, ledger: Ledger, world: World, now: datetime) -> str:
        """Make the page that is due and not there; return what went wrong in a line, "" for nothing."""
        week = due(world.settings.routine.review, world.settings.me.zone, now)
        if week is None or _file(ledger.folder, week).exists() or self._rests(now):
            return ""
        memory = Memory(ledger, world.settings, world.vocabulary, now, world.sources, knowledge=world.knowledge)
        if not memory.caught_up:
            return ""
        made = partial(_keep, memory, world.templates, week)
        told = _told_apart(made, ledger.descriptors) if self._apart else made()
        if not told:
            return ""
        self._failed = now
        return f"the page of {week} could not be made: {told}"

    def _rests(self, now: datetime) -> bool:
        return self._failed is not None and self._failed <= now < self._failed + REST


def _keep(memory: Memory, templates: Mapping[str, str], week: Week) -> str:
    """Make and keep the page of ``week``; return the kind of error that was in the way, "" for none."""
    state = memory.ledger.folder
    try:
        earlier = tuple(each for each in kept(state) if each < week)[-LINKED:][::-1]
        put(state, week, html(memory, templates, week, earlier))
    except Exception as error:  # noqa: BLE001 - a page is no reason to end a tick; the line says which error it was
        return type(error).__name__
    return ""


def _told_apart(work: Callable[[], str], keep: Collection[int] = ()) -> str:
    """Return what ``work`` returns in a copy of this process; it may only read the ledger, through ``keep``."""
    said = b""
    try:
        with copied(lambda told: told.write(work().encode()), keep) as answer:
            said = answer.read()
    except OSError as error:
        return type(error).__name__
    except Ended as error:
        return said.decode() or str(error)
    return said.decode()


def due(block: Block | None, zone: ZoneInfo, now: datetime) -> Week | None:
    """Return the week whose review's hour has come last, None if there are no reviews."""
    if block is None:
        return None
    return Week.of(local_day(reviews.last_hour(block, zone, now), zone))


def look(memory: Memory, week: Week) -> tuple[Review, Survey]:
    """Return the review of ``week`` as known at ``memory.now``, and what it was counted from."""
    state = memory.state()
    found = survey(state, memory.past(), opinions(state))
    asked, away = reviewed(state, week), is_off(state, week)
    return weekly(found, week, asked=asked, away=away, halved=is_halved(state.entries, state.now)), found


def html(memory: Memory, templates: Mapping[str, str], week: Week, others: tuple[Week, ...] = ()) -> str:
    """Return the page of ``week``, with links to the pages of ``others`` in the same folder."""
    review, found = look(memory, week)
    said = compose.sentences(review, found.state, templates)
    return document(contents(review, found, said, others), *load_page())


def put(state: Path, week: Week, page: str) -> None:
    """Keep ``page`` as that of ``week``, with a new index; what is older than two years goes. Raises OSError."""
    folder = state / FOLDER
    make_folder(folder)
    remove_left_overs(folder)
    write_atomically(_file(state, week), page.encode("utf-8", "replace"))
    weeks = kept(state)
    for old in weeks[:-KEPT]:
        _file(state, old).unlink(missing_ok=True)
    write_atomically(folder / INDEX, index(weeks[-KEPT:][::-1], *load_page()).encode())


def kept(state: Path) -> tuple[Week, ...]:
    """Return the weeks that have a page in the folder of that ``state``, the earliest first."""
    found = []
    for path in (state / FOLDER).glob("*.html"):
        if _NAME.fullmatch(path.name):
            with suppress(ValueError):
                found.append(Week.read(path.stem))
    return tuple(sorted(found))


def erase(state: Path) -> None:
    """Throw all pages away: somebody was forgotten, and any of them may hold the name. Raises OSError."""
    remove_left_overs(state / FOLDER)
    for week in kept(state):
        _file(state, week).unlink(missing_ok=True)
    (state / FOLDER / INDEX).unlink(missing_ok=True)


def _file(state: Path, week: Week) -> Path:
    return state / FOLDER / f"{week}.html"
