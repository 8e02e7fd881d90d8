"""What stands on the page of a week? A review and what it was counted from, as words, numbers and pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from daemon.compose import Sentences, sentences
from daemon.model import Opinion, local_day
from daemon.page import pictures
from daemon.page.document import letter
from daemon.page.network import acquainted
from daemon.page.telling import HIDING, Teller
from daemon.page.text import line, number
from daemon.page.values import Counted, Facts, GroupTold, Page, Pair, Picture, Standing, Summary
from daemon.review import Evidence, Figure, Group, Numbers, Review, Survey, Week, numbers

WEEKS = 13
"""Weeks of the pictures by week: a quarter."""
GROUPS = 12
SENTENCE = 300
"""Characters of a sentence of the review, at most."""
YEAR = timedelta(days=365)
PAIRS = (
    ("events", "Events attended", "new_people", "New people met there"),
    ("new_people", "New people", "followed_up", "Followed up within 7 days"),
    ("mails", "Mails written", "conversations", "One-to-one talks"),
    ("drafts_offered", "Drafts offered", "drafts_sent", "Drafts sent"),
    ("reminders_set", "Reminders", "reminders_acted_on", "Acted on"),
)
"""Activity beside productivity (PRACTICE 7): the names of both, in code and in words."""


def contents(review: Review, survey: Survey, said: Sentences, others: Sequence[Week] = ()) -> Page:
    """Return the page of ``review``, counted from ``survey``; ``others`` are the weeks that have a page beside it.

    A week off has no numbers: only what the year was like.
    """
    teller = Teller(survey, _records(review))
    zone = survey.state.settings.me.zone
    return Page(
        **_sayings(review, survey, said),
        counted=None if review.away else _counted(review, survey, teller),
        year=pictures.year(_touches(survey, review), local_day(review.until, zone)),
        network=_network(survey, review, teller),
        others=tuple((str(week), f"{week}.html") for week in others),
    )


def in_mail(review: Review, survey: Survey, templates: Mapping[str, str], template: str) -> str:
    """Return ``review`` as HTML for a mail; ``templates`` are those of the words, ``template`` is that of the mail."""
    return letter(summary(review, survey, sentences(review, survey.state, templates)), template)


def summary(review: Review, survey: Survey, said: Sentences) -> Summary:
    """Return what the page says without a picture, and without what stands behind its numbers: as much as a mail holds.

    Questions stand in it if there is a review event to answer them in.
    """
    teller = Teller(survey, ())
    if survey.state.settings.reminders is None:
        said = replace(said, questions=())
    off = review.away
    return Summary(
        **_sayings(review, survey, said),
        pairs=() if off else tuple(_pairs(review, teller)),
        standings=() if off else (*_key(review, teller), *_standings(review, teller)),
        groups=() if off else tuple(_told(group, teller) for group in review.groups[:GROUPS]),
        command=f"kith review --week {review.week} --html week.html",
    )


def _sayings(review: Review, survey: Survey, said: Sentences) -> dict[str, Any]:
    """Return what page and mail have in common: of which time they are, and the sentences."""
    until = review.until.astimezone(survey.state.settings.me.zone)
    monday, sunday = review.week.monday, review.week.monday + timedelta(days=6)
    return {
        "title": f"Your week {review.week}",
        "span": f"{_day(monday)} to {_day(sunday)}",
        "until": f"Counted up to {until:%a} {_day(until.date())}, {until:%H:%M}.",
        "language": said.language,
        "lead": ("Week off. Nothing counted.",) if review.away else _sentences(said.lead),
        "suggestions": _sentences(said.suggestions),
        "questions": _sentences(said.questions),
    }


def _counted(review: Review, survey: Survey, teller: Teller) -> Counted:
    weeks = [numbers(survey, review.week.before(back)) for back in range(WEEKS - 1, 0, -1)]
    shown = review.groups[:GROUPS]
    return Counted(
        pairs=tuple(_pairs(review, teller)),
        weekly=tuple(_weekly([*weeks, review.numbers])),
        ring=_ring(review, survey, teller),
        standings=tuple(_standings(review, teller)),
        groups=pictures.groups([_bar(group) for group in shown]),
        told=tuple(_told(group, teller) for group in shown),
    )


def _sentences(told: Sequence[str]) -> tuple[str, ...]:
    return tuple(line(each, SENTENCE) for each in told)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _records(review: Review) -> Iterator[str]:
    """Yield the keys of the records that the review's numbers unfold to."""
    yield from review.numbers.activity.mails.facts
    yield from review.numbers.productivity.conversations.facts
    yield from review.help.given.facts
    yield from review.help.received.facts


def _pairs(review: Review, teller: Teller) -> Iterator[Pair]:
    told: dict[str, Callable[[str], str]] = {
        "events": teller.event,
        "hours": teller.event,
        "mails": teller.record,
        "conversations": teller.record,
    }
    told |= {"new_people": teller.met, "followed_up": teller.met}
    activity, productivity = review.numbers.activity, review.numbers.productivity
    for done, activity_name, came, productivity_name in PAIRS:
        left, right = getattr(activity, done), getattr(productivity, came)
        usual = (review.before.activity.get(done, 0.0), review.before.productivity.get(came, 0.0))
        hours = f", {number(activity.hours.value)} hours" if done == "events" else ""
        yield Pair(
            activity=activity_name,
            done=teller.facts(f"{number(left.value)}{hours}", left.facts, told.get(done, teller.entry)),
            productivity=productivity_name,
            came=teller.facts(number(right.value), right.facts, told.get(came, teller.entry)),
            usual=f"usual week: {number(usual[0])} and {number(usual[1])}",
        )


def _weekly(weeks: Sequence[Numbers]) -> Iterator[Picture]:
    for done, activity, came, productivity in PAIRS:
        yield pictures.pair(
            activity,
            productivity,
            [(str(week.week), _value(week.activity, done), _value(week.productivity, came)) for week in weeks],
        )


def _value(side: object, name: str) -> float:
    found = getattr(side, name)
    return float(found.value) if isinstance(found, Figure) else 0.0


def _ring(review: Review, survey: Survey, teller: Teller) -> Picture:
    due = frozenset(review.key.due)
    seats = [
        pictures.Seat(name=teller.name(who), due=who in due, told=_last(survey.opinions.get(who), teller))
        for who in (*review.key.due, *review.key.in_touch)
    ]
    return pictures.ring(seats, survey.state.settings.capacity.key)


def _last(opinion: Opinion | None, teller: Teller) -> str:
    if opinion is None or opinion.last_touch is None:
        return "no touch yet"
    ahead = "" if opinion.ahead is None else f"; meeting ahead {teller.day(opinion.ahead)}"
    return f"{teller.day(opinion.last_touch)}{ahead}"


def _key(review: Review, teller: Teller) -> Iterator[Standing]:
    """Yield what the ring shows, for where there is none."""
    shown = f"{len(review.key.in_touch)} of {review.key.of}"
    yield Standing(name="Key people in touch", people=teller.facts(shown, review.key.in_touch, teller.name), named=True)
    yield _people("Key people to be in touch with", review.key.due, teller)


def _standings(review: Review, teller: Teller) -> Iterator[Standing]:
    ten, slots, aid = review.last_ten, review.growing, review.help
    shown = f"{len(ten.met)}, {len(ten.followed_up)} of them followed up"
    yield Standing(name="The last people met", people=teller.facts(shown, ten.met, teller.met))
    yield _people(f"Growing, of {slots.slots} slots", slots.holders, teller)
    if slots.graduated:
        yield _people("Grown into the network this week", slots.graduated, teller)
    if slots.faded:
        yield _people("Slots given back this week", slots.faded, teller)
    yield Standing(name="Help given", people=teller.facts(number(aid.given.value), aid.given.facts, teller.record))
    received = teller.facts(number(aid.received.value), aid.received.facts, teller.record)
    yield Standing(name="Help received", people=received)
    yield _people("In the calendar for the next days", review.ahead, teller)
    yield _people("It is your turn to help", aid.owed, teller)
    yield _people("Gave way: used to begin, and do not now", review.initiative_lost, teller)


def _people(name: str, who: Sequence[str], teller: Teller) -> Standing:
    return Standing(name=name, people=teller.facts(str(len(who)), who, teller.name), named=True)


def _bar(group: Group) -> pictures.GroupBar:
    came = {*group.followed_up, *group.second_meetings, *group.targets}
    return pictures.GroupBar(name=_name(group), hours=group.hours, came=len(came))


def _name(group: Group) -> str:
    return line(group.name) or "a private series"


def _evidence(found: Evidence, teller: Teller) -> Facts:
    """Return what a verdict rests on, and who that is; what there is none of is not listed."""
    counts = (
        (found.new_people, "new", ""),
        (found.followed_up, "followed up", "nobody new followed up"),
        (found.second_meetings, "met again outside", ""),
        (found.targets, "found whom you were looking for", ""),
        (found.pending, "just met", ""),
    )
    came = [f"{len(who)} {what}" if who else none for who, what, none in counts if who or none]
    shown = f"Since {_day(found.since)}: {number(found.hours)} hours, {', '.join(came)}."
    lines = [f"{what}: {teller.name(who)}" for everybody, what, _ in counts for who in everybody]
    return teller.facts(shown, lines, str)


def _told(group: Group, teller: Teller) -> GroupTold:
    came = (
        ("New people", group.new_people),
        ("Followed up", group.followed_up),
        ("Second meetings", group.second_meetings),
        ("Targets found", group.targets),
    )
    return GroupTold(
        name=_name(group),
        verdict=group.verdict,
        evidence=_evidence(group.evidence, teller),
        question="What is it for now?" if group.verdict == "rut" else "",
        numbers=(
            Standing(name="Events of the quarter", people=_events(group, teller)),
            *(_people(name, who, teller) for name, who in came if who),
        ),
    )


def _events(group: Group, teller: Teller) -> Facts:
    return teller.facts(f"{len(group.events)}, {number(group.hours)} hours", group.events, teller.event)


def _touches(survey: Survey, review: Review) -> Mapping[date, int]:
    """Return how many touches with people of the network each day of the year had."""
    zone, since = survey.state.settings.me.zone, review.until - timedelta(weeks=pictures.WEEKS)
    days: Counter[date] = Counter()
    for who in _network_people(survey):
        for item in reversed(survey.state.touchpoints.get(who, ())):
            if item.at < since:
                break
            if item.at < review.until and item.kind != "note":
                days[local_day(item.at, zone)] += 1
    return days


def _network(survey: Survey, review: Review, teller: Teller) -> Picture:
    among = [who for who in _network_people(survey) if not survey.opinions[who].marks & HIDING]
    people, ties = acquainted(survey.state.touchpoints, among, review.until - YEAR, review.until)
    return pictures.network([teller.name(who) for who in people], ties)


def _network_people(survey: Survey) -> frozenset[str]:
    return frozenset(who for who, opinion in survey.opinions.items() if opinion.circle == "network")
