"""Who is written about and why not the others, as a table that can be checked by eye (tests/data/plan)."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from daemon.model import Routine
from daemon.plan import decide
from daemon.relate import opinions
from daemon.vocabulary import load_templates, load_vocabulary
from tests.histories import NOW, SETTINGS, days, decided, entry, history, person, state, touch

TABLE = Path(__file__).parents[1] / "data" / "plan" / "people.toml"
ROWS = tomllib.loads(TABLE.read_text("utf-8"))["row"]
SOFT = {"draft pick-up", "draft no-reason"}
"""Whether a topic is quotable is the compose room's to say."""


@pytest.mark.parametrize("row", [pytest.param(row, id=row["name"]) for row in ROWS])
def test_person(row: dict[str, Any]) -> None:
    """Each history leads to what the table says is written, and to the reason why not, with its day."""
    address = row.get("address", "p1@far.example")
    facts = history(row["history"], address=address)
    decisions = [decided("mark", value=mark) for mark in row.get("marks", ())]
    decisions += [decided("circle", value=row["said"])] if "said" in row else []
    somebody = person(
        "p-1",
        row.get("person", "Ada Berger"),
        (address,),
        card=row.get("card", False),
        dead=(address,) if row.get("dead") else (),
    )
    answers = (line.split() for line in row.get("answers", ()))
    world = state(
        {"p-1": facts},
        persons=[somebody],
        vocabulary=load_vocabulary(),
        settings=replace(SETTINGS, routine=Routine(ignore_titles=("piano-lesson",))),
        decisions=tuple(decisions),
        ahead={"p-1": (touch(row["ahead"], NOW + days(5)),)} if "ahead" in row else {},
        entries=tuple(entry(state=answer, day=float(day), fact=facts[-1].key) for answer, day in answers),
    )
    plan = decide(world, opinions(world), load_templates())
    assert [f"{item.kind} {item.reason}" for item in plan.write if f"{item.kind} {item.reason}" not in SOFT] == row.get(
        "write", []
    )
    held = [f"{item.kind} {item.why}" for item in plan.held]
    hard = SOFT if "draft no-reason" not in row.get("held", []) else set()
    assert [item for item in held if item not in hard] == [item for item in row.get("held", []) if item not in hard]
    assert [item.kind for item in plan.decisions] == row.get("decisions", [])
    if "until" in row:
        assert [item.until for item in plan.held] == [pytest.approx(NOW + days(row["until"]), abs=days(0.001))]
