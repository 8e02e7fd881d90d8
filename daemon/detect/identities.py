"""Under which id, name and addresses does everybody appear, and what must be asked about them?"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime

from connectors.records import Message
from daemon.detect import addresses, people, threads
from daemon.detect.counting import Counted, touch_times
from daemon.detect.ground import Ground
from daemon.model import Person, Question


def ids(ground: Ground, counted: Counted, known: Sequence[Person], new_id: Callable[[str], str]) -> dict[str, str]:
    """Return the id of every person by leader."""
    first: dict[str, datetime] = {}
    for _, address, at, _ in touch_times(counted.letters, counted.readings):
        first[address] = min(first.get(address, at), at)
    for proof in counted.proofs:
        first[proof.address] = min(first.get(proof.address, proof.at), proof.at)
    groups = {who: ground.groups.of(who) for who in sorted(counted.persons)}
    return people.identify(groups, first, known, new_id)


def persons(ground: Ground, counted: Counted, given: Mapping[str, str]) -> list[Person]:
    """Return everybody, the address last written to first, dead ones last (M4, P15)."""
    written = _written(counted)
    dead = _dead(ground)
    cards = counted.piles.ids()
    return [
        with_cards(person(given[who], called, ground.groups.of(who), written, dead), cards.get(who, ()))
        for who, called in counted.called.items()
    ]


def person(
    id_: str, called: tuple[str, bool], group: Iterable[str], written: Mapping[str, float], dead: Container[str]
) -> Person:
    """Return the person ``called`` so; ``written`` tells when each address of ``group`` was last written to."""

    def order(address: str) -> tuple[bool, float, str]:
        return address in dead, -written.get(address, 0.0), address

    addresses = tuple(sorted(group, key=order))
    gone = tuple(address for address in addresses if address in dead)
    return Person(id=id_, name=called[0], addresses=addresses, certain_name=called[1], dead=gone)


def with_cards(somebody: Person, cards: Iterable[str]) -> Person:
    """Return ``somebody`` with the ids of the cards that are theirs."""
    return replace(somebody, cards=tuple(sorted({*cards} - {somebody.id})))


def _written(counted: Counted) -> dict[str, float]:
    """Return when each address was last written to directly."""
    found: dict[str, float] = {}
    for letter in counted.letters:
        if letter.message.sent and letter.message.at is not None:
            at = letter.message.at.timestamp()
            for address, kind in letter.touched.values():
                if kind != "copied":
                    found[address] = max(found.get(address, at), at)
    return found


def _dead(ground: Ground) -> set[str]:
    """Return the addresses whose mail bounced: a daemon answered a mail that went to them alone (M4)."""
    sent = {threads.own_id(message): message for message in ground.messages if message.sent}
    found: set[str] = set()
    for message in ground.messages:
        original = sent.get(bounced(message, ground.directory) or "")
        if original is not None:
            found |= unreached(original, ground.own)
    return found


def bounced(message: Message, directory: people.Directory) -> str | None:
    """Return the Message-ID of the mail that ``message`` says was not delivered, None if it says no such thing."""
    sender = message.sender
    daemon = sender is None or directory.codes.get(sender.address) == addresses.MACHINE
    return (message.in_reply_to or message.root) if message.automatic and not message.sent and daemon else None


def unreached(original: Message, own: Set[str]) -> set[str]:
    """Return the address that a bounce of ``original`` shows to be dead, if it went to that one alone."""
    to = {box.address for box in (*original.to, *original.cc, *original.bcc)} - own
    return to if len(to) == 1 else set()


def questions(ground: Ground, counted: Counted, given: Mapping[str, str]) -> tuple[Question, ...]:
    """Return what only the user can say, in a fixed order."""
    found = [
        Question(kind="own-address", about=(address,), why="mail in a Sent folder came from this address", count=count)
        for address, count in ground.proposed.items()
    ]
    pairs = {(ground.directory.who(one), ground.directory.who(other)) for one, other in ground.pairs}
    for one, other in pairs:
        if one in given and other in given and one != other and one is not None and other is not None:
            about = (given[one], given[other])
            found.append(Question(kind="merge", about=about, why="two addresses under one name: perhaps one person"))
    found += [_by_id(item, given) for item in (*counted.questions, *counted.piles.questions)]
    return tuple(sorted(found, key=lambda item: (item.kind, item.about)))


def _by_id(question: Question, given: Mapping[str, str]) -> Question:
    if question.kind not in {"ambiguous-name", "card"}:
        return question
    event, *who = question.about
    return Question(
        kind=question.kind,
        about=(event, *sorted(given.get(one, one) for one in who)),
        why=question.why,
        count=question.count,
    )
