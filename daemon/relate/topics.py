"""What does a person care about? Words of meeting titles and subjects, tags, and what the user noted, with evidence.

``needs:``, ``offers:`` and ``interests:`` in a note are the user's own words and weigh most; a title word counts by the
days on which it stood between the two. Names, stop words of any language and boilerplate say nothing (PRACTICE 5.7).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import Literal, TypeAlias

from daemon import names
from daemon.grammar import Wanted, wanted
from daemon.model import Decision, Person, State, Touchpoint, Vocabulary, days_between, local_day

TopicSource: TypeAlias = Literal["needs", "offers", "interests", "tag", "title"]
NOTED: frozenset[str] = frozenset({"needs", "offers", "interests"})
LATEST = 400
"""Touches of a person that are read, the latest."""
MOST = 40
"""Words from titles that are told of one person."""
HALF_LIFE = 365.0
"""Days after which a title word weighs half."""
SHORTEST = 3
TITLE_LIMIT = 200
_EMPTY = ("quote-generic", "quote-dates", "quote-automatic", "quote-talk", "quote-with", "open-words", "small-words")
"""Lists whose words are no topic of anybody's: of every meeting, every mail, every evening."""
_EVIDENCE = 5
_WORD = re.compile(r"[^\W\d_][^\W_]*(?:[-'’][^\W_]+)*")
_UNSAID: frozenset[str] = frozenset({"note", "copied", "gathering", "routine-meeting"})
"""Kinds of touch whose title is about something else than the two."""
_TITLE_WEIGHT, _TAG_WEIGHT = 0.5, 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A word or phrase that a person cares about."""

    word: str
    """Folded as ``daemon.names.fold`` does: case and accents gone; one word, or a noted phrase."""
    shown: str
    """As the user or a title wrote it last."""
    source: TopicSource
    weight: float
    """1 for what the user noted, 0.8 for a tag, up to 0.5 for a word of titles."""
    evidence: tuple[str, ...]
    """Keys of the touchpoints or decisions it was read in, the latest first; for a tag ``tag/NAME``."""

    @property
    def words(self) -> tuple[str, ...]:
        """The single folded words of it."""
        return names.words(self.shown)


def topics(person: str, state: State) -> tuple[Topic, ...]:
    """Return what ``person`` cares about, the weightiest first, then by word; facts later than today are invisible."""
    return Topics(state).of(person)


class Topics:
    """What everybody cares about on the day of ``state``: for asking of several people."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._notes: dict[str, list[Decision]] = {}
        for item in state.decisions:
            if item.kind == "note" and item.at <= state.now:
                self._notes.setdefault(item.about, []).append(item)

    def of(self, person: str) -> tuple[Topic, ...]:
        """Return what ``person`` cares about, the weightiest first, then by word; nothing of somebody unknown."""
        somebody = self.state.people.get(person)
        if somebody is None:
            return ()
        refused = {names.fold(item.text) for _, item in self.noted(person, "not")}
        said = [topic for topic in (*self._said(person), *_tagged(somebody, self.state)) if topic.word not in refused]
        taken = refused | {topic.word for topic in said}
        read = (topic for topic in self._read(somebody) if topic.word not in taken)
        return tuple(sorted((*said, *read), key=lambda topic: (-topic.weight, topic.source, topic.word)))

    def noted(self, person: str, *kinds: str) -> Sequence[tuple[Decision, Wanted]]:
        """Return what holds of what the user noted of ``person`` behind a label (``grammar.Want``), the latest first.

        The latest note with a label replaces what was said under it before; an empty one takes it back. What stands in
        quotes, was refused as a topic or is a reason to congratulate adds up.
        """
        found: list[tuple[Decision, Wanted]] = []
        replaced: set[str] = set()
        for note in sorted(self._notes.get(person, ()), key=lambda item: (item.at, item.key), reverse=True):
            items = [item for item in wanted(note.value, self.state.vocabulary) if item.kind not in replaced]
            found += [(note, item) for item in items if item.text and item.kind in (kinds or NOTED)]
            replaced |= {item.kind for item in items} & NOTED
        return found

    def everybody(self, kind: str) -> Iterator[tuple[str, Decision, Wanted]]:
        """Yield what holds of all that was noted behind the label ``kind``: of whom, where, and what."""
        for person in sorted(self._notes):
            yield from ((person, note, item) for note, item in self.noted(person, kind))

    @cached_property
    def content(self) -> Content:
        """What tells the words of a title that say something."""
        return Content(self.state.vocabulary, self.state.settings.me.language)

    @cached_property
    def _called(self) -> frozenset[str]:
        """The words of all full names known: nobody cares about them."""
        return frozenset(word for one in self.state.people.values() for word in names.words(one.name))

    def _said(self, person: str) -> Iterator[Topic]:
        for note, item in self.noted(person):
            source: TopicSource = item.kind  # type: ignore[assignment]
            yield Topic(word=names.fold(item.text), shown=item.text, source=source, weight=1.0, evidence=(note.key,))

    def _read(self, person: Person) -> Iterable[Topic]:
        """Return the words of titles between the two: by the days each was used on, old ones fading."""
        state, own = self.state, _hosts(person, self.state)
        past = [item for item in state.touchpoints.get(person.id, ())[-LATEST:] if item.at <= state.now]
        found: dict[str, _Read] = {}
        for item in reversed([item for item in past if _is_between(item)]):
            day, age = local_day(item.at, state.settings.me.zone), days_between(item.at, state.now)
            for word, shown in self.content.of(item.title):
                if word not in own and word not in self._called:
                    found.setdefault(word, _Read(shown)).add(day, 0.5 ** (age / HALF_LIFE), item.key)
        best = sorted(found.items(), key=lambda pair: (-pair[1].weight, pair[0]))[:MOST]
        return [read.topic(word) for word, read in best]


@dataclass(slots=True)
class _Read:
    """A word of titles: the days it stood on, what they weigh, and where it stood."""

    shown: str
    days: set[date] = field(default_factory=set)
    weight: float = 0.0
    evidence: list[str] = field(default_factory=list)

    def add(self, day: date, weight: float, key: str) -> None:
        """Count one more title; another one of the same day is evidence only."""
        self.weight += 0.0 if day in self.days else weight
        self.days.add(day)
        if len(self.evidence) < _EVIDENCE:
            self.evidence.append(key)

    def topic(self, word: str) -> Topic:
        """Return the word as a topic."""
        weight = _TITLE_WEIGHT * self.weight / (self.weight + 1)
        return Topic(word=word, shown=self.shown, source="title", weight=weight, evidence=tuple(self.evidence))


def _tagged(person: Person, state: State) -> Iterator[Topic]:
    wishes = (state.settings.people[address] for address in person.addresses if address in state.settings.people)
    for tag in dict.fromkeys(tag for wish in wishes for tag in wish.tags):
        yield Topic(word=names.fold(tag), shown=tag, source="tag", weight=_TAG_WEIGHT, evidence=(f"tag/{tag}",))


def _is_between(item: Touchpoint) -> bool:
    return not item.private and item.kind not in _UNSAID and bool(item.title)


def _hosts(person: Person, state: State) -> frozenset[str]:
    """Return the words of the addresses of ``person`` and the user: names and companies."""
    return frozenset(
        word
        for address in (*person.addresses, *state.settings.me.addresses)
        for word in names.words(address.replace(".", " ").replace("-", " "))
    )


@lru_cache(maxsize=4)
def _spoken(stops: tuple[tuple[str, frozenset[str]], ...]) -> Mapping[str, Sequence[str]]:
    """Return in which languages each word is a stop word."""
    found: dict[str, list[str]] = {}
    for language, words in stops:
        for word in words:
            found.setdefault(word, []).append(language)
    return found


class Content:
    """Which words of a title say what it is about? Those that are no stop words of the language it seems to be in."""

    def __init__(self, vocabulary: Vocabulary, *languages: str) -> None:
        """``languages`` are those that any title may be in, beside English."""
        self._empty = frozenset(names.fold(word) for name in _EMPTY for word in vocabulary[name])
        self._always = frozenset().union(*(vocabulary[f"stop-{language}"] for language in ("en", *languages)))
        self._stops = {language: vocabulary[f"stop-{language}"] for language in sorted(vocabulary["stop-languages"])}
        self._spoken = _spoken(tuple(self._stops.items()))
        self._known: dict[str, tuple[tuple[str, str], ...]] = {}

    def of(self, title: str) -> tuple[tuple[str, str], ...]:
        """Return the words of ``title`` that say something, each folded, and as it stands there."""
        if title not in self._known:
            found = [(names.fold(word), word) for word in _WORD.findall(title[:TITLE_LIMIT])]
            stops = self._likely([word for word, _ in found])
            said = ((word, shown) for word, shown in found if len(word) >= SHORTEST and word not in stops)
            self._known[title] = tuple(dict(said).items())
        return self._known[title]

    def _likely(self, words: Sequence[str]) -> Collection[str]:
        """Return what says nothing in a title of ``words``: with two stop words of a language it is in that one."""
        hits = Counter(language for word in words for language in self._spoken.get(word, ()))
        most = max(hits.values(), default=0)
        mine = [self._stops[language] for language, count in hits.items() if count == most > 1]
        stops = (self._empty, self._always, *mine)
        return {word for word in words if any(word in some for some in stops)}
