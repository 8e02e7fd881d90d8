"""Three ways to pass an article on, in each language and tone, each with what was kept and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from daemon.compose import draft
from daemon.model import Proposal, Wish
from daemon.relate.articles import article_key
from tests.histories import SETTINGS
from tests.plan.situations import TEMPLATES, VOCABULARY
from tests.plan.test_plan_articles import LINK, NEEDS, article, due

INFORMAL = re.compile(r"\b(du|dir|dich|dein\w*)\b", re.IGNORECASE)
POLITE = re.compile(r"\b(Sie|Ihnen|Ihr\w*)\b")
LANGUAGES = [("en", "formal"), ("en", "familiar"), ("de", "formal"), ("de", "familiar")]
FITS = {
    "what the user noted as an interest": (article(), "Lunch", ""),
    "what the other needs": (article("A trainer of machine safety tells"), "Lunch", "a trainer for machine safety"),
    "a topic between the two": (
        article("News of the pumps in the valley"),
        "Pumps for the valley",
        "Pumps for the valley",
    ),
    "a title that no mail can hold": (article("reusable packaging? reusable packaging?"), "Lunch", ""),
}


@pytest.mark.parametrize(("language", "tone"), LANGUAGES)
@pytest.mark.parametrize("what", FITS)
def test_three_ways_to_say_it(what: str, language: str, tone: str) -> None:
    """The address always, the title where it can be quoted, the occasion where it may; never what else was noted."""
    item, title, named = FITS[what]
    world = replace(due(item, title=title), vocabulary=VOCABULARY)
    wishes = {"p1@far.example": Wish(tone=tone, language=language)}  # type: ignore[arg-type]
    world = replace(world, settings=replace(SETTINGS, people=wishes))
    evidence = (article_key(item), NEEDS.key, world.touchpoints["p-1"][-1].key)
    made = []
    for cycle in range(3):
        asked = Proposal(
            kind="draft", person="p-1", reason="article", fact=evidence[-1], cycle=cycle, evidence=evidence
        )
        words = draft(asked, world, {}, TEMPLATES)
        assert words is not None, cycle
        text = f"{words.title}\n{words.body}"
        assert text.count(LINK) == 1
        assert LINK in words.body.splitlines()
        assert (item.title in text) is ("?" not in item.title)
        assert named in text
        assert ("trainer" in text) is ("trainer" in f"{item.title}{named}")
        assert not (POLITE if tone == "familiar" else INFORMAL).search(text) or language == "en"
        made.append(text)
    assert len(set(made)) == 3
