"""Who of the guests came, and what does their number make of the meeting? E3-E7 of PRACTICE 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from connectors.records import Event, Guest
from daemon.detect import addresses
from daemon.detect.people import Directory
from daemon.model import Verdict, Vocabulary

LONG = timedelta(hours=12)
DAY = timedelta(days=1)
ONE_DAY = DAY + timedelta(hours=1)
"""A day on which the clocks go back is longer."""
MANY = 21
"""The size of a meeting whose guests are not all known (P3)."""
Present: TypeAlias = tuple[str, str, str]
"""Leader of the person, address on the guest list, rule (E5, E6, E7 ...)."""

ALL_DECLINED = Verdict(rule="E3", counted=False, why="everybody else declined")
NOBODY_ANSWERED = Verdict(rule="E5", counted=False, why="none of the guests ever answered")
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
_RANK: Mapping[str, int] = {"accepted": 0, "tentative": 1, "needs-action": 2, "declined": 3}


@dataclass(frozen=True, slots=True)
class Calendar:
    """What reading events needs beside them: whose they are and what the words mean."""

    own: frozenset[str]
    directory: Directory
    vocabulary: Vocabulary
    zone: ZoneInfo
    now: datetime
    known: Mapping[str, datetime]
    """Since when each leader is a person: an invitation of theirs counts unanswered after that (P2)."""
    me: str = ""
    """The user's name, as titles may say it."""
    ahead: bool = False
    """Read upcoming events as if they were over (E1 lifted)."""
    said: Mapping[str, str] = field(default_factory=dict)
    """By folded title, what the user said of events of that title: ``open`` or ``closed`` (E12)."""


@dataclass(frozen=True, slots=True)
class Roll:
    """What the guest list came to: who was there, who does not count and why, how many others."""

    verdict: Verdict
    present: tuple[Present, ...]
    absent: tuple[tuple[str, Verdict], ...]
    size: int


def size_kind(size: int) -> str:
    """Return the kind of a meeting with ``size`` others (E6)."""
    if size == 1:
        return "one-to-one"
    if size <= 7:
        return "small-group"
    return "gathering" if size <= 20 else "attendance"


def mine(event: Event, calendar: Calendar) -> frozenset[str]:
    """Return the guests who are the user: own addresses, and whom the user's own calendar says to be (S23)."""
    return frozenset(
        guest.address for guest in event.guests if guest.address in calendar.own or (guest.me and event.owned)
    )


def others(event: Event, calendar: Calendar, me: frozenset[str]) -> dict[str, Guest]:
    """Return the human guests beside the user by leader, the best answer of each.

    An organiser comes, unless declined; without a guest line only if there is no other guest (P5).
    """
    found: dict[str, Guest] = {}
    for guest in event.guests:
        who = calendar.directory.who(guest.address)
        if who is None or guest.address in me or guest.kind != "person":
            continue
        if who not in found or _RANK[guest.answer] < _RANK[found[who].answer]:
            found[who] = guest
    organiser = event.organiser
    if organiser is None or not event.guests or organiser.address in me or organiser.address in calendar.own:
        return found
    who = calendar.directory.who(organiser.address)
    if who is not None and who in found and found[who].answer == "needs-action":
        found[who] = Guest(address=found[who].address, answer="accepted")
    elif who is not None and not found:
        found[who] = Guest(address=organiser.address, answer="accepted")
    return found


def roll(event: Event, length: timedelta, invited: Mapping[str, Guest], calendar: Calendar) -> Roll:
    """Call the roll of ``invited``: E3, E7, E6 and for each guest E4 or E5. Empty where only a group is invited."""
    coming = {who: guest for who, guest in invited.items() if guest.answer != "declined"}
    size = MANY if event.guests_hidden or crowded(event, calendar) else len(coming)
    absent = [(guest.address, GUEST_DECLINED) for guest in invited.values() if guest.answer == "declined"]
    absent += _nobodies(event, calendar)
    if not size:
        return _roll(ALL_DECLINED, [], absent, size)
    if event.role == "calls" and coming:
        return _roll(CALL, [(who, guest.address, "E6") for who, guest in coming.items()], absent, size)
    if event.all_day or length > LONG:
        return _whole_day(length, coming, absent, size)
    if size >= MANY:
        crowd = [(guest.address, GUEST_CROWD) for guest in coming.values()]
        return _roll(SIZES["attendance"], [], absent + crowd, size)
    return _by_answers(coming, absent, size, few=len(invited) <= 2)


def _by_answers(coming: Mapping[str, Guest], absent: list[tuple[str, Verdict]], size: int, *, few: bool) -> Roll:
    """Count who answered (E4), and who did not where at most two others were invited (E5, P4)."""
    present: list[Present] = []
    for who, guest in coming.items():
        silent = guest.answer == "needs-action"
        if silent and not few:
            absent.append((guest.address, GUEST_SILENT))
        else:
            present.append((who, guest.address, "E5" if silent else "E6"))
    return _roll(SIZES[size_kind(size)] if present else NOBODY_ANSWERED, present, absent, size)


def _whole_day(length: timedelta, coming: Mapping[str, Guest], absent: list[tuple[str, Verdict]], size: int) -> Roll:
    """Apply E7: attendance; one day with one to three accepted guests is a small group (P23), however many kept silent.

    More than twenty, or a group of nobody knows how many, are attendance on a whole day too (E6, P3).
    """
    came = {who: guest for who, guest in coming.items() if guest.answer == "accepted"}
    if length > ONE_DAY or size >= MANY or not 1 <= len(came) <= 3:
        came = {}
    absent += [(guest.address, GUEST_LONG) for who, guest in coming.items() if who not in came]
    present = [(who, guest.address, "E7") for who, guest in came.items()]
    return _roll(DAY_OUT if came else LONG_DAY, present, absent, size)


def _roll(verdict: Verdict, present: list[Present], absent: list[tuple[str, Verdict]], size: int) -> Roll:
    return Roll(verdict, tuple(sorted(present)), tuple(absent), size)


def crowded(event: Event, calendar: Calendar) -> bool:
    """Tell whether a group or a mailing list is invited: nobody knows how many came (P3)."""
    codes = calendar.directory.codes
    return any(guest.kind == "group" or codes.get(guest.address) == addresses.LIST for guest in event.guests)


def _nobodies(event: Event, calendar: Calendar) -> list[tuple[str, Verdict]]:
    codes = calendar.directory.codes
    found = {address: code for guest in event.guests if (code := codes.get(address := guest.address)) is not None}
    return [(address, NOBODY[code]) for address, code in found.items() if code != addresses.OWN]
