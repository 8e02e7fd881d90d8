"""How is somebody erased everywhere? Records, facts, decisions, outbox, and what was written outside.

What the user has edited is the user's: it is named, not touched (RULINGS C30). Only salted hashes of the addresses and
the full name stay, so that no later import brings the person back.
"""

from __future__ import annotations

from collections.abc import Iterable

from connectors.records import Edited, Event, Item, Message, Receipt
from daemon import learn
from daemon.ledger import Ledger
from daemon.model import OPEN_STATES, Entry, Person, Records
from daemon.state import Memory
from daemon.tick import World


def forget_person(ledger: Ledger, world: World, memory: Memory, person: Person) -> tuple[str, ...]:
    """Erase ``person``. Return where something of the user's own still names them.

    Raises ConnectorError if what was written cannot be reached; nothing is erased then.
    """
    entries = [entry for entry in memory.state().entries if entry.person == person.id or person.id in entry.also]
    left = tuple(place for entry in entries if (place := _take_back(ledger, world, entry)))
    ids = {person.id, *(ledger.person_id(address) for address in person.addresses)}
    facts = [fact for fact in memory.facts.touchpoints if fact.person == person.id]
    ledger.never_again((*person.addresses, *_names(person)))
    with ledger.unit():
        _scrub(ledger, memory.records, {fact.source for fact in facts})
        ledger.erase("entries", [entry.key for entry in entries])
        about = [
            item.key for item in ledger.decisions() if ids & {item.about, item.value} or item.about in person.addresses
        ]
        ledger.erase("decisions", about)
    with ledger.unit():
        Memory(ledger, memory.settings, memory.vocabulary, memory.now, memory.accounts).save()
    ledger.burn()
    return left


def _take_back(ledger: Ledger, world: World, entry: Entry) -> str:
    sink = world.drafts if entry.kind == "draft" else world.reminders
    if sink is None or entry.ref is None or entry.state not in OPEN_STATES:
        return ""
    place = f"{entry.account}: {'draft' if entry.kind == 'draft' else 'reminder'} {ledger.alias(entry.key)[:8]}"
    try:
        sink.withdraw(Receipt(key=ledger.alias(entry.key), ref=entry.ref, fingerprint=entry.fingerprint or ""))
    except Edited:
        return place
    return ""


def _names(person: Person) -> Iterable[str]:
    words = person.name.split()
    return (learn.name_key(words),) if len(words) > 1 else ()


def _scrub(ledger: Ledger, records: Records, sources: set[str]) -> None:
    """Store every record again without the forgotten; a mail or event that was with nobody else goes as a whole."""
    stored: list[tuple[str, Item]] = [*records.events.items(), *records.messages.items()]
    for key, item in stored:
        clean = learn.without_forgotten(item, ledger.is_forgotten)
        if clean == item and item.key not in sources:
            continue
        if _with_nobody(clean):
            ledger.save_records((), [key])
        else:
            ledger.save_records([clean])


def _with_nobody(item: Event | Message) -> bool:
    if isinstance(item, Message):
        return not (item.to or item.cc or item.bcc)
    return not item.title and not item.guests
