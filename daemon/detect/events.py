"""What does one calendar event come to by itself? Rules E0-E8 of PRACTICE 2, for the event and each of its guests.

Titles (E9, E12) and what other events say (E10, E11) come later.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from connectors.records import Event, Guest
from daemon.detect import addresses
from daemon.detect.people import Directory
from daemon.model import TouchKind, Verdict, Vocabulary, instant

MINUTES = timedelta(minutes=10)
CALL_MINUTES = timedelta(minutes=2)
HOUR = timedelta(hours=1)
LONG = timedelta(hours=12)
DAY = timedelta(days=1)
SURE = 7
"""Invitations to more count only when the user accepted them (P2)."""
MANY = 21
"""The size of a meeting whose guests are not all known (P3)."""
Present: TypeAlias = tuple[str, str, str]
"""Leader of the person, address on the guest list, rule (E5 or E6)."""
MeetingKind: TypeAlias = TouchKind | Literal["attendance"]


@dataclass(frozen=True, slots=True)
class Calendar:
    """What reading events needs beside them: whose they are and what the words mean."""

    own: frozenset[str]
    directory: Directory
    vocabulary: Vocabulary
    zone: ZoneInfo
    now: datetime
    known: Container[str]
    """Leaders who are persons already (P2)."""
    me: str = ""
    """The user's name, as titles may say it."""
    ahead: bool = False
    """Read upcoming events as if they were over (E1 lifted)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What an event came to. ``alone``: nobody else was invited, so the title decides."""

    event: Event
    start: datetime
    end: datetime
    verdict: Verdict
    present: tuple[Present, ...] = ()
    absent: tuple[tuple[str, Verdict], ...] = ()
    size: int = 0
    alone: bool = False

    def judged(self, verdict: Verdict, present: tuple[Present, ...] = (), size: int = 0) -> Reading:
        """Return this reading under another verdict: who was there is said anew, nobody is absent any more."""
        return Reading(self.event, self.start, self.end, verdict, present, (), size, self.alone)

    @property
    def kind(self) -> str | None:
        """Return the kind of touch, None if nobody is touched."""
        return self.verdict.kind if self.verdict.counted else None


NOT_YOURS = Verdict(rule="E0", counted=False, why="you are neither guest nor organiser, or the calendar is not yours")
OURS = Verdict(rule="E0", counted=False, why="written by Kith itself")
BUSY = Verdict(rule="E0", counted=False, why="this calendar only says when you are busy")
NO_MEETING = Verdict(rule="E8", counted=False, why="focus time, absence, birthday or the like")
SHORT = Verdict(rule="E8", counted=False, why="too short to be a meeting")
MISSED = Verdict(rule="E8", counted=False, why="a call that was missed")
CANCELLED = Verdict(rule="E2", counted=False, why="cancelled")
DECLINED = Verdict(rule="E2", counted=False, why="you declined")
UNANSWERED = Verdict(rule="E2", counted=False, why="you never answered an invitation of somebody unknown, or to many")
UNSURE = Verdict(rule="E2", counted=False, why="you said perhaps to an invitation of many")
UPCOMING = Verdict(rule="E1", counted=False, why="not over yet")
ALONE = Verdict(rule="E9", counted=False, why="no guests, and the title names nobody Kith knows")
ALL_DECLINED = Verdict(rule="E3", counted=False, why="everybody else declined")
NOBODY_ANSWERED = Verdict(rule="E5", counted=False, why="none of the guests ever answered")
LONG_ALONE = Verdict(rule="E7", counted=False, why="all day or longer than 12 hours, and nobody else invited")
LONG_DAY = Verdict(rule="E7", counted=True, why="all day or longer than 12 hours: you were there", kind="attendance")
DAY_OUT = Verdict(rule="E7", counted=True, why="one day with one to three others", kind="small-group")
CALL = Verdict(rule="E6", counted=True, why="a call in your call log", kind="call")
GUEST_DECLINED = Verdict(rule="E3", counted=False, why="declined")
GUEST_SILENT = Verdict(rule="E5", counted=False, why="never answered, and more than two others were invited")
GUEST_CROWD = Verdict(rule="E6", counted=False, why="one of more than twenty, or of a list nobody sees whole")
GUEST_LONG = Verdict(rule="E7", counted=False, why="a whole day says nothing about one guest")
SIZES: Mapping[str, Verdict] = {
    "one-to-one": Verdict(rule="E6", counted=True, why="you and one other", kind="one-to-one"),
    "small-group": Verdict(rule="E6", counted=True, why="two to seven others", kind="small-group"),
    "gathering": Verdict(rule="E6", counted=True, why="eight to twenty others", kind="gathering"),
    "attendance": Verdict(
        rule="E6", counted=True, why="more than twenty others, or not all are known: you were there", kind="attendance"
    ),
}
NOBODY: Mapping[str, Verdict] = {
    code: Verdict(rule=code, counted=False, why=why) for code, why in addresses.WORDS.items()
}


def size_kind(size: int) -> str:
    """Return the kind of a meeting with ``size`` others (E6)."""
    if size == 1:
        return "one-to-one"
    if size <= 7:
        return "small-group"
    return "gathering" if size <= 20 else "attendance"


def read(event: Event, calendar: Calendar) -> Reading:
    """Judge one event by E0, E8, E2, E1, then E7 or E6 and for each guest E3, E4, E5."""
    start, end = instant(event.start, calendar.zone), instant(event.end, calendar.zone)
    mine = _mine(event, calendar)
    others = _others(event, calendar, mine)
    refusal = _outside(event, calendar, mine) or _no_meeting(event, end - start, calendar, others)
    refusal = refusal or _refused(event, calendar, mine, others)
    if refusal is None and end > calendar.now and not calendar.ahead:
        refusal = UPCOMING
    if refusal is not None:
        return Reading(event, start, end, refusal)
    if not others or (end - start >= HOUR and event.role == "work" and by_platform(event, calendar.vocabulary)):
        return Reading(event, start, end, ALONE, alone=True)
    return _meeting(event, start, end, others, calendar)


def by_platform(event: Event, vocabulary: Vocabulary) -> bool:
    """Tell whether an event platform organised the event or made its UID (E12)."""
    hosts = vocabulary["platform-hosts"]
    organiser = event.organiser.address.rpartition("@")[2] if event.organiser else ""
    return addresses.at_host(organiser, hosts) or addresses.at_host(event.uid.rpartition("@")[2].casefold(), hosts)


def _mine(event: Event, calendar: Calendar) -> frozenset[str]:
    """Return the guests who are the user: own addresses, and whom the user's own calendar says to be (S23)."""
    return frozenset(
        guest.address for guest in event.guests if guest.address in calendar.own or (guest.me and event.owned)
    )


def _outside(event: Event, calendar: Calendar, mine: frozenset[str]) -> Verdict | None:
    if event.ours:
        return OURS
    if event.role == "busy":
        return BUSY
    if not event.guests:
        return None if event.owned else NOT_YOURS
    organised = event.organiser is not None and event.organiser.address in calendar.own
    return None if mine or organised else NOT_YOURS


def _no_meeting(event: Event, length: timedelta, calendar: Calendar, others: Mapping[str, Guest]) -> Verdict | None:
    if event.kind != "default":
        return NO_MEETING
    title = event.title.casefold().strip(" .!")
    if event.role == "calls":
        if not calendar.vocabulary["missed-words"].isdisjoint(title.replace(":", " ").split()):
            return MISSED
        return SHORT if length < CALL_MINUTES else None
    if not others and title in calendar.vocabulary["away-titles"]:
        return NO_MEETING
    return SHORT if length < MINUTES else None


def _refused(
    event: Event, calendar: Calendar, mine: frozenset[str], others: Mapping[str, Guest]
) -> Verdict | None:
    """Apply E2 with P2: the user's own answer, and what an answer left open is worth."""
    if event.status == "cancelled":
        return CANCELLED
    answers = {guest.answer for guest in event.guests if guest.address in mine}
    organiser = event.organiser.address if event.organiser is not None else None
    if not answers or "accepted" in answers or (organiser in calendar.own and "declined" not in answers):
        return None
    if "declined" in answers:
        return DECLINED
    if "tentative" in answers:
        return UNSURE if len(others) > SURE else None
    inviter = calendar.directory.who(organiser) if organiser is not None else None
    return None if inviter in calendar.known and len(others) <= SURE else UNANSWERED


def _others(event: Event, calendar: Calendar, mine: frozenset[str]) -> dict[str, Guest]:
    """Return the human guests beside the user by leader, the best answer of each.

    An organiser without a guest line counts only if there is no other guest (P5).
    """
    if not event.guests:
        return {}
    found: dict[str, Guest] = {}
    for guest in event.guests:
        who = calendar.directory.who(guest.address)
        if who is None or guest.address in mine or guest.kind != "person":
            continue
        if who not in found or _RANK[guest.answer] < _RANK[found[who].answer]:
            found[who] = guest
    organiser = event.organiser
    if organiser is not None and organiser.address not in mine and organiser.address not in calendar.own:
        who = calendar.directory.who(organiser.address)
        if who is not None and who in found and found[who].answer == "needs-action":
            found[who] = Guest(address=found[who].address, answer="accepted")
        elif who is not None and not found:
            found[who] = Guest(address=organiser.address, answer="accepted")
    return found


_RANK = {"accepted": 0, "tentative": 1, "needs-action": 2, "declined": 3}


def _meeting(event: Event, start: datetime, end: datetime, others: Mapping[str, Guest], calendar: Calendar) -> Reading:
    coming = {who: guest for who, guest in others.items() if guest.answer != "declined"}
    size = MANY if event.guests_hidden or _crowded(event, calendar) else len(coming)
    absent = [(guest.address, GUEST_DECLINED) for guest in others.values() if guest.answer == "declined"]
    absent += _nobodies(event, calendar)
    if event.role == "calls":
        return _reading(event, start, end, CALL, _all(coming), absent, size)
    if not size:
        return Reading(event, start, end, ALL_DECLINED, absent=tuple(absent))
    if event.all_day or end - start > LONG:
        return _whole_day(event, start, end, coming, absent, size)
    if size >= MANY:
        absent += [(guest.address, GUEST_CROWD) for guest in coming.values()]
        return _reading(event, start, end, SIZES["attendance"], (), absent, size)
    present = tuple(
        (who, guest.address, "E5" if guest.answer == "needs-action" else "E6")
        for who, guest in coming.items()
        if guest.answer != "needs-action" or len(others) <= 2
    )
    absent += [
        (guest.address, GUEST_SILENT) for guest in coming.values() if guest.answer == "needs-action" and len(others) > 2
    ]
    verdict = SIZES[size_kind(size)] if present else NOBODY_ANSWERED
    return _reading(event, start, end, verdict, present, absent, size)


def _whole_day(
    event: Event,
    start: datetime,
    end: datetime,
    coming: Mapping[str, Guest],
    absent: list[tuple[str, Verdict]],
    size: int,
) -> Reading:
    """Apply E7: attendance; one day with one to three accepted guests is a small group (P23)."""
    came = {who: guest for who, guest in coming.items() if guest.answer == "accepted"}
    one_day = end - start <= DAY + timedelta(hours=1)
    if not (one_day and 1 <= len(came) <= 3 and size <= 7):
        came = {}
    absent = absent + [(guest.address, GUEST_LONG) for who, guest in coming.items() if who not in came]
    present = tuple((who, guest.address, "E7") for who, guest in came.items())
    return _reading(event, start, end, DAY_OUT if came else LONG_DAY, present, absent, size)


def _reading(
    event: Event,
    start: datetime,
    end: datetime,
    verdict: Verdict,
    present: tuple[Present, ...],
    absent: list[tuple[str, Verdict]],
    size: int,
) -> Reading:
    return Reading(event, start, end, verdict, tuple(sorted(present)), tuple(sorted(absent, key=_first)), size)


def _first(item: tuple[str, Verdict]) -> str:
    return item[0]


def _all(coming: Mapping[str, Guest]) -> tuple[Present, ...]:
    return tuple((who, guest.address, "E6") for who, guest in coming.items())


def _crowded(event: Event, calendar: Calendar) -> bool:
    """Tell whether a group or a mailing list is invited: nobody knows how many came (P3)."""
    codes = calendar.directory.codes
    return any(guest.kind == "group" or codes.get(guest.address) == addresses.LIST for guest in event.guests)


def _nobodies(event: Event, calendar: Calendar) -> list[tuple[str, Verdict]]:
    codes = calendar.directory.codes
    found = {guest.address: codes[guest.address] for guest in event.guests if guest.address in codes}
    return [(address, NOBODY[code]) for address, code in found.items() if code != addresses.OWN]
