"""What does one mail count as? Rules M1-M8 of PRACTICE 2, before it is known who is a person."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NewType
from zoneinfo import ZoneInfo

from connectors.records import Mailbox, Message
from daemon import names
from daemon.detect import addresses
from daemon.detect.people import Directory
from daemon.model import TouchKind, Verdict, Vocabulary, local_day

BROADCAST = 20
CLOSE = 5
"""People in To up to which a mail is written to each of them (M1)."""
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
GRACE = timedelta(days=1)

NOT_YOURS = Verdict(rule="M1", counted=False, why="its sender is none of your addresses")
NOBODY = Verdict(rule="M1", counted=False, why="nobody in To or Cc is a person")
WROTE = Verdict(rule="M1", counted=True, why="you wrote to one to five people", kind="wrote")
COPIED = Verdict(rule="M1", counted=True, why="you copied somebody", kind="copied")
SIX = Verdict(rule="M2", counted=True, why="to six to twenty people: each of them only copied", kind="copied")
MANY = Verdict(rule="M2", counted=False, why="a broadcast: to more than twenty people")
BLIND = Verdict(rule="M2", counted=False, why="a broadcast: to several in Bcc")
LISTS = Verdict(rule="M2", counted=False, why="a broadcast: to mailing lists only")
SAME = Verdict(rule="M2", counted=False, why="a broadcast: the same subject to more than five people on one day")
DRAFT = Verdict(rule="M4", counted=False, why="a draft")
AUTOMATIC = Verdict(
    rule="M4", counted=False, why="written by a machine: a bounce, an automatic answer, a calendar reply"
)
NO_RECIPIENT = Verdict(rule="M1", counted=False, why="it says no recipient at all")
SELF = Verdict(rule="M4", counted=False, why="a mail to yourself")
UNSUBSCRIBE = Verdict(rule="M4", counted=False, why="a request to be taken off a list")
TIMELESS = Verdict(rule="M8", counted=False, why="no date that can be believed")
INTRODUCED = Verdict(rule="M5", counted=True, why="you introduced two people to each other", kind="introduction")
FORWARDED = Verdict(rule="M6", counted=True, why="you passed something on", kind="forwarded")


NOBODY_COPIED: Mapping[str, Verdict] = {
    "M1": Verdict(rule="M1", counted=False, why="only copied, and to nobody you wrote to or met"),
    "M2": Verdict(rule="M2", counted=False, why="to six to twenty people, none of whom you wrote to or met"),
}
"""What copying comes to when nobody of the copied is a person."""
INTRODUCTION: TouchKind = "introduction"
SubjectDay = NewType("SubjectDay", str)
"""A day and a subject as one text, which takes half the memory of the two."""


@dataclass(frozen=True, slots=True)
class Post:
    """What reading mails needs beside them. ``same`` holds the keys of mails that M2 takes for one broadcast."""

    own: frozenset[str]
    colleagues: frozenset[str]
    """Hosts of the user's own addresses, free mail aside: who works there is passed things by trade (M5, M6)."""
    directory: Directory
    vocabulary: Vocabulary
    now: datetime
    same: Container[str] = frozenset()
    authors: Mapping[str, str] = field(default_factory=dict)
    """Message-ID of received mail to the leader who wrote it."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as read: the verdict, and leader to (address, kind) for everybody it touches if they are persons."""

    message: Message
    verdict: Verdict
    touched: Mapping[str, tuple[str, TouchKind]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recipients:
    """Human recipients by leader: To, and Cc with Bcc (To wins)."""

    to: Mapping[str, str]
    beside: Mapping[str, str]
    blind: bool
    """Several, all of them in Bcc."""

    def __len__(self) -> int:
        return len(self.to) + len(self.beside)


def recipients(message: Message, directory: Directory) -> Recipients:
    """Return the human recipients of ``message``; one in Bcc stands as in To where nobody else is written to (P12)."""
    to = _leaders(message.to, directory)
    beside = {who: a for who, a in _leaders((*message.cc, *message.bcc), directory).items() if who not in to}
    others = any(directory.codes.get(box.address) != addresses.OWN for box in (*message.to, *message.cc))
    if not others and len(beside) == 1:
        return Recipients(beside, {}, blind=False)
    return Recipients(to, beside, blind=not to and not message.cc and len(beside) > 1)


def _leaders(boxes: Iterable[Mailbox], directory: Directory) -> dict[str, str]:
    found: dict[str, str] = {}
    for box in boxes:
        who = directory.who(box.address)
        if who is not None:
            found.setdefault(who, box.address)
    return found


def read(message: Message, post: Post) -> Letter:
    """Judge one sent mail by M4, M8, M2, M6 and M1; M5 and M7 need the others."""
    if message.sender is None or message.sender.address not in post.own:
        return Letter(message, NOT_YOURS)
    refusal = nothing(message, post)
    if refusal is not None:
        return Letter(message, refusal)
    people = recipients(message, post.directory)
    broadcast = _broadcast(message, people, post)
    if broadcast is not None:
        return Letter(message, broadcast)
    if len(people.to) > CLOSE:
        return Letter(message, SIX, _answered(message, people, post))
    if _passes_on(message, people, post):
        return Letter(message, FORWARDED, {who: (address, "forwarded") for who, address in people.to.items()})
    verdict = WROTE if people.to else COPIED
    return Letter(message, verdict, {**_as(people.beside, "copied"), **_as(people.to, "wrote")})


def just_written(letter: Letter) -> Letter:
    """Return ``letter`` as a mail written to whomever it touches (M1)."""
    return Letter(letter.message, WROTE, {who: (address, "wrote") for who, (address, _) in letter.touched.items()})


def _broadcast(message: Message, people: Recipients, post: Post) -> Verdict | None:
    """Apply M2; a mail to nobody who may be a person is none, but comes to nothing as well."""
    if _only_lists(message, post):
        return LISTS
    if not len(people):
        return NOBODY
    if len(people) > BROADCAST:
        return MANY
    if people.blind:
        return BLIND
    return SAME if message.key in post.same else None


def nothing(message: Message, post: Post) -> Verdict | None:
    """Apply M4 and M8: what no mail can count as, sent or received."""
    if message.draft:
        return DRAFT
    subject = names.fold(message.subject).lstrip()
    if message.automatic or subject.startswith(_beginnings(post.vocabulary)):
        return AUTOMATIC
    everybody = [box.address for box in (*message.to, *message.cc, *message.bcc)]
    if message.sent and all(address in post.own for address in everybody):
        return SELF if everybody else NO_RECIPIENT
    words = post.vocabulary["unsubscribe-words"]
    if subject.strip(" .!") in words or any(map(_asks_out, everybody[:BROADCAST])):
        return UNSUBSCRIBE
    believed = message.at is not None and EARLIEST <= message.at <= post.now + GRACE
    return None if believed else TIMELESS


def _beginnings(vocabulary: Vocabulary) -> tuple[str, ...]:
    return (*vocabulary["calendar-reply-prefixes"], *vocabulary["auto-reply-prefixes"])


def _asks_out(address: str) -> bool:
    return address.startswith("unsubscribe") or address.partition("@")[0].endswith(
        ("-unsubscribe", "-leave", "-signoff")
    )


def _only_lists(message: Message, post: Post) -> bool:
    """Tell whether To holds only lists: whoever gets a copy beside one, in Cc or Bcc, gets what all get (M2)."""
    codes = {post.directory.codes.get(box.address) for box in message.to}
    return addresses.LIST in codes and codes <= {addresses.LIST, addresses.OWN}


def _as(people: Mapping[str, str], kind: TouchKind) -> dict[str, tuple[str, TouchKind]]:
    return {who: (address, kind) for who, address in people.items()}


def _answered(message: Message, people: Recipients, post: Post) -> dict[str, tuple[str, TouchKind]]:
    """Copy everybody; who wrote the mail that is answered is written to (P12)."""
    touched = _as({**people.beside, **people.to}, "copied")
    author = post.authors.get(message.in_reply_to or "")
    if author is not None and author in people.to:
        touched[author] = (people.to[author], "wrote")
    return touched


def is_forward(message: Message, vocabulary: Vocabulary) -> bool:
    """Tell whether the subject says that the mail was passed on (M6)."""
    return names.fold(message.subject).lstrip().startswith(tuple(vocabulary["forward-prefixes"]))


def is_answer(message: Message, vocabulary: Vocabulary) -> bool:
    """Tell whether the mail answers another one, by its headers or its subject."""
    if message.in_reply_to is not None or message.root is not None:
        return True
    return names.fold(message.subject).lstrip().startswith(tuple(vocabulary["answer-prefixes"]))


def is_colleague(address: str, post: Post) -> bool:
    """Tell whether ``address`` is of the user's own firm: no outside person (M5, M6)."""
    return address.rpartition("@")[2] in post.colleagues


def _passes_on(message: Message, people: Recipients, post: Post) -> bool:
    if not 1 <= len(people.to) <= 2 or people.beside or not is_forward(message, post.vocabulary):
        return False
    if any(is_colleague(address, post) for address in people.to.values()):
        return False
    words = names.words(message.subject)
    return post.vocabulary["paper-words"].isdisjoint(words) and not any(
        word.isdigit() and len(word) > 4 for word in words
    )


def same_subjects(messages: Iterable[Message], post: Post, zone: ZoneInfo) -> frozenset[str]:
    """Return the keys of mails that went out one by one with the same subject to more than five people on one day.

    Answers never are (P13), nor mails without a subject, nor one mail alone.
    """
    days: dict[SubjectDay, list[Message]] = {}
    for message in messages:
        day = subject_day(message, post, zone)
        if day is not None:
            days.setdefault(day, []).append(message)
    found: set[str] = set()
    for together in days.values():
        if is_broadcast(together, post):
            found.update(message.key for message in together)
    return frozenset(found)


def subject_day(message: Message, post: Post, zone: ZoneInfo) -> SubjectDay | None:
    """Return what mails of one broadcast have in common; None for a mail that cannot be of one."""
    subject = message.subject.casefold().strip()
    own = message.sender is not None and message.sender.address in post.own
    if own and message.sent and message.at is not None and subject and not is_answer(message, post.vocabulary):
        return SubjectDay(f"{local_day(message.at, zone)} {subject}")
    return None


def is_broadcast(together: Collection[Message], post: Post) -> bool:
    """Tell whether the mails of one day and subject went to more than five people, one by one."""
    return len(together) > 1 and len(_everybody(together, post)) > CLOSE


def _everybody(messages: Iterable[Message], post: Post) -> set[str]:
    return {
        who
        for message in messages
        if nothing(message, post) is None
        for box in (*message.to, *message.cc, *message.bcc)
        if (who := post.directory.who(box.address)) is not None
    }
