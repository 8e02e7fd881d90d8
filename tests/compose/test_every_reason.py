"""Three ways to say each reason, in each language and tone, and each says only what a record proves (PRACTICE 5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.records import Event, Guest
from daemon.compose import draft
from daemon.compose.occasions import SAYS
from daemon.model import Decision, Opinion, Proposal, State, Wish
from daemon.plan.reasons import ALL
from tests.compose.conftest import ANNA, DAY, NOW, World

BEN = "georg@lang.example"
LANGUAGES = [("en", "formal"), ("en", "familiar"), ("de", "formal"), ("de", "familiar")]
ELSEWHERE: frozenset[str] = frozenset({"article"})
"""Reasons whose words have a test of their own."""
TRUE: Mapping[str, tuple[str, ...]] = {
    "promised": ("the Graz study", "14"),
    "conversation": ("Second look at packaging", "14"),
    "first-meeting": ("Second look at packaging", "14"),
    "introduction": ("a part-time CFO", "Georg Lang", "finance for small firms"),
    "introduction-second": ("a part-time CFO", "Georg Lang", "finance for small firms"),
    "introduction-made": ("a part-time CFO", "Georg Lang", "Anna Berger", "finance for small firms"),
    "introduction-check": ("Georg Lang", "14"),
    "congratulation": ("new job at Helio",),
    "birthday": ("20",),
    "both-going": ("Valley water summit", "28"),
    "anniversary": ("Second look at packaging", "14", "2025"),
    "pick-up": ("Second look at packaging",),
}
"""What of the facts below every draft for the reason has to name, subject or text."""
SHY = re.compile(
    r"@|https?:|kith|[{}<>|]|\bhe\b|\bshe\b|\bhis\b|  |last (week|month|year)|enjoyed|great to|pleasure",
    re.IGNORECASE,
)
WAYS_OUT = re.compile(
    r"\bno\b|nothing|not fit|don't|do without|just say so|no longer|kein|nein|nicht|ohne mich|nichts", re.IGNORECASE
)
INFORMAL = re.compile(r"\b(du|dir|dich|dein\w*|euch|euer|ihr)\b", re.IGNORECASE)
POLITE = re.compile(r"\b(Sie|Ihnen|Ihr\w*)\b")


def world_of(world: World, language: str, tone: str) -> tuple[State, dict[str, Proposal]]:
    """A state that has a source for each reason, and the proposals that rest on them."""
    met = world.touch("one-to-one", "Second look at packaging")
    first = world.touch("one-to-one", "Second look at packaging", at=DAY.replace(year=2025))
    there = world.touch("introduction", "Anna Berger, Georg Lang", source="intro@x", rule="M5")
    other = replace(there, address=BEN, person="p-georg")
    summit = Event(
        key="summit",
        uid="summit",
        source_id="summit",
        account="agenda",
        start=datetime(2026, 11, 28, 17, tzinfo=UTC),
        end=datetime(2026, 11, 28, 20, tzinfo=UTC),
        title="Valley water summit",
        guests=(Guest(address=ANNA, answer="accepted"),),
    )

    def said(kind: str, about: str, text: str) -> Decision:
        return Decision(key=f"{kind}/{about}/{text}", at=DAY, kind=kind, about=about, value=text)

    notes = {
        "promise": said("promise", "p-anna", "the Graz study"),
        "joy": said("note", "p-anna", "congratulate: new job at Helio"),
        "needs": said("note", "p-anna", "tall; needs: a part-time CFO"),
        "offers": said("note", "p-georg", "offers: finance for small firms"),
    }
    wishes = {address: Wish(tone=tone, language=language) for address in (ANNA, BEN)}  # type: ignore[arg-type]
    georg = world.person("Georg Lang", id="p-georg", addresses=(BEN,))
    state = world.state(
        first,
        met,
        there,
        other,
        others=[georg],
        settings=world.settings(people=wishes),
        calendar=(summit,),
        decisions=tuple(notes.values()),
        birthdays={"p-anna": "11-20"},
    )
    pair = (notes["needs"].key, notes["offers"].key)
    evidence: dict[str, tuple[str, ...]] = {
        "promised": (notes["promise"].key,),
        "introduction": pair,
        "introduction-second": tuple(pair),
        "introduction-made": pair,
        "introduction-check": (there.key, other.key),
        "congratulation": (notes["joy"].key,),
        "anniversary": (first.key,),
        "birthday": ("birthday/p-anna/11-20",),
        "both-going": ("summit",),
    }
    times = (NOW + timedelta(days=5), NOW + timedelta(days=7))
    found = {
        name: world.proposal(
            "draft",
            name,
            met,
            evidence=evidence.get(name, (met.key,)),
            times=times if name == "conversation" else (),
            also=("p-georg",) if name == "introduction-made" else (),
        )
        for name in SAYS
    }
    return state, found


def three(world: World, reason: str, language: str, tone: str) -> list[tuple[str, str]]:
    """Three drafts for the same reason to the same person, one after the other."""
    state, proposals = world_of(world, language, tone)
    made: list[tuple[str, str]] = []
    opinions: dict[str, Opinion] = {}
    for cycle in range(3):
        words = draft(replace(proposals[reason], cycle=cycle), state, opinions, world.templates)
        assert words is not None, cycle
        made.append((words.title, words.body))
    return made


def test_every_reason_is_here(world: World) -> None:
    """The list below is that of the reasons; whoever adds one says here what its drafts have to name."""
    names = {reason.name for reason in ALL}
    assert names == set(SAYS)
    assert names - ELSEWHERE == set(TRUE)
    assert world_of(world, "en", "formal")[1].keys() == names


@pytest.mark.parametrize(("language", "tone"), LANGUAGES)
@pytest.mark.parametrize("reason", TRUE)
def test_three_ways_to_say_it(world: World, reason: str, language: str, tone: str) -> None:
    """Three variants at least, all different; 20 to 70 words; true facts named; a way out; one question at most."""
    made = three(world, reason, language, tone)
    bodies = {body for _, body in made}
    assert len(bodies) == 3
    for title, body in made:
        lines = body.split("\n\n")
        message = "\n\n".join(lines[1:-1])
        assert 20 <= len(message.split()) <= 70, len(message.split())
        assert 0 < len(title) <= 90
        whole = f"{title}\n{message}"
        for fact in TRUE[reason]:
            assert fact in whole, (fact, whole)
        assert f"{title}{body}".count("?") <= 1
        assert not SHY.search(whole), SHY.search(whole)
        assert WAYS_OUT.search(message), message
        assert "tall" not in whole
        numbers = set(re.findall(r"\d+", whole))
        assert numbers <= {"14", "20", "28", "25", "27", "2025", "09", "00"}, numbers


@pytest.mark.parametrize("tone", ["formal", "familiar"])
@pytest.mark.parametrize("reason", TRUE)
def test_german_keeps_its_tone(world: World, reason: str, tone: str) -> None:
    """A formal draft never says du, a familiar one never Sie, and each greets and closes in its tone."""
    for title, body in three(world, reason, "de", tone):
        text = f"{title}\n{body}"
        if tone == "formal":
            assert not INFORMAL.search(text), INFORMAL.search(text)
            assert body.startswith("Guten Tag Anna Berger")
        else:
            assert not POLITE.search(text), POLITE.search(text)
            assert body.startswith("Hallo Anna")


def test_nobody_gets_the_same_twice(world: World) -> None:
    """Where every variant was said already, to whomever, there is no draft; a greeting makes no difference."""
    state, proposals = world_of(world, "en", "formal")
    said: list[str] = []
    for _ in range(3):
        words = draft(proposals["congratulation"], state, {}, world.templates, said)
        assert words is not None
        said.append(f"{words.title}\n{words.body.partition(chr(10))[2]}")
    assert len(set(said)) == 3
    assert draft(proposals["congratulation"], state, {}, world.templates, said) is None
