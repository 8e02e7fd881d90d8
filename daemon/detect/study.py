"""How do records become facts? The whole way, and what it left behind.

The straight line: whose addresses are nobody's and which are one person, what each mail and event counts as and who
thereby is a person, what titles and series add, and why everything else did not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from daemon.detect import birthdays, counting, ground, identities, strangers, touches
from daemon.detect.counting import Counted
from daemon.detect.ground import Ground
from daemon.model import Decision, Facts, Person, Records, Settings, Touchpoint, Verdict, Vocabulary


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
    cards = [person for person in known if person.card and not person.addresses]
    counted = counting.count(base, cards)
    given = identities.ids(base, counted, known, new_id) | {card.id: card.id for card in cards}
    strange = strangers.codes(base.seen, base.directory, counted.persons, counted.letters, counted.readings)
    everybody = [*identities.persons(base, counted, given), *cards]
    born, unclear = birthdays.birthdays(records.events.values(), everybody, settings.me.zone, vocabulary)
    facts = Facts(
        people=tuple(sorted(everybody, key=lambda person: person.id)),
        touchpoints=_touchpoints(base, counted, given),
        ignored=strangers.ignored(strange, base.seen),
        verdicts=_verdicts(counted),
        guest_verdicts=strangers.of_guests(counted.letters, counted.readings, strange, base.own),
        questions=(*identities.questions(base, counted, given), *unclear),
        own=base.own,
        birthdays=born,
    )
    return Study(base, counted, given, facts)


def _touchpoints(base: Ground, counted: Counted, given: Mapping[str, str]) -> tuple[Touchpoint, ...]:
    proven = touches.of_proofs(counted.proofs, given, base.archive, base.post)
    found = gather(_certain(base, counted, given), proven)
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
        touches.of_signs(signs(base, given)),
    )


def signs(base: Ground, given: Mapping[str, str]) -> Iterator[tuple[Decision, str, str]]:
    """Yield what the user reported (N1) with the person's id and an address of theirs; cards have none."""
    for item in base.told:
        if item.kind == "sign":
            who = base.leader(item.about)
            if who is not None and who in given:
                yield item, given[who], who
            elif item.about in given:
                yield item, item.about, ""


def _verdicts(counted: Counted) -> dict[str, Verdict]:
    found = {item.event.key: item.verdict for item in counted.readings}
    found |= {item.message.key: item.verdict for item in counted.letters}
    return {key: found[key] for key in sorted(found)}
