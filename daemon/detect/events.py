"""What does one calendar event come to by itself? Rules E0, E8, E2 and E1, then its guest list (E3-E7).

Titles (E9, E12) and what other events say (E10, E11) come later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.records import Event, Guest
from daemon import names
from daemon.detect import addresses, guests
from daemon.detect.guests import Calendar, Present
from daemon.model import Verdict, Vocabulary, instant

MINUTES = timedelta(minutes=10)
CALL_MINUTES = timedelta(minutes=2)
HOUR = timedelta(hours=1)
SURE = 7
"""Invitations to more count only when the user accepted them (P2)."""

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
    def length(self) -> timedelta:
        """Return how long the event is."""
        return self.end - self.start

    @property
    def kind(self) -> str | None:
        """Return the kind of touch, None if nothing counted."""
        return self.verdict.kind if self.verdict.counted else None


def read(event: Event, calendar: Calendar) -> Reading:
    """Judge one event by E0, E8, E2, E1, then by its guests."""
    start, end = instant(event.start, calendar.zone), instant(event.end, calendar.zone)
    me = guests.mine(event, calendar)
    others = guests.others(event, calendar, me)
    alone = not others and not guests.crowded(event, calendar)
    refusal = _outside(event, calendar, me) or _no_meeting(event, end - start, calendar, alone=alone)
    refusal = refusal or _refused(event, start, calendar, me, others)
    if refusal is None and end > calendar.now and not calendar.ahead:
        refusal = UPCOMING
    if refusal is not None:
        return Reading(event, start, end, refusal)
    if alone or (event.role == "work" and end - start >= HOUR and by_platform(event, calendar.vocabulary)):
        return Reading(event, start, end, ALONE, alone=True)
    roll = guests.roll(event, end - start, others, calendar)
    return Reading(event, start, end, roll.verdict, roll.present, roll.absent, roll.size)


def by_platform(event: Event, vocabulary: Vocabulary) -> bool:
    """Tell whether an event platform organised the event or made its UID (E12)."""
    hosts = vocabulary["platform-hosts"]
    organiser = event.organiser.address.rpartition("@")[2] if event.organiser else ""
    return addresses.at_host(organiser, hosts) or addresses.at_host(event.uid.rpartition("@")[2].casefold(), hosts)


def _outside(event: Event, calendar: Calendar, me: frozenset[str]) -> Verdict | None:
    if event.ours:
        return OURS
    if event.role == "busy":
        return BUSY
    if not event.guests:
        return None if event.owned else NOT_YOURS
    organised = event.organiser is not None and event.organiser.address in calendar.own
    return None if me or organised else NOT_YOURS


def _no_meeting(event: Event, length: timedelta, calendar: Calendar, *, alone: bool) -> Verdict | None:
    if event.kind != "default":
        return NO_MEETING
    title = names.fold(event.title).strip(" .!")
    if event.role == "calls":
        if not calendar.vocabulary["missed-words"].isdisjoint(title.replace(":", " ").split()):
            return MISSED
        return SHORT if length < CALL_MINUTES else None
    if alone and title in calendar.vocabulary["away-titles"]:
        return NO_MEETING
    return SHORT if length < MINUTES else None


def _refused(
    event: Event, start: datetime, calendar: Calendar, me: frozenset[str], others: Mapping[str, Guest]
) -> Verdict | None:
    """Apply E2 with P2: the user's own answer, and what an answer left open is worth."""
    if event.status == "cancelled":
        return CANCELLED
    answers = {guest.answer for guest in event.guests if guest.address in me}
    organiser = event.organiser.address if event.organiser is not None else None
    if not answers or "accepted" in answers or (organiser in calendar.own and "declined" not in answers):
        return None
    if "declined" in answers:
        return DECLINED
    if "tentative" in answers:
        return UNSURE if len(others) > SURE else None
    inviter = calendar.directory.who(organiser) if organiser is not None else None
    since = None if inviter is None else calendar.known.get(inviter)
    return None if since is not None and since < start and len(others) <= SURE else UNANSWERED
