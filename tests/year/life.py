"""What happens in Clara's life by itself? Meetings, mails and meetups, day by day; the same every time.

Everybody has a random of their own, so that what Kith does to one person shakes nobody else's year.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

import holidays

from tests.year.cast import BEGIN, CAST, DEADLINE, HISTORY, HOLIDAY, Figure
from tests.year.files import Disk, at

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
FREE_DAYS = frozenset(holidays.country_holidays("AT", years=(2025, 2026, 2027, 2028)))
MEETUP = "Founders meetup"
FIRST_MEETUP = date(2025, 11, 6)
CLOSE = frozenset({"household", "colleague", "service", "list"})
"""Places of people who are there all the time; the story leaves them out."""
SLOTS = (11, 13, 15, 16)
REPLY = {"warm": 0.85, "brief": 0.5, "cool": 0.0}
COFFEE = {"warm": 0.35, "brief": 0.1, "cool": 0.0}


@dataclass(slots=True)
class Tie:
    """One person's rhythm: when they next meet and write by themselves."""

    figure: Figure
    random: Random
    meets: date | None = None
    mails: date | None = None
    count: int = 0
    next: date | None = None
    """When they meet next, as far as it is arranged."""


@dataclass(slots=True)
class Life:
    """What Clara and her people do without Kith. ``tell`` hears of it: a day and a sentence."""

    disk: Disk
    tell: Callable[[datetime, str], None]
    ties: dict[str, Tie] = field(default_factory=dict)
    later: dict[date, list[Callable[[], None]]] = field(default_factory=dict)

    def begin(self) -> None:
        """Give everybody their first dates."""
        for figure in CAST:
            tie = self.tie(figure)
            start = max(figure.since, HISTORY)
            if figure.place == "march":
                tie.meets, tie.mails = start + 7 * DAY, start + 30 * DAY
                continue
            tie.meets = start + tie.random.randrange(1, figure.meets) * DAY if figure.meets else None
            tie.mails = start + tie.random.randrange(1, figure.mails) * DAY if figure.mails else None

    def tie(self, figure: Figure) -> Tie:
        """Return the rhythm of ``figure``; people met on the way have one from then on."""
        return self.ties.setdefault(figure.address, Tie(figure, Random(figure.address)))

    def live(self, day: date) -> None:
        """Live a day: what was arranged earlier, then what begins today."""
        for happen in self.later.pop(day, ()):
            happen()
        if day == HOLIDAY[0] - 28 * DAY:
            self.disk.put("holiday", "Holiday", HOLIDAY[0], HOLIDAY[1] - HOLIDAY[0] + DAY, ())
        self._meetup(day)
        for tie in tuple(self.ties.values()):
            if tie.figure.since <= day <= tie.figure.until:
                self._one(tie, day)

    def is_quiet(self, tie: Tie, day: date) -> bool:
        """Tell whether Clara has no time for this person on ``day``: on holiday, and for most while a project burns."""
        busy = is_ignoring(day) and tie.figure.place not in CLOSE
        return not is_working(day) or is_away(day) or busy

    def _one(self, tie: Tie, day: date) -> None:
        quiet = self.is_quiet(tie, day)
        if tie.mails is not None and day >= tie.mails:
            tie.mails = day + (_a_while(tie) if quiet else _about(tie, tie.figure.mails))
            if not quiet:
                self._mail(tie, day)
        if tie.meets is not None and day >= tie.meets:
            tie.meets = day + (_a_while(tie) if quiet else _about(tie, tie.figure.meets))
            if not quiet:
                self.arrange(tie, day, tie.random.randrange(5, 10))

    def _mail(self, tie: Tie, day: date) -> None:
        tie.count += 1
        figure, subject = tie.figure, subject_of(tie)
        theirs = figure.place == "service" or tie.random.random() < 0.4
        if theirs and figure.temper != "cool":
            self._answers(figure, day, subject, None)
        else:
            self.disk.send(figure, subject, at(day, 14))
            if day >= BEGIN and figure.place not in CLOSE:
                self.tell(at(day, 14), f"Clara writes to {figure.name}.")
            self.react(figure, day, subject, None, coffee=False)

    def _answers(self, figure: Figure, day: date, subject: str, root: str | None) -> None:
        """Let Clara answer a mail of theirs: that is how Kith hears that they wrote."""
        self.tie(figure).count += 1
        theirs = f"<{figure.address}.{day:%Y%m%d}.{self.tie(figure).count}@{figure.address.rpartition('@')[2]}>"
        head = {"In-Reply-To": theirs, "References": f"{root} {theirs}" if root else theirs}
        self.disk.send(figure, f"Re: {subject.removeprefix('Re: ')}", at(day, 17), head)
        if day >= BEGIN and figure.place not in CLOSE:
            self.tell(at(day, 17), f"{figure.name} has written, and Clara answers.")

    def react(self, figure: Figure, day: date, subject: str, root: str | None, *, coffee: bool = True) -> None:
        """Let ``figure`` react to a mail of Clara's: an answer in the next days, and perhaps a coffee."""
        tie = self.tie(figure)
        if figure.place == "fades" and day > figure.until:
            return
        if tie.random.random() < REPLY[figure.temper]:
            answer = working_day(day + tie.random.randrange(1, 4) * DAY)
            self.on(answer, lambda: self._answers(figure, answer, subject, root))
            if coffee and tie.random.random() < COFFEE[figure.temper]:
                self.on(answer, lambda: self.arrange(tie, answer, tie.random.randrange(4, 9)))

    def on(self, day: date, happen: Callable[[], None]) -> None:
        """Let something happen on a later day."""
        self.later.setdefault(day, []).append(happen)

    def arrange(self, tie: Tie, day: date, ahead: int) -> None:
        """Put a coffee into the calendar; one in ten is called off the evening before."""
        when = working_day(day + ahead * DAY)
        if is_away(when) or is_ignoring(when) or (tie.next is not None and day <= tie.next):
            return
        tie.next = when
        figure, tie.count = tie.figure, tie.count + 1
        uid = f"{figure.address}-{when:%Y%m%d}-{tie.count}"
        start = at(when, tie.random.choice(SLOTS))
        titles = (figure.topic, f"Coffee with {figure.first}", f"{figure.first} / Clara", f"{figure.topic} over lunch")
        self.disk.put(uid, titles[tie.count % 4], start, HOUR, (figure,))
        if tie.random.random() < 0.1:
            tie.next = None
            self.on(when - DAY, lambda: self._called_off(uid, figure, when))
        elif when >= BEGIN and figure.place not in CLOSE:
            self.tell(start, f"Clara meets {figure.name}.")

    def _called_off(self, uid: str, figure: Figure, when: date) -> None:
        self.disk.cancel(uid)
        if when > BEGIN and figure.place not in CLOSE:
            self.tell(at(when - DAY, 18), f"The meeting with {figure.name} tomorrow is called off.")

    def _meetup(self, day: date) -> None:
        """Put the meetup into the calendar three weeks ahead: each second Thursday, none in the quiet weeks."""
        when = day + 21 * DAY
        if day == HISTORY:
            for number in range(2):
                self._one_meetup(FIRST_MEETUP + 14 * number * DAY)
        elif is_meetup(when):
            self._one_meetup(when)

    def _one_meetup(self, when: date) -> None:
        if is_meetup(when):
            self.disk.put(f"meetup-{when:%Y%m%d}", MEETUP, at(when, 18, 30), 3 * HOUR, ())


def is_meetup(day: date) -> bool:
    """Tell whether ``day`` is a Thursday of the meetup."""
    return (
        (day - FIRST_MEETUP).days % 14 == 0
        and not is_away(day)
        and not is_ignoring(day)
        and is_working(day)
        and not _is_christmas(day)
    )


def _is_christmas(day: date) -> bool:
    return day.month == 12 and day.day > 22


def is_working(day: date) -> bool:
    """Tell whether ``day`` is no weekend and no holiday."""
    return day.weekday() < 5 and day not in FREE_DAYS


def is_away(day: date) -> bool:
    """Tell whether Clara is on holiday."""
    return HOLIDAY[0] <= day <= HOLIDAY[1]


def is_ignoring(day: date) -> bool:
    """Tell whether Clara looks at nothing but her project."""
    return DEADLINE[0] <= day <= DEADLINE[1]


def working_day(day: date) -> date:
    """Return ``day``, or the next working day."""
    while not is_working(day):
        day += DAY
    return day


def days(first: date, last: date) -> Iterator[date]:
    """Yield every day from ``first`` to ``last``."""
    while first <= last:
        yield first
        first += DAY


def _about(tie: Tie, often: int) -> timedelta:
    return timedelta(days=max(2, round(often * tie.random.uniform(0.7, 1.4))))


def _a_while(tie: Tie) -> timedelta:
    return timedelta(days=tie.random.randrange(1, 20))


def subject_of(tie: Tie) -> str:
    """Return what the next mail to somebody is about."""
    topic = tie.figure.topic
    return (topic, f"A question on {topic.lower()}", f"News: {topic.lower()}", f"{topic}, the next step")[tie.count % 4]
