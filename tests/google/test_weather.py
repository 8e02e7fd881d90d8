"""Is every fault that the stand-in can make met by a test of Kith itself?"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from connectors._google import errors
from tests.connectors import test_google_calendar_machine, test_google_machine
from tests.google import test_crash
from tests.google.faults import KINDS
from tests.google.weather import REASONS, WEATHER

HERE = Path(__file__).parent
ROW = re.compile(r"^\| ([^|]+) \| (`[^|]*::[^|]*) \|$", re.MULTILINE)


def test_the_weather_holds_every_fault() -> None:
    """Each kind the stand-in knows, a status of each sort, every reason of a 403 that Kith tells apart."""
    kinds = {kind for kind, _ in WEATHER.values()}
    assert {kind for kind in kinds if isinstance(kind, str)} == set(KINDS) - {"empty"}
    assert {403, 429, 500, 502, 503} <= kinds
    told_apart = (
        errors._RATE | errors._SCOPE | errors._DISABLED | {"quotaExceeded", "dailyLimitExceeded", "domainPolicy"}
    )
    assert {reason for reason in told_apart if reason[0].islower()} <= set(REASONS)
    assert any("retry_after" in details for _, details in WEATHER.values())


def test_machines_and_crash_test_draw_from_it() -> None:
    """None of the three has a list of its own that could fall behind."""
    drawn = {
        "FAULTS": test_google_machine.FAULTS,
        "READS": test_google_calendar_machine.READS,
        "WRITES": test_google_calendar_machine.WRITES,
    }
    for name, strategy in drawn.items():
        assert set(WEATHER) <= set(strategy.elements), name  # type: ignore[attr-defined]
    (mark,) = test_crash.test_a_request_that_fails_is_settled_by_the_next_tick.pytestmark
    assert list(mark.args[1]) == sorted(WEATHER)


def test_the_tests_that_the_table_names_are_there() -> None:
    """README.md says which test of Kith meets which fault: every name in it is a test's."""
    rows = dict(ROW.findall((HERE / "README.md").read_text("utf-8")))
    assert {kind for kind in KINDS if not any(kind in row for row in rows)} == set()
    named = [name for cell in rows.values() for name in re.findall(r"`([^`]+)`", cell)]
    assert len(named) >= 16
    for name in named:
        path, _, function = name.partition("::")
        tree = ast.parse((HERE / path).read_text("utf-8"))
        assert function in {item.name for item in ast.walk(tree) if isinstance(item, ast.FunctionDef)}, name
