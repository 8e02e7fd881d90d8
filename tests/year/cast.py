"""Who lives in the year? Clara Winter's people, each with a temper of their own; every address ends in ``.example``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

VIENNA = ZoneInfo("Europe/Vienna")
CLARA = "Clara Winter <clara@winter.example>"
BEGIN = date(2027, 1, 1)
END = date(2027, 12, 31)
HISTORY = date(2025, 11, 3)
"""From here on Clara lives; Kith comes on the first of January."""
HOLIDAY = (date(2027, 8, 2), date(2027, 8, 15))
DEADLINE = (date(2027, 10, 4), date(2027, 11, 7))
"""Five weeks in which Clara looks at nothing but one project."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Somebody in Clara's life. ``meets`` and ``mails``: every so many days by themselves, 0 never.

    ``temper``: what comes of a mail of Clara's. *warm* people answer, and often a coffee follows; *brief* ones answer
    half of the time; *cool* ones never do.
    """

    name: str
    address: str
    temper: str
    meets: int
    mails: int
    topic: str
    since: date = HISTORY
    until: date = END
    place: str = "network"

    @property
    def first(self) -> str:
        return self.name.split()[0]

    @property
    def mailbox(self) -> str:
        return f"{self.name} <{self.address}>"


_TABLE = """
Maria Huber      | maria@huber.example       | warm  | 45 | 40 | Workshop dates       | key
Thomas Aigner    | thomas@aigner.example     | warm  | 60 | 50 | Tender review        | key
Petra Moser      | petra@moser.example       | brief | 50 | 45 | Machine safety       | key
Milan Kovač      | milan@kovac.example       | warm  | 70 | 60 | The move to Ljubljana
Ines Moreau      | ines@moreau.example       | warm  | 80 | 70 | The new studio
Karl Wenz        | karl@wenz.example         | brief | 75 | 90 | Reusable packaging
Birgit Sandner   | birgit@sandner.example    | brief | 90 | 60 | Hiring in spring
Pavel Novák      | pavel@novak.example       | warm  | 85 | 70 | Migration plan
Elif Yıldız      | elif@yildiz.example       | brief | 95 | 80 | Fabric samples
Hannes Pichler   | hannes@pichler.example    | warm  | 65 | 75 | Charging stations
Sofie Lindgren   | sofie@lindgren.example    | brief | 90 | 85 | Lab tour
Adaeze Okafor    | adaeze@okafor.example     | warm  | 80 | 90 | Seed round
Luca Ferrante    | luca@ferrante.example     | cool  | 85 | 80 | Spare parts
Georg Lang       | georg@lang.example        | warm  | 55 | 50 | Cash flow plan       | fades
Viktor Stahl     | viktor@stahl.example      | cool  | 60 | 50 | Scrap prices         | never
Agnes Roth       | agnes@roth.example        | warm  | 50 | 45 | Choir concert        | muted
Nora Lindqvist   | nora@lindqvist.example    | warm  | 30 | 25 | Community heating    | march
Paul Winter      | paul@home.example         | warm  | 30 |  9 | Dinner on Sunday     | household
Eva Brandt       | eva@winter.example        | warm  | 40 |  5 | Invoice run          | colleague
Tax office Hofer | office@hofer-tax.example  | brief |  0 | 60 | Quarterly return     | service
Jonas Keller     | jonas@keller.example      | brief |  0 | 45 | Release notes        | list
"""
SPANS = {
    "fades": (HISTORY, date(2027, 3, 31)),
    "march": (date(2027, 3, 4), END),
    "muted": (HISTORY, date(2026, 9, 30)),
    "never": (HISTORY, date(2026, 12, 31)),
}
"""When somebody does anything by themselves, where that is not the whole time."""


def _figure(line: str) -> Figure:
    name, address, temper, meets, mails, topic, *place = (cell.strip() for cell in line.split("|"))
    where = place[0] if place else "network"
    since, until = SPANS.get(where, (HISTORY, END))
    return Figure(
        name=name,
        address=address,
        temper=temper,
        meets=int(meets),
        mails=int(mails),
        topic=topic,
        since=since,
        until=until,
        place=where,
    )


CAST: tuple[Figure, ...] = tuple(_figure(line) for line in _TABLE.strip().splitlines())
BY_NAME = {figure.name: figure for figure in CAST}
NEVER_REMINDED = frozenset({"Agnes Roth", "Paul Winter", "Eva Brandt", "Tax office Hofer", "Jonas Keller"})
"""Household, colleague, service, a friend by mail alone, and one who died: nothing is ever proposed about them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Somebody met for the first time at a Founders meetup: what Clara types into the debrief, and their temper."""

    typed: str
    name: str
    address: str = ""
    temper: str = "cool"
    topic: str = "The first steps"

    @property
    def figure(self) -> Figure:
        return Figure(name=self.name, address=self.address, temper=self.temper, meets=0, mails=0, topic=self.topic)


NEWCOMERS: dict[date, tuple[Newcomer, ...]] = {
    date(2027, 1, 28): (
        Newcomer(
            typed="Anna Berger anna@helio.example, needs a CFO x",
            name="Anna Berger",
            address="anna@helio.example",
            temper="warm",
        ),
    ),
    date(2027, 2, 11): (
        Newcomer(
            typed="Ruth Steiner ruth@steiner.example started B2B in January x",
            name="Ruth Steiner",
            address="ruth@steiner.example",
            temper="warm",
        ),
        Newcomer(typed="Karim Haddad, family businesses", name="Karim Haddad"),
    ),
    date(2027, 3, 11): (
        Newcomer(
            typed="Otto Brenner otto@brenner.example, promised him the Graz study",
            name="Otto Brenner",
            address="otto@brenner.example",
        ),
    ),
    date(2027, 4, 22): (
        Newcomer(typed="Lea Zach lea@zach.example x", name="Lea Zach", address="lea@zach.example", temper="brief"),
        Newcomer(
            typed="Simon Falk simon@falk.example x", name="Simon Falk", address="simon@falk.example", temper="cool"
        ),
    ),
    date(2027, 6, 17): (
        Newcomer(typed="Dora Weiss", name="Dora Weiss"),
        Newcomer(typed="Emil Horn", name="Emil Horn"),
        Newcomer(typed="two students, no", name=""),
    ),
    date(2027, 9, 9): (
        Newcomer(
            typed="Tara Singh tara@singh.example, promised her two names x",
            name="Tara Singh",
            address="tara@singh.example",
            temper="warm",
        ),
    ),
    date(2027, 11, 18): (
        Newcomer(typed="Hugo Pohl hugo@pohl.example x", name="Hugo Pohl", address="hugo@pohl.example", temper="warm"),
    ),
}
REGULARS = ("Milan Kovač", "Ines Moreau", "Ruth Steiner", "Anna Berger", "Karim Haddad")
"""Who comes to the Founders meetup again and again, once they were there."""
