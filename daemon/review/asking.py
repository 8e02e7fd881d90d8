"""What can only the user say? The questions of a review, each asked as seldom as may be."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta

from daemon.detect import namesakes, title_key
from daemon.model import OUTSIDE, PROPOSED, Entry
from daemon.relate import by_mail_alone, is_passed
from daemon.review.groups import QUARTER
from daemon.review.survey import Survey, between
from daemon.review.values import Ask, Group, Week

CALLS = 3
"""Calls with somebody outside the network after which is asked whether to keep in touch (S36)."""
UNANSWERED = 4
"""Reminders about one person without an answer, in a row, after which is asked (P24)."""
LATELY = timedelta(weeks=6)
"""A group that was not met for so long is asked about no more."""
LOOK_BACK = timedelta(weeks=5)
_UNSEEN = frozenset({"withdrawn", "failed", "waiting"})
_SAID = frozenset({"circle", "mark", "unmark", "x"})


def questions(survey: Survey, week: Week, found: Sequence[Group], asked: Collection[str]) -> tuple[Ask, ...]:
    """Return what to ask in the review of ``week``; ``asked`` are the keys of what was asked before.

    A name is asked about in the week of its event, a rut until its purpose was said, all else once.
    """
    every = [*_names(survey, week), *_ruts(survey, found), *_unanswered(survey), *_calls(survey)]
    every += [*_by_mail(survey), *_titles(survey, week), *_household(survey)]
    return tuple(item for item in every if item.kind in {"ambiguous-name", "rut"} or item.key not in asked)


def _names(survey: Survey, week: Week) -> Iterator[Ask]:
    state = survey.state
    zone = state.settings.me.zone
    near = between(survey.past.doubts, week.begins(zone), week.ends(zone), lambda item: item.at)
    for item in near:
        if item.kind == "ambiguous-name":
            touch, who = namesakes(item.title, item.at, state)
            if who and not _is_told(item.key, survey):
                facts, title = (item.key,), item.title
                yield Ask(kind=item.kind, about=who, facts=facts, title=title, at=item.at, count=1, touch=touch)


def _is_told(key: str, survey: Survey) -> bool:
    """Tell whether the user has said already whom an event means: in a review, which its answer's key shows."""
    return any(item.kind == "sign" and f"/{key}/" in item.key for item in survey.state.decisions)


def _titles(survey: Survey, week: Week) -> Iterator[Ask]:
    until = week.ends(survey.state.settings.me.zone)
    told: dict[str, Ask] = {}
    for item in between(survey.past.doubts, until - LOOK_BACK, until, lambda item: item.at):
        if item.kind == "doubtful-title":
            name = title_key(item.title)
            facts = (*(told[name].facts if name in told else ()), item.key)
            told[name] = Ask(
                kind="doubtful-title", about=(name,), facts=facts, title=item.title, at=item.at, count=len(facts)
            )
    yield from told.values()


def ruts(survey: Survey, found: Sequence[Group]) -> Iterator[Group]:
    """Yield the ruts that the user was in lately and has not said a purpose of this quarter."""
    starts = {item.key: item.start for item in survey.occasions}
    now = survey.state.now
    said = {item.about for item in survey.state.decisions if item.kind == "purpose" and now - item.at <= QUARTER}
    for group in found:
        last = starts[group.events[-1]] if group.events else None
        if group.verdict == "rut" and last is not None and now - last <= LATELY and group.series not in said:
            yield group


def _ruts(survey: Survey, found: Sequence[Group]) -> Iterator[Ask]:
    for group in ruts(survey, found):
        if True:
            yield Ask(
                kind="rut",
                about=(group.series,),
                facts=group.events,
                title=group.name,
                count=group.evidence.occurrences,
            )


def _unanswered(survey: Survey) -> Iterator[Ask]:
    """Yield about whom the last four reminders passed without a word (P24)."""
    state = survey.state
    about: dict[str, list[Entry]] = {}
    for entry in state.entries:
        if entry.kind in PROPOSED and not entry.also and entry.start is not None and entry.start <= state.now:
            about.setdefault(entry.person, []).append(entry)
    for who, entries in sorted(about.items()):
        seen = sorted((e for e in entries if e.state not in _UNSEEN), key=lambda e: (e.start or state.now, e.key))
        last = seen[-UNANSWERED:]
        opinion = survey.opinions.get(who)
        wanted = opinion is not None and opinion.circle == "network" and not opinion.marks & {"muted", "never"}
        if wanted and len(last) == UNANSWERED and all(is_passed(entry, state.now) for entry in last):
            yield Ask(kind="unanswered", about=(who,), facts=tuple(e.key for e in last), count=len(last))


def _calls(survey: Survey) -> Iterator[Ask]:
    for who, opinion in sorted(survey.opinions.items()):
        if opinion.circle != "correspondent" or opinion.marks & {"muted", "never"}:
            continue
        facts = survey.state.touchpoints.get(who, ())
        calls = [item.key for item in facts if item.kind == "call" and item.at <= survey.state.now]
        if len(calls) >= CALLS:
            yield Ask(kind="calls", about=(who,), facts=tuple(calls), count=len(calls))


def _by_mail(survey: Survey) -> Iterator[Ask]:
    """Yield who came into the network by mail alone and was never spoken of: asked once (C1a)."""
    said = {item.about for item in survey.state.decisions if item.kind in _SAID}
    for who, opinion in sorted(survey.opinions.items(), key=lambda item: (-item[1].strength, item[0])):
        facts = survey.state.touchpoints.get(who, ())
        if opinion.circle == "network" and who not in said and by_mail_alone(opinion, facts):
            yield Ask(kind="by-mail", about=(who,), facts=tuple(item.key for item in facts[-3:]), count=opinion.touches)


def _household(survey: Survey) -> Iterator[Ask]:
    said = {item.about for item in survey.state.decisions if item.kind in _SAID}
    for who, opinion in sorted(survey.opinions.items()):
        if opinion.circle == "household" and who not in said and opinion.circle in OUTSIDE:
            yield Ask(kind="household", about=(who,), count=opinion.touches)
