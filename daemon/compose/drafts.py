"""What does a thought-of-you draft say? A topic and a date that a record proves, one question, and a way to say no.

A draft exists only for a reason with a source, and only if the rules of words hold for what came out (PRACTICE 5.6).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256

from daemon.compose.language import Tongue, is_familiar, tongue_for
from daemon.compose.names import greeting_names, own_first_name, plain
from daemon.compose.occasions import QUOTED, Occasion, occasion_of
from daemon.compose.rules import DOTS, Letter, broken, phrases
from daemon.compose.templates import BadTemplate, Value, Words, sheet
from daemon.model import OPEN_STATES, Cause, Opinion, Proposal, Settings, State, Vocabulary, local_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Who writes to whom: the names as a greeting and a closing may use them, "" where they are not certain."""

    first: str
    name: str
    own_first: str
    own_name: str
    signature: str


def draft(
    proposal: Proposal,
    state: State,
    opinions: Mapping[str, Opinion],
    templates: Mapping[str, str],
    taken: Collection[str] = (),
) -> Words | None:
    """Return subject and body of the mail that ``proposal`` is for, or None if the facts do not carry one.

    ``pick-up`` needs a quotable topic in its evidence, ``first-meeting`` a meeting. None, too, when the language has no
    template for the reason, when what came out breaks a rule of words, or when every variant says what an entry of
    ``state``, or one of ``taken`` (``said_by``), says already.
    """
    person = state.people[proposal.person]
    occasion = occasion_of(_cause(proposal), person, state)
    tongue = tongue_for(person, proposal.reason, state, opinions.get(person.id), templates)
    others = [state.people[who] for who in proposal.also]
    if occasion is None or tongue is None:
        return None
    if not all(is_familiar(other, state, opinions.get(other.id)) for other in others):
        tongue = replace(tongue, familiar=False)
    variants = _variants(tongue.variants(proposal.reason), proposal, state)
    called = [greeting_names(one, state.vocabulary) for one in (person, *others)]
    first, name = (", ".join(names) if all(names) else "" for names in zip(*called, strict=True))
    address = replace(sender(state.settings, state.vocabulary), first=first, name=name)
    today = local_day(state.now, state.settings.me.zone)
    said = _said(state) | {*taken}
    for text in variants:
        forms = dict.fromkeys((occasion, replace(occasion, thread=None)))
        words = next((words for form in forms if (words := _unbroken(tongue, text, form, address, today))), None)
        if words is None or said_by(words.title, words.body) not in said:
            return words
    return None


def _said(state: State) -> set[str]:
    """Return what the drafts say that stand, or that somebody may have got."""
    return {
        said_by(entry.title, entry.body)
        for entry in state.entries
        if entry.kind == "draft" and entry.state not in {"withdrawn", "failed"}
    }


def said_by(title: str, body: str) -> str:
    """Return what a draft says, its greeting aside: nobody gets the same twice, and no two people the same."""
    return f"{title}\n{body.partition(chr(10))[2]}"


def _cause(proposal: Proposal) -> Cause:
    # not its fact: a draft that rested on it may have been refused (C33)
    return Cause(reason=proposal.reason, person=proposal.person, evidence=proposal.evidence, times=proposal.times)


def _unbroken(tongue: Tongue, text: str, occasion: Occasion, address: Address, today: date) -> Words | None:
    try:
        made = letter(tongue, text, occasion, address, today)
    except (BadTemplate, KeyError):
        return None
    return None if broken(made) else made.words


def sender(settings: Settings, vocabulary: Vocabulary) -> Address:
    """Return the user's side of an address."""
    lines = (plain(line) for line in settings.signature.strip().split("\n")[:10])
    return Address(
        first="",
        name="",
        own_first=own_first_name(settings.me.name, vocabulary),
        own_name=plain(settings.me.name),
        signature="\n".join(lines).strip(),
    )


def letter(tongue: Tongue, text: str, occasion: Occasion, address: Address, today: date) -> Letter:
    """Return the template ``text`` filled in, beside its frame. Raises BadTemplate, or KeyError if one is missing.

    An answer has the subject of its thread instead of the template's.
    """
    day, answer = tongue.day(occasion.day, today), int(occasion.thread is not None)
    quoted = {name: getattr(occasion, name) for name in QUOTED}
    told: dict[str, Value] = {"how": occasion.how, **quoted, "date": day, "answer": answer}
    offered = _offered(occasion, tongue, today)
    values = _values(tongue, told | offered, address)
    hidden = replace(address, first=address.first and DOTS, name=address.name and DOTS)
    dotted = {**{name: text and DOTS for name, text in quoted.items()}, "date": DOTS, **dict.fromkeys(offered, DOTS)}
    framed = _values(tongue, {**told, **dotted}, hidden)
    words, frame = sheet(text, "Subject", values), sheet(text, "Subject", framed)
    if occasion.thread is not None:
        words = replace(words, title=occasion.thread.subject, thread=occasion.thread)
        frame = replace(frame, title=DOTS)
    return Letter(
        words=words,
        frame=frame,
        greeting=str(values["greeting"]),
        closing=str(values["closing"]),
        never=phrases(tongue.text("never")),
        link=occasion.link,
    )


def _offered(occasion: Occasion, tongue: Tongue, today: date) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for number, at in enumerate(occasion.times, 1):
        found |= {f"date{number}": tongue.day(at.date(), today), f"time{number}": at.strftime("%H:%M")}
    return found


def _values(tongue: Tongue, about: Mapping[str, Value], address: Address) -> Mapping[str, Value]:
    """Return what a draft's template may say."""
    names: dict[str, Value] = {"first": address.first, "name": address.name}
    own: dict[str, Value] = {"own_first": address.own_first, "own_name": address.own_name}
    parts = {
        "greeting": tongue.say("greeting", names),
        "closing": address.signature or tongue.say("closing", own),
        "opening": tongue.say("opening", about),
    }
    return {**names, **own, **about, **parts}


def _variants(texts: tuple[str, ...], proposal: Proposal, state: State) -> tuple[str, ...]:
    """Return ``texts`` in the order in which they are tried: where to begin is the person's, each draft that was
    settled moves one on."""
    start = int.from_bytes(sha256(proposal.person.encode()).digest()[:4], "big")
    earlier = sum(
        entry.kind == "draft"
        and entry.person == proposal.person
        and entry.reason == proposal.reason
        and entry.fact != proposal.fact
        and entry.state not in OPEN_STATES
        for entry in state.entries
    )
    first = (start + proposal.cycle + earlier) % len(texts)
    return (*texts[first:], *texts[:first])
