"""What do mails say of each other? Who began a thread, what an answer proves (M7, C7), whom a mail introduced (M5)."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from connectors.records import Event, Message
from daemon import names
from daemon.detect import mails
from daemon.detect.mails import Letter, Post
from daemon.detect.sightings import Sightings, mailboxes
from daemon.model import Vocabulary

Began = Literal["me", "them"] | None
Pair: TypeAlias = tuple[str, str]
"""Two leaders, the first by alphabet first."""


@dataclass(frozen=True, slots=True)
class Archive:
    """Ids of all mails: the user's ``sent`` ones (drafts too) and the ``received``."""

    sent: Container[str]
    received: Mapping[str, Message]
    caught_up: bool

    def began(self, message: Message, vocabulary: Vocabulary) -> Began:
        """Tell who began the thread of ``message`` (C1); None while its beginning may still be read."""
        root = thread(message, vocabulary)
        if root == own_id(message):
            return "me" if own_id(message) in self.sent else "them"
        if root in self.sent:
            return "me"
        return "them" if root in self.received or self.caught_up else None


@dataclass(frozen=True, slots=True)
class Heard:
    """Proof of a sign from the other (M7): ``source`` is the Message-ID that was answered."""

    source: str
    who: str
    address: str
    at: datetime
    answer: Message


def own_id(message: Message) -> str:
    """Return what other mails call this one."""
    return message.message_id or message.key


def thread(message: Message, vocabulary: Vocabulary) -> str:
    """Return the id of the thread's beginning; a mail passed on begins a new one."""
    if message.sent and mails.is_forward(message, vocabulary):
        return own_id(message)
    return message.root or message.in_reply_to or own_id(message)


def archive(messages: Iterable[Message], own: frozenset[str], *, caught_up: bool) -> Archive:
    """Sort the ids of all mails into the user's and the others'."""
    sent: set[str] = set()
    received: dict[str, Message] = {}
    for message in messages:
        if message.sender is not None and message.sender.address in own:
            sent |= {own_id(message), message.key}
        elif own_id(message) not in received:
            received[own_id(message)] = message
    return Archive(frozenset(sent), received, caught_up)


def proofs(letters: Iterable[Letter], post: Post, kept: Archive) -> list[Heard]:
    """Return what answers prove (M7, P18), one for each mail answered, the earliest.

    Only with one person in To, the answered mail not the user's, never for forwards and never before the import has
    caught up. Where the answered mail is known, its author must be who is answered, and its own time holds.
    """
    found: dict[str, Heard] = {}
    for letter in letters if kept.caught_up else ():
        proof = _proof(letter, post, kept)
        if proof is not None and (proof.source not in found or _earlier(proof, found[proof.source])):
            found[proof.source] = proof
    return [found[source] for source in sorted(found)]


def _earlier(one: Heard, other: Heard) -> bool:
    return (one.at, one.answer.key) < (other.at, other.answer.key)


def _proof(letter: Letter, post: Post, kept: Archive) -> Heard | None:
    message = letter.message
    answered = message.in_reply_to
    if answered is None or answered in kept.sent or letter.verdict != mails.WROTE:
        return None
    written = [(who, address) for who, (address, kind) in letter.touched.items() if kind == "wrote"]
    if len(written) != 1:
        return None
    if message.at is None or mails.is_forward(message, post.vocabulary):
        return None
    who, address = written[0]
    original = kept.received.get(answered)
    if original is None:
        return Heard(answered, who, address, message.at, message)
    if original.sender is None or post.directory.who(original.sender.address) != who:
        return None
    real = original.at is not None and mails.EARLIEST <= original.at <= message.at
    return Heard(answered, who, original.sender.address, original.at if real and original.at else message.at, message)


def introductions(
    letters: Sequence[Letter], messages: Iterable[Message], events: Iterable[Event], post: Post, seen: Sightings
) -> frozenset[str]:
    """Return the keys of sent mails that introduced two people to each other (M5).

    Exactly two people from outside, both in To, no answer, a word for introduction or both names in the subject, and no
    earlier record shows the two together.
    """
    pairs = {letter.message.key: both for letter in letters if (both := pair(letter, post, seen)) is not None}
    first = first_together(set(pairs.values()), messages, events, post) if pairs else {}
    return frozenset(key for key, both in pairs.items() if first[both] == key)


def first_together(
    pairs: Set[Pair], messages: Iterable[Message], events: Iterable[Event], post: Post
) -> dict[Pair, str]:
    """Return the key of the earliest record that shows each of ``pairs`` together."""
    stood = _records_of({who for both in pairs for who in both}, messages, events, post)
    return {(one, other): min(_both(stood[one], stood[other]))[1] for one, other in pairs}


def pair(letter: Letter, post: Post, seen: Sightings) -> Pair | None:
    """Return whom ``letter`` introduces to each other by its words, if they never stood together before."""
    message = letter.message
    if letter.verdict not in {mails.WROTE, mails.FORWARDED} or len(letter.touched) != 2:
        return None
    if mails.is_answer(message, post.vocabulary) or mails.is_forward(message, post.vocabulary):
        return None
    people = mails.recipients(message, post.directory)
    if len(people.to) != 2 or any(mails.is_colleague(address, post) for address in people.to.values()):
        return None
    one, other = sorted(people.to)
    if not introduces(message.subject, (people.to[one], people.to[other]), seen, post.vocabulary):
        return None
    return one, other


def introduces(subject: str, addresses: tuple[str, str], seen: Sightings, vocabulary: Vocabulary) -> bool:
    """Tell whether a subject has a word for introduction, or of each of two ``addresses`` a name that is not both's."""
    said = frozenset(names.words(subject))
    if not vocabulary["introduction-words"].isdisjoint(said):
        return True
    one, other = (said & _called(address, seen) - names.PARTICLES for address in addresses)
    return bool(one - other) and bool(other - one)


def _called(address: str, seen: Sightings) -> set[str]:
    return {word for name in seen.names.get(address, ()) for word in names.words(names.written(name)) if len(word) > 1}


def _records_of(
    asked: set[str], messages: Iterable[Message], events: Iterable[Event], post: Post
) -> dict[str, set[tuple[datetime, str]]]:
    found: dict[str, set[tuple[datetime, str]]] = {who: set() for who in asked}
    for message in messages:
        if message.at is not None:
            for box in mailboxes(message):
                who = post.directory.who(box.address)
                if who in found:
                    found[who].add((message.at, message.key))
    for event in events:
        if isinstance(event.start, datetime):
            for guest in event.guests:
                who = post.directory.who(guest.address)
                if who in found:
                    found[who].add((event.start, event.key))
    return found


def _both(one: set[tuple[datetime, str]], other: set[tuple[datetime, str]]) -> set[tuple[datetime, str]]:
    small, large = sorted((one, other), key=len)
    return {item for item in small if item in large}
