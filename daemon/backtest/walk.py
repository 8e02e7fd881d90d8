"""What did detection make of each day of the past? Walked through what was known by then: it never looks ahead."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from daemon.backtest.past import Archive, Known, Past, from_the_beginning, resolved
from daemon.detect import TELLING, Chronicle, Moved, by_person, changed_facts, changed_people, revise, study
from daemon.model import Person, Touchpoint


class Walk:
    """Goes through the past, forwards only: ``to`` a day, then to a later one.

    What came from day to day is followed (``detect.revise``); where that cannot be, everything is studied anew.
    """

    def __init__(self, past: Past, begins: datetime) -> None:
        self._past = past
        self._archive = Archive(past)
        self._decisions = from_the_beginning(past.decisions, begins)
        self._at = datetime.min.replace(tzinfo=UTC)
        self._own: frozenset[str] = frozenset()
        self._chronicle: Chronicle | None = None
        self._people: tuple[Person, ...] = ()
        self._facts: Mapping[str, tuple[Touchpoint, ...]] = {}
        self._ids: dict[str, str] = {}

    def to(self, now: datetime) -> Known:
        """Return what was known at ``now``, not before the day of the last look."""
        before, self._at = self._at, now
        if not self._follow(before, now):
            self._study(now)
        calendar, ids = self._archive.calendar(now, self._own), self._aliases()
        return Known(
            now=now,
            people={person.id: person for person in self._people},
            touchpoints=self._facts,
            calendar=calendar,
            open_events=self._archive.opened(calendar),
            decisions=resolved(self._decisions, now, ids),
            earliest=self._archive.first(now),
            ids=ids,
        )

    def _follow(self, before: datetime, now: datetime) -> bool:
        """Follow what came since ``before``, the last look; False where that cannot be."""
        book, archive, own = self._chronicle, self._archive, self._own
        if book is None or any(before < item.at <= now and item.kind in TELLING for item in self._decisions):
            return False
        mails = {key: Moved(archive.mail(key, before), archive.mail(key, now)) for key in archive.sent(before, now)}
        begun = archive.begun(before, now)
        events = {key: Moved(archive.event(key, before, own), archive.event(key, now, own)) for key in begun}
        change = revise(
            book,
            {key: item for key, item in mails.items() if item.old != item.new},
            {key: item for key, item in events.items() if item.old != item.new},
            archive.ended(before, now) - begun,
            now,
        )
        if change is None:
            return False
        self._people = changed_people(self._people, change)
        self._facts = changed_facts(self._facts, change)
        return True

    def _study(self, now: datetime) -> None:
        past, archive = self._past, self._archive
        made = study(
            archive.records(now),
            settings=past.settings,
            vocabulary=past.vocabulary,
            decisions=[item for item in self._decisions if item.at <= now],
            now=now,
            known=(),
            new_id=past.new_id,
            caught_up=past.caught_up,
        )
        self._people, self._facts = made.facts.people, by_person(made.facts.touchpoints)
        self._own = own = made.facts.own
        self._chronicle = Chronicle(
            made,
            settings=past.settings,
            vocabulary=past.vocabulary,
            new_id=past.new_id,
            read_mail=lambda key: archive.mail(key, self._at),
            read_event=lambda key: archive.event(key, self._at, own),
        )

    def _aliases(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for person in self._people:
            for address in person.addresses:
                if address not in self._ids:
                    self._ids[address] = self._past.new_id(address)
                found[self._ids[address]] = person.id
            found.update((card, person.id) for card in person.cards)
        return found
