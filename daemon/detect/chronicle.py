"""What do facts come to when one record is new, changed or gone? What ``study`` says, at the price of what changed.

``Chronicle`` keeps, of one ``study``, what each record came to by itself and which records hang together. ``turn`` then
follows a change to whatever may come out differently, reads just that again by the rules of ``study`` (the same
functions, on fewer records), and returns the persons and facts that differ.

Why this comes to the same: each step of ``study`` asks the other records only by

- what an address is (``Register``): codes, own addresses, which addresses are one person. If a change would alter any
  of it for an address known before, ``turn`` returns None and everything is studied anew; so who stands for an address
  never changes under what is kept. New addresses get their codes; names, spans and speakers are sums over records.
- the mails it hangs together with (``Correspondence``): those that name its Message-ID, those of the same subject and
  day, and for an introduction the first record of the pair. Whoever hangs together with a changed mail is read again.
- since when the organiser of an unanswered invitation is a person (P2): only contacts that began before the invitation
  matter, so reading again every event between the earlier and the later of two such times, until no time changes any
  more, ends, and at the one answer there is.
- who is a person (M3, copies, M7): whoever becomes one or stops being one has all their records told anew.
- whom a name in a title means (E9, N1): titles with a word of a name that came, went or was heard at another time.
- the same meeting twice (E11): only meetings that share a person and overlap, transitively; all of these together.
- habits (E10): all meetings that share series or title, transitively.
- whose the cards are (``cards_again``): if that may come out differently, everything is studied anew.
- the first strong touch of whoever is passed something on to (M6): all forwards to persons of whom anything changed.

An open event (E12) touches nobody, so what opened a title matters to no fact; but for events whose guests are hidden:
where such an event shares the title, everything is studied anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import Generic, TypeVar

from connectors.records import Event, Message
from daemon import names
from daemon.detect import habits, mails, meetings, threads
from daemon.detect.correspondence import Correspondence
from daemon.detect.counting import Counted, earliest, told_about, told_strongly
from daemon.detect.diary import Diary, for_habits
from daemon.detect.extremes import Extremes
from daemon.detect.ground import Ground, kept_addresses
from daemon.detect.guests import Present
from daemon.detect.many import Tuples
from daemon.detect.naming import Naming
from daemon.detect.outcomes import Filed, Held, Outcomes
from daemon.detect.people import Directory
from daemon.detect.piles import Pile, fresh_times
from daemon.detect.register import Register
from daemon.detect.study import Study, signs
from daemon.model import Settings, TouchKind, Touchpoint, Verdict, Vocabulary
from daemon.names import NameKey

T = TypeVar("T", Event, Message)


@dataclass(frozen=True, slots=True)
class Moved(Generic[T]):
    """A record before and after; None where there was none, or is none any more."""

    old: T | None
    new: T | None


class Reader(Generic[T]):
    """Reads records by key, each once while a change is under way."""

    def __init__(self, read: Callable[[str], T | None]) -> None:
        self._read: Callable[[str], T | None] = read
        self.known: dict[str, T | None] = {}

    def __call__(self, key: str) -> T | None:
        """Return the record ``key``, None if there is none."""
        if key not in self.known:
            self.known[key] = self._read(key)
        return self.known[key]


class Chronicle:
    """The facts of one ``study``, and what it takes to change them (``revision``).

    ``read_mail`` and ``read_event`` return the record that counts under a key, None if there is none any more.
    """

    def __init__(
        self,
        study: Study,
        *,
        settings: Settings,
        vocabulary: Vocabulary,
        new_id: Callable[[str], str],
        read_mail: Callable[[str], Message | None],
        read_event: Callable[[str], Event | None],
    ) -> None:
        base, counted = study.ground, study.counted
        self.settings = settings
        self.vocabulary = vocabulary
        self.new_id = new_id
        self.groups = base.groups
        self.aliases = base.aliases
        self.told = base.told
        self.mail: Reader[Message] = Reader(read_mail)
        self.event: Reader[Event] = Reader(read_event)
        self.mail.known.update((item.key, item) for item in base.messages)
        self.event.known.update((item.key, item) for item in base.events)
        kept = kept_addresses(base.told)
        self.register = Register(base.own, dict(base.directory.codes), kept, settings, vocabulary)
        self.directory = Directory(self.register.codes, base.groups.leaders)
        zone, caught_up = settings.me.zone, base.archive.caught_up
        self.mails = Correspondence(
            replace(base.post, directory=self.directory), caught_up=caught_up, zone=zone, read=self.mail
        )
        self.told_since = earliest(told_about(base))
        self.told_strong = earliest(told_strongly(base))
        self.hidden: Counter[str] = Counter()
        """Titles of events without other guests whose guests are hidden."""
        self._register(base)
        self.outcomes = Outcomes(_filed(counted), _held(counted), self.register, self.groups)
        self._reckon()
        self.calendar = replace(base.calendar, directory=self.directory, known=self.since.of)
        self._pair_up(base, counted)
        self.cards, self.piles = study.facts.cards, counted.piles
        self.diary = Diary(self.outcomes, self.event)
        self._mark(base.events)
        self.card_names, self.card_ids = counted.piles.names(), counted.piles.ids()
        self.naming = Naming(self.outcomes, settings.me.name, vocabulary)
        self._name(base, counted)
        self._keep(study)
        self.settle()

    def _register(self, base: Ground) -> None:
        for message in base.messages:
            self.register.change_mail(None, message)
            self.mails.change(None, message)
        for event in base.events:
            self.register.change_event(None, event)
        self._settle()

    def _reckon(self) -> None:
        letters, held = self.outcomes.letters.values(), self.outcomes.meetings.values()
        every: tuple[Filed | Held, ...] = (*letters, *held)
        since = chain.from_iterable(item.since() for item in every)
        self.since = Extremes(min, chain(since, self.told_since.items()))
        """Since when each leader is a person; who is not in it is none."""
        strong = chain.from_iterable(item.strong() for item in every)
        self.strong = Extremes(min, chain(strong, self.told_strong.items()))
        """The first strong touch of each leader (M6)."""
        self.written = Extremes(max, chain.from_iterable(item.written() for item in letters))
        """When each address was last written to."""

    def _keep(self, study: Study) -> None:
        by_id = {person.id: person for person in study.facts.people}
        self.given = dict(study.given)
        self.people = {who: by_id[id_] for who, id_ in study.given.items()}
        self.facts = Tuples[Touchpoint]()
        for item in study.facts.touchpoints:
            self.facts[item.source] = (*self.facts.get(item.source, ()), item)
        self.signs = {sign[0].key: sign for sign in signs(study.ground, study.counted, study.given)}

    @cached_property
    def loose(self) -> Mapping[str, Pile]:
        """Who is known by cards only, by id: titles may name them."""
        return {pile.id: pile for pile in self.piles.all if pile.who is None}

    @cached_property
    def on_cards(self) -> tuple[frozenset[str], frozenset[NameKey]]:
        """The addresses and the names that stand on cards."""
        addresses = frozenset(address for card in self.cards for address in card.addresses)
        return addresses, frozenset(names.key(card.name) for card in self.cards)

    @cached_property
    def fresh(self) -> list[datetime]:
        """The times, in order, at which cards came that may tell of an evening just before."""
        return fresh_times(self.piles.all)

    @cached_property
    def met_at(self) -> frozenset[str | None]:
        """Keys of the events at which people on cards were met."""
        return frozenset(card.event or card.guess for card in self.cards)

    def verdicts(self) -> Mapping[str, Verdict]:
        """Return what every record came to, by its key."""
        said = {key: filed.verdict if filed.passed else mails.WROTE for key, filed in self.outcomes.letters.items()}
        for key, held in self.outcomes.meetings.items():
            said[key] = meetings.TWICE if held.twice else meetings.HABIT if held.habit else held.verdict
        return said

    def _settle(self) -> None:
        self.register.rename()
        self.register.touched.clear()
        self.mails.several()
        self.mails.unreached()

    def settle(self) -> None:
        """Forget what only the change under way needed."""
        self.register.touched.clear()
        self.outcomes.settle()
        self.mail.known.clear()
        self.event.known.clear()

    def _pair_up(self, base: Ground, counted: Counted) -> None:
        bare = (item for item in counted.by_themselves[0] if item.message.sent)
        letters = [mails.just_written(item) if item.verdict == mails.INTRODUCED else item for item in bare]
        pairs = {item.message.key: threads.pair(item, self.mails.post, self.register.seen) for item in letters}
        found = {pair for key, pair in pairs.items() if pair is not None and self.mails.pair_up(key, pair)}
        self.mails.weigh(found, threads.first_together(found, base.messages, base.events, self.mails.post))

    def _mark(self, events: Iterable[Event]) -> None:
        marks: set[habits.Mark] = set()
        for event in events:
            held = self.outcomes.meetings[event.key]
            if for_habits(held):
                marks |= self.diary.mark(event, 1)
            if held.alone and event.guests_hidden:
                self.hidden[habits.title_key(event.title)] += 1
        self.diary.weigh(marks)

    def _name(self, base: Ground, counted: Counted) -> None:
        for who, (name, _) in counted.called.items():
            self.naming.rename(who, name)
        for pile in self.loose.values():
            self.naming.rename(pile.id, pile.name)
        for event in base.events:
            if self.outcomes.meetings[event.key].alone:
                self.naming.list(self.naming.events, event.key, None, event.title)
        for message in base.messages:
            if self.outcomes.letters[message.key].verdict == mails.SELF:
                self.naming.list(self.naming.mails, message.key, None, message.subject)


def _filed(counted: Counted) -> dict[str, Filed]:
    words: dict[str, list[tuple[str, TouchKind, datetime]]] = {}
    for word in counted.words:
        words.setdefault(word.letter.message.key, []).append((word.who, word.kind, word.at))
    found: dict[str, Filed] = {}
    touched: dict[Hashable, Mapping[str, tuple[str, TouchKind]]] = {}
    for bare, letter in zip(counted.by_themselves[0], counted.letters, strict=True):
        passed = bare.verdict != mails.FORWARDED or letter.verdict == mails.FORWARDED
        key = bare.message.key
        once = touched.setdefault(tuple(bare.touched.items()), bare.touched)  # most mails go to one of a few
        found[key] = Filed.of(replace(bare, touched=once), passed=passed, words=tuple(words.get(key, ())))
    return found


def _held(counted: Counted) -> dict[str, Held]:
    pairs = zip(counted.by_themselves[1], counted.readings, strict=True)
    present: dict[tuple[Present, ...], tuple[Present, ...]] = {}
    return {
        plain.event.key: Held.of(replace(plain, present=present.setdefault(plain.present, plain.present))).judged(
            twice=reading.verdict == meetings.TWICE, habit=reading.verdict == meetings.HABIT
        )
        for plain, reading in pairs
    }
