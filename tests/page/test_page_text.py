"""Does a text from outside come onto the page as one bounded line that reads in one direction?"""

from __future__ import annotations

import tomllib
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.page.text import LONGEST, label, line, number

TABLE = tomllib.loads((Path(__file__).parents[1] / "data/page/lines.toml").read_text("utf-8"))["line"]
TURNING = "\u200e\u200f\u061c" + "".join(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))


@pytest.mark.parametrize("row", TABLE, ids=[row["name"] for row in TABLE])
def test_a_line_stands_as_the_table_says(row: dict[str, str]) -> None:
    """Every odd text of the table stands on the page as it says."""
    assert line(row["given"]) == row["stands"]


@given(st.text(max_size=500) | st.text(alphabet=TURNING + "a\n\x00<&\u0301", max_size=500))
def test_a_line_is_bounded_whatever_comes(text: str) -> None:
    """No text is longer than allowed, breaks the line, turns the direction, or cannot be written as UTF-8."""
    made = line(text)
    assert len(made) <= LONGEST
    assert not set(made) & set(TURNING)
    assert all(unicodedata.category(each) not in {"Cc", "Cs", "Zl", "Zp"} for each in made)
    assert made == " ".join(made.split())
    made.encode()


def test_a_long_line_says_that_it_was_cut() -> None:
    """Ten thousand characters end in an ellipsis, where visible ones were cut; the longest that fits does not."""
    assert line("x" * 10_000) == "x" * (LONGEST - 1) + "…"
    assert line("x" * LONGEST) == "x" * LONGEST
    assert line("\u202e" * 10_000 + "x").endswith("…")


@pytest.mark.parametrize(("value", "written"), [(0, "0"), (3.0, "3"), (2.25, "2.2"), (12.5, "12.5"), (41, "41")])
def test_numbers(value: float, written: str) -> None:
    """A number has at most one decimal, and none that is zero."""
    assert number(value) == written


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("Founders meetup", "Founders meetup"),
        ("Chamber of commerce evening", "Chamber of com…"),
        ("W" * 40, "W" * 10 + "…"),
        ("田中" * 20, "田中" * 5 + "…"),
        ("", ""),
    ],
)
def test_a_label_takes_no_more_room_than_there_is(text: str, stands: str) -> None:
    """Eighteen letters fit beside a bar, or as many fewer of the wide ones."""
    assert label(text, 18) == stands
