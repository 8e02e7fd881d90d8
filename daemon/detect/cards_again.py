"""May the cards come out differently after a change? Whose they are, and where they say that people were met."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain

from connectors.records import Event, Message
from daemon.detect import cards
from daemon.detect.chronicle import Chronicle, Moved
from daemon.detect.outcomes import Held
from daemon.detect.piles import SOON, Known, sort_cards
from daemon.names import NameKey


class CardsAgain:
    """The cards of the chronicle ``book``, asked again after a change of records."""

    def __init__(
        self, book: Chronicle, mails: Mapping[str, Moved[Message]], events: Mapping[str, Moved[Event]]
    ) -> None:
        self.book = book
        self.mails = mails
        self.events = events

    def same_records(self) -> bool:
        """Tell whether no mail that changed is a card, and no event at which somebody on a card was met."""
        book = self.book
        moved = (mail for item in self.mails.values() for mail in (item.old, item.new) if mail is not None)
        hinted = cards.of_hints(moved, book.settings.hints, book.register.own, book.vocabulary, book.new_id)
        return next(hinted, None) is None and book.met_at.isdisjoint(self.events)

    def same_piles(self, leaders: Iterable[str]) -> bool:
        """Tell whether the cards are whose they were; ``leaders`` are those about whom anything is otherwise."""
        book = self.book
        if not book.cards or not self._concerned(leaders):
            return True
        bare = (card for pile in book.piles.all for card in pile.cards)
        return sort_cards(bare, book.told, self._known(), book.vocabulary) == book.piles

    def _concerned(self, leaders: Iterable[str]) -> bool:
        """Tell whether one of ``leaders`` bears, or bore, the name or an address of a card."""
        book = self.book
        addresses, called = book.on_cards
        return any(
            address in addresses or not called.isdisjoint(self._full(address))
            for who in leaders
            for address in book.groups.of(who)
        )

    def _full(self, address: str) -> Iterator[NameKey]:
        before = self.book.register.touched.get(address)
        yield from self.book.register.full(address)
        yield from () if before is None else before.full

    def _known(self) -> Known:
        book = self.book
        since = book.since.of

        def known(address: str | None) -> str | None:
            who = None if address is None else book.directory.who(address)
            return who if who in since else None

        def by_name(full: NameKey) -> set[str]:
            return {who for address in book.register.bearers(full) if (who := known(address)) is not None}

        return Known(known, by_name, lambda person: known(book.aliases.address(person)), since)

    def same_evenings(self) -> bool:
        """Tell whether no open event came, went or moved just before a card that may tell of it."""
        book = self.book
        times, before, now = book.fresh, book.outcomes.meetings_before, book.outcomes.meetings
        changed = chain.from_iterable((was, now.get(key)) for key, was in before.items()) if times else ()
        return not any(_tells(held, times) for held in changed if held is not None)


def _tells(held: Held, times: Sequence[datetime]) -> bool:
    """Tell whether ``held`` is an open event that ended within three days before one of ``times``."""
    place = bisect_left(times, held.end)
    return held.verdict.open and place < len(times) and times[place] <= held.end + SOON
