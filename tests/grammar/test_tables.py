"""What does each line of the tables say? Rules as examples, in English and German."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from daemon.grammar import added, debrief, plain, report, spoken, title_answer
from tests.grammar.spelled import TABLES, TODAY, VOCABULARY, lines, rows, said, told

TITLE = "Write to Anna Berger"


def document(name: str) -> dict[str, Any]:
    return tomllib.loads((TABLES / f"{name}.toml").read_text("utf-8"))


DEBRIEF: str = document("debriefs")["written"]
REVIEW: str = document("spoken")["written"]
PERSONS = "Ruth Steiner:\nMilan Kovač:\nAnna Huber:\nnew:\nnew:\n"


def by(name: str) -> Any:
    return lambda row: (row[name][:50] or "empty").encode("unicode_escape").decode()


@pytest.mark.parametrize("row", rows("titles"), ids=by("typed"))
@pytest.mark.parametrize("place", ["behind", "in front"])
def test_added_to_a_title(row, place):
    """Whatever the user adds to a title says the same in front and behind."""
    typed = row["typed"]
    found = f"{TITLE} {typed}" if place == "behind" else f"{typed} {TITLE}"
    assert said(title_answer(TITLE, found, TODAY, VOCABULARY)) == row["says"]


@pytest.mark.parametrize("row", rows("added"), ids=by("found"))
def test_compared_with_ours(row):
    """What was added is found wherever it stands; a title that is the user's own is none of ours with an addition."""
    assert added(row["written"], row["found"]) == (None if row.get("rewritten") else row["added"])


@pytest.mark.parametrize("row", [row for row in rows("added") if row.get("rewritten")], ids=by("found"))
def test_a_rewritten_title_is_a_note(row):
    """A title that is wholly the user's is never a command, not even "never"."""
    assert said(title_answer(row["written"], row["found"], TODAY, VOCABULARY)) == [f"note: {row['found']}"]


@pytest.mark.parametrize("row", rows("plain"), ids=by("text"))
def test_undone(row):
    """What editors, phones and strangers do to a text is undone."""
    assert plain(row["text"]) == row["reads"]


@pytest.mark.parametrize("row", rows("debriefs"), ids=by("typed"))
def test_debrief_lines(row):
    """Each line typed into a debrief belongs to the name it begins with, and says what stands there."""
    ours = row.get("instead_of", PERSONS.rstrip())
    assert DEBRIEF.count(ours) == 1
    found = DEBRIEF.replace(ours, row["typed"])
    assert lines(debrief(DEBRIEF, found, TODAY, VOCABULARY)) == row["says"]


@pytest.mark.parametrize("row", rows("reports"), ids=by("title"))
def test_own_events_and_mails_to_oneself(row):
    """An own event reports a touch or a promise, and orders to oneself and plans report nothing."""
    found = report(row["title"], TODAY, VOCABULARY)
    assert (None if found is None else told(found)) == row.get("says")


@pytest.mark.parametrize("row", rows("spoken"), ids=by("typed"))
def test_review_lines(row):
    """The spoke: lines of the review name people and days."""
    found = REVIEW.replace("spoke:\nspoke:", f"{row['typed']}\nspoke:")
    assert [told(item) for item in spoken(REVIEW, found, TODAY, VOCABULARY)] == row["says"]


def test_there_are_enough_rows_of_both_languages():
    """The tables hold at least 150 rows, and every word list of the grammar that is typed in either language."""
    tables = ("titles", "added", "plain", "debriefs", "reports", "spoken")
    assert sum(len(rows(name)) for name in tables) >= 150
