"""Every number of the review is what an independent reading of the exported document comes to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.cli.conftest import NOW, Kith
from tests.review import oracle

BUSY = ("2003-W16", "2004-W23", "2004-W36", "2016-W31")
"""Weeks of the corpus: the three with the most mails, and that of its one forwarded mail."""
WEEKS = 52
EVERY = 5
"""Each week is looked at in its turn or among the four before."""


def differences(found: Any, wanted: Any, name: str = "") -> Iterator[str]:
    """Yield where two readings differ, each with its path."""
    if isinstance(wanted, dict):
        for key, item in wanted.items():
            yield from differences(found.get(key), item, f"{name}.{key}")
    elif isinstance(wanted, set):
        if set(found) != wanted:
            yield f"{name}: {sorted(found)}, by the oracle {sorted(wanted)}"
    elif found != (pytest.approx(wanted, abs=0.011) if isinstance(wanted, float) else wanted):
        yield f"{name}: {found}, by the oracle {wanted}"


def judged(found: dict[str, Any], judge: oracle.Oracle) -> list[str]:
    """Return where ``found``, the review of a week, differs from the oracle."""
    until = datetime.fromisoformat(found["until"])
    monday = date.fromisocalendar(int(found["week"][:4]), int(found["week"][-2:]), 1)
    groups = {row["series"] or oracle.folded(row["name"]): row for row in found["groups"]}
    wanted = {
        **judge.week(monday),
        "before": judge.before(monday),
        "last_week": judge.week(monday - timedelta(days=7)),
        "last_ten": judge.last_ten(until),
        "key": judge.key(),
        "growing": judge.growing(monday, until),
        "help": judge.help(monday),
        "initiative_lost": judge.initiative_lost(),
    }
    if groups.keys() != judge.groups(until).keys():
        return [f"{found['week']}: groups {sorted(groups)}, by the oracle {sorted(judge.groups(until))}"]
    wanted["groups"] = judge.groups(until)
    return [f"{found['week']}{line}" for line in differences({**found, "groups": groups}, wanted)]


def weeks_before(now: datetime, count: int, every: int) -> Iterator[str]:
    for number in range(0, count, every):
        year, week, _ = (now - timedelta(weeks=number)).isocalendar()
        yield f"{year}-W{week:02}"


def test_the_demo_year(kith: Kith, world: Path) -> None:
    """Each week of the demo's year: pairs, the four weeks before, last ten, key, growing, help, initiative, groups."""
    words = ("--config", world / "config.toml", "--now", NOW, "--json")
    zone = ZoneInfo("Europe/Vienna")
    now = datetime.fromisoformat(NOW).replace(tzinfo=zone)
    judge = oracle.Oracle(kith("export", *words).json, now, zone)
    weeks = list(weeks_before(now, WEEKS, EVERY))
    found = [kith("review", *words, "--week", week).json for week in weeks]
    assert [line for row in found for line in judged(row, judge)] == []
    seen = judge.groups(now).values()
    assert {row["verdict"] for row in seen} >= {"routine", "rut", "closed"}  # what is compared is not all zeros
    mondays = (date.fromisoformat("2025-12-01") + timedelta(weeks=number) for number in range(WEEKS - 2))
    assert sum(judge.week(monday)["productivity"]["followed_up"] for monday in mondays)
    assert judge.initiative_lost()


@pytest.mark.corpus
def test_the_shared_corpus(kith: Kith, corpora: Path, tmp_path: Path) -> None:
    """Real sent mail, its busiest weeks: no number differs."""
    config = tmp_path / "config.toml"
    config.write_text(
        'state = "state"\n[me]\nname = "Lifobu Hovude"\naddresses = ["serite@famefure.example"]\n'
        'timezone = "America/Chicago"\n'
        f'[accounts.sent]\nkind = "mbox"\npath = {json.dumps(str(corpora / "sent.mbox"))}\n',
        encoding="utf-8",
    )
    assert kith("once", "--config", config, "--now", "2018-04-27").code == 0
    zone = ZoneInfo("America/Chicago")
    words = ("--config", config, "--now", "2018-04-27T18:00:00", "--json")
    now = datetime(2018, 4, 27, 18, tzinfo=zone)
    judge = oracle.Oracle(kith("export", *words).json, now, zone)
    found = [kith("review", *words, "--week", week).json for week in BUSY]
    assert [line for row in found for line in judged(row, judge)] == []
    assert sum(row["activity"]["mails"] for row in found) > 30
