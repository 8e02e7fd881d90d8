"""An evening without a guest list: eleven ways in, nine found, two follow-ups, none wrong (the story, end to end).

Clara Winter, a consultant in Vienna, comes home from the fifth Founders meetup. Everything goes through the commands
and what a person has: a calendar, a mailbox, the phone's address book; on files and at Google (``homes``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.forget import forget_person
from daemon.session import open_session
from tests.cli.conftest import Kith, kith
from tests.story.homes import HOMES, Home, home, when

__all__ = ["kith"]
EVENINGS = ("2026-10-08", "2026-11-12", "2026-12-10", "2027-01-14", "2027-02-11", "2027-03-11")
NOTED = "Noted: 5 people, 2 for next week, 1 promise"
TYPED = """Ruth Steiner: started B2B in January x
Milan Kovač:
new: Anna Berger anna@helio.at Helio, looks for a part-time CFO x
new: Karl (tall, packaging), promised him the Graz study
new: Ines Moreau
new: two students from TU, no"""
LINKEDIN = ("Ines Moreau", "Paul Lindner", "Theresa Vogl")


@pytest.fixture(params=HOMES)
def house(
    request: pytest.FixtureRequest, tmp_path: Path, kith: Kith, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Home]:
    with home(request.param, tmp_path, kith, monkeypatch) as made:
        for day in EVENINGS:
            made.evenings[day] = made.plans("Founders meetup", f"{day}T18:30", 180)
        made.writes("2026-01-12T09:00", "Old Friend <old@friend.example>", "Plans for the year")
        made.writes("2026-12-12T09:00", "Milan Kovač <milan@kovac.example>", "The move to Ljubljana")
        made.writes("2027-01-16T09:00", "Ruth Steiner <ruth@steiner.example>", "Reusable packaging")
        yield made


TARGETS = """[[target]]
kind = "knows family businesses"
names = ["Karim Haddad"]
words = ["family business"]

[[target]]
kind = "a banker"
domains = ["bank.example"]
"""
BEFORE = "Founders meetup: look for two people"


def wants(house: Home) -> None:
    """Clara writes down whom she wants to know."""
    (house.folder / "targets.toml").write_text(TARGETS)
    path = house.folder / "config.toml"
    zone = 'timezone = "Europe/Vienna"\n'
    path.write_text(path.read_text().replace(zone, f'{zone}targets = "targets.toml"\n'))


@pytest.mark.parametrize("house", ["files", "google", "tasks"], indirect=True)
def test_the_brief_follows_its_evening(house: Home) -> None:
    """Moved with it; what she threw away stays away; called off, it is gone, and so is the debrief."""
    house.once("2027-02-11T14:00", "--yes")
    assert BEFORE in house.entries()
    house.puts_off(house.evenings["2027-02-11"], "2027-02-11T19:30", 180)
    house.once("2027-02-11T14:30")
    assert house.times()[BEFORE] == house.moment("Thu 11 Feb 18:30")
    assert house.times()["Who did you meet? (Founders meetup)"] == house.moment("Thu 11 Feb 22:40")
    house.calls_off(house.evenings["2027-02-11"])
    house.once("2027-02-11T15:00")
    assert not house.entries().keys() & {BEFORE, "Who did you meet? (Founders meetup)"}


def evening(house: Home) -> str:
    """Thursday: a look in the afternoon, the meetup, and what Clara types at home; return how it stands there."""
    house.once("2027-02-11T14:00", "--yes")
    house.types("Who did you meet? (Founders meetup)", filled)
    left = house.entries()["Who did you meet? (Founders meetup)"].stored
    house.once("2027-02-11T21:55")
    return left


def filled(text: str) -> str:
    lines = text.split("\n")
    first, last = lines.index("Ruth Steiner:"), lines.index("promised:")
    assert lines[first : last + 1] == ["Ruth Steiner:", "Milan Kovač:", *["new:"] * 4, "promised:"]
    return "\n".join([*lines[:first], TYPED, *lines[last:]])


def test_brief_and_debrief_wait_at_home(house: Home) -> None:
    """At 17:30 two people of two kinds, why, who may be there by a guess, whom nobody knows yet; at 21:40 the debrief,
    which names who came to earlier evenings. Both stand long before, and nothing else asks for anything."""
    wants(house)
    house.once("2027-02-11T14:00", "--yes")
    found = house.entries()[BEFORE]
    assert found.at == house.moment("Thu 11 Feb 17:30")
    text = " ".join(found.text.split())
    assert "Ruth Steiner - probably met Thu 14 Jan (guess: first mail Sat 16 Jan), not yet known." in text
    assert "Karim Haddad - on your list: knows family businesses. Has not been seen here yet." in text
    assert "Perhaps here (guess, from first mails or cards after four evenings): Milan Kovač." in text
    assert "on your list: a banker." in text
    assert "Old Friend" not in text
    assert house.times()["Who did you meet? (Founders meetup)"] == house.moment("Thu 11 Feb 21:40")
    before = house.state()
    house.once("2027-02-11T17:45")
    assert house.state() == before
    own = {"Kith is here. Delete me.", "Kith stopped, if this is today"}
    assert house.entries().keys() == {*own, BEFORE, "Who did you meet? (Founders meetup)"}


def test_what_she_types_is_noted(house: Home) -> None:
    """The title says what was understood; her text is as she left it, to the letter; a second look changes nothing."""
    left = evening(house)
    title = "Noted: 5 people, 2 for next week, 1 promise"
    assert house.times()[title] == house.moment("Thu 11 Feb 21:40")
    assert house.entries()[title].stored == left
    before = house.state()
    house.once("2027-02-11T22:10")
    assert house.state() == before


def test_two_follow_ups_on_friday_and_nothing_wrong(house: Home) -> None:
    """Ruth and Anna, within 48 hours, a draft each, Ruth's offers two half hours; Milan and the students: nothing."""
    evening(house)
    times = house.times()
    follow_ups = {title: at for title, at in times.items() if title.startswith("Write to ")}
    assert sorted(follow_ups) == ["Write to Anna Berger", "Write to Ruth Steiner"]
    assert sorted(follow_ups.values()) == [house.moment("Fri 12 Feb 09:00"), house.moment("Fri 12 Feb 09:15")]
    assert times["Promise: Karl, the Graz study"] == house.moment("Thu 18 Feb 09:00")
    drafts = house.drafts()
    assert sorted(drafts) == ["Anna Berger <anna@helio.at>", "Ruth Steiner <ruth@steiner.example>"]
    offer = " ".join(drafts["Ruth Steiner <ruth@steiner.example>"].split())
    assert len(re.findall(r"\d{1,2} February at \d\d:\d\d", offer)) == 2
    for private in ("CFO", "B2B", "Helio", "packaging"):
        assert private not in "".join(drafts.values())
    people = house.people("2027-02-11T22:00")
    assert people["Anna Berger"]["addresses"] == ["anna@helio.at"]
    assert {name for name, row in people.items() if row["card"]} == {"Karl", "Ines Moreau"}
    assert not any("student" in name.casefold() or "TU" in name for name in people)
    assert people["Milan Kovač"]["touches"] == 1
    assert (people["Ruth Steiner"]["stage"], people["Ruth Steiner"]["touches"]) == ("growing", 2)


def test_nine_are_found_by_the_next_week(house: Home) -> None:
    """LinkedIn's mails, the phone, a first mail: nine people of eleven; WhatsApp and the cold coach leave no trace."""
    evening(house)
    for number, name in enumerate(LINKEDIN):
        sender = f'"{name} via LinkedIn" <invitations@linkedin.com>'
        house.receives(f"2027-02-12T10:1{2 + number}", sender, f"{name.split()[0]} accepted your invitation")
    house.receives("2027-02-12T11:00", "Coach <coach@cold.example>", "Ten more clients")
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
    assert house.times()[titles[0]] == house.moment("Tue 16 Feb 09:00")
    lines = house.entries()[titles[0]].text
    for name in ("Ines Moreau", "Paul Lindner", "Theresa Vogl", "Jonas Kraus"):
        assert name in lines
    assert "Karl" not in lines
    assert "Karl is not in your mail yet" in house.entries()["Promise: Karl, the Graz study"].text


def friday(house: Home) -> None:
    """The day after: Clara sends both drafts, LinkedIn writes, the phone is imported; Kith looks before the review."""
    evening(house)
    for minute, to in ((10, "Anna Berger <anna@helio.at>"), (20, "Ruth Steiner <ruth@steiner.example>")):
        house.writes(f"2027-02-12T09:{minute}", to, "Thursday at the Founders meetup")
    for number, name in enumerate(LINKEDIN):
        sender = f'"{name} via LinkedIn" <invitations@linkedin.com>'
        house.receives(f"2027-02-12T10:1{2 + number}", sender, f"{name.split()[0]} accepted your invitation")
    house.once("2027-02-12T15:30")


def test_two_reviews_tell_what_came_of_it(house: Home) -> None:
    """On Friday those found by then, two followed up; a week later all seven, and three; what she types into it, an
    evening's WhatsApp, makes a card and closes the lines (C14)."""
    friday(house)
    first = house.entries()["Your week: met 5, followed up 2"]
    assert first.at == house.moment("Fri 12 Feb 16:00")
    assert "New people 5 -> followed up 2 (usual: 0.2 -> 0.2)" in first.text
    phone = house.folder / "phone.vcf"
    phone.write_text(
        "BEGIN:VCARD\nVERSION:4.0\nFN:Jonas Kraus\nEMAIL:jonas@kraus.example\nREV:20270212T181500Z\nEND:VCARD\n"
    )
    assert house.kith("import", str(phone), *house.at("2027-02-12T20:00")).code == 0
    house.writes("2027-02-13T11:00", "Sofia Lang <sofia@lang.example>", "The paper you gave me")
    house.writes("2027-02-17T11:00", "Old Friend <old@friend.example>", "Plans for the spring")
    house.plans("Coffee with Ruth Steiner", "2027-02-22T10:00")
    house.plans("Lunch with Anna Berger", "2027-02-23T12:00")
    house.once("2027-02-19T15:30")
    title = "Your week: met 0, followed up 0"
    text = " ".join(house.entries()[title].text.split())
    assert "The week before, by now: met 7, followed up 3." in text
    assert "In the calendar for the next days: Ruth Steiner, Anna Berger." in text
    house.types(title, lambda text: text.replace("spoke:", "spoke: Wolfgang Reiter on Thursday", 1))
    left = house.entries()[title].stored
    house.once("2027-02-19T17:00")
    noted = house.entries()["Noted: 1 conversation"]
    assert (noted.at, noted.stored) == (house.moment("Fri 19 Feb 16:00"), left)
    assert house.people("2027-02-19T18:00")["Wolfgang Reiter"]["card"]
    assert "18 Feb" in house.why("wolfgang reiter", "2027-02-19T18:00")
    before = house.state()
    house.once("2027-02-19T17:15")
    assert house.state() == before
    house.types("Noted: 1 conversation", lambda text: text.replace(" Wolfgang Reiter on Thursday", "", 1))
    house.once("2027-02-19T17:30")
    assert "Wolfgang Reiter" not in house.people("2027-02-19T18:00")


@pytest.mark.parametrize("house", ["files"], indirect=True)
def test_a_review_goes_with_whom_it_names(house: Home) -> None:
    """Forgotten: the review that names them is taken back, and no question of it remembers them. What she typed
    herself into the debrief stays hers."""
    friday(house)
    review = house.entries()["Your week: met 5, followed up 2"]
    assert "Ines Moreau" in review.text
    session = open_session(house.folder / "config.toml", when("2027-02-12T17:00"))
    with session.ledger(write=True) as ledger:
        memory = session.memory(ledger)
        ines = next(person for person in memory.facts.people if person.name == "Ines Moreau")
        assert any(ines.id in entry.also for entry in ledger.entries() if entry.kind == "review")
        assert forget_person(ledger, session.world(), memory, ines) == ()
    assert "Your week: met 5, followed up 2" not in house.entries()
    assert [found.title for found in house.found() if "Ines" in found.text] == [NOTED]
    written = (house.folder / "state" / "ledger.jsonl").read_text()
    assert ines.id not in written


def test_an_x_in_the_round_up_asks_for_one_more(house: Home) -> None:
    """A mark behind a name of the round-up is a wish; untouched lines mean nothing, and it goes after a week."""
    test_nine_are_found_by_the_next_week(house)
    house.types("Four more from Founders meetup", marked)
    house.once("2027-02-16T09:30")
    assert "Write to Ines Moreau" in house.entries()
    assert not any(name in title for title in house.entries() for name in ("Lindner", "Vogl", "Kraus"))


def marked(text: str) -> str:
    return "\n".join(f"{line} x" if line.startswith("- Ines Moreau") else line for line in text.split("\n"))


def test_the_next_edition_expects_them(house: Home) -> None:
    """A month later, two coffees and a kept promise on: the brief says Ines, known by LinkedIn only, and Karl, not the
    two she met; the debrief names whom she noted, and whoever wrote soon after."""
    test_nine_are_found_by_the_next_week(house)
    house.plans("Coffee with Ruth Steiner", "2027-02-17T14:00")
    house.plans("Lunch with Anna Berger", "2027-02-18T12:00")
    house.retitles("Promise: Karl, the Graz study", "done Promise: Karl, the Graz study")
    house.once("2027-02-18T18:00")
    house.once("2027-03-11T14:00")
    asked = house.entries()["Who did you meet? (Founders meetup)"].text
    for name in ("Anna Berger:", "Ruth Steiner:", "Karl:", "Ines Moreau:", "Sofia Lang:"):
        assert name in asked.split("\n")
    found = house.entries()[BEFORE]
    assert found.at == house.moment("Thu 11 Mar 17:30")
    text = " ".join(found.text.split())
    assert "Ines Moreau - met Thu 11 Feb, LinkedIn only, no conversation yet." in text
    assert "Karl - met Thu 11 Feb, not yet known. Your note: tall, packaging." in text
    assert "Met here before: Anna Berger, Ruth Steiner." in text
    for guess in ("Sofia Lang", "Jonas Kraus", "Paul Lindner", "Milan Kovač"):
        assert guess in text.partition("Perhaps here (guess")[2]


def test_changing_her_mind_takes_it_back(house: Home) -> None:
    """What she takes out of the debrief again is as if it had never been said: no card, no wish, no promise."""
    evening(house)
    title = "Noted: 5 people, 2 for next week, 1 promise"
    house.types(title, lambda text: text.replace("new: Karl (tall, packaging), promised him the Graz study\n", "", 1))
    house.once("2027-02-11T22:20")
    assert "Karl" not in house.people("2027-02-11T22:30")
    assert "Promise: Karl, the Graz study" not in house.entries()
    assert any(title.startswith("Noted: 4 people, 2 for next week") for title in house.entries())


def test_signs_come_back_as_they_were_typed(house: Home) -> None:
    """Quotes that lean, long dashes and entities of the editor's are the signs she typed, in the note as it is kept."""
    house.once("2027-02-11T14:00", "--yes")
    said = 'new: Uma Fox - wants "a CFO", isn\'t sure & waits... still x'
    house.types("Who did you meet? (Founders meetup)", lambda text: text.replace("new:", said, 1))
    house.once("2027-02-11T21:55")
    notes = house.exported("2027-02-11T22:00")["notes"]
    assert [row["text"] for row in notes] == ['wants "a CFO", isn\'t sure & waits... still']


def test_why_tells_what_she_said_and_where(house: Home) -> None:
    """Notes, wishes and promises, with their day and the evening they were said of."""
    evening(house)
    ruth, karl = house.why("ruth steiner", "2027-02-11T22:00"), house.why("karl", "2027-02-11T22:00")
    assert "You said on 11 Feb 2027, in the debrief of Founders meetup: note started B2B in January" in ruth
    assert "in the debrief of Founders meetup: x, a longer conversation" in ruth
    assert "in the debrief of Founders meetup: promised the Graz study, by 18 Feb 2027 (open)" in karl
    rows = house.exported("2027-02-11T22:00")
    assert [(row["text"], row["due"], row["state"]) for row in rows["promises"]] == [
        ("the Graz study", "2027-02-18", "open")
    ]
    assert {row["text"] for row in rows["notes"]} >= {"started B2B in January", "tall, packaging"}
