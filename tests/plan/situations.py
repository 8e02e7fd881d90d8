"""Short-hands for situations of a life: friends who are due, people just met, what a plan wrote and why not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from connectors.records import Event
from daemon.model import Entry, Plan, SourceState, State
from daemon.plan import decide
from daemon.relate import opinions
from daemon.vocabulary import load_templates, load_vocabulary
from tests.histories import NOW, ZONE, days, history, touch

TEMPLATES = load_templates()
VOCABULARY = load_vocabulary()
LUNCHES = ["one-to-one -300..-90/30 title=Lunch", "wrote -89 title=Pumps-for-the-valley"]
"""A friend who is due."""


def plan_for(world: State) -> Plan:
    world = replace(world, vocabulary=VOCABULARY)
    return decide(world, opinions(world), TEMPLATES)


def friends(number: int, lines: Iterable[str] = tuple(LUNCHES)) -> dict[str, Any]:
    ids = [f"p-{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"[:number]]
    return {who: history(lines, who, f"{who}@far.example") for who in ids}


def met(number: int, ago: float = 1.2, kind: str = "small-group") -> dict[str, Any]:
    facts = {f"n-{count}": NOW - days(ago) for count in range(number)}
    return {
        who: (touch(kind, at, person=who, address=f"{who}@far.example", title="Valley fair", source="fair"),)
        for who, at in facts.items()
    }


def written(plan: Plan, kind: str | None = None) -> list[Entry]:
    return [item for item in plan.write if kind is None or item.kind == kind]


def local(item: Entry) -> str:
    return item.start.astimezone(ZONE).strftime("%a %d %H:%M") if item.start else ""


def why(plan: Plan, who: str, kind: str = "reconnect") -> str | None:
    return next((item.why for item in plan.held if (item.person, item.kind) == (who, kind)), None)


def busy(start: datetime | date, hours: float = 1, **more: Any) -> Event:
    key = f"{start}{more}"
    end = start + timedelta(hours=hours)
    return Event(key=key, uid=key, source_id=key, account="agenda", start=start, end=end, **more)


def source(**more: Any) -> dict[str, SourceState]:
    return {"archive": SourceState(account="archive", kind="mbox", **{"caught_up": True, **more})}


THINGS = ("Pumps", "Valves", "Tubes", "Mills", "Ovens", "Tanks")


def quoted(number: int) -> dict[str, Any]:
    """Friends who are due, each with a subject of their own."""
    found = friends(number, ["one-to-one -300..-90/30"])
    titles = {who: f"{THINGS[count % len(THINGS)]} for the valley" for count, who in enumerate(found)}
    return {who: tuple(replace(item, title=titles[who]) for item in items) for who, items in found.items()}
