"""Does the evening without a guest list read as the story tells it? In English, in German, and from any editor."""

from __future__ import annotations

from datetime import date

import pytest

from daemon.grammar import debrief
from tests.grammar.spelled import VOCABULARY, lines

EVENING = date(2027, 2, 11)
ENGLISH = """x at the end of a line = I want a longer conversation.
Anything else you type is a note. Leave the rest empty.

Ruth Steiner:
Milan Kovač:
new:
new:
new:
new:
promised:

A line can be as short as "Anna, Helio, CFO" or carry
the address: Anna Berger anna@helio.at needs a CFO x
Empty? It goes away on Sunday by itself.
"""
GERMAN = """x am Ende einer Zeile = ich möchte ein längeres Gespräch.
Alles andere ist eine Notiz. Der Rest bleibt leer.

Ruth Steiner:
Milan Kovač:
neu:
neu:
neu:
neu:
versprochen:

Leer? Am Sonntag verschwindet das von selbst.
"""
TYPED = """Ruth Steiner: started B2B in January x
Milan Kovač:
new: Anna Berger anna@helio.at Helio, looks for a part-time CFO x
new: Karl (tall, packaging), promised him the Graz study
new: Ines Moreau
new: two students from TU, no"""
GETIPPT = """Ruth Steiner: seit Jänner B2B x
Milan Kovač:
neu: Anna Berger anna@helio.at Helio, sucht einen CFO in Teilzeit x
neu: Karl (groß, Verpackung), ihm die Graz-Studie bis 18.2. versprochen
neu: Ines Moreau
neu: zwei Studenten von der TU, nein"""


def filled(written: str, typed: str) -> str:
    head, _, rest = written.partition("Ruth Steiner:")
    return head + typed + "\n" + rest[rest.index("promised:" if written is ENGLISH else "versprochen:") :]


def test_the_evening():
    """Milan's line is untouched and says nothing (C14a); two students are nobody; everybody else is found."""
    assert lines(debrief(ENGLISH, filled(ENGLISH, TYPED), EVENING, VOCABULARY)) == [
        "expected Ruth Steiner x, note: started B2B in January",
        "new Anna Berger <anna@helio.at> x, note: Helio, looks for a part-time CFO",
        "new Karl, note: tall, packaging, promised: the Graz study",
        "new Ines Moreau",
        "new two students from TU (several) no",
    ]


def test_the_evening_in_german():
    """The same in German, the promise with its day."""
    assert lines(debrief(GERMAN, filled(GERMAN, GETIPPT), EVENING, VOCABULARY)) == [
        "expected Ruth Steiner x, note: seit Jänner B2B",
        "new Anna Berger <anna@helio.at> x, note: Helio, sucht einen CFO in Teilzeit",
        "new Karl, note: groß, Verpackung, promised until 2027-02-18: die Graz-Studie",
        "new Ines Moreau",
        "new zwei Studenten von der TU (several) no",
    ]


@pytest.mark.parametrize(
    "edited",
    [
        lambda text: text.replace("\n", "<br>"),
        lambda text: "<p>" + text.replace("\n\n", "</p><p>").replace("\n", "<br>") + "</p>",
        lambda text: "".join(f"<div>{line or '<br>'}</div>" for line in text.split("\n")),
        lambda text: text.replace("anna@helio.at", '<a href="mailto:anna@helio.at">anna@helio.at</a>'),
        lambda text: text.replace(" ", "\u00a0").replace("x\n", "X \r\n").replace("-", "–"),
        lambda text: text.replace("new:", "• New:").replace('"', "“"),
        lambda text: "\n".join(reversed(text.split("\n"))),
        lambda text: text[text.index("Ruth") : text.index("promised:")],
    ],
    ids=["breaks", "paragraphs", "divisions", "links", "phone", "bullets", "turned round", "all else deleted"],
)
def test_the_evening_after_an_editor(edited):
    """Whatever an editor makes of it, the same persons with the same marks come home."""
    before = debrief(ENGLISH, filled(ENGLISH, TYPED), EVENING, VOCABULARY)
    after = debrief(ENGLISH, edited(filled(ENGLISH, TYPED)), EVENING, VOCABULARY)
    assert {(line.name, line.x, line.no, line.address) for line in after} == {
        (line.name, line.x, line.no, line.address) for line in before
    }


def test_an_entry_of_a_list_is_answered_behind_it():
    """ "Four more": each line is ours with a person at its beginning, and an x behind it is that person's."""
    written = "First meetings:\n\n- Karl Wenz: lunch on 11 Feb\n- Ines Moreau: met on 11 Feb\n\nOne line is enough.\n"
    found = written.replace("lunch on 11 Feb", "lunch on 11 Feb x").replace("met on 11 Feb", "met on 11 Feb - Graz, no")
    assert lines(debrief(written, found, EVENING, VOCABULARY)) == [
        "expected Karl Wenz x",
        "expected Ines Moreau, note: Graz, no",
    ]
    assert debrief(written, written.replace("- ", "• "), EVENING, VOCABULARY) == ()
