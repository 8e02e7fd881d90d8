"""What did calendar and mail say? Read by the standard library and icalendar alone: the judge of every draft."""

from __future__ import annotations

import email.utils
import mailbox
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.header import decode_header, make_header
from pathlib import Path
from zoneinfo import ZoneInfo

from icalendar import Calendar
from recurring_ical_events import of

MONTHS = tuple(
    "January February March April May June July August September October November December "
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
)
_DATE = re.compile(rf"(\d{{1,2}})\.? ({'|'.join(MONTHS)})(?: (\d{{4}}))?")
_QUOTED = re.compile(r"[\"„](.+?)[\"“](?=[\s.,:?]|$)")
_PREFIX = re.compile(r"^(?:(?:re|aw|fwd?|wg)(?:\[\d+\])?:\s*)+", re.IGNORECASE)


@dataclass(frozen=True)
class Raw:
    """By address: the days and titles of what the user and that address had in common, and all that stands ahead."""

    shared: Mapping[str, set[tuple[date, str]]]
    events: set[tuple[date, str]]
    said: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By address: what the user noted, promised or was told of them."""


def read(mbox: Path, calendar: Path | None, zone: ZoneInfo, span: tuple[datetime, datetime]) -> Raw:
    """Return what stands in the files."""
    shared: dict[str, set[tuple[date, str]]] = defaultdict(set)
    with closing(mailbox.mbox(mbox, create=False)) as box:
        for message in box:
            at = _at(str(message["Date"]), zone)
            subject = _text(str(message["Subject"] or ""))
            for name in ("To", "Cc", "Bcc"):
                for _, address in email.utils.getaddresses([str(value) for value in message.get_all(name, [])]):
                    shared[address.casefold()].add((at, subject))
    events = set[tuple[date, str]]()
    for event in of(Calendar.from_ical(calendar.read_bytes())).between(*span) if calendar else ():
        start = event["DTSTART"].dt
        day = start.astimezone(zone).date() if isinstance(start, datetime) else start
        title = str(event.get("SUMMARY", ""))
        events.add((day, title))
        guests = event.get("ATTENDEE", [])
        for guest in guests if isinstance(guests, list) else [guests]:
            shared[str(guest).casefold().removeprefix("mailto:")].add((day, title))
    return Raw(shared, events)


def _at(text: str, zone: ZoneInfo) -> date:
    at = email.utils.parsedate_to_datetime(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(zone).date()


def _text(subject: str) -> str:
    try:
        return " ".join(str(make_header(decode_header(subject))).split())
    except (ValueError, LookupError):
        return subject


def dates(text: str, today: date) -> Iterable[date]:
    """Yield the days that ``text`` names; without a year the one of ``today``."""
    for day, month, year in _DATE.findall(text):
        yield date(int(year or today.year), MONTHS.index(month) % 12 + 1, int(day))


def judged(title: str, body: str, addresses: Iterable[str], raw: Raw, today: date) -> tuple[bool, list[str]]:
    """Return whether a draft names something concrete, and what of it is not true by the input."""
    mine = {pair for address in addresses for pair in raw.shared.get(address, ())}
    said = {text for address in addresses for text in raw.said.get(address, ())}
    message = body.partition("\n\n")[2].rpartition("\n\n")[0]
    near = {day for day, _ in mine} | {day for day, _ in raw.events if today <= day <= today + timedelta(days=30)}
    near |= {day for text in said for day in dates(text, today)}
    false = [
        f"nothing on {day}" for day in dates(message, today) if day not in near and not _offered(day, today, message)
    ]
    titles = [_PREFIX.sub("", text).casefold() for _, text in (*mine, *raw.events)]
    quoted = _QUOTED.findall(message)
    false += [f"no {text!r}" for text in quoted if not any(_same(text, one) for one in titles)]
    named = [text for text in said if text and text in f"{title}\n{message}"]
    concrete = bool(quoted or named or any(True for _ in dates(message, today)))
    concrete = concrete or any(len(one) > 4 and one in title.casefold() for one in titles)
    return concrete, false


def _same(text: str, title: str) -> bool:
    plain = text.casefold().replace("'", '"')
    return plain in title.replace("'", '"') or plain in title.replace("“", '"').replace("”", '"').replace("'", '"')


def _offered(day: date, today: date, message: str) -> bool:
    """Tell whether ``day`` is one of the two that a draft offers for a conversation: ahead, with a time."""
    return today < day <= today + timedelta(days=30) and re.search(r"\d{2}:\d{2}", message) is not None
