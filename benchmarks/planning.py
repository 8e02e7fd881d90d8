"""How long does deciding take? 5,000 people, 200,000 touchpoints, notes, birthdays and a full calendar.

    python -m benchmarks.planning [PEOPLE TOUCHES]

Prints seconds for the opinions (formed anew, and with summaries kept as ``kith run`` keeps them) and for the plan.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.records import Event, Guest
from daemon.memory import collect_seldom
from daemon.model import Decision, Me, Person, Settings, SourceState, State, TouchKind, Touchpoint
from daemon.plan import decide
from daemon.relate import Summaries, opinions
from daemon.vocabulary import load_templates, load_vocabulary

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
YEARS = 4
KINDS: tuple[TouchKind, ...] = (
    "wrote",
    "wrote",
    "heard",
    "heard",
    "one-to-one",
    "small-group",
    "gathering",
    "call",
    "copied",
)
TITLES = (
    "Reusable packaging in Graz",
    "Tender for the warehouse",
    "Second look at pumps",
    "Machine safety training",
    "Lunch",
)
MAILS = {"wrote", "heard", "copied"}


def touches(person: str, number: int, chance: random.Random) -> Iterator[Touchpoint]:
    """Yield ``number`` facts of the last years about ``person``, in order of time."""
    days = sorted(chance.uniform(0.1, 365 * YEARS) for _ in range(number))
    for count, day in enumerate(reversed(days)):
        kind = chance.choice(KINDS)
        source = f"{person}-{count}"
        yield Touchpoint(
            source=source,
            address=f"{person}@{person}.example",
            person=person,
            at=NOW - timedelta(days=day),
            kind=kind,
            rule="M1" if kind in MAILS else "E6",
            account="archive",
            title=f"{chance.choice(TITLES)} {chance.randrange(20)}",
            thread=source if kind in MAILS else None,
            series=None if kind in MAILS else source,
            began="me" if count % 2 else "them",
            mine="clara@winter.example" if kind == "wrote" else "",
        )


def world(people: int, facts: int) -> State:
    """Return a made-up state of that size; the same every time."""
    chance = random.Random(7)
    ids = [f"p{number}" for number in range(people)]
    known = {
        who: Person(id=who, name=f"Name{who} Person{who}", addresses=(f"{who}@{who}.example",), certain_name=True)
        for who in ids
    }
    notes = [
        Decision(key=f"note/{who}/{kind}", at=NOW - timedelta(days=30), kind="note", about=who, value=f"{kind}: {what}")
        for number, who in enumerate(ids[:100])
        for kind, what in ((("needs", "a trainer for pumps"),) if number % 2 else (("offers", "training on pumps"),))
    ]
    keys = [
        Decision(key=f"mark/{who}", at=NOW - timedelta(days=90), kind="mark", about=who, value="key")
        for who in ids[:10]
    ]
    events = [
        Event(
            key=f"e{number}",
            uid=f"e{number}",
            source_id=f"e{number}",
            account="agenda",
            start=NOW + timedelta(days=1 + number % 30, hours=number % 8),
            end=NOW + timedelta(days=1 + number % 30, hours=number % 8 + 1),
            title=f"Summit on pumps {number}",
            guests=(
                Guest(address="clara@winter.example", me=True, answer="accepted"),
                *(
                    Guest(address="{0}@{0}.example".format(chance.choice(ids)), answer="accepted")
                    for _ in range(number % 30)
                ),
            ),
        )
        for number in range(200)
    ]
    return State(
        now=NOW,
        settings=Settings(
            me=Me(name="Clara Winter", addresses=("clara@winter.example",), zone=ZoneInfo("Europe/Vienna")),
            reminders="home",
            drafts="post",
        ),
        vocabulary=load_vocabulary(),
        people=known,
        touchpoints={who: tuple(touches(who, facts // people, chance)) for who in ids},
        ahead={},
        calendar=tuple(events),
        open_events=frozenset(f"e{number}" for number in range(0, 200, 10)),
        entries=(),
        decisions=(*notes, *keys),
        sources={"archive": SourceState(account="archive", kind="mbox", caught_up=True)},
        earliest=NOW - timedelta(days=365 * YEARS),
        birthdays=dict.fromkeys(ids[:3], "11-20"),
    )


def main(people: int = 5_000, facts: int = 200_000) -> None:
    """Print how long each step takes."""
    collect_seldom()  # as every command does
    state, templates, kept = world(people, facts), load_templates(), Summaries()
    print(f"{people} people, {facts} touchpoints")
    for name in ("opinions, formed anew", "opinions, summaries kept"):
        began = time.process_time()
        thoughts = opinions(state, kept)
        print(f"{name}: {time.process_time() - began:.2f} s")
    for name in ("plan", "plan once more"):
        began = time.process_time()
        plan = decide(state, thoughts, templates)
        print(f"{name}: {time.process_time() - began:.2f} s, {len(plan.write)} rows, {len(plan.held)} held")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
