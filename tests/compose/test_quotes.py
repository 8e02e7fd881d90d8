"""Which titles may be repeated to people?"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.compose import quotable
from daemon.compose.quotes import occasion, topic, topic_between, topic_seen

ROWS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parents[1] / "data" / "words" / "quotable.toml").read_text("utf-8")
)["row"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["title"][:40] or "empty")
def test_table(world, row):
    """Each title of the table is quoted in the words it says, or not at all."""
    assert topic(row["title"], world.vocabulary) == row.get("as")
    assert quotable(row["title"], world.vocabulary) is ("as" in row)


@pytest.mark.parametrize(
    ("title", "fields", "why"),
    [
        ("Tender review", {"private": True}, "a private event (P34)"),
        ("Tender review", {"rule": "E9"}, "a title only the user ever saw"),
        ("Tender review", {"rule": "N1"}, "a note of the user's"),
        ("Anna Berger packaging study", {}, "names the reader"),
        ("Winter packaging study", {}, "names the user"),
        ("Max Muster lunch", {}, "names somebody known and nothing else"),
    ],
)
def test_not_between_the_two(world, title, fields, why):
    """What only the user saw, what is private, and what is a name stays out of mails."""
    touch = world.touch(title=title, **fields)
    state = world.state(touch, others=[world.person("Max Muster", id="p-max")])
    assert topic_between(touch, state.people["p-anna"], state) is None, why


def test_private_is_not_even_shown(world):
    """A private title is not repeated to the user's own screen either."""
    assert topic_seen(world.touch(private=True), world.vocabulary) == ""
    assert topic_seen(world.touch(), world.vocabulary) == "Tender review"


@pytest.mark.parametrize(
    ("kind", "title", "private", "expected"),
    [
        ("one-to-one", "Lunch with Anna", False, "lunch"),
        ("one-to-one", "Frühstück mit Anna", False, "breakfast"),
        ("small-group", "Tender review", False, "meeting"),
        ("one-to-one", "Lunch with Anna", True, "meeting"),
        ("call", "Lunch with Anna", False, "call"),
        ("wrote", "Lunch on Monday?", False, "mail"),
    ],
)
def test_occasion(world, kind, title, private, expected):
    """What a meeting was is read from its kind, then from its title unless it is private."""
    assert occasion(world.touch(kind=kind, title=title, private=private), world.vocabulary) == expected


@given(st.text(max_size=300))
def test_any_title(world, title):
    """Whatever stands in a title, what may be quoted is one line of at most 60 characters without markup."""
    found = topic(title, world.vocabulary)
    if found is not None:
        assert len(found) <= 60
        assert len(found.split()) >= 2
        assert not set(found) & set('<>{}|@\r\n\t"\u2028\u202e\x00')


@given(
    st.sampled_from([row["title"] for row in ROWS if "as" in row]), st.sampled_from(["Re: ", "AW: Fwd: ", "[x] RE: "])
)
def test_prefixes_change_nothing(world, title, prefix):
    """A topic is the same topic however often it was answered or forwarded."""
    assert topic(prefix + title, world.vocabulary) == topic(title, world.vocabulary)
