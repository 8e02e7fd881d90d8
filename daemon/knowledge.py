"""What is known, and what came to differ? The facts of a ledger, kept from one look to the next.

``kith run`` keeps one ``Knowledge`` beside its ledger, so that a tick costs what changed; every other command makes one
anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from daemon.derived import Derived, Rows, View, derived, differences, examine, rows_of, store
from daemon.detect import Chronicle, by_person, changed_facts, changed_people
from daemon.learning import RECORDS, constants, follow, learned
from daemon.ledger import DERIVED, Ledger
from daemon.memory import give_back
from daemon.model import Person, Settings, Verdict, Vocabulary
from daemon.outlook import Outlook
from daemon.relate import Summaries
from daemon.shelf import Shelf

FACTS = ("people", "touchpoints")
MANY = 2_000
"""Records from which on one that lasts has them studied in a copy of its process: the memory that takes comes back."""


class Knowledge:
    """The facts of a ledger. ``lasting``: to be asked again, so that what changes then costs only itself.

    A lasting one belongs to the ledger's one writer: what it says inside a unit of work is to be saved there, and after
    an error it is to be thrown away together with the ledger.
    """

    def __init__(self, *, lasting: bool = False) -> None:
        self._lasting = lasting
        self._begin(None)

    def _begin(self, ledger: Ledger | None) -> None:
        """Know nothing of ``ledger`` yet."""
        self._ledger = ledger
        self._ids: dict[str, str] = {}
        self._known: Derived | None = None
        self._rows: Rows | None = None
        """What is to be saved; None: all that is stored otherwise."""
        self._unsaved = False
        self._seen = 0
        self.summaries = Summaries()
        self._outlook: Outlook | None = None
        self._under: object = None
        self.shelf: Shelf | None = None
        self._chronicle: Chronicle | None = None

    def let_go(self) -> None:
        """Know nothing any more: what was saved is read again when it is asked for."""
        self._begin(None)

    def is_heavy(self, ledger: Ledger) -> bool:
        """Tell whether reading all of ``ledger`` should not be left to this process, which goes on."""
        return self._lasting and sum(len(ledger.table(name)) for name in RECORDS) >= MANY

    def outlook(self, settings: Settings, vocabulary: Vocabulary) -> Outlook:
        """Return what stands ahead of a user with these ``settings``."""
        if self._outlook is None or not self._outlook.serves(settings, vocabulary):
            self._outlook = Outlook(settings, vocabulary)
        return self._outlook

    def aliases(self, ledger: Ledger, people: Iterable[Person]) -> Mapping[str, str]:
        """Return the ids of ``people`` by every id that one of their addresses ever gave (RULINGS C6)."""
        found: dict[str, str] = {}
        for person in people:
            for address in person.addresses:
                if address not in self._ids:
                    self._ids[address] = ledger.person_id(address)
                found[self._ids[address]] = person.id
            found.update((card, person.id) for card in person.cards)
        return found | {person.id: person.id for person in people}

    # -- what holds now ------------------------------------------------------------------------------------------------

    def facts(self, view: View) -> Derived:
        """Return the facts that hold now: those known or stored if they still do, else derived again."""
        if self._ledger is not view.ledger or self._unsaved:
            self._begin(view.ledger)
        if self._known is not None and self._is_current(view, self._known):
            self._seen = max(self._seen, view.ledger.sequence)
        else:
            self._known = self._followed(view)  # nothing that is known no more stays while all is read
        if self._lasting:
            view.ledger.forget_changes(min(self._seen, view.ledger.sequence))
        if self._known is None:
            self._known = self._stored(view) or self._studied(view)
        return self._known

    def verdicts(self, view: View) -> Mapping[str, Verdict] | None:
        """Return what every record came to, None where that is not kept: then it is to be derived."""
        self.facts(view)
        return None if self._chronicle is None else self._chronicle.verdicts()

    def _is_current(self, view: View, known: Derived) -> bool:
        """Tell whether ``known`` holds now, and records and facts are stored as they were when it was saved."""
        ledger = view.ledger
        if not known.holds(view.ruleset, view.now):
            return False
        if self._seen > ledger.sequence:  # saved in the unit of work under way
            return _is_stored(ledger, known)
        changed = ledger.changed(self._seen)
        return changed is not None and not any(map(changed.get, RECORDS + FACTS)) and _is_stored(ledger, known)

    def _stored(self, view: View) -> Derived | None:
        meta = view.ledger.meta(DERIVED)
        if meta is None:
            return None
        bare = Derived.bare(meta)
        if not bare.holds(view.ruleset, view.now):
            return None
        self._seen = view.ledger.sequence
        people = tuple(sorted(view.ledger.people(), key=lambda person: person.id))
        return replace(bare, people=people, by_person=by_person(view.ledger.touchpoints()))

    def _studied(self, view: View) -> Derived:
        self._rows, self._unsaved = None, True
        if not self._lasting:
            return derived(view, examine(view))
        view.ledger.tidy()
        give_back()
        self._under = constants(view)
        apart = self.is_heavy(view.ledger)
        known, self._rows, self.shelf, self._chronicle = learned(view, apart=apart)
        return known

    # -- what came to differ -------------------------------------------------------------------------------------------

    def _followed(self, view: View) -> Derived | None:
        """Follow what changed since the last time; None where that cannot be: then nothing is known any more."""
        known, shelf, chronicle, change = self._known, self.shelf, self._chronicle, None
        changed = None if shelf is None else view.ledger.changed(self._seen)
        if known is not None and shelf is not None and chronicle is not None and changed is not None:
            mine = self._seen <= view.ledger.sequence and not any(map(changed.get, FACTS))
            if mine and self._under == constants(view) and view.now >= shelf.now:
                change = follow(view, changed, shelf, chronicle, known.own)
        if known is None or shelf is None or change is None:
            self._begin(view.ledger)
            return None
        self._rows, self._unsaved = rows_of(change), True
        return Derived(
            people=changed_people(known.people, change),
            by_person=changed_facts(known.by_person, change),
            ruleset=view.ruleset,
            since=view.now,
            until=shelf.next_change(),
            earliest=shelf.earliest(),
            own=known.own,
        )

    def kept(self, facts: Derived) -> Derived:
        """Return ``facts``, those said last, without what only says how they came about."""
        if facts.full is not None:
            facts = replace(facts, full=None)
            self._known = facts
        return facts

    def save(self, ledger: Ledger, facts: Derived) -> int:
        """Store ``facts``, those said last, and return how many are others; nothing is written when none is."""
        if not self._unsaved:
            return 0
        rows = differences(ledger, facts) if self._rows is None else self._rows
        store(ledger, rows, facts)
        self._seen = ledger.next_sequence
        self._rows, self._unsaved = None, False
        return len(rows[1])


def _is_stored(ledger: Ledger, known: Derived) -> bool:
    return bool(ledger.meta(DERIVED) == known.document())
