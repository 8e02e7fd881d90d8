"""Is every word of the lists one that detection can meet?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.records import Event, Mailbox, Message
from daemon.model import Records
from daemon.vocabulary import load_vocabulary
from tests.detect import rule_rows as rows

VOCABULARY = load_vocabulary()
ADA = Message(
    key="known",
    account="a",
    at=rows.NOW - timedelta(days=50),
    sender=rows.ME,
    to=(Mailbox(address="ada@x.example", name="Ada Lovelace"),),
    subject="Saturday",
)


def kinds(*titles: str) -> dict[str, str]:
    """Return what each title comes to, for an event of an hour without guests, every one in another week."""
    events = {
        f"e{number}": Event(
            key=f"e{number}",
            uid=f"e{number}",
            source_id=f"e{number}",
            account="a",
            start=rows.NOW - timedelta(days=7 * number + 1),
            end=rows.NOW - timedelta(days=7 * number + 1, hours=-1),
            title=title,
        )
        for number, title in enumerate(titles)
    }
    world = rows.World(records=Records(events=events, messages={"a/known": ADA}), settings=rows.world({}).settings)
    found = rows.facts(world).verdicts
    return {event.title: f"{found[key].rule} {found[key].kind or 'nothing'}" for key, event in events.items()}


@pytest.mark.parametrize(
    ("name", "kind"), [("meet-words", "one-to-one"), ("call-words", "call"), ("past-call-words", "call")]
)
def test_every_word_for_a_meeting_is_understood(name: str, kind: str) -> None:
    """Whatever the list says, with or without accents, is understood before a name."""
    joint = "" if name.startswith("past") else " with"
    titles = [f"{word.capitalize()}{joint} Ada Lovelace" for word in sorted(VOCABULARY[name])]
    assert set(kinds(*titles).items()) == {(title, f"E9 {kind}") for title in titles}


def test_every_veto_is_one() -> None:
    """No word of the veto list stands in a title that counts."""
    titles = [f"Lunch with Ada Lovelace, {word}" for word in sorted(VOCABULARY["title-veto"])]
    assert set(kinds(*titles).values()) == {"E9 nothing"}


def test_every_word_for_an_open_event_opens_one() -> None:
    """Words of the list stand alone, words that need a name beside it do not, and both open with one; no veto does."""
    alone = [word.capitalize() for word in sorted(VOCABULARY["open-words"])]
    named = [word.capitalize() for word in sorted(VOCABULARY["open-named-words"] - VOCABULARY["open-words"])]
    vetoed = [f"Conference {word}" for word in sorted(VOCABULARY["open-veto"])]
    assert set(kinds(*alone, *(f"Linz {word}" for word in named)).values()) == {"E12 attendance"}
    assert set(kinds(*named, *vetoed).values()) == {"E9 nothing"}


def test_the_words_of_every_language_are_known() -> None:
    """Titles come in several languages, whatever the user's is."""
    assert {"breakfast", "fruhstuck"} <= VOCABULARY["meet-words"]
    assert "fruhstuck" not in load_vocabulary(("en",))["meet-words"]
