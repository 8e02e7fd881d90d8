"""kith review: the week in the terminal and as JSON, over the demo world."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Kith

NOW = "2026-11-20T16:30:00"
PAIRS = {
    "activity": {"events", "hours", "new_people", "mails", "drafts_offered", "reminders_set"},
    "productivity": {"new_people", "followed_up", "conversations", "drafts_sent", "reminders_acted_on"},
}


def at(world: Path, *more: str) -> tuple[str, ...]:
    return "--config", str(world / "config.toml"), "--now", NOW, *more


@pytest.fixture
def found(kith: Kith, made: Path) -> Any:
    return kith("review", "--json", *at(made)).json


def test_the_contract(found: Any) -> None:
    """The keys that others rely on, under their names."""
    assert found["week"] == "2026-W47"
    for name, pairs in PAIRS.items():
        assert set(found[name]) == set(found["before"][name]) == set(found["facts"][name]) == pairs
    assert set(found["last_ten"]) == {"met", "followed_up"}
    assert set(found["key"]) >= {"in_touch", "of"}
    needed = {"name", "hours", "new_people", "followed_up", "second_meetings", "verdict"}
    assert found["groups"]
    assert all(needed <= set(group) for group in found["groups"])
    assert len(found["suggestions"]) <= 3


def test_every_number_can_be_unfolded(kith: Kith, made: Path, found: Any) -> None:
    """As many facts stand behind each number as it says, and each is in the export."""
    export = kith("export", *at(made)).json
    tables = ("people", "events", "mails", "reminders", "drafts", "touchpoints")
    known = {row.get("id", row.get("key")) for table in tables for row in export[table]}
    known |= {row["key"].rpartition(" ")[0] for row in export["touchpoints"]}
    for name, pairs in PAIRS.items():
        for pair in pairs - {"hours"}:
            facts = found["facts"][name][pair]
            assert len(facts) == found[name][pair], pair
            assert set(facts) <= known, pair
    for group in found["groups"]:
        assert all(len(group["facts"][key]) == group[key] for key in ("new_people", "followed_up", "second_meetings"))
        assert set(group["facts"]["events"]) <= known


def test_the_week_in_words(kith: Kith, made: Path) -> None:
    """The pairs, the groups with their verdict, and what only the user can say."""
    shown = " ".join(kith("review", *at(made)).out.split())
    for words in (
        "Week 2026-W47",
        "new people met",
        "followed up within 7 days",
        "group, 13 weeks",
        "Breakfast club 9 0 0 0 0 nothing came of it since 04 Sep: what is it for now?",
        "Founders meetup 12 0 0 0 0 routine: 2 followed up since 02 Jul",
        "Only you can say:",
    ):
        assert words in shown


def test_another_week(kith: Kith, made: Path) -> None:
    """``--week`` looks back; what is no week, or not begun, is wrong usage."""
    assert kith("review", "--json", "--week", "2026-W40", *at(made)).json["week"] == "2026-W40"
    for week in ("W47", "2026-W54", "2026-W48"):
        assert kith("review", "--week", week, *at(made)).code == 2
