"""What is there to say before a meeting? Last touches, open promises, what they need, how to help (PRACTICE 5.4).

Only before a meeting with somebody new, owed, promised, or unseen one-to-one for longer than ideal; never a recurring
or a private one, and only where there is something to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from connectors.records import Event
from daemon.compose.briefs import Talk
from daemon.compose.names import command, greeting_names, shown
from daemon.compose.quotes import occasion, topic_seen
from daemon.model import MEETINGS, OUTSIDE, Opinion, State, Touchpoint, local_day
from daemon.plan.noted import helper, last_note, needs
from daemon.plan.promises import open_to
from daemon.plan.seeking import HALTS, MET
from daemon.relate.topics import Topics

REASONS = ("promised", "somebody-new", "owed", "unseen")
"""Why there is a brief, the strongest first."""
TWO = 2
MAILS: frozenset[str] = frozenset({"wrote", "heard", "forwarded", "introduction"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Whom a brief before a meeting is about, the most to speak of first, and why there is one."""

    talks: tuple[Talk, ...]
    reason: str

    @property
    def people(self) -> tuple[str, ...]:
        """Ids."""
        return tuple(talk.person for talk in self.talks)


def prepare(event: Event, state: State, opinions: Mapping[str, Opinion]) -> Prepared | None:
    """Return what to say before ``event``, None where there is nothing."""
    if event.private or event.series is not None or _is_ignored(event, state):
        return None
    found = sorted(
        (REASONS.index(reason), -opinions[person].strength, person)
        for person in _coming(event, state)
        if (reason := _reason(person, state, opinions[person]))
    )
    topics = Topics(state)
    talks = [(reason, talk) for reason, _, who in found if (talk := _talk(who, topics, opinions[who])) is not None]
    if not talks:
        return None
    return Prepared(talks=tuple(talk for _, talk in talks[:TWO]), reason=REASONS[talks[0][0]])


def _coming(event: Event, state: State) -> Iterator[str]:
    """Yield whom the user will meet in ``event`` one-to-one, in a small group or by a call."""
    for person, items in state.ahead.items():
        if any(item.source == event.key and item.kind in MEETINGS and not item.recurring for item in items):
            yield person


def _reason(person: str, state: State, opinion: Opinion) -> str:
    if "never" in opinion.marks:
        return ""
    if next(open_to(person, state), None) is not None:
        return "promised"
    if opinion.marks & HALTS or opinion.circle in OUTSIDE:
        return ""
    if not any(fact.kind in MET for fact in _past(person, state)):
        return "somebody-new"
    if opinion.helped_by > opinion.helped:
        return "owed"
    return "unseen" if opinion.depth is None or opinion.depth > opinion.ideal else ""


def _talk(person: str, topics: Topics, opinion: Opinion) -> Talk | None:
    """Return what there is to say of ``person``; None for nothing but that they were never met."""
    state = topics.state
    somebody, facts = state.people[person], _past(person, state)
    meeting = next((fact for fact in reversed(facts) if fact.kind in MEETINGS), None)
    mail = next((fact for fact in reversed(facts) if fact.kind in MAILS and not fact.rule.startswith("M7")), None)
    if meeting is not None and mail is not None and mail.at < meeting.at:
        mail = None
    offered, place = helper(person, topics), state.met_at.get(person)
    first, _ = greeting_names(somebody, state.vocabulary)
    made = Talk(
        name=shown(somebody),
        person=person,
        new=not any(fact.kind in MET for fact in facts),
        talk=None if meeting is None else (occasion(meeting, state.vocabulary), *_told(meeting, state)),
        mail=None if mail is None else ("them" if mail.kind == "heard" else "me", *_told(mail, state)),
        met_at=None if place is None else (place[0], _day(place[1], state)),
        promised=tuple((item.value, _day(item.at, state)) for item in open_to(person, state)),
        note=last_note(person, state),
        needs=needs(person, topics),
        help=None if offered is None else (shown(state.people[offered[0]]), offered[1]),
        owed=opinion.helped_by > opinion.helped,
        short=first or shown(somebody),
        why=command(somebody, state.people),
    )
    return made if made.talk or made.mail or made.promised or made.note or made.needs else None


def _told(fact: Touchpoint, state: State) -> tuple[date, str]:
    return _day(fact.at, state), topic_seen(fact, state.vocabulary)


def _day(at: datetime, state: State) -> date:
    return local_day(at, state.settings.me.zone)


def _past(person: str, state: State) -> Sequence[Touchpoint]:
    return [fact for fact in state.touchpoints.get(person, ()) if fact.at <= state.now]


def _is_ignored(event: Event, state: State) -> bool:
    title = event.title.casefold()
    return any(word and word.casefold() in title for word in state.settings.routine.ignore_titles)
