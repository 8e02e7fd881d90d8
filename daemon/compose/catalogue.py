"""Which templates are there, what may each say, and what is wrong with a user's own? For ``kith check``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice, product
from math import gcd, prod

from daemon.compose.briefs import SAMPLES as BRIEFS
from daemon.compose.drafts import Address, letter
from daemon.compose.language import LAST_RESORT, NEEDED, Tongue
from daemon.compose.occasions import QUOTED, SAYS, Occasion
from daemon.compose.reminders import fitted
from daemon.compose.rules import broken, phrase_in
from daemon.compose.templates import TEMPLATE_LIMIT, BadTemplate, Value, render, variables
from daemon.compose.trials import occasions

_NAMES: Mapping[str, tuple[Value, ...]] = {"name": ("Ada Lovelace", ""), "first": ("Ada", "")}
_ABOUT: Mapping[str, tuple[Value, ...]] = {
    "how": ("met", "group", "there", "spoke", "wrote", "sent", "heard"),
    "topic": ("Reusable packaging", ""),
    "date": ("14 October",),
    "answer": (0, 1),
}
_OWN: Mapping[str, tuple[Value, ...]] = {"own_first": ("Clara",), "own_name": ("Clara Winter",)}
_DAY: Mapping[str, tuple[Value, ...]] = {
    "day": (1, 31),
    "month": tuple(range(1, 13)),
    "year": (0, 2024),
    "weekday": tuple(range(1, 8)),
}
_TOLD: Mapping[str, tuple[Value, ...]] = {
    "occasion": ("lunch", ""),
    "date": ("Tue 24 Nov",),
    "topic": ("Next fair", ""),
}
_ABOVE: Mapping[str, tuple[Value, ...]] = {
    "name": ("Ada Lovelace",),
    "short": ("Ada",),
    "draft": ("Next fair", ""),
    "why": ('kith why "ada lovelace"',),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Templates of one purpose: their names, the header of their first line if any, sample values of each variable."""

    pattern: str
    header: str
    samples: Mapping[str, tuple[Value, ...]]


FAMILIES: tuple[Family, ...] = (
    Family(
        pattern=r"draft-[a-z-]{3,30}(?:\.familiar)?\.\d{1,2}",
        header="Subject",
        samples={
            **_NAMES,
            **_ABOUT,
            **_OWN,
            **dict.fromkeys(("greeting", "closing", "opening", *QUOTED), ("",)),
            **dict.fromkeys(("date1", "time1", "date2", "time2"), ("",)),
        },
    ),
    Family(
        pattern=r"line-[a-z-]{3,30}",
        header="",
        samples={
            **{name: _ABOVE[name] for name in ("name", "short")},
            "how": _ABOUT["how"],
            "topic": ("Reusable packaging", ""),
            "date": ("Tue 24 Nov",),
            **dict.fromkeys(("other", "who"), ("Georg Lang",)),
            **dict.fromkeys(("text", "offer"), ("part-time CFO",)),
            "link": ("https://example.org/packaging", ""),
            "title": ("What changes for packaging in 2028", ""),
            "words": ("packaging, boxes",),
        },
    ),
    Family(pattern=r"greeting(?:\.familiar)?", header="", samples=_NAMES),
    Family(pattern=r"closing(?:\.familiar)?", header="", samples=_OWN),
    Family(pattern=r"opening(?:\.familiar)?", header="", samples=_ABOUT),
    Family(pattern=r"date(?:-short)?", header="", samples=_DAY),
    Family(
        pattern=r"occasion",
        header="",
        samples={"how": ("call", "mail", "breakfast", "lunch", "coffee", "dinner", "walk", "meeting")},
    ),
    Family(
        pattern=r"blind",
        header="",
        samples={"reads": ("mail", "events"), "date": ("Tue 24 Nov", "")},
    ),
    Family(pattern=r"handshake", header="Title", samples={}),
    Family(pattern=r"sentinel", header="Title", samples={"date": ("Tue 24 Nov",), "remedy": ("kith status",)}),
    Family(
        pattern=r"debrief",
        header="Title",
        samples={"topic": ("Founders meetup", ""), "lines": ("Ada Lovelace:\nnew:",), "until": ("Sun 14 Feb",)},
    ),
    Family(pattern=r"debrief-lines", header="", samples={"names": ("Ada Lovelace:", ""), "open": (0, 1)}),
    Family(
        pattern=r"noted",
        header="",
        samples={"people": (0, 1, 5), "wanted": (0, 1, 2), "promises": (0, 1, 2)},
    ),
    Family(
        pattern=r"review",
        header="Title",
        samples={
            **dict.fromkeys(("events", "hours", "there", "mails", "talks", "offered", "sent", "set", "acted"), ("3",)),
            **dict.fromkeys(("usual_events", "usual_there", "usual_met", "usual_followed"), ("1.5",)),
            **dict.fromkeys(("usual_mails", "usual_talks"), ("38",)),
            **dict.fromkeys(("met", "followed_up", "last_met", "last_followed"), (0, 3)),
            **dict.fromkeys(("key", "ten", "slots", "halved", "away", "mail"), (0, 1)),
            **dict.fromkeys(("key_in", "ten_followed", "holders", "given", "received"), (1,)),
            **dict.fromkeys(("key_due", "owed", "graduated", "faded", "gave_way", "ahead"), ("Ada Lovelace", "")),
            "blind": ("Kith has not seen your mail since Tue 24 Nov.", ""),
            "good": ("You wrote to Ada Lovelace the same day; that is why you two met on Tue 24 Nov.", ""),
            "open": ("Open: Ada Lovelace (Tue 24 Nov, Next fair).",),
            "asks": ("3 calls with Ada Lovelace: keep in touch?", ""),
            "week": ("2026-W47",),
        },
    ),
    Family(
        pattern=r"review-ask",
        header="",
        samples={
            "kind": (
                *("follow-up", "free-slot", "rut", "ambiguous-name", "doubtful-title"),
                *("household", "by-mail", "unanswered", "calls"),
            ),
            "names": ("Ada Lovelace",),
            "title": ("Breakfast club",),
            "date": ("Tue 24 Nov",),
            "count": ("3",),
        },
    ),
    Family(
        pattern=r"review-good",
        header="",
        samples={
            "name": ("Ada Lovelace",),
            "how": ("wrote", "call", "met"),
            "same": (0, 1),
            "step": ("Tue 24 Nov",),
            "date": ("Fri 27 Nov",),
        },
    ),
    Family(
        pattern=r"review-open",
        header="",
        samples={
            "kind": ("follow-up", "promise", "key", "none"),
            "name": ("Ada Lovelace",),
            "title": ("Promise: Karl, the Graz study",),
            **{name: _TOLD[name] for name in ("date", "topic")},
            "draft": (0, 1),
        },
    ),
    Family(
        pattern=r"letter",
        header="Title",
        samples={
            **dict.fromkeys(("events", "hours", "there", "mails", "talks", "offered", "sent", "set", "acted"), ("30",)),
            **dict.fromkeys(("met", "followed_up", "given", "received"), (3,)),
            "changed": (0, 3),
            "established": ("Ada Lovelace", ""),
            "best": ("Breakfast club", ""),
            "year": ("2026",),
        },
    ),
    Family(pattern=r"noted-review", header="", samples={"calls": (1, 0, 2), "answers": (1, 2)}),
    Family(pattern=r"done", header="", samples={"how": ("wrote", "call", "heard", "met"), "name": ("Ada Lovelace",)}),
    Family(
        pattern=r"promise",
        header="Title",
        samples={
            **{name: _ABOVE[name] for name in ("name", "short", "why")},
            "topic": ("the Graz study",),
            "date": ("Tue 24 Nov", ""),
            "address": (0, 1),
        },
    ),
    Family(
        pattern=r"notice",
        header="Title",
        samples={
            "login": ("mail", "drafts", "calendar", "configuration", "disk"),
            "date": ("Tue 24 Nov",),
            "remedy": ("kith login home",),
        },
    ),
    Family(
        pattern=r"introduction",
        header="Title",
        samples={
            **_ABOVE,
            **dict.fromkeys(QUOTED, ("x",)),
            "other": ("Georg Lang",),
            "who": ("Ada Lovelace", ""),
            "text": ("a part-time CFO", ""),
            "offer": ("finance for small firms", ""),
            "date": ("Tue 24 Nov", ""),
            "step": ("introduction", "introduction-answer", "introduction-second", "introduction-made"),
            "lines": ("",),
        },
    ),
    Family(
        pattern=r"follow-up",
        header="Title",
        samples={
            **_ABOVE,
            **_TOLD,
            "reason": ("first-meeting", "conversation"),
            "there": (0, 1),
            "note": ("looks for a part-time CFO", ""),
            "lines": ("A line.", ""),
            "address": (1, 0),
        },
    ),
    Family(
        pattern=r"reconnect",
        header="Title",
        samples={
            **_ABOVE,
            **_TOLD,
            **{f"mail_{name}": values for name, values in _TOLD.items()},
            "mail_by": ("me", "them"),
            **{f"seen_{name}": values for name, values in _TOLD.items()},
            "lines": ("A line.", ""),
            "turn": ("owe", "mine", "theirs", ""),
            "silent": (0, 1),
            "habit": ("meet", "talk", "touch", "aim", ""),
            "weeks": (1, 4, 0),
            "days": (0, 10),
        },
    ),
    Family(
        pattern=r"roundup",
        header="Title",
        samples={
            **{name: _ABOVE[name] for name in ("draft", "why")},
            "topic": _TOLD["topic"],
            "lines": ("Ada Lovelace: met Tue 24 Nov",),
            "count": (1, 2, 4, 12, 30),
            "rest": (0, 5),
        },
    ),
    Family(
        pattern=r"roundup-line",
        header="",
        samples={**{name: _ABOVE[name] for name in ("name", "short")}, **_TOLD, "common": ("Next fair", "")},
    ),
    *(Family(pattern=name, header=header, samples=values) for name, (header, values) in BRIEFS.items()),
)

_WORD_FILE = "never"
_PLACE = re.compile(r"([a-z]{2,3}(?:-[A-Za-z]{2,4})?)/(.+)")
_COMBINATIONS = 600
"""More combinations of sample values than this are thinned out evenly."""


def problems(templates: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return what is wrong with ``templates`` (texts by ``LANG/name``): pairs of template name and words, in order.

    Every template is tried with sample values: wrong syntax, an unknown variable, too much text, or a draft that would
    break a rule of words is named here; ``draft`` and ``reminder`` then do without it.
    """
    found: list[tuple[str, str]] = []
    for name in sorted(templates):
        wrong = _wrong(name, templates)
        if wrong:
            found.append((name, wrong))
    return (*found, *_missing(templates))


def family(name: str) -> Family | None:
    """Return the family of the template ``name`` (without its language), or None if Kith uses no such template."""
    return next((family for family in FAMILIES if re.fullmatch(family.pattern, name)), None)


def combinations(samples: Mapping[str, tuple[Value, ...]]) -> Iterator[dict[str, Value]]:
    """Yield every combination of sample values, or an even choice of them where they are many."""
    total = prod(map(len, samples.values()))
    step = max(total // _COMBINATIONS, 1)
    while gcd(step, total) > 1:  # else the choice would keep to some values of one variable
        step += 1
    for values in islice(product(*samples.values()), 0, None, step):
        yield dict(zip(samples, values, strict=True))


def _wrong(name: str, templates: Mapping[str, str]) -> str:
    place = _PLACE.fullmatch(name)
    kind = family(place[2]) if place else None
    if place and place[2] == _WORD_FILE:
        return "" if len(templates[name]) <= TEMPLATE_LIMIT else f"longer than {TEMPLATE_LIMIT} characters"
    if place is None or kind is None:
        return "Kith uses no template of that name"
    try:
        return _unknown(templates[name], kind) or _tried(place[2], place[1], templates, kind)
    except BadTemplate as error:
        return str(error)


def _unknown(text: str, kind: Family) -> str:
    unknown = sorted(variables(text) - kind.samples.keys())
    if not unknown:
        return ""
    return f"unknown variable {', '.join(unknown)}; there are {', '.join(sorted(kind.samples))}"


def _tried(place: str, language: str, templates: Mapping[str, str], kind: Family) -> str:
    text = templates[f"{language}/{place}"]
    if kind.header == "Subject":
        tongue = Tongue(language=language, templates=templates, familiar=".familiar." in place)
        reason = place.removeprefix("draft-").partition(".")[0]
        return _tried_draft(text, tongue, occasions(reason)) if reason in SAYS else f"there is no reason {reason}"
    for values in combinations(kind.samples):
        if kind.header:
            fitted(text, values)
        elif not render(text, values):
            return "makes no text"
    return ""


def _tried_draft(text: str, tongue: Tongue, tried: Iterable[Occasion]) -> str:
    today = date(2026, 11, 20)
    for occasion in tried:
        for first, name in (("Ada", "Ada Lovelace"), ("", "")):
            address = Address(first=first, name=name, own_first="Clara", own_name="Clara Winter", signature="")
            try:
                made = letter(tongue, text, occasion, address, today)
            except KeyError as missing:
                return f"needs the template {missing.args[0]}, which is missing"
            rule = broken(made)
            if rule:
                phrase = phrase_in(made)
                return f"{rule}: {phrase}" if phrase else rule
    return ""


def _missing(templates: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what a language with drafts of its own lacks to write them, and what only English can stand in for."""
    languages = {name.partition("/")[0] for name in templates}
    for language in sorted(languages | {LAST_RESORT}):
        drafts = any(name.startswith(f"{language}/draft-") for name in templates)
        for name in NEEDED if drafts else ():
            if f"{language}/{name}" not in templates:
                yield f"{language}/{name}", "is missing: without it no draft can be written in this language"
