"""What are the facts behind a number, in words? Keys of events, mails, persons and entries become a line each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from daemon.model import Entry, Person, Touchpoint
from daemon.page.text import line, number
from daemon.page.values import Facts
from daemon.review import Occasion, Survey

MOST = 60
"""Lines that a number unfolds to; how many more there are is said."""
HIDING: frozenset[str] = frozenset({"muted", "never"})
UNNAMED = "somebody you muted"
KINDS: Mapping[str, str] = {
    "one-to-one": "one-to-one",
    "small-group": "met in a small group",
    "gathering": "met at a gathering",
    "routine-meeting": "met as always",
    "call": "called",
    "wrote": "wrote",
    "heard": "heard from",
    "copied": "on a mail with others",
    "introduction": "introduced",
    "forwarded": "passed on",
    "note": "noted",
}


class Teller:
    """Tells facts by their keys. ``wanted`` are the keys of the records that will be asked for."""

    def __init__(self, survey: Survey, wanted: Iterable[str]) -> None:
        self._zone = survey.state.settings.me.zone
        self._people = survey.state.people
        self._occasions = {item.key: item for item in survey.occasions}
        self._entries = {item.key: item for item in survey.state.entries}
        self._letters = {item.key: item.at for item in survey.letters}
        self._firsts = {item.person: item for item in survey.firsts}
        self._present = survey.present
        self._hidden = frozenset(who for who, item in survey.opinions.items() if item.marks & HIDING)
        self._touches = _by_source(survey.state.touchpoints, frozenset(wanted))

    def name(self, who: str) -> str:
        """Return how a person is called; whom the user does not want to read of is not named."""
        return UNNAMED if who in self._hidden else called(self._people.get(who))

    def day(self, at: datetime) -> str:
        """Return a day of the user's."""
        local = at.astimezone(self._zone)
        return f"{local:%a} {local.day} {local:%b %Y}"

    def moment(self, at: datetime) -> str:
        """Return a time of a day of the user's."""
        return f"{self.day(at)}, {at.astimezone(self._zone):%H:%M}"

    def event(self, key: str) -> str:
        """Return an event: when, what, and for how long it counted."""
        item = self._occasions.get(key)
        return "an event that is not there any more" if item is None else self._occasion(item)

    def _occasion(self, item: Occasion) -> str:
        with_hidden = not self._hidden.isdisjoint(self._present.get(item.key, ()))
        title = "private" if item.private or with_hidden else line(item.title) or "without a title"
        return f"{self.moment(item.start)}: {title} ({number(item.hours)} h)"

    def record(self, key: str) -> str:
        """Return a meeting, call or mail: when, how, with whom, and what about."""
        facts = self._touches.get(key, ())
        if not facts:
            return self._unseen(key)
        first = facts[0]
        names = [self.name(item.person) for item in facts]
        others = f" and {len(names) - 3} more" if len(names) > 3 else ""
        quoted = first.title and not first.private and self._hidden.isdisjoint(item.person for item in facts)
        about = f": {line(first.title)}" if quoted else ""
        return f"{self.day(first.at)}, {KINDS[first.kind]}: {', '.join(names[:3])}{others}{about}"

    def _unseen(self, key: str) -> str:
        if key in self._entries:
            return self.entry(key)
        at = self._letters.get(key)
        return (
            "a record that is not there any more" if at is None else f"{self.day(at)}: a mail to several, or to a list"
        )

    def entry(self, key: str) -> str:
        """Return a reminder or a draft: what it said, and what became of it."""
        item = self._entries.get(key)
        if item is None:
            return "an entry that is not there any more"
        return UNNAMED if not self._hidden.isdisjoint((item.person, *item.also)) else self._written(item)

    def _written(self, item: Entry) -> str:
        when = item.start or item.decided
        to = f", to {self.name(item.person)}" if item.kind == "draft" else ""
        return f"{'' if when is None else f'{self.day(when)}, '}{line(item.title)}{to}: {item.state}"

    def met(self, who: str) -> str:
        """Return a person who was met for the first time: when, where, and what the user did then."""
        item = self._firsts.get(who)
        if item is None or who in self._hidden:
            return self.name(who)
        title = f", {line(item.fact.title)}" if item.fact.title and not item.fact.private and not item.guess else ""
        guess = " (a guess)" if item.guess else ""
        then = "not yet followed up" if item.step is None else f"followed up {self.day(item.step.at)}"
        return f"{self.name(who)}: {self.day(item.at)}{title}{guess}; {then}"

    def facts(self, shown: str, keys: Sequence[str], told: Callable[[str], str]) -> Facts:
        """Return a number with a line for each of ``keys``."""
        return Facts(shown=shown, lines=tuple(map(told, keys[:MOST])), more=max(0, len(keys) - MOST))


def called(person: Person | None) -> str:
    """Return how ``person`` is called on the page: by name, else by an address."""
    if person is None:
        return "somebody who is not there any more"
    return line(person.name or next(iter(person.addresses), person.id)) or person.id


def _by_source(
    touchpoints: Mapping[str, Sequence[Touchpoint]], wanted: frozenset[str]
) -> Mapping[str, Sequence[Touchpoint]]:
    found: dict[str, list[Touchpoint]] = {}
    for facts in touchpoints.values():
        for item in facts:
            if item.source in wanted:
                found.setdefault(item.source, []).append(item)
    return found
