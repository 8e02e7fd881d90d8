"""Whose birthday do the calendars know? By full name to exactly one person, else the user is asked (RULINGS C46)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from connectors.records import Event
from daemon import names
from daemon.detect.book import name_book
from daemon.detect.titles import LONGEST_NAME, TITLE_LIMIT
from daemon.model import Birthday, Person, Question, Vocabulary, instant, local_day
from daemon.names import NameKey

WHOSE = "a birthday of a name that several bear"
WHICH = "several days are said to be the birthday"
NOBODYS = "birthdays in a calendar whose titles hold nobody's full name"
_GENITIVE = re.compile(r"'s$")
_Full = Mapping[NameKey, frozenset[str]]


def birthdays(
    events: Iterable[Event], people: Sequence[Person], zone: ZoneInfo, vocabulary: Vocabulary
) -> tuple[tuple[Birthday, ...], tuple[Question, ...]]:
    """Return the birthdays that ``events`` tell of ``people``, and what only the user can say about the others."""
    days = _days(events, zone)
    if not days:
        return (), ()
    full = name_book({person.id: _plain(person.name) for person in people}, None, "", vocabulary).full
    said: dict[str, set[str]] = {}
    asked: set[Question] = set()
    nobodys = 0
    for title, day in days:
        bearers = _bearers(title, full)
        if len(bearers) == 1:
            said.setdefault(min(bearers), set()).add(day)
        elif bearers:
            asked.add(Question(kind="birthday", about=(day, *sorted(bearers)), why=WHOSE))
        nobodys += not bearers
    asked |= {
        Question(kind="birthday-day", about=(person, *sorted(found)), why=WHICH)
        for person, found in said.items()
        if len(found) > 1
    }
    if nobodys:
        asked.add(Question(kind="birthday", about=(), why=NOBODYS, count=nobodys))
    known = (Birthday(person=person, day=min(found)) for person, found in sorted(said.items()) if len(found) == 1)
    return tuple(known), tuple(sorted(asked, key=lambda item: (item.kind, item.about)))


def _days(events: Iterable[Event], zone: ZoneInfo) -> list[tuple[str, str]]:
    """Return title and day ("03-14") of each birthday; of those that recur as the latest occurrence has it."""
    latest: dict[str, tuple[datetime, str, str]] = {}
    for event in events:
        if event.kind == "birthday" and event.owned and event.role != "busy" and event.status != "cancelled":
            start = instant(event.start, zone)
            row = start, event.title, f"{local_day(start, zone):%m-%d}"
            latest[event.uid] = max(latest.get(event.uid, row), row)
    return [(title, day) for _, title, day in latest.values()]


def _bearers(title: str, full: _Full) -> frozenset[str]:
    """Return whose full names stand in ``title``, the longest ones: "Ada Lovelace's birthday" has Ada's."""
    said = [_GENITIVE.sub("", word) for word in names.words(_plain(title[:TITLE_LIMIT]))]
    found: frozenset[str] = frozenset()
    start = 0
    while start < len(said):
        length, who = next(_named(said[start : start + LONGEST_NAME], full), (1, frozenset()))
        found |= who
        start += length
    return found


def _plain(text: str) -> str:
    """Return ``text`` with the one apostrophe for the other: O’Brien is O'Brien."""
    return text.replace("’", "'")


def _named(said: Sequence[str], full: _Full) -> Iterator[tuple[int, frozenset[str]]]:
    """Yield how many words from the first on are a full name, and whose; a genitive without apostrophe is one too."""
    for length in range(len(said), 1, -1):
        *before, last = said[:length]
        for form in (last, last.removesuffix("s")):
            if who := full.get(tuple(sorted((*before, form)))):
                yield length, who
