"""Whom has the user met for the first time, and what did they do then?

The first meeting, gathering or call with somebody; new when there was no other touch more than 60 days before, and half
a year after the first record of all (P26). By a guess also who was first written to within 7 days after an open event,
unless that event comes every two weeks or oftener: then a first mail proves nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from daemon.model import State, Touchpoint
from daemon.review.values import Occasion

MET: frozenset[str] = frozenset({"one-to-one", "small-group", "gathering", "routine-meeting", "call"})
STEPS: frozenset[str] = frozenset({"wrote", "introduction", "forwarded", "call", "one-to-one"})
CLOSER: frozenset[str] = frozenset({"one-to-one", "small-group", "call"})
WEEK = timedelta(days=7)
NEW = timedelta(days=60)
HALF_A_YEAR = timedelta(days=183)
OFTEN = timedelta(days=16)


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """The first time that somebody was met, and what the user did then."""

    person: str
    at: datetime
    fact: Touchpoint
    """The meeting, or the mail from which it is guessed."""
    step: Touchpoint | None = None
    """The user's next step towards them, whenever it was."""
    closer: Touchpoint | None = None
    """The next meeting or call of a few, outside that series."""
    series: str | None = None
    """Of the meeting, or of the evening that is guessed."""
    guess: bool = False

    @property
    def followed_up(self) -> bool:
        """Tell whether the step came within 7 days."""
        return self.step is not None and self.step.at <= self.at + WEEK


def evenings(occasions: Iterable[Occasion]) -> tuple[Occasion, ...]:
    """Return the open events of ``occasions`` (in order of time) that are rarer than every two weeks, by their ends."""
    last: dict[str, datetime] = {}
    found = []
    for item in occasions:
        if item.open:
            name = item.series or item.key
            if name not in last or item.start - last[name] > OFTEN:
                found.append(item)
            last[name] = item.start
    return tuple(sorted(found, key=lambda item: (item.end, item.key)))


def first(person: str, facts: Sequence[Touchpoint], state: State, opened: Sequence[Occasion]) -> First | None:
    """Return when ``person`` was first met, None for never or too long ago to be known; ``facts`` in order of time."""
    seen = [item for item in facts if item.kind != "note" and item.at <= state.now]
    if not seen or state.earliest is None:
        return None
    found = _guessed(person, seen, opened) or _met(person, seen, state.settings.routine.ignore_titles)
    return found if found is not None and found.at - state.earliest >= HALF_A_YEAR else None


def _met(person: str, seen: Sequence[Touchpoint], ignored: Iterable[str]) -> First | None:
    fact = next((item for item in seen if item.kind in MET), None)
    if fact is None or fact.at - seen[0].at > NEW:
        return None
    title = fact.title.casefold()
    if any(word and word.casefold() in title for word in ignored):
        return None
    after = [item for item in seen if item.at > fact.at and item.source != fact.source]
    closer = _closer(after, fact.series)
    return First(person=person, at=fact.at, fact=fact, step=_step(after), closer=closer, series=fact.series)


def _guessed(person: str, seen: Sequence[Touchpoint], opened: Sequence[Occasion]) -> First | None:
    fact = seen[0]
    if fact.kind != "wrote":
        return None
    number = bisect_right(opened, fact.at, key=lambda item: item.end) - 1
    if number < 0 or fact.at - opened[number].end > WEEK:
        return None
    place = opened[number]
    name, closer = place.series, _closer(seen[1:], place.series)
    return First(person=person, at=place.start, fact=fact, step=fact, closer=closer, series=name, guess=True)


def _step(after: Iterable[Touchpoint]) -> Touchpoint | None:
    return next(steps(after), None)


def steps(facts: Iterable[Touchpoint]) -> Iterator[Touchpoint]:
    """Yield the user's own steps among ``facts``: an introduction that was received is none."""
    return (item for item in facts if item.kind in STEPS and not (item.kind == "introduction" and item.began == "them"))


def _closer(after: Iterable[Touchpoint], series: str | None) -> Touchpoint | None:
    return next((item for item in after if item.kind in CLOSER and (series is None or item.series != series)), None)
