"""What does the user answer in the calendar? What was typed into entries of ours becomes decisions (PRACTICE 6): pure.

Only entries that Kith wrote are read, and only what was added to them; whatever stands there is data: bounded, cleaned,
and never an error. The same text read twice is the same decisions, and a text that was changed takes back what the
earlier one said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from connectors.records import Fate
from daemon import compose
from daemon.answers import SIGNS, Answers
from daemon.grammar import Line, Said, answer, debrief, lines_added, title_answer
from daemon.model import OPEN_STATES, PROPOSED, Amendment, Decision, Entry, EntryState
from daemon.replied import replied
from daemon.whom import cards_alone

READ: frozenset[str] = PROPOSED | {"promise", "debrief", "review", "introduction"}
"""Kinds of entry that may be answered in words."""
SETTLING: Mapping[str, EntryState] = {
    "done": "done",
    "called": "done",
    "spoke": "done",
    "met": "done",
    "no": "dismissed",
    "never": "dismissed",
}
A_WHILE = timedelta(days=14)
"""How long "later" without a day is."""
MOST_ANSWERS = 50
"""Lines that are read as answers to one entry."""
MOST_TEXT = 8_000
"""Characters of a title and text that are remembered as read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An entry after it was read, what the user decided in it, and keys of what was said before and is no more."""

    entry: Entry
    decisions: tuple[Decision, ...] = ()
    unsaid: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What the user decided by a note on a person, and the reminder it answers, as it is then."""

    decisions: tuple[Decision, ...]
    answered: Entry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ear(Answers):
    """Reads what the user typed into entries of ours."""

    def hear(self, entry: Entry, fate: Fate) -> Heard:
        """Return what ``fate`` says of ``entry``; nothing new where its text was read before or was never changed."""
        if not says_more(entry, fate):
            return Heard(entry=entry)
        read = replace(entry, found_title=fate.title[:MOST_TEXT], found_body=fate.body[:MOST_TEXT])
        if entry.kind == "review":
            return self._review(entry, read)
        return self._debrief(entry, read) if entry.kind == "debrief" else self._reminder(entry, read)

    def note(self, person: str, text: str, entries: Iterable[Entry]) -> Noted:
        """Return what ``text``, said of ``person`` outside the calendar, decides; it may answer a reminder that stands.

        A text that is nothing but a note is kept as it is.
        """
        said = answer(text, self.today, self.vocabulary)
        if all(one.word == "note" for one in said):
            said = (Said(word="note", text=text.strip()),)
        dated = [replace(one, day=one.day or self.today) if one.word in SIGNS else one for one in said]
        decisions = tuple(item for one in dated for item in self.of_word(f"note/{person}", person, "", one))
        standing = next((item for item in entries if item.person == person and _is_standing(item)), None)
        settled = next((SETTLING[one.word] for one in said if one.word in {"done", "no", "never"}), None)
        later = next((one.until or self.today + A_WHILE for one in said if one.word == "later"), None)
        answered = None
        if standing is not None and settled is not None:
            answered = replace(standing, leaving=settled)
        elif standing is not None and later is not None:
            answered = self._snoozed(standing, later)
        return Noted(decisions=decisions, answered=None if answered == standing else answered)

    # -- reminders -----------------------------------------------------------------------------------------------------

    def _reminder(self, before: Entry, entry: Entry) -> Heard:
        was, said = self._answers(entry, *_read(before)), self._answers(entry, *_read(entry))
        decisions, unsaid = self._changed(entry, self.decided(entry, was), self.decided(entry, said))
        words = [one for one in said if isinstance(one, Said)]
        state = next((SETTLING[one.word] for one in words if one.word in SETTLING), None)
        if any(item.kind == "agreed" for item in decisions):
            state = "done"
        if state is not None:
            entry = replace(entry, state=state, settled=self.now, leaving="")
        later = next(
            (one.until or self.today + A_WHILE for one in words if one.word == "later" and one not in was), None
        )
        if later is not None and entry.state not in {"done", "dismissed"}:
            entry = self._snoozed(entry, later)
        return Heard(entry=entry, decisions=decisions, unsaid=unsaid)

    def _answers(self, entry: Entry, title: str, body: str) -> tuple[Said | Line, ...]:
        """Return what title and text of ``entry`` answer."""
        said: list[Said | Line] = [*title_answer(entry.title, title, self.today, self.vocabulary)]
        if entry.kind == "roundup":
            said += debrief(entry.body, body, self.today, self.vocabulary)
        else:
            added = lines_added(entry.body, body)[:MOST_ANSWERS]
            said += [item for line in added for item in answer(line, self.today, self.vocabulary)]
        return tuple(said)

    def _changed(
        self, entry: Entry, was: Mapping[str, Decision], said: Mapping[str, Decision]
    ) -> tuple[tuple[Decision, ...], tuple[str, ...]]:
        """Return what is decided now, and the keys of what was decided in ``entry`` before and is no more.

        What says the same as it did stays as it was decided: "by Friday" was the Friday of that week. A promise for
        another day is another one.
        """
        before = {item.key: item for item in self.decisions if item.key.startswith(f"hand/{entry.key}/")}
        before |= {item.key: item for item in self.decisions if item.kind == "card" and _told_at(item, entry)}
        made: dict[str, Decision] = {}
        for key, item in said.items():
            old = before.get(key) or next((one for name, one in before.items() if name.startswith(f"{key}/on/")), None)
            now = item
            if old is not None and was.get(key) == item:
                now = old
            elif old is not None and item.kind == "promise" and old.reason != item.reason:
                now = replace(item, key=f"{key}/on/{item.reason}")
            made[now.key] = now
        gone = {key: item for key, item in before.items() if key not in made}
        cards = cards_alone(gone, (*self.decisions, *made.values()))
        return tuple(made.values()), tuple(sorted({*gone, *cards} - made.keys()))

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

    def _debrief(self, before: Entry, entry: Entry) -> Heard:
        was, said = (
            debrief(entry.body, text, self.today, self.vocabulary) for text in (_read(before)[1], _read(entry)[1])
        )
        decisions, unsaid = self._changed(entry, self.decided(entry, was), self.decided(entry, said))
        noted = [line for line in said if line.about in {"expected", "new"}]
        promises = sum(item.kind == "promise" for item in decisions)
        if decisions or unsaid:
            wanted = sum(line.x for line in noted)
            title = compose.noted(len(noted), wanted, promises, self.settings.me.language, self.templates)
            entry = self._noted(entry, title) if title else entry
        return Heard(entry=entry, decisions=decisions, unsaid=unsaid)

    def _review(self, before: Entry, entry: Entry) -> Heard:
        was, said = (replied(self, entry, _read(each)[1]) for each in (before, entry))
        decisions, unsaid = self._changed(entry, was, said)
        if decisions or unsaid:
            calls = sum(item.kind == "sign" for item in decisions)
            others = sum(item.kind not in {"sign", "card"} for item in decisions)
            title = compose.noted_review(calls, others, self.settings.me.language, self.templates)
            entry = self._noted(entry, title if calls or others else entry.title)
        return Heard(entry=entry, decisions=decisions, unsaid=unsaid)

    def _noted(self, entry: Entry, title: str) -> Entry:
        start, end = entry.start or self.now, entry.end or self.now
        after = Amendment(title=title, body=entry.body, start=start, end=end)
        return replace(entry, state="noted", amended=after, settled=self.now, leaving="")


def says_more(entry: Entry, fate: Fate) -> bool:
    """Tell whether ``fate`` has a text of the user's that was not read yet."""
    found = (fate.title[:MOST_TEXT], fate.body[:MOST_TEXT])
    known = (_read(entry), (entry.found_title, entry.found_body))
    said = fate.state in {"edited", "done"} or _is_as_at_first(entry, fate, found[1])
    return entry.kind in READ and said and found not in known


def _read(entry: Entry) -> tuple[str, str]:
    """Return title and text as they were read last: ours before anything was."""
    return entry.found_title or entry.title, entry.found_body or entry.body


def _is_as_at_first(entry: Entry, fate: Fate, body: str) -> bool:
    """Tell whether the user took out again all that was read: the text is ours once more, and untouched."""
    noted = entry.kind in {"debrief", "review"} and bool(entry.found_body)
    return noted and fate.state in {"untouched", "moved"} and bool(body) and body != entry.found_body


def _is_standing(entry: Entry) -> bool:
    return entry.kind in {"follow-up", "reconnect"} and entry.state in OPEN_STATES - {"waiting"} and not entry.leaving


def _told_at(item: Decision, entry: Entry) -> bool:
    return item.key.startswith("card/") and item.key.endswith(f"/debrief/{entry.fact}")


def answered(heard: Iterable[Heard]) -> tuple[tuple[Decision, ...], tuple[str, ...]]:
    """Return all that was decided, and all that was taken back."""
    items = tuple(heard)
    return tuple(d for item in items for d in item.decisions), tuple(k for item in items for k in item.unsaid)
