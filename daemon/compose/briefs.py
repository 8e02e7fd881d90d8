"""What does a brief say before an evening, or before a meeting? (wording 2.3)

For the user's own eyes: notes stand here as they were typed, guesses are said as guesses, titles that hurt or are
private are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from daemon.compose.language import LAST_RESORT, Tongue
from daemon.compose.names import NO_BREAK, plain, shortened
from daemon.compose.quotes import INNER_QUOTES
from daemon.compose.reminders import LINE_LIMIT, SHORT_NAME, TITLE_LIMIT, fitted
from daemon.compose.templates import BadTemplate, Value, Words, sheet

SoughtKind: TypeAlias = Literal["close", "met", "admired", "target"]
"""PRACTICE 5.4: (a) close, but no one-to-one for long; (b) met, not yet known; (c) admired; (d) never met, a target."""
SHOWN = 200
LISTED = 5
"""Names of a list; the rest are counted."""
_EVENING = ("brief", "brief-line", "brief-names", "date-short")
_TALK = ("brief-talk", "brief-person", "occasion", "date-short")
_DAYS = ("Tue 24 Nov", "")
_SAID = ("a part-time CFO", "")
SAMPLES: Mapping[str, tuple[str, Mapping[str, tuple[Value, ...]]]] = {
    "brief": (
        "Title",
        {
            "topic": ("Founders meetup", ""),
            "lines": ("Ruth Steiner - met Thu 14 Jan, not yet known.",),
            "number": (0, 1, 2),
            **dict.fromkeys(("noted", "guessed", "missing"), ("Ada Lovelace", "")),
            "evenings": (0, 1, 4, 12),
        },
    ),
    "brief-names": ("", {"names": ("Ada Lovelace, Ben Ode",), "rest": (0, 3)}),
    "brief-line": (
        "",
        {
            "name": ("Ada Lovelace",),
            "kind": ("close", "met", "admired", "target"),
            "sight": ("invited", "noted", "guess", ""),
            **dict.fromkeys(("date", "mail_date", "talk_date"), _DAYS),
            **dict.fromkeys(("note", "needs", "promised", "wanted"), _SAID),
            "linked": (0, 1),
        },
    ),
    "brief-talk": (
        "Title",
        {
            "name": ("Ada Lovelace",),
            "why": ('kith why "ada lovelace"',),
            "lines": ("Last: lunch on Tue 24 Nov.",),
            "others": (0, 1),
            "reason": ("somebody-new", "promised", "owed", "unseen"),
        },
    ),
    "brief-person": (
        "",
        {
            **dict.fromkeys(("name", "short"), ("Ada Lovelace",)),
            "new": (0, 1),
            "mail_by": ("me", "them", ""),
            **dict.fromkeys(("date", "mail_date", "place_date", "promised_date"), _DAYS),
            **dict.fromkeys(("occasion", "topic", "mail_topic", "place"), ("lunch", "")),
            **dict.fromkeys(("promised", "note", "needs", "offer"), _SAID),
            "helper": ("Georg Lang", ""),
            "owed": (0, 1),
        },
    ),
}
"""Sample values of each template, by its name, after the header of its first line: what a user's own is tried with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Somebody to seek out at an evening, and why. Days are the user's; texts may be "" where there are none."""

    kind: SoughtKind
    name: str
    person: str = ""
    """Id; "" for somebody whom only the user's list of targets names."""
    sight: Literal["invited", "noted", "guess", ""] = ""
    """Why they may be there; "" where nothing tells that they will."""
    met: date | None = None
    """When they were last met, or probably were (``guess``)."""
    mail: date | None = None
    """The first mail that the guess rests on."""
    talk: date | None = None
    """The last one-to-one or call."""
    wanted: str = ""
    """The kind of person that they are."""
    note: str = ""
    needs: str = ""
    promised: str = ""
    linked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evening:
    """An open event: whom to seek out, who may be there besides, and which kinds of people are nobody's yet."""

    title: str
    sought: Sequence[Sought]
    noted: Sequence[str] = ()
    """Names of whom the user noted at earlier ones."""
    guessed: Sequence[str] = ()
    editions: int = 0
    """Earlier evenings that the guesses rest on."""
    missing: Sequence[str] = ()
    """Kinds of people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """What there is to say before a meeting with one person; texts "" and days None where there is nothing."""

    name: str
    person: str
    new: bool = False
    """They never met."""
    talk: tuple[str, date, str] | None = None
    """The last meeting: its occasion as a code, the day, the topic."""
    mail: tuple[str, date, str] | None = None
    """The last mail since: by whom (me, them), the day, the topic."""
    met_at: tuple[str, date] | None = None
    """Where they probably met: a guess."""
    promised: Sequence[tuple[str, date]] = ()
    """What the user promised, and when."""
    note: str = ""
    needs: str = ""
    help: tuple[str, str] | None = None
    """Who offers what they need, and in which words."""
    owed: bool = False
    short: str = ""
    why: str = ""
    """The command that tells why."""


def evening(about: Evening, today: date, language: str, templates: Mapping[str, str]) -> Words:
    """Return the brief of an open event."""
    tongue = _tongue(language, _EVENING, templates)
    try:
        lines = "\n".join(_line(one, today, tongue) for one in about.sought)
        values: dict[str, Value] = {
            "lines": lines,
            "number": len(about.sought),
            "noted": _names(about.noted, tongue),
            "guessed": _names(about.guessed, tongue),
            "evenings": about.editions,
            "missing": _names(about.missing, tongue),
        }
        return _titled(tongue.text("brief"), "topic", about.title, values)
    except (BadTemplate, KeyError):
        return Words(title=shortened(plain(about.title), TITLE_LIMIT), body="\n".join(one.name for one in about.sought))


def talk(people: Sequence[Talk], reason: str, today: date, language: str, templates: Mapping[str, str]) -> Words:
    """Return the brief of a meeting with ``people``, the first of them the most to speak of."""
    tongue = _tongue(language, _TALK, templates)
    try:
        parts = [_person(one, today, tongue) for one in people]
        if len(people) > 1:
            parts = [f"{_name(one.name)}\n{part}" for one, part in zip(people, parts, strict=True)]
        values: dict[str, Value] = {
            "lines": "\n\n".join(parts),
            "others": len(people) - 1,
            "reason": reason,
            "why": people[0].why,
        }
        return _titled(tongue.text("brief-talk"), "name", people[0].name, values)
    except (BadTemplate, KeyError):
        return Words(title=shortened(plain(people[0].name), TITLE_LIMIT), body="\n".join(one.name for one in people))


def _titled(text: str, key: str, name: str, values: Mapping[str, Value]) -> Words:
    """Return the template ``text`` filled in, the value ``key`` shortened so that its title fits a watch."""
    said = " ".join(plain(name).split())
    room = TITLE_LIMIT + 1 - len(sheet(text, "Title", {**values, key: "x"}).title)
    return fitted(text, {**values, key: shortened(said, max(room, 8))})


def _line(one: Sought, today: date, tongue: Tongue) -> str:
    """Return what is said of one person at an evening: a line, and what was noted below it."""
    return tongue.say(
        "brief-line",
        {
            "name": _name(one.name),
            "kind": one.kind,
            "sight": one.sight,
            "date": _day(one.met, today, tongue),
            "mail_date": _day(one.mail, today, tongue),
            "talk_date": _day(one.talk, today, tongue),
            "wanted": _text(one.wanted),
            "note": _text(one.note),
            "needs": _text(one.needs),
            "promised": _text(one.promised),
            "linked": int(one.linked),
        },
    )


def _person(one: Talk, today: date, tongue: Tongue) -> str:
    how, on, topic = one.talk or ("", None, "")
    by, mailed, subject = one.mail or ("", None, "")
    place, when = one.met_at or ("", None)
    helper, offer = one.help or ("", "")
    promised = "; ".join(_text(text) for text, _ in one.promised)
    return tongue.say(
        "brief-person",
        {
            "name": _name(one.name),
            "short": shortened(plain(one.short or one.name), SHORT_NAME),
            "new": int(one.new),
            "occasion": tongue.say("occasion", {"how": how}) if how else "",
            "date": _day(on, today, tongue),
            "topic": topic,
            "mail_by": by,
            "mail_date": _day(mailed, today, tongue),
            "mail_topic": subject,
            "place": _text(place),
            "place_date": _day(when, today, tongue),
            "promised": promised,
            "promised_date": _day(one.promised[0][1], today, tongue) if one.promised else "",
            "note": _text(one.note),
            "needs": _text(one.needs),
            "helper": _name(helper) if helper else "",
            "offer": _text(offer),
            "owed": int(one.owed),
        },
    )


def _names(names: Sequence[str], tongue: Tongue) -> str:
    shown = [_name(name).replace(" ", NO_BREAK) for name in names[:LISTED]]
    rest = len(names) - len(shown)
    return tongue.say("brief-names", {"names": ", ".join(shown), "rest": rest}) if shown else ""


def _name(name: str) -> str:
    return shortened(plain(name), LINE_LIMIT // 2)


def _text(text: str) -> str:
    return shortened(plain(text).translate(INNER_QUOTES), SHOWN).rstrip(" .")


def _day(day: date | None, today: date, tongue: Tongue) -> str:
    return "" if day is None else tongue.day(day, today, "date-short")


def _tongue(language: str, names: Iterable[str], templates: Mapping[str, str]) -> Tongue:
    known = all(f"{language}/{name}" in templates for name in names)
    return Tongue(language=language if known else LAST_RESORT, templates=templates)
