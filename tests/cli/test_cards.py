"""Cards from a person's side: whom one met in the evening comes in by LinkedIn, by hand, by the phone (the story)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from daemon.detect import card_decision
from daemon.session import open_session
from tests.cli.conftest import Kith

FRIDAY = "2026-02-13T16:00:00"
LATER = "2026-02-21T12:00:00"
EVENING = "founders-5@clara.example"
CONFIG = """
state = "state"
[me]
name = "Clara Winter"
addresses = ["clara@winter.example"]
timezone = "Europe/Vienna"
[accounts.agenda]
kind = "ics"
path = "calendar.ics"
reminders = "kith.ics"
[accounts.mail]
kind = "maildir"
path = "Mail"
inbox = "Inbox"
hints = ["linkedin"]
[write]
reminders = "agenda"
drafts = "mail"
confirmed = true
"""
VCARD = "BEGIN:VCARD\nVERSION:4.0\nFN:{name}\nEMAIL:{address}\nREV:20260213T081500Z\nEND:VCARD\n"


def mail(world: Path, folder: str, name: str, head: str) -> None:
    place = world / "Mail" / folder / "cur"
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{name}:2,S").write_text(f"Message-ID: <{name}@m.example>\n{head}\n\nNever read.\n")


def accepted(world: Path, number: int, name: str, day: str = "Fri, 13 Feb 2026 10:12:00 +0100") -> None:
    first = name.split(maxsplit=1)[0]
    head = (
        f'From: "{name} via LinkedIn" <invitations@linkedin.com>\nTo: Clara Winter <clara@winter.example>\n'
        f"Date: {day}\nSubject: {first} accepted your invitation"
    )
    mail(world, "Inbox", f"{1000 + number}.hint", head)


@pytest.fixture
def evening(tmp_path: Path) -> Path:
    """The Friday after the Founders meetup: three acceptance mails, a cold coach, and a card typed the night before."""
    (tmp_path / "config.toml").write_text(CONFIG)
    event = (
        f"BEGIN:VEVENT\r\nUID:{EVENING}\r\nDTSTART:20260212T173000Z\r\nDTEND:20260212T203000Z\r\n"
        "SUMMARY:Founders meetup\r\nEND:VEVENT\r\n"
    )
    calendar = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{event}END:VCALENDAR\r\n"
    (tmp_path / "calendar.ics").write_text(calendar)
    for number, name in enumerate(("Ines Moreau", "Paul Lindner", "Theresa Vogl")):
        accepted(tmp_path, number, name)
    mail(
        tmp_path,
        "Inbox",
        "2000.cold",
        'From: "Cold Coach" <coach@cold.example>\nTo: clara@winter.example\nDate: Fri, 13 Feb 2026 11:00:00 +0100\n'
        "Subject: Ten more clients",
    )
    mail(
        tmp_path,
        "Sent",
        "100.old",
        "From: Clara Winter <clara@winter.example>\nTo: Ruth Steiner <ruth@steiner.example>\n"
        "Date: Thu, 15 Jan 2026 09:00:00 +0100\nSubject: Hello",
    )
    session = open_session(tmp_path / "config.toml", datetime(2026, 2, 12, 21, tzinfo=UTC))
    with session.ledger(write=True) as ledger, ledger.unit():
        told = card_decision("Ines Moreau", session.now, "debrief", new_id=ledger.person_id, event=EVENING)
        ledger.save_decisions([told])
    return tmp_path


def at(world: Path, now: str = FRIDAY) -> tuple[str, str, str, str]:
    return "--config", str(world / "config.toml"), "--now", now


def people(kith: Kith, world: Path, now: str = FRIDAY) -> dict[str, Any]:
    return {row["name"]: row for row in kith("people", "--json", *at(world, now)).json}


def phone(world: Path, *names: str) -> Path:
    path = world / "phone.vcf"
    path.write_text(
        "".join(VCARD.format(name=name, address=f"{name.split()[0]}@{name[-4:]}.example") for name in names)
    )
    return path


def test_an_evening_comes_home(kith: Kith, evening: Path) -> None:
    """Rows 5, 6, 7, 9 and 11 of the story: four cards, each met, three of them by a guess; the cold coach is nobody and
    nothing of that mail is kept; nobody on a card gets a draft."""
    assert kith("once", *at(evening)).code == 0
    done = kith("import", str(phone(evening, "Jonas Kraus")), *at(evening))
    assert (done.code, done.out) == (0, "imported: 1 new card\n")
    known = people(kith, evening)
    cards = {name: (row["addresses"], row["touches"]) for name, row in known.items() if row["card"]}
    assert cards == {name: ([], 1) for name in ("Ines Moreau", "Paul Lindner", "Theresa Vogl", "Jonas Kraus")}
    export = kith("export", *at(evening)).json
    assert {mail["key"] for mail in export["mails"]} == {"1000.hint@m.example", "1001.hint@m.example"} | {
        "1002.hint@m.example",
        "100.old@m.example",
    }
    told = {row["name"]: (row["met_at"], row["guess"]) for row in export["cards"] if row["source"] != "linkedin"}
    assert told == {"Ines Moreau": ("Founders meetup", False), "Jonas Kraus": ("Founders meetup", True)}
    text = kith("why", "theresa", *at(evening)).out
    assert "LinkedIn told that your invitation was accepted" in text
    assert "probably met at Founders meetup (a guess" in text
    ines = kith("why", "ines", *at(evening)).out
    assert "Card: Ines Moreau, 2026-02-12: you wrote it down after an event - met at Founders meetup" in ines
    assert "probably" not in ines
    assert "(card)" in kith("people", *at(evening)).out
    kith("once", *at(evening, LATER))
    assert not list((evening / "Mail" / "Drafts").glob("cur/*"))


def test_an_import_twice_is_once(kith: Kith, evening: Path) -> None:
    """The same file again changes nothing, not even a byte of the state; one entry that cannot be read is named by its
    line, and nothing personal stands on stderr."""
    kith("once", *at(evening))
    path = phone(evening, "Jonas Kraus", "Ada Lovelace")
    undated = "BEGIN:VCARD\nFN:Ben Bare\nEND:VCARD\n"
    path.write_text(path.read_text() + undated + "BEGIN:VCARD\nEMAIL:x@nameless.example\nEND:VCARD\n")
    first = kith("import", str(path), *at(evening))
    assert first.out == "imported: 3 new cards, 1 left out\n"
    assert "import: line 16 has no name" in first.err
    assert not any(word in first.err for word in ("Jonas", "Lovelace", "nameless"))
    before = (evening / "state" / "ledger.jsonl").read_bytes()
    again = kith("import", str(path), *at(evening, LATER))
    assert again.out == "imported: 0 new cards, 3 known already, 1 left out\n"
    assert (evening / "state" / "ledger.jsonl").read_bytes() == before
    path.write_text(path.read_text().replace("EMAIL:Jonas", "EMAIL:Jonas@raus.example\nEMAIL:ruth@steiner.example#"))
    path.write_text(path.read_text().replace("#@raus.example", ""))
    changed = kith("import", str(path), *at(evening, LATER))
    assert changed.out == "imported: 0 new cards, 1 changed, 1 joined somebody known, 2 known already, 1 left out\n"
    assert "Jonas Kraus" not in people(kith, evening, LATER)


def test_connections_of_linkedin(kith: Kith, evening: Path) -> None:
    """LinkedIn's list makes names known, with what they do; whoever alone bears a name known by mail is joined."""
    kith("once", *at(evening))
    path = evening / "Connections.csv"
    path.write_text(
        'Notes:\n"some text"\n\nFirst Name,Last Name,URL,Email Address,Company,Position,Connected On\n'
        "Ruth,Steiner,https://l.example/ruth,,Steiner KG,Owner,12 Feb 2020\n"
        "Otto,Far,https://l.example/otto,,Far AG,CFO,13 Feb 2020\nClara,Winter,,,,,\n"
    )
    done = kith("import", str(path), *at(evening))
    assert done.out == "imported: 2 new cards, 1 joined somebody known, 1 left out\n"
    known = people(kith, evening)
    assert (known["Otto Far"]["card"], known["Otto Far"]["touches"]) == (True, 0)
    assert known["Ruth Steiner"]["addresses"] == ["ruth@steiner.example"]
    assert "(Owner, Steiner KG) - joined, because" in kith("why", "ruth", *at(evening)).out


def test_a_card_joins_and_is_parted(kith: Kith, evening: Path) -> None:
    """The first mail to the same full name joins the card, whose id stays valid; the user may part them again, and join
    them again by hand."""
    kith("once", *at(evening))
    card = people(kith, evening)["Ines Moreau"]["id"]
    mail(
        evening,
        "Sent",
        "200.new",
        "From: Clara Winter <clara@winter.example>\nTo: Ines Moreau <ines@moreau.example>\n"
        "Date: Mon, 16 Feb 2026 09:00:00 +0100\nSubject: Friday",
    )
    kith("once", *at(evening, LATER))
    joined = people(kith, evening, LATER)["Ines Moreau"]
    assert (joined["addresses"], joined["card"], joined["touches"]) == (["ines@moreau.example"], False, 2)
    assert kith("why", card, "--json", *at(evening, LATER)).json["id"] == joined["id"]
    config = ("--config", str(evening / "config.toml"))
    assert kith("split", "ines@moreau.example", *config).code == 0
    rows = [row for row in kith("people", "--json", *config).json if row["name"] == "Ines Moreau"]
    assert sorted((row["id"], row["card"]) for row in rows) == sorted([(card, True), (joined["id"], False)])
    assert kith("split", "ines@moreau.example", *config).code == 2
    assert kith("merge", card, joined["id"], *config).out == "merged: 1 address are one person now\n"
    rows = [row for row in kith("people", "--json", *config).json if row["name"] == "Ines Moreau"]
    assert [(row["id"], row["touches"]) for row in rows] == [(joined["id"], 2)]


def test_who_is_forgotten_stays_so(kith: Kith, evening: Path) -> None:
    """Of a forgotten card nothing is left: no name in the state, no return by the address book, by LinkedIn's mails
    read again, or by another one."""
    kith("once", *at(evening))
    book = phone(evening, "Jonas Kraus", "Paul Lindner")
    kith("import", str(book), *at(evening))
    config = ("--config", str(evening / "config.toml"))
    assert kith("forget", "jonas", "--yes", *config).code == 0
    assert kith("forget", "paul", "--yes", *config).code == 0
    left = b"".join(path.read_bytes() for path in (evening / "state").rglob("*") if path.is_file())
    assert not any(word in left.lower() for word in (b"jonas", b"kraus", b"paul", b"lindner"))
    done = kith("import", str(book), *at(evening))
    assert done.out == "imported: 0 new cards, 2 left out\n"
    accepted(evening, 9, "Paul Lindner")
    config_file = evening / "config.toml"
    config_file.write_text(
        config_file.read_text()
        .replace("[accounts.mail]", "[accounts.mail2]")
        .replace('drafts = "mail"', 'drafts = "mail2"')
    )
    kith("once", *at(evening, LATER))
    assert set(people(kith, evening, LATER)) == {"Ines Moreau", "Theresa Vogl", "Ruth Steiner"}


def test_a_forgotten_person_takes_the_cards_along(kith: Kith, evening: Path) -> None:
    """Whoever is forgotten is forgotten with the cards that joined them: no name, address or note of them is left."""
    (evening / "Mail" / "Inbox" / "cur" / "1000.hint:2,S").unlink()
    head = "From: Clara Winter <clara@winter.example>\nTo: Ines Moreau <nes@x.example>\n"
    mail(evening, "Sent", "200.new", f"{head}Date: Mon, 16 Feb 2026 09:00:00 +0100\nSubject: Friday")
    kith("once", *at(evening, LATER))
    kith("import", str(phone(evening, "Ines Moreau")), *at(evening, LATER))
    assert people(kith, evening, LATER)["Ines Moreau"]["touches"] == 2
    assert kith("forget", "nes@x.example", "--yes", "--config", str(evening / "config.toml")).code == 0
    left = b"".join(path.read_bytes() for path in (evening / "state").rglob("*") if path.is_file())
    assert not any(word in left.lower() for word in (b"ines", b"moreau", b"nes@x", b"reau.example"))
    cards = kith("export", *at(evening, LATER)).json["cards"]
    assert {row["name"] for row in cards} == {"Paul Lindner", "Theresa Vogl"}


def test_what_cannot_be_imported(kith: Kith, evening: Path) -> None:
    """A file of another kind is bad data (65); one that is not there is wrong usage (2); nothing changes."""
    kith("once", *at(evening))
    before = (evening / "state" / "ledger.jsonl").read_bytes()
    other = evening / "other.txt"
    other.write_text("Dear Ada Lovelace,\n")
    refused = kith("import", str(other), *at(evening))
    assert (refused.code, refused.out) == (65, "")
    assert "Lovelace" not in refused.err
    assert kith("import", str(evening / "nothing.vcf"), *at(evening)).code == 2
    assert (evening / "state" / "ledger.jsonl").read_bytes() == before


def test_an_archive_tells_who_accepted(kith: Kith, evening: Path) -> None:
    """An mbox with received mail in it makes cards if it was asked to listen, and makes nobody if not."""
    (evening / "All.mbox").write_text(
        "From - Fri Feb 13 10:12:00 2026\nMessage-ID: <a@m.example>\nDate: Fri, 13 Feb 2026 10:12:00 +0100\n"
        'From: "Nora Lind via LinkedIn" <invitations@linkedin.com>\nTo: clara@winter.example\n'
        "Subject: Nora has accepted your invitation\n\n\n"
    )
    config = evening / "config.toml"
    text = config.read_text().replace('inbox = "Inbox"\nhints = ["linkedin"]\n', "")
    archive = '[accounts.archive]\nkind = "mbox"\npath = "All.mbox"\ncontents = "all"\n'
    config.write_text(text + archive)
    kith("once", *at(evening))
    assert set(people(kith, evening)) == {"Ruth Steiner", "Ines Moreau"}
    config.write_text(text + archive + 'hints = ["linkedin"]\n')
    kith("once", *at(evening))
    assert set(people(kith, evening)) == {"Ruth Steiner", "Ines Moreau", "Nora Lind"}
    config.write_text(text + archive.replace('"all"', '"sent"') + 'hints = ["linkedin"]\n')
    refused = kith("check", "--config", str(config))
    assert (refused.code, 'accounts.archive.hints: needs contents = "all"' in refused.err + refused.out) == (78, True)
