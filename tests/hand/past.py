"""What has happened before the machine begins? Eight people met and written to for a year, a ninth met yesterday."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
"""A Friday."""
ME = "clara@winter.example"
ZONE = "Europe/Vienna"
KNOWN = (
    "Maria Huber",
    "Thomas Aigner",
    "Ada Berg",
    "Ben Kovac",
    "Cora Lindt",
    "Dora Maier",
    "Emil Novak",
    "Fritz Ober",
)
LATEST = "Ruth Steiner"
STRANGERS = (
    "Nina Olsen",
    "Otto Prager",
    "Paula Quint",
    "Rosa Stern",
    "Sven Thal",
    "Tina Urban",
    "Udo Vogel",
    "Vera Wirth",
)
EVERYBODY = (*KNOWN, LATEST, *STRANGERS)
TOPICS = (
    "Pumps for the valley",
    "A study of your warehouse",
    "Dates for the workshop",
    "The tender in Linz",
    "Wood chips",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A meeting of the user's; ``guests`` are names."""

    uid: str
    title: str
    start: datetime
    end: datetime
    guests: tuple[str, ...]
    called_off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail of the user's, or to the user if ``heard``."""

    id: str
    who: str
    subject: str
    at: datetime
    answers: str = ""
    heard: bool = False


def address(name: str) -> str:
    """Return the address of somebody."""
    first, last = name.lower().split()
    return f"{first}@{last}.example"


def mailbox(name: str) -> str:
    """Return somebody as a header names them."""
    return f"{name} <{address(name)}>"


def meetings() -> Iterator[Meeting]:
    """Yield the meetings of the year."""
    for number, name in enumerate(KNOWN):
        for turn, ago in enumerate((310, 240, 75)):
            start = (NOW - timedelta(days=ago + number)).replace(hour=13)
            title = f"{('Kick-off', 'Next steps', 'Results')[turn]} with {name}"
            yield Meeting(
                uid=f"p{number}{turn}", title=title, start=start, end=start + timedelta(hours=1), guests=(name,)
            )
    start = NOW - timedelta(hours=19)
    yield Meeting(uid="r", title="Packaging", start=start, end=start + timedelta(hours=1), guests=(LATEST,))


def mails() -> Iterator[Mail]:
    """Yield the mails of the year, in order of time."""
    found = [
        Mail(
            id=f"w{number}{turn}", who=name, subject=TOPICS[(number + turn) % 5], at=NOW - timedelta(days=ago - number)
        )
        for number, name in enumerate(KNOWN)
        for turn, ago in enumerate((312, 280, 200, 70))
    ]
    yield from sorted(found, key=lambda mail: mail.at)
