"""A person's id outlives merges, splits and later finds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from daemon import names
from daemon.detect.cards import card_decision
from daemon.model import Facts, Person
from daemon.vocabulary import load_vocabulary
from tests.detect import rule_rows as rows

OLD = {"to": ["Jane Doe <jane@b.example>"], "when": "2025-01-02 10:00", "subject": "a"}
NEW = {"to": ["Jane Doe <jane.doe@a.example>"], "when": "2026-02-02 10:00", "subject": "b"}


def found(*mails: dict[str, Any], known: tuple[Person, ...] = (), decisions: tuple[str, ...] = ()) -> Facts:
    world = rows.world({"case": "", "mails": list(mails), "decisions": decisions})
    return rows.facts(replace(world, known=known))


def ids(facts: Facts) -> dict[str, str]:
    return {address: person.id for person in facts.people for address in person.addresses}


def test_a_new_person_is_named_by_the_address_touched_first() -> None:
    """The id is made of the address with the earliest touch."""
    assert set(ids(found(OLD, NEW)).values()) == {rows.new_id("jane@b.example")}


def test_a_stored_id_stays() -> None:
    """An older mail found later does not rename anybody."""
    before = found(NEW)
    after = found(OLD, NEW, known=before.people)
    assert set(ids(after).values()) == {rows.new_id("jane.doe@a.example")}


def test_merged_persons_keep_the_id_of_the_earlier_first_touch() -> None:
    """Of two stored persons that turn out to be one, the one known longer gives the id."""
    known = (*found(OLD).people, *found(NEW).people)
    assert set(ids(found(OLD, NEW, known=known)).values()) == {rows.new_id("jane@b.example")}


def test_a_split_leaves_the_rest_as_it_was() -> None:
    """The address taken out gets an id of its own; the rest keeps the person's."""
    before = found(OLD, NEW)
    after = found(OLD, NEW, known=before.people, decisions=("split jane@b.example jane.doe@a.example",))
    assert ids(after) == {address: rows.new_id(address) for address in ("jane@b.example", "jane.doe@a.example")}
    first_out = found(OLD, NEW, known=before.people, decisions=("split jane.doe@a.example jane@b.example",))
    assert ids(first_out) == ids(after)
    again = found(OLD, NEW, known=after.people, decisions=("split jane@b.example jane.doe@a.example",))
    assert ids(again) == ids(after)


def test_every_touchpoint_names_a_person() -> None:
    """No fact points to an id that nobody has, after a merge either."""
    facts = found(OLD, NEW, decisions=("sign jane.doe@a.example call",))
    assert {item.person for item in facts.touchpoints} == {person.id for person in facts.people}


def test_a_card_can_be_named() -> None:
    """Who is known by name only may be touched by a title, under the full name; a first name alone says too little."""
    told = card_decision("Karl Tall", rows.NOW, "typed", new_id=rows.new_id)
    titles = ("Lunch with Karl", "Lunch with Karl Tall")
    events = [{"title": title, "when": f"2026-03-0{day} 12:00"} for day, title in enumerate(titles, 2)]
    facts = rows.facts(replace(rows.world({"case": "", "events": events}), decisions=(told,)))
    assert facts.people == (Person(id=told.about, name="Karl Tall", addresses=(), card=True),)
    named = [(item.person, item.source, item.kind, item.rule) for item in facts.touchpoints if item.rule != "N1"]
    assert named == [(told.about, "e2", "one-to-one", "E9")]


def test_a_marked_person_stays_one() -> None:
    """Whom the user marked or noted about is a person, even if only copied."""
    copied = {"to": ["Ada Lovelace <ada@x.example>"], "cc": ["Bob Stone <bob@x.example>"]}
    assert "bob@x.example" not in ids(found(copied))
    assert "bob@x.example" in ids(found(copied, decisions=("mark bob@x.example target",)))


NAMES = [
    ("Anna Berger", "Anna Berger", True),
    ("Berger, Anna", "Anna Berger", True),
    ("Robert Huber, MBA", "Robert Huber", True),
    ("Huber, Robert, MBA", "Robert Huber", True),
    ("Robert Huber, Jr.", "Robert Huber Jr.", True),
    ("Lee, Sam III", "Sam Lee III", True),
    ("Ma, Jack", "Jack Ma", True),
    ("van der Berg, Anna", "Anna van der Berg", True),
    ("Dr. med. Otto Fuchs", "Dr. med. Otto Fuchs", True),
    ("Mag. (FH) Otto Fuchs", "Mag. Otto Fuchs", True),
    ("Vincent van Gogh", "Vincent van Gogh", True),
    ("Phil Collins", "Phil Collins", True),
    ("Eva HUBER", "Eva HUBER", True),
    ("Anna Berger, Helio", "Anna Berger, Helio", False),
    ("HUBER Eva", "HUBER Eva", False),
    ("山本 恵子", "山本 恵子", False),
    ("김 민준", "김 민준", False),
    ("Familie Huber", "Familie Huber", False),
    ("Büro Huber", "Büro Huber", False),
    ("Helio Consulting", "Helio Consulting", False),
    ("Peter und Anna Huber", "Peter und Anna Huber", False),
    ("Peter & Anna Huber", "Peter & Anna Huber", False),
    ("Jane Doe's iPhone", "Jane Doe's iPhone", False),
    ("Anna Maria Luise Berger", "Anna Maria Luise Berger", False),
]


@pytest.mark.parametrize(("given", "name", "certain"), NAMES)
def test_a_name_written_twice(given: str, name: str, certain: bool) -> None:
    """A name is taken as one says it, and is good for a greeting only when its first word is a first name (T24)."""
    text = f'"{given}" <xy@a.example>'
    (person,) = found({"to": [text], "subject": "a"}, {"to": [text], "subject": "b"}).people
    assert (person.name, person.certain_name) == (name, certain)


def test_two_orders_of_one_name() -> None:
    """Of a name found in two orders nobody knows the first name; the shouted surname tells it."""

    def called(*texts: str) -> list[tuple[str, bool]]:
        mails = [{"to": [f"{text} <xy@a.example>"], "subject": str(number)} for number, text in enumerate(texts)]
        return [(person.name, person.certain_name) for person in found(*mails).people]

    assert called("Huber Eva", "Huber Eva", "Eva Huber") == [("Huber Eva", False)]
    assert called("HUBER Eva", "HUBER Eva", "Eva Huber") == [("Eva Huber", True)]


@pytest.mark.parametrize(
    ("name", "first"),
    [("Anna E. Berger", "Anna"), ("Carlos e Maria Silva", ""), ("Eva Y. Moreno", "Eva"), ("HUBER Eva", "")],
)
def test_an_initial_is_no_word_that_joins_a_couple(name: str, first: str) -> None:
    """A letter with a full stop is an initial: the greeting by first name stays certain."""
    assert names.first_name(name, load_vocabulary()) == first
