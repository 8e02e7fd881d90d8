"""Reads ``tests/data/backtest``: small worlds by the day, and what a replay of them comes to."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.records import Event, Guest, Mailbox, Message
from daemon.backtest import Known, Past, Result, Walk, judge, looks, replay
from daemon.model import Decision, Me, Records, Settings
from daemon.vocabulary import load_templates, load_vocabulary

FILE = Path(__file__).parent.parent / "data" / "backtest" / "worlds.toml"
ZONE = ZoneInfo("Europe/Vienna")
ME = Mailbox(address="clara@winter.example", name="Clara Winter")
SETTINGS = Settings(me=Me(name="Clara Winter", addresses=(ME.address,), zone=ZONE))
VOCABULARY = load_vocabulary()
TEMPLATES = load_templates(None)


def cases() -> Iterator[Mapping[str, Any]]:
    """Yield each small world."""
    yield from tomllib.loads(FILE.read_text("utf-8"))["case"]


def new_id(address: str) -> str:
    """Return a stable id for an address."""
    return "p-" + hashlib.sha256(address.encode()).hexdigest()[:10]


def box(name: str) -> Mailbox:
    """Return the mailbox of somebody called ``name``."""
    return Mailbox(address=f"{name.lower()}@{name.lower()}.example", name=f"{name} Example")


def local(text: str, hour: int) -> datetime:
    """Return the instant of a day, or of a day and a time, in Vienna."""
    day = datetime.fromisoformat(text)
    at = datetime.combine(day.date(), time(hour)) if len(text) == 10 else day
    return at.replace(tzinfo=ZONE).astimezone(UTC)


def mail(number: int, at: datetime, name: str) -> Message:
    """Return a mail of Clara's that begins a thread."""
    key = f"m{number}@winter.example"
    return Message(
        key=key, message_id=key, account="sent", at=at, sender=ME, to=(box(name),), subject=f"Matter {number}"
    )


def meeting(number: int, at: datetime, name: str) -> Event:
    """Return an hour of Clara's with one other, who came."""
    who = box(name)
    guests = (
        Guest(address=who.address, name=who.name, answer="accepted"),
        Guest(address=ME.address, answer="accepted", me=True),
    )
    key = f"e{number}@winter.example"
    return Event(
        key=key,
        uid=key,
        source_id=key,
        account="agenda",
        start=at,
        end=at + timedelta(hours=1),
        title=f"Matter {number}",
        organiser=ME,
        guests=guests,
    )


def table(number: int, at: datetime) -> Event:
    """Return an evening of the same title with three others: a fourth one in a row makes them all a habit (E10)."""
    others = [box(name) for name in ("Ada", "Ben", "Cleo")]
    guests = tuple(Guest(address=who.address, name=who.name, answer="accepted") for who in others)
    one = meeting(number, at, "Ada")
    return replace(one, title="Table", guests=(*guests, one.guests[-1]))


def records(met: Iterable[str], wrote: Iterable[str]) -> Records:
    """Return the records of ``met`` and ``wrote``, and one long before them: the data do not begin yesterday."""
    split = [(text.rpartition(" ")[0], text.rpartition(" ")[2]) for text in wrote]
    mails = [mail(0, local("2023-01-02", 10), "Zoe")]
    mails += [mail(number, local(day, 10), name) for number, (day, name) in enumerate(split, 1)]
    held = [(text.rpartition(" ")[0], text.rpartition(" ")[2]) for text in met]
    events = [meeting(number, local(day, 14), name) for number, (day, name) in enumerate(held, 1)]
    return Records(messages={item.key: item for item in mails}, events={item.key: item for item in events})


def past_of(case: Mapping[str, Any]) -> Past:
    """Return the past of a small world."""
    now = local(case["now"], 12)
    marked = [mark.split() for mark in case.get("marks", ())]
    decisions = tuple(
        Decision(key=f"mark/{name}", at=now, kind="mark", about=new_id(box(name).address), value=word)
        for name, word in marked
    )
    return Past(
        records=records(case.get("met", ()), case.get("wrote", ())),
        decisions=decisions,
        settings=SETTINGS,
        vocabulary=VOCABULARY,
        new_id=new_id,
    )


def result_of(case: Mapping[str, Any]) -> Result:
    """Replay a small world and judge it."""
    now, past = local(case["now"], 12), past_of(case)
    times = looks(case["weeks"], now, past)
    (done,) = replay(Walk(past, times[0]), times, (past.settings,), past, TEMPLATES)
    today = Walk(past, times[0]).to(now)
    return judge(done, today.people, today.touchpoints, today.ids, now=now)


def told(found: Result) -> tuple[list[str], list[str]]:
    """Return proposals and misses in the words of the table."""
    proposed = []
    for row in found.rows:
        item = row.proposed
        touch = f" {row.touch.kind} {row.touch.at.astimezone(ZONE):%-d %b}" if row.touch else ""
        name = item.name.partition(" ")[0]
        proposed.append(f"{row.week} {item.at.astimezone(ZONE):%a %-d %b} {item.kind} {name}: {row.outcome}{touch}")
    missed = [
        f"{item.week} {item.name.partition(' ')[0]} {item.touch.kind} after {item.days:.0f} days: {item.why}"
        for item in found.missed
    ]
    return proposed, missed


def facts_of(known: Known) -> dict[str, frozenset[tuple[str, str, str]]]:
    """Return the facts of each person, for comparing."""
    return {
        who: frozenset((item.key, item.kind, item.rule) for item in items) for who, items in known.touchpoints.items()
    }
