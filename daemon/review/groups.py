"""What do the groups lead to? Hours against what came of them, and whether that is a routine or a rut (P32)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from daemon.detect import one_line
from daemon.model import local_day
from daemon.review.firsts import WEEK, First
from daemon.review.survey import Survey, between
from daemon.review.values import Evidence, Group, Occasion, Verdict, Week

QUARTER = timedelta(weeks=13)
EIGHT_WEEKS = timedelta(weeks=8)
JUDGED = 6
"""Occurrences that something monthly is judged on."""
EARLY = 4
"""Under so many occurrences it is too early."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Yield:
    """What came of a group in a span of time: ids of persons."""

    new_people: tuple[str, ...]
    followed_up: tuple[str, ...]
    second_meetings: tuple[str, ...]
    targets: tuple[str, ...]
    pending: tuple[str, ...]


def groups(survey: Survey, week: Week) -> tuple[Group, ...]:
    """Return the groups of the quarter that ends with ``week``, the most hours first."""
    until = min(week.ends(survey.state.settings.me.zone), survey.state.now)
    series: dict[str, list[Occasion]] = {}
    for item in survey.occasions:
        if item.series is not None and item.start < until:
            series.setdefault(item.series, []).append(item)
    met: dict[str, list[First]] = {}
    for first in survey.firsts:
        if first.series is not None:
            met.setdefault(first.series, []).append(first)
    found = [
        _group(survey, held, met.get(name, ()), until)
        for name, held in series.items()
        if held[-1].start >= until - QUARTER and _is_group(held)
    ]
    return tuple(sorted(found, key=lambda item: (-item.hours, item.series)))


def _is_group(held: Sequence[Occasion]) -> bool:
    several = len(held) > 1 or held[0].recurring
    return several and any(item.kind != "one-to-one" for item in held)


def _group(survey: Survey, held: Sequence[Occasion], met: Sequence[First], until: datetime) -> Group:
    quarter = between(held, until - QUARTER, until, lambda item: item.start)
    came, latest = _yield(survey, met, until - QUARTER, until), held[-1]
    evidence = _evidence(survey, held, met, until)
    return Group(
        series=latest.series or "",
        name="" if latest.private else one_line(latest.title),
        events=tuple(item.key for item in quarter),
        hours=round(sum(item.hours for item in quarter), 2),
        new_people=came.new_people,
        followed_up=came.followed_up,
        second_meetings=came.second_meetings,
        targets=came.targets,
        verdict=_verdict(survey, held, quarter, evidence, until),
        evidence=evidence,
    )


def _yield(survey: Survey, met: Sequence[First], since: datetime, until: datetime) -> Yield:
    new = [item for item in met if since <= item.at < until]
    closer = [item for item in met if item.closer is not None and since <= item.closer.at < until]
    marked = [item for item in new if "target" in survey.opinions[item.person].marks]
    pending = [item for item in new if not item.followed_up and until < item.at + WEEK]
    return Yield(
        new_people=_ids(new),
        followed_up=_ids([item for item in new if item.followed_up]),
        second_meetings=_ids(closer),
        targets=_ids(marked),
        pending=_ids(pending),
    )


def _ids(items: Sequence[First]) -> tuple[str, ...]:
    return tuple(item.person for item in items)


def _evidence(survey: Survey, held: Sequence[Occasion], met: Sequence[First], until: datetime) -> Evidence:
    """Return what the verdict rests on: 8 weeks, or for something rarer its last six occurrences."""
    since = min(until - EIGHT_WEEKS, held[-JUDGED:][0].start)
    came, zone = _yield(survey, met, since, until), survey.state.settings.me.zone
    return Evidence(
        since=local_day(since, zone),
        occurrences=len(held),
        hours=round(sum(item.hours for item in held if item.start >= since), 2),
        new_people=came.new_people,
        followed_up=came.followed_up,
        second_meetings=came.second_meetings,
        targets=came.targets,
        pending=came.pending,
    )


def _verdict(
    survey: Survey, held: Sequence[Occasion], quarter: Sequence[Occasion], evidence: Evidence, until: datetime
) -> Verdict:
    if not _is_open(survey, quarter):
        return "closed"
    if len(held) < EARLY or held[0].start > until - EIGHT_WEEKS:
        return "new"
    came = (evidence.followed_up, evidence.second_meetings, evidence.targets, evidence.pending)
    return "routine" if any(came) else "rut"


def _is_open(survey: Survey, quarter: Sequence[Occasion]) -> bool:
    """Tell whether new people may come: an open event, guests that nobody sees, or half of them others (P32)."""
    if any(item.open or item.kind == "attendance" for item in quarter):
        return True
    if not all(item.recurring for item in quarter) or len(quarter) < 2:
        return False
    middle = len(quarter) // 2
    earlier, later = ({*_present(survey, part)} for part in (quarter[:middle], quarter[middle:]))
    return bool(earlier and later) and _half_are_others(earlier, later)


def _present(survey: Survey, held: Sequence[Occasion]) -> Iterator[str]:
    for item in held:
        yield from survey.present[item.key]


def _half_are_others(earlier: Collection[str], later: Collection[str]) -> bool:
    return 2 * len({*earlier} & {*later}) <= max(len(earlier), len(later))
