"""Is the story true and whole? Every entry ever written is in it once, with its end, and it reads as it should."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from daemon.model import OPEN_STATES
from tests.year.cast import BEGIN, CAST, NEWCOMERS
from tests.year.telling import story, told
from tests.year.year import Year, live

pytestmark = pytest.mark.xdist_group("year")


EVENING = """21:45  She notes: Anna Berger anna@helio.example, needs a CFO x.
             22:30  Kith has read it. The title says: "Noted: 1 person, 1 for next week".
             22:30  Kith writes for Fri 29 Jan 09:00: "Write to Anna Berger" (they met for the first time)."""


def test_every_entry_is_told_once_with_its_end(year: Year) -> None:
    """Against the ledger: each row is written in one line and ends in one line, in that order; no other row is told."""
    lines = told(year)
    for part in ("written", "end"):
        assert Counter(line.entry for line in lines if line.part == part) == dict.fromkeys(year.entries, 1), part
    begins = {line.entry: line.at for line in lines if line.part == "written"}
    for line in lines:
        if line.part == "end":
            assert line.at >= begins[line.entry], line.text
    still = {line.entry for line in lines if line.text.endswith("still stands.")}
    assert still == {key for key, entry in year.entries.items() if entry.state in OPEN_STATES}


def test_every_line_is_printed(year: Year) -> None:
    """The printed story has every line, by month, each day named once, and nothing a reader could not know."""
    printed = story(year)
    for line in told(year):
        assert line.text[1:] in printed
    assert re.findall(r"(?m)^([A-Z][a-z]+)$", printed) == [
        *"January February March April May June July August September October November December".split()
    ]
    days = re.findall(r"(?m)^  ((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) .\d ...) ", printed)
    assert len(days) == len(set(days)) > 150
    assert not re.search(r"p-[a-z2-7]{10}|@kith|/0\b|None|\{|\}", printed)
    assert max(map(len, printed.splitlines())) <= 240


def test_only_the_made_up_world_is_named(year: Year) -> None:
    """Names in the story are those of the cast; every address ends in .example."""
    printed = story(year)
    assert all(address.endswith(".example") for address in re.findall(r"[\w.]+@[\w.]+\w", printed))
    known = {figure.name for figure in CAST} | {one.name for several in NEWCOMERS.values() for one in several}
    about = re.findall(r'"(?:Talk|Write) to ([^",]+)', printed)
    assert set(about) <= known


def test_it_reads_well_in_a_few_places(year: Year) -> None:
    """The first day, a first evening with an x, a "never", the deadline and what became of Maria, word for word."""
    printed = story(year)
    assert printed.startswith(
        "A year of Clara Winter with Kith, 2027. All of it is invented.\n\nJanuary\n  Fri  1 Jan 07:00"
    )
    for words in (
        EVENING,
        'She types "never" behind "Talk to Viktor Stahl".',
        "Anna Berger takes one of the three places for people Clara is getting to know.",
        "Hardly one reminder in five was answered in four weeks: Kith halves them.",
        "One in three is answered again: Kith goes back to as many reminders as before.",
    ):
        assert words in printed
    assert re.search(r"(?m)^  Maria Huber: reminded \w+( times)?, acted on \d.* Every \d+ days", printed)
    assert re.search(r"(?m)^  Never reminded: Agnes Roth, .*Paul Winter\.$", printed)


def test_the_same_year_again(year: Year, tmp_path: Path) -> None:
    """Seeded, no clock: the first two months lived again are the same, to the letter."""
    again = live(tmp_path / "again", BEGIN.replace(month=2, day=28))
    until = again.looks[-1].at
    assert [(item.at, item.text, item.what, item.about) for item in again.happenings if item.at <= until] == [
        (item.at, item.text, item.what, item.about) for item in year.happenings if item.at <= until
    ]
