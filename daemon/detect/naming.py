"""Which titles may mean somebody? The book of names, kept, and under their words the titles that were read by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from daemon import names
from daemon.detect import book, titles
from daemon.detect.book import Entries
from daemon.detect.many import Many
from daemon.detect.outcomes import Outcomes
from daemon.model import Vocabulary


class Naming:
    """The names of all persons, as ``book.name_book`` holds them, and the titles of events and mails to oneself."""

    def __init__(self, outcomes: Outcomes, me: str, vocabulary: Vocabulary) -> None:
        self._outcomes = outcomes
        self._vocabulary = vocabulary
        self._entries = Entries(vocabulary)
        self._times = _Times(outcomes)
        self.events = Many()
        self.mails = Many()
        self.book = self._entries.names(self._times, me)

    def list(self, index: Many, key: str, before: str | None, after: str | None) -> None:
        """Put the title ``after`` of ``key`` into ``index`` in the place of ``before``; None for none to be read."""
        old, new = (set() if title is None else self._words(title) for title in (before, after))
        for word in old - new:
            index.drop(word, key)
        for word in new - old:
            index.add(word, key)

    def _words(self, title: str) -> set[str]:
        said = titles.tokens(title, self._vocabulary)
        return {word for token in said for word in names.words(names.fold(token))}

    def rename(self, who: str, name: str) -> set[str]:
        """Call ``who`` ``name`` from now on ("": not at all); return the words of titles that may mean another."""
        return self._entries.call(who, name)

    def heard(self, who: str) -> Iterator[tuple[Many, str]]:
        """Yield the titles that may mean ``who``, or no more, because of the times at which they were touched."""
        self._times.forget(who)
        _, first, short = self._entries.of(who)
        words = {key[0] for key in (first, short) if key}
        listed = [(index, key) for word in words for index in (self.events, self.mails) for key in index.get(word)]
        if not listed:
            return
        before, after = self._outcomes.times(who, before=True), self._times[who]
        for index, key in listed:
            at = self._at(index, key)
            if at is not None and book.is_seen(before, at) != book.is_seen(after, at):
                yield index, key

    def _at(self, index: Many, key: str) -> datetime | None:
        if index is self.mails:
            return self._outcomes.letters[key].at
        return self._outcomes.meetings[key].start


class _Times(Mapping[str, Sequence[datetime]]):
    """When each leader was touched, in order, found when it is asked for."""

    def __init__(self, outcomes: Outcomes) -> None:
        self._outcomes = outcomes
        self._known: dict[str, list[datetime]] = {}

    def __getitem__(self, who: str) -> Sequence[datetime]:
        if who not in self._known:
            self._known[who] = self._outcomes.times(who)
        return self._known[who]

    def forget(self, who: str) -> None:
        """Ask again for the times of ``who``."""
        self._known.pop(who, None)

    def __iter__(self) -> Iterator[str]:
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError
