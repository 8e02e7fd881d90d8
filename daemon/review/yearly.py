"""What came of the year? Once a year a letter, with Kith's own figures: offered, acted on, changed (PRACTICE 7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta

from daemon.model import instant
from daemon.review import people
from daemon.review.groups import groups
from daemon.review.numbers import numbers
from daemon.review.survey import Survey
from daemon.review.values import Activity, Productivity, Week

HALF_A_YEAR = timedelta(days=183)


@dataclass(frozen=True, slots=True, kw_only=True)
class Annual:
    """A year's sums, by the names of the pairs; ``changed``: drafts that the user changed before sending."""

    year: int
    activity: dict[str, float]
    productivity: dict[str, float]
    changed: int
    given: int
    received: int
    established: tuple[str, ...]
    """Who held a growing slot and is established now (ids)."""
    best: str
    """The group that most was followed up from in its last quarter, by its title; "" for none."""


def yearly(survey: Survey, year: int) -> Annual:
    """Return the sums of the ISO weeks of ``year``."""
    zone = survey.state.settings.me.zone
    weeks = [*_weeks(year)]
    since, until = weeks[0].begins(zone), weeks[-1].ends(zone)
    known = [numbers(survey, week) for week in weeks]
    helped = people.helped(survey, since, until)
    came = [group for group in groups(survey, weeks[-1]) if group.followed_up and group.name]
    sent = [item for item in survey.state.entries if item.kind == "draft" and item.state == "sent" and item.changed]
    return Annual(
        year=year,
        activity=_sums([item.activity for item in known]),
        productivity=_sums([item.productivity for item in known]),
        changed=sum(item.decided is not None and since <= item.decided < until for item in sent),
        given=int(helped.given.value),
        received=int(helped.received.value),
        established=people.growing(survey, since, until).graduated,
        best=max(came, key=lambda group: (len(group.followed_up), group.series)).name if came else "",
    )


def is_long_enough(survey: Survey, year: int) -> bool:
    """Tell whether Kith was at work for half of ``year``: else there is little to write home about."""
    first = min((item.decided for item in survey.state.entries if item.decided is not None), default=None)
    last = instant(Week(year + 1, 1).monday, survey.state.settings.me.zone)
    return first is not None and last - max(first, _new_year(year)) >= HALF_A_YEAR


def _new_year(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC)


def _weeks(year: int) -> Iterator[Week]:
    week = Week(year, 1)
    while week.year == year:
        yield week
        week = week.before(-1)


def _sums(items: Sequence[Activity] | Sequence[Productivity]) -> dict[str, float]:
    names = [item.name for item in fields(items[0])]
    return {name: round(sum(getattr(item, name).value for item in items), 2) for name in names}
