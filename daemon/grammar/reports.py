"""With whom was the user in touch, by their own word? Own events, mails to oneself, review lines (N1).

What names somebody known in the ways of E9 ("called Ada") is read by ``detect.titles`` too, and its words are shared.
This grammar reads what E9 does not: the day, the German order ("Ada angerufen"), promises, and names not yet known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from daemon import names
from daemon.grammar.additions import foreign, lines_of
from daemon.grammar.answers import BREAKS
from daemon.grammar.days import looking_ahead, looking_back
from daemon.grammar.marks import is_passed_over
from daemon.grammar.promises import promise, receiver
from daemon.grammar.text import EDGES, kept, line_of, says
from daemon.grammar.who import is_somebody, name_at
from daemon.grammar.words import Words, words_of
from daemon.model import Vocabulary

TITLE_LIMIT = 200
MOST_NAMES = 10
MOST_LINES = 50
Told = Literal["call", "one-to-one", "small-group", "promised"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the user reports: the ``kind`` of touch, with whom (as typed), on which day, and what else is said.

    For a promise ``text`` is what was promised, to one person, and ``day`` until when; else ``day`` is past,
    None where none is named. A name in small letters is good for looking up, not for making somebody new.
    """

    kind: Told
    names: tuple[str, ...]
    day: date | None = None
    text: str = ""


def report(title: str, today: date, vocabulary: Vocabulary) -> Report | None:
    """Return what an own event or a mail to oneself reports; None for everything else.

    Orders to oneself ("Call Ada"), plans ("called tomorrow") and whatever else it might be report nothing.
    """
    words = words_of(line_of(title)[:TITLE_LIMIT])
    reader = _Reader(words, today, vocabulary)
    return reader.promised() or (None if reader.is_vetoed() else reader.front() or reader.behind())


def spoken(written: str, found: str, today: date, vocabulary: Vocabulary) -> tuple[Report, ...]:
    """Return whom the user spoke with, from the `spoke:` lines filled in the review, and other lines that report.

    A day belongs to the names before it that have none: "Anna, Karl yesterday" are both of yesterday.
    """
    ours = lines_of(written)
    waiting = [line for line in ours if line.endswith(":")]
    told: list[Report] = []
    for text, own in foreign(ours, lines_of(found)[: MOST_LINES + len(ours)], waiting):
        head, rest = (own, text) if own in waiting else ("", text)
        words = words_of(line_of(f"{head} {rest.strip(EDGES)}"))
        start = words.past(0, vocabulary["line-spoke"])
        if start and words.word(start) == ":":
            told.extend(_Reader(words, today, vocabulary).listed(start + 1))
        elif not head:
            one = report(text, today, vocabulary)
            told.extend([] if one is None else [one])
    return tuple(dict.fromkeys(told))


@dataclass(slots=True)
class _Names:
    """Names read from ``start`` on and where they end."""

    end: int
    said: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Reader:
    words: Words
    today: date
    vocabulary: Vocabulary

    def is_vetoed(self) -> bool:
        """Tell whether a word turns it round or makes it a plan, as for E9."""
        veto = self.vocabulary["title-veto"] | self.vocabulary["said-veto"] | self.vocabulary["said-missed"]
        return any(self.words.past(index, veto) > index for index in range(len(self.words)))

    def promised(self) -> Report | None:
        """Read "promised Karl the Graz study by 18 Feb" and "Karl die Graz-Studie versprochen"."""
        at, end = self._opened(0), len(self.words)
        start = self.words.past(at, self.vocabulary["said-promised"])
        if start == at:
            if not end or self.words.word(end - 1) not in self.vocabulary["promised-behind"]:
                return None
            start, end = at, end - 1
        name, start, until = receiver(self.words, start, self.vocabulary)
        until = min(until, end)
        made = promise(self.words, start, until, self.today, self.vocabulary)
        day = made.day or promise(self.words, until, end, self.today, self.vocabulary).day
        return Report(kind="promised", names=(name,), day=day, text=made.text) if name and made.text else None

    def front(self) -> Report | None:
        """Read "called Ada", "met Ada and Bob on Monday", "gestern mit Ada gesprochen" from its beginning."""
        at, day = self._dated(0)
        for kind, lists in _OPENINGS:
            for phrases in lists:
                after = self.words.past(at, self.vocabulary[phrases])
                if after > at:
                    after += self.words.word(after) == ":"
                    start = self.words.past(after, self.vocabulary["said-to"])
                    return self._report(kind, start, len(self.words), day)
        return None

    def behind(self) -> Report | None:
        """Read "Ada angerufen", "mit Ada telefoniert", "Ada gestern getroffen": the word stands last."""
        last = len(self.words) - 1
        while last > 0 and self.words.word(last) in BREAKS:
            last -= 1
        for kind, phrases in _BEHIND:
            if last > 0 and self.words.word(last) in self.vocabulary[phrases]:
                at, day = self._dated(0)
                return self._report(kind, self.words.past(at, self.vocabulary["said-to"]), last, day)
        return None

    def listed(self, start: int) -> Iterator[Report]:
        """Read "Anna, Karl yesterday": names, each a conversation of its own, and their days; no asides."""
        waiting: list[str] = []
        while start < len(self.words):
            day = looking_back(self.words, start, self.today, self.vocabulary) if waiting else None
            if day is not None:
                if day.day is not None:
                    yield Report(kind="call", names=tuple(dict.fromkeys(waiting)), day=day.day)
                waiting, start = [], day.after
                continue
            end = self._name(start, len(self.words)) if len(waiting) < MOST_NAMES else start
            if end > start:
                waiting.append(kept(self.words.text(start, end)))
            start = end + 1 if self.words.word(end) in self.vocabulary["and-words"] else self._past_aside(end, start)
        if waiting:
            yield Report(kind="call", names=tuple(dict.fromkeys(waiting)))

    def _past_aside(self, at: int, start: int) -> int:
        """Return where the next name may stand: at a day, or behind the next comma."""
        if at > start and looking_back(self.words, at, self.today, self.vocabulary) is not None:
            return at
        while at < len(self.words) and self.words.word(at) not in {",", ";"}:
            at += 1
        return at + 1

    # -- parts ---------------------------------------------------------------------------------------------------------

    def _report(self, kind: Told, start: int, end: int, day: date | None) -> Report | None:
        found = self._named(start, end)
        if not found.said:
            return None
        rest, said = found.end, ""
        if looking := looking_back(self.words, rest, self.today, self.vocabulary):
            if looking.day is None:
                return None
            day, rest = looking.day, looking.after
        if rest < end:
            if looking_ahead(self.words, rest, self.today, self.vocabulary) or not self._is_aside(rest):
                return None
            day, said = self._aside(rest, end, day)
        several = len(found.said) > 1
        return Report(kind="small-group" if several else kind, names=tuple(found.said), day=day, text=said)

    def _aside(self, start: int, end: int, day: date | None) -> tuple[date | None, str]:
        """Return the day and the text of what stands behind the names; a day ends it or stands alone."""
        for index in range(max(start, end - 6), end):
            found = looking_back(self.words, index, self.today, self.vocabulary)
            if found is not None and found.day is not None and found.after >= end:
                return day or found.day, kept(self.words.text(start, index))
        text = kept(self.words.text(start, end))
        return day, text if says(text) else ""

    def _is_aside(self, at: int) -> bool:
        """Tell whether something else begins here, as E9 wants it: "about the offer", ", wants a CFO"."""
        return self.words.word(at) in BREAKS or self.words.past(at, self.vocabulary["context-words"]) > at

    def _named(self, start: int, end: int) -> _Names:
        """Read names joined by "and" or a comma."""
        found = _Names(start)
        while start < end and len(found.said) < MOST_NAMES:
            after = min(self._name(start, end), end)
            if after == start:
                break
            found.said.append(kept(self.words.text(start, after)))
            found.end = start = after
            if self.words.word(start) not in self.vocabulary["and-words"]:
                break
            start += 1
        found.said = [*dict.fromkeys(found.said)]
        return found

    def _name(self, start: int, end: int) -> int:
        """Return where a name at ``start`` ends: in capitals, or one or two small words that are no others."""
        after = name_at(self.words, start, self.vocabulary)
        if after > start or not self.words.word(start)[:1].isalpha():
            return after
        while after < end and after - start < 2 and self._is_small_name(after):
            after += 1
        if not is_somebody(self.words, start, after, self.vocabulary):
            return start
        closed = after >= end or self._is_aside(after) or self.words.word(after) in self.vocabulary["and-words"]
        dated = looking_back(self.words, after, self.today, self.vocabulary) is not None
        return after if closed or dated else start

    def _is_small_name(self, at: int) -> bool:
        word = self.words.word(at)
        if not word[:1].isalpha() or looking_back(self.words, at, self.today, self.vocabulary) is not None:
            return False
        lists = ("no-names", "context-words", "and-words", "title-veto", "said-veto", "me-words")
        parts = {word, *names.words(word)}
        return all(self.vocabulary[name].isdisjoint(parts) for name in lists)

    def _opened(self, at: int) -> int:
        while is_passed_over(self.words.word(at)) and at < len(self.words):
            at += 1
        return self.words.past_all(at, self.vocabulary["said-openers"])

    def _dated(self, at: int) -> tuple[int, date | None]:
        """Return where the report begins behind a day that leads it in: "gestern Ada angerufen"."""
        at = self._opened(at)
        found = looking_back(self.words, at, self.today, self.vocabulary)
        if found is None or found.day is None:
            return at, None
        return self._opened(found.after + (self.words.word(found.after) in BREAKS)), found.day


_OPENINGS: tuple[tuple[Told, tuple[str, ...]], ...] = (
    ("call", ("past-call-words", "said-called", "said-spoke")),
    ("one-to-one", ("past-meet-words", "said-met")),
)
_BEHIND: tuple[tuple[Told, str], ...] = (("call", "past-call-behind"), ("one-to-one", "past-meet-behind"))
