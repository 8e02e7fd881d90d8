"""docs/reliability.md is whole: each of its faults is there once, and every test that it names."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/reliability.md").read_text("utf-8")
FAULTS = {"N": 12, "A": 20, "F": 15, "P": 12, "T": 10, "C": 24, "S": 10, "W": 6}
ROW = re.compile(r"^\| ([NAFPTCSW]\d+) \| (.+) \|$", re.MULTILINE)


@cache
def names(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.ClassDef)
    named = {item.name for item in ast.walk(tree) if isinstance(item, kinds)}
    return frozenset(named | {item.id for item in ast.walk(tree) if isinstance(item, ast.Name)})


def test_every_fault_is_there_once() -> None:
    """Each number of each letter, whatever its section."""
    found = [number for number, _ in ROW.findall(PAGE)]
    assert sorted(found) == sorted(f"{letter}{number + 1}" for letter, many in FAULTS.items() for number in range(many))
    assert len(found) == 109


def test_every_fault_has_a_test_or_a_reason() -> None:
    """What can happen has a test beside it; what cannot, says why, with none."""
    possible, impossible = PAGE.split("## What cannot happen here")
    assert [number for number, row in ROW.findall(possible) if "::" not in row] == []
    assert [number for number, row in ROW.findall(impossible) if "::" in row or row.count(" | ") != 1] == []


def test_every_test_is_there() -> None:
    """Under the name and in the file that the page says."""
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    assert len(named) > 200
    assert PAGE.count("::") == len(named)
    assert [f"{path}::{name}" for path, name in named if not (ROOT / path).exists() or name not in names(path)] == []
