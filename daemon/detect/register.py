"""Which records name whom? The sightings of ``sightings``, kept so that one record more or less costs that record.

What a register says after any number of changes is what one pass over the records would say. It also tells, of every
address that a change touched, what was known of it before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from connectors.records import Event, Message
from daemon import names
from daemon.detect import addresses, ground, sightings
from daemon.detect.many import Many
from daemon.detect.people import full_names
from daemon.detect.sightings import Sightings
from daemon.model import Settings, Vocabulary, instant
from daemon.names import NameKey


@dataclass(frozen=True, slots=True)
class Before:
    """What was known of an address before a change."""

    there: bool
    names: frozenset[str]
    first: datetime | None
    full: frozenset[NameKey]


class Register:
    """Whom all records together name. ``codes`` are those of all addresses that are nobody's, changed in place."""

    def __init__(
        self, own: frozenset[str], codes: dict[str, str], kept: frozenset[str], settings: Settings, words: Vocabulary
    ) -> None:
        self.own = own
        self.codes = codes
        self.seen = Sightings()
        self.mails = Many()
        self.events = Many()
        self.touched: dict[str, Before] = {}
        self._kept = kept
        self._settings = settings
        self._vocabulary = words
        self._me = names.key(settings.me.name)
        self._speaking: Counter[str] = Counter()
        self._dealt: Counter[str] = Counter()
        self._mine: Counter[str] = Counter()
        self._full: dict[str, frozenset[NameKey]] = {}
        self._bearers: dict[NameKey, set[str]] = {}
        self._shared: set[NameKey] = set()
        self._lost: set[str] = set()

    # -- one record more or less ---------------------------------------------------------------------------------------

    def change_mail(self, old: Message | None, new: Message | None) -> None:
        """Put ``new`` where ``old`` was; None: there was nothing, there is nothing."""
        for message, sign in ((old, -1), (new, 1)):
            if message is not None:
                self._mail(message, sign)
        self._move(self.mails, _mail_places(old), _mail_places(new), old or new)

    def change_event(self, old: Event | None, new: Event | None) -> None:
        """Put ``new`` where ``old`` was; None: there was nothing, there is nothing."""
        for event, sign in ((old, -1), (new, 1)):
            if event is not None:
                self._event(event, sign)
        zone = self._settings.me.zone
        before, after = ((named(item), instant(item.start, zone)) if item else _NOWHERE for item in (old, new))
        self._move(self.events, before, after, old or new)

    def _mail(self, message: Message, sign: int) -> None:
        self._note(((box.address, box.name) for box in sightings.mailboxes(message)), sign)
        sender = message.sender
        if sender is not None and not message.automatic:
            self._speak(sender.address, sign)
            if message.sent and sender.address not in self._settings.me.addresses:
                bears = bool(self._me) and names.key(names.written(sender.name)) == self._me
                self._mine[sender.address] += sign * bears
        for address in ground.written_to(message, self.own):
            self._dealt[address] += sign

    def _event(self, event: Event, sign: int) -> None:
        organiser = () if event.organiser is None else (event.organiser,)
        self._note(((box.address, box.name) for box in (*event.guests, *organiser)), sign)
        speaking = {guest.address for guest in event.guests if guest.answer in {"accepted", "tentative"}}
        for address in speaking | {box.address for box in organiser}:
            self._speak(address, sign)
        for address in ground.invited_or_met(event, self.own):
            self._dealt[address] += sign

    def _note(self, boxes: Iterable[tuple[str, str]], sign: int) -> None:
        seen, found = self.seen, set()
        for address, name in boxes:
            self._touch(address)
            if address not in found:
                found.add(address)
                seen.counts[address] = seen.counts.get(address, 0) + sign
            if name:
                heard = seen.names.setdefault(address, {})
                heard[name] = heard.get(name, 0) + sign
                if not heard[name]:
                    del heard[name]

    def _touch(self, address: str) -> None:
        if address not in self.touched:
            seen = self.seen
            self.touched[address] = Before(
                address in seen.counts,
                frozenset(seen.names.get(address, ())),
                seen.spans[address][0] if address in seen.spans else None,
                self._full.get(address, frozenset()),
            )

    def _speak(self, address: str, sign: int) -> None:
        self._speaking[address] += sign
        (self.seen.speakers.add if self._speaking[address] > 0 else self.seen.speakers.discard)(address)

    def _move(
        self,
        index: Many,
        before: tuple[set[str], datetime | None],
        after: tuple[set[str], datetime | None],
        record: Event | Message | None,
    ) -> None:
        if record is None:
            return
        for address in before[0] - after[0]:
            index.drop(address, record.key)
        for address in after[0] - before[0] - self.own:
            index.add(address, record.key)
        if before[1] is not None:
            again = after[0] if before[1] == after[1] else set()
            self._lost.update(a for a in before[0] - again if before[1] in self.seen.spans.get(a, ()))
        if after[1] is not None:
            sightings.span(self.seen, after[0], after[1])

    # -- after the change ----------------------------------------------------------------------------------------------

    def settle(self, times: Callable[[str], Iterable[datetime]]) -> None:
        """Make good what a change may have left behind; ``times`` are those of an address's records."""
        for address in self._lost - self.own:
            self.seen.spans.pop(address, None)
            for at in times(address):
                sightings.span(self.seen, {address}, at)
        self._lost.clear()
        for address in self.touched:
            if not self.seen.counts.get(address):
                for kept in (self.seen.counts, self.seen.names, self.seen.spans, self.codes):
                    kept.pop(address, None)

    def adopted(self) -> bool:
        """Tell whether the senders who are the user still are just those."""
        return all(
            (self._mine[address] >= sightings.ADOPT and address not in self._kept) == (address in self.own)
            for address in self.touched.keys() & self._mine.keys()
        )

    def sort_out(self, mails: Callable[[str], Iterable[Message]]) -> bool:
        """Give every touched address its code, and tell whether those known before kept theirs.

        A code that is given for company depends on what others are by themselves, so it comes last.
        """
        there = [address for address in self.touched if address in self.seen.counts]
        return all(
            self._sort_out(address, mails)
            for address in sorted(there, key=lambda item: (self._by_itself(item) is None, item))
        )

    def _sort_out(self, address: str, mails: Callable[[str], Iterable[Message]]) -> bool:
        code = self._code(address, mails)
        if self.touched[address].there:
            return self.codes.get(address) == code
        if code is not None:
            self.codes[address] = code
        return True

    def _code(self, address: str, mails: Callable[[str], Iterable[Message]]) -> str | None:
        if address in self.own:
            return addresses.OWN
        if address in self._kept:
            return None
        return sightings.code(
            address,
            self.seen,
            mails=lambda: mails(address),
            is_nobody=self._is_nobody,
            settings=self._settings,
            vocabulary=self._vocabulary,
            own=self.own,
        )

    def _is_nobody(self, address: str) -> bool:
        """Tell whether ``address`` is nobody's by itself, whatever company it keeps."""
        if address not in self.codes:
            return address in self.own
        return self.codes[address] != addresses.LIST or self._by_itself(address) is not None

    def _by_itself(self, address: str) -> str | None:
        return addresses.code(address, self._vocabulary, self._settings.lists)

    def rename(self) -> bool:
        """Note under which full names the touched addresses are dealt with; tell whether that may join addresses."""
        asked = False
        for address, before in self.touched.items():
            dealt = self._dealt[address] > 0 and address not in self.codes and address in self.seen.counts
            full = full_names(self.seen.names.get(address, ()), self._vocabulary) if dealt else set()
            asked |= not self._shared.isdisjoint(before.full)
            for key in before.full - full:
                self._bear(key, address, there=False)
            for key in full - before.full:
                self._bear(key, address, there=True)
            self._full[address] = frozenset(full)
            if not full:
                del self._full[address]
            asked |= not self._shared.isdisjoint(full)
        return asked

    def _bear(self, key: NameKey, address: str, *, there: bool) -> None:
        bearers = self._bearers.setdefault(key, set())
        (bearers.add if there else bearers.discard)(address)
        (self._shared.add if len(bearers) > 1 else self._shared.discard)(key)
        if not bearers:
            del self._bearers[key]

    def full(self, address: str) -> frozenset[NameKey]:
        """Return the full names under which the user deals with ``address``."""
        return self._full.get(address, frozenset())

    def bearers(self, name: NameKey) -> frozenset[str]:
        """Return the addresses that bear the full name ``name``."""
        return frozenset(self._bearers.get(name, ()))

    def namesakes(self) -> Mapping[NameKey, list[str]]:
        """Return the addresses that bear each full name of several, as ``people.by_name`` would."""
        return {key: sorted(self._bearers[key]) for key in sorted(self._shared)}


_NOWHERE: tuple[set[str], datetime | None] = (set(), None)


def named(event: Event) -> set[str]:
    """Return the addresses that ``event`` names."""
    found = {guest.address for guest in event.guests}
    return found if event.organiser is None else found | {event.organiser.address}


def _mail_places(message: Message | None) -> tuple[set[str], datetime | None]:
    if message is None:
        return _NOWHERE
    return {box.address for box in sightings.mailboxes(message)}, message.at
