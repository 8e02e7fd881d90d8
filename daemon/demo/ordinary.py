"""What does an ordinary year look like? One-to-ones and threads drawn from the tables of ``people`` and ``topics``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from daemon.demo.agenda import Guest, Meeting, guest
from daemon.demo.days import AWAY, Days, festive, on
from daemon.demo.people import COLLEAGUES, FAMILY, NETWORK, PASSING, PROJECT, RUTH, RUTH_LATER, SUPERVISION, Figure
from daemon.demo.post import Letter, foreign_id, own_id, shown
from daemon.demo.topics import POOLS

SCRIPTED = frozenset({"Zoltán Horvath", "Jane Cooper", "Viktor Sommer"})
"""People whose mail is told elsewhere, word by word."""
_HOURS = (9, 10, 11, 12, 14, 15, 16)
_ROOM = Guest(name="Room Danube", address="c_danube@resource.calendar.google.com", kind="ROOM")


def meetings(days: Days, random: Random) -> Iterator[Meeting]:
    """Yield the one-to-ones of everybody who has any."""
    for figure in (*NETWORK, *PASSING, RUTH, RUTH_LATER):
        for number in range(figure.meetings):
            yield _one_to_one(figure, number, days, random)


def letters(days: Days, random: Random) -> Iterator[Letter]:
    """Yield the threads with everybody, and the rounds of colleagues and of the project."""
    for figure in (*NETWORK, RUTH, RUTH_LATER, *PASSING, *COLLEAGUES, *FAMILY, *PROJECT, *SUPERVISION):
        if figure.name not in SCRIPTED:
            yield from _threads(figure, days, random)
    yield from _rounds(COLLEAGUES, 360, days, random)
    yield from _rounds(PROJECT[:2], 40, days, random)


def _one_to_one(figure: Figure, number: int, days: Days, random: Random) -> Meeting:
    last = number == figure.meetings - 1
    steps = max(1, figure.meetings - 1)
    weeks = round(figure.since - number * (figure.since - figure.until) / steps)
    if number and not last:
        weeks = min(figure.since, max(figure.until, weeks + random.choice((-1, 0, 0, 1))))
    start = _working(days, weeks, random.randrange(5), random.choice(_HOURS), 0)
    yes = guest(figure)
    return Meeting(
        title=_title(figure, random, quotable=last),
        start=start,
        length=timedelta(minutes=random.choice((45, 60, 60, 90))),
        guests=(yes, _ROOM) if random.random() < 0.1 else (yes,),
        organiser=yes if random.random() < 0.5 else None,
    )


def _title(figure: Figure, random: Random, *, quotable: bool) -> str:
    topic = random.choice(POOLS[figure.pool])
    if quotable or random.random() < 0.5:
        return topic
    first = figure.first
    return random.choice((f"Coffee {first} / Clara", f"Lunch with {figure.name}", f"{first} <> Clara", "Catch-up"))


def _working(days: Days, weeks: int, weekday: int, hour: int, minute: int) -> datetime:
    """Return such a time in a week that Clara worked, and before today."""
    while weeks in AWAY or festive(days.day(weeks, weekday)) or days.day(weeks, weekday) >= days.today:
        weeks += 1
    return days.at(weeks, weekday, hour, minute)


def _threads(figure: Figure, days: Days, random: Random) -> Iterator[Letter]:
    left, number = figure.mails, 0
    topics = list(POOLS[figure.pool])
    random.shuffle(topics)
    while left > 0:
        size = min(left, random.choice((1, 1, 2, 2, 3)))
        weeks = random.randint(figure.until, figure.since) if number else figure.until
        begin = _working(days, weeks, random.randrange(5), random.randint(8, 18), random.randrange(60))
        times = _times(begin, size, min(on(days.today, 0), days.at(figure.until, 6, 20)), random)
        yield from _thread(figure, topics[number % len(topics)], times, random)
        left, number = left - size, number + 1


def _times(begin: datetime, size: int, end: datetime, random: Random) -> list[datetime]:
    """Return when the mails of a thread were written: some hours or days apart, all before ``end``."""
    gaps = [timedelta(hours=random.randint(2, 60), minutes=random.randrange(60)) for _ in range(size)]
    return [min(begin + sum(gaps[:turn], timedelta()), end - timedelta(hours=size - turn)) for turn in range(size)]


def _thread(figure: Figure, topic: str, times: list[datetime], random: Random) -> Iterator[Letter]:
    name = f"{figure.address} {topic} {times[0].isoformat()}"
    mine = random.random() < 0.55 or figure.mails <= 3  # whom she hardly knows, Clara wrote to first
    root = own_id(name) if mine else foreign_id(name, figure.domain)
    for turn, at in enumerate(times):
        begun = mine and turn == 0
        yield Letter(
            at=at,
            to=(shown(figure, bare=random.random() < 0.08),),
            subject=topic if begun else f"Re: {topic}",
            private=figure.pool in ("family", "friends"),
            ident=root if begun else own_id(f"{name} {turn}"),
            answers="" if begun else foreign_id(f"{name} {turn}" if turn else name, figure.domain),
            root="" if begun else root,
        )


def _rounds(circle: tuple[Figure, ...], count: int, days: Days, random: Random) -> Iterator[Letter]:
    """Yield mails to two to four of ``circle`` with the rest in copy: what work looks like."""
    for number in range(count):
        weeks = random.randint(max(one.until for one in circle), min(one.since for one in circle))
        chosen = random.sample(circle, random.randint(2, min(4, len(circle))))
        rest = [one for one in circle if one not in chosen]
        topic = random.choice(POOLS[circle[0].pool])
        at = _working(days, weeks, random.randrange(5), random.randint(8, 17), random.randrange(60))
        asked = foreign_id(f"{circle[0].pool} round {number}", chosen[0].domain) if number % 2 else ""
        yield Letter(
            at=at,
            to=tuple(shown(one) for one in chosen),
            cc=tuple(shown(one) for one in rest[:2]) if number % 3 == 0 else (),
            subject=f"Re: {topic}" if asked else topic,
            answers=asked,
            root=asked,
        )
