"""What does a long life look like? Many made-up mails and events, always the same for the same numbers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from .calendars import Body, stamp
from .mailbox import Mailbox, Message

FIRST = "Ada Boris Chiara Dmitri Elif Farid Greta Hugo Ines Jonas Kemal Lena Marta Nils Olga Pavel Rosa Sven Tara Uwe"
LAST = (
    "Abel Braun Cox Dorn Esser Falk Gruber Hansen Ivanov Jansen Keller Lorenz Moser Nowak Ober Pohl Reuter Sato Tom Ulm"
)


def person(number: int) -> tuple[str, str]:
    """Give the name and address of a made-up person."""
    first, last = FIRST.split()[number % 20], LAST.split()[number // 20 % 20]
    return f"{first} {last}", f"{first}.{last}{number}@company{number % 37}.example".lower()


def mails(
    box: Mailbox, count: int, now: datetime, *, people: int = 300, days: int = 3650, step: timedelta | None = None
) -> Iterator[Message]:
    """Make *count* sent mails, evenly over *days* or *step* apart, the newest an hour old; every third is an answer."""
    step = step or timedelta(days=days) / max(1, count)
    before: Message | None = None
    for number in range(count):
        when = now - timedelta(hours=1) - step * (count - 1 - number)
        name, address = person(number * 7919 % people)
        message_id = f"<bulk{number}@winter.example>"
        headers = [
            ("From", f"Clara Winter <{box.address}>"),
            ("To", f"{name} <{address}>"),
            ("Date", f"{when:%a, %d %b %Y %H:%M:%S} +0000"),
        ]
        answers = before if number % 3 == 2 else None
        subject = f"Re: Plan {number - 1}" if answers else f"Plan {number}"
        headers += [("Subject", subject), ("Message-ID", message_id)]
        if answers:
            headers += [("In-Reply-To", answers.message_id), ("References", answers.message_id)]
        own = box.next_id()
        thread = answers.thread if answers else own
        before = Message(
            id=own,
            thread=thread,
            labels=frozenset({"SENT"}),
            at=int(when.timestamp() * 1000),
            headers=tuple(headers),
            body=f"Dear {name},\n\nplan {number}.\n",
        )
        yield before


def events(
    count: int, now: datetime, *, people: int = 300, days: int = 3650, email: str = "clara@winter.example"
) -> Iterator[Body]:
    """Make *count* single events of an hour, evenly over the last *days*, with one to three guests."""
    step = timedelta(days=days) / max(1, count)
    for number in range(count):
        start = (now - step * (count - number)).replace(minute=0, second=0, microsecond=0)
        guests: list[dict[str, Any]] = [{"email": email, "self": True, "organizer": True, "responseStatus": "accepted"}]
        for guest in range(number % 3 + 1):
            name, address = person((number + guest * 131) * 7919 % people)
            guests.append({"email": address, "displayName": name, "responseStatus": "accepted"})
        times = {
            edge: {"dateTime": stamp(when)[:19] + "Z", "timeZone": "UTC"}
            for edge, when in (("start", start), ("end", start + timedelta(hours=1)))
        }
        yield {"id": f"bulk{number:08}", "summary": f"Meeting {number}", "attendees": guests, **times}
