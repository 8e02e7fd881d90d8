"""kith brief: what the calendar gets before an evening or a meeting, printed on any day."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.model import Decision
from daemon.session import open_session
from tests.cli.conftest import Kith, kith
from tests.story.homes import Home, home, when

__all__ = ["kith"]
NOW = "2027-02-01T09:00"


@pytest.fixture
def house(tmp_path: Path, kith: Kith, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    with home("files", tmp_path, kith, monkeypatch) as made:
        for day in ("2026-12-10", "2027-01-14", "2027-02-11"):
            made.plans("Founders meetup", f"{day}T18:30", 180)
        for day in ("2026-06-02", "2026-08-04", "2026-10-06"):
            made.plans("Lunch with Thomas Aigner", f"{day}T12:00")
        made.plans("Tennis", "2027-02-02T18:00")
        made.writes("2026-01-12T09:00", "Thomas Aigner <thomas@aigner.example>", "Tender review")
        made.writes("2027-01-16T09:00", "Ruth Steiner <ruth@steiner.example>", "Reusable packaging")
        made.once(NOW, "--yes")
        yield made


def told(house: Home, *words: str, now: str = NOW) -> str:
    ran = house.kith("brief", *words, *house.at(now))
    assert ran.code == 0, ran.err
    return ran.out


def test_the_next_event_with_something_to_say(house: Home) -> None:
    """Days ahead, and in the same words that the calendar gets on the day before."""
    first, _, body = told(house).partition("\n\n")
    assert first == "Thu 11 Feb 2027, 18:30  Founders meetup: look for one person"
    assert "Ruth Steiner - probably met Thu 14 Jan" in body
    house.once("2027-02-11T12:00")
    assert house.entries()["Founders meetup: look for one person"].text.strip() == body.strip()


def test_json_is_the_documented_shape(house: Home) -> None:
    found = house.kith("brief", "founders", "--json", *house.at(NOW)).json
    assert found.keys() == {"event", "at", "reason", "title", "body", "sought", "people"}
    assert (found["at"], found["reason"]) == ("2027-02-11T17:30:00+01:00", "open-event")
    assert found["event"]["title"] == "Founders meetup"
    assert [(one["name"], one["kind"]) for one in found["sought"]] == [("Ruth Steiner", "met")]
    assert found["sought"][0]["person"] in found["people"]
    assert house.kith("brief", "tennis", "--json", *house.at(NOW)).out == "null\n"


def noted(house: Home, **texts: str) -> None:
    """What the user noted of people a while ago, by first name."""
    session = open_session(house.folder / "config.toml", when(NOW))
    with session.ledger(write=True) as ledger, ledger.unit():
        ids = {person.name.split()[0].casefold(): person.id for person in ledger.people()}
        ledger.save_decisions(
            Decision(key=f"n/{name}/{text}", at=when(NOW), kind=kind, about=ids[name], value=said, reason="2027-03-01")
            for name, lines in texts.items()
            for text in lines.split("|")
            for kind, _, said in (text.partition("="),)
        )


def test_before_a_meeting_by_whom_it_is_with(house: Home) -> None:
    """Last touches, the open promise, what they need and who offers it; the event by its title or a name."""
    house.plans("Lunch with Thomas Aigner", "2027-02-09T12:00")
    house.once("2027-02-01T12:00")
    noted(
        house,
        thomas="promise=the Graz contact|note=needs: a warehouse planner|note=tall, likes sailing",
        ruth="note=offers: warehouse planning; interests: chess",
    )
    text = told(house, "thomas", now="2027-02-02T09:00")
    assert text.startswith("Tue 09 Feb 2027, 12:00  Before you meet Thomas Aigner\n")
    for line in ("Last: lunch on Tue 6 Oct 2026.", "You promised: the Graz contact", "Your note: tall, likes sailing."):
        assert line in text
    for line in (
        "Thomas Aigner needs: a warehouse planner.",
        "Ruth Steiner offers: warehouse planning.",
        "Why: a promise",
    ):
        assert line in text
    assert "chess" not in text


def test_where_they_met_is_a_guess(house: Home) -> None:
    """The first mail came two days after an evening: before their first lunch that is said, as a guess."""
    house.plans("Lunch with Ruth Steiner", "2027-02-02T12:00")
    house.plans("Lunch with Thomas Aigner", "2027-02-02T14:00")
    house.once("2027-02-01T12:00")
    said = told(house, "ruth", now="2027-02-01T12:00")
    assert "Where you met: probably Founders meetup, Thu 14 Jan" in said
    assert "(guess)" in said
    assert "Where you met" not in told(house, "thomas", now="2027-02-01T12:00")


def test_what_is_not_there_is_wrong_usage(house: Home) -> None:
    ran = house.kith("brief", "nobody knows", *house.at(NOW))
    assert (ran.code, ran.out) == (2, "")


def test_a_private_evening_is_nobodys_business(house: Home) -> None:
    """Nothing is said before a private event, not even when it is asked for (P34)."""
    path = house.folder / "calendar.ics"
    path.write_text(path.read_text().replace("SUMMARY:Founders meetup", "CLASS:PRIVATE\nSUMMARY:Founders meetup"))
    house.once("2027-02-11T12:00")
    assert told(house, "founders", now="2027-02-11T12:00") == ""
    assert not any("look for" in title for title in house.entries())
