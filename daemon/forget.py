"""How is somebody erased everywhere? Records, facts, decisions, outbox, and what was written outside.

What the user has edited is the user's: it is named, not touched (RULINGS C30). Only salted hashes stay, so that no
later import brings the person back: of addresses, full names, and titles that meant them by a first name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache

from connectors._copy import drop_copies
from connectors.records import Edited, Item, Message, Receipt
from daemon import forgotten, names, pages
from daemon.delivery import amend
from daemon.ledger import DERIVED, Ledger, articles, save_articles
from daemon.model import OPEN_STATES, Card, Decision, Entry, Person, Records
from daemon.state import Memory
from daemon.told import TOLD, source_of
from daemon.world import World

BY_NAME = ("E9", "N1")
"""Rules by which a title alone said who was meant: by a first name, perhaps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """What leads to somebody: ids, addresses, ``texts`` of which hashes are kept, keys of the records about them."""

    ids: frozenset[str]
    addresses: frozenset[str]
    texts: frozenset[str]
    sources: frozenset[str]

    def are_in(self, entry: Entry) -> bool:
        """Tell whether ``entry`` is about them, or quotes their name or address."""
        own = not self.ids.isdisjoint((entry.person, *entry.also)) or not self.addresses.isdisjoint(
            (entry.to, entry.second)
        )
        new = (entry.amended.title, entry.amended.body) if entry.amended else ()
        if entry.kind == "review-draft" and entry.state in OPEN_STATES:
            return True  # its HTML may tell of anybody, and stands outside alone
        return own or any(map(self.named, (entry.title, entry.body, entry.to_name, *new)))

    def lead(self, key: str) -> bool:
        """Tell whether the key of a source leads to them: by an address, or by an id in a decision's."""
        return not self.addresses.isdisjoint(key.split("\t")) or any(who in key for who in self.ids)

    def named(self, text: str) -> bool:
        """Tell whether ``text`` names them."""
        return forgotten.names_forgotten(text, self.texts.__contains__)

    def redacted(self, text: str) -> str:
        """Return ``text`` without them."""
        return forgotten.redacted(text, self.texts.__contains__)


def forget_person(ledger: Ledger, world: World, memory: Memory, person: Person) -> tuple[str, ...]:
    """Erase ``person``. Return where something of the user's own still names them.

    Raises ConnectorError if what was written cannot be reached; nothing is erased then.
    """
    records = ledger.records()
    traces = _traces(ledger, memory, records, person)
    entries = [entry for entry in memory.state().entries if traces.are_in(entry)]
    left = {entry.key: place for entry in entries if (place := _take_back(ledger, world, entry))}
    pages.erase(ledger.folder)
    ledger.never_again(traces.texts)
    with ledger.unit():
        _scrub(ledger, records, traces.sources)
        _clear_outbox(ledger, entries, left.keys(), traces)
        _clear_decisions(ledger, traces)
        ledger.set_meta(DERIVED, None)
    with ledger.unit():
        Memory(ledger, memory.settings, memory.vocabulary, memory.now, memory.accounts).save()
    ledger.burn()
    drop_copies(ledger.folder)
    return tuple(left.values())


def forget_again(ledger: Ledger, remember: Callable[[Ledger], Memory]) -> int:
    """Erase whoever was forgotten and stands in ``ledger`` all the same, an older one brought back; return how many.

    ``remember`` returns what is known of a ledger. What was written outside was taken back when they were forgotten.
    """
    count = 0
    while ledger.forgets:
        memory = remember(ledger)
        person = next((item for item in memory.facts.people if _is_forgotten(ledger, item)), None)
        if person is None:
            with ledger.unit():
                _scrub(ledger, ledger.records(), frozenset())
            break
        forget_person(ledger, _nowhere(memory), memory, person)
        count += 1
    return count


def _nowhere(memory: Memory) -> World:
    """Return a world without accounts."""
    return World(settings=memory.settings, vocabulary=memory.vocabulary, templates={}, sources={}, kinds={})


def _is_forgotten(ledger: Ledger, person: Person) -> bool:
    card = person.card and forgotten.names_forgotten(person.name, ledger.is_forgotten)
    return card or any(map(ledger.is_forgotten, person.addresses))


# -- what leads to them ------------------------------------------------------------------------------------------------


def _traces(ledger: Ledger, memory: Memory, records: Records, person: Person) -> Traces:
    ahead = memory.state().ahead.get(person.id, ())
    cards = [card for card in memory.detailed().cards if card.person == person.id]
    addresses = frozenset((*person.addresses, *(address for card in cards for address in card.addresses)))
    facts = [*(fact for fact in memory.facts.touchpoints if fact.person == person.id), *ahead]
    told = {card.key for card in cards} | _promised(memory, person)
    by_name = {fact.source for fact in facts if fact.rule.startswith(BY_NAME)} | told
    marks = {forgotten.title_mark(item) for item in _items(records) if item.key in by_name and forgotten.title_of(item)}
    return Traces(
        ids=frozenset((person.id, *person.cards, *map(ledger.person_id, addresses))),
        addresses=addresses,
        texts=frozenset((*addresses, *_names(memory, records, person, cards), *marks)),
        sources=frozenset(fact.source for fact in facts) | told,
    )


def _promised(memory: Memory, person: Person) -> set[str]:
    """Return the keys of the records in which something was promised to the person, perhaps by a first name."""
    ids = {person.id, *person.cards}
    made = [item for item in memory.state().decisions if item.kind == "promise" and item.about in ids]
    return {source for item in made if (source := source_of(item))}


def _names(memory: Memory, records: Records, person: Person, cards: Iterable[Card]) -> set[str]:
    """Return every full name the person is written with, but for those that somebody else whom Kith knows bears too."""
    boxes = (box for item in _items(records) for box in forgotten.mailboxes(item) if box.address in person.addresses)
    written = {names.written(box.name) for box in boxes}
    spellings = {
        person.name,
        *(card.name for card in cards),
        *(name for name in written if names.is_full(name, memory.vocabulary)),
    }
    others = [other.name for other in memory.facts.people if other.id != person.id]
    return _keys(spellings, memory) - _keys((*others, memory.settings.me.name), memory)


def _keys(spellings: Iterable[str], memory: Memory) -> set[str]:
    """Return the keys of full names, without titles and degrees, and without what stands between first and last."""
    keys = set()
    for name in spellings:
        words = names.spoken(name, memory.vocabulary).words
        keys |= {forgotten.name_key(words), forgotten.name_key((words[0], words[-1]))} if words else set()
    return {key for key in keys if " " in key}


def _items(records: Records) -> Iterable[Item]:
    return (*records.events.values(), *records.messages.values())


# -- what is written outside and in the outbox -------------------------------------------------------------------------


def _take_back(ledger: Ledger, world: World, entry: Entry) -> str:
    """Take ``entry`` back where it still stands. Return where it stays: the user changed it, or nobody gets there."""
    if entry.state not in OPEN_STATES:
        return ""
    kind, sink, account = (
        ("draft", world.drafts, world.settings.drafts)
        if entry.is_draft
        else ("reminder", world.reminders, world.settings.reminders)
    )
    key = ledger.alias(entry.outside)
    place = f"{entry.account}: {kind} {key[:8]}"
    if sink is None or entry.account != account:
        return place if entry.ref is not None else ""
    if entry.state == "edited" and entry.ref is not None:
        return place  # its fingerprint may be that of the user's own words
    if entry.is_amending and world.reminders is not None:
        entry = amend(ledger, world.reminders, entry)  # else what Kith wrote itself would be taken for an edit
    # a row that was never settled may have been written all the same, just before a crash
    receipt = (
        sink.find(key) if entry.ref is None else Receipt(key=key, ref=entry.ref, fingerprint=entry.fingerprint or "")
    )
    try:
        if receipt is not None:
            sink.withdraw(receipt)
    except Edited:
        return place
    return ""


def _clear_outbox(ledger: Ledger, entries: Iterable[Entry], left: Iterable[str], traces: Traces) -> None:
    """Erase rows. What others were told in them, or still are, is remembered without the name."""
    left = set(left)
    over = [entry for entry in entries if entry.key in left or entry.state not in OPEN_STATES]
    kept = [rest for entry in over if (rest := _rest(entry, traces)) is not None]
    ledger.erase("entries", {entry.key for entry in entries} - {entry.key for entry in kept})
    ledger.save_entries(kept)


def _rest(entry: Entry, traces: Traces) -> Entry | None:
    """Return what of ``entry`` is about others, None if nothing is."""
    people = [who for who in (entry.person, *entry.also) if who not in traces.ids]
    if not people or entry.kind == "introduction" or {entry.to, entry.second} & traces.addresses:
        return None
    evidence = tuple(key for key in entry.evidence if not traces.lead(key))
    return replace(
        entry,
        person=people[0],
        also=tuple(people[1:]),
        fact=entry.fact if entry.fact.rpartition("\t")[2] not in traces.addresses else "",
        evidence=evidence,
        title=traces.redacted(entry.title),
        body=traces.redacted(entry.body),
        html="",
        to_name="" if traces.named(entry.to_name) else entry.to_name,
        amended=None,
    )


# -- decisions and records ---------------------------------------------------------------------------------------------


def _clear_decisions(ledger: Ledger, traces: Traces) -> None:
    """Erase what was decided about them; in notes about others their name is left out."""
    decisions = ledger.decisions()
    about = [item for item in decisions if not traces.ids.isdisjoint((item.about, item.value))]
    about += [item for item in decisions if item.about in traces.addresses or item.value in traces.addresses]
    about += [item for item in decisions if item.key in {f"{TOLD}{source}" for source in traces.sources}]
    ledger.erase("decisions", {item.key for item in about})
    ledger.save_decisions(clean for item in decisions if item not in about and (clean := _clean(item, traces)) != item)


def _clean(item: Decision, traces: Traces) -> Decision:
    return replace(item, value=traces.redacted(item.value), reason=traces.redacted(item.reason))


def _scrub(ledger: Ledger, records: Records, sources: frozenset[str]) -> None:
    """Store every record again without the forgotten; a mail or event that was with nobody else goes as a whole."""
    is_forgotten = cache(ledger.is_forgotten)
    stored: list[tuple[str, Item]] = [*records.events.items(), *records.messages.items()]
    for key, item in stored:
        clean = forgotten.without_forgotten(item, is_forgotten)
        if item.key in sources:
            clean = forgotten.untitled(clean)
        if clean == item and item.key not in sources:
            continue
        if _with_nobody(clean):
            ledger.save_records((), [key])
        else:
            ledger.save_records([clean])
    named = [key for key, item in articles(ledger).items() if forgotten.is_named_in(item, is_forgotten)]
    save_articles(ledger, (), named)


def _with_nobody(item: Item) -> bool:
    if isinstance(item, Message):
        return not (item.to or item.cc or item.bcc)
    return not item.title and not item.guests
