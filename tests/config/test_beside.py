"""The files that the configuration names beside itself: kinds of people wanted, days off (P29, PRACTICE 4)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from daemon.config import ConfigError, Problem, load, missing_files
from daemon.config.beside import days_off, read_targets
from daemon.model import Target

TODAY = date(2027, 2, 1)
CONFIG = """
[me]
name = "Clara Winter"
addresses = ["clara@winter.example"]
timezone = "Europe/Vienna"
country = "AT"
targets = "targets.toml"
[routine]
holidays = "days.ics"
[accounts.agenda]
kind = "ics"
path = "calendar.ics"
reminders = "kith.ics"
"""
DAYS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//school//
BEGIN:VEVENT
UID:winter
SUMMARY:Semesterferien
DTSTART;VALUE=DATE:20270201
DTEND;VALUE=DATE:20270207
END:VEVENT
BEGIN:VEVENT
UID:yearly
SUMMARY:Leopoldi
DTSTART;VALUE=DATE:20200315
RRULE:FREQ=YEARLY
END:VEVENT
BEGIN:VEVENT
UID:off
SUMMARY:Not this year
STATUS:CANCELLED
DTSTART;VALUE=DATE:20270210
END:VEVENT
BEGIN:VEVENT
UID:evening
SUMMARY:Parents' evening
DTSTART:20270211T180000Z
DTEND:20270211T200000Z
END:VEVENT
END:VCALENDAR
"""


def test_days_off_of_a_calendar_join_those_of_the_country(tmp_path: Path) -> None:
    """Whole days only, series included, what was cancelled not; with the public holidays of the country."""
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "days.ics").write_text(DAYS.replace("\n", "\r\n"))
    found = load(tmp_path / "config.toml", {}, TODAY).settings.routine.holidays
    near = sorted(day for day in found if date(2027, 2, 1) <= day <= date(2027, 3, 29))
    assert near == [*(date(2027, 2, day) for day in range(1, 7)), date(2027, 3, 15), date(2027, 3, 29)]


def test_a_missing_file_says_nothing_and_check_says_so(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    made = load(tmp_path / "config.toml", {}, TODAY)
    assert made.settings.targets == ()
    missing = {problem.path for problem in missing_files(made)}
    assert {"me.targets", "routine.holidays"} <= missing


def test_what_is_no_calendar_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "days.ics").write_text("Mon, Tue")
    with pytest.raises(ConfigError) as caught:
        days_off(tmp_path / "days.ics", "Europe/Vienna", TODAY)
    assert [problem.path for problem in caught.value.problems] == ["routine.holidays"]


def test_a_kind_of_person(tmp_path: Path) -> None:
    """Names, words and domains, each folded as the configuration's own are."""
    path = tmp_path / "targets.toml"
    path.write_text(
        '[[target]]\nkind = "family businesses"\nnames = ["Karim  Haddad"]\nwords = ["family business"]\n'
        'domains = ["@Haddad.Example"]\n[[target]]\nkind = "a banker"\nwords = ["bank"]\n'
    )
    assert read_targets(path) == (
        Target(
            kind="family businesses", names=("Karim Haddad",), words=("family business",), domains=("haddad.example",)
        ),
        Target(kind="a banker", words=("bank",)),
    )


@pytest.mark.parametrize(
    ("text", "path", "trouble"),
    [
        ('[[target]]\nkind = "x"\n', "me.targets.#1", "needs names, words or domains"),
        ('[[target]]\nnames = ["A B"]\n', "me.targets.#1.kind", "is missing"),
        ('[[target]]\nkind = "x"\nwords = "bank"\n', "me.targets.#1.words", "must be a list"),
        ('[[target]]\nkind = "x"\nword = ["bank"]\n', "me.targets.#1.word", "is not a known key"),
        ('[[target]]\nkind = "x"\ndomains = ["no domain"]\n', "me.targets.#1.domains", "is no domain"),
        ('[target]\nkind = "x"\n', "me.targets", "has to be a list"),
        ('[[people]]\nkind = "x"\n', "me.targets.people", "is not a known key"),
        ('[[target]]\nkind="x"\nwords=["a"]\n[[target]]\nkind="X"\nwords=["b"]\n', "me.targets", "stands there twice"),
        ("[[target\n", "me.targets", "line 1"),
        ("[[target]]\nkind = 'x'\nwords = ['a']\n" * 101, "me.targets", "100 at most"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, path: str, trouble: str) -> None:
    (tmp_path / "targets.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_targets(tmp_path / "targets.toml")
    found = caught.value.problems
    assert any(problem.path == path and trouble in problem.text for problem in found), found
    assert all(isinstance(problem, Problem) for problem in found)
