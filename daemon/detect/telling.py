"""Which persons and facts come out differently after a change?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime

from connectors.records import Message
from daemon.detect import counting, identities, mails, threads, touches
from daemon.detect.chronicle import Chronicle, Moved
from daemon.detect.counting import Word
from daemon.detect.mails import Letter
from daemon.detect.study import gather
from daemon.model import Person, Touchpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What came out differently: persons by id and facts by source; None, or no facts, for what is no more."""

    people: Mapping[str, Person | None] = field(default_factory=dict)
    facts: Mapping[str, tuple[Touchpoint, ...]] = field(default_factory=dict)
    before: Mapping[str, tuple[Touchpoint, ...]] = field(default_factory=dict)
    """The facts that stood there, by source."""


class Telling:
    """What is told again of the chronicle ``book``; ``moved`` are the mails that changed."""

    def __init__(self, book: Chronicle, moved: Mapping[str, Moved[Message]]) -> None:
        self.book = book
        self.moved = moved

    def tell(self, letters: Set[str], events: Set[str], leaders: Iterable[str]) -> Change:
        """Tell again what the mails and events of these keys and these ``leaders`` come to, and return what differs."""
        people = self._people(leaders)
        before, after = dict[str, tuple[Touchpoint, ...]](), dict[str, tuple[Touchpoint, ...]]()
        answered = {name for key in letters for name in self._answered(key)}
        for source in letters | answered | events:
            old, new = self.book.facts.pop(source, ()), self._facts(source)
            if new:
                self.book.facts[source] = new
            if old != new:
                before[source], after[source] = old, new
        return Change(people=people, facts=after, before=before)

    def _answered(self, key: str) -> Iterator[str]:
        """Yield the Message-IDs that a mail answers or answered: what it proves stands under them (M7)."""
        moved = self.moved.get(key)
        for message in (self.book.mail(key), moved.old if moved is not None else None):
            if message is not None and message.in_reply_to is not None:
                yield message.in_reply_to

    def _facts(self, source: str) -> tuple[Touchpoint, ...]:
        book, post, archive = self.book, self.book.mails.post, self.book.mails.archive
        found: list[Touchpoint] = []
        message, event = book.mail(source), book.event(source)
        filed, held = book.outcomes.letters.get(source), book.outcomes.meetings.get(source)
        if message is not None and filed is not None:
            found += touches.of_letters([filed.letter(message)], book.given, archive, post)
        if event is not None and held is not None:
            found += touches.of_meetings([held.reading(event)], book.given, post.own, book.directory.leaders)
        if message is not None and filed is not None and filed.words:
            letter = filed.letter(message)
            found += touches.of_words((Word(letter, who, kind, at) for who, kind, at in filed.words), book.given)
        if source in book.signs:
            found += touches.of_signs([book.signs[source]])
        proven = touches.of_proofs(self._proofs(source), book.given, archive, post)
        return tuple(sorted(gather(found, proven), key=lambda item: item.key))

    def _proofs(self, name: str) -> list[threads.Heard]:
        book, letters = self.book, list[Letter]()
        for key in book.mails.answering(name):
            filed, message = book.outcomes.letters.get(key), book.mail(key)
            if filed is not None and message is not None and filed.sent and message.in_reply_to == name:
                letters.append(filed.letter(message))
        return threads.proofs(letters, book.mails.post, book.mails.archive)

    def _people(self, leaders: Iterable[str]) -> dict[str, Person | None]:
        book, found = self.book, dict[str, Person | None]()
        self._write()
        for who in sorted({*leaders}):
            before = book.people.pop(who, None)
            if who not in book.since.of:
                book.given.pop(who, None)
                if before is not None:
                    found.setdefault(before.id, None)
                continue
            if who not in book.given:
                book.given[who] = book.new_id(min(self._order(who))[-1])
            person = self._person(who)
            book.people[who] = person
            if person != before:
                found[person.id] = person
        return found

    def _order(self, who: str) -> Iterator[tuple[bool, datetime, str]]:
        """Yield the addresses of a new person, the one touched first first (U1)."""
        book, first = self.book, dict[str, datetime]()
        touched = [(filed.touched[who][0], filed.at) for _, filed in book.outcomes.touching(who)]
        touched += [(address, held.start) for _, address, held in book.outcomes.with_(who) if not held.twice]
        answered = {name for key, _ in book.outcomes.touching(who) for name in self._answered(key)}
        for name in answered:
            touched += [(proof.address, proof.at) for proof in self._proofs(name) if proof.who == who]
        for address, at in touched:
            if at is not None:
                first[address] = min(first.get(address, at), at)
        for address in book.groups.of(who):
            yield address not in first, first.get(address, mails.EARLIEST), address

    def _write(self) -> None:
        """Find again when addresses were last written to."""
        outcomes = self.book.outcomes
        before = (filed for filed in outcomes.letters_before.values() if filed is not None)
        after = (outcomes.letters[key] for key in outcomes.letters_before if key in outcomes.letters)
        lost, new = ([dated for filed in items for dated in filed.written()] for items in (before, after))
        self.book.written.change(lost, new, self._written)

    def _written(self, address: str) -> Iterator[datetime]:
        for key in self.book.register.mails.get(address):
            filed = self.book.outcomes.letters.get(key)
            yield from (at for one, at in (filed.written() if filed else ()) if one == address)

    def _person(self, who: str) -> Person:
        book, group = self.book, self.book.groups.of(who)
        written = {address: book.written.of[address].timestamp() for address in group if address in book.written.of}
        bare = identities.person(book.given[who], self.called(who), group, written, book.mails.dead(group))
        return identities.with_cards(bare, book.card_ids.get(who, ()))

    def called(self, who: str) -> tuple[str, bool]:
        """Return the best name of ``who``, and whether it is certain."""
        book = self.book
        return counting.name(who, book.groups, book.register.seen, book.vocabulary, book.card_names.get(who, ()))
