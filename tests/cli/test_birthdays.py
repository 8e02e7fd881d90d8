"""Are birthdays said and asked about in words that help?"""

from __future__ import annotations

import pytest

from daemon.cli.check import _question
from daemon.model import Person, Question

PEOPLE = {
    "p-1": Person(id="p-1", name="John Smith", addresses=("john@a.example",)),
    "p-2": Person(id="p-2", name="John Smith", addresses=("js@b.example",)),
    "p-3": Person(id="p-3", name="Karl Tall", addresses=(), card=True),
}


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (
            Question(kind="birthday", about=("03-05", "p-1", "p-2"), why=""),
            (
                "Whose birthday is 5 March: John Smith <john@a.example>; John Smith <js@b.example>? "
                "If they are one person: kith merge."
            ),
        ),
        (
            Question(kind="birthday-day", about=("p-3", "02-29", "12-31"), why=""),
            "When is Karl Tall's birthday: 29 February or 31 December? Correct it in your contacts or your calendar.",
        ),
        (
            Question(kind="birthday", about=(), why="", count=2),
            "2 birthdays in your calendar name nobody Kith knows by full name.",
        ),
        (Question(kind="doubtful-title", about=("e1",), why=""), ""),
    ],
)
def test_what_only_the_user_can_say_about_a_birthday(question: Question, words: str) -> None:
    """Whose it is, or when: with the days in words, and what to do about it."""
    assert _question(question, PEOPLE) == words
