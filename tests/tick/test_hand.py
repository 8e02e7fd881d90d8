"""What the user types into Kith's entries, step by step, is what is decided: the table in ``tests/data/hand``."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

from connectors.records import Event, Fate
from daemon import learn
from daemon.answers import MARKED, SIGNS
from daemon.grammar import Word
from daemon.hand import READ, SETTLING, Ear
from daemon.model import Decision, Entry, Me, Person, Settings, Touchpoint
from daemon.vocabulary import load_templates, load_vocabulary

VIENNA = ZoneInfo("Europe/Vienna")
NOW = datetime(2027, 2, 11, 21, 55, tzinfo=VIENNA)
ROWS = tomllib.loads((Path(__file__).parent.parent / "data" / "hand" / "answers.toml").read_text("utf-8"))["row"]
SETTINGS = Settings(me=Me(name="Clara Winter", addresses=("clara@winter.example",), zone=VIENNA))
NAMES = ("Anna Berger", "Ruth Steiner", "Milan Kovač", "Karl Wenz", "Ada Lovelace", "Ada Byron")
PEOPLE = {
    f"p-{name}": Person(id=f"p-{name}", name=name, addresses=(f"{name.split()[0].lower()}@x.example",))
    for name in NAMES
}
MEETUP = Event(
    key="meetup",
    uid="meetup",
    source_id="meetup",
    account="a",
    start=NOW.replace(hour=18, minute=30).astimezone(UTC),
    end=NOW.replace(hour=21, minute=30).astimezone(UTC),
    title="Founders meetup",
)


def touched(who: str) -> tuple[Touchpoint, ...]:
    """A mail of last month."""
    at = NOW - timedelta(days=30)
    return (Touchpoint(source=f"t/{who}", address="", person=who, at=at, kind="wrote", rule="M1", account="a"),)


def new_id(text: str) -> str:
    known = {person.addresses[0]: who for who, person in PEOPLE.items()}
    return known.get(text) or f"c-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def entry_of(kind: str) -> Entry:
    about = {
        "key": f"{kind}/x/0",
        "account": "a",
        "reason": "due",
        "cycle": 0,
        "evidence": (),
        "state": "written",
        "ref": "r",
    }
    start = datetime(2027, 2, 16, 9, tzinfo=VIENNA)
    if kind == "debrief":
        body = "Who was it?\n\nRuth Steiner:\nMilan Kovač:\nnew:\npromised:"
        who = {"person": "p-Ruth Steiner", "also": ("p-Milan Kovač",), "fact": "meetup"}
        title = "Who did you meet? (Founders meetup)"
    else:
        title, body, who = (
            "Write to Anna Berger",
            "Three weeks.\n---\nWhy: due.",
            {"person": "p-Anna Berger", "fact": "f"},
        )
    return Entry(kind=kind, title=title, body=body, start=start, end=start + timedelta(minutes=15), **who, **about)


def ear(decisions: Mapping[str, Decision], now: datetime) -> Ear:
    return Ear(
        settings=SETTINGS,
        vocabulary=load_vocabulary(),
        templates=load_templates(),
        people=PEOPLE,
        touchpoints={who: touched(who) for who in PEOPLE},
        events={"meetup": MEETUP},
        decisions=tuple(decisions.values()),
        new_id=new_id,
        now=now,
    )


def told(decisions: Mapping[str, Decision]) -> list[str]:
    """All decisions in the words of the table."""
    cards = {item.about: item.value for item in decisions.values() if item.kind == "card"}
    found = []
    for item in decisions.values():
        who = PEOPLE[item.about].name if item.about in PEOPLE else cards[item.about]
        day = (
            f" until {item.reason}"
            if item.kind == "promise"
            else f" {item.at.astimezone(VIENNA):%d %b}"
            if item.kind == "sign"
            else ""
        )
        found.append(f"{item.kind} {who}{'' if item.kind in {'card', 'x'} else f' {item.value}'}{day}")
    return sorted(found)


def step(row: Mapping[str, Any], entry: Entry, bare: Entry, was: Mapping[str, str]) -> Fate:
    """What stands there after a step: what the step does not name is as it was."""
    title = row.get("title", was["title"])
    body = row["body"] if "body" in row else "\n".join([bare.body, *row["added"]]) if "added" in row else was["body"]
    if entry.kind == "debrief" and body:
        body = f"Who was it?\n{body}"
    return Fate(key=entry.key, state="edited", at=entry.start, title=title, body=body)


@pytest.mark.parametrize("row", ROWS, ids=[row["case"] for row in ROWS])
def test_each_step_decides_what_the_table_says(row: Mapping[str, Any]) -> None:
    """After each step just that holds; read once more, on that day or the next, nothing changes."""
    bare = entry = entry_of(row.get("kind", "reconnect"))
    decisions: dict[str, Decision] = {}
    was, now = {"title": bare.title, "body": bare.body}, NOW
    for one in row["steps"]:
        now += timedelta(days=one.get("days", 0))
        fate = step(one, entry, bare, was)
        for later in (0, 1):
            if later and entry.state in {"done", "dismissed"}:
                break  # it is over, and not looked at any more
            moment = now + timedelta(days=later)
            if entry.state == "noted" and later:
                fate = replace(fate, state="untouched")
            heard = ear(decisions, moment).hear(learn.settle(entry, fate, (), moment), fate)
            for key in heard.unsaid:
                decisions.pop(key)
            decisions |= {item.key: item for item in heard.decisions}
            entry = heard.entry
            assert told(decisions) == one["decided"]
            assert entry.state == one["state"]
        if entry.amended is not None:  # carried out
            entry = replace(entry, start=entry.amended.start, end=entry.amended.end, amended=None)
        if "start" in one and entry.start is not None:
            assert f"{entry.start.astimezone(VIENNA):%a %d %b %H:%M}" == one["start"]
        was = {"title": fate.title, "body": fate.body}


# -- the page says what is so ------------------------------------------------------------------------------------------

PAGE = Path(__file__).parent.parent.parent / "docs" / "answers.md"
SAID_AS = {"later": "later 3w", "promised": "promised her the study", "note": "likes tea"}


def rows_of_the_page() -> list[list[str]]:
    """The rows of the table of what each word does."""
    table = PAGE.read_text("utf-8").partition("## What each word does")[2].partition("\n- ")[0]
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in table.splitlines() if line[:1] == "|"]
    return rows[2:]


def test_the_page_lists_every_word_once() -> None:
    """Each word of the grammar has its row."""
    assert sorted(row[0].replace("anything else", "note") for row in rows_of_the_page()) == sorted(get_args(Word))


@pytest.mark.parametrize("row", rows_of_the_page(), ids=lambda row: row[0])
def test_the_page_says_what_each_word_does(row: list[str]) -> None:
    """What the word decides, and what becomes of the reminder, is what the page tells, and the code's tables."""
    word, remembered, becomes = row[0].replace("anything else", "note"), row[1], row[2]
    entry, now = entry_of("reconnect"), NOW
    title = f"{SAID_AS.get(word, word)}, {entry.title}" if word != "note" else f"{entry.title}, {SAID_AS[word]}"
    fate = Fate(key=entry.key, state="edited", at=entry.start, title=title, body=entry.body)
    heard = ear({}, now).hear(learn.settle(entry, fate, (), now), fate)
    kinds = [f"{item.kind} {item.value}" if item.kind in {"sign", "mark"} else item.kind for item in heard.decisions]
    assert kinds == ([] if remembered == "nothing" else [remembered])
    moved = heard.entry.amended is not None
    assert becomes == ("moved" if moved else {"edited": "as it is"}.get(heard.entry.state, heard.entry.state))
    assert SETTLING.get(word) == (becomes if becomes in {"done", "dismissed"} else None)
    assert SIGNS.get(word) == (remembered.removeprefix("sign ") if remembered.startswith("sign ") else None)
    assert (word in MARKED) == remembered.startswith("mark ")
    assert entry.kind in READ


def test_later_on_a_reminder_that_was_moved_goes_by_the_time_it_was_moved_to() -> None:
    """The day is the one named, the time of day the user's own; the title stays as the user left it."""
    moved = datetime(2027, 2, 18, 11, tzinfo=VIENNA)
    entry = replace(entry_of("reconnect"), state="moved", start=moved, end=moved + timedelta(minutes=15))
    fate = Fate(key=entry.key, state="edited", at=moved, title=f"later 3w {entry.title}", body=entry.body)
    heard = ear({}, NOW).hear(learn.settle(entry, fate, (), NOW), fate)
    assert heard.entry.amended is not None
    assert heard.entry.amended.start == datetime(2027, 3, 4, 11, tzinfo=VIENNA)
    assert heard.entry.amended.title == entry.title


@pytest.mark.parametrize("state", ["gone", "untouched", "moved"])
def test_nothing_is_heard_where_nothing_was_typed(state: str) -> None:
    """What is gone, as it was, or only moved says no word, whatever text comes with it."""
    entry = entry_of("reconnect")
    heard = ear({}, NOW).hear(entry, Fate(key=entry.key, state=state, title="never", body="never"))
    assert (heard.entry, heard.decisions, heard.unsaid) == (entry, (), ())


@pytest.mark.parametrize("kind", ["handshake", "notice", "draft"])
def test_entries_that_ask_nothing_take_no_answers(kind: str) -> None:
    """A word typed into a handshake, a notice or a draft is no command."""
    entry = replace(entry_of("reconnect"), kind=kind)
    fate = Fate(key=entry.key, state="edited", title=f"never {entry.title}", body=entry.body)
    assert ear({}, NOW).hear(entry, fate).decisions == ()
