"""What a person lives through with Kith: first runs, answers by hand, bad days. Asserted on files and words."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import icalendar
import pytest

import daemon.tick
from daemon.model import Amendment, Plan, State
from tests.cli.conftest import NOW, Kith

LATER = "2026-11-20T12:00:00"
EARLY = "Fri, 20 Nov 2026 08:30:00 +0100"


def at(world: Path, now: str = NOW) -> tuple[str, str, str, str]:
    return "--config", str(world / "config.toml"), "--now", now


def reminders(world: Path) -> dict[str, Any]:
    path = world / "kith.ics"
    if not path.exists():
        return {}
    return {str(item["SUMMARY"]): item for item in icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT")}


def drafts(world: Path) -> dict[str, Path]:
    folder = world / "Mail" / "Drafts" / "cur"
    return {str(message_from_bytes(path.read_bytes(), policy=default)["To"]): path for path in folder.iterdir()}


def append_mail(world: Path, to: str, subject: str, day: str = "Fri, 20 Nov 2026 11:00:00 +0100") -> None:
    with (world / "Sent.mbox").open("ab") as file:
        file.write(
            f"From - Fri Nov 20 11:00:00 2026\nMessage-ID: <{abs(hash((to, subject)))}@new.example>\nDate: {day}\n"
            f"From: Clara Winter <clara@winter-consulting.example>\nTo: {to}\nSubject: {subject}\n\n\n".encode()
        )


def files(world: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(world)): path.read_bytes()
        for path in sorted(world.rglob("*"))
        if path.is_file() and "run" not in path.relative_to(world).parts
    }


@pytest.fixture
def unconfirmed(kith: Kith, world: Path) -> Path:
    """The demo world as somebody would begin with it: nothing read, nothing confirmed, nothing written."""
    for path in ("kith.ics", "state/ledger.jsonl"):
        (world / path).unlink()
    for path in drafts(world).values():
        path.unlink()
    config = world / "config.toml"
    config.write_text(config.read_text().replace("confirmed = true\n", ""))
    return world


def test_the_first_runs(kith: Kith, unconfirmed: Path) -> None:
    """Unconfirmed: facts are kept, the plan is shown, nothing is written. After --yes: written once, and only once."""
    first = kith("once", *at(unconfirmed))
    assert first.code == 0
    assert "kith once --yes" in first.err
    assert "Write to" in first.out
    assert not reminders(unconfirmed)
    assert not drafts(unconfirmed)
    export = kith("export", *at(unconfirmed)).json
    assert export["touchpoints"]
    assert not export["reminders"]
    planned = {row["title"] for row in kith("plan", "--json", *at(unconfirmed)).json["write"] if row["kind"] != "draft"}
    assert kith("once", "--yes", *at(unconfirmed)).code == 0
    assert set(reminders(unconfirmed)) == planned
    before = files(unconfirmed)
    assert kith("once", *at(unconfirmed)).code == 0
    assert files(unconfirmed) == before


def test_nothing_new_is_not_decided_twice(kith: Kith, world: Path) -> None:
    """A second tick in the same quarter of an hour decides nothing; another wish or the user's hand is seen."""
    kith("once", *at(world))
    assert "Nothing new." in kith("once", *at(world)).out
    title, item = next(pair for pair in reminders(world).items() if pair[0].startswith("Talk to"))
    text = (world / "kith.ics").read_bytes()
    (world / "kith.ics").write_bytes(text.replace(f"SUMMARY:{title}".encode(), f"SUMMARY:{title} soon".encode()))
    assert "Nothing new." not in kith("once", *at(world)).out
    rows = kith("export", *at(world)).json["reminders"]
    assert [row["fate"] for row in rows if row["title"] == title] == ["edited"]
    assert item["X-KITH-KEY"]
    assert "Nothing new." in kith("once", *at(world)).out
    append_mail(world, next(to for to in drafts(world) if "lindqvist" in to), "Hello from Vienna", EARLY)
    assert "1 new record" in kith("once", *at(world)).out
    assert not any("Nora Lindqvist" in title for title in reminders(world))
    (world / "config.toml").write_text((world / "config.toml").read_text() + "[capacity]\nreminders_week = 1\n")
    assert "Nothing new." not in kith("once", *at(world)).out


def test_the_demo_is_the_same_every_time(kith: Kith, made: Path, tmp_path: Path) -> None:
    """The same day gives the same bytes, those that Kith wrote too (but for the ledger: it knows the files' times)."""
    again = tmp_path / "again"
    kith("demo", "--out", again, "--now", NOW)
    one, two = files(made), files(again)
    assert [name for name in one if one[name] != two.get(name)] == ["state/ledger.jsonl"]
    assert kith("export", *at(again)).out == kith("export", *at(made)).out


def test_the_demo_leaves_other_peoples_folders_alone(kith: Kith, tmp_path: Path) -> None:
    """A folder with somebody's own configuration in it is refused and stays as it is."""
    (tmp_path / "config.toml").write_text("mine")
    assert kith("demo", "--out", tmp_path).code == 2
    assert files(tmp_path) == {"config.toml": b"mine"}


def test_the_demo_shows_what_it_promises(kith: Kith, tmp_path: Path) -> None:
    """Whom it found, what was not counted, three events and a draft, why, and where the files lie."""
    shown = kith("demo", "--out", tmp_path / "w", "--now", NOW).out
    assert "Maria Huber" in shown
    assert "Not counted: " in shown
    assert len(re.findall(r"─ (?:Mon|Tue|Wed|Thu|Fri) \d\d \w{3} 2026", shown)) == 3
    assert shown.count("─ Draft to ") == 1
    assert shown.count("Why: ") == 3
    assert str(tmp_path / "w") in shown


def test_writing_to_somebody_closes_the_reminder_and_the_draft(kith: Kith, world: Path) -> None:
    """A mail to the person by the user's own hand: the draft is withdrawn, the reminder of that day stays as done."""
    to = next(to for to in drafts(world) if "lindqvist" in to)
    append_mail(world, to, "Hello from Vienna")
    assert any("Nora Lindqvist" in title for title in reminders(world))
    kith("once", *at(world, LATER))
    assert [title for title in reminders(world) if "Nora Lindqvist" in title] == ["Done: wrote to Nora Lindqvist"]
    assert to not in drafts(world)
    rows = kith("export", *at(world, LATER)).json
    fates = {row["fate"] for row in rows["reminders"] + rows["drafts"] if "Nora" in row["body"]}
    assert fates == {"overtaken"}


def test_what_the_user_deletes_stays_deleted(kith: Kith, world: Path) -> None:
    """A deleted reminder is dismissed, a deleted draft discarded; neither comes back, this week or next."""
    title = next(title for title in reminders(world) if title.startswith("Talk to"))
    calendar = icalendar.Calendar.from_ical((world / "kith.ics").read_bytes())
    calendar.subcomponents = [item for item in calendar.subcomponents if str(item.get("SUMMARY")) != title]
    (world / "kith.ics").write_bytes(calendar.to_ical())
    to, path = next(iter(drafts(world).items()))
    path.unlink()
    for now in (LATER, "2026-11-23T09:00:00", "2026-11-30T09:00:00"):
        kith("once", *at(world, now))
        assert title not in reminders(world)
        assert to not in drafts(world)
    export = kith("export", *at(world, "2026-11-30T09:00:00")).json
    assert {row["fate"] for row in export["reminders"] if row["title"] == title} == {"dismissed"}
    assert "discarded" in {row["fate"] for row in export["drafts"]}


def test_a_draft_sent_before_its_mail_was_exported(kith: Kith, world: Path) -> None:
    """A draft gone while the exported Sent is still the old one was sent after all once the new export has its mail."""
    to, path = next((to, path) for to, path in drafts(world).items() if "lindqvist" in to)
    subject = str(message_from_bytes(path.read_bytes(), policy=default)["Subject"])
    path.unlink()
    kith("once", *at(world, LATER))
    append_mail(world, to, subject, "Fri, 20 Nov 2026 11:00:00 +0100")
    kith("once", *at(world, "2026-11-27T09:00:00"))
    rows = kith("export", *at(world, "2026-11-27T09:00:00")).json["drafts"]
    assert [row["fate"] for row in rows if row["title"] == subject] == ["sent"]


def test_what_the_user_edits_is_never_touched(kith: Kith, world: Path) -> None:
    """An edited draft and an edited reminder stay byte for byte, even when they are overtaken or past their day."""
    to, path = next((to, path) for to, path in drafts(world).items() if "lindqvist" in to)
    path.write_bytes(path.read_bytes().replace(b"Clara", b"And bring the maps, please.\n\nClara"))
    title = next(title for title in reminders(world) if "Nora" in title)
    text = (
        (world / "kith.ics").read_bytes().replace(f"SUMMARY:{title}".encode(), f"SUMMARY:{title} and the maps".encode())
    )
    (world / "kith.ics").write_bytes(text)
    draft = path.read_bytes()
    append_mail(world, to, "Another thing")
    for now in (LATER, "2026-12-01T09:00:00", "2027-01-20T09:00:00"):
        kith("once", *at(world, now))
        assert path.read_bytes() == draft
        assert f"{title} and the maps" in reminders(world)


def test_a_moved_reminder_stays_where_it_was_put(kith: Kith, world: Path) -> None:
    """Moving is snoozing: the next tick leaves it there and counts it as moved."""
    title = next(title for title in reminders(world) if title.startswith("Talk to"))
    calendar = icalendar.Calendar.from_ical((world / "kith.ics").read_bytes())
    for item in calendar.walk("VEVENT"):
        if str(item["SUMMARY"]) == title:
            start = item.decoded("DTSTART").replace(day=27, month=11, hour=14)
            length = item.decoded("DTEND") - item.decoded("DTSTART")
            item["DTSTART"].dt, item["DTEND"].dt = start, start + length
    (world / "kith.ics").write_bytes(calendar.to_ical())
    kith("once", *at(world, LATER))
    assert reminders(world)[title].decoded("DTSTART").day == 27
    rows = kith("export", *at(world, LATER)).json["reminders"]
    assert {(row["fate"], row["at"][:10]) for row in rows if row["title"] == title} == {("moved", "2026-11-27")}


def test_a_calendar_emptied_overnight_is_not_believed(kith: Kith, world: Path) -> None:
    """65 and a line that names the account; nothing is lost, nothing written; --accept believes it."""
    people = kith("people", "--json", *at(world)).json
    original = (world / "calendar.ics").read_bytes()
    head, tail = original.split(b"BEGIN:VEVENT", 1)[0], b"END:VCALENDAR\r\n"
    (world / "calendar.ics").write_bytes(head + tail)
    before = {name: data for name, data in files(world).items() if not name.startswith("state")}
    ran = kith("once", *at(world, LATER))
    assert ran.code == 65
    assert "calendar" in ran.err
    assert "kith once --accept calendar" in ran.err
    assert {name: data for name, data in files(world).items() if not name.startswith("state")} == before
    assert [row["id"] for row in kith("people", "--json", *at(world)).json] == [row["id"] for row in people]
    assert kith("status", *at(world, LATER)).code == 65
    assert kith("once", "--accept", "calendar", *at(world, LATER)).code == 0
    kept = kith("people", "--json", *at(world, LATER)).json
    assert {row["id"] for row in kept if row["strength"] > 5} <= {row["id"] for row in people}
    assert max(row["touches"] for row in kept) >= 50


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x00\xff\xfe" * 5000, "calendar"),
        (b"<html><body>Please log in</body></html>", "calendar"),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:x\r\nDTSTART:2026", "calendar"),
        (b"", "calendar"),
    ],
)
def test_a_calendar_that_is_none(kith: Kith, world: Path, content: bytes, words: str) -> None:
    """Noise, a login page, a half-written or an empty file: 65, the account is named, nothing is lost or written."""
    (world / "calendar.ics").write_bytes(content)
    before = kith("export", *at(world)).json
    ran = kith("once", *at(world))
    assert ran.code == 65
    assert words in ran.err
    assert kith("export", *at(world)).json["touchpoints"] == before["touchpoints"]


def test_a_file_that_was_never_there_and_one_that_went_away(kith: Kith, world: Path, unconfirmed: Path) -> None:
    """A wrong path is a configuration problem (78) on the first run; a file that goes away is unavailable (69)."""
    mbox = unconfirmed / "Sent.mbox"
    mbox.rename(unconfirmed / "elsewhere")
    first = kith("once", *at(unconfirmed))
    assert first.code == 78
    assert "accounts.sent.path" in first.err
    (unconfirmed / "elsewhere").rename(mbox)
    assert kith("once", *at(unconfirmed)).code == 0
    people = len(kith("people", "--json", *at(unconfirmed)).json)
    mbox.unlink()
    assert kith("once", *at(unconfirmed)).code == 69
    assert len(kith("people", "--json", *at(unconfirmed)).json) == people


def test_bad_items_are_named_and_stop_nothing(kith: Kith, unconfirmed: Path) -> None:
    """A rule every second for ever, a date in 1979 and one in 2099, a mail with 10,000 recipients: all else is read."""
    calendar = (unconfirmed / "calendar.ics").read_bytes()
    bad = (
        b"BEGIN:VEVENT\r\nUID:every-second\r\nDTSTART:20260101T000000Z\r\nRRULE:FREQ=SECONDLY\r\nSUMMARY:Tick\r\nEND:VEVENT\r\n"
        b"BEGIN:VEVENT\r\nUID:no-start\r\nDTSTART:nonsense\r\nSUMMARY:Never\r\nEND:VEVENT\r\n"
    )
    (unconfirmed / "calendar.ics").write_bytes(calendar.replace(b"END:VCALENDAR", bad + b"END:VCALENDAR"))
    crowd = ",\n ".join(f"p{number}@crowd.example" for number in range(10_000))
    append_mail(unconfirmed, crowd, "To everybody")
    append_mail(unconfirmed, "old@past.example", "From the past", "Mon, 01 Jan 1979 00:00:00 +0000")
    append_mail(unconfirmed, "new@future.example", "From the future", "Thu, 01 Jan 2099 00:00:00 +0000")
    ran = kith("once", *at(unconfirmed, LATER))
    assert ran.code == 0
    assert "calendar: " in ran.err
    assert len(kith("people", "--json", *at(unconfirmed, LATER)).json) >= 55
    ignored = kith("people", "--ignored", "--json", *at(unconfirmed, LATER)).json
    assert sum(row["address"].endswith("@crowd.example") for row in ignored) == 10_000


def test_a_cut_mbox_is_read_on_when_it_is_whole(kith: Kith, unconfirmed: Path) -> None:
    """What is whole is read; the rest comes when it is there; nothing is read twice."""
    mbox = unconfirmed / "Sent.mbox"
    whole = mbox.read_bytes()
    mbox.write_bytes(whole[: len(whole) * 9 // 10 + 17])
    assert kith("once", *at(unconfirmed)).code == 0
    some = len(kith("export", *at(unconfirmed)).json["mails"])
    mbox.write_bytes(whole)
    assert kith("once", *at(unconfirmed)).code == 0
    mails = kith("export", *at(unconfirmed)).json["mails"]
    assert some < len(mails) == len({row["key"] for row in mails})


def test_a_foreign_calendar_in_place_of_ours(kith: Kith, unconfirmed: Path) -> None:
    """A calendar that Kith did not write is refused as its own (78) and stays as it is."""
    (unconfirmed / "kith.ics").write_bytes(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nEND:VCALENDAR\r\n")
    before = (unconfirmed / "kith.ics").read_bytes()
    ran = kith("once", "--yes", *at(unconfirmed))
    assert ran.code == 78
    assert (unconfirmed / "kith.ics").read_bytes() == before


def test_our_calendar_deleted_as_a_whole_holds_everything(kith: Kith, world: Path) -> None:
    """Kith says so and writes nothing; it does not take forty deleted reminders for forty answers."""
    (world / "kith.ics").unlink()
    ran = kith("once", *at(world, LATER))
    assert ran.code == 69
    assert "kith once --yes" in ran.err
    assert not (world / "kith.ics").exists()
    assert kith("status", *at(world, LATER)).code == 69
    rows = kith("export", *at(world, LATER)).json["reminders"]
    assert "dismissed" not in {row["fate"] for row in rows}


@pytest.mark.parametrize("lost", ["state", "ledger"])
def test_a_lost_state_doubles_nothing(kith: Kith, world: Path, lost: str) -> None:
    """With the state or its ledger gone, Kith does not write all again beside what stands; the user decides."""
    if lost == "state":
        shutil.rmtree(world / "state")
    else:
        (world / "state" / "ledger.jsonl").unlink()
    before = {name: data for name, data in files(world).items() if not name.startswith("state")}
    ran = kith("once", *at(world))
    assert ran.code == 65
    assert "kith once --accept calendar" in ran.err
    assert {name: data for name, data in files(world).items() if not name.startswith("state")} == before
    assert kith("once", "--accept", "calendar", "--accept", "mail", *at(world)).code == 0


def test_our_calendar_is_begun_anew_after_a_yes(kith: Kith, world: Path) -> None:
    """Somebody who deleted kith.ics and says yes again gets a new one, nothing in it twice."""
    (world / "kith.ics").unlink()
    assert kith("once", "--yes", *at(world, LATER)).code == 0
    anew = (world / "kith.ics").read_bytes()
    assert anew.count(b"BEGIN:VEVENT") == len(reminders(world)) >= 3
    assert kith("once", *at(world, LATER)).code == 0
    assert (world / "kith.ics").read_bytes() == anew


def test_a_drafts_folder_that_is_away_is_no_answer(kith: Kith, world: Path) -> None:
    """An unmounted Drafts folder holds everything and says so; back again, all drafts are as they were."""
    (world / "Mail" / "Drafts").rename(world / "away")
    assert kith("once", *at(world, LATER)).code == 69
    (world / "away").rename(world / "Mail" / "Drafts")
    assert kith("once", *at(world, LATER)).code == 0
    rows = kith("export", *at(world, LATER)).json["drafts"]
    assert {row["fate"] for row in rows} == {"written"}


def test_a_cancelled_first_meeting_takes_its_reminder_along(kith: Kith, world: Path) -> None:
    """A meeting counted by mistake: the reminder and the draft that rest on it go, though other facts remain."""
    append_mail(world, "Nora Lindqvist <nora@lindqvist-energi.example>", "Hello", "Mon, 16 Nov 2026 11:00:00 +0100")
    kith("once", *at(world))
    assert any("Nora Lindqvist" in title for title in reminders(world))
    text = (world / "calendar.ics").read_bytes()
    events = text.split(b"BEGIN:VEVENT")
    cancelled = [
        part.replace(b"SUMMARY:", b"STATUS:CANCELLED\r\nSUMMARY:") if b"Community heating" in part else part
        for part in events
    ]
    (world / "calendar.ics").write_bytes(b"BEGIN:VEVENT".join(cancelled))
    kith("once", *at(world, LATER))
    assert not any("Nora Lindqvist" in title for title in reminders(world))
    assert not any("lindqvist" in to for to in drafts(world))


def test_a_look_from_the_past_takes_nothing_back(kith: Kith, world: Path) -> None:
    """``once --now`` on an earlier day leaves what was written later alone."""
    before = {item["UID"]: item.to_ical() for item in reminders(world).values()}
    texts = {path: path.read_bytes() for path in drafts(world).values()}
    assert kith("once", *at(world, "2026-06-01")).code == 0
    after = {item["UID"]: item.to_ical() for item in reminders(world).values()}
    assert {uid: after.get(uid) for uid in before} == before
    assert {path: path.read_bytes() for path in texts if path.exists()} == texts


def test_ten_key_people_are_the_most(kith: Kith, world: Path) -> None:
    """The eleventh is refused with the command that makes room."""
    config = at(world)[:2]
    network = [row for row in kith("people", "--json", *config).json if row["circle"] == "network"]
    marked = sum("key" in row["marks"] for row in network)
    others = [row["id"] for row in network if "key" not in row["marks"]]
    for who in others[: 10 - marked]:
        assert kith("mark", who, "key", *config).code == 0
    ran = kith("mark", others[10], "key", *config)
    assert ran.code == 2
    assert "--remove" in ran.err


def test_saying_it_twice_is_saying_it_once(kith: Kith, world: Path) -> None:
    """The same call noted three times is one touch."""
    config = at(world)[:2]
    before = kith("why", "ben fischer", "--json", *config).json["facts"]
    for _ in range(3):
        assert kith("note", "ben fischer", "called 2026-11-18", *config).code == 0
    assert len(kith("why", "ben fischer", "--json", *config).json["facts"]) == len(before) + 1


def test_forget_erases_everywhere_and_for_good(kith: Kith, world: Path) -> None:
    """No byte of name or address is left in state, calendar or drafts; reading all again changes nothing."""
    assert kith("forget", "nora lindqvist", "--yes", *at(world)[:2]).code == 0
    for name, data in files(world).items():
        if name not in {"calendar.ics", "Sent.mbox"}:
            assert b"lindqvist" not in data.lower(), name
    (world / "calendar.ics").write_bytes((world / "calendar.ics").read_bytes().replace(b"SUMMARY:", b"SUMMARY:x "))
    append_mail(world, "Nora Lindqvist <nora@lindqvist-energi.example>", "Lunch with Nora Lindqvist")
    assert kith("once", *at(world, LATER)).code == 0
    assert kith("why", "nora", *at(world, LATER)).code == 2
    assert b"lindqvist" not in (world / "state" / "ledger.jsonl").read_bytes().lower()


def test_the_users_words_count(kith: Kith, world: Path) -> None:
    """mark, note, keep, merge, split: each changes just what it says, and survives the next tick."""
    config = at(world)[:2]

    def person(words: str) -> dict[str, Any]:
        found = kith("why", words, "--json", *config).json
        return {**found, **found["opinion"]}

    assert kith("mark", "karl wenz", "muted", *config).code == 0
    assert kith("note", "karl wenz", "needs:", "a printer", *config).code == 0
    assert kith("note", "georg lang", "called 2026-11-19", *config).code == 0
    assert person("karl wenz")["marks"] == ["muted"]
    assert person("georg lang")["facts"][0]["kind"] == "call"
    assert kith("mark", "karl wenz", "muted", "--remove", *config).code == 0
    assert person("karl wenz")["marks"] == []
    nobody = next(row for row in kith("people", "--ignored", "--json", *config).json if row["rule"] == "A3")
    assert kith("people", "--keep", nobody["address"], *config).code == 0
    assert person(nobody["address"])["addresses"] == [nobody["address"]]
    anna, petra = person("anna berger"), person("petra moser")
    assert kith("merge", anna["id"], petra["id"], *config).code == 0
    both = person(petra["id"])
    assert set(both["addresses"]) == {*anna["addresses"], *petra["addresses"]}
    assert person(anna["id"])["id"] == both["id"]
    for address in petra["addresses"]:
        assert kith("split", both["id"], address, *config).code == 0
    assert set(person(anna["addresses"][0])["addresses"]) == set(anna["addresses"])


def test_killed_by_the_system_it_starts_again(world: Path, kith: Kith, unconfirmed: Path) -> None:
    """SIGKILL in the middle of the first import: the next run finishes it with the same result."""
    command = [sys.executable, "-m", "daemon.cli", "once", "--yes", *at(unconfirmed)]
    for wait in (0.6, 0.9, 1.2):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(wait)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
    assert kith("once", "--yes", *at(unconfirmed)).code == 0
    rows = kith("export", *at(unconfirmed)).json
    assert len(rows["mails"]) == len({row["key"] for row in rows["mails"]}) >= 1900
    assert len(reminders(unconfirmed)) == sum(row["fate"] == "written" for row in rows["reminders"]) >= 3


def test_nothing_personal_is_said_on_stderr(kith: Kith, unconfirmed: Path) -> None:
    """What goes to a log holds no address of the world, no name and no title, whatever goes wrong."""
    (unconfirmed / "calendar.ics").write_bytes(
        (unconfirmed / "calendar.ics").read_bytes().replace(b"DTSTART", b"DTSTRAT", 3)
    )
    said = kith("once", "--yes", *at(unconfirmed)).err
    (unconfirmed / "calendar.ics").write_bytes(b"noise")
    said += kith("once", *at(unconfirmed)).err
    rows = kith("people", "--json", *at(unconfirmed)).json
    assert said
    for row in rows:
        assert row["name"] not in said
        assert not [address for address in row["addresses"] if address in said]


@pytest.mark.corpus
def test_the_shared_corpus_end_to_end(kith: Kith, corpora: Path, tmp_path: Path) -> None:
    """2,154 real mails: everybody of the independent count is there, with dates; about 80 pass; no list does."""
    (tmp_path / "config.toml").write_text(
        'state = "state"\n[me]\nname = "Lifobu Hovude"\naddresses = ["serite@famefure.example"]\ntimezone = "UTC"\n'
        f'[accounts.sent]\nkind = "mbox"\npath = {json.dumps(str(corpora / "sent.mbox"))}\n'
    )
    options = ("--config", tmp_path / "config.toml", "--now", "2018-06-01")
    assert kith("once", *options).code == 0
    export = kith("export", *options).json
    home = {address: row["id"] for row in export["people"] for address in row["addresses"]}
    with (corpora / "sent.truth.csv").open(newline="") as lines:
        truth = {row["address"]: row for row in csv.DictReader(lines)}
    ignored = {row["address"]: row["rule"] for row in kith("people", "--ignored", "--json", *options).json}
    assert set(truth) <= set(home) | set(ignored)
    expected: dict[str, list[dict[str, str]]] = defaultdict(list)
    for address, row in truth.items():
        if address in home:
            expected[home[address]].append(row)
    times: dict[str, list[str]] = defaultdict(list)
    for fact in export["touchpoints"]:
        if fact["kind"] != "heard":
            times[fact["person"]].append(fact["at"])
    for person, rows in expected.items():
        found = sorted(times[person])
        assert len(found) == sum(int(row["messages"]) for row in rows)
        assert found[0] == min(row["first_utc"] for row in rows)
        assert found[-1] == max(row["last_utc"] for row in rows)
    network = [row for row in export["people"] if row["circle"] == "network"]
    assert 70 <= len(network) <= 95
    lists = {address for address, rule in ignored.items() if rule == "A5"}
    assert {"r-devel@r-project.org", "r-help@r-project.org"} <= lists
    assert not lists & set(home)


def test_what_is_to_change_is_shown_and_then_changed(kith: Kith, world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reminder that stands is to become another: the plan says what, in words and JSON, and the tick does that."""
    real = daemon.tick.decide

    def decide(state: State, *rest: Any) -> Plan:
        row = next(row for row in state.entries if row.kind == "reconnect" and row.state == "written")
        assert row.start is not None
        assert row.end is not None
        if row.title.startswith("Done: "):
            return real(state, *rest)
        new = Amendment(title=f"Done: {row.title}", body="You met.", start=row.start, end=row.end)
        return replace(real(state, *rest), amend=(replace(row, amended=new),))

    monkeypatch.setattr(daemon.tick, "decide", decide)
    append_mail(world, next(to for to in drafts(world) if "lindqvist" in to), "Hello from Vienna")
    plan = kith("plan", "--json", *at(world, LATER)).json
    (row,) = plan["amend"]
    assert set(row) == {"key", "kind", "person", "at", "title", "body"}
    assert (row["title"][:6], row["body"]) == ("Done: ", "You met.")
    title = row["title"].removeprefix("Done: ")
    (line,) = [line for line in kith("plan", *at(world, LATER)).out.splitlines() if line.startswith("~ changes: ")]
    assert (title in line, line.endswith(f"Done: {title}")) == (True, True)
    assert title in reminders(world)
    assert f"\n{len(plan['write'])} written now" in kith("once", *at(world, LATER)).out
    assert (title in reminders(world), f"Done: {title}" in reminders(world)) == (False, True)


def test_plan_sees_what_came_since_and_keeps_nothing(kith: Kith, world: Path) -> None:
    """A mail written since the last tick is in the plan (its reminder would be taken back); nothing is stored."""
    append_mail(world, next(to for to in drafts(world) if "lindqvist" in to), "Hello from Vienna")
    before = files(world)
    plan = kith("plan", "--json", *at(world, LATER)).json
    assert {row["why"] for row in plan["withdraw"]} == {"overtaken"}
    assert files(world) == before
