"""Which sent mails fool a careless reader? Lists, machines, services, rounds and oddities, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime

from daemon.demo.days import Days, on
from daemon.demo.people import (
    ALIAS,
    COLLEAGUES,
    EVERYBODY,
    FRESH,
    ME,
    ME_NAME,
    NETWORK,
    PASSING,
    PAST_CLIENTS,
    SUPERVISION,
    Figure,
)
from daemon.demo.post import Letter, foreign_id, mailbox, own_id, shown
from daemon.demo.topics import LIST_POSTS

LIST_WITHOUT_NAME = "vienna-consultants-l@beraterforum.example"
LIST_ON_HOST = "salon@lists.kaffeehaus-salon.example"
TICKET = "reply+4f9a2c7d81b3e650@ticketdesk.example"
COSIMA = Figure(name="Cosima Hartl", address="cosima.hartl@hartl-archiv.example")
"""Somebody who only ever stood in copy."""


def strays(days: Days) -> Iterator[Letter]:
    """Yield every mail that does not come from the ordinary threads."""
    for kind in (_christmas, _lists, _machines, _services, _rounds, _helping, _automatic, _oddities, _first_met):
        yield from kind(days)


def _christmas(days: Days) -> Iterator[Letter]:
    day = days.last(12, 17)
    weeks = (days.today - day).days // 7
    friends = [one for one in (*NETWORK, *SUPERVISION) if one.since > weeks]
    for number, figure in enumerate([*friends, *PAST_CLIENTS][:80]):
        at = on(day, 14) + timedelta(minutes=2 * number)
        yield Letter(at=at, to=(shown(figure),), subject="Frohe Feiertage und danke")


def _lists(days: Days) -> Iterator[Letter]:
    for number in range(90):
        address = (LIST_WITHOUT_NAME, LIST_ON_HOST)[number % 2]
        asked = foreign_id(f"post {number}", address.partition("@")[2]) if number % 5 else ""
        topic = LIST_POSTS[number % len(LIST_POSTS)]
        at = days.at(62 - number * 61 // 90, number % 5, 20, number % 60)
        subject = f"Re: [salon] {topic}" if asked and number % 2 else topic
        yield Letter(at=at, to=(address,), subject=subject, answers=asked, root=asked)


def _machines(days: Days) -> Iterator[Letter]:
    for number in range(14):
        address = f"unsubscribe-{7300 + 17 * number}@news.brief-post.example"
        yield Letter(at=days.at(58 - 4 * number, 5, 9, number), to=(address,), subject="unsubscribe")
    for number, address in enumerate(
        ("noreply@paketdienst.example", "info@hotel-traunsee.example", "billing@hostwerk.example",
         "office@seminarhaus-wolke.example", "support@hostwerk.example", "reservations@gasthaus-linde.example")
    ):  # fmt: skip
        for turn in range(3):
            at = days.at(50 - 7 * number - turn, turn, 11, number)
            yield Letter(at=at, to=(address,), subject=("Booking", "Re: Booking", "Invoice address")[turn])
    yield from _thread(TICKET, "[#48213] Mailbox does not sync", [days.at(33, day, 10) for day in range(5)])


def _services(days: Days) -> Iterator[Letter]:
    jane, plumber, recruiter = (EVERYBODY[name] for name in ("Jane Cooper", "Zoltán Horvath", "Viktor Sommer"))
    times = [days.at(17, 0, 9) + timedelta(hours=20 * number) for number in range(12)]
    yield from _thread(shown(jane), "Migration window", times)
    begun = [days.at(29, 0, 8), days.at(28, 1, 8), days.at(26, 2, 8), days.at(24, 0, 8)]
    yield from _thread(shown(plumber), "Tropfender Boiler", begun, mine=True)
    yield from _thread(shown(recruiter), "Your interesting profile", [days.at(23, 2, 19)])
    yield Letter(at=days.at(15, 1, 9), to=(shown(EVERYBODY["Renate Kogler"]),), subject="WG: Rechnung 2214")
    yield Letter(at=days.at(20, 1, 9), to=(shown(EVERYBODY["Gerlinde Auer"]),), subject="Kündigung Stellplatz")


def _rounds(days: Days) -> Iterator[Letter]:
    everyone = [*PAST_CLIENTS[:18], *NETWORK[15:29]]
    yield Letter(at=days.at(12, 0, 9), to=tuple(map(shown, everyone)), subject="New address from autumn")
    party = [*NETWORK[4:7], *NETWORK[25:29], *SUPERVISION]
    yield Letter(at=days.at(22, 0, 12), to=tuple(map(shown, party)), subject="Garden party", private=True)
    yield Letter(at=days.at(31, 0, 12), to=(mailbox(ME_NAME, ME),), subject="Fragebogen",
                 more=(("Bcc", ",\n ".join(map(shown, PAST_CLIENTS[20:46]))),))  # fmt: skip
    for number, figure in enumerate((*NETWORK[25:29], *SUPERVISION[:2])):
        asked = foreign_id(f"party {number}", figure.domain)
        at = days.at(22, 2, 17, 5 * number)
        yield Letter(at=at, to=(shown(figure),), subject="Re: Garden party", private=True, answers=asked, root=asked)
    for number in range(4):
        at = days.at(45 - 3 * number, 1, 15)
        yield Letter(at=at, to=(shown(COLLEAGUES[1]),), cc=(shown(COSIMA),), subject="Old files")


def _helping(days: Days) -> Iterator[Letter]:
    georg, anna, maria, petra = (
        shown(EVERYBODY[name]) for name in ("Georg Lang", "Anna Berger", "Maria Huber", "Petra Moser")
    )
    karl, mateo, henrike = (shown(EVERYBODY[name]) for name in ("Karl Wenz", "Mateo Ibarra", "Henrike Vos"))
    yield Letter(at=days.at(18, 1, 9), to=(anna, georg), subject="Introduction: Anna Berger and Georg Lang")
    yield Letter(at=days.at(9, 3, 9), to=(maria, petra), subject="Maria Huber, meet Petra Moser")
    yield Letter(at=days.at(11, 2, 9), to=(karl,), subject="Fwd: Study on reusable packaging")
    yield Letter(at=days.at(10, 2, 9), to=(mateo, henrike), subject="Fw: Call for pilot partners")
    yield Letter(at=days.at(16, 4, 9), to=(maria,), subject="WG: Förderung für Lehrlinge")


def _automatic(days: Days) -> Iterator[Letter]:
    reply = (("Content-Type", 'text/calendar; method=REPLY; charset="UTF-8"'),)
    for number, figure in enumerate((*NETWORK[:20], *COLLEAGUES)):
        subject = f"{('Accepted', 'Zugesagt', 'Tentative')[number % 3]}: Catch-up"
        yield Letter(at=days.at(56 - 2 * number, 1, 8, number), to=(shown(figure),), subject=subject, more=reply)
    for number, figure in enumerate((*NETWORK[5:15], *PASSING[:3])):
        yield Letter(at=days.at(14, number % 5, 10, number), to=(shown(figure),), subject="Out of office: Re: Dates",
                     more=(("Auto-Submitted", "auto-replied"),))  # fmt: skip
    for number in range(8):
        at = days.at(50 - 6 * number, 2, 18)
        yield Letter(at=at, to=(mailbox(ME_NAME, ALIAS),), subject="Notes from the train")


def _oddities(days: Days) -> Iterator[Letter]:
    milan, birgit, sofie = (shown(EVERYBODY[name]) for name in ("Milan Kovač", "Birgit Sandner", "Sofie Lindgren"))
    twice = Letter(at=days.at(27, 1, 10), to=(milan,), subject="Poster series", ident=own_id("the same mail twice"))
    yield twice
    yield twice
    yield Letter(at=days.at(30, 1, 10), to=(birgit,), subject="Team days", more=(("Message-ID", ""),))
    at = days.at(25, 1, 10)
    without_zone = format_datetime(at.replace(tzinfo=None)).removesuffix(" -0000")
    yield Letter(at=at, to=(sofie,), subject="Field visit", more=(("Date", without_zone),))
    yield Letter(at=days.at(26, 1, 10), to=(milan,), subject="Colour concept",
                 more=(("Date", "Mon, 05 Nov 1979 10:00:00 +0100"),))  # fmt: skip
    yield Letter(at=days.at(28, 1, 10), to=(birgit,), subject="Mentoring programme",
                 body="From Linz to Graz it is three hours.\n")  # fmt: skip


def _first_met(days: Days) -> Iterator[Letter]:
    nora, friederike = FRESH[0], FRESH[3]
    asked = [days.workday(6, 11), days.workday(5, 16)]
    yield from _thread(shown(nora), "Coffee in your neighbourhood", asked, mine=True)
    yield Letter(at=days.workday(4, 17), to=(shown(friederike),), subject="The papers on solar storage")


def _thread(to: str, topic: str, times: list[datetime], *, mine: bool = False) -> Iterator[Letter]:
    """Yield Clara's side of one thread; ``mine``: she began it."""
    domain = to.rpartition("@")[2].rstrip(">")
    root = own_id(f"{to} {topic}") if mine else foreign_id(f"{topic} begins", domain)
    for number, at in enumerate(times):
        begun = mine and number == 0
        answers = "" if begun else foreign_id(f"{topic} {number}", domain)
        subject = topic if begun else f"Re: {topic}"
        yield Letter(at=at, to=(to,), subject=subject, ident=root if begun else "", answers=answers,
                     root="" if begun else root)  # fmt: skip
