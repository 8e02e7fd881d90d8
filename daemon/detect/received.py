"""What does a received mail count as? M3 with P19, and an introduction received (M5)."""

from __future__ import annotations

from collections.abc import Container

from connectors.records import Message
from daemon.detect import mails
from daemon.detect.mails import Letter, Post
from daemon.detect.sightings import Sightings
from daemon.detect.threads import introduces
from daemon.model import Verdict

CLOSE = 5
"""Recipients up to which a received mail is meant for the user (P19)."""
HEARD = Verdict(rule="M3", counted=True, why="a mail from somebody you know", kind="heard")
HELPED = Verdict(rule="M5", counted=True, why="somebody introduced you to somebody", kind="introduction")
STRANGER = Verdict(rule="M3", counted=False, why="from nobody you wrote to or met")
LIST = Verdict(rule="M3", counted=False, why="came through a mailing list")
AMONG_MANY = Verdict(rule="M3", counted=False, why="you are not one of up to five recipients")
COME_BACK = Verdict(rule="M4", counted=False, why="your own mail, come back to you")


def read(message: Message, post: Post, persons: Container[str], seen: Sightings) -> Letter:
    """Judge one received mail by M4, M8, M5 and M3."""
    if message.sender is not None and message.sender.address in post.own:
        return Letter(message, COME_BACK)
    who = post.directory.who(message.sender.address) if message.sender is not None else None
    refusal = mails.nothing(message, post) or _refused(message, who, persons, post)
    if refusal is not None or message.sender is None or who is None:
        return Letter(message, refusal or STRANGER)
    if _introduces_me(message, who, post, seen):
        return Letter(message, HELPED, {who: (message.sender.address, "introduction")})
    return Letter(message, HEARD, {who: (message.sender.address, "heard")})


def _refused(message: Message, who: str | None, persons: Container[str], post: Post) -> Verdict | None:
    """Apply P19: from a person, to the user and few others, not through a list."""
    if who not in persons:
        return STRANGER
    if message.bulk:
        return LIST
    everybody = {box.address for box in (*message.to, *message.cc)}
    return AMONG_MANY if len(everybody) > CLOSE or everybody.isdisjoint(post.own) else None


def _introduces_me(message: Message, sender: str, post: Post, seen: Sightings) -> bool:
    """Tell whether a mail to the user and one other, never seen before, is an introduction."""
    others = {who: address for who, address in mails.recipients(message, post.directory).to.items() if who != sender}
    to = {box.address for box in message.to}
    if len(others) != 1 or message.cc or to.isdisjoint(post.own) or mails.is_answer(message, post.vocabulary):
        return False
    address = next(iter(others.values()))
    if mails.is_colleague(address, post):
        return False
    first = seen.spans.get(address)
    mine = next(iter(sorted(to & post.own)))
    return (
        first is not None
        and first[0] == message.at
        and introduces(message.subject, (address, mine), seen, post.vocabulary)
    )
