"""How do the people stand? Key people, growing slots, help, who gave way, the last ten met (PRACTICE 7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from daemon.model import OUTSIDE, Opinion, Touchpoint
from daemon.review.firsts import CLOSER
from daemon.review.survey import Survey, between
from daemon.review.values import Figure, Good, Growing, Help, Key, LastTen

TEN = 10
LATELY = timedelta(days=90)
BEFORE = timedelta(days=365)
USED_TO = 3
"""Threads and meetings that somebody began in the year before, to have had an initiative to lose."""
MINE = 2
"""What the user began lately without the other beginning anything."""
SOON = timedelta(days=7)
GOOD = timedelta(days=60)
"""A second meeting so soon after the first is what a follow-up is for."""


def last_ten(survey: Survey, until: datetime) -> LastTen:
    """Return the last ten people met for the first time before ``until``, and who of them were followed up by now."""
    met = [item for item in survey.firsts if item.at < until][-TEN:][::-1]
    return LastTen(
        met=tuple(item.person for item in met),
        followed_up=tuple(item.person for item in met if item.step is not None),
    )


def key(survey: Survey) -> Key:
    """Return the key people who are not due, and those who are, the longest first."""
    mine = [(who, item) for who, item in sorted(survey.opinions.items()) if item.key]
    due = [(who, item.due or 0.0) for who, item in mine if item.due is None or item.due > 0]
    late = {who for who, _ in due}
    return Key(
        in_touch=tuple(who for who, _ in mine if who not in late),
        due=tuple(who for who, _ in sorted(due, key=lambda pair: (-pair[1], pair[0]))),
    )


def growing(survey: Survey, since: datetime, until: datetime) -> Growing:
    """Return the slots: who holds one at ``until``, and who gave one back from ``since`` on, and why."""
    said = sorted(
        (item for item in survey.state.decisions if item.kind in {"slot", "slot-free"} and item.at <= until),
        key=lambda item: (item.at, item.key),
    )
    last = {item.about: item for item in said}
    freed = [item for item in last.values() if item.kind == "slot-free" and item.at >= since]
    return Growing(
        slots=survey.state.settings.capacity.growing,
        holders=tuple(who for who, item in last.items() if item.kind == "slot"),
        graduated=tuple(item.about for item in freed if item.value == "established"),
        faded=tuple(item.about for item in freed if item.value != "established"),
    )


def helped(survey: Survey, since: datetime, until: datetime) -> Help:
    """Return the help of that span, and who gave more in the last year than came back (P28), the most first."""
    given, received = dict[str, None](), dict[str, None]()
    for item in _facts(survey, since, until):
        if item.kind == "introduction" and item.began == "them":
            received[item.source] = None
        elif item.kind in {"introduction", "forwarded"}:
            given[item.source] = None
    for entry in survey.state.entries:
        kept = entry.kind == "promise" and entry.state == "done" and entry.settled is not None
        if kept and entry.settled is not None and since <= entry.settled < until:
            given[entry.key] = None
    owed = sorted((-_owes(item), who) for who, item in survey.opinions.items() if item.circle == "network")
    return Help(
        given=Figure(value=len(given), facts=tuple(given)),
        received=Figure(value=len(received), facts=tuple(received)),
        owed=tuple(who for much, who in owed if much < 0),
    )


def _owes(opinion: Opinion) -> int:
    return opinion.helped_by - opinion.helped


def _facts(survey: Survey, since: datetime, until: datetime) -> Iterator[Touchpoint]:
    for facts in survey.state.touchpoints.values():
        yield from between(facts, since, until, lambda item: item.at)


def initiative_lost(survey: Survey) -> tuple[str, ...]:
    """Return who of the network began three things or more in the year before, and nothing in the last 90 days, in
    which the user began two or more; by the strength of the tie."""
    found = [
        (-opinion.strength, who)
        for who, opinion in survey.opinions.items()
        if opinion.circle == "network" and not opinion.marks & {"muted", "never"} and _gave_way(survey, who)
    ]
    return tuple(who for _, who in sorted(found))


def _gave_way(survey: Survey, who: str) -> bool:
    now = survey.state.now
    facts = survey.state.touchpoints.get(who, ())
    lately = between(facts, now - LATELY, now, lambda item: item.at)
    if _begun(lately, "them") or _begun(lately, "me") < MINE:
        return False
    return _begun(between(facts, now - LATELY - BEFORE, now - LATELY, lambda item: item.at), "them") >= USED_TO


def _begun(facts: Sequence[Touchpoint], who: str) -> int:
    return len({item.thread or item.source for item in facts if item.began == who})


def ahead(survey: Survey) -> tuple[str, ...]:
    """Return with whom of the others a meeting or call of a few stands in the coming 7 days, in that order."""
    now = survey.state.now
    found: dict[str, datetime] = {}
    for who, coming in survey.state.ahead.items():
        times = [item.at for item in coming if item.kind in CLOSER and now < item.at <= now + SOON]
        opinion = survey.opinions.get(who)
        if times and opinion is not None and opinion.circle not in OUTSIDE:
            found[who] = min(times)
    return tuple(sorted(found, key=lambda who: (found[who], who)))


def good(survey: Survey, since: datetime, until: datetime) -> Good | None:
    """Return what made the week good: somebody met not long ago, followed up in time, and met again in that span."""
    for item in reversed(survey.firsts):
        met = item.closer
        if met is None or item.step is None or met.kind not in CLOSER or not item.followed_up:
            continue
        if since <= met.at < until and item.step.at < met.at and met.at - item.at <= GOOD:
            return Good(person=item.person, first=item.fact.key, step=item.step.key, met=met.key)
    return None
