"""Who is known by name only, whom do cards join, and where were people probably met?"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.records import Message
from daemon.detect.cards import accepted, card_decision, read
from daemon.model import Card, CardSource, Decision, Facts
from daemon.vocabulary import load_vocabulary
from tests.detect import rule_rows as rows

FOLDER = Path(__file__).parent.parent / "data" / "cards"
SOURCES: tuple[CardSource, ...] = ("debrief", "typed", "vcard", "connections")


def tables() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("*.toml")):
        for row in tomllib.loads(path.read_text("utf-8"))["row"]:
            yield pytest.param(row, id=f"{path.stem}: {row['case']}")


def decided(text: str) -> Decision:
    """Read ``typed 2026-03-02 Ines Moreau; address; event; page``."""
    source, day, rest = text.split(" ", 2)
    name, address, event, page = (*(part.strip() for part in rest.split(";")), "", "", "")[:4]
    return card_decision(
        name,
        datetime.combine(datetime.fromisoformat(day), time(12), tzinfo=rows.ZONE),
        source,  # type: ignore[arg-type]
        new_id=rows.new_id,
        addresses=(address,) if address else (),
        event=event or None,
        profile=page,
    )


def hint(number: int, text: str) -> Message:
    """Read ``2026-03-12 10:12 Ines Moreau via LinkedIn <invitations@linkedin.com>; subject``."""
    day, moment, rest = text.split(" ", 2)
    sender, _, subject = rest.partition("; ")
    made = rows.world({"case": "", "mails": [{"from": sender, "to": ["me"], "when": f"{day} {moment}"}]})
    return replace(next(iter(made.records.messages.values())), key=f"h{number}", subject=subject)


def outcome(row: Mapping[str, Any]) -> Facts:
    told = [decided(text) for text in row.get("cards", ())]
    about = {f"card:{number}": item.about for number, item in enumerate(told)}
    for number, text in enumerate(row.get("decisions", ())):
        kind, one, other = text.split()
        one, other = (
            about.get(one, rows.new_id(one)),
            about.get(other, rows.new_id(other) if kind == "merge" else other),
        )
        at = rows.NOW - timedelta(hours=5 - number)
        told.append(Decision(key=f"d{number}", at=at, kind=kind, about=one, value=other))
    world = rows.world(row)
    hints = {f"h{number}": hint(number, text) for number, text in enumerate(row.get("hints", ()))}
    records = replace(world.records, messages={**world.records.messages, **hints})
    listening = {} if row.get("deaf") else {"a": ("linkedin",)}
    settings = replace(world.settings, hints=listening)
    return rows.facts(replace(world, records=records, settings=settings, decisions=tuple(told)))


@pytest.mark.parametrize("row", [*tables()])
def test_the_table(row: Mapping[str, Any]) -> None:
    """What the cards of a small world come to: people, what counts as met, and what the user is asked."""
    facts = outcome(row)
    names = {person.id: person.name for person in facts.people}
    counts = Counter(f"{names[i.person]} {i.kind} {i.rule} {i.title}".strip() for i in facts.touchpoints)
    assert sorted(f"{item.name}: {' '.join(item.addresses) or '(card)'}" for item in facts.people) == row["people"]
    assert sorted(text if number == 1 else f"{text} x{number}" for text, number in counts.items()) == row["counts"]
    assert sum(item.kind == "card" for item in facts.questions) == row.get("questions", 0)
    assert all(item.card != bool(item.addresses) for item in facts.people)


def test_the_id_of_a_card_stays_a_way_to_name_whom_it_joined() -> None:
    """A card that joins leaves its id with the person (C6); taken out again, it is itself again."""
    row = {
        "cards": ["typed 2026-03-02 Ines Moreau"],
        "mails": [{"to": ["Ines Moreau <ines@x.example>"], "when": "2026-03-05 10:00"}],
    }
    told = decided("typed 2026-03-02 Ines Moreau")
    (ines,) = outcome(row).people
    assert (ines.id, ines.cards) == (rows.new_id("ines@x.example"), (told.about,))
    parted = outcome({**row, "decisions": [f"split ines@x.example {told.about}"]}).people
    assert {(person.id, person.cards) for person in parted} == {(told.about, ()), (ines.id, ())}


names = st.sampled_from(["Ines Moreau", "Moreau Ines", "Karl", "Wei Wang", "wei wang", "Ada Lovelace"])
address = st.sampled_from([(), ("a@x.example",), ("b@x.example", "a@x.example"), ("c@y.example",)])
card_decisions = st.builds(
    lambda name, day, source, known, event: card_decision(
        name, rows.NOW - timedelta(days=day), source, new_id=rows.new_id, addresses=known, event=event
    ),
    names,
    st.integers(0, 40),
    st.sampled_from(SOURCES),
    address,
    st.sampled_from([None, "e1", "e2"]),
)
written = st.lists(st.sampled_from(["Ines Moreau <a@x.example>", "Wei Wang <w@z.example>", "Karl <c@y.example>"]))


@given(st.lists(card_decisions, max_size=6), written, st.randoms(use_true_random=False))
def test_every_card_is_somebodys(told: list[Decision], to: list[str], random: Any) -> None:
    """Whatever cards there are: nobody stands there twice, each card and each fact is a person's, every id of a card
    means one person, a card has no address, and the order in which they came does not matter."""
    mails = [{"to": [who], "when": f"2026-03-{day:02} 10:00"} for day, who in enumerate(to[:20], 1)]
    world = rows.world({"case": "", "mails": mails})
    stored = tuple({item.key: item for item in told}.values())
    facts = rows.facts(replace(world, decisions=stored))
    ids = [id_ for person in facts.people for id_ in (person.id, *person.cards)]
    assert len(ids) == len(set(ids))
    people = {person.id for person in facts.people}
    assert {item.person for item in (*facts.touchpoints, *facts.cards)} <= people
    assert {item.id for item in facts.cards} <= set(ids)
    assert len(facts.cards) == len(stored)
    shuffled = list(stored)
    random.shuffle(shuffled)
    assert rows.facts(replace(world, decisions=tuple(shuffled))) == facts


@given(
    st.text(max_size=200),
    st.sampled_from(SOURCES),
    st.text(max_size=600),
    st.none() | st.text("abc/@.", min_size=1, max_size=20),
)
def test_a_card_is_read_as_it_was_stored(name: str, source: CardSource, note: str, event: str | None) -> None:
    """Nothing in a name or a note, line ends and colons included, is taken for another part of the card."""
    stored = card_decision(
        name, rows.NOW, source, new_id=rows.new_id, addresses=("a@x.example",), note=note, event=event
    )
    card = read(stored)
    assert (card.source, card.addresses, card.event) == (source, ("a@x.example",), event)
    assert card.note == " ".join(note.split())[:500].rstrip() or card.note == " ".join(note.split())[:500]
    assert card == replace(card, key=stored.key, id=stored.about, name=stored.value)
    assert isinstance(card, Card)


SUBJECTS = [
    ("Ines Moreau accepted your invitation", "Ines Moreau"),
    ("Ines Moreau has accepted your invitation to connect", "Ines Moreau"),
    ("Ines Moreau accepted your invitation, explore their network", "Ines Moreau"),
    ("You are now connected to Ines Moreau", "Ines Moreau"),
    ("Start a conversation with your new connection, Ines Moreau", "Ines Moreau"),
    ("Ines Moreau, MBA accepted your connection request", "Ines Moreau"),
    ("Jürgen Groß hat Ihre Einladung angenommen", "Jürgen Groß"),
    ("Sie sind jetzt mit Jürgen Groß vernetzt", "Jürgen Groß"),
    ("山本 恵子 accepted your invitation", "山本 恵子"),
    ("Ines Moreau wants to connect", ""),
    ("Please accept my invitation", ""),
    ("Your invitation is waiting", ""),
    ("Ines accepted your invitational", ""),
    ("", ""),
]


@pytest.mark.parametrize(("subject", "name"), SUBJECTS)
def test_subjects_of_acceptance(subject: str, name: str) -> None:
    """Which subjects of LinkedIn's tell that an invitation was accepted, and by whom."""
    mail = replace(hint(0, "2026-03-12 10:12 LinkedIn <invitations@linkedin.com>; x"), subject=subject)
    assert accepted(mail, ("linkedin",), load_vocabulary()) == name
    assert not accepted(mail, (), load_vocabulary())
