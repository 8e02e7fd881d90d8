"""``kith undo``, as a person calls it: what goes is shown, what stays is said without a name, nothing by accident."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from tests.cli.conftest import NOW, Kith
from tests.cli.test_journeys import LATER, at, drafts, files, reminders


def config(world: Path) -> tuple[str, str]:
    return "--config", str(world / "config.toml")


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--all", "--since", "2026-11-20"),
        ("--since", "2026-11-20", "--person", "nora lindqvist"),
        ("--since", "yesterday"),
        ("--person", "nobody at all"),
        ("--person", "a"),
        ("--yes",),
    ],
)
def test_nothing_goes_by_accident(kith: Kith, world: Path, words: tuple[str, ...]) -> None:
    """Without just one of the options, or with one that means nothing: 2, words on stderr, and no byte changes."""
    before = files(world)
    ran = kith("undo", *words, *config(world))
    assert (ran.code, ran.out) == (2, "")
    assert files(world) == before


def test_alone_it_says_what_there_is(kith: Kith, world: Path) -> None:
    """How much stands, and which options there are."""
    said = kith("undo", *config(world)).err
    assert f"{len(reminders(world))} reminders and {len(drafts(world))} drafts stand" in said
    assert all(option in said for option in ("--all", "--since", "--person"))


def test_everything_asks_first(kith: Kith, world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``--all`` with nobody to answer changes nothing; the question says how much it is about."""
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    before = files(world)
    ran = kith("undo", "--all", *config(world))
    assert ran.code == 130
    assert f"{len(reminders(world))} reminders" in ran.err
    assert files(world) == before


def test_everything_goes_and_stays_away(kith: Kith, world: Path) -> None:
    """All is taken back and shown; the configuration's own yes is named; nothing of it comes back by itself."""
    gone = {*reminders(world), *drafts(world)}
    keys = {row["key"] for row in kith("plan", "--json", *at(world)).json["write"]}
    ran = kith("undo", "--all", "--yes", *at(world))
    assert ran.code == 0
    assert "reminders and 3 drafts taken back." in ran.out
    assert all(title in ran.out for title in gone if title.startswith(("Write", "Talk")))
    assert "confirmed = true stands in the configuration" in ran.err
    assert reminders(world) == drafts(world) == {}
    for now in (NOW, LATER, "2026-11-23T09:00:00"):
        assert kith("once", *at(world, now)).code == 0
        assert not gone & {*reminders(world), *drafts(world)}
    rows = kith("export", *at(world)).json
    fates = {row["key"]: row["fate"] for row in rows["reminders"] + rows["drafts"]}
    assert not keys & fates.keys()
    assert set(fates.values()) <= {"withdrawn", "written"}


def test_without_a_yes_in_the_configuration_nothing_is_written_again(kith: Kith, world: Path) -> None:
    """The next command says what to say to begin again."""
    path = world / "config.toml"
    path.write_text(path.read_text().replace("confirmed = true\n", ""))
    ran = kith("undo", "--all", "--yes", *at(world))
    assert "kith once --yes" in ran.err
    assert "confirmed = true" not in ran.err
    assert "kith once --yes" in kith("once", *at(world, "2026-12-20T09:00:00")).err
    assert reminders(world) == drafts(world) == {}


def test_since_a_day(kith: Kith, world: Path) -> None:
    """What was written on that day or later; what is older stands."""
    old = {*reminders(world), *drafts(world)}
    assert kith("once", *at(world, "2026-11-30T09:00:00")).code == 0
    new = {*reminders(world), *drafts(world)} - old
    assert new
    kept = ({*reminders(world), *drafts(world)}) - new
    ran = kith("undo", "--since", "2026-11-30", *at(world, "2026-11-30T10:00:00"))
    assert ran.code == 0
    assert {*reminders(world), *drafts(world)} == kept
    assert "Nothing taken back." in kith("undo", "--since", "2026-12-01", *at(world, "2026-12-01T10:00:00")).out


def test_about_somebody(kith: Kith, world: Path) -> None:
    """Their reminder and their draft, by name; the others stand, and the yes holds."""
    others = {title for title in reminders(world) if "Lindqvist" not in title}
    ran = kith("undo", "--person", "nora lindqvist", "--json", *at(world))
    assert {row["fate"] for row in ran.json["taken_back"]} == {"withdrawn"}
    assert {row["kind"] for row in ran.json["taken_back"]} == {"follow-up", "draft"}
    assert (ran.json["left"], ran.json["confirmed"], ran.json["troubles"]) == ([], True, [])
    assert set(reminders(world)) == others
    assert not [to for to in drafts(world) if "Lindqvist" in to]


def test_what_stays_is_said_by_kind_and_day(kith: Kith, world: Path) -> None:
    """An edited reminder and a folder that is away: why, how many, of which day; no name, title or address."""
    path, calendar, moved = world / "config.toml", world / "kith.ics", world / "away"
    path.write_text(path.read_text().replace("confirmed = true\n", ""))
    title, item = next((title, item) for title, item in sorted(reminders(world).items()) if "Lindqvist" in title)
    calendar.write_text(calendar.read_text().replace(f"SUMMARY:{title}", f"SUMMARY:{title} today"))
    (world / "Mail" / "Drafts").rename(moved)
    names = [re.escape(part) for to in (*reminders(world), *drafts_in(moved)) for part in to.split() if len(part) > 5]
    ran = kith("undo", "--all", "--yes", *at(world))
    assert ran.code == 69
    day = item.decoded("DTSTART").date().isoformat()
    assert f"you changed it: 1 reminder of {day} (calendar)" in ran.err
    assert "next tick takes it back: 3 drafts of 2026-11-20 (mail)" in ran.err
    assert not re.search("|".join(names), ran.err)
    assert "@" not in ran.err
    moved.rename(world / "Mail" / "Drafts")
    assert kith("once", *at(world, LATER)).code == 0
    assert set(reminders(world)) == {f"{title} today"}
    assert drafts(world) == {}


def drafts_in(folder: Path) -> list[str]:
    return [
        line[4:] for path in (folder / "cur").iterdir() for line in path.read_text().splitlines() if line[:4] == "To: "
    ]


def test_a_made_up_day_takes_back_in_files_only(kith: Kith, world: Path) -> None:
    """``--now`` is refused where an account is real (U12)."""
    path = world / "config.toml"
    text = path.read_text().replace('drafts = "mail"', 'drafts = "home"')
    path.write_text(text.replace("[write]", '[accounts.home]\nkind = "google"\n\n[write]'))
    ran = kith("undo", "--all", "--yes", *at(world))
    assert ran.code == 2
    assert "is real" in ran.err


def test_plan_says_what_it_takes_back_and_why(kith: Kith, world: Path) -> None:
    """In words for a person, with time and title; as JSON with the code."""
    kith("note", "nora lindqvist", "called", *config(world))
    later = at(world, "2026-12-20T09:00:00")
    said = kith("plan", *later).out
    plan = kith("plan", "--json", *later).json
    assert plan["withdraw"]
    keys = {"key", "kind", "person", "why", "at", "title", "written"}
    assert all(set(row) == keys and row["written"] for row in plan["withdraw"])
    assert all(f"  {row['title']}\n" in said for row in plan["withdraw"] if row["kind"] != "draft")
    assert said.count("- takes back ") == len(plan["withdraw"])
    assert "too old to be sent" in said
