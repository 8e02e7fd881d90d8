"""Is `docs/answers.md` true, row by row?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from daemon.grammar import debrief, report, spoken, title_answer
from tests.grammar.spelled import TODAY, VOCABULARY, lines, said, told
from tests.grammar.test_tables import DEBRIEF, PERSONS, REVIEW, TITLE

_SECTIONS = re.split(
    r"^## ", (Path(__file__).parents[2] / "docs" / "answers.md").read_text("utf-8"), flags=re.MULTILINE
)
_DOES = "What each word does"
"""The section about what comes of it: read by ``tests/tick/test_hand.py``."""
_SECTIONS = [part for part in _SECTIONS if not part.startswith(_DOES)]
_ROW = re.compile(r"^\| `(.+)` \| (.+) \|$", re.MULTILINE)


def titles(typed: str) -> list[str]:
    return said(title_answer(TITLE, f"{TITLE} {typed}", TODAY, VOCABULARY))


def debriefs(typed: str) -> list[str]:
    return lines(debrief(DEBRIEF, DEBRIEF.replace(PERSONS.rstrip(), typed), TODAY, VOCABULARY))


def reports(typed: str) -> list[str]:
    found = report(typed, TODAY, VOCABULARY)
    return [] if found is None else [told(found)]


def reviews(typed: str) -> list[str]:
    found = REVIEW.replace("spoke:\nspoke:", f"{typed}\nspoke:")
    return [told(item) for item in spoken(REVIEW, found, TODAY, VOCABULARY)]


READ = {"Added": titles, "Typed": debriefs, "Own": reports, "The": reviews}
ROWS = [(part.split()[0], *row) for part in _SECTIONS[1:] for row in _ROW.findall(part)]


@pytest.mark.parametrize(("section", "typed", "reads"), ROWS)
def test_each_row_is_true(section, typed, reads):
    """What the page says Kith reads, Kith reads."""
    assert ("; ".join(READ[section](typed)) or "nothing") == reads


def test_every_table_is_read():
    """No row of the page is passed over."""
    page = "\n".join(_SECTIONS)
    assert len(ROWS) == page.count("\n| ") - page.count("| you type |")
    assert {section for section, *_ in ROWS} == set(READ)
