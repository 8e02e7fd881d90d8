"""How does the demo calendar become a file? Meetings, and their RFC 5545 form."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar, Event, vCalAddress, vRecur, vText

from daemon.demo.days import ZONE, on
from daemon.demo.people import ME, ME_NAME, OWN_DOMAIN, Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Somebody on a guest list, with their answer (PARTSTAT) and what they are (CUTYPE)."""

    name: str
    address: str
    answer: str = "ACCEPTED"
    kind: str = "INDIVIDUAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """One entry of the calendar. Guests other than Clara; ``organiser`` None is Clara, if there are guests."""

    title: str
    start: datetime | date
    length: timedelta = timedelta(hours=1)
    guests: tuple[Guest, ...] = ()
    organiser: Guest | None = None
    mine: str | None = "ACCEPTED"
    """Clara's answer; None: she is not on the guest list."""
    repeat: str = ""
    left_out: tuple[datetime, ...] = ()
    moved: tuple[tuple[datetime, datetime], ...] = ()
    uid: str = ""
    status: str = "CONFIRMED"
    more: tuple[tuple[str, str], ...] = ()
    """Further properties, as name and text."""


def guest(figure: Figure, answer: str = "ACCEPTED") -> Guest:
    """Return ``figure`` on a guest list."""
    return Guest(name=figure.name, address=figure.address, answer=answer)


def calendar_file(meetings: Iterable[Meeting]) -> bytes:
    """Return the iCalendar file of ``meetings``, in their order."""
    calendar = Calendar()
    calendar.add("prodid", "-//Winter Consulting//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", vText("Clara Winter"))
    for number, meeting in enumerate(meetings):
        uid = meeting.uid or f"{_digest(number, meeting.title)}@{OWN_DOMAIN}"
        calendar.add_component(_event(meeting, uid))
        for original, moved in meeting.moved:
            calendar.add_component(_moved(meeting, uid, original, moved))
    calendar.add_missing_timezones(first_date=date(2020, 1, 1), last_date=date(2040, 1, 1))
    content: bytes = calendar.to_ical()
    return content


def _event(meeting: Meeting, uid: str) -> Event:
    event = _body(meeting, uid, meeting.start)
    if meeting.repeat:
        event.add("rrule", vRecur.from_ical(meeting.repeat))
    for day in meeting.left_out:
        event.add("exdate", day)
    return event


def _moved(meeting: Meeting, uid: str, original: datetime, start: datetime) -> Event:
    event = _body(meeting, uid, start)
    event.add("recurrence-id", original)
    return event


def _body(meeting: Meeting, uid: str, start: datetime | date) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", _written(start))
    event.add("dtstart", start)
    event.add("dtend", start + meeting.length)
    event.add("summary", meeting.title)
    event.add("status", meeting.status)
    for name, text in meeting.more:
        event.add(name, vText(text))
    for address in _attendees(meeting):
        event.add("attendee", address, encode=False)
    if meeting.guests or meeting.organiser:
        event.add("organizer", _organiser(meeting), encode=False)
    return event


def _attendees(meeting: Meeting) -> list[vCalAddress]:
    if meeting.mine is None or not (meeting.guests or meeting.organiser):
        return [_attendee(one) for one in meeting.guests]
    return [_attendee(one) for one in (Guest(name=ME_NAME, address=ME, answer=meeting.mine), *meeting.guests)]


def _attendee(one: Guest) -> vCalAddress:
    address = _address(one)
    address.params["partstat"] = vText(one.answer)
    address.params["cutype"] = vText(one.kind)
    return address


def _organiser(meeting: Meeting) -> vCalAddress:
    return _address(meeting.organiser or Guest(name=ME_NAME, address=ME))


def _address(one: Guest) -> vCalAddress:
    address = vCalAddress(f"mailto:{one.address}")
    address.params["cn"] = vText(one.name)
    return address


def _written(start: datetime | date) -> datetime:
    """Return when the entry was made: ten days ahead."""
    moment = start.replace(tzinfo=start.tzinfo or ZONE) if isinstance(start, datetime) else on(start, 9)
    return (moment - timedelta(days=10)).astimezone(UTC)


def _digest(number: int, title: str) -> str:
    return hashlib.sha256(f"{number}\n{title}".encode()).hexdigest()[:20]
