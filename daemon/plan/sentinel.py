"""When does Kith's silence show by itself? One event ahead of the user, moved on once a day (PRACTICE 8).

It stands on a working morning at least two days ahead. Days without a tick leave it where it is, and so it comes due:
that is its purpose. Deleted it is off for good.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from daemon import compose
from daemon.model import OPEN_STATES, UNDONE, Amendment, Entry, Plan, Settings, Withdrawal, local_day
from daemon.plan.agenda import DAY, Agenda, at_time
from daemon.relate import is_known

ABOUT = "sentinel"
AHEAD = 2 * DAY
FAR = 21
"""Days that are looked at for a working one."""
LENGTH = timedelta(minutes=15)
REST = timedelta(days=7)
"""What was refused, or was taken back by the user, is tried again after this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentinel:
    """What it says today and when it is to come due, beside those that there have been."""

    entries: Sequence[Entry]
    settings: Settings
    now: datetime
    words: compose.Words

    def plan(self) -> Plan:
        """Return what is to be done about it: nothing, most of the time."""
        later = any(not is_known(entry, self.now) for entry in self.entries)  # seen from the past: left alone (U12)
        if later or any(entry.state == "dismissed" for entry in self.entries):
            return Plan()
        here = [entry for entry in self.entries if entry.account == self.settings.reminders]
        standing = [entry for entry in here if entry.state in OPEN_STATES]
        early = [entry for entry in standing if self._was_put_too_early(entry)]
        if [entry for entry in standing if entry not in early]:
            return Plan(amend=tuple(self._moved(standing)))
        gone = tuple(Withdrawal(key=entry.key, why="displaced") for entry in early if not entry.leaving)
        resting = any(entry.settled is not None and self.now < entry.settled + REST for entry in here if _rests(entry))
        return Plan(write=() if resting else (self._entry(),), withdraw=gone)

    @property
    def at(self) -> datetime:
        """The working morning it is to stand on."""
        me = self.settings.me
        time = Agenda(now=self.now, me=me, routine=self.settings.routine, off=frozenset())
        days = [time.day_of(self.now) + AHEAD + number * DAY for number in range(FAR)]
        return at_time(next((day for day in days if time.is_working(day)), days[0]), me.hours[0], me.zone)

    def _was_put_too_early(self, entry: Entry) -> bool:
        """Tell whether the user moved it to where it would come due although Kith lives; further ahead it may stay."""
        return entry.state == "moved" and (bool(entry.leaving) or entry.start is None or entry.start < self.at)

    def _moved(self, standing: Sequence[Entry]) -> Iterator[Entry]:
        for entry in standing:
            start = entry.start if entry.state == "moved" and entry.start is not None else self.at
            new = Amendment(title=self.words.title, body=self.words.body, start=start, end=start + LENGTH)
            if entry.leaving or entry.amended is not None or _says(entry, new):
                continue
            if entry.state == "waiting":
                yield replace(entry, title=new.title, body=new.body, start=new.start, end=new.end)
            else:
                yield replace(entry, amended=new)

    def _entry(self) -> Entry:
        cycle = len(self.entries)
        return Entry(
            key=f"sentinel//{sha256(ABOUT.encode()).hexdigest()[:10]}/{cycle}",
            kind="sentinel",
            person="",
            account=self.settings.reminders or "",
            reason="alive",
            fact=ABOUT,
            cycle=cycle,
            evidence=(ABOUT,),
            title=self.words.title,
            body=self.words.body,
            start=self.at,
            end=self.at + LENGTH,
            alarm=0,
            decided=self.now,
        )


def sentinel(entries: Sequence[Entry], settings: Settings, now: datetime, templates: Mapping[str, str]) -> Plan:
    """Return what to do about the sentinel; ``entries`` is the whole outbox. Carried out, it is all for that day."""
    me = settings.me
    words = compose.notice("sentinel", {"remedy": "kith status"}, me.language, templates, local_day(now, me.zone))
    mine = [entry for entry in entries if entry.kind == "sentinel"]
    return Sentinel(entries=mine, settings=settings, now=now, words=words).plan()


def _says(entry: Entry, new: Amendment) -> bool:
    return (entry.body, entry.start) == (new.body, new.start)


def _rests(entry: Entry) -> bool:
    return entry.state == "failed" or entry.problem == UNDONE
