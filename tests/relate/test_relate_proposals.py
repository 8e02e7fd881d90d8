"""Which marks does Kith propose, and who is of a kind that the user wants to know? (PRACTICE 3 "Marks", P29, S1, S3)"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from daemon.model import Capacity, Entry, Routine, Target
from daemon.relate import key_proposals, kinds_of, mute_proposals, opinions, strongest, texts_about, uncovered
from tests.histories import NOW, SETTINGS, days, decided, entry, history, person, state

OFTEN = ["one-to-one -700..-40/90 title=Lunch"]
SELDOM = ["one-to-one -200..-180/10 title=Lunch", "wrote -150", "wrote -90"]


def people(**lines: list[str]) -> dict[str, Any]:
    return {f"p-{who}": history(said, f"p-{who}", f"{who}@far.example") for who, said in lines.items()}


def test_key_is_proposed_by_quarters() -> None:
    """A one-to-one in most different quarters, not the strongest tie; one quarter is no habit."""
    made = state(people(a=OFTEN, b=["one-to-one -400..-40/90 title=Lunch"], c=SELDOM, d=["wrote -300..-1/3"]))
    assert list(key_proposals(made, opinions(made)).items()) == [("p-a", 7), ("p-b", 5)]


@pytest.mark.parametrize(
    ("why", "lines", "more"),
    [
        ("a colleague (S1)", OFTEN, {"address": "boss@winter.example"}),
        ("key already", OFTEN, {"mark": "key"}),
        ("muted", OFTEN, {"mark": "muted"}),
        ("met in private only (P34)", [f"{OFTEN[0]} private"], {}),
        ("a pupil (S41)", ["one-to-one -700..-40/90 title=piano-lesson"], {}),
    ],
)
def test_who_is_not_proposed_as_key(why: str, lines: list[str], more: dict[str, str]) -> None:
    address = more.get("address", "p1@far.example")
    made = state(
        {"p-1": history(lines, address=address)},
        persons=[person(addresses=(address,))],
        settings=replace(SETTINGS, routine=Routine(ignore_titles=("piano-lesson",))),
        decisions=(decided("mark", value=more["mark"]),) if "mark" in more else (),
    )
    assert key_proposals(made, opinions(made)) == {}, why


def test_no_more_than_there_is_room_for() -> None:
    """Those who are key already take their places first."""
    made = state(people(a=OFTEN, b=OFTEN, c=OFTEN, d=OFTEN), settings=replace(SETTINGS, capacity=Capacity(key=3)))
    assert len(key_proposals(made, opinions(made))) == 3
    said = replace(made, decisions=(decided("mark", "p-a", "key"), decided("mark", "p-b", "key")))
    assert len(key_proposals(said, opinions(said))) == 1


def answered(*fates: str) -> tuple[Entry, ...]:
    """Reminders about somebody, the last ten days ago, a month between two."""
    first = len(fates) - 1
    rows = ((number, NOW - days(10 + 30 * (first - number)), fate) for number, fate in enumerate(fates))
    return tuple(
        replace(entry(state=fate), key=f"r/{number}", start=at, end=at + timedelta(minutes=15), settled=at, problem="")
        for number, at, fate in rows
    )


@pytest.mark.parametrize(
    ("fates", "proposed"),
    [
        (["dismissed"] * 3, True),
        (["done", "dismissed", "dismissed", "dismissed"], True),
        (["dismissed", "dismissed"], False),
        (["dismissed", "dismissed", "passed"], False),
        (["dismissed", "dismissed", "done", "dismissed"], False),
        (["dismissed", "withdrawn", "dismissed", "dismissed"], True),
    ],
)
def test_three_deletions_in_a_row_propose_muted(fates: list[str], proposed: bool) -> None:
    made = state(people(a=OFTEN) | {"p-1": history(OFTEN)}, entries=answered(*fates))
    assert mute_proposals(made, opinions(made)) == (("p-1",) if proposed else ())
    muted = replace(made, decisions=(decided("mark", value="muted"),))
    assert mute_proposals(muted, opinions(muted)) == ()


def test_the_strongest_are_network_and_correspondents() -> None:
    """Not the colleague mailed ten times a day (S3), nor whoever is never to be written about."""
    made = state(
        people(a=OFTEN, b=SELDOM, n=OFTEN) | {"p-t": history(["wrote -90..-1/1"], "p-t", "tom@winter.example")},
        decisions=(decided("mark", "p-n", "never"),),
    )
    assert strongest(opinions(made), 30) == ["p-a", "p-b"]
    assert strongest(opinions(made), 1) == ["p-a"]


@pytest.mark.parametrize(
    ("name", "address", "note", "kinds"),
    [
        ("Karim Haddad", "kh@mail.example", "", ["families"]),
        ("HADDAD, Karim", "kh@mail.example", "", ["families"]),
        ("Karim Haddad Junior", "kh@mail.example", "", []),
        ("Ines Moreau", "i@erste.bank.example", "", ["bankers"]),
        ("Ines Moreau", "i@notabank.example", "", []),
        ("Ines Moreau", "i@mail.example", "runs a Famílienunternehmen in Graz", ["families"]),
        ("Ines Moreau", "i@mail.example", "a family; business is slow", []),
    ],
)
def test_who_is_of_a_kind(name: str, address: str, note: str, kinds: list[str]) -> None:
    """By full name, by domain, by whole words of a note: case, accents and order forgiven, parts of words not."""
    targets = (
        Target(kind="families", names=("Karim Haddad",), words=("family firm", "familienunternehmen")),
        Target(kind="bankers", domains=("bank.example",)),
    )
    made = state(
        {"p-1": history(SELDOM, address=address)},
        persons=[person(name=name, addresses=(address,))],
        decisions=(decided("note", value=note),) if note else (),
        settings=replace(SETTINGS, targets=targets),
    )
    found = kinds_of(made.people["p-1"], texts_about(made).get("p-1", ()), targets)
    assert [target.kind for target in found] == kinds


def test_a_kind_is_covered_by_whom_one_talks_to() -> None:
    """Somebody in the network, in touch both ways; a stranger of the kind, or one silent for long, covers nothing."""
    targets = (Target(kind="families", names=("Karim Haddad",)),)
    for lines, missing in ((OFTEN, False), (["wrote -3"], True), (["one-to-one -700..-400/90 title=Lunch"], True)):
        made = state({"p-1": history(lines)}, persons=[person(name="Karim Haddad")])
        made = replace(made, settings=replace(SETTINGS, targets=targets))
        assert bool(uncovered(made, opinions(made))) is missing, lines
