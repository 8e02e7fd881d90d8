"""What comes out differently when records change? One change, followed through a chronicle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from connectors.records import Event, Message
from daemon.detect import cards, people
from daemon.detect.cards_again import CardsAgain
from daemon.detect.chronicle import Chronicle, Moved
from daemon.detect.letters_again import LettersAgain
from daemon.detect.meetings_again import MeetingsAgain
from daemon.detect.telling import Change, Telling
from daemon.model import instant

__all__ = ["Change", "revise"]


def revise(
    book: Chronicle,
    moved_mails: Mapping[str, Moved[Message]],
    moved_events: Mapping[str, Moved[Event]],
    ended: Iterable[str],
    now: datetime,
) -> Change | None:
    """Follow a change of records through the chronicle ``book``; ``ended`` are the keys of events that are over since.

    Return None if it cannot be followed: then everything is to be studied anew, and the chronicle is of no use.
    """
    book.mails.at(now)
    book.calendar = replace(book.calendar, now=now)
    book.mail.known.update((key, item.new) for key, item in moved_mails.items())
    book.event.known.update((key, item.new) for key, item in moved_events.items())
    letters, meetings = LettersAgain(book, moved_mails), MeetingsAgain(book, moved_events, ended)
    change = _followed(book, letters, meetings, Telling(book, moved_mails), CardsAgain(book, moved_mails, moved_events))
    book.settle()
    return change


def _followed(
    book: Chronicle, letters: LettersAgain, meetings: MeetingsAgain, telling: Telling, piles: CardsAgain
) -> Change | None:
    """Go the way of ``study``, step by step, on what may come out differently."""
    letters.register()
    meetings.register()
    if not _same_addresses(book) or not piles.same_records():
        return None
    letters.look_again()
    letters.read(meetings.moved.values())
    meetings.read()
    flipped = meetings.flipped()
    letters.read_received(flipped)
    named = _leaders(book, book.register.touched) | flipped
    titles, reminders = _titles(book, named, telling)
    if not meetings.read_titles(meetings.alone() | titles):
        return None
    letters.read_reminders(letters.to_oneself() | reminders)
    meetings.weigh()
    letters.pass_on()
    outcomes = book.outcomes
    if not piles.same_piles(named | outcomes.changed()) or not piles.same_evenings():
        return None
    return telling.tell(
        letters.keys | outcomes.letters_before.keys(),
        meetings.moved.keys() | outcomes.meetings_before.keys(),
        named | outcomes.changed() | _leaders(book, letters.dead),
    )


def _same_addresses(book: Chronicle) -> bool:
    """Tell whether every address known before is what it was: the user's, nobody's, or of the same person."""
    register = book.register
    register.settle(lambda address: _times(book, address))
    if not register.adopted() or any(_matters(book, address) for address in register.touched):
        return False
    return register.sort_out(lambda address: _naming(book, address)) and (not register.rename() or _same_groups(book))


def _naming(book: Chronicle, address: str) -> Iterator[Message]:
    found = (book.mail(key) for key in sorted(book.register.mails.get(address)))
    return (message for message in found if message is not None)


def _times(book: Chronicle, address: str) -> Iterator[datetime]:
    yield from (message.at for message in _naming(book, address) if message.at is not None)
    for key in book.register.events.get(address):
        event = book.event(key)
        if event is not None:
            yield instant(event.start, book.settings.me.zone)


def _matters(book: Chronicle, address: str) -> bool:
    """Tell whether an address that came or went may be one that something was decided about."""
    was, there = book.register.touched[address].there, address in book.register.seen.counts
    if was == there:
        return False
    said = {text for item in book.told for text in (item.about, item.value)}
    said |= cards.typed(book.told)
    return bool(said) and (was or address in said or book.new_id(address) in said)


def _same_groups(book: Chronicle) -> bool:
    namesakes = book.register.namesakes()
    stood = {address: {*book.register.events.get(address)} for both in namesakes.values() for address in both}
    groups, _ = people.merge(namesakes, book.register.seen, stood, book.told, book.aliases)
    return groups.leaders == book.groups.leaders


def _leaders(book: Chronicle, addresses: Iterable[str]) -> set[str]:
    return {who for address in addresses if (who := book.directory.who(address)) is not None}


def _titles(book: Chronicle, named: Iterable[str], telling: Telling) -> tuple[set[str], set[str]]:
    """Call those who were ``named`` by their names; return the events and the mails to oneself that may mean others."""
    naming, words = book.naming, set[str]()
    for who in named:
        words |= naming.rename(who, telling.called(who)[0] if who in book.since.of else "")
    titles = {key for word in words for key in naming.events.get(word)}
    reminders = {key for word in words for key in naming.mails.get(word)}
    for who in book.outcomes.changed():
        for index, key in naming.heard(who):
            (reminders if index is naming.mails else titles).add(key)
    return titles, reminders
