"""What does a person care about, where was it read, and how is it corrected?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from daemon.model import Wish
from daemon.relate.topics import Content, topics
from daemon.vocabulary import load_vocabulary
from tests.histories import NOW, SETTINGS, days, decided, history, person, state, touch

VOCABULARY = load_vocabulary()
TITLES = {
    "Re: Workshop dates for reusable packaging": {"dates", "reusable", "packaging"},
    "Ausschreibung für die Lagerhalle": {"ausschreibung", "lagerhalle"},
    "Réunion sur les énergies renouvelables": {"reunion", "energies", "renouvelables"},
    "Encuentro sobre navegación a vela": {"encuentro", "navegacion", "vela"},
    "Car sharing in design offices": {"car", "sharing", "design", "offices"},
    "Weekly sync call": set(),
    "Lunch on Friday?": set(),
    "": set(),
}


@pytest.mark.parametrize("title", TITLES)
def test_words_of_a_title(title: str) -> None:
    """Prefixes, dates, boilerplate and the stop words of the title's own language are no topic."""
    assert {word for word, _ in Content(VOCABULARY, "de").of(title)} == TITLES[title]


def cared(world, who="p-1"):
    return {topic.word: topic for topic in topics(who, replace(world, vocabulary=VOCABULARY))}


def test_titles_between_the_two() -> None:
    """A word weighs by the days it was used on, with its latest evidence first; names and other people's are none."""
    facts = [
        touch("wrote", NOW - days(90), title="Reusable packaging"),
        touch("wrote", NOW - days(60), title="Re: Reusable packaging"),
        touch("wrote", NOW - days(60), title="Packaging, once more", source="same day"),
        touch("one-to-one", NOW - days(30), title="Sailing with Ada Lovelace"),
        touch("one-to-one", NOW - days(20), title="Therapy for two", private=True),
        touch("copied", NOW - days(10), title="Tenders"),
        touch("wrote", NOW + days(1), title="Tomorrow's secrets"),
    ]
    found = cared(
        state({"p-1": tuple(facts)}, persons=[person("p-1", "Ada Lovelace", addresses=("ada@zinc.example",))])
    )
    assert found["packaging"].evidence == (facts[2].key, facts[1].key, facts[0].key)
    assert found["packaging"].weight > found["reusable"].weight * 0.99 > found["sailing"].weight * 0.9
    assert not found.keys() & {"ada", "lovelace", "therapy", "tenders", "secrets", "zinc"}


def test_what_the_user_says_weighs_most_and_corrects() -> None:
    """Notes come before tags, tags before titles; a later note replaces its label, "not:" takes a word back."""
    facts = {"p-1": tuple(history(["wrote -90..-30/30 title=Packaging"], address="ada@far.example"))}
    notes = [
        decided("note", "p-1", "needs: a CFO; offers: printing; interests: sailing", at=NOW + days(-40)),
        decided("note", "p-1", "needs: a warehouse", at=NOW + days(-20)),
    ]
    settings = replace(SETTINGS, people={"ada@far.example": Wish(tags=("choir",))})
    ada = person("p-1", addresses=("ada@far.example",))
    world = state(facts, persons=[ada], decisions=tuple(notes), settings=settings)
    found = cared(world)
    assert [(word, topic.source) for word, topic in found.items()] == [
        ("sailing", "interests"),
        ("a warehouse", "needs"),
        ("printing", "offers"),
        ("choir", "tag"),
        ("packaging", "title"),
    ]
    assert found["a warehouse"].evidence == (notes[1].key,)
    assert found["a warehouse"].words == ("a", "warehouse")
    sorry = decided("note", "p-1", "not: packaging; needs:; offers: typesetting", at=NOW + days(-1))
    found = cared(replace(world, decisions=(*notes, sorry)))
    assert [*found] == ["sailing", "typesetting", "choir"]


def test_nobody_and_nothing() -> None:
    """Of somebody unknown, or with nothing to read, there is nothing to tell."""
    world = state({"p-1": ()})
    assert (cared(world), cared(world, "p-9")) == ({}, {})
