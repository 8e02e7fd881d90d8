"""How long does a review take? 200,000 touchpoints of 2,000 people over five years, events and mails beside them.

python -m benchmarks.reviews [TOUCHPOINTS]
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from random import Random

from daemon.memory import collect_seldom
from daemon.model import Person, Touchpoint
from daemon.relate import opinions
from daemon.review import Letter, Occasion, Past, Week, numbers, survey, weekly
from tests.histories import SETTINGS, state

NOW = datetime(2026, 11, 27, 15, tzinfo=UTC)
PEOPLE = 2_000
DAYS = 5 * 365


def main() -> None:
    """Make a past, and time what is made of it."""
    collect_seldom()  # as every command does
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    random = Random(7)
    facts: dict[str, list[Touchpoint]] = {}
    occasions, letters = [], []
    for count in range(number):
        who = f"p-{int(PEOPLE * random.random() ** 2)}"
        at = NOW - timedelta(days=random.random() * DAYS)
        meeting = count % 4 == 0
        series = f"group-{count % 60}" if count % 8 == 0 else f"title-{count}"
        kind = (
            random.choice(("one-to-one", "small-group", "gathering")) if meeting else random.choice(("wrote", "heard"))
        )
        address = f"{who}@far.example"
        facts.setdefault(who, []).append(
            Touchpoint(
                source=f"s{count}",
                address=address,
                person=who,
                at=at,
                kind=kind,
                rule="E6" if meeting else "M1",
                account="a",
                title=series,
                series=series if meeting else None,
                thread=None if meeting else f"t{count % 30_000}",
                began=random.choice(("me", "them", None)),
                minutes=60,
            )
        )
        if meeting:
            end = at + timedelta(hours=1)
            occasions.append(
                Occasion(
                    key=f"s{count}",
                    start=at,
                    end=end,
                    hours=1,
                    title=series,
                    series=series,
                    recurring=count % 8 == 0,
                    kind=kind,
                    open=count % 16 == 0,
                )
            )
        else:
            letters.append(Letter(key=f"s{count}", at=at))
    known = {who: tuple(sorted(items, key=lambda item: (item.at, item.key))) for who, items in facts.items()}
    people = [Person(id=who, name=f"Ada {who}", addresses=(f"{who}@far.example",)) for who in known]
    world = state(known, persons=people, now=NOW, settings=SETTINGS, earliest=NOW - timedelta(days=DAYS))
    past = Past(
        occasions=tuple(sorted(occasions, key=lambda item: (item.start, item.key))),
        letters=tuple(sorted(letters, key=lambda item: item.at)),
    )
    begun = time.process_time()
    thoughts = opinions(world)
    formed = time.process_time()
    laid = survey(world, past, thoughts)
    found = weekly(laid, Week.of(NOW.date()))
    made = time.process_time()
    for back in range(52):
        numbers(laid, Week.of(NOW.date()).before(back))
    year = time.process_time()
    print(f"{number} touchpoints of {len(known)} people, {len(found.groups)} groups")
    print(f"opinions {formed - begun:.2f} s, review {made - formed:.2f} s, 52 weeks more {year - made:.2f} s")


if __name__ == "__main__":
    main()
