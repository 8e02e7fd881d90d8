"""What others may rely on (docs/contracts.md): commands, exit codes, JSON."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from daemon.cli import COMMANDS
from daemon.model import CIRCLES
from tests.cli.conftest import NOW, Kith

HELD = set(
    "not-due meeting-ahead waiting week-full day-full drafts-full no-free-slot no-reason muted never colleague "
    "household service correspondent dismissed snoozed silent blind unconfirmed".split()
)
FATES = set(
    "waiting written edited moved dismissed done sent overtaken discarded withdrawn passed failed noted".split()
)


def at(world: Path) -> tuple[str, str, str, str]:
    return "--config", str(world / "config.toml"), "--now", NOW


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help_with_an_example(kith: Kith, command: str) -> None:
    """``--help`` ends with 0 and shows an example and --config (demo makes its own)."""
    ran = kith(command, "--help")
    assert ran.code == 0
    assert f"Example: kith {command}" in ran.out
    assert command == "demo" or "--config" in ran.out


def test_people_json(kith: Kith, world: Path) -> None:
    """The promised keys, code words, times with offset, and the strongest first."""
    rows = kith("people", "--json", *at(world)).json
    keys = {
        "id",
        "name",
        "addresses",
        "circle",
        "stage",
        "marks",
        "strength",
        "first_touch",
        "last_touch",
        "due",
        "touches",
    }
    assert 55 <= len(rows) <= 75
    assert all(keys <= set(row) for row in rows)
    assert {row["circle"] for row in rows} <= CIRCLES
    assert all((row["stage"] is None) == (row["due"] is None) == (row["circle"] != "network") for row in rows)
    assert [row["strength"] for row in rows] == sorted((row["strength"] for row in rows), reverse=True)
    assert all(datetime.fromisoformat(row["last_touch"]).tzinfo for row in rows if row["last_touch"])


def test_ignored_json(kith: Kith, world: Path) -> None:
    """Each address that is nobody, with a code and a count; nobody stands in both lists."""
    rows = kith("people", "--ignored", "--json", *at(world)).json
    assert all(set(row) == {"address", "rule", "count"} and row["count"] > 0 for row in rows)
    assert {row["rule"] for row in rows} <= {f"A{number}" for number in range(1, 13)}
    people = {address for row in kith("people", "--json", *at(world)).json for address in row["addresses"]}
    assert not people & {row["address"] for row in rows}


def test_plan_json_before_anything_is_written(kith: Kith, world: Path) -> None:
    """Rows to write carry title, body, reason and evidence; everybody held has a code."""
    for path in (world / "kith.ics", world / "state" / "ledger.jsonl", *(world / "Mail/Drafts/cur").iterdir()):
        path.unlink()
    config = world / "config.toml"
    config.write_text(config.read_text().replace("confirmed = true\n", ""))
    assert kith("once", *at(world)).code == 0
    plan = kith("plan", "--json", *at(world)).json
    assert set(plan) == {"write", "amend", "withdraw", "held"}
    keys = {"key", "kind", "person", "at", "title", "body", "reason", "evidence"}
    assert plan["write"]
    assert all(set(row) == keys and row["title"] and row["body"] and row["evidence"] for row in plan["write"])
    assert all((row["at"] is None) == (row["kind"] == "draft") for row in plan["write"])
    assert {row["why"] for row in plan["held"]} <= HELD
    assert all(set(row) == {"person", "kind", "why", "until"} for row in plan["held"])


def test_everybody_is_written_about_or_held(kith: Kith, world: Path) -> None:
    """Nobody of the network is left out without a reason."""
    plan = kith("plan", "--json", *at(world)).json
    export = kith("export", *at(world)).json
    network = {row["id"] for row in export["people"] if row["circle"] == "network"}
    open_rows = [row for row in export["reminders"] + export["drafts"] if row["fate"] in {"written", "waiting"}]
    assert network <= {row["person"] for row in plan["held"] + plan["write"] + open_rows}


def test_export_json(kith: Kith, world: Path) -> None:
    """All tables are there, every touchpoint belongs to somebody, every reminder has a fate."""
    document = kith("export", "--json", *at(world)).json
    assert {"people", "touchpoints", "events", "mails", "groups", "reminders", "drafts", "notes"} <= set(document)
    ids = {row["id"] for row in document["people"]}
    keys = {"key", "person", "at", "kind", "rule", "account"}
    assert all(keys <= set(row) and row["person"] in ids for row in document["touchpoints"])
    rows = document["reminders"] + document["drafts"]
    assert len(document["reminders"]) >= 3
    assert len(document["drafts"]) >= 1
    keys = {"key", "kind", "person", "at", "title", "reason", "evidence", "fate"}
    assert all(keys <= set(row) and row["fate"] in FATES for row in rows)
    assert len(document["events"]) >= 400
    assert len(document["mails"]) >= 1900


def test_export_into_a_file_is_private(kith: Kith, world: Path, tmp_path: Path) -> None:
    """The file holds what the command prints, and nobody else may read it."""
    printed = kith("export", *at(world)).json
    assert kith("export", tmp_path / "out.json", *at(world)).code == 0
    assert json.loads((tmp_path / "out.json").read_text()) == printed
    assert (tmp_path / "out.json").stat().st_mode & 0o777 == 0o600


def test_status_json(kith: Kith, world: Path) -> None:
    """Accounts with what is wrong and what mends it; counts that agree with the other commands."""
    ran = kith("status", "--json", *at(world))
    status = ran.json
    assert ran.code == 0
    keys = {"accounts", "last_tick", "next_tick", "people", "touchpoints", "reminders", "drafts"}
    assert keys <= set(status)
    assert {row["name"] for row in status["accounts"]} == {"calendar", "sent", "mail"}
    keys = {"name", "kind", "ok", "problem", "remedy", "last_success"}
    assert all(keys <= set(row) and row["ok"] for row in status["accounts"])
    assert status["people"] == len(kith("people", "--json", *at(world)).json)


def test_why_json_names_rules_and_what_did_not_count(kith: Kith, world: Path) -> None:
    """Facts with rules, opinions with reasons, and the records that did not count."""
    rows = kith("people", "--json", *at(world)).json
    stories = [kith("why", row["id"], "--json", *at(world)).json for row in rows[:12]]
    assert all(fact["rule"] for story in stories for fact in story["facts"])
    assert all(story["opinion"]["circle_why"] for story in stories)
    missed = [row for story in stories for row in story["not_counted"]]
    assert {"E1", "E2", "E3"} & {row["rule"] for row in missed}
    assert all(row["why"] for row in missed)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["why", "nobody at all"], 2),
        (["why", "a"], 2),
        (["frobnicate"], 2),
        (["people", "--nonsense"], 2),
        (["mark", "maria huber", "purple"], 2),
        (["people", "--keep", "not an address"], 2),
        (["once", "--accept", "nowhere"], 2),
        (["plan", "--now", "yesterday"], 2),
        (["plan", "--now", "9999-12-31"], 2),
        (["once", "--now", "0001-01-01"], 2),
        (["note", "maria huber", "\udcff"], 2),
        (["export", "/nowhere/at/all.json"], 2),
    ],
)
def test_wrong_usage_ends_with_2(kith: Kith, world: Path, words: list[str], code: int) -> None:
    """Usage errors, unknown and ambiguous people, with a line that says which."""
    config = [] if words[0] == "frobnicate" else ["--config", str(world / "config.toml")]
    ran = kith(*words, *config)
    assert ran.code == code
    assert ran.err
    assert not ran.out


def test_times_stand_in_the_users_zone(kith: Kith, world: Path) -> None:
    """Every time in every document has the offset of the user's zone."""
    texts = [kith(*words, *at(world)).out for words in (("export",), ("plan", "--json"), ("status", "--json"))]
    times = [time for text in texts for time in re.findall(r'"(\d{4}-\d\d-\d\dT[^"]*)"', text)]
    assert len(times) > 1000
    assert {time[-6:] for time in times} <= {"+01:00", "+02:00"}


def test_a_missing_configuration_ends_with_78(kith: Kith, tmp_path: Path) -> None:
    """And says which file it looked for."""
    ran = kith("people", "--config", tmp_path / "none.toml")
    assert (ran.code, ran.out) == (78, "")
    assert "none.toml" in ran.err


def test_all_problems_of_a_configuration_are_told_at_once(kith: Kith, tmp_path: Path) -> None:
    """Each with its path and a hint; nothing is written."""
    (tmp_path / "config.toml").write_text(
        '[me]\nname = "Ada"\nadresses = ["ada@x.example"]\ntimezone = "Europe/Berlim"\n'
        '[accounts.a]\nkind = "mbox"\npath = "Sent.mbox"\ncolour = 3\n'
        '[accounts.b]\nkind = "caldav"\n[write]\ndrafts = "a"\n'
    )
    ran = kith("check", "--config", tmp_path / "config.toml")
    assert ran.code == 78
    for words in (
        "me.addresses",
        "did you mean addresses",
        "me.timezone",
        "accounts.a.colour",
        "come later",
        "write.drafts",
    ):
        assert words in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]


def test_check_of_the_demo_is_fine(kith: Kith, world: Path) -> None:
    """What reads and what writes, in words."""
    ran = kith("check", "--config", world / "config.toml")
    assert ran.code == 0
    assert "calendar (ics): read, reminders" in ran.out
    assert "drafts" in ran.out


def test_a_second_kith_is_told_to_wait(kith: Kith, world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another one writes, ``once`` ends with 75 after its patience; reading works."""
    from daemon.ledger import open_ledger

    monkeypatch.setattr("daemon.session.LOCK_PATIENCE", 0.2)
    with open_ledger(world / "state"):
        assert kith("once", *at(world)).code == 75
        assert kith("people", *at(world)).code == 0


def test_a_state_of_a_newer_kith_ends_with_78(kith: Kith, world: Path) -> None:
    """And is left as it is."""
    from daemon.ledger import open_ledger

    with open_ledger(world / "state") as ledger, ledger.unit():
        ledger.set_meta("schema", 99)
    before = (world / "state" / "ledger.jsonl").read_bytes()
    assert kith("people", *at(world)).code == 78
    assert kith("once", *at(world)).code == 78
    assert (world / "state" / "ledger.jsonl").read_bytes() == before


def test_a_damaged_ledger_heals_by_itself_and_says_so(kith: Kith, world: Path) -> None:
    """One changed byte in the middle: the damaged file is kept, everybody is there again, nothing is written twice."""
    path, before = world / "state" / "ledger.jsonl", kith("people", "--json", *at(world)).json
    calendar = (world / "kith.ics").read_bytes()
    damaged = bytearray(path.read_bytes())
    damaged[100] ^= 1
    path.write_bytes(damaged)
    ran = kith("once", *at(world))
    assert ran.code == 0
    assert "damaged" in ran.err
    assert [item.read_bytes() for item in (world / "state" / "corrupt").iterdir()] == [damaged]
    assert kith("people", "--json", *at(world)).json == before
    assert (world / "kith.ics").read_bytes() == calendar
    assert "damaged" not in kith("once", *at(world)).err


def test_a_ledger_beyond_healing_ends_with_74_and_is_left_alone(kith: Kith, world: Path) -> None:
    """Nothing of the file can be believed and there is no older one: a clear line, nothing overwritten."""
    path = world / "state" / "ledger.jsonl"
    path.write_bytes(bytes(path.stat().st_size))
    ran = kith("once", *at(world))
    assert ran.code == 74
    assert "damaged" in ran.err
    assert "backup" in ran.err
    assert path.read_bytes().count(0) == path.stat().st_size


def test_a_bug_ends_with_1_and_a_traceback(kith: Kith, world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error nobody expected is told as a bug; its message (that may hold anything) is not printed."""

    def broken(*_: Any) -> None:
        raise KeyError("@".join(("ada", "secret.example")))

    monkeypatch.setattr("daemon.cli.persons.opinions", broken)
    ran = kith("people", *at(world))
    assert ran.code == 1
    assert "this is a bug (KeyError)" in ran.err
    assert "ada@secret.example" not in ran.err


def test_now_in_the_past_sees_nothing_later(kith: Kith, world: Path) -> None:
    """Facts after the day looked from are invisible, and looking changes nothing."""
    before = (world / "state" / "ledger.jsonl").read_bytes()
    rows = kith("people", "--json", "--config", world / "config.toml", "--now", "2026-06-01").json
    last = max(datetime.fromisoformat(row["last_touch"]) for row in rows if row["last_touch"])
    assert last.isoformat() < "2026-06-02"
    mails = kith("export", "--config", world / "config.toml", "--now", "2026-06-01").json["mails"]
    assert 500 < len(mails) < 1900
    assert max(row["at"] for row in mails) < "2026-06-03"
    assert (world / "state" / "ledger.jsonl").read_bytes() == before
