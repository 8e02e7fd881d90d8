"""Who was seen where? One pass over all records, before any rule.

Holds for every address how many records name it, under which names, when first and last; and what of RULINGS C2 and P16
needs more than the address itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain

from connectors.records import Event, Guest, Mailbox, Message
from daemon import names
from daemon.detect import addresses
from daemon.model import Me, Settings, Vocabulary, instant, local_day

LIST_COMPANY = 10
"""A nameless address beside so many different people in To is a list (rule L)."""
CROWD = 20
"""A mail to more says nothing about who belongs together."""
ADOPT = 5
"""Mails under the user's own name that make a sender the user's own address (C3)."""


@dataclass(slots=True)
class Sightings:
    """What all records together say about each address."""

    counts: dict[str, int] = field(default_factory=dict)
    names: dict[str, dict[str, int]] = field(default_factory=dict)
    spans: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    speakers: set[str] = field(default_factory=set)
    """Addresses that sent a mail or answered an invitation: nobody hears a list speak."""


def ordered(items: Iterable[Event | Message]) -> list[Event | Message]:
    """Return records by key, in an order that does not depend on the input's."""
    return sorted(items, key=lambda item: (item.key, item.account))


def mailboxes(message: Message) -> Iterator[Mailbox]:
    """Return everybody whom a mail names, sender included."""
    sender = () if message.sender is None else (message.sender,)
    return chain(sender, message.to, message.cc, message.bcc)


def own_addresses(
    messages: Collection[Message], settings: Settings, kept: Set[str]
) -> tuple[frozenset[str], dict[str, int]]:
    """Return the user's addresses, and the senders in Sent folders that may be too, with their number of mails (C3).

    Adopted by itself is only who writes out of a Sent folder under the user's own name on five mails or more.
    """
    own = set(settings.me.addresses)
    mine = names.key(settings.me.name)
    proposed: dict[str, int] = {}
    named: dict[str, int] = {}
    for message in messages:
        sender = message.sender
        if message.sent and not message.automatic and sender is not None and sender.address not in own:
            proposed[sender.address] = proposed.get(sender.address, 0) + 1
            if mine and names.key(names.written(sender.name)) == mine:
                named[sender.address] = named.get(sender.address, 0) + 1
    adopted = {address for address, count in named.items() if count >= ADOPT and address not in kept}
    rest = {address: count for address, count in proposed.items() if address not in adopted | kept}
    return frozenset(own | adopted), rest


def sight(messages: Iterable[Message], events: Iterable[Event], me: Me) -> Sightings:
    """Read every record once."""
    seen = Sightings()
    for message in messages:
        _note(seen, mailboxes(message), message.at)
        if message.sender is not None and not message.automatic:
            seen.speakers.add(message.sender.address)
    for event in events:
        people: list[Mailbox | Guest] = [*event.guests]
        if event.organiser is not None:
            people.append(event.organiser)
            seen.speakers.add(event.organiser.address)
        _note(seen, people, instant(event.start, me.zone))
        seen.speakers.update(guest.address for guest in event.guests if guest.answer in {"accepted", "tentative"})
    return seen


def _note(seen: Sightings, people: Iterable[Mailbox | Guest], at: datetime | None) -> None:
    found: set[str] = set()
    for box in people:
        if box.address not in found:
            found.add(box.address)
            seen.counts[box.address] = seen.counts.get(box.address, 0) + 1
        if box.name:
            heard = seen.names.setdefault(box.address, {})
            heard[box.name] = heard.get(box.name, 0) + 1
    if at is not None:
        span(seen, found, at)


def span(seen: Sightings, found: Iterable[str], at: datetime) -> None:
    """Note that the addresses ``found`` were seen at ``at``."""
    for address in found:
        known = seen.spans.get(address)
        if known is None:
            seen.spans[address] = (at, at)
        elif at < known[0]:
            seen.spans[address] = (at, known[1])
        elif at > known[1]:
            seen.spans[address] = (known[0], at)


def codes(
    seen: Sightings,
    messages: Collection[Message],
    own: frozenset[str],
    *,
    kept: Set[str],
    settings: Settings,
    vocabulary: Vocabulary,
) -> dict[str, str]:
    """Return the code A1..A7 of every address that is nobody's; who is missing may be a person.

    ``kept`` addresses are persons whatever the rules say.
    """
    found: dict[str, str] = {}
    for address in seen.counts:
        nobody = addresses.OWN if address in own else addresses.code(address, vocabulary, settings.lists)
        if nobody is not None and (address in own or address not in kept):
            found[address] = nobody
    for address in _offices_of_one(seen, messages, found, settings.me, vocabulary):
        del found[address]
    for address in _lists_by_company(seen, messages, own, found) | _lists_by_header(seen, messages, own):
        if address not in kept and address not in found:
            found[address] = addresses.LIST
    return found


def code(
    address: str,
    seen: Sightings,
    *,
    mails: Callable[[], Iterable[Message]],
    is_nobody: Callable[[str], bool],
    settings: Settings,
    vocabulary: Vocabulary,
    own: frozenset[str],
) -> str | None:
    """Return what ``codes`` says of one ``address``, neither own nor kept, A2..A7 or None.

    ``mails`` are all that name it; ``is_nobody`` tells which others are nobody by themselves.
    """
    found = addresses.code(address, vocabulary, settings.lists)
    alone = Sightings({address: 1}, {address: seen.names.get(address, {})}, {}, seen.speakers)
    if found is not None:
        office = found == addresses.ROLE and _offices_of_one(alone, mails(), {address: found}, settings.me, vocabulary)
        return None if office else found
    if not _nameless(alone):
        return None
    read = [*mails()]
    beside = {box.address for message in read for box in message.to}
    nobody = dict.fromkeys((other for other in beside if is_nobody(other)), "")
    lists = _lists_by_company(alone, read, own, nobody) | _lists_by_header(alone, read, own)
    return addresses.LIST if address in lists else None


def _offices_of_one(
    seen: Sightings, messages: Iterable[Message], found: Mapping[str, str], me: Me, vocabulary: Vocabulary
) -> set[str]:
    """Return role addresses that bear a person's full name on three mails or more on two days (P16)."""
    asked: dict[str, list[date]] = {
        address: []
        for address, code in found.items()
        if code == addresses.ROLE
        and any(names.is_full(names.written(name), vocabulary) for name in seen.names.get(address, ()))
    }
    for message in messages if asked else ():
        if message.at is not None:
            for address in {box.address for box in mailboxes(message)} & asked.keys():
                asked[address].append(local_day(message.at, me.zone))
    return {address for address, days in asked.items() if len(days) >= 3 and len(set(days)) >= 2}


def _nameless(seen: Sightings) -> set[str]:
    return {
        address
        for address in seen.counts
        if address not in seen.speakers and not any(names.written(name) for name in seen.names.get(address, ()))
    }


def _lists_by_company(
    seen: Sightings, messages: Iterable[Message], own: frozenset[str], found: Mapping[str, str]
) -> set[str]:
    """Return addresses never called by a name and beside ten different people in To or more (rule L)."""
    asked = {address: set[str]() for address in _nameless(seen) if address not in found}
    for message in messages if asked else ():
        if not message.sent or len(message.to) + len(message.cc) > CROWD:
            continue
        beside = {box.address for box in message.to if box.address not in own and box.address not in found}
        for address in {box.address for box in (*message.to, *message.cc)} & asked.keys():
            if len(asked[address]) < LIST_COMPANY:
                asked[address] |= beside - {address}
    return {address for address, beside in asked.items() if len(beside) >= LIST_COMPANY}


def _lists_by_header(seen: Sightings, messages: Iterable[Message], own: frozenset[str]) -> set[str]:
    """Return the one nameless address that received list mail (List-Id, List-Post) went to."""
    nameless = _nameless(seen)
    found: set[str] = set()
    for message in messages:
        if message.bulk and not message.sent:
            to = {box.address for box in (*message.to, *message.cc)} - own
            if len(to) == 1:
                found |= to & nameless
    return found
