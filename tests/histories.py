"""Short histories in words a person can read, turned into the facts that relate and plan work on.

One line of a history is a kind of touch, its day counted from today, and what else is known:
``small-group -360..-30/30 title=Dinner`` (every 30 days from 360 to 30 days ago) or
``wrote -40 thread=offer began=me``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from daemon.model import Decision, Entry, Me, Person, Plan, Settings, SourceState, State, Touchpoint, Vocabulary

NOW = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)
"""A Monday."""
ZONE = ZoneInfo("Europe/Vienna")
VOCABULARY = Vocabulary(
    {
        "free-mail": frozenset({"gmail.com", "gmx.at", "bluewin.ch"}),
        "role-locals": frozenset({"support", "office", "hello"}),
    }
)
ME = Me(name="Clara Winter", addresses=("clara@winter.example", "clara@gmail.com"), zone=ZONE)
SETTINGS = Settings(me=ME, reminders="home", drafts="post")
MAILS = {"wrote", "heard", "copied", "forwarded", "introduction"}
_LINE = re.compile(
    r"(?P<kind>[a-z-]+) (?P<first>[+-]\d+(?:\.\d+)?)(?:\.\.(?P<last>[+-]\d+)/(?P<step>\d+))?(?P<rest>.*)"
)


YESTERDAY = NOW - timedelta(days=1)


def days(number: float) -> timedelta:
    return timedelta(days=number)


def touch(kind: str, at: datetime, *, person: str = "p-1", address: str = "p1@far.example", **more: Any) -> Touchpoint:
    source = more.pop("source", f"{kind}-{at.isoformat()}-{person}")
    if kind in MAILS:
        more.setdefault("thread", f"t-{at.isoformat()}-{person}")
    else:
        more.setdefault("series", more.get("title", source).casefold())
    return Touchpoint(
        source=source,
        address=address,
        person=person,
        at=at,
        kind=kind,  # type: ignore[arg-type]
        rule=more.pop("rule", "M1" if kind in MAILS else "E6"),
        account=more.pop("account", "archive"),
        **more,
    )


def history(
    lines: Iterable[str], person: str = "p-1", address: str = "p1@far.example", now: datetime = NOW
) -> tuple[Touchpoint, ...]:
    found = [item for line in lines for item in _line(line, person, address, now)]
    return tuple(sorted(found, key=lambda item: (item.at, item.key)))


def _line(line: str, person: str, address: str, now: datetime) -> Iterable[Touchpoint]:
    match = _LINE.fullmatch(line)
    assert match, line
    more: dict[str, Any] = {"address": address}
    for word in match["rest"].split():
        name, equals, value = word.partition("=")
        more[name] = value if equals else True
    day, last = float(match["first"]), float(match["last"] or match["first"])
    while day <= last:
        yield touch(match["kind"], now + days(day), person=person, **more)
        day += int(match["step"] or 1)


def person(
    id_: str = "p-1", name: str = "Ada Berger", addresses: tuple[str, ...] = ("p1@far.example",), **more: Any
) -> Person:
    return Person(id=id_, name=name, addresses=addresses, certain_name=True, **more)


def decided(kind: str, about: str = "p-1", value: str = "", at: datetime = YESTERDAY) -> Decision:
    return Decision(key=f"{kind}/{about}/{value}/{at.isoformat()}", at=at, kind=kind, about=about, value=value)


def state(
    people: Mapping[str, Sequence[Touchpoint]] | None = None,
    *,
    persons: Sequence[Person] = (),
    now: datetime = NOW,
    **more: Any,
) -> State:
    """A state in which all is well: facts by person id, two years of data, one source that has caught up."""
    facts = people or {}
    known = {item.id: item for item in persons}
    for id_, touches in facts.items():
        address = touches[-1].address if touches else f"{id_}@far.example"
        known.setdefault(id_, person(id_, name=f"{id_.title()} Person", addresses=(address,)))
    defaults: dict[str, Any] = {
        "settings": SETTINGS,
        "vocabulary": VOCABULARY,
        "ahead": {},
        "calendar": (),
        "open_events": frozenset(),
        "entries": (),
        "decisions": (),
        "sources": {"archive": SourceState(account="archive", kind="mbox", caught_up=True)},
        "earliest": NOW - days(800),
    }
    return State(now=now, people=known, touchpoints=facts, **{**defaults, **more})


def taken(before: State, plan: Plan, as_: str = "written") -> State:
    """The state after ``plan`` was carried out."""
    from dataclasses import replace

    leaving = {item.key: item.why for item in plan.withdraw}
    kept = [
        replace(
            entry,
            state={"overtaken": "overtaken", "passed": "passed"}.get(leaving[entry.key], "withdrawn"),
            problem=leaving[entry.key],
            settled=before.now,
        )
        if entry.key in leaving
        else entry
        for entry in before.entries
    ]
    fresh = [replace(entry, state=as_, ref=f"ref-{entry.key}", settled=before.now) for entry in plan.write]  # type: ignore[arg-type]
    said = {item.key: item for item in (*before.decisions, *plan.decisions)}
    return replace(before, entries=(*kept, *fresh), decisions=tuple(said.values()))


def entry(
    kind: str = "reconnect", about: str = "p-1", *, day: float = -10, state: str = "written", **more: Any
) -> Entry:
    start = NOW + days(day)
    defaults: dict[str, Any] = {
        "key": f"{kind}/{about}/{day}",
        "account": "home",
        "reason": "due",
        "fact": "fact",
        "cycle": 0,
        "evidence": ("fact",),
        "title": "Talk to Ada",
        "body": "",
        "start": None if kind == "draft" else start,
        "end": None if kind == "draft" else start + timedelta(minutes=15),
        "decided": min(start, NOW) - days(2),
        "settled": start,
        "ref": "ref",
    }
    return Entry(kind=kind, person=about, state=state, **{**defaults, **more})  # type: ignore[arg-type]
