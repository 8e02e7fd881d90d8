"""How does a verdict become touchpoints? One fact for each record and person (C6, C7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from connectors.records import Event, Message
from daemon.detect import habits, threads
from daemon.detect.cards import SAID
from daemon.detect.counting import Word
from daemon.detect.events import Reading
from daemon.detect.mails import Letter, Post
from daemon.detect.threads import Archive, Began, Heard
from daemon.model import Card, Decision, TouchKind, Touchpoint, instant

KINDS: Mapping[str, TouchKind] = {kind: kind for kind in get_args(TouchKind)}


def of_meetings(
    readings: Iterable[Reading], persons: Mapping[str, str], own: frozenset[str], leaders: Mapping[str, str]
) -> Iterator[Touchpoint]:
    """Yield the touchpoints of events; ``persons`` are ids by leader, ``leaders`` those of joined addresses."""
    for reading in readings:
        if reading.kind is None:
            continue
        event = reading.event
        inviter = event.organiser.address if event.organiser is not None else None
        host = leaders.get(inviter, inviter) if inviter is not None else None
        for who, address, rule in reading.present:
            if who in persons:
                began: Began = "me" if inviter in own else "them" if host == who else None
                yield _of_meeting(reading, persons[who], address, rule, began)


def _of_meeting(reading: Reading, person: str, address: str, rule: str, began: Began) -> Touchpoint:
    event = reading.event
    return Touchpoint(
        source=event.key,
        address=address,
        person=person,
        at=reading.start.astimezone(UTC),
        kind=KINDS[reading.kind or ""],
        rule=rule,
        account=event.account,
        title=one_line(event.title),
        began=began,
        series=habits.series(event),
        recurring=event.series is not None,
        minutes=_minutes(event, reading),
        private=event.private,
    )


def _minutes(event: Event, reading: Reading) -> int:
    return 0 if event.all_day else int((reading.end - reading.start) / timedelta(minutes=1))


def of_letters(
    letters: Iterable[Letter], persons: Mapping[str, str], kept: Archive, post: Post
) -> Iterator[Touchpoint]:
    """Yield the touchpoints of mails."""
    for letter in letters:
        message = letter.message
        if message.at is None or not letter.touched:
            continue
        thread, began = threads.thread(message, post.vocabulary), kept.began(message, post.vocabulary)
        sender = "" if message.sender is None else message.sender.address
        mine = sender if sender in post.own else ""
        everybody = _everybody(message, post)
        for who, (address, kind) in letter.touched.items():
            if who in persons:
                yield Touchpoint(
                    source=message.key,
                    address=address,
                    person=persons[who],
                    at=message.at.astimezone(UTC),
                    kind=kind,
                    rule=letter.verdict.rule,
                    account=message.account,
                    title=one_line(message.subject),
                    thread=thread,
                    began=began,
                    mine=mine,
                    others=not everybody <= {who},
                )


def _everybody(message: Message, post: Post) -> set[str]:
    """Return who beside the user is on a mail: leaders, and the addresses of those who are nobody."""
    sender = () if message.sender is None else (message.sender,)
    found = {box.address for box in (*sender, *message.to, *message.cc, *message.bcc)} - post.own
    return {post.directory.who(address) or address for address in found}


def of_proofs(proofs: Iterable[Heard], persons: Mapping[str, str], kept: Archive, post: Post) -> Iterator[Touchpoint]:
    """Yield what answers prove (M7): heard from whoever was answered."""
    for proof in proofs:
        if proof.who in persons:
            yield Touchpoint(
                source=proof.source,
                address=proof.address,
                person=persons[proof.who],
                at=proof.at.astimezone(UTC),
                kind="heard",
                rule="M7",
                account=proof.answer.account,
                title=one_line(proof.answer.subject),
                thread=threads.thread(proof.answer, post.vocabulary),
                began=kept.began(proof.answer, post.vocabulary),
            )


def of_words(words: Iterable[Word], persons: Mapping[str, str]) -> Iterator[Touchpoint]:
    """Yield what mails to oneself say (N1)."""
    for word in words:
        message, address = word.letter.message, word.who if "@" in word.who else ""
        yield _said(message.key, persons[word.who], address, word.at, kind=word.kind, account=message.account)


def of_signs(signs: Iterable[tuple[Decision, str, str]]) -> Iterator[Touchpoint]:
    """Yield what the user reports (N1): decision, person id and address; an unknown kind is a note."""
    for decision, person, address in signs:
        yield _said(decision.key, person, address, decision.at, kind=KINDS.get(decision.value, "note"), account="")


def of_cards(cards: Iterable[Card], events: Iterable[Event], zone: ZoneInfo) -> Iterator[Touchpoint]:
    """Yield where people known by cards were met: by the user's word (N1), or by a guess (E12).

    An import and an accepted invitation by themselves only make a name known.
    """
    found = [card for card in cards if card.source in SAID or card.guess is not None]
    wanted = {card.event or card.guess for card in found}
    held = {event.key: event for event in events if event.key in wanted} if found else {}
    for card in found:
        place = card.event or card.guess
        event = held.get(place or "")
        yield Touchpoint(
            source=card.key,
            address="",
            person=card.person,
            at=(card.at if card.guess is None or event is None else instant(event.start, zone)).astimezone(UTC),
            kind="note" if place is None else "gathering",
            rule="N1" if card.guess is None else "E12",
            account="",
            title="" if event is None else one_line(event.title),
            series=None if event is None else habits.series(event),
            private=event is not None and event.private,
        )


def _said(key: str, person: str, address: str, at: datetime, *, kind: TouchKind, account: str) -> Touchpoint:
    return Touchpoint(
        source=key,
        address=address,
        person=person,
        at=at.astimezone(UTC),
        kind=kind,
        rule="N1",
        account=account,
    )


def one_line(text: str) -> str:
    """Return ``text`` without controls; joiners inside emoji stay."""
    if text.isprintable():
        return text
    return " ".join("".join(c if c.isprintable() or c in "\u200c\u200d" else " " for c in text).split())
