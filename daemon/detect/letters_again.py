"""Which mails are read again after a change, and what do they come to?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import replace
from datetime import datetime
from itertools import chain

from connectors.records import Event, Message
from daemon.detect import counting, mails, received, threads
from daemon.detect.chronicle import Chronicle, Moved
from daemon.detect.mails import Letter
from daemon.detect.outcomes import Filed
from daemon.detect.register import named
from daemon.detect.sightings import mailboxes


class LettersAgain:
    """The mails to be read again (``keys``) in the chronicle ``book``."""

    def __init__(self, book: Chronicle, moved: Mapping[str, Moved[Message]]) -> None:
        self.book = book
        self.moved = moved
        self.keys = {*moved}
        self.dead: Set[str] = frozenset()
        """Addresses that are dead since, or no more."""

    def register(self) -> None:
        """Put each mail in its place, and have those read again that hang together with it."""
        for mail in self.moved.values():
            self.book.register.change_mail(mail.old, mail.new)
            self.keys |= self.book.mails.change(mail.old, mail.new)

    def look_again(self) -> None:
        """Read again the mails that hang on what an address is called, or when it was first seen."""
        register = self.book.register
        for address, before in register.touched.items():
            seen = register.seen
            first = seen.spans[address][0] if address in seen.spans else None
            if before.there and (before.names != frozenset(seen.names.get(address, ())) or before.first != first):
                self.keys.update(register.mails.get(address))
        self.keys |= self.book.mails.several()
        self.dead = self.book.mails.unreached()

    def read(self, events: Iterable[Moved[Event]]) -> None:
        """Read the mails that the user wrote; ``events`` are those that changed: one may be the first of a pair."""
        book, read = self.book, dict[str, Letter | None]()
        pairs = {pair for leaders in self._together(events) for pair in book.mails.within(leaders)}
        for key in self.keys:
            letter = self._letter(key)
            pair = None if letter is None else threads.pair(letter, book.mails.post, book.register.seen)
            pairs |= book.mails.pair_up(key, pair)
            read[key] = letter
        for key in book.mails.weigh(pairs, self._first(pairs)) - self.keys:
            read[key] = self._letter(key)
        self.keys |= read.keys()
        for key, found in read.items():
            introduces = found is not None and book.mails.introduces(key)
            self._file(key, counting.introducing(found) if found is not None and introduces else found)

    def _letter(self, key: str) -> Letter | None:
        message = self.book.mail(key)
        return None if message is None or not message.sent else mails.read(message, self.book.mails.post)

    def _together(self, events: Iterable[Moved[Event]]) -> Iterator[set[str]]:
        """Yield the leaders of each changed record, before and after."""
        directory = self.book.directory
        letters = (mail for moved in self.moved.values() for mail in (moved.old, moved.new) if mail is not None)
        meetings_ = (event for moved in events for event in (moved.old, moved.new) if event is not None)
        named_ = chain(({box.address for box in mailboxes(mail)} for mail in letters), map(named, meetings_))
        for found in named_:
            yield {who for address in found if (who := directory.who(address)) is not None}

    def _first(self, pairs: Iterable[threads.Pair]) -> dict[threads.Pair, str]:
        book, found = self.book, dict[threads.Pair, str]()
        for pair in pairs:
            if book.mails.is_weighed(pair):
                (one, other), outcomes = pair, book.outcomes
                both = (outcomes.mails(one) | outcomes.events(one)) & (outcomes.mails(other) | outcomes.events(other))
                letters = [item for key in both if (item := book.mail(key)) is not None]
                meetings_ = [event for key in both if (event := book.event(key)) is not None]
                found |= threads.first_together({pair}, letters, meetings_, book.mails.post)
        return found

    def _file(self, key: str, letter: Letter | None) -> None:
        book, moved = self.book, self.moved.get(key)
        before = book.outcomes.letters.get(key)
        filed = None if letter is None else Filed.of(letter)
        message = book.mail(key)
        old = moved.old if moved is not None else message
        book.naming.list(book.naming.mails, key, _subject(old, before), _subject(message, filed))
        book.outcomes.file(key, filed)

    def read_received(self, flipped: Set[str]) -> None:
        """Read the mails that others wrote, now that it is known who is a person.

        ``flipped`` are those who were none, or are none any more: all mails that name them are told again.
        """
        book = self.book
        self.keys |= {key for who in flipped for key in book.outcomes.mails(who)}
        for key in self.keys:
            message = book.mail(key)
            if message is not None and not message.sent:
                letter = received.read(message, book.mails.post, book.since.of, book.register.seen)
                book.outcomes.file(key, Filed.of(letter))

    def to_oneself(self) -> set[str]:
        """Return which of the mails read again are mails to oneself."""
        found = self.book.outcomes.letters
        return {key for key in self.keys if key in found and found[key].verdict == mails.SELF}

    def read_reminders(self, keys: Iterable[str]) -> None:
        """Read for a name the subjects of mails to oneself (N1)."""
        book = self.book
        for key in keys:
            message, filed = book.mail(key), book.outcomes.letters[key]
            if message is not None:
                zone = book.settings.me.zone
                said = counting.reminders(filed.letter(message), book.naming.book, zone, book.vocabulary)
                book.outcomes.file(key, replace(filed, words=tuple((word.who, word.kind, word.at) for word in said)))

    def pass_on(self) -> None:
        """Apply M6 to every forward to somebody of whom anything changed."""
        book = self.book
        forwards = {key for key in self.keys if (filed := book.outcomes.letters.get(key)) and _forwards(filed)}
        before, after = book.outcomes.difference()
        lost, new = ([dated for item in items for dated in item.strong()] for items in (before, after))
        for who in book.strong.change(lost, new, self._strong):
            forwards.update(key for key, filed in book.outcomes.touching(who) if _forwards(filed))
        zone = book.settings.me.zone
        for key in forwards:
            filed = book.outcomes.letters[key]
            passed = counting.is_passed_on(filed.at, filed.touched, book.strong.of, zone)
            book.outcomes.file(key, replace(filed, passed=passed))

    def _strong(self, who: str) -> Iterator[datetime]:
        told = self.book.told_strong.get(who)
        yield from () if told is None else (told,)
        yield from (at for item in self.book.outcomes.told_of(who) for one, at in item.strong() if one == who)


def _subject(message: Message | None, filed: Filed | None) -> str | None:
    """Return the subject that is read for a name: that of a mail to oneself."""
    return message.subject if message is not None and filed is not None and filed.verdict == mails.SELF else None


def _forwards(filed: Filed) -> bool:
    return filed.verdict == mails.FORWARDED
