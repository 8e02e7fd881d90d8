"""What does an answer say? "done", "called yesterday", "later 3w", "promised the Graz study" (PRACTICE 6).

An answer is read from its beginning, clause by clause. Words that settle much (no, never, key, x) count only alone:
"no show" and "never mind" are notes. Whatever is not understood is a note, never an error, and so is what markup holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from daemon.grammar.additions import TITLE_LIMIT, added
from daemon.grammar.days import looking_ahead, looking_back
from daemon.grammar.marks import is_passed_over, without_mark
from daemon.grammar.promises import promise
from daemon.grammar.text import kept, line_of, says
from daemon.grammar.words import Words, words_of
from daemon.model import Vocabulary

Word = Literal["done", "called", "met", "spoke", "no", "never", "key", "x", "later", "promised", "note"]
_TOUCHED: tuple[Word, ...] = ("called", "spoke", "met")
_ALONE: tuple[Word, ...] = ("never", "no", "key", "x")
BREAKS = frozenset({",", ";", ".", "!", "|", ":", "/", "(", ")", "&", "-"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing the user said: ``until`` for later, ``day`` for a touch, ``text`` what was promised or noted."""

    word: Word
    until: date | None = None
    day: date | None = None
    text: str = ""


def title_answer(written: str, found: str, today: date, vocabulary: Vocabulary) -> tuple[Said, ...]:
    """Return what the user's additions to a title of ours say; a title that is wholly the user's is a note."""
    addition = added(written, found)
    if addition is None:
        return _noted(found)
    return answer(addition, today, vocabulary)


def answer(text: str, today: date, vocabulary: Vocabulary) -> tuple[Said, ...]:
    """Return what ``text`` says, in its order, each thing once. At most 1,000 characters are read."""
    line, marked = without_mark(line_of(text)[:TITLE_LIMIT], vocabulary["said-x"])
    words = words_of(line)
    if "‹" in line or (not marked and words.word(len(words) - 1) in vocabulary["sign-ask"]):
        return _noted(line)
    said = [item for item in _Answer(words, today, vocabulary).said() if item.word != "note" or says(item.text)]
    return tuple(dict.fromkeys([*said, *([Said(word="x")] if marked else [])]))


def clauses(words: Words) -> Iterator[tuple[int, int]]:
    """Yield the clauses of a line: from which token up to before which."""
    start = 0
    for index in range(len(words) + 1):
        if index == len(words) or words.word(index) in BREAKS:
            if index > start:
                yield start, index
            start = index + 1


@dataclass(slots=True)
class _Part:
    """Something said, and where its text stands."""

    said: Said
    spans: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Answer:
    words: Words
    today: date
    vocabulary: Vocabulary
    parts: list[_Part] = field(default_factory=list)

    def said(self) -> Iterator[Said]:
        """Yield what is said, clause by clause."""
        at = 0
        for first, end in clauses(self.words):
            at = max(first, at)
            while at < end:
                at = self._clause(at, end)
        yield from (self._whole(part) for part in self.parts)

    def _clause(self, start: int, end: int) -> int:
        """Read a word of a clause and what belongs to it, else all of it as a text; return where to go on."""
        promised = self._promised(start, end)
        if promised is not None:
            self.parts.append(promised)
            return len(self.words)
        leading = all(part.said.word != "note" for part in self.parts)
        found, after = self._settled(start, end) if leading else (None, start)
        if found is None:
            found, after = self._touched(start, end) or self._later(start, end, whole=leading) or (None, start)
        if found is None:
            if not self.parts:
                self.parts.append(_Part(Said(word="note")))
            self.parts[-1].spans.append((start, end))
            return end
        self.parts.append(found)
        return after if self._passed(after) < end else max(after, end)

    # -- one thing said ------------------------------------------------------------------------------------------------

    def _promised(self, start: int, end: int) -> _Part | None:
        """Read "promised him the study", up to the end of the line, and "ihm die Studie versprochen"."""
        at = self._opened(start)
        after, last = self.words.past(at, self.vocabulary["said-promised"]), len(self.words)
        if after == at:
            if self.words.word(end - 1) not in self.vocabulary["promised-behind"]:
                return None
            after, last = at, end - 1
        found = promise(self.words, after, last, self.today, self.vocabulary)
        return _Part(Said(word="promised", day=found.day, text=found.text))

    def _settled(self, start: int, end: int) -> tuple[_Part | None, int]:
        """Read a word that counts only alone in its clause."""
        at = self._passed(start)
        ends = {word: self.words.past(at, self.vocabulary[f"said-{word}"]) for word in _ALONE}
        word = max(ends, key=lambda one: ends[one])
        after = self._passed(self.words.past_all(ends[word], self.vocabulary["said-fillers"]))
        if ends[word] == at or after < end:
            return None, start
        return _Part(Said(word=word)), end

    def _touched(self, start: int, end: int) -> tuple[_Part, int] | None:
        """Read what was done: "called her yesterday", "gestern mit ihr telefoniert", "done"."""
        at, day = self._dated_opening(start)
        end = max(end, self._clause_end(at))
        word, after = self._touch_word(at)
        last = end
        if word is None:
            word = self._behind(end - 1)
            after, last = at, end - 1
        if word is None or self._is_denied(start, end) or self._is_missed(after, last, end):
            return None
        if last == end and self._is_word(self._opened(after), end):
            return _Part(Said(word=word, day=day)), after
        return self._told(Said(word=word, day=day), after, last, end)

    def _told(self, said: Said, start: int, last: int, end: int) -> tuple[_Part, int] | None:
        """Return a touch with its day, which stands before the word, behind it, or last in the clause."""
        part = _Part(said)
        back = looking_back(self.words, start, self.today, self.vocabulary)
        if back is None and looking_ahead(self.words, start, self.today, self.vocabulary) is not None:
            return None
        for index in () if back else range(max(start + 1, last - 6), last):
            found = looking_back(self.words, index, self.today, self.vocabulary)
            if found is not None and found.after >= last and not self._is_until(index - 1):
                part.said = replace(said, day=found.day)
                self._tell(part, start, index)
                return (part, max(found.after, end)) if found.day else None
        if back is not None:
            part.said, start = replace(said, day=back.day), back.after
            if back.day is None:
                return None
        self._tell(part, start, last)
        return part, max(start, end)

    def _is_word(self, at: int, end: int) -> bool:
        """Tell whether another word of the grammar begins at ``at``."""
        if self._touch_word(at)[0] or self.words.past(at, self.vocabulary["said-promised"]) > at:
            return True
        return self._settled(at, end)[0] is not None or self._later(at, end, whole=False) is not None

    def _is_until(self, at: int) -> bool:
        return self.words.word(at) in self.vocabulary["day-until"] | self.vocabulary["day-in"]

    def _clause_end(self, at: int) -> int:
        return next((end for end in range(at, len(self.words)) if self.words.word(end) in BREAKS), len(self.words))

    def _later(self, start: int, end: int, *, whole: bool) -> tuple[_Part, int] | None:
        """Read "later 3w", "bis 12.3.", and a day to come that is all there is."""
        at = self._opened(start)
        after = self.words.past(at, self.vocabulary["said-later"])
        if after > at:
            day = looking_ahead(self.words, self._past_breaks(after), self.today, self.vocabulary)
            if day is not None:
                return _Part(Said(word="later", until=day.day)), day.after
            after = self._passed(self.words.past_all(after, self.vocabulary["said-fillers"]))
            return (_Part(Said(word="later")), end) if after >= end else None
        day = looking_ahead(self.words, at, self.today, self.vocabulary)
        led = self.words.past(at, self.vocabulary["said-until"]) > at
        if day is None or not (led or (whole and self._passed(day.after) >= end)):
            return None
        return _Part(Said(word="later", until=day.day)), day.after

    # -- words ---------------------------------------------------------------------------------------------------------

    def _touch_word(self, at: int) -> tuple[Word | None, int]:
        for word in _TOUCHED:
            after = self.words.past(at, self.vocabulary[f"said-{word}"])
            if after > at:
                return word, after
        after = self.words.past(at, self.vocabulary["said-done"] | self.vocabulary["sign-done"])
        return ("done", after) if after > at else (None, at)

    def _behind(self, at: int) -> Word | None:
        """Return what a word says that stands behind all others, the German way."""
        if self.words.word(at) in self.vocabulary["past-call-behind"] | self.vocabulary["past-meet-behind"]:
            return self._touch_word(at)[0]
        return None

    def _is_denied(self, start: int, end: int) -> bool:
        veto = self.vocabulary["said-veto"] | self.vocabulary["sign-ask"]
        return any(self.words.past(index, veto) > index for index in range(start, end))

    def _is_missed(self, *places: int) -> bool:
        for place in places:
            start = self._past_breaks(place)
            after = self.words.past(start, self.vocabulary["said-missed"])
            if after > start and (after == len(self.words) or self.words.word(after) in BREAKS):
                return True
        return False

    def _opened(self, at: int) -> int:
        """Return where a clause begins to say something."""
        return self.words.past_all(self._passed(at), self.vocabulary["said-openers"])

    def _dated_opening(self, start: int) -> tuple[int, date | None]:
        at = self._opened(start)
        day = None
        for place in (start, at):
            day = day or looking_back(self.words, place, self.today, self.vocabulary)
        if day is None or day.day is None:
            return at, None
        return self._opened(day.after + (self.words.word(day.after) in BREAKS)), day.day

    def _passed(self, at: int) -> int:
        while at < len(self.words) and is_passed_over(self.words.word(at)) and not self._is_tick(at):
            at += 1
        return at

    def _is_tick(self, at: int) -> bool:
        return self.words.word(at) in self.vocabulary["sign-done"]

    def _past_breaks(self, at: int) -> int:
        while self.words.word(at) in BREAKS:
            at += 1
        return at

    # -- texts ---------------------------------------------------------------------------------------------------------

    def _tell(self, part: _Part, start: int, end: int) -> None:
        """Let ``part`` have a text, unless it is only "with her"."""
        small = self.vocabulary["said-to"] | self.vocabulary["said-them"] | self.vocabulary["said-openers"]
        if self._passed(self.words.past_all(start, small)) < end:
            part.spans.append((start, end))

    def _whole(self, part: _Part) -> Said:
        """Return what ``part`` says with its text; clauses that stood side by side stay as they were typed."""
        if not part.spans:
            return part.said
        joined = [part.spans[0]]
        for start, end in part.spans[1:]:
            if start <= joined[-1][1] + 1:
                joined[-1] = (joined[-1][0], end)
            else:
                joined.append((start, end))
        return replace(part.said, text=kept(", ".join(kept(self.words.text(*span)) for span in joined)))


def _noted(text: str) -> tuple[Said, ...]:
    note = kept(text)
    return (Said(word="note", text=note),) if says(note) else ()
