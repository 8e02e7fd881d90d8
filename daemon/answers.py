"""What does an answer decide? Words and lines of the user's become decisions, under keys that stay: pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import sha256

from connectors.records import Event
from daemon.detect import card_decision, same_name
from daemon.grammar import Line, Said
from daemon.model import Decision, Entry, Person, Settings, Touchpoint, Vocabulary, instant, local_day
from daemon.names import fold
from daemon.whom import meant

SIGNS: Mapping[str, str] = {"called": "call", "spoke": "call", "met": "one-to-one"}
MARKED: frozenset[str] = frozenset({"never", "key"})
DEFAULT_PROMISE = timedelta(days=7)
"""When a promise without a day is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What deciding needs to know: the words, whose names they may be, what was decided before, and the day."""

    settings: Settings
    vocabulary: Vocabulary
    templates: Mapping[str, str]
    people: Mapping[str, Person]
    events: Mapping[str, Event]
    decisions: Sequence[Decision]
    new_id: Callable[[str], str]
    now: datetime
    touchpoints: Mapping[str, Sequence[Touchpoint]] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The user's day."""
        return local_day(self.now, self.settings.me.zone)

    def decided(self, entry: Entry, said: Iterable[Said | Line]) -> Mapping[str, Decision]:
        """Return what was ``said`` in ``entry`` decides, by key."""
        items = tuple(said)
        made = [item for one in items if isinstance(one, Said) for item in self._said(entry, one)]
        made += self._of_lines(entry, [one for one in items if isinstance(one, Line)])
        return {item.key: item for item in made}

    def _said(self, entry: Entry, said: Said) -> Iterator[Decision]:
        if entry.kind == "introduction" and self._is_yes(said):
            # who agreed to what; an x or a tick says the same here
            return iter([self.decision(f"hand/{entry.key}/agreed", "agreed", entry.person, entry.fact)])
        return self.of_word(f"hand/{entry.key}", entry.person, entry.key, said)

    def _is_yes(self, said: Said) -> bool:
        return said.word == "x" or (said.word == "note" and fold(said.text).strip(" .!") in self.vocabulary["said-yes"])

    def of_word(self, place: str, person: str, fact: str, said: Said) -> Iterator[Decision]:
        """Yield what a word decides about ``person``; ``place`` is where it was said, ``fact`` what about."""
        key = f"{place}/{said.word}"
        if said.word in SIGNS:
            key = f"{key}/{said.day or ''}"
            yield self.decision(key, "sign", person, SIGNS[said.word], at=self.on(said.day))
        elif said.word in MARKED:
            yield self.decision(key, "mark", person, said.word)
        elif said.word == "x":
            yield self.decision(key, "x", person, fact)
        elif said.word == "promised":
            yield self.promise(key, person, said.text, said.day)
        if said.text and said.word != "promised":
            yield self.decision(f"{key}/{_hash(said.text)}", "note", person, said.text)

    # -- debriefs ------------------------------------------------------------------------------------------------------

    def _of_lines(self, entry: Entry, lines: Sequence[Line]) -> Iterator[Decision]:
        """Yield what the lines of a debrief say; a promise of the evening may be to somebody of another line."""
        told: list[tuple[str, str]] = []
        for line in lines:
            made = [*self._of_line(entry, line)] if line.about in {"expected", "new"} else []
            told += [(item.value, item.about) for item in made if item.kind == "card"]
            yield from made
        for line in lines:
            if line.promised and line.about not in {"expected", "new"}:
                yield from self._of_evening(entry, line, told)

    def _of_line(self, entry: Entry, line: Line) -> Iterator[Decision]:
        if line.kind == "several" or not line.name:
            return
        if line.no:
            yield from self._refused(entry, line)
            return
        card = self._card(entry, line)
        yield card
        key, at = f"hand/{entry.key}/{card.about}", self._met_at(entry)
        if line.x:
            yield self.decision(f"{key}/x", "x", card.about, entry.fact, at=at)
        if line.note:
            yield self.decision(f"{key}/note", "note", card.about, line.note, at=at)
        if line.promised:
            yield self.promise(f"{key}/promised", card.about, line.promised, line.day, at=at)

    def _of_evening(self, entry: Entry, line: Line, told: Sequence[tuple[str, str]]) -> Iterator[Decision]:
        """Yield a promise that stands by itself: to whom its line names, else to whom alone all of it is about."""
        about = "" if line.name or entry.also or entry.kind == "roundup" else entry.person
        if line.name:
            about = self._among(line.name, told)
        if line.name and not about:
            person = meant(line.name, self.people, self.touchpoints, self.vocabulary, self.now)
            card = None if person is not None else self._card(entry, line)
            about = card.about if card is not None else person.id if person is not None else ""
            if card is not None:
                yield card
        if about:
            key = f"hand/{entry.key}/{about}/promised"
            yield self.promise(key, about, line.promised, line.day, at=self._met_at(entry))

    def _among(self, name: str, told: Sequence[tuple[str, str]]) -> str:
        """Return whom of those ``told`` about ``name`` means, in full or by first name; "" for nobody or several."""
        full = {who for called, who in told if same_name(called, name)}
        first = {who for called, who in told if same_name((called.split() or [""])[0], name)}
        found = full or first
        return found.pop() if len(found) == 1 else ""

    def _refused(self, entry: Entry, line: Line) -> Iterator[Decision]:
        """ "no" alone: not a person for the user; of somebody unknown nothing is remembered at all."""
        person = self._known(entry, line)
        if person is not None:
            yield self.decision(f"hand/{entry.key}/{person.id}/no", "mark", person.id, "muted")

    def _card(self, entry: Entry, line: Line) -> Decision:
        """Return the card of a line; with an address it is a person's, somebody known keeps theirs."""
        known = self._known(entry, line)
        addresses = [line.address] if line.address else []
        if known is not None and not addresses:
            addresses = [*known.addresses[:1]]
        met = line.about in {"expected", "new"}
        return card_decision(
            known.name if known is not None and known.name else line.name,
            self._met_at(entry),
            "debrief" if met else "typed",
            new_id=self.new_id,
            addresses=addresses,
            event=entry.fact if met and entry.kind == "debrief" else None,
        )

    def _known(self, entry: Entry, line: Line) -> Person | None:
        """Return whom a line means: somebody expected, by full or first name; else the only one of that full name."""
        expected = [self.people[who] for who in (entry.person, *entry.also) if who in self.people]
        found = [person for person in expected if same_name(person.name, line.name)]
        if not found and len(line.name.split()) > 1:
            found = [person for person in self.people.values() if same_name(person.name, line.name)]
        if not found and len(line.name.split()) == 1:
            found = [person for person in expected if same_name((person.name.split() or [""])[0], line.name)]
        return found[0] if len(found) == 1 else None

    def _met_at(self, entry: Entry) -> datetime:
        event = self.events.get(entry.fact)
        return self.now if event is None else min(instant(event.start, self.settings.me.zone), self.now)

    # -- decisions -----------------------------------------------------------------------------------------------------

    def promise(self, key: str, person: str, text: str, due: date | None, *, at: datetime | None = None) -> Decision:
        """Return a promise, due on its day, else in a week."""
        day = due or local_day(at or self.now, self.settings.me.zone) + DEFAULT_PROMISE
        key = f"{key}/{_hash(text)}"
        return self.decision(key, "promise", person, text, reason=day.isoformat(), at=at)

    def decision(
        self, key: str, kind: str, about: str, value: str, *, reason: str = "", at: datetime | None = None
    ) -> Decision:
        """Return a decision; one that was made before, saying the same, keeps its time."""
        before = next((item for item in self.decisions if item.key == key), None)
        same = before is not None and (before.about, before.value) == (about, value)
        when = before.at if before is not None and same else at or self.now
        return Decision(key=key, at=when, kind=kind, about=about, value=value, reason=reason)

    def on(self, day: date | None) -> datetime:
        """Return when something of ``day`` was, None: now."""
        if day is None or day >= self.today:
            return self.now
        return datetime.combine(day, time(12), tzinfo=self.settings.me.zone)


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:10]
