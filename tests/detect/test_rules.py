"""Every rule of PRACTICE 1 and 2, by example: the tables stand in ``tests/data/rules``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from tests.detect import rule_rows as rows

TABLES = list(rows.tables())
STATED = (
    "counts", "verdicts", "absent", "ignored", "own", "people", "certain", "dead", "questions", "began", "mine",
    "others", "times", "birthdays",
)  # fmt: skip


@pytest.mark.parametrize("row", [row for _, row in TABLES], ids=[name for name, _ in TABLES])
def test_a_row_comes_out_as_it_says(row: Mapping[str, Any]) -> None:
    """What a row states is what detection finds."""
    world = rows.world(row)
    found = rows.outcome(rows.facts(world), world.asked)
    stated = {name: row[name] if name == "verdicts" else sorted(row[name]) for name in STATED if name in row}
    assert stated == {name: found[name] for name in stated}


def test_every_row_states_something() -> None:
    """No row passes because it expects nothing, and no column is misspelt."""
    inputs = {
        "case", "now", "wrote", "events", "mails", "lists", "also_me", "decisions", "caught_up", "situation",
    }  # fmt: skip
    for name, row in TABLES:
        assert any(column in row for column in STATED), name
        assert set(row) <= {*inputs, *STATED}, name


def test_every_rule_has_three_rows() -> None:
    """Each of E0-E12, M1-M8 and A1-A12 has a table of at least three rows."""
    counted = Counter(name.partition(":")[0] for name, _ in TABLES)
    wanted = [*(f"E{n}" for n in range(13)), *(f"M{n}" for n in range(1, 9)), "N1"]
    assert {rule: counted[rule] for rule in wanted if counted[rule] < 3} == {}
    codes = Counter(text.split()[1] for _, row in TABLES for text in row.get("ignored", ()))
    assert {code for code in (f"A{n}" for n in range(2, 13)) if not codes[code]} == set()


def test_every_record_has_a_verdict_in_words() -> None:
    """Every record of every row gets a rule and words that hold no address."""
    for _, row in TABLES:
        world = rows.world(row)
        found = rows.facts(world)
        assert set(world.asked) <= set(found.verdicts)
        for verdict in (*found.verdicts.values(), *found.guest_verdicts.values()):
            assert verdict.why
            assert "@" not in verdict.why
