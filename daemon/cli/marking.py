"""What stands on the sheet of ``kith mark``, and what does it say once the user has been through it?

One line a person: words, a bar, who it is, the id in brackets. A word with a question mark is a guess of Kith's and
says nothing; without it, it is the user's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from daemon.compose.names import plain, shown
from daemon.model import CIRCLES, MARKS, Opinion, State
from daemon.relate import key_proposals, mute_proposals, strongest

THIRTY = 30
NONE = "-"
HEAD = """\
# Whom do you want to tend? One line a person, the strongest first.
#
# In front stands what holds now, or a guess with a question mark. Take the question mark away to say yes, or
# write another word; several are possible. What you leave alone stays as it is. Save and close the editor.
#
#   key      one of your {key}: kept in touch with most closely     muted    never proposed
#   target   somebody to get to know                            never    nothing is written about them ever again
#   admired  somebody to seek out where they are                -        none of these
#   network, colleague, household, service, correspondent: where they belong, if Kith is wrong about it
#
# {keys} are key now, so there is room for {room}.
"""
_LINE = re.compile(r"(?P<words>[^|]*)\|.*\[(?P<id>p-[a-z2-7]{10})\]\s*")
_WORD = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet as it is handed to the user: its text, and the guesses on it: pairs of person and mark."""

    text: str
    guesses: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a sheet says: decisions as (kind, person, value), and the lines that say nothing, with why."""

    decisions: tuple[tuple[str, str, str], ...]
    bad: tuple[tuple[int, str, str], ...]
    """Number of the line, its text, what is wrong."""


def sheet(state: State, opinions: Mapping[str, Opinion], offered: Iterable[tuple[str, str]]) -> Sheet:
    """Return the sheet of the thirty strongest and of whom Kith would mark; what was ``offered`` before is no guess."""
    keys, muted = key_proposals(state, opinions), mute_proposals(state, opinions)
    before = set(offered)
    guesses = {person: "key" for person in keys if (person, "key") not in before}
    guesses |= {person: "muted" for person in muted if (person, "muted") not in before}
    people = list(dict.fromkeys((*strongest(opinions, THIRTY), *guesses)))
    lines = [_line(person, state, opinions[person], guesses.get(person, ""), keys) for person in people]
    marked = sum("key" in item.marks for item in opinions.values())
    most = state.settings.capacity.key
    head = HEAD.format(key=most, keys=marked or "None", room=max(most - marked, 0))
    return Sheet(text="\n".join((head, *lines, "")), guesses=tuple(sorted(guesses.items())))


def _line(person: str, state: State, opinion: Opinion, guess: str, keys: Mapping[str, int]) -> str:
    words = [*sorted(opinion.marks), *([f"{guess}?"] if guess else [])]
    somebody = state.people[person]
    about: list[str] = [opinion.stage or opinion.circle]
    about += [f"one-to-one in {keys[person]} quarters"] if person in keys else []
    about += ["three reminders deleted in a row"] if guess == "muted" else []
    address = f" <{plain(somebody.addresses[0])}>" if somebody.addresses else ""
    name = f"{shown(somebody)}{address}".replace("|", "/").replace("[", "(").replace("]", ")")
    return f"{' '.join(words) or NONE:<9} | {name}: {', '.join(about)} [{person}]"


def read(text: str, opinions: Mapping[str, Opinion], aliases: Mapping[str, str], most: int) -> Wanted:
    """Return what the user wants by ``text``, a sheet that was gone through; ``most`` people can be key."""
    decisions: list[tuple[str, str, str]] = []
    bad: list[tuple[int, str, str]] = []
    keys = {person for person, item in opinions.items() if "key" in item.marks}
    asked = _lines(text, opinions, aliases, bad)
    for person in {who for _, who, words in asked if "key" not in words and not _is_guess(words)}:
        keys.discard(person)
    for number, person, words in asked:
        full = "key" in words and person not in keys and len(keys) >= most
        if full:
            bad.append((number, " ".join(words), f"{most} people are key already, and that is the most"))
        elif "key" in words:
            keys.add(person)
        kept = [word for word in words if not (full and word == "key")]
        decisions += _differences(person, kept, opinions[person])
    return Wanted(decisions=tuple(decisions), bad=tuple(sorted(bad)))


def _lines(
    text: str, opinions: Mapping[str, Opinion], aliases: Mapping[str, str], bad: list[tuple[int, str, str]]
) -> list[tuple[int, str, list[str]]]:
    """Return number, person and words of every line that says something; what cannot be read goes to ``bad``."""
    found: dict[str, tuple[int, str, list[str]]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        person = aliases.get(match["id"]) if match else None
        words = [word.casefold() for word in _WORD.split(match["words"]) if word] if match else []
        wrong = next((word for word in words if word.removesuffix("?") not in MARKS | CIRCLES | {NONE}), None)
        if match is None or person is None or person not in opinions:
            bad.append((number, line, "nobody is meant by that: the id in brackets at its end is missing or unknown"))
        elif wrong is not None:
            bad.append((number, line, f"no mark is called {wrong!r}"))
        elif len(set(words) & CIRCLES) > 1:
            bad.append((number, line, "one circle a person"))
        elif person in found:
            bad.append((number, line, "this person stands there twice; the first line holds"))
        else:
            found[person] = (number, person, words)
    return list(found.values())


def _is_guess(words: Sequence[str]) -> bool:
    """Tell whether nothing but guesses stands in front: then nothing is said."""
    return all(word.endswith("?") for word in words)


def _differences(person: str, words: Sequence[str], opinion: Opinion) -> Iterator[tuple[str, str, str]]:
    """Yield what ``words`` change; a guess that was left alone, and no word at all, change nothing."""
    said = [word for word in words if not word.endswith("?")]
    if not said:
        return
    marks = set(said) & MARKS
    yield from (("mark", person, mark) for mark in sorted(marks - opinion.marks))
    if marks or NONE in said:
        yield from (("unmark", person, mark) for mark in sorted(opinion.marks - marks))
    circle = next((word for word in said if word in CIRCLES), None)
    if circle is not None and circle != opinion.circle:
        yield "circle", person, circle
