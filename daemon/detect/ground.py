"""What is known before any rule counts? The records, whose addresses they name, and which of those are one person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.records import Event, Message
from daemon.detect import addresses, cards, copies, mails, people, sightings, threads
from daemon.detect.guests import Calendar
from daemon.detect.mails import Post
from daemon.detect.people import Aliases, Directory, Groups
from daemon.detect.sightings import Sightings
from daemon.model import Decision, Person, Records, Settings, Vocabulary

TELLING = frozenset({"keep", "merge", "split", "mark", "circle", "note", "sign", "card", "title"})
"""Kinds of decision that facts depend on."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Where counting starts. ``pairs`` bear one name but were not joined; ``proposed`` may be the user's own."""

    messages: Sequence[Message]
    events: Sequence[Event]
    seen: Sightings
    groups: Groups
    pairs: Sequence[tuple[str, str]]
    aliases: Aliases
    told: Sequence[Decision]
    proposed: Mapping[str, int]
    post: Post
    calendar: Calendar
    archive: threads.Archive
    dealt: Set[str]
    """Addresses of whom the user wrote to, invited or met: only their names tell who they are."""

    @property
    def own(self) -> frozenset[str]:
        """Return the user's own addresses."""
        return self.post.own

    @property
    def directory(self) -> Directory:
        """Return who is behind an address."""
        return self.post.directory

    def leader(self, person: str) -> str | None:
        """Return the leader of the person whose id is or was ``person``."""
        address = self.aliases.address(person)
        return None if address is None else self.directory.who(address)


def lay(
    records: Records,
    *,
    settings: Settings,
    vocabulary: Vocabulary,
    decisions: Iterable[Decision],
    now: datetime,
    known: Sequence[Person],
    new_id: Callable[[str], str],
    caught_up: bool,
) -> Ground:
    """Sort addresses into the user's, nobody's and persons', and join those that are one person."""
    told = sorted((item for item in decisions if item.kind in TELLING), key=lambda item: (item.at, item.key))
    kept = kept_addresses(told)
    messages = copies.messages(records.messages.values())
    own, proposed = sightings.own_addresses(messages, settings, kept)
    events = copies.events(records.events.values(), own)
    seen = sightings.sight(messages, events, settings.me)
    codes = sightings.codes(seen, messages, own, kept=kept, settings=settings, vocabulary=vocabulary)
    aliases = people.aliases((a for a in seen.counts if a not in codes), known, new_id, told)
    dealt = _dealt_with(messages, events, own) - codes.keys()
    namesakes = people.by_name(dealt, seen, vocabulary)
    stood = people.side_by_side(namesakes, events)
    groups, pairs = people.merge(namesakes, seen, stood, told, aliases)
    directory = Directory(codes, groups.leaders)
    archive = threads.archive(messages, own, caught_up=caught_up)
    post = _post(Post(own, _colleagues(settings, vocabulary), directory, vocabulary, now), messages, archive, settings)
    said, zone = {item.about: item.value for item in told if item.kind == "title"}, settings.me.zone
    calendar = Calendar(own, directory, vocabulary, zone, now, known={}, me=settings.me.name, said=said)
    return Ground(messages, events, seen, groups, pairs, aliases, told, proposed, post, calendar, archive, dealt)


def kept_addresses(told: Iterable[Decision]) -> frozenset[str]:
    """Return the addresses of which the user said that they are a person's, whatever they look like."""
    told = tuple(told)
    return frozenset(item.about for item in told if item.kind == "keep") | cards.typed(told)


def _post(bare: Post, messages: Sequence[Message], archive: threads.Archive, settings: Settings) -> Post:
    authors = {
        key: who
        for key, message in archive.received.items()
        if message.sender is not None and (who := bare.directory.who(message.sender.address)) is not None
    }
    return replace(bare, same=mails.same_subjects(messages, bare, settings.me.zone), authors=authors)


def _colleagues(settings: Settings, vocabulary: Vocabulary) -> frozenset[str]:
    """Return the user's own firms: hosts of configured addresses, free mail and open domains aside (C3, P17)."""
    hosts = {address.rpartition("@")[2] for address in settings.me.addresses} - settings.me.open_domains
    return frozenset(host for host in hosts if not addresses.is_free_mail(host, vocabulary))


def _dealt_with(messages: Iterable[Message], events: Iterable[Event], own: frozenset[str]) -> set[str]:
    """Return whom the user wrote to, invited or met: only their names may join addresses, no stranger's."""
    found: set[str] = set()
    for message in messages:
        found |= written_to(message, own)
    for event in events:
        found |= invited_or_met(event, own)
    return found


def written_to(message: Message, own: Set[str]) -> set[str]:
    """Return to whom the user wrote ``message``, if it is the user's."""
    if message.sent and message.sender is not None and message.sender.address in own:
        return {box.address for box in (*message.to, *message.cc, *message.bcc)}
    return set()


def invited_or_met(event: Event, own: Set[str]) -> set[str]:
    """Return whom the user invited to ``event``, or said to come and meet."""
    organised = event.organiser is not None and event.organiser.address in own
    if not organised and not _accepted(event, own):
        return set()
    invited = {guest.address for guest in event.guests}
    return invited if event.organiser is None else invited | {event.organiser.address}


def _accepted(event: Event, own: Set[str]) -> bool:
    return any(
        guest.answer == "accepted" and (guest.address in own or (guest.me and event.owned)) for guest in event.guests
    )
