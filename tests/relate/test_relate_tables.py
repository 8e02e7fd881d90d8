"""The rules of circles, gate, stages and cadence, as tables that can be checked by eye (tests/data/relate)."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from daemon.model import Opinion, Wish
from daemon.relate import opinions
from tests.histories import ME, NOW, SETTINGS, days, decided, entry, history, person, state

DATA = Path(__file__).parents[1] / "data" / "relate"


def rows(name: str) -> list[Any]:
    return [pytest.param(row, id=row["name"]) for row in tomllib.loads((DATA / name).read_text("utf-8"))["row"]]


def opinion_of(row: dict[str, Any]) -> Opinion:
    address = row.get("address", "p1@far.example")
    touches = history(row["history"], address=address)
    addresses = tuple(dict.fromkeys((address, *(item.address for item in touches))))
    wish = Wish(every=row.get("every"), tags=tuple(row.get("tags", ())))
    settings = replace(
        SETTINGS,
        me=replace(ME, addresses=(*ME.addresses, "clara@open.example"), open_domains=frozenset({"open.example"})),
        people={address: wish},
        tags={"family": Wish(every=50), "mentor": Wish(every=25)},
        received=frozenset({"inbox"}),
    )
    decisions = [decided("mark", value=mark, at=NOW - days(9)) for mark in row.get("marks", ())]
    decisions += [decided("unmark", value=mark, at=NOW - days(8)) for mark in row.get("unmarks", ())]
    decisions += [decided("circle", value=row["said"])] if "said" in row else []
    decisions += [decided("slot", at=NOW - days(9))] if row.get("slot") else []
    decisions += [decided("slot-free", at=NOW - days(8))] if row.get("freed") else []
    answers = [line.split() for line in row.get("answers", ())]
    world = state(
        {"p-1": touches},
        persons=[person("p-1", row.get("person", "Ada Berger"), addresses)],
        settings=settings,
        decisions=tuple(decisions),
        entries=tuple(entry(state=answer, day=float(day)) for answer, day in answers),
        household=frozenset({"p-1"} if row.get("household") else ()),
    )
    return opinions(world)["p-1"]


@pytest.mark.parametrize("row", rows("circles.toml"))
def test_circle(row: dict[str, Any]) -> None:
    """Each history has the circle and the gate that the table says; nobody outside has a stage or is due."""
    found = opinion_of(row)
    assert (found.circle, found.gate) == (row["circle"], row.get("gate"))
    assert row.get("why", "") in found.circle_why
    assert found.circle_why
    if found.circle != "network":
        assert (found.stage, found.due) == (None, None)


@pytest.mark.parametrize("row", rows("stages.toml"))
def test_stage(row: dict[str, Any]) -> None:
    """Each history has the stage, the intervals, the due and the silence that the table says."""
    found = opinion_of(row)
    seen = {
        "stage": found.stage,
        "ideal": found.ideal,
        "worst": found.worst,
        "due": None if found.due is None else round(found.due, 2),
        "silent": found.silent,
    }
    wanted = {name: row[name] for name in seen if name in row}
    assert wanted
    assert {name: seen[name] for name in wanted} == wanted
