"""What counts, and who thereby is a person? Mails and events judged in the order of PRACTICE 2."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import get_args
from zoneinfo import ZoneInfo

from daemon import names
from daemon.detect import book, mails, meetings, people, received, threads, titles
from daemon.detect.cards import SAID, of_decisions
from daemon.detect.events import Reading
from daemon.detect.ground import Ground
from daemon.detect.mails import Letter
from daemon.detect.people import Groups
from daemon.detect.piles import Known, Piles, sort_cards
from daemon.detect.sightings import Sightings
from daemon.model import WEAK, Card, Question, TouchKind, Verdict, Vocabulary, local_day

_ABOUT_PERSONS = frozenset({"mark", "circle", "note", "sign"})
STRONG: frozenset[str] = frozenset(get_args(TouchKind)) - WEAK
_REMINDED: Mapping[str, Verdict] = {
    kind: Verdict(rule="N1", counted=True, why="a mail to yourself that says whom you met or spoke to", kind=kind)
    for kind in ("one-to-one", "small-group", "call")
}


@dataclass(frozen=True, slots=True)
class Word:
    """The user's own word (N1): a mail to oneself naming somebody."""

    letter: Letter
    who: str
    kind: TouchKind
    at: datetime


@dataclass(frozen=True, slots=True)
class Counted:
    """What counted. ``persons`` are leaders; ``called`` their best names and whether those are certain."""

    letters: Sequence[Letter]
    readings: Sequence[Reading]
    by_themselves: tuple[Sequence[Letter], Sequence[Reading]]
    """The same before other records had their say (M6; E11, E10)."""
    persons: frozenset[str]
    called: Mapping[str, tuple[str, bool]]
    questions: Sequence[Question]
    proofs: Sequence[threads.Heard]
    words: Sequence[Word]
    piles: Piles


def count(ground: Ground, cards: Sequence[Card]) -> Counted:
    """Judge all records; ``cards`` tell of people known by name only, whom titles may name."""
    sent = _sent(ground)
    known = earliest([*_written(sent), *told_about(ground)])
    read = meetings.by_guests(ground.events, ground.calendar, known)
    since = earliest([*known.items(), *((who, item.start) for item in read for who, _, _ in item.present)])
    persons = frozenset(since)
    piles = sort_cards(cards, ground.told, _known(ground, since), ground.post.vocabulary) if cards else Piles()
    loose = {pile.id: pile for pile in piles.all if pile.who is None}
    letters = [*_settled(sent, persons), *_received(ground, persons)]
    noted_as = piles.names()
    called = {
        who: name(who, ground.groups, ground.seen, ground.post.vocabulary, noted_as.get(who, ())) for who in persons
    }
    bearing = {who: said for who, (said, _) in called.items() if said} | {id_: loose[id_].name for id_ in loose}
    bearers = book.name_book(bearing, _touched(letters, read), ground.calendar.me, ground.post.vocabulary)
    homes = {id_: pile.address or "" for id_, pile in loose.items()} | {who: who for who in persons}
    said = meetings.by_titles(read, bearers, homes, ground.calendar)
    plain = [said.readings.get(item.event.key, item) for item in read]
    readings = meetings.weigh(plain)
    words = [
        word for letter in letters for word in reminders(letter, bearers, ground.calendar.zone, ground.post.vocabulary)
    ]
    noted = {word.letter.message.key: _REMINDED[word.kind] for word in words}
    strong = earliest(_strong_touches(letters, readings, words, ground))
    return Counted(
        letters=[_reminding(item, noted) for item in _passed_on(letters, strong, ground)],
        readings=readings,
        by_themselves=(letters, plain),
        persons=persons,
        called=called,
        questions=said.questions,
        proofs=threads.proofs(letters, ground.post, ground.archive),
        words=words,
        piles=piles,
    )


def _known(ground: Ground, since: Mapping[str, datetime]) -> Known:
    """Return who is a person before anything else is read: of their names only those count under which the user deals
    with them."""
    bearers: dict[names.NameKey, set[str]] = {}
    for address in ground.dealt:
        who = ground.directory.who(address)
        if who is not None and who in since:
            for full in people.full_names(ground.seen.names.get(address, ()), ground.post.vocabulary):
                bearers.setdefault(full, set()).add(who)

    def by_address(address: str) -> str | None:
        who = ground.directory.who(address)
        return who if who in since else None

    def by_id(person: str) -> str | None:
        who = ground.leader(person)
        return who if who in since else None

    return Known(by_address, lambda full: bearers.get(full, ()), by_id, since)


def touch_times(letters: Iterable[Letter], readings: Iterable[Reading]) -> Iterator[tuple[str, str, datetime, str]]:
    """Yield leader, address, time and kind of everything that touched somebody."""
    for letter in letters:
        if letter.message.at is not None:
            for who, (address, kind) in letter.touched.items():
                yield who, address, letter.message.at, kind
    for reading in readings:
        for who, address, _ in reading.present:
            yield who, address, reading.start, reading.kind or ""


def earliest(times: Iterable[tuple[str, datetime]]) -> dict[str, datetime]:
    """Return the earliest time of each leader."""
    found: dict[str, datetime] = {}
    for who, at in times:
        if who not in found or at < found[who]:
            found[who] = at
    return found


def _sent(ground: Ground) -> list[Letter]:
    letters = [mails.read(message, ground.post) for message in ground.messages if message.sent]
    introduced = threads.introductions(letters, ground.messages, ground.events, ground.post, ground.seen)
    return [introducing(item) if item.message.key in introduced else item for item in letters]


def introducing(letter: Letter) -> Letter:
    """Return ``letter`` as one that introduces whom it touches (M5)."""
    touched = {who: (address, mails.INTRODUCTION) for who, (address, _) in letter.touched.items()}
    return Letter(letter.message, mails.INTRODUCED, touched)


def _written(sent: Iterable[Letter]) -> Iterator[tuple[str, datetime]]:
    """Yield who is a person because the user wrote to them, and when."""
    for who, _, at, kind in touch_times(sent, ()):
        if kind != "copied":
            yield who, at


def _received(ground: Ground, persons: frozenset[str]) -> list[Letter]:
    return [received.read(item, ground.post, persons, ground.seen) for item in ground.messages if not item.sent]


def told_about(ground: Ground) -> Iterator[tuple[str, datetime]]:
    """Yield who is a person because the user said so (kept, marked, noted about), and when that was."""
    for item in ground.told:
        who = None
        if item.kind == "keep" and item.about in ground.seen.counts:
            who = ground.directory.who(item.about)
        elif item.kind in _ABOUT_PERSONS:
            who = ground.leader(item.about)
        if who is not None:
            yield who, item.at
    for card in of_decisions(ground.told):
        for address in card.addresses if card.source in SAID else ():
            who = ground.directory.who(address) if address in ground.seen.counts else None
            if who is not None:
                yield who, card.at


def _settled(letters: Iterable[Letter], persons: frozenset[str]) -> Iterator[Letter]:
    """Let a mail that only copies people who are nobody count as nothing."""
    for letter in letters:
        verdict = letter.verdict
        if verdict.kind == "copied" and persons.isdisjoint(letter.touched):
            yield replace(letter, verdict=mails.NOBODY_COPIED[verdict.rule])
        else:
            yield letter


def _strong_touches(
    letters: Iterable[Letter], readings: Iterable[Reading], words: Iterable[Word], ground: Ground
) -> Iterator[tuple[str, datetime]]:
    """Yield leader and time of every touch that is not weak, the user's own word (N1) among them."""
    yield from ((who, at) for who, _, at, kind in touch_times(letters, readings) if kind in STRONG)
    yield from ((word.who, word.at) for word in words)
    yield from told_strongly(ground)


def told_strongly(ground: Ground) -> Iterator[tuple[str, datetime]]:
    """Yield with whom the user reports to have been in touch (N1) in a way that is not weak, and when."""
    for item in ground.told:
        who = ground.leader(item.about) if item.kind == "sign" and item.value in STRONG else None
        if who is not None:
            yield who, item.at


def _passed_on(letters: Iterable[Letter], strong: Mapping[str, datetime], ground: Ground) -> Iterator[Letter]:
    """Take a forward to somebody without a strong touch on an earlier day for just a mail (M6).

    The text says "of the network"; circles are made of facts, so detection asks for the least that every one has.
    """
    zone = ground.calendar.zone
    for letter in letters:
        known = letter.verdict != mails.FORWARDED or is_passed_on(letter.message.at, letter.touched, strong, zone)
        yield letter if known else mails.just_written(letter)


def is_passed_on(at: datetime | None, touched: Iterable[str], strong: Mapping[str, datetime], zone: ZoneInfo) -> bool:
    """Tell whether everybody whom a forward ``touched`` had a ``strong`` touch on an earlier day."""
    return at is not None and all(local_day(strong[who], zone) < local_day(at, zone) for who in touched)


def _reminding(letter: Letter, noted: Mapping[str, Verdict]) -> Letter:
    verdict = noted.get(letter.message.key)
    return letter if verdict is None else replace(letter, verdict=verdict)


def name(
    who: str, groups: Groups, seen: Sightings, vocabulary: Vocabulary, cards: Iterable[str] = ()
) -> tuple[str, bool]:
    """Return the best name of the person ``who`` leads, and whether it is certain; ``cards`` bear names of theirs."""
    heard: dict[str, int] = {}
    for card in cards:
        names.collect({card: 1}, heard)
    for address in groups.of(who):
        names.collect(seen.names.get(address, {}), heard)
    return names.best(heard, vocabulary)


def _touched(letters: Iterable[Letter], readings: Iterable[Reading]) -> dict[str, list[datetime]]:
    found: dict[str, list[datetime]] = {}
    for who, _, at, _ in touch_times(letters, readings):
        found.setdefault(who, []).append(at)
    for times in found.values():
        times.sort()
    return found


def reminders(letter: Letter, bearers: book.Names, zone: ZoneInfo, vocabulary: Vocabulary) -> Iterator[Word]:
    """Read a mail to oneself like "called Ada", "mit Ada telefoniert" (N1); it counts on the day that it names."""
    at = letter.message.at
    if letter.verdict == mails.SELF and at is not None:
        said = titles.named(letter.message.subject, bearers, at, local_day(at, zone), vocabulary)
        if said is not None:
            on = at if said.day is None else min(at, datetime.combine(said.day, time(12), tzinfo=zone))
            yield from (Word(letter, who, said.kind, on) for who in said.people)
