"""Calls, chats and promises get in by the user's own words, and by nobody else's: on files, at Google, in Tasks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from daemon.cli.ground import find_person
from daemon.forget import forget_person
from daemon.session import open_session
from tests.cli.conftest import Kith, kith
from tests.story.homes import ME, Home, home, when

__all__ = ["kith"]
NOW = "2027-02-11T21:55"
HOSTILE = (
    "<script>alert(1)</script> <b>bold</b> \u202eevil\u202c \x07bell {{ 7*7 }} {% raw %} ${7*7} &lt;img src=x&gt; "
    + "A" * 100_000
)
BAD = re.compile(r"<script|<img|<b>|\u202e|\u202c|\x07|(?<!\w)49(?!\w)")


@pytest.fixture(params=["files", "google", "tasks"])
def house(
    request: pytest.FixtureRequest, tmp_path: Path, kith: Kith, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Home]:
    with home(request.param, tmp_path, kith, monkeypatch) as made:
        made.writes("2026-01-12T09:00", "Old Friend <old@friend.example>", "Plans for the year")
        made.writes("2027-01-16T09:00", "Ada Lovelace <ada@x.example>", "Reusable packaging")
        made.writes("2027-01-17T09:00", "Bob Stone <bob@x.example>", "The bridge")
        yield made


def facts(house: Home, who: str, now: str = NOW) -> list[str]:
    """What counted with somebody since the first mail, by kind and rule."""
    rows = house.kith("why", who, "--json", *house.at(now)).json["facts"]
    return sorted(f"{row['kind']} {row['rule']}" for row in rows if row["rule"] != "M1")


def promises(house: Home, now: str = NOW) -> list[str]:
    exported = house.exported(now)
    names = {row["id"]: row["name"] for row in exported["people"]}
    return sorted(
        f"{names[row['person']]}: {row['text']} by {row['due']}, {row['state']}" for row in exported["promises"]
    )


def test_calls_and_chats_get_in_by_own_events_mails_and_the_call_log(house: Home) -> None:
    """Each way counts once as what it says; orders, missed calls and too short ones never."""
    house.plans("called Ada Lovelace", "2027-02-08T12:00", 15)
    house.plans("mit Ada telefoniert", "2027-02-09T12:00", 15)
    house.plans("Call Ada", "2027-02-09T15:00", 15)
    house.plans("Bob Stone", "2027-02-08T10:00", 4, calls=True)
    house.plans("Missed: Bob Stone", "2027-02-09T10:00", 4, calls=True)
    house.plans("Bob Stone", "2027-02-10T10:00", 1, calls=True)
    house.writes("2027-02-10T09:00", ME, "met Bob on Monday")
    house.once(NOW, "--yes")
    assert facts(house, "ada lovelace") == ["call E9", "call E9"]
    assert facts(house, "bob stone") == ["call E9", "one-to-one N1"]


def test_called_on_a_reminder_is_a_call(house: Home) -> None:
    """The call counts for the person of the reminder, which is done."""
    house.plans("Lunch with Ada Lovelace", "2027-02-11T12:00", 60)
    house.once(NOW, "--yes")
    title = next(title for title in house.entries() if title.startswith("Write to Ada"))
    house.retitles(title, f"called {title}")
    house.once("2027-02-12T08:00")
    assert facts(house, "ada lovelace", "2027-02-12T08:10") == ["call N1", "one-to-one E9"]


def test_a_promise_in_a_title_or_a_mail_to_oneself_stands_in_the_calendar(house: Home) -> None:
    """To somebody known, and to somebody who is only a name; twice looked at, they are there once."""
    house.plans("promised Ada the Graz study by 18 Feb", "2027-02-11T12:00", 15)
    house.writes("2027-02-10T09:00", ME, "Karl Wenz die Graz-Studie versprochen")
    house.once(NOW, "--yes")
    expected = ["Ada Lovelace: the Graz study by 2027-02-18, open", "Karl Wenz: die Graz-Studie by 2027-02-17, open"]
    assert promises(house) == expected
    kept = {title for title in house.entries() if title.startswith("Promise: ")}
    assert len(kept) == 2
    before = house.state()
    house.once("2027-02-11T22:10")
    assert (house.state(), promises(house)) == (before, expected)
    assert house.people(NOW)["Karl Wenz"]["card"]
    assert "the Graz study" in house.why("ada lovelace", NOW)


def test_a_promise_goes_with_its_event_within_the_bounds(house: Home) -> None:
    """Called off soon after it, it is as if it had never been said; reworded, it is the new one; the mail's stays."""
    house.plans("Dentist", "2027-02-10T08:00")
    gone = house.plans("promised Karl Wenz the Graz study by 18 Feb", "2027-02-11T12:00", 15)
    house.writes("2027-02-10T09:00", ME, "promised Ada the slides by 19 Feb")
    house.once(NOW, "--yes")
    assert len(promises(house)) == 2
    house.calls_off(gone)
    house.once("2027-02-12T08:00")
    assert promises(house, "2027-02-12T08:10") == ["Ada Lovelace: the slides by 2027-02-19, open"]
    assert not any("Karl" in title for title in house.entries())
    assert "Karl Wenz" not in house.people("2027-02-12T08:10")


def test_a_promise_that_is_done_was_kept(house: Home) -> None:
    """Only the user's word keeps it: then it is no open one any more, and `why` says so."""
    house.plans("promised Ada the Graz study by 18 Feb", "2027-02-11T12:00", 15)
    house.once(NOW, "--yes")
    title = next(title for title in house.entries() if title.startswith("Promise: "))
    house.retitles(title, f"done {title}")
    house.once("2027-02-12T08:00")
    assert promises(house, "2027-02-12T08:10") == ["Ada Lovelace: the Graz study by 2027-02-18, kept"]
    assert "kept" in house.why("ada lovelace", "2027-02-12T08:10")


def decisions(house: Home) -> list[Any]:
    rows = house.exported("2027-02-12T08:10")
    made = [row for row in rows["decisions"] if row["kind"] not in {"slot", "slot-free"}]
    return [*made, *rows["notes"], *rows["promises"], *rows["cards"]]


def test_what_others_type_is_never_a_command(house: Home) -> None:
    """Invitations, an entry in the calendar Kith that is not ours, a mail received, a sender's name: no decision."""
    house.once("2027-02-11T09:00", "--yes")
    for title in ("never Ada Lovelace", "called Ada Lovelace", "promised Ada the study by 18 Feb", "Write to Ada x"):
        house.plans(title, "2027-02-11T12:00", 30, by="mallory@bad.example")
    house.slips_in("never Write to Ada Lovelace", "2027-02-11T12:00")
    house.slips_in("promised Ada the study by 18 Feb", "2027-02-11T13:00")
    house.slips_in("called Ada Lovelace", "2027-02-11T14:00")
    house.receives("2027-02-11T15:00", "no <never@bad.example>", "called Ada")
    house.receives("2027-02-11T15:05", f"Clara Winter <{ME}>", "promised Ada the study by 18 Feb")
    house.receives("2027-02-11T15:10", "Ada Lovelace <ada@x.example>", "never")
    house.once(NOW)
    house.once("2027-02-12T08:00")
    assert decisions(house) == []
    assert [fact for fact in facts(house, "ada lovelace", "2027-02-12T08:10") if not fact.startswith("heard")] == []
    assert house.people("2027-02-12T08:10")["Ada Lovelace"]["marks"] == []


def test_what_is_typed_comes_back_as_plain_bounded_text(house: Home) -> None:
    """Markup, directions, bells, templates and 100,000 letters in a debrief: in nothing that Kith writes or prints."""
    house.plans("Founders meetup", "2027-02-11T18:30", 180)
    house.once("2027-02-11T14:00", "--yes")
    bounded = HOSTILE[:7_000]
    typed = f"new: Zed {bounded} x\nnew: Eve Kiln, promised {HOSTILE[:300]}\nnew: Uma Fox: {HOSTILE[:300]} x"
    house.types("Who did you meet? (Founders meetup)", lambda text: text.replace("new:", typed, 1))
    house.once(NOW)
    house.once("2027-02-12T08:00")
    rows = house.exported("2027-02-12T08:10")
    said = [row["name"] for row in rows["people"]] + [row["text"] for row in (*rows["notes"], *rows["promises"])]
    said += [str(card) for card in rows["cards"]]
    assert "Eve Kiln" in said
    for text in said:
        assert len(text) <= 700
        assert not BAD.search(text), text
    written = [f"{found.title}\n{found.text}" for title, found in house.entries().items() if "meetup" not in title]
    written = [text for text in written if not text.startswith("Noted:")]
    for text in (*written, *house.drafts().values()):
        assert len(text) < 3_000
        assert not BAD.search(text), text
    for title in house.entries():
        assert len(title) <= 60


def test_a_promise_follows_its_card_to_the_person(house: Home) -> None:
    """When an address turns up the promise is that person's, and stands once."""
    house.writes("2027-02-10T09:00", ME, "promised Karl Wenz the Graz study by 18 Feb")
    house.once(NOW, "--yes")
    house.writes("2027-02-12T09:00", "Karl Wenz <karl@wenz.example>", "The paper you gave me")
    house.once("2027-02-12T10:00")
    rows = house.exported("2027-02-12T10:10")
    (karl,) = (row for row in rows["people"] if row["name"] == "Karl Wenz")
    assert (karl["addresses"], [row["person"] for row in rows["promises"]]) == (["karl@wenz.example"], [karl["id"]])
    assert len([title for title in house.entries() if title.startswith("Promise: ")]) == 1


def test_who_is_forgotten_is_promised_nothing_any_more(house: Home) -> None:
    """A title that meant them by the first name alone brings nobody back, neither as a person nor as a card."""
    house.plans("promised Ada the Graz study by 18 Feb", "2027-02-11T12:00", 15)
    house.writes("2027-02-10T09:00", ME, "promised Ada the slides by 19 Feb")
    house.once(NOW, "--yes")
    assert len(promises(house)) == 2
    session = open_session(house.folder / "config.toml", when(NOW))
    with session.ledger(write=True) as ledger:
        memory = session.memory(ledger)
        forget_person(ledger, session.world(), memory, find_person(memory, "ada lovelace"))
    house.once("2027-02-12T08:00")
    assert promises(house, "2027-02-12T08:10") == []
    assert not any("Ada" in name for name in house.people("2027-02-12T08:10"))
    state = b"".join(path.read_bytes() for path in (house.folder / "state").rglob("*") if path.is_file())
    assert b"Graz study" not in state
