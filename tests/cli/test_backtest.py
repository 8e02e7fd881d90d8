"""`kith backtest`: evidence before anything is written."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path

import pytest

from tests.cli.conftest import NOW, Kith

HOSTILE = "Ada \u202egnaL <script>alert(1)</script> [bold red]" + "x" * 400


def bytes_of(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_json_sums_and_nothing_written(kith: Kith, world: Path) -> None:
    """Sums are those of the rows, every row names a person of `people`, and no byte of the world moves."""
    before = bytes_of(world)
    ran = kith("backtest", "--config", world / "config.toml", "--now", NOW, "--weeks", "10", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert bytes_of(world) == before
    found = ran.json
    assert (found["from"], found["to"], len(found["weeks"])) == ("2026-W37", "2026-W47", 11)
    assert found["knowledge"] == "day by day"
    rows, tally = found["proposed"], found["tally"]
    assert len(rows) == tally["proposed"] == sum(week["proposed"] for week in found["weeks"]) > 10
    for outcome in ("in-touch", "later", "silent", "open"):
        assert sum(row["outcome"] == outcome for row in rows) == tally[outcome.replace("-", "_")]
    assert tally["judged"] == tally["proposed"] - tally["open"]
    assert tally["precision"] == round(tally["in_touch"] / tally["judged"], 3)
    assert len(found["missed"]) == tally["missed"]
    people = {row["id"]: row for row in kith("people", "--config", world / "config.toml", "--now", NOW, "--json").json}
    assert {row["person"] for row in rows} <= people.keys()
    assert all(row["name"] == people[row["person"]]["name"] for row in rows)
    for row in rows:
        assert datetime.fromisoformat(row["decided"]) <= datetime.fromisoformat(row["at"])
        assert datetime.fromisoformat(row["at"]).isocalendar()[:2] == (2026, int(row["week"][-2:]))
        assert row["touch"] is None or datetime.fromisoformat(row["touch"]["at"]) > datetime.fromisoformat(
            row["decided"]
        )


def test_other_settings_beside_todays(kith: Kith, world: Path) -> None:
    """Each --capacity is a row of its own, --cadence holds for all of them; today's come first and stay in full."""
    words = ("backtest", "--config", world / "config.toml", "--now", NOW, "--weeks", "6")
    ran = kith(*words, "--json", "--capacity", "1", "--capacity", "growing=1,key=2", "--cadence", "established=90")
    ways = ran.json["compared"]
    assert [way["different"] for way in ways] == [
        None,
        "reminders_week 1, established 90/180 days",
        "growing 1, key 2, established 90/180 days",
    ]
    assert [way["capacity"]["reminders_week"] for way in ways] == [5, 1, 5]
    assert [way["cadence"]["established"] for way in ways] == [[60, 120], [90, 180], [90, 180]]
    assert ways[0]["proposed"] == ran.json["tally"]["proposed"] > ways[1]["proposed"]
    assert ways[1]["proposed"] <= 7
    shown = kith(*words, "--capacity", "1").out
    assert "Compared" in shown
    assert "reminders_week 1" in shown


def test_the_screen_says_what_it_knows(kith: Kith, world: Path) -> None:
    """A chart by the week with a sign for each outcome, the sums in words, who was proposed, and what to try next."""
    ran = kith("backtest", "--config", world / "config.toml", "--now", NOW, "--weeks", "10")
    for part in ("2026-W37", "██", "░░ silent ever since", "In touch anyway:", "Maria Huber", "--capacity 3"):
        assert part in ran.out, part
    assert "\x1b" not in ran.out


@pytest.mark.parametrize(
    "words",
    [
        ("--weeks", "0"),
        ("--capacity", "many"),
        ("--capacity", "friends=3"),
        ("--capacity", "٣"),
        ("--capacity", "9" * 5000),
        ("--cadence", "30"),
        ("--cadence", "key=0"),
        ("--cadence", "key=30/"),
        ("--cadence", "friend=30"),
        ("--now", "yesterday"),
    ],
)
def test_wrong_words_end_with_2(kith: Kith, world: Path, words: tuple[str, str]) -> None:
    """What cannot be a setting is wrong usage, and says what can."""
    assert kith("backtest", "--config", world / "config.toml", *words).code == 2


def test_a_hostile_name_stays_text(kith: Kith, tmp_path: Path) -> None:
    """A name of markup, overrides and endless letters is shown as text, in the table and in JSON."""
    days = ("20250706", "20250805", "20250904", "20251004", "20251103", "20251203", "20260102", "20260201")
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{day}@x\r\nDTSTART:{day}T140000Z\r\nDTEND:{day}T150000Z\r\nSUMMARY:Talk\r\n"
        f"ORGANIZER:mailto:clara@winter.example\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:clara@winter.example\r\n"
        f'ATTENDEE;CN="{HOSTILE}";PARTSTAT=ACCEPTED:mailto:ada@far.example\r\nEND:VEVENT\r\n'
        for day in days
    )
    (tmp_path / "calendar.ics").write_bytes(
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{events}END:VCALENDAR\r\n".encode()
    )
    config = tmp_path / "config.toml"
    config.write_text(
        'state = "state"\n[me]\nname = "Clara Winter"\naddresses = ["clara@winter.example"]\n'
        'timezone = "Europe/Vienna"\n[accounts.agenda]\nkind = "ics"\npath = "calendar.ics"\n',
        encoding="utf-8",
    )
    assert kith("once", "--config", config, "--now", "2026-06-01").code == 0
    ran = kith("backtest", "--config", config, "--now", "2026-06-01", "--weeks", "17")
    assert ran.code == 0
    assert "Ada gnaL ‹script›alert" in ran.out
    assert not {"\x1b", "\u202e", "\u0007"} & set(ran.out)
    assert max(map(len, ran.out.splitlines())) <= 160
    found = kith("backtest", "--config", config, "--now", "2026-06-01", "--weeks", "17", "--json").json
    assert found["tally"]["proposed"] == 2
    assert not {"\x1b", "\u202e", "\u0007", "<"} & set(json.dumps(found["proposed"], ensure_ascii=False))


def test_an_empty_state_is_told_how_to_begin(kith: Kith, tmp_path: Path) -> None:
    """Before the first import there is nothing to replay; the screen says so and ends well."""
    config = tmp_path / "config.toml"
    config.write_text(
        'state = "state"\n[me]\nname = "Clara Winter"\naddresses = ["clara@winter.example"]\n'
        'timezone = "Europe/Vienna"\n[accounts.agenda]\nkind = "ics"\npath = "calendar.ics"\n',
        encoding="utf-8",
    )
    ran = kith("backtest", "--config", config, "--now", "2026-06-01", "--weeks", "2")
    assert ran.code == 0
    assert "kith once" in ran.err
    assert "0 proposals" in ran.out
    assert not (tmp_path / "state").exists()


def test_of_many_records_each_fact_counts_from_its_time_on(
    kith: Kith, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond so many records nothing is detected anew; both documents say which way it was."""
    monkeypatch.setattr("daemon.cli.backtest.FEW", 0)
    words = ("backtest", "--config", world / "config.toml", "--now", NOW, "--weeks", "10")
    found = kith(*words, "--json").json
    assert found["knowledge"] == "by time"
    assert len(found["proposed"]) == found["tally"]["proposed"] > 10
    assert "as it is seen today" in kith(*words).out
