"""Whose are the cards? Those of one person lie in one pile, which joins a person when an address turns up (PRACTICE 1).

Computed, never stored: what the user decides later (``merge``, ``split``), or another namesake, comes to another
answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from daemon import names
from daemon.detect.cards import IMPORTED, SAID
from daemon.model import Card, Decision, Question, Vocabulary
from daemon.names import NameKey

WITHIN = timedelta(days=14)
"""How long after a meeting the first mail to the same full name tells whose address it is (PRACTICE 1)."""
TYPED = "you typed the address"
BOOK = "an address book has the address"
NAMED = "the same full name, and nobody else bears it"
MERGED = "you said so"


@dataclass(frozen=True, slots=True)
class Known:
    """Who is a person: by an address, by a full name, by an id of theirs; and since when each leader is one."""

    by_address: Callable[[str], str | None]
    by_name: Callable[[NameKey], Collection[str]]
    by_id: Callable[[str], str | None]
    since: Mapping[str, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    """The cards of one person, in order of time. ``id`` is theirs while no address is known."""

    id: str
    name: str
    cards: tuple[Card, ...]
    who: str | None = None
    """The leader of the person with addresses whom they joined."""
    since: datetime | None = None
    """Since when that is a person."""
    why: str = ""
    address: str | None = None
    """An address the user typed that stands in no record yet: a person by it."""

    @property
    def is_imported(self) -> bool:
        """Tell whether nothing but imports told the name."""
        return all(card.source in IMPORTED for card in self.cards)


@dataclass(frozen=True, slots=True)
class Piles:
    """All cards, sorted, and what only the user can say of them."""

    all: tuple[Pile, ...] = ()
    questions: tuple[Question, ...] = ()

    def joined(self) -> dict[str, str]:
        """Return the leader that each card's id means now, of those that joined somebody."""
        return {card.id: pile.who for pile in self.all if pile.who is not None for card in pile.cards}

    def names(self) -> dict[str, tuple[str, ...]]:
        """Return under which names cards know each leader."""
        found: dict[str, tuple[str, ...]] = {}
        for pile in self.all:
            if pile.who is not None:
                found[pile.who] = (*found.get(pile.who, ()), *(card.name for card in pile.cards))
        return found

    def ids(self) -> dict[str, tuple[str, ...]]:
        """Return the ids of the cards of each leader."""
        found: dict[str, set[str]] = {}
        for id_, who in self.joined().items():
            found.setdefault(who, set()).add(id_)
        return {who: tuple(sorted(ids)) for who, ids in found.items()}


def sort_cards(cards: Iterable[Card], told: Iterable[Decision], known: Known, vocabulary: Vocabulary) -> Piles:
    """Put cards of one person together, and find whom each pile joins.

    By itself a pile joins by an address that the user typed, by one of an address book that is a person's, and by a
    full name that one person alone bears: one known when they were met, or first written to within 14 days. An import
    claims no meeting, so it joins whoever bears the name, whenever. More than one may be meant: the user is asked.
    """
    found = sorted(cards, key=lambda card: (card.at, card.key))
    answers = _Answers(found, told)
    questions: list[Question] = []
    loose = [pile for same in _by_name(found, answers, vocabulary) for pile in _told_apart(same, questions)]
    piles = [_pile(together) for together in _merged(loose, answers)]
    ended = [_join(pile, answers, known, vocabulary, questions) for pile in piles]
    return Piles(tuple(ended), tuple(sorted(questions, key=lambda question: question.about)))


class _Answers:
    """What the user said of cards, the latest: ``merged`` with whom, or ``parted`` from whomever they had joined."""

    def __init__(self, cards: Iterable[Card], told: Iterable[Decision]) -> None:
        ids = {card.id for card in cards}
        self.merged: dict[str, str] = {}
        self.parted: set[str] = set()
        for item in told:
            card, other = (item.about, item.value) if item.about in ids else (item.value, item.about)
            if item.kind == "merge" and card in ids:
                self.merged[card] = other
                self.parted.discard(card)
            elif item.kind == "split" and item.value in ids:
                self.merged.pop(item.value, None)
                self.parted.add(item.value)


def _by_name(cards: Iterable[Card], answers: _Answers, vocabulary: Vocabulary) -> Iterable[list[Card]]:
    """Return cards by full name; a single name says too little, and who was parted once stays so."""
    found: dict[Hashable, list[Card]] = {}
    for card in cards:
        full = names.is_full(card.name, vocabulary)
        found.setdefault((names.key(card.name) if full else card.id, card.id in answers.parted), []).append(card)
    return found.values()


def _told_apart(same: list[Card], questions: list[Question]) -> Iterator[list[Card]]:
    """Yield the cards of one name by person: two entries in address books, or two pages at a platform, are two."""
    bare = [card for card in same if not card.addresses and not card.profile]
    apart = _by_mark(card for card in same if card.addresses or card.profile)
    if max(sum(any(card.addresses for card in one) for one in apart), sum(map(_has_page, apart))) < 2:
        yield same
        return
    yield from apart
    if bare:
        yield bare
        about = (bare[0].id, *sorted({one[0].id for one in apart}))
        questions.append(Question(kind="card", about=about, why="several whom you know by name only are called so"))


def _by_mark(cards: Iterable[Card]) -> list[list[Card]]:
    """Return the cards that share an address or a page with one another."""
    found: list[list[Card]] = []
    for card in cards:
        shared = [one for one in found if any(_marks(card) & _marks(other) for other in one)]
        found = [one for one in found if one not in shared]
        found.append([*(other for one in shared for other in one), card])
    return found


def _marks(card: Card) -> set[str]:
    return {*card.addresses, card.profile} - {""}


def _has_page(cards: Iterable[Card]) -> bool:
    return any(card.profile for card in cards)


def _merged(loose: Sequence[list[Card]], answers: _Answers) -> list[list[Card]]:
    """Return the piles with those made one that the user said are one, or that know one address."""
    piles = {number: [*pile] for number, pile in enumerate(loose)}
    home: dict[str, int] = {}
    for number, pile in enumerate(loose):
        here = number
        for card in pile:
            other = home.setdefault(card.id, here)
            _put_on(piles, home, here, other)
            here = min(here, other)
    for one, same in answers.merged.items():
        if same in home:
            _put_on(piles, home, home[one], home[same])
    return [*piles.values()]


def _put_on(piles: dict[int, list[Card]], home: dict[str, int], one: int, other: int) -> None:
    first, second = sorted((one, other))
    if first != second:
        piles[first] += piles.pop(second)
        home.update((card.id, first) for card in piles[first])


def _pile(cards: Iterable[Card]) -> Pile:
    ordered = tuple(sorted(cards, key=lambda card: (card.at, card.key)))
    said = [card for card in ordered if card.source in SAID and card.addresses]
    first = next(iter(said), ordered[0])
    best = max(ordered, key=lambda card: (len(names.key(card.name)), card.source not in IMPORTED))
    return Pile(id=first.id, name=best.name, cards=ordered)


# -- whom they join ----------------------------------------------------------------------------------------------------


def _join(pile: Pile, answers: _Answers, known: Known, vocabulary: Vocabulary, questions: list[Question]) -> Pile:
    merged = (known.by_id(answers.merged[card.id]) for card in pile.cards if card.id in answers.merged)
    who = next((who for who in merged if who is not None), None)
    if who is not None:
        return _joined(pile, who, MERGED, known)
    said = [address for card in pile.cards if card.source in SAID for address in card.addresses]
    if said:
        who = next((who for address in said if (who := known.by_address(address)) is not None), None)
        return replace(pile, address=said[0]) if who is None else _joined(pile, who, TYPED, known)
    if any(card.id in answers.parted for card in pile.cards):
        return pile
    booked = {who for card in pile.cards for address in card.addresses if (who := known.by_address(address))}
    if booked:
        return _sole(pile, booked, BOOK, known, questions)
    if not names.is_full(pile.name, vocabulary):
        return pile
    return _by_their_name(pile, known, questions)


def _by_their_name(pile: Pile, known: Known, questions: list[Question]) -> Pile:
    bearers = set(known.by_name(names.key(pile.name)))
    met = [card.at for card in pile.cards if card.source not in IMPORTED]
    by_then = {who for who in bearers if not met or known.since[who] <= max(met) + WITHIN}
    if by_then:
        return _sole(pile, by_then, NAMED, known, questions)
    if bearers:
        _ask(pile, bearers, "somebody of that name turned up only later", questions)
    return pile


def _sole(pile: Pile, candidates: Collection[str], why: str, known: Known, questions: list[Question]) -> Pile:
    if len(candidates) == 1:
        return _joined(pile, next(iter(candidates)), why, known)
    _ask(pile, candidates, "more than one person may be meant", questions)
    return pile


def _joined(pile: Pile, who: str, why: str, known: Known) -> Pile:
    return replace(pile, who=who, since=known.since[who], why=why)


def _ask(pile: Pile, candidates: Iterable[str], why: str, questions: list[Question]) -> None:
    questions.append(Question(kind="card", about=(pile.id, *sorted(candidates)), why=why))


# -- where they were met -----------------------------------------------------------------------------------------------

SOON = timedelta(days=3)
"""How long after an open event a new card says that they were probably met there."""
POCKETFUL = 10
"""More new address book entries after one evening are a whole book."""
_FRESH: frozenset[str] = frozenset({"linkedin", "vcard"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Evening:
    """An open event that the user was at."""

    key: str
    start: datetime
    end: datetime


def guessed(piles: Sequence[Pile], evenings: Sequence[Evening]) -> dict[str, str]:
    """Return at which open event the person of a card was probably met: card key to event key.

    The one open event that ended within three days before; of somebody whom the user had not known before.
    """
    found: dict[str, str] = {}
    for pile in piles:
        card = next((card for card in pile.cards if card.source in _FRESH), None)
        if card is None or any(card.event for card in pile.cards):
            continue
        first = min(pile.cards[0].at, pile.since or pile.cards[0].at)
        near = [evening for evening in evenings if evening.end <= card.at <= evening.end + SOON]
        if len(near) == 1 and first >= near[0].start:
            found[card.key] = near[0].key
    return _pocketfuls(found, {card.key for pile in piles for card in pile.cards if card.source == "vcard"})


def fresh_times(piles: Iterable[Pile]) -> list[datetime]:
    """Return the times, in order, at which cards came that tell of an evening just before."""
    return sorted(card.at for pile in piles for card in pile.cards if card.source in _FRESH)


def _pocketfuls(found: Mapping[str, str], booked: Collection[str]) -> dict[str, str]:
    entries = [event for card, event in found.items() if card in booked]
    whole = {event for event in entries if entries.count(event) > POCKETFUL}
    return {card: event for card, event in found.items() if card not in booked or event not in whole}
