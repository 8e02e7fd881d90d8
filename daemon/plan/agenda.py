"""When may something stand in the user's calendar? Working days, free quarters, networking blocks (PRACTICE 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors.records import Event
from daemon.model import Block, Entry, Me, Routine, State, instant, local_day

DAY = timedelta(days=1)
BACK, AHEAD = 14, 60
"""Days of the calendar that are looked at."""
BLOCK = timedelta(hours=2)
"""A networking block is over two hours after it began: what finds no place in it waits for the next."""
LONG = 2
"""Days from which a busy all-day event is time off."""
_NEVER_BUSY = frozenset({"working-location", "birthday", "special-day"})


@dataclass(kw_only=True)
class Agenda:
    """The user's time on a day: which days are off, and what is taken. Instants are UTC."""

    now: datetime
    me: Me
    routine: Routine
    off: frozenset[date]
    taken: dict[date, list[tuple[datetime, datetime]]] = field(default_factory=dict)

    @property
    def length(self) -> timedelta:
        """How long one reminder takes."""
        return timedelta(minutes=max(self.routine.length, 1))

    def is_working(self, day: date) -> bool:
        """Tell whether ``day`` is no weekend, holiday or day off."""
        return day.weekday() not in self.routine.days_off and day not in self.routine.holidays and day not in self.off

    def day_of(self, at: datetime) -> date:
        """Return the user's day of ``at``."""
        return local_day(at, self.me.zone)

    def take(self, start: datetime, end: datetime) -> None:
        """Mark the time from ``start`` to ``end`` as taken."""
        day, last = self.day_of(start), self.day_of(max(end, start))
        while day <= last:
            self.taken.setdefault(day, []).append((start, end))
            day += DAY

    def give_back(self, start: datetime, end: datetime) -> None:
        """Undo one ``take``."""
        for spans in self.taken.values():
            if (start, end) in spans:
                spans.remove((start, end))

    def is_free(self, start: datetime) -> bool:
        """Tell whether a reminder may begin at ``start``: not past, and on nothing that is busy."""
        end = start + self.length
        spans = (*self.taken.get(self.day_of(start), ()), *self.taken.get(self.day_of(end), ()))
        return start >= self.now and not any(begins < end and start < ends for begins, ends in spans)

    def free_times(self, day: date, first: time, most: timedelta = DAY) -> Iterator[datetime]:
        """Yield the free times of ``day`` one after the other: from ``first`` to the end of work, ``most`` at most."""
        at = at_time(day, first, self.me.zone)
        last = min(at_time(day, max(self.me.hours[1], first), self.me.zone), at + most)
        while at <= last and (at + self.length <= last or at == at_time(day, first, self.me.zone)):
            if self.is_free(at):
                yield at
            at += self.length

    def blocks(self, monday: date) -> Iterator[tuple[date, Block]]:
        """Yield the networking blocks of the week of ``monday`` that lie on working days, in order of time."""
        for block in sorted(self.routine.blocks, key=lambda item: (item.weekday, item.at)):
            day = monday + block.weekday * DAY
            if day >= self.day_of(self.now) and self.is_working(day):
                yield day, block


def agenda(state: State, standing: Iterable[Entry]) -> Agenda:
    """Return the user's time with the calendar's busy events and our own ``standing`` entries in it."""
    me, today = state.settings.me, local_day(state.now, state.settings.me.zone)
    busy = [event for event in state.calendar if _is_busy(event, me)]
    window = (today - BACK * DAY, today + AHEAD * DAY)
    off = {day for event in busy if _is_time_off(event, state) for day in _days(event, me, window)}
    found = Agenda(now=state.now, me=me, routine=state.settings.routine, off=frozenset(off))
    floor, ceiling = (at_time(day, time(), me.zone) for day in window)
    for event in busy:
        start, end = max(instant(event.start, me.zone), floor), min(instant(event.end, me.zone), ceiling)
        if not event.all_day and start < end:
            found.take(start, end)
    for entry in standing:
        if entry.start is not None and floor <= entry.start < ceiling:
            found.take(entry.start, entry.end or entry.start + found.length)
    return found


def at_time(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Return the instant of ``clock`` on ``day`` in ``zone``, in UTC."""
    return datetime.combine(day, clock, tzinfo=zone).astimezone(ZoneInfo("UTC"))


def working_hours_later(at: datetime, hours: int, time_of: Agenda) -> datetime:
    """Return the instant ``hours`` after ``at``, weekends and days off not counted (C15)."""
    left, day = timedelta(hours=hours), time_of.day_of(at)
    for _ in range(BACK + AHEAD):
        midnight = at_time(day + DAY, time(), time_of.me.zone)
        if time_of.is_working(day):
            begins = max(at, at_time(day, time(), time_of.me.zone))
            if midnight - begins >= left:
                return begins + left
            left -= midnight - begins
        day += DAY
    return at_time(day, time(), time_of.me.zone)


def monday_of(day: date) -> date:
    """Return the Monday of the ISO week of ``day`` (P36)."""
    return day - day.weekday() * DAY


def _is_busy(event: Event, me: Me) -> bool:
    if event.free or event.status == "cancelled" or event.kind in _NEVER_BUSY or event.ours:
        return False
    return not any(guest.answer == "declined" and (guest.me or guest.address in me.addresses) for guest in event.guests)


def _is_time_off(event: Event, state: State) -> bool:
    # P35: a conference entered as three busy days is no holiday
    if event.kind == "out-of-office":
        return True
    if not event.all_day or event.key in state.open_events:
        return False
    zone = state.settings.me.zone
    return instant(event.end, zone) - instant(event.start, zone) > (LONG - 1) * DAY + DAY / 2


def _days(event: Event, me: Me, window: tuple[date, date]) -> Iterator[date]:
    """Yield the days whose working hours ``event`` covers, inside ``window``."""
    start, end = instant(event.start, me.zone), instant(event.end, me.zone)
    day, last = max(local_day(start, me.zone), window[0]), min(local_day(end, me.zone), window[1])
    while day <= last:
        if start <= at_time(day, me.hours[0], me.zone) and at_time(day, me.hours[1], me.zone) <= end:
            yield day
        day += DAY
