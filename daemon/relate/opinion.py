"""What does Kith think of a person on a day? Summary, decisions, others and the calendar ahead, put together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from daemon.model import MEETINGS, Entry, Opinion, Person, Settings, State, Touchpoint
from daemon.relate.answers import is_known, refusals
from daemon.relate.cadence import Pace, age, cadence, due, is_silent
from daemon.relate.choices import NONE, Choices, choices, key_people
from daemon.relate.circle import Home, home, standing
from daemon.relate.stage import dormant_after, is_established, stage
from daemon.relate.strength import later
from daemon.relate.summary import Summaries, Summary

AHEAD = timedelta(days=14)
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What an opinion rests on beside the person's own facts: the day, the user's choices, what stands ahead."""

    now: datetime
    settings: Settings
    home: Home
    choices: Mapping[str, Choices]
    key: frozenset[str]
    """Who is tended as a key person."""
    entries: Mapping[str, Sequence[Entry]]
    ahead: Mapping[str, Sequence[Touchpoint]]


def surroundings(state: State) -> Surroundings:
    """Return what is common to all opinions of that day."""
    entries: dict[str, list[Entry]] = {}
    for entry in state.entries:
        if is_known(entry, state.now):
            entries.setdefault(entry.person, []).append(entry)
    made = choices(state.decisions, state.now)
    return Surroundings(
        now=state.now,
        settings=state.settings,
        home=home(state),
        choices=made,
        key=key_people(made, state.people, state.settings.capacity.key),
        entries=entries,
        ahead=state.ahead,
    )


def opinions(state: State, kept: Summaries | None = None) -> Mapping[str, Opinion]:
    """Return the opinion on every person of ``state.people``, by id. Facts later than ``state.now`` are invisible.

    What ``kept`` holds of persons without new facts is not summed up again.
    """
    return _formed(state, sorted(state.people), kept)


def reconsider(state: State, known: Mapping[str, Opinion], persons: Iterable[str]) -> Mapping[str, Opinion]:
    """Return ``known`` with the opinions on ``persons`` formed anew: what was decided about them has changed."""
    again = sorted(set(persons) & set(state.people))
    return {**known, **_formed(state, again)} if again else known


def _formed(state: State, persons: Iterable[str], kept: Summaries | None = None) -> dict[str, Opinion]:
    around, summaries = surroundings(state), kept or Summaries()
    rules, zone = state.settings.strength, state.settings.me.zone
    found = {}
    for key in persons:
        summary = summaries.of(key, state.touchpoints.get(key, ()), rules, zone, state.now)
        found[key] = opinion(state.people[key], summary, around)
    return found


def opinion(person: Person, summary: Summary, around: Surroundings) -> Opinion:
    """Return what Kith thinks of ``person``, whose facts up to ``around.now`` come to ``summary``."""
    now, chosen = around.now, around.choices.get(person.id, NONE)
    coming, mine = around.ahead.get(person.id, ()), around.entries.get(person.id, ())
    where = standing(person, summary, chosen, around.home, ahead=coming, now=now)
    inside, key = where.circle == "network", person.id in around.key
    refused = refusals(mine, summary.sign, now) if mine else 0
    pace = _pace(summary, chosen, inside=inside, key=key)
    rhythm = cadence(person, summary, chosen, around.settings, pace=pace, refused=refused)
    silence = age(summary.spoke.at if summary.spoke else None, now)
    ahead = _next_meeting(coming, now)
    limit = dormant_after(rhythm.worst, around.settings.cadence, key=key)
    return Opinion(
        person=person.id,
        circle=where.circle,
        circle_why=where.why + _beyond(chosen, around, key=key),
        gate=where.gate,
        stage=stage(summary, silence, limit, slot=chosen.holds_slot) if inside else None,
        marks=frozenset(chosen.marks),
        strength=_strength(summary, around),
        touches=summary.touches,
        first_touch=summary.first_touch,
        last_touch=summary.last_touch,
        two_way_days=summary.two_way,
        ideal=rhythm.ideal,
        worst=rhythm.worst,
        silence=silence,
        depth=age(summary.deep, now),
        due=due(silence, rhythm.ideal, ahead) if inside else None,
        ahead=ahead,
        silent=is_silent(summary.unanswered, around.settings.received, now),
        began_by_me=summary.began_by_me,
        began_by_them=summary.began_by_them,
        helped=_within_a_year((*summary.given, *_kept(mine)), now),
        helped_by=_within_a_year(summary.received, now),
        key=key,
    )


def _beyond(chosen: Choices, around: Surroundings, *, key: bool) -> str:
    if key or "key" not in chosen.marks:
        return ""
    return f"; {around.settings.capacity.key} others were marked key before, so tended as if not"


def _pace(summary: Summary, chosen: Choices, *, inside: bool, key: bool) -> Pace:
    if key:
        return "key"
    return "growing" if inside and chosen.holds_slot and not is_established(summary) else "established"


def _strength(summary: Summary, around: Surroundings) -> float:
    if summary.last_touch is None:
        return 0.0
    return later(summary.weight, summary.last_touch, around.now, around.settings.strength)


def _next_meeting(coming: Iterable[Touchpoint], now: datetime) -> datetime | None:
    # C23: what would count as a meeting; a call that stands ahead is one as well
    return min((item.at for item in coming if item.kind in MEETINGS and item.at <= now + AHEAD), default=None)


def _kept(entries: Iterable[Entry]) -> Iterator[datetime]:
    """Yield when promises were kept: help given (PRACTICE 5.3)."""
    for entry in entries:
        if entry.kind == "promise" and entry.state == "done" and entry.settled is not None:
            yield entry.settled


def _within_a_year(times: Iterable[datetime], now: datetime) -> int:
    # P28: who owes whom is asked of the last 365 days
    return sum(now - at <= YEAR for at in times)
