"""What do the answers in a review decide? Whom the user spoke with, and yes, no or a word behind each question: pure.

Which question a line is, is known from the keys that were stored beside the review, in the order of its lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from daemon import names
from daemon.answers import Answers
from daemon.detect import card_decision
from daemon.grammar import Report, answer, assent, replies, spoken
from daemon.model import Decision, Entry, instant
from daemon.whom import bearers

CIRCLES: Mapping[str, tuple[str, str]] = {
    "household": ("household", "network"),
    "by-mail": ("network", "correspondent"),
    "calls": ("network", "correspondent"),
}
"""By kind of question: the circle that a yes puts somebody into, and a no."""
LET_GO = "you let go"


def replied(ear: Answers, entry: Entry, text: str) -> Mapping[str, Decision]:
    """Return what ``text``, the review ``entry`` as found, decides, by key."""
    asked, told = entry.evidence[1:], replies(entry.body, text)
    made = [*_spoken(ear, entry, spoken(entry.body, text, ear.today, ear.vocabulary))]
    if len(told) == len(asked) + 1:  # the last question is whom else the user spoke with
        for key, said in zip(asked, told, strict=False):
            if said:
                made += _answered(ear, entry, key.split("\t"), said)
        if told[-1] and assent(told[-1], ear.vocabulary) is None:
            made += _spoken(ear, entry, spoken("spoke:", f"spoke: {told[-1]}", ear.today, ear.vocabulary))
    return {item.key: item for item in made}


# -- whom the user spoke with ------------------------------------------------------------------------------------------


def _spoken(ear: Answers, entry: Entry, told: Sequence[Report]) -> Iterator[Decision]:
    for one in told:
        at = ear.on(one.day) if one.day is not None else _before(entry, ear.now)
        for name in one.names:
            found = bearers(name, ear.people, ear.touchpoints, ear.vocabulary, at)
            if len(found) > 1:
                continue  # one of several counts for nobody
            about = min(found, default="")
            if not about:
                card = card_decision(name, at, "typed", new_id=ear.new_id)
                about = card.about
                yield card
            if one.kind == "promised":
                yield ear.promise(f"hand/{entry.key}/spoke/{about}/promised", about, one.text, one.day)
            else:
                key = f"hand/{entry.key}/spoke/{about}/{one.day or ''}"
                yield ear.decision(key, "sign", about, one.kind, at=at)


def _before(entry: Entry, now: datetime) -> datetime:
    """Return when something said without a day was: on the day of the review, which may be read later."""
    return now if entry.start is None else min(entry.start, now)


# -- yes, no, or a word ------------------------------------------------------------------------------------------------


def _answered(ear: Answers, entry: Entry, parts: Sequence[str], said: str) -> Iterator[Decision]:
    kind, *about = parts
    place = f"hand/{entry.key}/{kind}"
    if kind == "rut":
        yield ear.decision(f"{place}/{_hash(about[0])}", "purpose", about[0], said)
        return
    agreed = assent(said, ear.vocabulary)
    if kind == "ambiguous-name":
        yield from _which(ear, entry, about, said)
    elif kind == "doubtful-title" and agreed is not None:
        value = "open" if agreed == "yes" else "closed"
        yield ear.decision(f"{place}/{_hash(about[0])}", "title", about[0], value)
    else:
        for who in about:
            if who in ear.people:
                yield from _of_person(ear, entry, (kind, who), said)


def _of_person(ear: Answers, entry: Entry, asked: tuple[str, str], said: str) -> Iterator[Decision]:
    kind, who = asked
    place, agreed = f"hand/{entry.key}/{kind}/{who}", assent(said, ear.vocabulary)
    if agreed is None:
        for one in answer(said, ear.today, ear.vocabulary):
            yield from ear.of_word(place, who, entry.key, one)
    elif kind in CIRCLES:
        yield ear.decision(f"{place}/circle", "circle", who, CIRCLES[kind][agreed == "no"])
    elif kind == "follow-up" and agreed == "yes":
        yield ear.decision(f"{place}/x", "x", who, entry.key)
    elif kind == "free-slot" and agreed == "yes":
        yield ear.decision(f"{place}/slot", "slot-free", who, LET_GO)
    elif kind == "unanswered" and agreed == "no":
        yield ear.decision(f"{place}/muted", "mark", who, "muted")


def _which(ear: Answers, entry: Entry, about: Sequence[str], said: str) -> Iterator[Decision]:
    """Yield whom an ambiguous title meant: by a word of the name that only one of them bears."""
    event, touch, *persons = about
    words = {*names.words(said)}
    fits = {who: len(words & {*names.words(ear.people[who].name)}) for who in persons if who in ear.people}
    best = [who for who, count in fits.items() if count and count == max(fits.values())]
    held = ear.events.get(event)
    if len(best) == 1:
        at = _before(entry, ear.now) if held is None else instant(held.start, ear.settings.me.zone)
        yield ear.decision(f"hand/{entry.key}/{event}/which", "sign", best[0], touch, at=at)


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:10]
