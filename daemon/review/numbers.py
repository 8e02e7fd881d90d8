"""Which numbers has a week? Activity beside productivity, always as pairs (PRACTICE 7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import datetime

from daemon.model import PROPOSED, Entry
from daemon.review.firsts import WEEK, First, steps
from daemon.review.survey import Survey, between
from daemon.review.values import Activity, Before, Figure, Numbers, Productivity, Week

USUAL = 4
"""Weeks whose mean is what is usual."""
SET: frozenset[str] = PROPOSED | {"promise"}
ACTED: frozenset[str] = frozenset({"done", "sent", "overtaken", "noted", "edited"})
NEVER_STOOD: frozenset[str] = frozenset({"waiting", "failed"})


def numbers(survey: Survey, week: Week) -> Numbers:
    """Return the five pairs of ``week``, with what came of them up to ``survey.state.now``."""
    zone = survey.state.settings.me.zone
    span = (week.begins(zone), week.ends(zone))
    met = between(survey.firsts, *span, lambda item: item.at)
    drafts = [item for item in survey.state.entries if _is_offered(item, *span)]
    reminders = [item for item in survey.state.entries if _is_set(item, *span)]
    return Numbers(
        week=week,
        activity=_activity(survey, span, met, drafts, reminders),
        productivity=Productivity(
            new_people=_count([item.person for item in met if item.fact.kind != "call"]),
            followed_up=_count([*dict.fromkeys(_followed_up(survey, met, *span))]),
            conversations=_count([source for _, source in between(survey.talks, *span, lambda item: item[0])]),
            drafts_sent=_count([item.key for item in drafts if item.state == "sent"]),
            reminders_acted_on=_count([item.key for item in reminders if item.state in ACTED]),
        ),
    )


def _activity(
    survey: Survey,
    span: tuple[datetime, datetime],
    met: Sequence[First],
    drafts: Sequence[Entry],
    reminders: Sequence[Entry],
) -> Activity:
    occasions = between(survey.occasions, *span, lambda item: item.start)
    keys = tuple(item.key for item in occasions)
    return Activity(
        events=Figure(value=len(keys), facts=keys),
        hours=Figure(value=round(sum(item.hours for item in occasions), 2), facts=keys),
        new_people=_count([item.person for item in met]),
        mails=_count([item.key for item in between(survey.letters, *span, lambda item: item.at)]),
        drafts_offered=_count([item.key for item in drafts]),
        reminders_set=_count([item.key for item in reminders]),
    )


def before(survey: Survey, week: Week) -> Before:
    """Return the mean of the four weeks before ``week``."""
    known = [numbers(survey, week.before(back)) for back in range(1, USUAL + 1)]
    return Before(
        activity=_mean([item.activity for item in known]), productivity=_mean([item.productivity for item in known])
    )


def _mean(items: Sequence[Activity] | Sequence[Productivity]) -> dict[str, float]:
    names = [item.name for item in fields(items[0])]
    return {name: round(sum(getattr(item, name).value for item in items) / len(items), 2) for name in names}


def _count(keys: Sequence[str]) -> Figure:
    return Figure(value=len(keys), facts=tuple(keys))


def _followed_up(survey: Survey, met: Sequence[First], since: datetime, until: datetime) -> Iterator[str]:
    """Yield whom of those met, or wished for by an ``x`` in that span, the user took a step towards within 7 days."""
    yield from (item.person for item in met if item.followed_up)
    now = survey.state.now
    for wish in survey.state.decisions:
        if wish.kind == "x" and since <= wish.at < until and wish.about in survey.opinions:
            facts = (item for item in survey.state.touchpoints.get(wish.about, ()) if item.at <= now)
            if any(wish.at < item.at <= wish.at + WEEK for item in steps(facts)):
                yield wish.about


def _is_offered(item: Entry, since: datetime, until: datetime) -> bool:
    made = item.kind == "draft" and item.decided is not None and since <= item.decided < until
    return made and item.state not in NEVER_STOOD and not (item.state == "withdrawn" and item.ref is None)


def _is_set(item: Entry, since: datetime, until: datetime) -> bool:
    stands = item.kind in SET and item.start is not None and since <= item.start < until
    return stands and item.state not in NEVER_STOOD | {"withdrawn"}
