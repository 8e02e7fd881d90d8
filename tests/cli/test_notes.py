"""`kith note PERSON TEXT` reads the words that answer a reminder: each decides just what it says (docs/answers.md)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import icalendar
import pytest

from daemon.session import open_session
from tests.cli.conftest import NOW, Kith, Ran

WHO = "ben fischer"
SAID = {
    "called": ("call", [("sign", "call", "")]),
    "gestern angerufen": ("call", [("sign", "call", "")]),
    "spoke on 12 Nov: wants the study": ("call, note", [("note", "wants the study", ""), ("sign", "call", "")]),
    "met": ("one-to-one", [("sign", "one-to-one", "")]),
    "promised the Graz study by 18 Dec 2027": ("promise", [("promise", "the Graz study", "2027-12-18")]),
    "versprochen: die Graz-Studie bis 18.12.2027": ("promise", [("promise", "die Graz-Studie", "2027-12-18")]),
    "x": ("x", [("x", "", "")]),
    "key": ("key", [("mark", "key", "")]),
    "du": ("familiar", [("tone", "familiar", "")]),
    'needs: a "part-time CFO"': ("note", [("note", 'needs: a "part-time CFO"', "")]),
    "no show": ("note", [("note", "no show", "")]),
    "never mind": ("note", [("note", "never mind", "")]),
    "called tomorrow": ("note", [("note", "called tomorrow", "")]),
}


def decided(world: Path) -> list[tuple[str, str, str]]:
    with open_session(world / "config.toml").ledger(write=False) as ledger:
        mine = [item for item in ledger.decisions() if item.kind not in {"slot", "slot-free", "confirm"}]
    return sorted((item.kind, item.value, item.reason) for item in mine)


def noted(kith: Kith, world: Path, text: str, who: str = WHO) -> Ran:
    return kith("note", who, text, "--config", world / "config.toml")


@pytest.mark.parametrize("text", SAID)
def test_each_word_decides_what_it_says_and_saying_it_again_changes_nothing(kith: Kith, world: Path, text: str) -> None:
    """The answer names what was understood; the ledger holds just that, once."""
    words, rows = SAID[text]
    before = decided(world)
    for _ in range(1 if text == "du" else 2):
        ran = noted(kith, world, text)
        assert (ran.code, ran.out) == (0, f"noted ({words}): Ben Fischer\n")
    assert sorted((Counter(decided(world)) - Counter(before)).elements()) == sorted(rows)


def test_why_shows_what_somebody_cares_about_and_which_reasons_compete(kith: Kith, world: Path) -> None:
    """What was noted and what titles say, with evidence; the reason that won and those that lost."""
    noted(kith, world, "needs: a CFO; interests: sailing. Congratulate: the prize")
    ran = kith("why", WHO, "--config", world / "config.toml", "--json")
    story = ran.json
    by_source = {(row["source"], row["word"]): row["evidence"] for row in story["topics"]}
    assert by_source.keys() >= {("needs", "a CFO"), ("interests", "sailing")}
    assert all(by_source.values())
    assert any(source == "title" for source, _ in by_source)
    outcomes = {row["reason"]: row["outcome"] for row in story["reasons"]}
    assert outcomes["congratulation"] == "best"
    assert set(outcomes.values()) <= {"best", "behind", "line", "not-today", "used", "refused", "nothing-to-say"}
    text = kith("why", WHO, "--config", world / "config.toml").out
    assert "Needs (you noted): a CFO" in text
    assert "Reason to write: congratulation: the best there is" in text


def reminded(kith: Kith, world: Path) -> dict[str, Any]:
    rows = kith("export", "--config", world / "config.toml", "--now", NOW).json["reminders"]
    return next(row for row in rows if row["fate"] == "written" and row["kind"] in {"reconnect", "follow-up"})


def standing(world: Path) -> dict[str, str]:
    events = icalendar.Calendar.from_ical((world / "kith.ics").read_bytes()).walk("VEVENT")
    return {str(item["SUMMARY"]): item.decoded("DTSTART").strftime("%Y-%m-%d") for item in events}


@pytest.mark.parametrize(
    ("text", "fate"), [("no", "dismissed"), ("nein", "dismissed"), ("done", "done"), ("erledigt", "done")]
)
def test_no_and_done_answer_the_reminder_that_stands(kith: Kith, world: Path, text: str, fate: str) -> None:
    """It leaves the calendar with the next tick, and counts as answered so."""
    row = reminded(kith, world)
    assert row["title"] in standing(world)
    assert noted(kith, world, text, row["person"]).code == 0
    assert kith("once", "--config", world / "config.toml", "--now", NOW).code == 0
    assert row["title"] not in standing(world)
    after = kith("export", "--config", world / "config.toml", "--now", NOW).json["reminders"]
    assert next(one["fate"] for one in after if one["key"] == row["key"]) == fate


def test_later_moves_the_reminder_that_stands(kith: Kith, world: Path) -> None:
    """It stands on the day that was named, at its own time, and stays there."""
    row = reminded(kith, world)
    ran = noted(kith, world, "later on 2 Mar 2027", row["person"])
    assert (ran.code, ran.out.partition(":")[0]) == (0, "noted (later)")
    for _ in range(2):
        assert kith("once", "--config", world / "config.toml", "--now", NOW).code == 0
        assert standing(world)[row["title"]] == "2027-03-02"


def test_what_answers_nothing_says_so(kith: Kith, world: Path) -> None:
    """Nobody is told that a reminder was put off which is not there."""
    with open_session(world / "config.toml").ledger(write=False) as ledger:
        asked = {entry.person for entry in ledger.entries()}
        nobody = next(person.id for person in ledger.people() if person.id not in asked)
    for text in ("later 3w", "no", "done"):
        ran = noted(kith, world, text, nobody)
        assert ran.code == 2
        assert "stands" in ran.err
