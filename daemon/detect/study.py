"""How do records become facts? The whole way, and what it left behind.

The straight line: whose addresses are nobody's and which are one person, what each mail and event counts as and who
thereby is a person, what titles and series add, and why everything else did not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from daemon.detect import birthdays, cards, counting, ground, identities, strangers, touches
from daemon.detect.counting import Counted
from daemon.detect.ground import Ground
from daemon.detect.piles import Evening, Pile, guessed
from daemon.model import Card, Decision, Facts, Person, Records, Settings, Touchpoint, Verdict, Vocabulary


@dataclass(frozen=True, slots=True)
class Study:
    """Facts, and what they were made of. ``given`` are the ids of persons by leader."""

    ground: Ground
    counted: Counted
    given: Mapping[str, str]
    facts: Facts


def study(
    records: Records,
    *,
    settings: Settings,
    vocabulary: Vocabulary,
    decisions: Sequence[Decision],
    now: datetime,
    known: Sequence[Person],
    new_id: Callable[[str], str],
    caught_up: bool,
) -> Study:
    """Return what ``detect`` says, and how it came to say so."""
    base = ground.lay(
        records,
        settings=settings,
        vocabulary=vocabulary,
        decisions=decisions,
        now=now,
        known=known,
        new_id=new_id,
        caught_up=caught_up,
    )
    counted = counting.count(base, _cards(base, settings, new_id))
    loose = [pile for pile in counted.piles.all if pile.who is None]
    given = identities.ids(base, counted, known, new_id) | {pile.id: pile.id for pile in loose}
    noted = _noted(counted, given)
    strange = strangers.codes(base.seen, base.directory, counted.persons, counted.letters, counted.readings)
    everybody = [*identities.persons(base, counted, given), *map(_person, loose)]
    born, unclear = birthdays.birthdays(records.events.values(), everybody, settings.me.zone, vocabulary)
    facts = Facts(
        people=tuple(sorted(everybody, key=lambda person: person.id)),
        touchpoints=_touchpoints(base, counted, given, noted),
        ignored=strangers.ignored(strange, base.seen),
        verdicts=_verdicts(counted),
        guest_verdicts=strangers.of_guests(counted.letters, counted.readings, strange, base.own),
        questions=(*identities.questions(base, counted, given), *unclear),
        own=base.own,
        cards=noted,
        birthdays=born,
    )
    return Study(base, counted, given, facts)


def _cards(base: Ground, settings: Settings, new_id: Callable[[str], str]) -> list[Card]:
    """Return every card; an address of the user's own is nobody else's."""
    hinted = cards.of_hints(base.messages, settings.hints, base.own, base.post.vocabulary, new_id)
    return [
        replace(card, addresses=tuple(address for address in card.addresses if address not in base.own))
        for card in (*cards.of_decisions(base.told), *hinted)
    ]


def _noted(counted: Counted, given: Mapping[str, str]) -> tuple[Card, ...]:
    """Return every card with whose it is and where they were probably met, in order of time."""
    evenings = [
        Evening(key=item.event.key, start=item.start, end=item.end) for item in counted.readings if item.verdict.open
    ]
    met = guessed(counted.piles.all, evenings)
    found = [
        replace(card, person=pile.id if pile.who is None else given[pile.who], why=pile.why, guess=met.get(card.key))
        for pile in counted.piles.all
        for card in pile.cards
    ]
    return tuple(sorted(found, key=lambda card: (card.at, card.key)))


def _person(pile: Pile) -> Person:
    """Return the person of a pile that joined nobody: known by name only, or by an address that the user typed."""
    addresses = () if pile.address is None else (pile.address,)
    is_card = pile.address is None
    linked = is_card and any(card.source in cards.LINKED for card in pile.cards)
    bare = Person(id=pile.id, name=pile.name, addresses=addresses, card=is_card, linked=linked)
    return identities.with_cards(bare, (card.id for card in pile.cards))


def _touchpoints(
    base: Ground, counted: Counted, given: Mapping[str, str], noted: Iterable[Card]
) -> tuple[Touchpoint, ...]:
    proven = touches.of_proofs(counted.proofs, given, base.archive, base.post)
    met = touches.of_cards(noted, base.events, base.calendar.zone)
    found = gather(chain(_certain(base, counted, given), met), proven)
    return tuple(sorted(found, key=lambda item: item.key))


def gather(certain: Iterable[Touchpoint], proven: Iterable[Touchpoint]) -> Iterable[Touchpoint]:
    """Return one fact for each source and person: of the ``certain`` ones the last, else what is ``proven``."""
    found = {(item.source, item.person): item for item in certain}
    for item in proven:
        found.setdefault((item.source, item.person), item)
    return found.values()


def _certain(base: Ground, counted: Counted, given: Mapping[str, str]) -> Iterator[Touchpoint]:
    return chain(
        touches.of_letters(counted.letters, given, base.archive, base.post),
        touches.of_meetings(counted.readings, given, base.own, base.directory.leaders),
        touches.of_words(counted.words, given),
        touches.of_signs(signs(base, counted, given)),
    )


def signs(base: Ground, counted: Counted, given: Mapping[str, str]) -> Iterator[tuple[Decision, str, str]]:
    """Yield what the user reported (N1) with the person's id and an address of theirs; cards have none."""
    joined = counted.piles.joined()
    ids = {card.id: pile.id for pile in counted.piles.all if pile.who is None for card in pile.cards}
    for item in base.told:
        if item.kind == "sign":
            who = base.leader(item.about) or joined.get(item.about)
            if who is not None and who in given:
                yield item, given[who], who
            elif item.about in ids:
                yield item, ids[item.about], ""


def _verdicts(counted: Counted) -> dict[str, Verdict]:
    found = {item.event.key: item.verdict for item in counted.readings}
    found |= {item.message.key: item.verdict for item in counted.letters}
    return {key: found[key] for key in sorted(found)}
