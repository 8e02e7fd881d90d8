"""anniversary, birthday, both-going: what a calendar proves of a day."""

from __future__ import annotations

from datetime import timedelta

from daemon.compose.occasions.meetings import meeting
from daemon.compose.occasions.occasion import Occasion
from daemon.compose.quotes import event_title
from daemon.model import Cause, Person, State, instant, local_day

DAYS = 366


def anniversary(cause: Cause, person: Person, state: State) -> Occasion | None:
    """Return the first meeting, a year ago."""
    return meeting(cause, person, state)


def birthday(cause: Cause, person: Person, state: State) -> Occasion | None:
    """Return the birthday that the calendar tells of, on its next day."""
    day = state.birthdays.get(person.id, "")
    if f"birthday/{person.id}/{day}" not in cause.evidence:
        return None
    today = local_day(state.now, state.settings.me.zone)
    ahead = (today + timedelta(days=number) for number in range(DAYS))
    return next((Occasion(how="", day=one, topic="") for one in ahead if f"{one:%m-%d}" == day), None)


def both_going(cause: Cause, person: Person, state: State) -> Occasion | None:
    """Return the event that stands ahead of both; ``again`` where the other only was at earlier ones of its title."""
    event = next((event for event in state.calendar if event.key in cause.evidence), None)
    title = "" if event is None or event.private else event_title(event.title, state.vocabulary)
    if event is None or not title:
        return None
    invited = any(guest.address in person.addresses for guest in event.guests)
    day = local_day(instant(event.start, state.settings.me.zone), state.settings.me.zone)
    return Occasion(how="going" if invited else "again", day=day, topic=title)
