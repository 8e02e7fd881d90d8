"""What do the answers in a review decide? A table, and what editors and a changed mind make of it."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.records import Fate
from daemon.detect import card_decision
from daemon.hand import Ear, Heard
from daemon.model import Decision, Entry
from daemon.replied import replied
from daemon.vocabulary import load_templates, load_vocabulary
from tests.histories import SETTINGS, history, person

ROWS = tomllib.loads((Path(__file__).parents[1] / "data" / "review" / "replies.toml").read_text("utf-8"))["row"]
FRIDAY = datetime(2026, 5, 29, 14, 0, tzinfo=UTC)
SATURDAY = datetime(2026, 5, 30, 8, 0, tzinfo=UTC)
NAMES = {"ben": "Ben Carter", "eva": "Eva Lind", "ada": "Ada Berger", "pichler": "Ada Pichler"}
LAST = "Spoke with someone I could not see (phone, chat)?"
TITLES = ("rut", "doubtful-title")


def review(asked: str = "") -> Entry:
    kind, _, about = asked.partition(" ")
    parts = [about] if kind in TITLES else about.split()
    keys = ["\t".join((kind, *parts))] if asked else []
    body = "\n".join([*("What about it?" for _ in keys), "", LAST, "spoke:", "spoke:", "---", "Why: kith review"])
    return Entry(
        key="review//abc/0", kind="review", person="", account="home", reason="week", fact="2026-W22", cycle=0,
        evidence=("2026-W22", *keys), title="Your week: met 0, followed up 0", body=body, start=FRIDAY,
        end=FRIDAY, state="written", decided=FRIDAY, ref="ref", fingerprint="f",
    )  # fmt: skip


def ear(decisions: tuple[Decision, ...] = ()) -> Ear:
    facts = {who: history(["call -10"], who, f"{who}@far.example") for who in NAMES}
    return Ear(
        settings=SETTINGS,
        vocabulary=load_vocabulary(),
        templates=load_templates(),
        people={who: person(who, name, (f"{who}@far.example",)) for who, name in NAMES.items()},
        touchpoints=facts,
        events={},
        decisions=decisions,
        new_id=lambda text: f"id-{text}",
        now=SATURDAY,
    )


def filled(entry: Entry, row: dict[str, Any]) -> str:
    text = entry.body.replace("about it?", f"about it? {row.get('typed', '')}", 1)
    text = text.replace(LAST, f"{LAST} {row.get('last', '')}")
    return text.replace("spoke:", row["lines"], 1) if "lines" in row else text


def told(item: Decision) -> str:
    who = "card" if item.about.startswith("id-") else item.about
    if item.kind in {"card", "x"}:
        return f"{item.kind} {who}" if item.kind == "x" else "card"
    day = f" {item.at.day}" if item.kind == "sign" else ""
    return f"{item.kind} {who} {item.value}{day}"


@pytest.mark.parametrize("row", [pytest.param(row, id=row["name"]) for row in ROWS])
def test_an_answer(row: dict[str, Any]) -> None:
    """Each answer decides what stands beside it, whatever stood there before."""
    entry = review(row.get("asked", ""))
    found = replied(ear(), entry, filled(entry, row))
    assert [told(item) for item in found.values()] == row["says"]


@pytest.mark.parametrize("row", [pytest.param(row, id=row["name"]) for row in ROWS if "script" not in str(row)])
def test_an_editor_makes_html_of_it(row: dict[str, Any]) -> None:
    """As Google's editor stores it, it says the same."""
    entry = review(row.get("asked", ""))
    html = "".join(f"<p>{line or '<br>'}</p>" for line in filled(entry, row).split("\n")).replace(" ", "&nbsp;")
    assert [told(item) for item in replied(ear(), entry, html).values()] == row["says"]


def heard(entry: Entry, text: str, known: tuple[Decision, ...] = (), title: str = "") -> Heard:
    fate = Fate(key=entry.key, state="edited", title=title or entry.title, body=text)
    return ear(known).hear(replace(entry, state="edited"), fate)


def test_an_answer_may_stand_on_the_line_below() -> None:
    """A new line is what a phone's keyboard makes of it."""
    entry = review("calls ben")
    text = entry.body.replace("about it?", "about it?\nyes", 1)
    assert [told(item) for item in replied(ear(), entry, text).values()] == ["circle ben network"]


def test_it_becomes_noted_and_says_what_was_understood() -> None:
    """The untouched title becomes Noted; what was said once is not said twice."""
    entry = review("calls ben")
    text = entry.body.replace("about it?", "about it? yes", 1).replace("spoke:", "spoke: Eva", 1)
    first = heard(entry, text)
    assert first.entry.state == "noted"
    assert first.entry.amended is not None
    assert first.entry.amended.title == "Noted: 1 conversation, 1 answer"
    again = heard(first.entry, text, first.decisions)
    assert (again.decisions, again.unsaid) == ((), ())


def test_what_is_taken_out_again_was_never_said() -> None:
    """A changed text takes back what the earlier one said, the card with it."""
    entry = review("calls ben")
    first = heard(entry, entry.body.replace("spoke:", "spoke: Nora Fall", 1).replace("it?", "it? no", 1))
    assert {item.kind for item in first.decisions} == {"card", "sign", "circle"}
    back = heard(first.entry, entry.body.replace("it?", "it? no", 1), first.decisions)
    assert [told(item) for item in back.decisions] == ["circle ben correspondent"]
    gone = {item.key for item in first.decisions if item.kind != "circle"}
    assert set(back.unsaid) == gone
    assert card_decision("Nora Fall", FRIDAY, "typed", new_id=ear().new_id).key in gone


def test_all_taken_out_again_is_ours_once_more() -> None:
    """An account may call a text untouched that is what it was at first: what was read is taken back, once."""
    entry = review()
    first = heard(entry, entry.body.replace("spoke:", "spoke: Eva", 1))
    fate = Fate(key=entry.key, state="untouched", title="Noted: 1 conversation", body=entry.body)
    back = ear(first.decisions).hear(first.entry, fate)
    assert set(back.unsaid) == {item.key for item in first.decisions}
    assert ear().hear(back.entry, fate) == Heard(entry=back.entry)
    same = replace(fate, body=first.entry.found_body)
    assert ear(first.decisions).hear(first.entry, same) == Heard(entry=first.entry)


def test_a_text_that_says_nothing_is_left_alone() -> None:
    """A word of the user's own that answers nothing: the title stays."""
    entry = review("calls ben")
    found = heard(entry, f"{entry.body}\nwhat a week")
    assert (found.entry.state, found.entry.amended, found.decisions) == ("edited", None, ())


def test_questions_that_are_gone_have_no_answer() -> None:
    """A review whose questions the user deleted is read for its lines only."""
    entry = review("calls ben")
    assert [told(item) for item in replied(ear(), entry, "spoke: Eva\nyes").values()] == ["sign eva call 29"]
