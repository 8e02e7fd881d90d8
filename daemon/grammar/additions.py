"""What did the user add to what we wrote? Two texts compared as a reader sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from daemon import names
from daemon.grammar.text import EDGES, line_of, plain

TITLE_LIMIT = 1_000
LINE_LIMIT = 2_000
_JOINT = ", "
_WORD = re.compile(r"\w+")


def added(written: str, found: str) -> str | None:
    """Return what the user added to a title in front, behind or in one place between; "" for nothing.

    Additions on both sides are joined by a comma. None if our own words are not all there any more: the title is the
    user's. Case, accents, spaces and the signs at the ends are forgiven; letters glued to ours are another word.
    """
    ours, theirs = line_of(written)[:TITLE_LIMIT], line_of(found)[:TITLE_LIMIT]
    if not theirs or same(ours) == same(theirs):
        return ""
    if not same(ours):
        return theirs.strip(EDGES)
    around = _around(ours, theirs)
    return _between(ours, theirs) if around is None else around


def lines_added(written: str, found: str) -> tuple[str, ...]:
    """Return the lines that the user typed below or between ours, and what was typed at the end of one of ours.

    Lines of ours that are missing, moved, doubled, broken or run together are no lines of the user's.
    """
    ours = lines_of(written)
    return tuple(line.strip(EDGES) for line, _ in foreign(ours, lines_of(found)))


def lines_of(text: str) -> tuple[str, ...]:
    """Return the plain lines of ``text`` that say something."""
    return tuple(line[:LINE_LIMIT] for line in plain(text).split("\n") if line)


def foreign(ours: Sequence[str], theirs: Sequence[str], waiting: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    """Yield what in ``theirs`` is not ``ours``, and the line of ours behind which it stands ("" for a line of its own).

    ``waiting`` are those of ours that are there to be filled: that one of them is gone makes no other line ours.
    """
    known = {same(line): line for line in ours}
    standing = {same(line) for line in theirs}
    open_ones = {same(line) for line in waiting}
    broken = f" {' '.join(_bare(text) for text in known if text not in standing and text not in open_ones)} "
    fillable = sorted(known, key=len, reverse=True)
    for line in theirs:
        text = same(line)
        if text and text not in known and f" {_bare(text).removesuffix(' x')} " not in broken:
            yield _filled(line, fillable, known)


def same(line: str) -> str:
    """Return ``line`` for comparing: case, accents and the signs at its ends do not matter."""
    return names.fold(line).strip(EDGES)


def _bare(text: str) -> str:
    return " ".join(_WORD.findall(text))


def _filled(line: str, fillable: Sequence[str], known: Mapping[str, str]) -> tuple[str, str]:
    """Return what ``line`` adds to a line of ours, and that line."""
    folded, places = _folded(line)
    text = folded.lstrip(EDGES)
    skipped = len(folded) - len(text)
    for own in fillable:
        after = skipped + len(own)
        if own and text.startswith(own) and not _goes_on(folded, after):
            return line[places[after] :], known[own]
    return line, ""


def _goes_on(text: str, at: int) -> bool:
    """Tell whether a word of ours goes on at ``at``: "Huber-Berger" is not Huber."""
    behind = text[at : at + 2]
    return behind[:1].isalnum() or (behind[:1] in {"-", "'"} and behind[1:].isalnum())


def _around(ours: str, theirs: str) -> str | None:
    """Return what stands around ``ours`` in ``theirs``."""
    own, (text, places) = _folded(ours)[0], _folded(theirs)
    start = text.find(own)
    while start >= 0:
        end = start + len(own)
        if not (_glued(text, start) or _glued(text, end)):
            sides = (theirs[: places[start]].strip(EDGES), theirs[places[end] :].strip(EDGES))
            return _JOINT.join(side for side in sides if side)
        start = text.find(own, start + 1)
    return None


def _between(ours: str, theirs: str) -> str | None:
    """Return what stands in one place between the words of ``ours`` in ``theirs``."""
    own, text = [same(word) for word in ours.split()], [same(word) for word in theirs.split()]
    front = 0
    while front < min(len(own), len(text)) and own[front] == text[front]:
        front += 1
    behind = len(own) - front
    if not front or not behind or len(text) <= len(own) or own[front:] != text[len(text) - behind :]:
        return None
    return " ".join(theirs.split()[front : len(text) - behind]).strip(EDGES)


def _glued(text: str, at: int) -> bool:
    """Tell whether a word goes on across ``at``."""
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def _folded(text: str) -> tuple[str, list[int]]:
    """Return ``text`` folded, and for each of its characters (and its end) where it stands in ``text``."""
    characters: list[str] = []
    places: list[int] = []
    for index, character in enumerate(text):
        for one in names.fold(character):
            characters.append(one)
            places.append(index)
    return "".join(characters), [*places, len(text)]
