"""A model's words take a template's place only where they say the same; on any doubt they do not."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.compose import Words
from daemon.compose.rewording import LONGEST, Grounds, parts, reworded
from daemon.vocabulary import load_templates, load_vocabulary
from tests.histories import SETTINGS

TABLE = tomllib.loads((Path(__file__).parents[1] / "data" / "words" / "rewording.toml").read_text())
GROUNDS = Grounds(settings=SETTINGS, vocabulary=load_vocabulary(), templates=load_templates())


def draft(of: str, closing: str = "Clara") -> Words:
    return Words(title="Pumps for the valley", body=f"Hello Ada,\n\n{TABLE['messages'][of].strip()}\n\n{closing}")


@pytest.mark.parametrize("row", TABLE["answer"], ids=lambda row: row["what"])
def test_each_answer_is_judged_as_the_table_says(row: dict[str, Any]) -> None:
    """What is taken stands between the same greeting and closing."""
    words = draft(row["of"])
    found = reworded(words, row["text"], GROUNDS)
    assert (found is not None) is row.get("taken", False)
    if found is not None:
        assert found.startswith("Hello Ada,\n\n")
        assert found.endswith("\n\nClara")
        assert found != words.body


def test_the_template_itself_is_taken() -> None:
    """Whatever it is, nothing speaks against saying it as it is."""
    for of in TABLE["messages"]:
        words = draft(of)
        assert reworded(words, TABLE["messages"][of], GROUNDS) is not None, of


def test_a_signature_of_several_paragraphs_is_no_part_of_it() -> None:
    """It stays, and never leaves the process."""
    signature = "Clara Winter\n\nWinter Consulting, Vienna\nclara@winter.example"
    settings = replace(SETTINGS, signature=signature)
    whole = parts(draft("pick-up", signature).body, settings)
    assert whole is not None
    assert whole.closing == signature
    assert whole.message == TABLE["messages"]["pick-up"].strip()


def test_what_has_no_middle_is_left_alone() -> None:
    """A body in one piece is nobody's template."""
    assert parts("Hello Ada", SETTINGS) is None
    assert parts("", SETTINGS) is None


@given(st.one_of(st.text(), st.text(alphabet='aB "\n?.1:/@', max_size=200), st.just("x" * (LONGEST + 1))))
def test_no_answer_breaks_it(answer: str) -> None:
    """Whatever comes back is refused, or holds every fact of what was asked."""
    found = reworded(draft("pick-up"), answer, GROUNDS)
    assert found is None or ("14 October" in found and '"Pumps for the valley"' in found)
