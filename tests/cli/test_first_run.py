"""The first run: nothing is written before the user has seen a plan and said yes, and the yes is for just that."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon import loop
from daemon.cli.codes import exit_code_of
from daemon.herald import Herald
from daemon.manager import Manager
from daemon.session import open_session
from tests.cli.conftest import Kith
from tests.cli.test_journeys import at, drafts, files, reminders, unconfirmed

__all__ = ["unconfirmed"]

DAY = timedelta(days=1)


def written(world: Path) -> set[str]:
    return {*reminders(world), *drafts(world)}


def test_an_unconfirmed_tick_leaves_no_rows(kith: Kith, unconfirmed: Path) -> None:
    """Facts are committed, the outbox stays empty, the plan is data (also as JSON), the next command is not; 0."""
    ran = kith("once", "--json", *at(unconfirmed))
    assert ran.code == 0
    assert "kith once --yes" in ran.err
    assert "kith once --yes" not in ran.out
    assert (ran.json["confirmed"], ran.json["delivered"], ran.json["standing"]) == (False, [], 0)
    plan = kith("plan", "--json", *at(unconfirmed))
    assert ran.json["plan"] == plan.json
    assert len(plan.json["write"]) >= 5
    assert "kith once --yes" in plan.err
    assert written(unconfirmed) == set()
    assert kith("status", "--json", *at(unconfirmed)).json["outbox"] == 0


def test_after_the_yes_the_plan_is_data_no_more(kith: Kith, unconfirmed: Path) -> None:
    """Confirmed, ``once`` says what it did; nobody is asked again."""
    assert kith("once", "--yes", *at(unconfirmed)).code == 0
    later = kith("once", "--json", *at(unconfirmed, "2026-11-21T09:00:00"))
    assert "plan" not in later.json
    assert "--yes" not in later.err


@pytest.mark.parametrize(
    ("confirmed", "chosen", "writing", "words"),
    [
        ("", True, "unconfirmed", "kith once --yes"),
        ("confirmed = true\n", True, "on", ""),
        ("confirmed = false\n", True, "forbidden", "confirmed = false"),
        ("", False, "off", "names no account"),
    ],
)
def test_status_says_what_writing_waits_for(
    kith: Kith, unconfirmed: Path, confirmed: str, chosen: bool, writing: str, words: str
) -> None:
    """A word in JSON, a line with the command in text."""
    config = unconfirmed / "config.toml"
    table = f'[write]\nreminders = "calendar"\ndrafts = "mail"\n{confirmed}' if chosen else ""
    config.write_text(re.sub(r"\[write\]\n(?:[a-z]+ = .*\n)*", table, config.read_text()))
    assert kith("once", *at(unconfirmed)).code == 0
    assert kith("status", "--json", *at(unconfirmed)).json["writing"] == writing
    text = kith("status", *at(unconfirmed)).out
    assert words in text
    assert ("once --yes" in text) == (writing == "unconfirmed")
    assert bool(written(unconfirmed)) == (writing == "on")


def test_the_yes_is_for_these_accounts(kith: Kith, unconfirmed: Path) -> None:
    """Another account chosen is asked about anew; chosen back, the yes holds (C36)."""
    config = unconfirmed / "config.toml"
    said = config.read_text()
    assert kith("once", "--yes", *at(unconfirmed)).code == 0
    other = '[accounts.other]\nkind = "ics"\nreminders = "other.ics"\n\n[write]\nreminders = "other"'
    config.write_text(said.replace('[write]\nreminders = "calendar"', other))
    later = at(unconfirmed, "2026-11-23T09:00:00")
    before = written(unconfirmed)
    ran = kith("once", *later)
    assert "kith once --yes" in ran.err
    assert not (unconfirmed / "other.ics").exists()
    assert written(unconfirmed) == before
    config.write_text(said)
    assert "kith once --yes" not in kith("once", *later).err


def test_no_is_no(kith: Kith, unconfirmed: Path) -> None:
    """``confirmed = false`` forbids even what was confirmed before, and --yes cannot overrule it (78)."""
    config = unconfirmed / "config.toml"
    assert kith("once", *at(unconfirmed)).code == 0
    config.write_text(config.read_text().replace("[write]\n", "[write]\nconfirmed = false\n"))
    before = files(unconfirmed)
    ran = kith("once", "--yes", *at(unconfirmed))
    assert (ran.code, ran.out) == (78, "")
    assert "confirmed = false" in ran.err
    ran = kith("once", *at(unconfirmed))
    assert ran.code == 0
    assert "confirmed = false" in ran.err
    assert "--yes" not in ran.err
    assert files(unconfirmed) == before


# -- run ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def running(kith: Kith, tmp_path: Path) -> tuple[Path, Callable[[], None]]:
    """A demo world of today that nobody has confirmed, and the tick of a ``kith run`` that stays over it."""
    world = tmp_path / "today"
    assert kith("demo", "--out", world).code == 0
    for path in (world / "kith.ics", world / "state/ledger.jsonl", world / "state/run/status.json"):
        path.unlink()
    for path in drafts(world).values():
        path.unlink()
    shutil.rmtree(world / "state/reviews")
    config = world / "config.toml"
    config.write_text(config.read_text().replace("confirmed = true\n", ""))
    runner = loop.Runner(
        config=config,
        tell=exit_code_of,
        configuration=open_session(config).configuration,
        standing=loop.Standing(),
        herald=Herald(Manager({})),
    )
    return world, runner.tick


def test_a_running_kith_waits_and_begins_after_the_yes(
    kith: Kith, running: tuple[Path, Callable[[], None]], capsys: pytest.CaptureFixture[Any]
) -> None:
    """Each tick says what it waits for and writes nothing outside; after ``once --yes`` beside it, the next one writes.

    The page of the week lies in the state: that is nowhere outside.
    """
    world, tick = running
    config = ("--config", world / "config.toml")
    for _ in range(2):
        tick()
        lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("tick ")]
        assert ["confirmed=False" in line and "kith once --yes" in line for line in lines] == [True]
        assert (written(world), kith("export", *config).json["reminders"]) == (set(), [])
        assert "kith once --yes" in kith("status", *config).out
    assert len(list((world / "state/reviews").glob("????-W??.html"))) == 1
    assert kith("once", "--yes", *config).code == 0
    before = written(world)
    assert len(before) >= 5
    row = next(row for row in kith("export", *config).json["reminders"] if row["person"])
    assert kith("mark", row["person"], "never", *config).code == 0
    capsys.readouterr()
    tick()
    (line,) = (line for line in capsys.readouterr().err.splitlines() if line.startswith("tick "))
    assert "confirmed=True" in line
    assert f"{row['kind']}-withdrawn=1" in line
    assert "--yes" not in line
    assert row["title"] in before - written(world)
    reminders = kith("export", *config).json["reminders"]
    ringing = {"follow-up", "debrief", "sentinel"}
    rings = [item["at"] for item in reminders if item["kind"] in ringing and item["fate"] == "written"]
    runner = tick.__self__  # type: ignore[attr-defined]
    assert runner.rings == datetime.fromisoformat(min(rings)) - timedelta(minutes=10)  # a fresh look before it rings


def test_a_running_kith_stops_writing_after_undo(
    kith: Kith, running: tuple[Path, Callable[[], None]], capsys: pytest.CaptureFixture[Any]
) -> None:
    """``undo --all`` beside it: its next tick waits for a yes again, and writes nothing."""
    world, tick = running
    config = ("--config", world / "config.toml")
    assert kith("once", "--yes", *config).code == 0
    tick()
    assert "confirmed=True" in capsys.readouterr().err
    assert kith("undo", "--all", "--yes", *config).code == 0
    assert written(world) == set()
    tick()
    assert "writing waits for: kith once --yes" in capsys.readouterr().err
    assert written(world) == set()
