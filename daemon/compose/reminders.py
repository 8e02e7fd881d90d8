"""What does a reminder say? A discreet title, two lines that suffice, one way to help, what to answer, and why.

Reminders are for the user's own eyes on a small screen: plain text, lines of at most 60 characters (wording.md).
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from daemon.compose.language import LAST_RESORT, Tongue
from daemon.compose.names import NO_BREAK, command, greeting_names, plain, shortened, shown
from daemon.compose.occasions import QUOTED, occasion_of
from daemon.compose.quotes import INNER_QUOTES, occasion, title_seen, topic_seen
from daemon.compose.reasons import rhythm, unseen
from daemon.compose.templates import BadTemplate, Value, Words, sheet
from daemon.model import MEETINGS, Cause, Decision, Opinion, Person, Proposal, SourceState, State, Touchpoint, local_day

TITLE_LIMIT = 40
LINE_LIMIT = 60
BODY_LINES = 120
LISTED = 25
"""Persons named in one round-up; the rest are counted."""
SHORT_NAME = 30
NOTE_SHOWN = 200
_MAILS: frozenset[str] = frozenset({"wrote", "forwarded", "heard"})
_SEEN: frozenset[str] = frozenset({"routine-meeting", "gathering"})
_PARTS = ("blind", "date-short", "occasion", "roundup-line")


def reminder(
    proposal: Proposal,
    state: State,
    opinions: Mapping[str, Opinion],
    templates: Mapping[str, str],
    draft: Words | None,
) -> Words:
    """Return title (at most 40 characters) and description (lines of at most 60) for ``proposal``.

    ``draft`` is the mail that lies in Drafts for the same reason. Where the template of a user's own folder cannot be
    used, title and description say only the name and the command that tells why; ``problems`` tells the user.
    """
    person = state.people[proposal.person]
    tongue = _tongue(proposal.kind, state, templates)
    why = command(person, state.people)
    try:
        values = _VALUES[proposal.kind](proposal, state, opinions.get(person.id), tongue)
        values |= {"draft": plain(draft.title).translate(INNER_QUOTES) if draft else "", "why": why}
        values["lines"] = values.get("lines") or _said(proposal, state, tongue)
        words = fitted(tongue.text(proposal.kind), values)
        first = _blind(proposal, state, tongue)
    except (BadTemplate, KeyError):
        return Words(title=shortened(shown(person), TITLE_LIMIT), body=_lines(f"{shown(person)}\n---\n{why}"))
    return replace(words, body=f"{_lines(first)}\n\n{words.body}") if first else words


def _said(proposal: Proposal, state: State, tongue: Tongue) -> str:
    """Return a line for each cause of ``proposal`` that has something to say and a template to say it in."""
    person, zone = state.people[proposal.person], state.settings.me.zone
    today, found = local_day(state.now, zone), []
    for cause in proposal.causes:
        about = occasion_of(cause, person, state)
        if about is not None and tongue.has(f"line-{cause.reason}"):
            told = {name: str(getattr(about, name)) for name in ("how", *QUOTED)}
            day = tongue.day(about.day, today, "date-short")
            found.append(tongue.say(f"line-{cause.reason}", {**_names(person, state), **told, "date": day}))
    return "\n".join(found)


def promise(made: Decision, state: State, templates: Mapping[str, str]) -> Words:
    """Return the reminder of a promise; ``made.value`` is what was promised, as the user typed it."""
    person = state.people[made.about]
    tongue, why = _tongue("promise", state, templates), command(person, state.people)
    zone = state.settings.me.zone
    text = plain(made.value).translate(INNER_QUOTES)
    try:
        day = tongue.day(local_day(made.at, zone), local_day(state.now, zone), "date-short")
        about: dict[str, Value] = {"topic": text, "date": day, "address": int(bool(person.addresses)), "why": why}
        return fitted(tongue.text("promise"), {**_names(person, state), **about})
    except (BadTemplate, KeyError):
        return Words(title=shortened(shown(person), TITLE_LIMIT), body=_lines(f"{shown(person)}: {text}\n---\n{why}"))


def _blind(proposal: Proposal, state: State, tongue: Tongue) -> str:
    """Return the first line while Kith cannot see where it saw one of the people last (PRACTICE 8, C25), else ""."""
    people = _people(proposal, state)
    source = next((ill for person in people if (ill := unseen(_past(person, state), state))), None)
    return "" if source is None else blind(source, state, tongue)


def blind(source: SourceState, state: State, tongue: Tongue) -> str:
    """Return what is to be said while ``source`` cannot be seen."""
    zone, since = state.settings.me.zone, source.last_success
    day = tongue.day(local_day(since, zone), local_day(state.now, zone), "date-short") if since else ""
    return tongue.say("blind", {"reads": source.reads, "date": day})


def fitted(text: str, values: Mapping[str, Value]) -> Words:
    """Return the template ``text`` filled in and cut to a phone: title 40 characters, lines 60. Raises BadTemplate.

    A title that is too long loses the end of the name in it; a round-up's loses the topic.
    """
    words = sheet(text, "Title", values)
    body = _lines(words.body)
    over = len(words.title) - TITLE_LIMIT
    if over > 0 and values.get("topic") and "count" in values:
        words = sheet(text, "Title", {**values, "topic": ""})
    elif over > 0:
        name = str(values.get("name", ""))
        words = sheet(text, "Title", {**values, "name": shortened(name, max(len(name) - over, 8))})
    return Words(title=shortened(" ".join(words.title.split()), TITLE_LIMIT), body=body)


def _tongue(kind: str, state: State, templates: Mapping[str, str]) -> Tongue:
    """Return the user's language where it has a reminder of that ``kind``, else English."""
    language = state.settings.me.language
    known = all(f"{language}/{name}" in templates for name in (kind, *_PARTS))
    return Tongue(language=language if known else LAST_RESORT, templates=templates)


def _lines(text: str) -> str:
    """Return ``text`` wrapped to 60 characters; an address, and the command, joined by no-break spaces, stay whole."""
    wrapped: list[str] = []
    for line in text.split("\n"):
        whole = "://" in line  # half an address leads nowhere
        wrapped += textwrap.wrap(line, LINE_LIMIT, break_on_hyphens=False, break_long_words=not whole) or [""]
    return "\n".join(line.rstrip() for line in wrapped[:BODY_LINES]).replace(NO_BREAK, " ").strip()


def _reconnect(proposal: Proposal, state: State, opinion: Opinion | None, tongue: Tongue) -> dict[str, Value]:
    person = state.people[proposal.person]
    touches = _past(person, state)
    meeting = _last(touches, MEETINGS)
    mail = _last([t for t in touches if not t.rule.startswith("M7")], _MAILS)
    if meeting and mail and mail.at < meeting.at:
        mail = None
    seen = _last(touches, _SEEN)
    if seen and any(talk and talk.at >= seen.at for talk in (meeting, mail)):
        seen = None
    return {
        **_names(person, state),
        **_told("", meeting, state, tongue),
        **_told("mail_", mail, state, tongue),
        **_told("seen_", seen, state, tongue),
        "seen_topic": title_seen(seen, state.vocabulary) if seen else "",
        "mail_by": ("them" if mail.kind == "heard" else "me") if mail else "",
        "turn": _turn(opinion),
        "silent": int(opinion is not None and opinion.silent),
        **rhythm(person, opinion, touches, state),
    }


def _follow_up(proposal: Proposal, state: State, _: Opinion | None, tongue: Tongue) -> dict[str, Value]:
    person = state.people[proposal.person]
    first = _first(proposal, person, state)
    return {
        **_names(person, state),
        **_told("", first, state, tongue),
        "reason": proposal.reason,
        "there": int(first is not None and first.kind == "gathering"),
        "note": _note(person, first, state),
        "address": int(bool(person.addresses)),
    }


def _note(person: Person, first: Touchpoint | None, state: State) -> str:
    """Return what the user noted of ``person`` at that meeting or since: for the user's own eyes (C4)."""
    since = first.at if first is not None else state.now
    noted = [item for item in state.decisions if (item.kind, item.about) == ("note", person.id) and item.at >= since]
    last = max(noted, key=lambda item: (item.at, item.key), default=None)
    return shortened(plain(last.value), NOTE_SHOWN) if last is not None else ""


def _roundup(proposal: Proposal, state: State, _: Opinion | None, tongue: Tongue) -> dict[str, Value]:
    people = _people(proposal, state)
    firsts = [_first(proposal, person, state) for person in people]
    topics = {topic_seen(touch, state.vocabulary) if touch else "" for touch in firsts}
    common = topics.pop() if len(topics) == 1 else ""
    lines = [
        tongue.say("roundup-line", {**_names(person, state), **_told("", touch, state, tongue), "common": common})
        for person, touch in zip(people[:LISTED], firsts, strict=False)
    ]
    rest = len(people) - len(lines)
    return {"count": len(people), "topic": common, "lines": "\n".join(lines), "rest": rest}


def _introduction(proposal: Proposal, state: State, _: Opinion | None, tongue: Tongue) -> dict[str, Value]:
    person, zone = state.people[proposal.person], state.settings.me.zone
    cause = Cause(reason="introduction", person=person.id, evidence=proposal.evidence)
    about = occasion_of(cause, person, state)
    notes = {item.key: item for item in state.decisions}
    needs = notes.get(proposal.evidence[0]) if proposal.evidence else None
    day = tongue.day(local_day(needs.at, zone), local_day(state.now, zone), "date-short") if needs else ""
    told: dict[str, Value] = {name: str(getattr(about, name)) if about else "" for name in QUOTED}
    other = next((shown(state.people[who]) for who in proposal.also if who in state.people), "")
    return {
        **_names(person, state),
        **told,
        "other": shortened(other, SHORT_NAME),
        "date": day,
        "step": proposal.reason,
    }


_VALUES: Mapping[str, Callable[[Proposal, State, Opinion | None, Tongue], dict[str, Value]]] = {
    "reconnect": _reconnect,
    "follow-up": _follow_up,
    "roundup": _roundup,
    "introduction": _introduction,
}


def _people(proposal: Proposal, state: State) -> list[Person]:
    ids = dict.fromkeys((proposal.person, *proposal.also))
    return [state.people[id_] for id_ in ids if id_ in state.people]


def _names(person: Person, state: State) -> dict[str, Value]:
    name = shortened(shown(person), LINE_LIMIT)
    first, _ = greeting_names(person, state.vocabulary)
    return {"name": name, "short": first or shortened(name, SHORT_NAME)}


def _told(prefix: str, touch: Touchpoint | None, state: State, tongue: Tongue) -> dict[str, Value]:
    """Return what a template may tell of ``touch``: occasion, date and topic, each "" if there is nothing to tell."""
    if touch is None:
        return {f"{prefix}occasion": "", f"{prefix}date": "", f"{prefix}topic": ""}
    zone = state.settings.me.zone
    today: date = local_day(state.now, zone)
    return {
        f"{prefix}occasion": tongue.say("occasion", {"how": occasion(touch, state.vocabulary)}),
        f"{prefix}date": tongue.day(local_day(touch.at, zone), today, "date-short"),
        f"{prefix}topic": topic_seen(touch, state.vocabulary),
    }


def _past(person: Person, state: State) -> list[Touchpoint]:
    past = [touch for touch in state.touchpoints.get(person.id, ()) if touch.at <= state.now]
    return sorted(past, key=lambda touch: (touch.at, touch.kind == "wrote", touch.key))


def _last(touches: list[Touchpoint], kinds: frozenset[str]) -> Touchpoint | None:
    return next((touch for touch in reversed(touches) if touch.kind in kinds), None)


def _first(proposal: Proposal, person: Person, state: State) -> Touchpoint | None:
    """Return the touch that made it due: the fact, else the first of the evidence that is about ``person``."""
    keys = frozenset((*proposal.evidence, proposal.fact))
    found = [touch for touch in _past(person, state) if touch.key in keys]
    return min(found, key=lambda touch: (touch.key != proposal.fact, touch.at, touch.key), default=None)


def _turn(opinion: Opinion | None) -> str:
    """Return whose turn it is: ``owe`` (the user has had more help than given), ``mine``, ``theirs``, or ""."""
    if opinion is None:
        return ""
    if opinion.helped_by > opinion.helped:
        return "owe"
    if opinion.began_by_them > opinion.began_by_me:
        return "mine"
    return "theirs" if opinion.began_by_me > opinion.began_by_them + 1 else ""
