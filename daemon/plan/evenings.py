"""Who may be there? Events that the user goes to, and whom they may meet at an open one.

Nobody lists the guests of an evening: those noted at earlier ones of its title may come again, and those whose first
mail came within a week after one, which is a guess and said as one (PRACTICE 5.4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from connectors.records import Event
from daemon.detect import title_key
from daemon.model import MEETINGS, State, Touchpoint

GUESS = timedelta(days=7)
"""A first mail so soon after an evening: probably met there, said as a guess."""
YEAR = timedelta(days=365)
HALF_A_YEAR = timedelta(days=183)
Sight: TypeAlias = Literal["invited", "noted", "guess"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Why somebody may be at an evening: ``invited`` stands on its guest list, ``noted`` was at an earlier one."""

    sight: Sight
    at: datetime
    """The evening they were last at."""
    mail: datetime | None = None
    """The first mail that a guess rests on; None where something else told of it."""


def is_attended(event: Event, state: State) -> bool:
    """Tell whether the user goes to ``event``, as far as the calendar tells."""
    if event.status == "cancelled" or event.ours or event.role != "work":
        return False
    mine = [guest for guest in event.guests if guest.me or guest.address in state.settings.me.addresses]
    return not any(guest.answer == "declined" for guest in mine)


def regulars(event: Event, state: State) -> Iterator[str]:
    """Yield whom the user may meet at an open event: those noted at earlier ones of its title, then those of a guess,
    the latest first."""
    found = seen_before(event, state)
    for noted in (True, False):
        some = [who for who, seen in found.items() if (seen.mail is None) is noted]
        yield from sorted(some, key=lambda who: (-found[who].at.timestamp(), who))


def seen_before(event: Event, state: State) -> Mapping[str, Seen]:
    """Return who was at earlier evenings of the title of ``event``, as far as anything tells."""
    title, earlier = title_key(event.title), editions(event, state)
    found: dict[str, Seen] = {}
    for person, facts in state.touchpoints.items():
        past = [fact for fact in facts if fact.at <= state.now]
        there = [fact for fact in past if fact.kind == "gathering" and title_key(fact.title) == title]
        if there:
            # a card that only came within three days after the evening is a guess, too (E12)
            certain = [fact for fact in there if fact.rule != "E12"]
            found[person] = Seen(sight="noted" if certain else "guess", at=(certain or there)[-1].at)
        elif past and (came := _came_after(past[0], earlier)) is not None:
            found[person] = Seen(sight="guess", at=came, mail=past[0].at)
    return found


def editions(event: Event, state: State) -> Sequence[datetime]:
    """Return when those earlier evenings of the title of ``event`` ended that tell who may come: not from the first
    half year of the data, in which every mail is a first one (P26), and not over a year ago."""
    since = state.now - YEAR
    if state.earliest is not None:
        since = max(since, state.earliest + HALF_A_YEAR)
    return [end for end in state.editions.get(event.key, ()) if end >= since]


def guests(event: Event, state: State) -> Iterator[str]:
    """Yield the persons on the guest list of ``event`` who have not declined: what a platform lists."""
    homes = homes_of(state) if event.guests else {}
    for guest in event.guests:
        if guest.answer != "declined" and (person := homes.get(guest.address)) is not None:
            yield person


def homes_of(state: State) -> Mapping[str, str]:
    """Return the person id of every address that is a person's."""
    return {address: person.id for person in state.people.values() for address in person.addresses}


def _came_after(first: Touchpoint, ends: Sequence[datetime]) -> datetime | None:
    if first.kind in MEETINGS:
        return None
    return next((end for end in ends if end <= first.at <= end + GUESS), None)
