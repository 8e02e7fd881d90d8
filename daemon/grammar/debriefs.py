"""What did the user type into a debrief? One line a person (PRACTICE 5.5 and 6, RULINGS C14, C16, U25).

Whose line it is, is decided by the name as it stands at the line's beginning:

- an untouched or deleted line says nothing;
- a line that begins with a name of ours belongs to that person, with or without the colon;
- a changed name is somebody else's line, and nothing is said about the person it was written for;
- lines of the same name are one line: notes one after the other, a mark on one is a mark, "no" only if all say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from daemon import names
from daemon.grammar.additions import foreign, lines_of, same
from daemon.grammar.answers import BREAKS
from daemon.grammar.marks import box_last, is_passed_over, without_mark
from daemon.grammar.promises import Promise, promise, receiver
from daemon.grammar.text import EDGES, kept, says
from daemon.grammar.who import Kind, Who, is_name, who, without_address
from daemon.grammar.words import Words, words_of
from daemon.model import Vocabulary

MOST_LINES = 200
About = Literal["expected", "new", "promised", "evening"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line the user filled or added: about somebody expected or new, a promise, or only the evening.

    ``name`` is "" where a promise names nobody and for the evening; ``day`` is until when something is promised.
    """

    about: About
    name: str = ""
    address: str | None = None
    kind: Kind = "person"
    x: bool = False
    no: bool = False
    note: str = ""
    promised: str = ""
    day: date | None = None


def debrief(written: str, found: str, today: date, vocabulary: Vocabulary) -> tuple[Line, ...]:
    """Return what the user filled or added in ``found``, compared with the debrief as ``written``, in its order."""
    reader = _Reader(_slots(written), today, vocabulary)
    ours = lines_of(written)
    known = {same(line) for line in ours}
    theirs = [
        line if same(line) in known else reader.unmarked(box_last(line))
        for line in lines_of(found)[: MOST_LINES + len(ours)]
    ]
    typed = foreign(ours, theirs, [*reader.slots])
    return tuple(_merged(line for text, own in typed for line in reader.lines(text, own)))


def _slots(written: str) -> Mapping[str, str]:
    """Return the lines of ours that wait for an answer, and the name each begins with.

    They end with a colon, or are an entry of a list: "- Karl Wenz: lunch on 11 Feb".
    """
    entries = {line.strip() for line in written.splitlines() if line.strip().startswith("- ")}
    listed = {text: text.partition(":")[0] for entry in entries for text in lines_of(entry)}
    return {line: line.rstrip(": ") for line in lines_of(written) if line.endswith(":")} | listed


@dataclass(frozen=True, slots=True)
class _Reader:
    slots: Mapping[str, str]
    today: date
    vocabulary: Vocabulary

    def unmarked(self, line: str) -> str:
        """Return ``line`` with a mark before a name of ours behind it, where it is a note: marks stand last (C16)."""
        mark, _, rest = line.partition(" ")
        name, _, tail = rest.partition(":")
        if mark.rstrip("\ufe0f:").casefold() in self.vocabulary["sign-x"] and same(name) in self._names:
            return f"{name}: {tail.strip(EDGES) or f'({mark})'}"
        return line

    @property
    def _names(self) -> frozenset[str]:
        return frozenset(same(name) for name in self.slots.values())

    def lines(self, text: str, own: str) -> Iterator[Line]:
        """Read ``text``, which stands behind ``own`` of ours or on a line of its own."""
        if own in self.slots:
            yield from self._slot(text, self.slots[own])
            return
        words = words_of(text)
        colon = words.line.find(":")
        if colon > 0 and self._heads(text[:colon]):
            yield from self._headed(text[:colon], text[colon + 1 :], told=True)
        elif words.past(0, self.vocabulary["line-promised"]) > 0:
            yield from self._promise(text)
        else:
            yield from self._new(text, told=False)

    def _slot(self, text: str, name: str) -> Iterator[Line]:
        if self._heads(name):
            yield from self._headed(name, text, told=text.lstrip()[:1] == ":")
        elif text.lstrip()[:1] != ":" and _is_longer_name(text):
            yield from self._new(f"{name}{text}", told=True)
        else:
            yield self._answered(Line(about="expected", name=name), text)

    def _heads(self, head: str) -> bool:
        return same(head) in self.vocabulary["line-new"] | self.vocabulary["line-promised"]

    def _headed(self, head: str, text: str, *, told: bool) -> Iterator[Line]:
        text = text.strip(EDGES)
        if not text:
            return
        if same(head) in self.vocabulary["line-promised"]:
            yield from self._promise(text)
        else:
            yield from self._new(text, told=told)

    def _new(self, text: str, *, told: bool) -> Iterator[Line]:
        """Read a line about somebody who was not expected; unless ``told`` so, only what looks like a name is one."""
        text, marked = without_mark(text.strip(EDGES), self.vocabulary["sign-x"])
        text = text[_past_touch(text, self.vocabulary) :]
        found = who(text, self.vocabulary)
        note = kept(text)
        if not found.address and (not says(note) or self._whole(words_of(note)) is not None):
            return
        if not self._is_somebody(found, told=told):
            yield Line(about="evening", note=note)
            return
        about: About = "expected" if same(found.name) in self._names else "new"
        line = Line(about=about, name=found.name, address=found.address, kind=found.kind, x=marked)
        yield self._answered(line, found.rest)

    def _is_somebody(self, found: Who, *, told: bool) -> bool:
        if found.address:
            return True
        if not says(found.name) or names.fold(found.name) in self.vocabulary["line-nobody"]:
            return False
        return told or found.kind == "several" or is_name(found.name, self.vocabulary)

    def _promise(self, text: str) -> Iterator[Line]:
        """Read what was promised, and to whom: "Karl the Graz study", "the study to Karl", "Karl: the study"."""
        text, marked = without_mark(text, self.vocabulary["sign-x"])
        words = words_of(text)
        start = words.past(0, self.vocabulary["line-promised"])
        name, start, end = receiver(words, start, self.vocabulary)
        made = promise(words, start, end, self.today, self.vocabulary)
        if made.day is None and end < len(words):
            made = replace(made, day=promise(words, end, len(words), self.today, self.vocabulary).day)
        if made.text or name:
            yield Line(about="promised", name=name, promised=made.text, day=made.day, x=marked)

    def _answered(self, line: Line, text: str) -> Line:
        """Return ``line`` with what ``text`` says about its person."""
        text, marked = without_mark(text, self.vocabulary["sign-x"])
        text, address = without_address(text)
        line = replace(line, x=line.x or marked, address=line.address or address)
        words = words_of(text.strip(EDGES.replace("-", "")))
        whole = self._whole(words)
        if whole is not None:
            return replace(line, x=line.x or whole == "x", no=whole == "no")
        made, note = self._promised(words)
        if made is None or not (made.text or note):
            text = kept(text)
            return replace(line, note=text if says(text) else "")
        return replace(line, note=note, promised=made.text or note, day=made.day)

    def _whole(self, words: Words) -> str | None:
        """Return what a whole answer says: "no", or "x" for yes and "!"."""
        start = 0
        while start < len(words) and words.word(start) in BREAKS - {"!"}:
            start += 1
        end = len(words)
        while end > start + 1 and is_passed_over(words.word(end - 1)):
            end -= 1
        said = " ".join(words.word(index) for index in range(start, end))
        if said in self.vocabulary["said-no"]:
            return "no"
        return "x" if said in self.vocabulary["said-yes"] | self.vocabulary["sign-whole"] else None

    def _promised(self, words: Words) -> tuple[Promise | None, str]:
        """Return the promise at the end of a line and the note before it."""
        for index in range(len(words)):
            after = words.past(index, self.vocabulary["said-promised"])
            if after > index and (index == 0 or words.word(index - 1) in BREAKS or after < len(words)):
                return promise(words, after, len(words), self.today, self.vocabulary), kept(words.text(0, index))
        if words.word(len(words) - 1) in self.vocabulary["promised-behind"]:
            start = _clause_start(words)
            made = promise(words, start, len(words) - 1, self.today, self.vocabulary)
            return made, kept(words.text(0, start))
        return None, ""


def _clause_start(words: Words) -> int:
    return next((index + 1 for index in range(len(words) - 1, -1, -1) if words.word(index) in BREAKS), 0)


def _is_longer_name(text: str) -> bool:
    """Tell whether what stands behind a name of ours, up to a colon, makes it another name: "Anna Huber Berger:"."""
    head, colon, _ = text.partition(":")
    parts = head.split()
    return bool(colon and parts) and len(parts) <= 2 and all(part[:1].isupper() for part in parts)


def _past_touch(text: str, vocabulary: Vocabulary) -> int:
    """Return where "met" and "talked to" before a name end."""
    words = words_of(text)
    start = words.past(0, vocabulary["past-meet-words"] | vocabulary["past-call-words"])
    return words.tokens[start].start if 0 < start < len(words) else 0


def _merged(lines: Iterable[Line]) -> Iterator[Line]:
    """Make one line of those about the same name, unless two addresses make them two persons."""
    kept_lines: list[Line] = []
    for line in lines:
        for index, other in enumerate(kept_lines):
            if _is_same(line, other):
                kept_lines[index] = _together(other, line)
                break
        else:
            kept_lines.append(line)
    return iter(kept_lines)


def _is_same(one: Line, other: Line) -> bool:
    if one.about == "evening" or one.about != other.about or same(one.name) != same(other.name):
        return False
    if one.about == "promised":
        return one == other
    return one.address is None or other.address is None or one.address == other.address


def _together(one: Line, other: Line) -> Line:
    notes = dict.fromkeys(note for note in (one.note, other.note) if note)
    promises = dict.fromkeys(text for text in (one.promised, other.promised) if text)
    return replace(
        one,
        address=one.address or other.address,
        x=one.x or other.x,
        no=one.no and other.no,
        note=kept("; ".join(notes)),
        promised=kept("; ".join(promises)),
        day=one.day or other.day,
    )
