"""Which entries of a calendar fool a careless reader? Habits, gatherings and the rest, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from daemon.demo.agenda import Guest, Meeting, guest
from daemon.demo.days import CONFERENCE, Days
from daemon.demo.people import ALIAS, COLLEAGUES, EVERYBODY, FRESH, NETWORK, PROJECT, SUPERVISION

_HALF_HOUR = timedelta(minutes=30)
_DAY = timedelta(days=1)
_BOT = Guest(name="Fred Notetaker", address="fred@fireflies.ai")
_OFFICE_OUT = (("X-MICROSOFT-CDO-BUSYSTATUS", "OOF"),)
_BIRTHDAYS = (
    ("Ben Fischer", 3, 9), ("Sabine Reiter", 5, 21), ("Johanna Winter", 7, 2), ("Helmut Winter", 10, 14),
    ("Lukas Brandl", 1, 30), ("Maria Huber", 8, 18),
)  # fmt: skip


def entries(days: Days) -> Iterator[Meeting]:
    """Yield every entry that is not an ordinary one-to-one."""
    for kind in (_habits, _series_that_ended, _gatherings, _nobody_met, _own_notes, _odd_guests, _own_time, _first_met):
        yield from kind(days)
    yield from _ahead(days)


def _habits(days: Days) -> Iterator[Meeting]:
    monday = days.at(62, 0, 9)
    yield Meeting(
        title="Team weekly",
        start=monday,
        guests=tuple(guest(one) for one in COLLEAGUES),
        repeat="FREQ=WEEKLY",
        left_out=(days.at(13, 0, 9), days.at(14, 0, 9)),
        moved=((days.at(9, 0, 9), days.at(9, 1, 11)),),
    )
    jonas = (guest(EVERYBODY["Jonas Eder"]),)
    yield Meeting(title="Jonas / Clara", start=days.at(62, 3, 13), length=_HALF_HOUR, guests=jonas, repeat=_every(2))
    circle = tuple(guest(EVERYBODY[name]) for name in ("Ben Fischer", "Sabine Reiter", "Lukas Brandl"))
    yield Meeting(title="Lunch circle", start=days.at(58, 2, 12, 30), guests=circle, repeat=_every(2))
    group = tuple(guest(one) for one in SUPERVISION)
    yield Meeting(title="Supervision group", start=days.at(61, 1, 16), guests=group, repeat=_every(4))
    yield Meeting(title="Founders meetup", start=days.at(60, 3, 18, 30), length=timedelta(hours=3), repeat=_every(4))
    yield Meeting(title="Breakfast club", start=days.at(59, 4, 7, 30), length=timedelta(minutes=90), repeat=_every(2))


def _series_that_ended(days: Days) -> Iterator[Meeting]:
    project = tuple(guest(one) for one in PROJECT)
    host = project[0]
    yield Meeting(title="Kick-off Linz warehouse", start=days.at(48, 2, 10), guests=project, organiser=host)
    until = f"{days.day(27, 6):%Y%m%d}T220000Z"
    rule = f"FREQ=WEEKLY;UNTIL={until}"
    start = days.at(47, 2, 14)
    yield Meeting(title="Linz warehouse weekly", start=start, guests=project, organiser=host, repeat=rule)


def _gatherings(days: Days) -> Iterator[Meeting]:
    first = days.day(CONFERENCE, 1)
    free = (("TRANSP", "TRANSPARENT"), ("LOCATION", "Graz"))
    yield Meeting(title="Packaging Summit Graz, conference", start=first, length=3 * _DAY, more=free)
    staff = [f"staff{number:03d}@alpenverbund.example" for number in range(1, 104)]
    yield Meeting(
        title="Alpenverbund all-hands",
        start=days.at(17, 1, 15),
        guests=tuple(Guest(name="", address=address, answer="NEEDS-ACTION") for address in staff),
        organiser=Guest(name="Leopold Raab", address="leopold.raab@alpenverbund.example"),
    )
    table = [*NETWORK[12:20], *NETWORK[3:7]]
    yield Meeting(
        title="Autumn dinner",
        start=days.at(12, 3, 19),
        length=timedelta(hours=3),
        guests=tuple(guest(one, "ACCEPTED" if n < 5 else "NEEDS-ACTION") for n, one in enumerate(table)),
    )
    luma = Guest(name="Circular Vienna", address="calendar-invite@lu.ma")
    evening = days.at(25, 2, 18)
    yield Meeting(title="Circular Vienna Night", start=evening, length=timedelta(hours=2), organiser=luma,
                  uid="evt-q7demo0winter@events.lu.ma")  # fmt: skip


def _nobody_met(days: Days) -> Iterator[Meeting]:
    seller = Guest(name="Cloud Savings Team", address="meet@cloudsavings.example")
    yield Meeting(title="Cloud savings in 15 minutes", start=days.at(19, 1, 11), organiser=seller, mine="DECLINED",
                  guests=(seller,))  # fmt: skip
    prize = Guest(name="Prize Office", address="prize@gewinnspiel-zentrale.example")
    yield Meeting(title="You have won", start=days.at(16, 4, 3), organiser=prize, mine="NEEDS-ACTION")
    wolfgang, dragana = EVERYBODY["Wolfgang Zauner"], EVERYBODY["Dragana Petrović"]
    yield Meeting(title="Coffee Wolfgang / Clara", start=days.at(24, 1, 10), guests=(guest(wolfgang, "DECLINED"),))
    yield Meeting(title="Podcast recording", start=days.at(20, 2, 10), guests=(guest(dragana),), status="CANCELLED")
    silent = tuple(guest(one, "NEEDS-ACTION") for one in NETWORK[8:13])
    yield Meeting(title="Round on export papers", start=days.at(22, 3, 15), guests=silent)
    yield Meeting(title="Tax papers", start=days.at(18, 2, 17), guests=(Guest(name="Clara Winter", address=ALIAS),))
    yield Meeting(title="Quick call", start=days.at(15, 3, 9), length=timedelta(minutes=5),
                  guests=(guest(EVERYBODY["Georg Lang"]),))  # fmt: skip


def _own_notes(days: Days) -> Iterator[Meeting]:
    for title, weeks, weekday, hour in (
        ("Lunch with Maria Huber", 30, 2, 12),
        ("called Ben Fischer", 9, 1, 18),
        ("Kaffee mit Sabine Reiter", 15, 4, 16),
        ("Buy present for Maria Huber", 11, 0, 17),
        ("Conference call with Tom", 16, 2, 11),
        ("Dentist", 23, 1, 8),
        ("Pick up the car", 8, 4, 17),
        ("Train to Salzburg", 26, 0, 7),
    ):
        yield Meeting(title=title, start=days.at(weeks, weekday, hour), length=timedelta(minutes=45))


def _odd_guests(days: Days) -> Iterator[Meeting]:
    edlinger, thomas = guest(EVERYBODY["Margarethe Edlinger"]), guest(EVERYBODY["Thomas Aigner"])
    office = Guest(name="Edlinger Holz, Assistance", address="assistance@edlinger-holz.example")
    yield Meeting(title="Advisory board, preparation", start=days.at(35, 1, 10), guests=(edlinger,), organiser=office)
    yield Meeting(title="Depot in Enns", start=days.at(28, 3, 14), guests=(thomas, _BOT))
    calendly = Guest(name="Calendly", address="notifications@calendly.com")
    pavel = guest(EVERYBODY["Pavel Novák"])
    yield Meeting(title="Pavel Novák and Clara Winter", start=days.at(36, 2, 11), length=_HALF_HOUR, guests=(pavel,),
                  organiser=calendly, uid="booking-4417demo@calendly.com")  # fmt: skip
    lukas = guest(EVERYBODY["Lukas Brandl"])
    yield Meeting(title="Hike on the Rax", start=days.day(10, 5), length=_DAY, guests=(lukas,))
    floating = days.at(32, 1, 16).replace(tzinfo=None)
    yield Meeting(title="Trade fair stand", start=floating, guests=(guest(EVERYBODY["Milan Kovač"]),))


def _own_time(days: Days) -> Iterator[Meeting]:
    yield Meeting(title="Out of office: Gmunden", start=days.day(14, 0), length=12 * _DAY, more=_OFFICE_OUT)
    private = (("CLASS", "PRIVATE"),)
    for weeks in (44, 31, 18, 5):
        yield Meeting(title="Doctor Wallisch", start=days.at(weeks, 1, 8, 30), length=_HALF_HOUR, more=private)
    focus = (("CATEGORIES", "Focus time"),)
    yield Meeting(title="Focus time", start=days.at(56, 4, 9), length=timedelta(hours=2), repeat=_every(2), more=focus)
    for name, month, day in _BIRTHDAYS:
        start = days.last(month, day)
        yield Meeting(title=f"{name}'s birthday", start=start.replace(year=start.year - 1), length=_DAY,
                      repeat="FREQ=YEARLY", more=(("CATEGORIES", "Birthday"),))  # fmt: skip


def _first_met(days: Days) -> Iterator[Meeting]:
    nora, yusuf, clemence, friederike = (guest(one) for one in FRESH)
    yield Meeting(title="Solar storage: first talk", start=days.workday(4, 14), guests=(friederike,))
    yield Meeting(title="Round table on short supply chains", start=days.workday(2, 15), organiser=yusuf,
                  guests=(yusuf, clemence))  # fmt: skip
    yield Meeting(title="Community heating in small towns", start=days.workday(1, 10), guests=(nora,))


def _ahead(days: Days) -> Iterator[Meeting]:
    anna, hannes, elif_, milan = (
        guest(EVERYBODY[name]) for name in ("Anna Berger", "Hannes Pichler", "Elif Yıldız", "Milan Kovač")
    )
    yield Meeting(title="Roof lease", start=days.at(-1, 2, 10), guests=(anna,))
    yield Meeting(title="Charging points for the fleet", start=days.at(-1, 3, 15), guests=(hannes,), organiser=hannes)
    yield Meeting(title="Autumn collection", start=days.at(-2, 1, 14), guests=(elif_, milan))
    yield Meeting(title="Studio visit", start=days.at(-1, 4, 11), guests=(milan,), status="CANCELLED")
    yield Meeting(title="Workshop on succession", start=days.at(-3, 1, 9), length=timedelta(hours=7),
                  guests=tuple(guest(one) for one in NETWORK[15:22]))  # fmt: skip
    yield Meeting(title="Alpenverbund strategy day", start=days.at(-5, 3, 9), length=timedelta(hours=7))


def _every(weeks: int) -> str:
    return f"FREQ=WEEKLY;INTERVAL={weeks}"
