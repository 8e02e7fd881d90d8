"""Does hostile text stay text, and cost no more than its length?"""

from __future__ import annotations

import unicodedata

import pytest

from daemon.grammar import added, answer, debrief, lines_added, plain, report, spoken, title_answer
from daemon.grammar.debriefs import MOST_LINES
from daemon.grammar.text import READ_LIMIT, TEXT_LIMIT
from tests.grammar.spelled import TODAY, VOCABULARY
from tests.grammar.test_properties import strings
from tests.grammar.test_tables import DEBRIEF, REVIEW

SIZE = 100_000
HOSTILE = {
    "less-than": "<" * SIZE,
    "greater-than": ">" * SIZE,
    "open tags": "<a " * SIZE,
    "open brackets": "<b" * SIZE,
    "nested": "<div>" * 20_000 + "x" + "</div>" * 20_000,
    "attributes": "<a " + "x='" * SIZE,
    "long tag": "<p " + " " * SIZE + ">x",
    "entities": "&" * SIZE,
    "escaped again and again": "&" + "amp;" * 25_000 + "lt;",
    "numbers": "&#" + "1" * SIZE + ";",
    "combining marks": "a" + "\u0301\u0316" * 10_000,
    "marks alone": "\u0300" * 10_000,
    "joiners": "\u200d" * SIZE,
    "directions": "\u202e" * SIZE + "never",
    "lines": "\n" * SIZE,
    "many lines": "Ruth Steiner: x\n" * 10_000,
    "many persons": "".join(f"new: P{number} x\n" for number in range(5_000)),
    "addresses": "@" * SIZE,
    "nearly addresses": "a@" * 50_000,
    "brackets": "[" * SIZE,
    "boxes": "[x]" * 30_000,
    "marks": "x " * 50_000,
    "dots": "1." * 50_000,
    "dashes": "1-" * 50_000,
    "digits": "9" * SIZE,
    "words": "done " * 20_000,
    "words that touch": "met " * 20_000,
    "days and words": "gestern angerufen " * 6_000,
    "promises": "promised " * 10_000,
    "later": "later " * 15_000,
    "days": "3w " * 30_000,
    "names": "Ada and " * 12_000,
    "capitals": "A" * SIZE,
    "commas": "," * SIZE,
    "bullets": "- " * 50_000,
    "nulls": "\x00" * SIZE,
    "surrogates": "\ud800" * SIZE,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_it_is_read_within_bounds(text):
    """100 kB of anything is cut, read and kept short, wherever it stands."""
    once = plain(text)
    assert len(once) <= READ_LIMIT
    assert plain(once) == once
    found = [
        *title_answer("Call Ada", f"Call Ada {text}", TODAY, VOCABULARY),
        *title_answer("Call Ada", f"{text} Call Ada", TODAY, VOCABULARY),
        *answer(text, TODAY, VOCABULARY),
        *title_answer(text, text + "done", TODAY, VOCABULARY),
        *debrief(DEBRIEF, DEBRIEF + text, TODAY, VOCABULARY),
        *debrief(DEBRIEF, DEBRIEF.replace("Ruth Steiner:", f"Ruth Steiner: {text}"), TODAY, VOCABULARY),
        *spoken(REVIEW, REVIEW.replace("spoke:", f"spoke: {text}"), TODAY, VOCABULARY),
        *filter(None, [report(f"called Ada {text}", TODAY, VOCABULARY), report(text, TODAY, VOCABULARY)]),
    ]
    assert all(len(item) <= TEXT_LIMIT for item in strings(found))
    assert len(lines_added(DEBRIEF, text)) <= READ_LIMIT
    assert added(text, text) == ""


def test_no_more_lines_than_anybody_types():
    """A description of thousands of lines makes no thousands of persons."""
    assert len(debrief(DEBRIEF, DEBRIEF + HOSTILE["many persons"], TODAY, VOCABULARY)) <= MOST_LINES


def test_towers_of_marks_are_cut():
    """No more than three combining marks stand on a letter."""
    tower = plain(HOSTILE["combining marks"])
    assert len(unicodedata.normalize("NFD", tower)) <= 4


@pytest.mark.parametrize(
    "text",
    ["<script>never</script>", "&lt;b&gt;never&lt;/b&gt;", "<img alt='never'>", "<!-- never -->", "\u202enever mind"],
)
def test_a_command_in_markup_is_no_command(text):
    """What stands in a stranger's markup is text: it never mutes anybody."""
    assert {item.word for item in title_answer("Call Ada", f"Call Ada {text}", TODAY, VOCABULARY)} == {"note"}
