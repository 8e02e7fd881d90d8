"""What does the user answer in the calendar? What was typed into entries of ours becomes decisions (PRACTICE 6): pure.

Only entries that Kith wrote are read, and only what was added to them; whatever stands there is data: bounded, cleaned,
and never an error. The same text read twice is the same decisions, and a text that was changed takes back what the
earlier one said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from connectors.records import Event, Fate
from daemon import compose
from daemon.detect import card_decision, same_name
from daemon.grammar import Line, Said, answer, debrief, lines_added, title_answer
from daemon.model import (
    PROPOSED,
    Amendment,
    Decision,
    Entry,
    EntryState,
    Person,
    Settings,
    Vocabulary,
    instant,
    local_day,
)

READ: frozenset[str] = PROPOSED | {"promise", "debrief"}
"""Kinds of entry that may be answered in words."""
SETTLING: Mapping[str, EntryState] = {
    "done": "done",
    "called": "done",
    "spoke": "done",
    "met": "done",
    "no": "dismissed",
    "never": "dismissed",
}
SIGNS: Mapping[str, str] = {"called": "call", "spoke": "call", "met": "one-to-one"}
MARKED: frozenset[str] = frozenset({"never", "key"})
A_WHILE = timedelta(days=14)
"""How long "later" without a day is."""
DEFAULT_PROMISE = timedelta(days=7)
MOST_TEXT = 8_000
"""Characters of a title and text that are remembered as read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An entry after it was read, what the user decided in it, and keys of what was said before and is no more."""

    entry: Entry
    decisions: tuple[Decision, ...] = ()
    unsaid: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ear:
    """What reading needs to know: the words, whose names they may be, what was decided before, and the day."""

    settings: Settings
    vocabulary: Vocabulary
    templates: Mapping[str, str]
    people: Mapping[str, Person]
    events: Mapping[str, Event]
    decisions: Sequence[Decision]
    new_id: Callable[[str], str]
    now: datetime

    @property
    def today(self) -> date:
        """The user's day."""
        return local_day(self.now, self.settings.me.zone)

    def hear(self, entry: Entry, fate: Fate) -> Heard:
        """Return what ``fate`` says of ``entry``; nothing new where its text was read before or was never changed."""
        found = (fate.title[:MOST_TEXT], fate.body[:MOST_TEXT])
        if entry.kind not in READ or fate.state not in {"edited", "done"} or found == _read(entry):
            return Heard(entry=entry)
        read = replace(entry, found_title=found[0], found_body=found[1])
        return self._debrief(read, fate) if entry.kind == "debrief" else self._reminder(entry, read, fate)

    # -- reminders -----------------------------------------------------------------------------------------------------

    def _reminder(self, before: Entry, entry: Entry, fate: Fate) -> Heard:
        title, body = _read(before)
        said = [
            *title_answer(title, fate.title, self.today, self.vocabulary),
            *(item for line in lines_added(body, fate.body) for item in answer(line, self.today, self.vocabulary)),
        ]
        lines: tuple[Line, ...] = ()
        if entry.kind == "roundup":
            lines = debrief(entry.body, fate.body, self.today, self.vocabulary)
            said = list(title_answer(title, fate.title, self.today, self.vocabulary))
        decisions = [item for number, one in enumerate(said) for item in self._said(entry, one, number)]
        decisions += [item for line in lines for item in self._of_line(entry, line)]
        state = next((SETTLING[one.word] for one in said if one.word in SETTLING), None)
        if state is not None:
            return Heard(entry=replace(entry, state=state, settled=self.now, leaving=""), decisions=tuple(decisions))
        later = next((one.until or self.today + A_WHILE for one in said if one.word == "later"), None)
        return Heard(entry=self._snoozed(entry, later) if later else entry, decisions=tuple(decisions))

    def _said(self, entry: Entry, said: Said, number: int) -> Iterator[Decision]:
        person, key = entry.person, f"hand/{entry.key}/{said.word}/{number}"
        if said.word in SIGNS:
            yield self._decision(key, "sign", person, SIGNS[said.word], at=self._on(said.day))
        elif said.word in MARKED:
            yield self._decision(key, "mark", person, said.word)
        elif said.word == "x":
            yield self._decision(key, "x", person, entry.key)
        elif said.word == "promised":
            yield self._promise(key, person, said.text, said.day)
        if said.word == "note" or (said.text and said.word in SIGNS):
            yield self._decision(f"{key}/note", "note", person, said.text)

    def _snoozed(self, entry: Entry, until: date) -> Entry:
        """Return ``entry`` moved to ``until``, at its own time of day; the user's title stays (C40)."""
        if entry.start is None or entry.end is None:
            return entry
        zone = self.settings.me.zone
        start = datetime.combine(until, entry.start.astimezone(zone).time(), tzinfo=zone)
        if start <= self.now:
            return entry
        after = Amendment(title=entry.title, body=entry.body, start=start, end=start + (entry.end - entry.start))
        return replace(entry, amended=after)

    # -- debriefs ------------------------------------------------------------------------------------------------------

    def _debrief(self, entry: Entry, fate: Fate) -> Heard:
        lines = [*debrief(entry.body, fate.body, self.today, self.vocabulary)]
        noted = [line for line in lines if line.about in {"expected", "new"}]
        decisions = {item.key: item for line in lines for item in self._of_line(entry, line)}
        before = {item.key for item in self.decisions if item.key.startswith(f"hand/{entry.key}/")}
        before |= {item.key for item in self.decisions if item.kind == "card" and _told_at(item, entry)}
        promises = sum(item.kind == "promise" for item in decisions.values())
        wanted = sum(line.x for line in noted)
        if decisions or before:
            title = compose.noted(len(noted), wanted, promises, self.settings.me.language, self.templates)
            entry = self._noted(entry, title) if title else entry
        return Heard(entry=entry, decisions=tuple(decisions.values()), unsaid=tuple(sorted(before - decisions.keys())))

    def _noted(self, entry: Entry, title: str) -> Entry:
        start, end = entry.start or self.now, entry.end or self.now
        after = Amendment(title=title, body=entry.body, start=start, end=end)
        return replace(entry, state="noted", amended=after, settled=self.now, leaving="")

    def _of_line(self, entry: Entry, line: Line) -> Iterator[Decision]:
        if line.kind == "several" or (line.about == "evening" and not line.promised):
            return
        if line.no:
            yield from self._refused(entry, line)
            return
        if not line.name:
            return
        card = self._card(entry, line)
        yield card
        key, at = f"hand/{entry.key}/{card.about}", self._met_at(entry)
        if line.x:
            yield self._decision(f"{key}/x", "x", card.about, entry.fact, at=at)
        if line.note:
            yield self._decision(f"{key}/note", "note", card.about, line.note, at=at)
        if line.promised:
            yield self._promise(f"{key}/promise", card.about, line.promised, line.day, at=at)

    def _refused(self, entry: Entry, line: Line) -> Iterator[Decision]:
        """ "no" alone: not a person for the user; of somebody unknown nothing is remembered at all."""
        person = self._known(entry, line)
        if person is not None:
            yield self._decision(f"hand/{entry.key}/{person.id}/no", "mark", person.id, "muted")

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

    def _promise(self, key: str, person: str, text: str, due: date | None, *, at: datetime | None = None) -> Decision:
        day = due or local_day(at or self.now, self.settings.me.zone) + DEFAULT_PROMISE
        return self._decision(key, "promise", person, text, reason=day.isoformat(), at=at)

    def _decision(
        self, key: str, kind: str, about: str, value: str, *, reason: str = "", at: datetime | None = None
    ) -> Decision:
        before = next((item for item in self.decisions if item.key == key), None)
        same = before is not None and (before.about, before.value) == (about, value)
        when = before.at if before is not None and same else at or self.now
        return Decision(key=key, at=when, kind=kind, about=about, value=value, reason=reason)

    def _on(self, day: date | None) -> datetime:
        if day is None or day >= self.today:
            return self.now
        return datetime.combine(day, time(12), tzinfo=self.settings.me.zone)


def _read(entry: Entry) -> tuple[str, str]:
    """Return title and text as they were read last: ours before anything was."""
    return entry.found_title or entry.title, entry.found_body or entry.body


def _told_at(item: Decision, entry: Entry) -> bool:
    return item.key.startswith("card/") and item.key.endswith(f"/debrief/{entry.fact}")


def answered(heard: Iterable[Heard]) -> tuple[tuple[Decision, ...], tuple[str, ...]]:
    """Return all that was decided, and all that was taken back."""
    items = tuple(heard)
    return tuple(d for item in items for d in item.decisions), tuple(k for item in items for k in item.unsaid)
