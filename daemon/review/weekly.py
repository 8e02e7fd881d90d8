"""What does the review of a week say? All of it, put together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta

from daemon.review import people
from daemon.review.asking import questions, ruts
from daemon.review.firsts import First
from daemon.review.groups import groups
from daemon.review.numbers import before, numbers
from daemon.review.survey import Survey, between
from daemon.review.values import Group, Growing, Numbers, Review, Tip, Week

MOST = 3
"""Suggestions: more is a list, and lists are tidying up."""
TWO = 2
"""People to follow up with in one suggestion: as many as one does in a morning."""
ASKED = 5
"""Questions in one review."""
STUCK = timedelta(days=28)


def weekly(
    survey: Survey, week: Week, *, asked: Collection[str] = (), away: bool = False, halved: bool = False
) -> Review:
    """Return the review of ``week``, as known at ``survey.state.now``.

    How people stand (key people, help owed, who gave way) is that of ``survey.state.now``. ``asked``: keys of the
    questions of earlier reviews; ``away``: the user's working days of that week were all off; ``halved``: Kith proposes
    half as much now.
    """
    zone = survey.state.settings.me.zone
    since, until = week.begins(zone), min(week.ends(zone), survey.state.now)
    found, own = groups(survey, week), numbers(survey, week)
    slots = people.growing(survey, since, until)
    return Review(
        week=week,
        until=until,
        numbers=own,
        before=before(survey, week),
        last=numbers(survey, week.before()),
        last_ten=people.last_ten(survey, until),
        key=people.key(survey),
        growing=slots,
        help=people.helped(survey, since, until),
        initiative_lost=people.initiative_lost(survey),
        groups=found,
        questions=questions(survey, week, found, asked)[:ASKED],
        suggestions=tuple(_tips(survey, week, found, slots))[:MOST],
        good=people.good(survey, since, until),
        ahead=people.ahead(survey),
        away=away or _is_empty(own),
        halved=halved,
    )


def _is_empty(found: Numbers) -> bool:
    made = found.activity
    return not (
        made.events.value or made.new_people.value or made.mails.value or found.productivity.conversations.value
    )


def _tips(survey: Survey, week: Week, found: Sequence[Group], slots: Growing) -> Iterator[Tip]:
    """Yield what could be done at once: write to whom was met, leave a rut, free a slot that leads nowhere."""
    zone = survey.state.settings.me.zone
    met = between(survey.firsts, week.before().begins(zone), week.ends(zone), lambda item: item.at)
    open_ = [item for item in met if item.step is None and _may_be_written_to(survey, item.person)]
    if open_:
        best = sorted(open_, key=lambda item: _ease(survey, item))[:TWO]
        yield Tip(kind="follow-up", about=tuple(item.person for item in best))
    for group in ruts(survey, found):
        yield Tip(kind="leave-group", about=(group.series,), title=group.name)
        break
    for who in slots.holders:
        opinion = survey.opinions.get(who)
        if opinion is not None and opinion.silence is not None and opinion.silence > STUCK.days:
            yield Tip(kind="free-slot", about=(who,))
            break


def _ease(survey: Survey, item: First) -> tuple[object, ...]:
    """Order whom to write to: who has an address, the latest met, by name."""
    person = survey.state.people[item.person]
    return (person.card, -item.at.timestamp(), person.name, person.id)


def _may_be_written_to(survey: Survey, who: str) -> bool:
    return not survey.opinions[who].marks & {"muted", "never"}
