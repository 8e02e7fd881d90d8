"""What does a note say that somebody needs, offers, likes, and what stays for the user's own eyes?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.grammar import wanted
from tests.grammar.spelled import VOCABULARY

ROWS = {
    "needs: a CFO; offers: printing; interests: sailing, wine": [
        "needs a CFO",
        "offers printing",
        "interests sailing",
        "interests wine",
    ],
    "Helio, looks for: a part-time CFO. He offers: tea": ["needs a part-time CFO", "offers tea"],
    "braucht: jemanden für Finanzen; bietet an: Druck": ["needs jemanden für Finanzen", "offers Druck"],
    "Interessiert sich für: Segeln": ["interests Segeln"],
    'needs: a "part-time CFO"': ["needs a part-time CFO", "quoted part-time CFO"],
    "needs:": ["needs "],
    "needs: -": ["needs "],
    'said "part-time CFO" and left': ["quoted part-time CFO"],
    "said “part-time CFO”": ["quoted part-time CFO"],
    "congratulate: new job at Helio": ["congratulate new job at Helio"],
    "gratulieren: neue Stelle": ["congratulate neue Stelle"],
    "not: sailing": ["not sailing"],
    "needs a CFO": [],
    "seems desperate for a CFO": [],
    "Needs: 2.5 tons of paper; tall": ["needs 2.5 tons of paper"],
    "see https://needs.example: x": [],
    "at 10:30, tall, packaging": [],
    "needs: " + "a" * 200: ["needs "],
    "": [],
}


@pytest.mark.parametrize("text", ROWS, ids=lambda text: text[:40] or "empty")
def test_behind_a_label(text: str) -> None:
    """Only what stands behind a label with a colon, or in double quotes, is something to quote (C4)."""
    assert [f"{item.kind} {item.text}" for item in wanted(text, VOCABULARY)] == ROWS[text]


@given(st.text(max_size=400))
def test_whatever_was_typed(text: str) -> None:
    """Any text is read without an error; what it says is short, one line, and stands in it but for what editors do."""
    for item in wanted(f"needs: {text}", VOCABULARY):
        assert len(item.text) <= 80
        assert "\n" not in item.text
