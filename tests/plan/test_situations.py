"""What must, may and must never be written, situation by situation: tests/data/situations, for anybody to read."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest

from daemon.model import MARKS, NOTICES, EntryKind
from daemon.plan.reasons import ALL
from tests.plan.lives import Life

ALWAYS = frozenset({"review", "letter"})
"""What stands every week, or year, whatever else happens."""

FOLDER = Path(__file__).parents[1] / "data" / "situations"
ROWS = [row for path in sorted(FOLDER.glob("*.toml")) for row in tomllib.loads(path.read_text("utf-8"))["situation"]]
KEYS = frozenset(
    {"name", "source", "life", "looks", "must", "may", "never", "says", "held", "cast", "targets"}
    | {"ignore_titles", "holidays", "received", "because", "review_draft"}
)
OTHERS = frozenset({"due", "conversation", "open-event", "somebody-new", "owed", "unseen", "week", "year"})
"""Reasons of reminders, briefs and the like that no draft has."""
LATER: frozenset[str] = frozenset()
"""What has no situation yet."""
LINES = 8
"""Lines of a history that a reader takes in at a glance."""


def fits(said: str, wanted: str) -> bool:
    """Tell whether ``said``, "kind whom (reason)", is ``wanted``: the same kind and whom, the reason if it is named."""
    kind, _, about = wanted.partition(" ")
    about, bracket, reason = about.partition(" (")
    same = said.startswith(f"{kind} ") or kind == "anything"
    return same and about in said and (not bracket or said.endswith(f"({reason}"))


@pytest.mark.parametrize("row", [pytest.param(row, id=row["name"]) for row in ROWS])
def test_situation(row: dict[str, Any], tmp_path: Path) -> None:
    """All of ``must`` was written, nothing beyond ``must`` and ``may``, none of ``never``; the words are as told."""
    ended = Life(tmp_path, row).live()
    written = [ended.called(entry) for entry in ended.entries if entry.kind not in NOTICES]
    for wanted in row.get("must", ()):
        assert any(fits(said, wanted) for said in written), f"missing: {wanted}; there is {written}"
    for said in (one for one in written if one.partition(" ")[0] not in ALWAYS):
        assert any(fits(said, wanted) for wanted in (*row.get("must", ()), *row.get("may", ()))), f"not told: {said}"
        assert not any(fits(said, wanted) for wanted in row.get("never", ())), f"never: {said}"
    texts = "\n".join(ended.texts)
    for words in (item.removeprefix("words in a mail: ") for item in row.get("never", ()) if item.startswith("words")):
        assert words not in texts, words
    for wanted, words in row.get("says", {}).items():
        bodies = [f"{e.title}\n{e.body}" for e in ended.entries if fits(ended.called(e), wanted)]
        assert any(words in " ".join(body.split()) for body in bodies), (words, bodies)
    held = {f"{ended.names[item.person]} {item.why}" for item in ended.held}
    assert set(row.get("held", ())) <= held, held


def test_a_table_for_anybody_to_read() -> None:
    """Forty situations at least, each with a name of its own and its source, in a few lines of plain words."""
    assert len(ROWS) >= 40
    assert len({row["name"] for row in ROWS}) == len(ROWS)
    for row in ROWS:
        assert row.keys() <= KEYS, row["name"]
        assert row["source"]
        assert len(row["life"]) <= LINES
        assert row.keys() & {"must", "never", "held"}, row["name"]


def test_every_reason_kind_and_mark_appears() -> None:
    """Whatever can be written about people and events has to be written in one situation at least."""
    said = [wanted for row in ROWS for wanted in row.get("must", ())]
    told = {reason for wanted in said for reason in re.findall(r"\(([a-z-]+)\)", wanted)}
    assert {reason.name for reason in ALL} | OTHERS <= told | LATER
    assert not told & LATER
    assert {wanted.partition(" ")[0] for wanted in said} == set(get_args(EntryKind)) - NOTICES
    marked = {word for row in ROWS for line in row["life"] for word in re.findall(r" marks .* (\w+)$", line)}
    assert marked >= MARKS
