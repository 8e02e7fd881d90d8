"""Short-hands for weeks of a life: what happened, laid out for a review."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from daemon.model import State, Touchpoint
from daemon.relate import opinions
from daemon.review import Doubt, Letter, Occasion, Past, Survey, Week, survey
from tests.histories import ME, NOW, SETTINGS, days, decided, entry, history, person, state, touch

LAST_WEEK = Week.read("2026-W22")
MEETINGS = {"one-to-one", "small-group", "gathering", "routine-meeting"}
LETTERS = {"wrote", "forwarded", "introduction", "copied"}
PEOPLE = "abcdef"


def surveyed(row: Mapping[str, Any]) -> Survey:
    """Lay out what ``row`` tells."""
    facts = {who: list(history(row[who], who, address(who, row))) for who in PEOPLE if who in row}
    occasions = [*_evenings(row), *_tables(row, facts)]
    touches = {who: tuple(sorted(items, key=lambda item: (item.at, item.key))) for who, items in facts.items()}
    known = {item.key for item in occasions}
    for item in (item for items in touches.values() for item in items):
        if item.kind in MEETINGS and item.source not in known and not any(_is_at(item, one) for one in occasions):
            occasions.append(occasion(item.source, item.at, float(item.minutes) / 60, item.title, item.kind))
            known.add(item.source)
    letters = {t.source: t.at for items in touches.values() for t in items if t.kind in LETTERS}
    past = Past(
        occasions=tuple(sorted(occasions, key=lambda item: (item.start, item.key))),
        doubts=tuple(_doubts(row)),
        letters=tuple(sorted((Letter(key=key, at=at) for key, at in letters.items()), key=lambda item: item.at)),
    )
    world = lived(row, touches)
    return survey(world, past, opinions(world))


def lived(row: Mapping[str, Any], touches: Mapping[str, tuple[Touchpoint, ...]]) -> State:
    me = replace(ME, addresses=(*ME.addresses, "clara@firm.example"))
    routine = replace(SETTINGS.routine, ignore_titles=tuple(row.get("ignore", ())))
    wishes = [text.split() for text in row.get("wishes", ())]
    said = [decided("x", who, at=NOW + days(float(day))) for who, day in wishes]
    said += [decided("mark", who, "target") for who in row.get("targets", ())]
    return state(
        touches,
        persons=[
            person(who, row.get("names", {}).get(who, f"{who.upper()} Person"), (address(who, row),)) for who in touches
        ],
        now=NOW + days(row.get("now", 0)),
        settings=replace(SETTINGS, me=me, routine=routine),
        decisions=tuple(said),
        entries=tuple(_entries(row)),
        earliest=NOW + days(row.get("earliest", -800)),
    )


def address(who: str, row: Mapping[str, Any]) -> str:
    return f"{who}@firm.example" if who in row.get("colleagues", ()) else f"{who}@far.example"


def occasion(key: str, start: datetime, hours: float, title: str, kind: str, **more: Any) -> Occasion:
    more = {"recurring": False, "open": False, "series": title.casefold() or None, **more}
    end = start + timedelta(hours=hours)
    return Occasion(key=key, start=start, end=end, hours=hours, title=title, kind=kind, **more)


def spread(text: str) -> Iterator[datetime]:
    span, _, step = text.partition("/")
    first, last = (int(part) for part in span.split(".."))
    return (NOW + days(day) for day in range(first, last + 1, int(step)))


def _evenings(row: Mapping[str, Any]) -> Iterator[Occasion]:
    for name, hours, is_open in (("evening", 3, True), ("hall", 2, False)):
        times = [NOW + days(day) for day in row.get(f"{name}s", ())]
        for at in [*times, *(spread(row[name]) if name in row else ())]:
            yield occasion(f"{name}-{at}", at, hours, name.title(), "attendance", open=is_open)


def _tables(row: Mapping[str, Any], facts: dict[str, list[Touchpoint]]) -> Iterator[Occasion]:
    for span, of in (("table", "of"), ("then", "with")):
        for at in spread(row[span]) if span in row else ():
            key = f"table-{at}"
            yield occasion(key, at, 1, "Table", "small-group", recurring=True)
            for who in row[of]:
                met = touch("small-group", at, person=who, address=address(who, row), source=key, series="table")
                facts.setdefault(who, []).append(met)


def _is_at(item: Touchpoint, one: Occasion) -> bool:
    """Tell whether a typed gathering is of that evening."""
    return item.series == one.series and one.start <= item.at <= one.end


def _doubts(row: Mapping[str, Any]) -> Iterator[Doubt]:
    for number, text in enumerate(row.get("doubts", ())):
        kind, day, title = text.split(" ", 2)
        yield Doubt(key=f"doubt-{number}", at=NOW + days(float(day)), kind=kind, title=title)


def _entries(row: Mapping[str, Any]) -> Iterator[Any]:
    for text in row.get("entries", ()):
        kind, day, fate, *never = text.split()
        about = entry(kind, "a", day=float(day), state=fate, ref=None if never else "ref")
        yield replace(about, decided=NOW + days(float(day))) if kind == "draft" else about
