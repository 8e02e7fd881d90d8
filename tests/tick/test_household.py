"""Who is of the household? Whoever's calendar the user reads: its id is their address (C20)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from daemon.config import load
from daemon.relate import opinions
from daemon.session import open_session
from tests.tick.test_crash import NOW, once, world


def test_the_id_of_a_calendar_is_somebodys_address(tmp_path: Path) -> None:
    """They are counted, never proposed; without that calendar they are who they were."""
    world(tmp_path)
    once(tmp_path)
    session = open_session(tmp_path / "config.toml", datetime.fromisoformat(NOW))
    with session.ledger(write=False) as ledger:
        before = session.memory(ledger).state()
        known = opinions(before)
        someone = next(person for person in before.people.values() if known[person.id].circle == "network")
        settings = replace(before.settings, calendars=frozenset(someone.addresses[:1]))
        memory = session.memory(ledger)
        memory.settings = settings
        after = memory.state()
    assert (before.household, after.household) == (frozenset(), {someone.id})
    found = opinions(after)
    assert (found[someone.id].circle, found[someone.id].stage) == ("household", None)
    assert {who for who in found if found[who].circle != known[who].circle} == {someone.id}


def test_calendars_of_an_account_are_known_by_their_ids(tmp_path: Path) -> None:
    """Folded, and only those that are addresses."""
    (tmp_path / "config.toml").write_text(
        '[me]\nname = "Clara Winter"\naddresses = ["clara@winter.example"]\ntimezone = "Europe/Vienna"\n'
        '[accounts.home]\nkind = "google"\ncalendars = { primary = "work", "Tom@Winter.example" = "busy" }\n'
    )
    made = load(tmp_path / "config.toml", {}, datetime.fromisoformat(NOW).date())
    assert made.settings.calendars == {"tom@winter.example"}
