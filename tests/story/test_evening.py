"""An evening without a guest list: eleven ways in, nine found, two follow-ups, none wrong (the story, end to end).

Clara Winter, a consultant in Vienna, comes home from the fifth Founders meetup. Everything goes through the commands
and the files that a person has: a calendar, a Maildir, the phone's address book.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest

from tests.cli.conftest import Kith, kith

__all__ = ["kith"]
VIENNA = ZoneInfo("Europe/Vienna")
CONFIG = """\
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
"""
EVENINGS = ("2026-10-08", "2026-11-12", "2026-12-10", "2027-01-14", "2027-02-11", "2027-03-11")
TYPED = """Ruth Steiner: started B2B in January x
Milan Kovač:
new: Anna Berger anna@helio.at Helio, looks for a part-time CFO x
new: Karl (tall, packaging), promised him the Graz study
new: Ines Moreau
new: two students from TU, no"""
LINKEDIN = ("Ines Moreau", "Paul Lindner", "Theresa Vogl")


@dataclass
class House:
    """Clara's house: her files, and the commands on a given day."""

    folder: Path
    kith: Kith
    mails: int = 0

    def at(self, now: str) -> tuple[str, ...]:
        return "--config", str(self.folder / "config.toml"), "--now", now

    def once(self, now: str, *more: str) -> Any:
        ran = self.kith("once", *more, *self.at(now))
        assert ran.code == 0, ran.err
        return ran

    def mail(self, folder: str, when: str, **headers: str) -> None:
        """Put a mail into a folder; ``when`` is a time in Vienna."""
        self.mails += 1
        at = datetime.fromisoformat(when).replace(tzinfo=VIENNA)
        head = {"Message-ID": f"<m{self.mails}@winter.example>", "Date": f"{at:%a, %d %b %Y %H:%M:%S %z}"}
        place = self.folder / "Mail" / folder / "cur"
        place.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in (head | headers).items())
        path = place / f"{int(at.timestamp())}.m{self.mails}:2,S"
        path.write_text(f"{text}\nNever read.\n")
        os.utime(path, (at.timestamp(), at.timestamp()))

    def writes(self, when: str, to: str, subject: str) -> None:
        self.mail("Sent", when, From="Clara Winter <clara@winter.example>", To=to, Subject=subject)

    def entries(self) -> dict[str, icalendar.Event]:
        """What stands in the calendar Kith, by title."""
        calendar = icalendar.Calendar.from_ical((self.folder / "kith.ics").read_bytes())
        return {str(item["SUMMARY"]): item for item in calendar.walk("VEVENT")}

    def times(self) -> dict[str, str]:
        """When it stands, by title."""
        found = {title: item.decoded("DTSTART").astimezone(VIENNA) for title, item in self.entries().items()}
        return {title: at.strftime("%a %d %b %H:%M") for title, at in found.items()}

    def types(self, title: str, change: Any) -> None:
        """Clara's hand: put what ``change`` makes of the description of an entry into the calendar."""
        path = self.folder / "kith.ics"
        calendar = icalendar.Calendar.from_ical(path.read_bytes())
        for item in calendar.walk("VEVENT"):
            if str(item["SUMMARY"]) == title:
                item["DESCRIPTION"] = icalendar.vText(change(str(item["DESCRIPTION"])))
        path.write_bytes(calendar.to_ical())

    def drafts(self) -> dict[str, Any]:
        """The drafts, by recipient."""
        folder = self.folder / "Mail" / "Drafts" / "cur"
        found = [message_from_bytes(path.read_bytes(), policy=default) for path in folder.glob("*")]
        return {str(mail["To"]): mail for mail in found}

    def people(self, now: str) -> dict[str, dict[str, Any]]:
        return {row["name"]: row for row in self.kith("people", "--json", *self.at(now)).json}


def calendar() -> str:
    events = []
    for number, day in enumerate(EVENINGS, 1):
        start = datetime.fromisoformat(f"{day}T18:30").replace(tzinfo=VIENNA)
        events.append(
            f"BEGIN:VEVENT\r\nUID:founders-{number}@winter.example\r\n"
            f"DTSTART:{start.astimezone(ZoneInfo('UTC')):%Y%m%dT%H%M%SZ}\r\n"
            f"DTEND:{(start + timedelta(hours=3)).astimezone(ZoneInfo('UTC')):%Y%m%dT%H%M%SZ}\r\n"
            "SUMMARY:Founders meetup\r\nLOCATION:Impact Hub\r\nEND:VEVENT\r\n"
        )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:clara\r\n{''.join(events)}END:VCALENDAR\r\n"


@pytest.fixture
def house(tmp_path: Path, kith: Kith) -> House:
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "calendar.ics").write_text(calendar())
    (tmp_path / "Mail" / "Inbox" / "cur").mkdir(parents=True)
    made = House(tmp_path, kith)
    made.writes("2026-01-12T09:00", "Old Friend <old@friend.example>", "Plans for the year")
    made.writes("2026-12-12T09:00", "Milan Kovač <milan@kovac.example>", "The move to Ljubljana")
    made.writes("2027-01-16T09:00", "Ruth Steiner <ruth@steiner.example>", "Reusable packaging")
    return made


def evening(house: House) -> None:
    """Thursday: a look in the afternoon, the meetup, and what Clara types at home."""
    house.once("2027-02-11T14:00", "--yes")
    house.types("Who did you meet? (Founders meetup)", filled)
    house.once("2027-02-11T21:55")


def filled(text: str) -> str:
    lines = text.split("\n")
    first, last = lines.index("Ruth Steiner:"), lines.index("promised:")
    assert lines[first : last + 1] == ["Ruth Steiner:", "Milan Kovač:", *["new:"] * 4, "promised:"]
    return "\n".join([*lines[:first], TYPED, *lines[last:]])


def test_the_debrief_waits_at_home(house: House) -> None:
    """It stands at 21:40, long before, names who came to earlier evenings, and asks for nothing else."""
    house.once("2027-02-11T14:00", "--yes")
    assert house.times()["Who did you meet? (Founders meetup)"] == "Thu 11 Feb 21:40"
    house.once("2027-02-11T21:00")
    own = {"Kith is here. Delete me.", "Kith stopped, if this is today"}
    assert house.entries().keys() == {*own, "Who did you meet? (Founders meetup)"}


def test_what_she_types_is_noted(house: House) -> None:
    """The title says what was understood; her text is as she left it, to the letter; a second look changes nothing."""
    evening(house)
    title = "Noted: 5 people, 2 for next week, 1 promise"
    assert house.times()[title] == "Thu 11 Feb 21:40"
    assert TYPED in str(house.entries()[title]["DESCRIPTION"])
    before = (house.folder / "kith.ics").read_bytes()
    house.once("2027-02-11T22:10")
    assert (house.folder / "kith.ics").read_bytes() == before


def test_two_follow_ups_on_friday_and_nothing_wrong(house: House) -> None:
    """Ruth and Anna, within 48 hours, a draft each, Ruth's offers two half hours; Milan and the students: nothing."""
    evening(house)
    times = house.times()
    follow_ups = {title: at for title, at in times.items() if title.startswith("Write to ")}
    assert follow_ups == {"Write to Ruth Steiner": "Fri 12 Feb 09:15", "Write to Anna Berger": "Fri 12 Feb 09:00"} or (
        follow_ups == {"Write to Ruth Steiner": "Fri 12 Feb 09:00", "Write to Anna Berger": "Fri 12 Feb 09:15"}
    )
    assert times["Promise: Karl, the Graz study"] == "Thu 18 Feb 09:00"
    drafts = house.drafts()
    assert sorted(drafts) == ["Anna Berger <anna@helio.at>", "Ruth Steiner <ruth@steiner.example>"]
    offer = " ".join(drafts["Ruth Steiner <ruth@steiner.example>"].get_content().split())
    assert len(re.findall(r"\d{1,2} February at \d\d:\d\d", offer)) == 2
    for private in ("CFO", "B2B", "Helio", "packaging"):
        assert private not in "".join(draft.get_content() for draft in drafts.values())
    people = house.people("2027-02-11T22:00")
    assert people["Anna Berger"]["addresses"] == ["anna@helio.at"]
    assert {name for name, row in people.items() if row["card"]} == {"Karl", "Ines Moreau"}
    assert not any("student" in name.casefold() or "TU" in name for name in people)
    assert people["Milan Kovač"]["touches"] == 1
    assert (people["Ruth Steiner"]["stage"], people["Ruth Steiner"]["touches"]) == ("growing", 2)


def test_nine_are_found_by_the_next_week(house: House) -> None:
    """LinkedIn's mails, the phone, a first mail: nine people of eleven; WhatsApp and the cold coach leave no trace."""
    evening(house)
    for number, name in enumerate(LINKEDIN):
        first = name.split()[0]
        sender = f'"{name} via LinkedIn" <invitations@linkedin.com>'
        to = "Clara Winter <clara@winter.example>"
        subject = f"{first} accepted your invitation"
        house.mail("Inbox", f"2027-02-12T10:1{2 + number}", From=sender, To=to, Subject=subject)
    house.mail(
        "Inbox",
        "2027-02-12T11:00",
        From="Coach <coach@cold.example>",
        To="clara@winter.example",
        Subject="Ten more clients",
    )
    phone = house.folder / "phone.vcf"
    phone.write_text(
        "BEGIN:VCARD\nVERSION:4.0\nFN:Jonas Kraus\nEMAIL:jonas@kraus.example\nREV:20270212T081500Z\nEND:VCARD\n"
    )
    assert house.kith("import", str(phone), *house.at("2027-02-12T12:00")).code == 0
    house.once("2027-02-12T12:15")
    house.writes("2027-02-13T11:00", "Sofia Lang <sofia@lang.example>", "The paper you gave me")
    house.once("2027-02-15T09:00")
    people = house.people("2027-02-15T10:00")
    found = {"Anna Berger", "Ruth Steiner", "Milan Kovač", "Karl", "Ines Moreau", "Paul Lindner", "Theresa Vogl"}
    assert found | {"Sofia Lang", "Jonas Kraus"} | {"Old Friend"} == set(people)
    assert not any("coach" in str(row).casefold() for row in people.values())
    titles = [title for title in house.entries() if "more from" in title]
    assert titles == ["Four more from Founders meetup"]
    assert house.times()[titles[0]] == "Tue 16 Feb 09:00"
    lines = str(house.entries()[titles[0]]["DESCRIPTION"])
    for name in ("Ines Moreau", "Paul Lindner", "Theresa Vogl", "Jonas Kraus"):
        assert name in lines
    assert "Karl" not in lines
    assert "Karl is not in your mail yet" in str(house.entries()["Promise: Karl, the Graz study"]["DESCRIPTION"])


def test_an_x_in_the_round_up_asks_for_one_more(house: House) -> None:
    """A mark behind a name of the round-up is a wish; untouched lines mean nothing, and it goes after a week."""
    test_nine_are_found_by_the_next_week(house)
    house.types("Four more from Founders meetup", marked)
    house.once("2027-02-16T09:30")
    assert "Write to Ines Moreau" in house.entries()
    assert not any(name in title for title in house.entries() for name in ("Lindner", "Vogl", "Kraus"))


def marked(text: str) -> str:
    return "\n".join(f"{line} x" if line.startswith("- Ines Moreau") else line for line in text.split("\n"))


def test_the_next_edition_expects_them(house: House) -> None:
    """A month later the debrief of the next evening names whom she noted, and whoever wrote soon after."""
    test_nine_are_found_by_the_next_week(house)
    house.once("2027-03-11T14:00")
    asked = str(house.entries()["Who did you meet? (Founders meetup)"]["DESCRIPTION"])
    for name in ("Anna Berger:", "Ruth Steiner:", "Karl:", "Ines Moreau:", "Sofia Lang:"):
        assert name in asked.split("\n")


def test_changing_her_mind_takes_it_back(house: House) -> None:
    """What she takes out of the debrief again is as if it had never been said: no card, no wish, no promise."""
    evening(house)
    title = "Noted: 5 people, 2 for next week, 1 promise"
    house.types(title, lambda text: text.replace("new: Karl (tall, packaging), promised him the Graz study\n", "", 1))
    house.once("2027-02-11T22:20")
    assert "Karl" not in house.people("2027-02-11T22:30")
    assert "Promise: Karl, the Graz study" not in house.entries()
    assert any(title.startswith("Noted: 4 people, 2 for next week") for title in house.entries())
