"""A life of Kith in a calendar and in Drafts: whatever happens, in whatever order, it keeps its word.

CI runs 500 steps in all; ``KITH_EFFORT=40`` runs 20,000 and more.
"""

from __future__ import annotations

import os
from functools import partial

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from connectors._google import meter
from tests.hand.files_home import FilesHome
from tests.hand.google_home import GoogleHome, TasksHome
from tests.hand.machine import Machine

EFFORT = int(os.environ.get("KITH_EFFORT", "1"))
HOMES = [(FilesHome, 9, 44, 300), (GoogleHome, 6, 44, 150), (TasksHome, 4, 36, 60)]
"""How many lives of how many steps in each, and how many steps that comes to at least: 510 in all."""


@pytest.fixture(autouse=True)
def _in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A read tried again waits for seconds; here none pass. Nor does fsync: the power stays on."""
    monkeypatch.setattr(meter, "Clock", partial(meter.Clock, sleep=lambda _: None))
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.mark.parametrize(("home", "lives", "length", "steps"), HOMES)
def test_kith_keeps_its_word(home: type, lives: int, length: int, steps: int) -> None:
    """No user edit overwritten, nothing deleted back, capacity kept, and at rest what stands is the plan."""

    class Here(Machine):
        make_home = home
        taken = 0

    course = settings(
        max_examples=lives * EFFORT,
        stateful_step_count=length,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, *([Phase.shrink] if os.environ.get("KITH_SHRINK") else [])],
    )
    run_state_machine_as_test(Here, settings=course)
    assert Here.taken >= steps * EFFORT
