"""What does one pull take out of an account's calendars, given what was taken before?

The window is compared with what it held the last time, so that only what is new, different or gone is told. An event
that stands in several calendars is told once: as the user's own copy, else as the one in the more telling role (E11).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from connectors._google.calendar_pages import Listed, Shelf
from connectors._google.calendar_place import EARLIEST, LATEST, Place, Seen, instant, seen, window
from connectors._google.errors import Forbidden, NotThere, Outdated
from connectors.records import ConnectorError, Event, Listing, Pull, Role, Skipped, Unavailable

REQUESTS = 12
"""Listings of the past a pull: a year of one calendar."""
MOST_ITEMS = 5000
YEARS = timedelta(days=20 * 365)
"""What is older is not imported."""
ENOUGH_PAST = timedelta(days=730)
"""With so much of it the source is current (C17)."""
SKEW = timedelta(minutes=10)
"""How far this machine's clock may be from Google's."""
DAY = timedelta(days=1)
MANY = 10
"""So many events may vanish at a time, or a fifth of them, before it is suspicious (U22)."""
OWN = "the calendar that Kith writes into is not read"
BUSY_ONLY = "a calendar shows only when somebody is busy: no titles, no guests"

_ROLES: Mapping[Role, int] = {"work": 0, "calls": 1, "busy": 2}


@dataclass(slots=True)
class Page:
    """What one pull has gathered so far."""

    items: dict[str, Event] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    complete: list[Listing] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    listed: int | None = None


class Reading:
    """One pull from all the calendars of an account."""

    def __init__(
        self, shelves: Iterable[Shelf], before: Place | None, now: datetime, looked: Mapping[str, datetime]
    ) -> None:
        """Take the calendars, in the order of the configuration, and where the last pull left them.

        ``looked`` says up to when nothing became of the older events of each.
        """
        self.numbered = {shelf.calendar: (number, shelf) for number, shelf in enumerate(shelves, 1)}
        self.before, self.now = before, now
        self.window = window(now)
        self.page = Page()
        self.troubles: dict[str, ConnectorError] = {}
        self.looked = dict(looked)

    def pull(self, *, older: Collection[str]) -> Pull:
        """Read the window, what became of the older events of the calendars ``older``, and a piece of the past."""
        place = self._compared(self._windows())
        if self.before is not None and older:
            place = self._old(place, older)
        if self.before is not None:
            place = self._past(place)
        return Pull(
            cursor=place.pack(),
            items=tuple(self.page.items.values()),
            gone=tuple(dict.fromkeys(self.page.gone)),
            complete=tuple(self.page.complete),
            skipped=tuple(self.page.skipped),
            caught_up=place.before is None,
            current=place.before is None or place.before <= self.now - ENOUGH_PAST,
            listed=self.page.listed,
            notes=tuple(dict.fromkeys(self.page.notes)),
            troubles=tuple(self.troubles.values()),
        )

    @property
    def readable(self) -> dict[str, Shelf]:
        """The calendars that are there, by id."""
        return {name: shelf for name, (_, shelf) in self.numbered.items() if name not in self.troubles}

    # -- the window ----------------------------------------------------------------------------------------------------

    def _windows(self) -> dict[str, Listed]:
        """List the window of each calendar. Raises what the first one did if none is there."""
        found: dict[str, Listed] = {}
        for name, (number, shelf) in self.numbered.items():
            try:
                found[name] = shelf.window(self.window)
            except (NotThere, Forbidden):
                which = f"calendar {number} of {len(self.numbered)} in the configuration"
                self.troubles[name] = Unavailable(f"Google Calendar: {which} is not there, or not shared any more")
        if not found:
            raise next(iter(self.troubles.values()))
        self.page.notes += [OWN for listed in found.values() if listed.ours]
        self.page.notes += [BUSY_ONLY for listed in found.values() if listed.busy_only]
        return found

    def _compared(self, listings: Mapping[str, Listed]) -> Place:
        """Tell what differs from the last time, and return the place that remembers this time."""
        roles = {name: shelf.role for name, shelf in self.readable.items()}
        place = self.before or Place(covered={}, since=self.now)
        live = {event.key: event for event in _best(listings.values())}
        now = {key: seen(event) for key, event in live.items()}
        for key, event in live.items():
            if key not in place.seen or place.seen[key] != now[key]:
                self.page.items[key] = event
        kept, lost, silent = self._missing(place, now, listings)
        if self.before is None:
            self.page.gone += [name for listed in listings.values() for name in listed.tombstones]
            if not self.troubles:
                self.page.complete.append(Listing(source_id=None, start=self.window.start, end=self.window.end))
        odd = self._odd(place, listings)
        self.page.listed = self._count(place, now, lost, silent)
        place = replace(place, seen={**kept, **now}, odd=odd)
        covered = {name: role for name, role in place.covered.items() if roles.get(name) == role}
        if roles.items() - covered.items():
            return place.anew(roles, self.now)
        return replace(place, covered=covered)

    def _missing(
        self, place: Place, now: Mapping[str, Seen], listings: Mapping[str, Listed]
    ) -> tuple[dict[str, Seen], set[str], int]:
        """Tell of what was in the window and is not any more.

        Return what is kept because it could not be read this time, the series that were lost, and how many events
        vanished without a tombstone.
        """
        buried = {name for listed in listings.values() for name in listed.tombstones}
        odd = {name for listed in listings.values() for name in listed.odd}
        kept: dict[str, Seen] = {}
        lost: list[str] = []
        silent = 0
        for key, old in place.seen.items():
            if key in now:
                continue
            if old.calendar in self.troubles or old.source_id in odd:
                kept[key] = old
            elif old.source_id in buried:
                lost.append(key)
                self.page.gone.append(old.source_id)
            elif self.window.holds(old):
                self.page.complete.append(Listing(source_id=old.source_id, start=EARLIEST, end=LATEST))
                if old.calendar in self.numbered:  # else the user chose not to have it read any more
                    lost.append(key)
                    silent += 1
        there = {_series(key) for key in now}
        return kept, {_series(key) for key in lost} - there, silent

    def _odd(self, place: Place, listings: Mapping[str, Listed]) -> tuple[str, ...]:
        """Tell what cannot be read, once, and return all of it."""
        odd = {name: why for listed in listings.values() for name, why in listed.odd.items()}
        for name, why in odd.items():
            if name not in place.odd:
                self._skip(name, why)
        return tuple(sorted(odd))

    def _skip(self, source_id: str, why: str) -> None:
        calendar, _, name = source_id.partition("/")
        number = self.numbered[calendar][0] if calendar in self.numbered else 0
        where = f"calendar {number}, event {name}" if number else source_id
        self.page.skipped.append(Skipped(where=where, why=why))

    def _count(self, place: Place, now: Mapping[str, Seen], lost: set[str], silent: int) -> int | None:
        """Return how many events the window holds, a series counting once.

        None when there are fewer because the days went by: that is nothing to be suspicious of.
        """
        if self.troubles:
            return None
        before, there = place.series(), len({_series(key) for key in now})
        if self.before is None:
            return there
        many = len(lost) > max(MANY, before // 5)
        if there == 0:
            return 0 if many or silent else None
        return there if many or before - there <= len(lost) else None

    # -- what is older -------------------------------------------------------------------------------------------------

    def _old(self, place: Place, asked: Collection[str]) -> Place:
        """Tell what became of events older than the window; past what Google remembers all of it is read again.

        Something in one calendar has the others asked too: then the place moves on for all of them.
        """
        try:
            listings = self._changed(place, asked)
            found = any(listed.events or listed.tombstones for listed in listings)
            if found:
                listings += self._changed(place, self.readable.keys() - set(asked))
        except Outdated:
            return place.anew(place.covered, self.now)
        self._take(listings)
        self.page.gone += [name for listed in listings for name in listed.tombstones]
        if found:
            return replace(place, since=self.now)
        self.looked |= dict.fromkeys(asked, self.now)
        rested = self.now - place.since >= DAY  # an unmoved cursor need not be saved (C24)
        known = min((self.looked[name] for name in self.readable), default=self.now)
        return replace(place, since=known) if rested else place

    def _changed(self, place: Place, names: Collection[str]) -> list[Listed]:
        """List what was changed and is older than the window; of what was deleted also what stood within: it may have
        been an older one, moved there just before."""
        shelves = [shelf for name, shelf in self.readable.items() if name in names]
        found = [shelf.changed(place.since - SKEW, self.window.end) for shelf in shelves]
        for listed in found:
            listed.events = [event for event in listed.events if instant(event.start) < self.window.start]
        return found

    def _past(self, place: Place) -> Place:
        """Import the next months of the past, the newest first."""
        if place.before is None:
            return place
        shelves = [shelf for name, shelf in self.readable.items() if name in place.covered]
        if place.floor is None:
            place = replace(place, floor=self._floor(shelves, place.before))
        asked = 0
        while (
            asked < REQUESTS
            and len(self.page.items) < MOST_ITEMS
            and (span := place.months(place.floor or EARLIEST)) is not None
        ):
            listings = [shelf.month(span) for shelf in shelves]
            self._take(listings)
            asked += sum(listed.pages for listed in listings)
            place = replace(place, before=span.start)
        done = place.months(place.floor or EARLIEST) is None
        return replace(place, before=None, floor=None) if done else place

    def _floor(self, shelves: Iterable[Shelf], before: datetime) -> datetime:
        begins = [oldest for shelf in shelves if (oldest := shelf.oldest(before)) is not None]
        return max(min(begins, default=before), before - YEARS)

    def _take(self, listings: Iterable[Listed]) -> None:
        whole = list(listings)
        for event in _best(whole):
            self.page.items.setdefault(event.key, event)
        for listed in whole:
            for name, why in listed.odd.items():
                self._skip(name, why)


def _best(listings: Iterable[Listed]) -> Iterable[Event]:
    """Return one event for each key: the user's own copy first, then by role, then in the order given."""
    whole = [event for listed in listings for event in listed.events]
    best: dict[str, Event] = {}
    for event in sorted(whole, key=lambda event: (not event.owned, _ROLES[event.role])):
        best.setdefault(event.key, event)
    return sorted(best.values(), key=lambda event: (instant(event.start), event.key))


def _series(key: str) -> str:
    return key.partition("/")[0]
