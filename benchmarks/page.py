"""Times the page of a week over ten years of touches: 200,000 of 2,000 people.

.venv/bin/python benchmarks/page.py            prints a table; see benchmarks/README.md for figures
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parents[1]))

from daemon.compose import Sentences
from daemon.model import Person, State, Touchpoint
from daemon.page import contents, document
from daemon.relate import opinions
from daemon.review import Letter, Occasion, Past, Week, survey, weekly
from daemon.vocabulary import load_page
from tests.histories import NOW, SETTINGS, VOCABULARY, touch

T = TypeVar("T")
TOUCHES, PEOPLE, DAYS = 200_000, 2_000, 3_650
KINDS = {"wrote": 50, "heard": 30, "small-group": 6, "one-to-one": 5, "gathering": 4, "call": 4, "introduction": 1}
SIZES = {"small-group": 3, "gathering": 8, "introduction": 2}


def made() -> tuple[State, Past]:
    """Return ten years at random, always the same."""
    chance = random.Random(7)
    facts: dict[str, list[Touchpoint]] = {f"p-{number}": [] for number in range(PEOPLE)}
    occasions, letters, count = [], [], 0
    while count < TOUCHES:
        kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
        at, source, title = NOW - timedelta(days=chance.random() * DAYS), f"s{count}", f"Series {count % 40}"
        for who in chance.sample(list(facts), SIZES.get(kind, 1)):
            facts[who].append(touch(kind, at, person=who, address=f"{who}@far.example", source=source, title=title))
            count += 1
        if kind in {"one-to-one", "small-group", "gathering"}:
            end = at + timedelta(hours=2)
            shape = {"series": title.casefold(), "recurring": True, "kind": kind, "open": kind == "gathering"}
            occasions.append(Occasion(key=source, start=at, end=end, hours=2, title=title, **shape))  # type: ignore[arg-type]
        elif kind in {"wrote", "introduction"}:
            letters.append(Letter(key=source, at=at))
    state = State(
        now=NOW,
        settings=SETTINGS,
        vocabulary=VOCABULARY,
        people={who: Person(id=who, name=f"Person {who}", addresses=(f"{who}@far.example",)) for who in facts},
        touchpoints={who: tuple(sorted(items, key=lambda item: item.at)) for who, items in facts.items()},
        ahead={},
        calendar=(),
        open_events=frozenset(),
        entries=(),
        decisions=(),
        sources={},
        earliest=NOW - timedelta(days=DAYS),
    )
    happened = Past(
        occasions=tuple(sorted(occasions, key=lambda item: item.start)),
        letters=tuple(sorted(letters, key=lambda item: item.at)),
    )
    return state, happened


def timed(name: str, work: Callable[[], T]) -> T:
    began = time.process_time()
    found = work()
    print(f"| {name} | {time.process_time() - began:.2f} |")
    return found


def main() -> None:
    state, happened = made()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print("| 200,000 touchpoints | CPU seconds |\n|---|---|")
    thoughts = timed("opinions of everybody", lambda: opinions(state))
    found = timed("survey", lambda: survey(state, happened, thoughts))
    review = timed("review", lambda: weekly(found, Week.of(NOW.date()).before()))
    page = timed("pictures and numbers of the page", lambda: contents(review, found, Sentences()))
    text = timed("the page as a file", lambda: document(page, *load_page()))
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    print(f"\n{len(text) // 1000} kB; {more} MB of memory more than the touchpoints themselves")


if __name__ == "__main__":
    main()
