"""What there is to read reaches somebody for whom it is: saved as a draft, out of a feed as a line, never twice."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.records import Article
from daemon.model import Decision, Plan, State
from daemon.relate.articles import Library, article_key, is_article
from daemon.relate.topics import Topic, topics
from tests.histories import NOW, days, decided, person, state, taken, touch
from tests.plan.situations import VOCABULARY, plan_for

CASES = tomllib.loads((Path(__file__).parents[1] / "data" / "relate" / "articles.toml").read_text())["case"]
LINK = "https://example.org/packaging"
NEEDS = decided("note", "p-1", "needs: a trainer for machine safety; interests: reusable packaging")


def article(title: str = "What changes for reusable packaging", *, saved: bool = True, **more: Any) -> Article:
    return Article(key=more.pop("key", LINK), account="reading", title=title, at=NOW - days(2), saved=saved, **more)


def due(*articles: Article, decisions: tuple[Decision, ...] = (NEEDS,), title: str = "Lunch") -> State:
    """Somebody who is due, with nothing to pick up unless ``title`` is a topic."""
    facts = tuple(touch("one-to-one", NOW - days(90 + 30 * count), title=title) for count in reversed(range(8)))
    return state({"p-1": facts}, articles=tuple(articles), decisions=decisions)


def told(plan: Plan) -> list[tuple[str, str]]:
    return [(item.kind, item.reason) for item in plan.write]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_an_article_fits_by_words_as_the_table_says(case: dict[str, Any]) -> None:
    """The words are told; where there are none it does not fit."""
    facts = tuple(touch("wrote", NOW - days(10 * n), title=title) for n, title in enumerate(case.get("titles", ()), 1))
    world = state(
        {"p-1": tuple(reversed(facts))},
        persons=[person(), person("p-2", "Grace Hopper", ("grace@far.example",))],
        decisions=(decided("note", "p-1", case["note"]),) if "note" in case else (),
        vocabulary=VOCABULARY,
        articles=(article(case["article"], about=case.get("about", "")),),
    )
    found = Library(world).matches(topics("p-1", world))
    assert [sorted(word.casefold() for word in match.words) for match in found] == (
        [case["fits"]] if case["fits"] else []
    )


def test_what_the_user_saved_makes_a_draft() -> None:
    """With its title and address, and no word of where it was found; the reminder says which words it was."""
    plan = plan_for(due(article()))
    assert told(plan) == [("reconnect", "due"), ("draft", "article")]
    reminder, draft = plan.write
    assert LINK in draft.body
    assert "What changes for reusable packaging" in draft.body
    assert "sailing" not in draft.body
    assert "interests" not in draft.body
    assert "mentioned" not in draft.body  # another thing in the same note was, this was not
    lines = reminder.body.splitlines()
    place = lines.index("You kept this, perhaps for P-1 Person:")
    assert lines[place + 1 : place + 4] == ["What changes for reusable packaging", LINK, "Words: reusable, packaging."]
    assert article_key(article()) in draft.evidence
    assert NEEDS.key in draft.evidence


def test_what_a_feed_had_is_a_line_in_the_reminder() -> None:
    """Never a draft, and never "you kept"."""
    plan = plan_for(due(article(saved=False)))
    assert told(plan) == [("reconnect", "due")]
    assert "A feed had this" in plan.write[0].body
    assert LINK in plan.write[0].body
    assert "kept" not in plan.write[0].body


def test_what_was_saved_comes_before_what_a_feed_had() -> None:
    """And one of them is enough."""
    feed = article("Reusable packaging, reusable packaging", saved=False, key="https://example.org/feed")
    plan = plan_for(due(article("Austrian shops and their reusable packaging"), feed))
    assert told(plan) == [("reconnect", "due"), ("draft", "article")]
    assert "https://example.org/feed" not in plan.write[0].body


def test_a_topic_between_the_two_is_named_with_its_day() -> None:
    """Only one that may be quoted: the note of an interest stands in no mail (C4)."""
    plan = plan_for(due(article("News of the pumps in the valley"), decisions=(), title="Pumps for the valley"))
    (draft,) = [item for item in plan.write if item.kind == "draft"]
    assert draft.reason == "article"
    assert "Pumps for the valley" in f"{draft.title} {draft.body}"
    assert "3 March" in draft.body


def test_what_the_other_needs_is_named() -> None:
    """In the words that were noted behind the label."""
    plan = plan_for(due(article("A trainer of machine safety tells")))
    (draft,) = [item for item in plan.write if item.kind == "draft"]
    assert "a trainer for machine safety" in draft.body


@pytest.mark.parametrize(
    "title",
    [
        "Reusable packaging and the death of a founder",
        "Reusable packaging: two questions? Or three?",
        "Reusable packaging for reusable packaging " * 4,
        "Reusable packaging by ada@example.com",
        "{{ reusable }} packaging",
        "",
    ],
)
def test_a_title_that_no_mail_should_hold(title: str) -> None:
    """What hurts makes no draft; what is long, asks or looks like code leaves the address alone."""
    plan = plan_for(due(article(title, about="reusable packaging")))
    drafts = [item for item in plan.write if item.reason == "article"]
    assert not any(title in f"{item.title}{item.body}" for item in drafts if title)
    assert len(drafts) == (0 if "death" in title or not title else 1)


def test_one_in_sixty_days_and_none_twice() -> None:
    """Whatever became of it; another article has to wait, and the same one never comes again."""
    world = due(article())
    world = taken(world, plan_for(world))
    sent = tuple(
        replace(item, state="sent" if item.kind == "draft" else "done", settled=NOW + days(1)) for item in world.entries
    )
    facts = (*world.touchpoints["p-1"], touch("one-to-one", NOW + days(1), title="Lunch"))
    for ago, articles, wanted in (
        (59, (article(key="https://example.org/other"),), []),
        (100, (article(),), []),
        (100, (article(key="https://example.org/other"),), ["article"]),
    ):
        later = replace(
            world,
            now=NOW + days(ago),
            entries=sent,
            touchpoints={"p-1": facts},
            articles=tuple(replace(item, at=NOW) for item in articles),
        )
        plan = plan_for(later)
        assert [
            item.reason for item in plan.write if any(map(is_article, item.evidence)) and item.kind == "draft"
        ] == wanted


def test_a_line_of_a_feed_counts_too() -> None:
    """At most one in sixty days, out of feeds as well."""
    world = due(article(saved=False))
    world = taken(world, plan_for(world))
    done = tuple(replace(item, state="done", settled=NOW + days(1)) for item in world.entries)
    facts = (*world.touchpoints["p-1"], touch("one-to-one", NOW - days(1), title="Lunch"))
    other = replace(article(key="https://example.org/other", saved=False), at=NOW)
    for ago, wanted in ((59, False), (75, True)):
        later = replace(world, now=NOW + days(ago), entries=done, touchpoints={"p-1": facts}, articles=(other,))
        plan = plan_for(replace(later, decisions=(*later.decisions, decided("mark", "p-1", "key"))))
        reminders = [item for item in plan.write if item.kind == "reconnect"]
        assert len(reminders) == 1
        assert ("https://example.org/other" in reminders[0].body) is wanted


def test_an_article_that_is_gone_takes_its_draft_back() -> None:
    """The user took it off the list: what rests on it goes, and what stands for it in a plan is not made."""
    world = taken(due(article()), plan_for(due(article())))
    assert plan_for(world).withdraw == ()
    plan = plan_for(replace(world, articles=()))
    assert [(item.key.partition("/")[0], item.why) for item in plan.withdraw] == [("draft", "gone")]


def test_without_articles_nothing_changes() -> None:
    """The same plan as ever, and no index is made."""
    assert told(plan_for(due())) == [("reconnect", "due")]


TOPIC = st.builds(
    lambda word, source: Topic(word=word.casefold(), shown=word, source=source, weight=1.0, evidence=("e",)),
    st.text(max_size=30),
    st.sampled_from(["needs", "interests", "tag", "title"]),
)


@given(st.lists(st.text(max_size=60), max_size=5), st.lists(TOPIC, max_size=6))
def test_no_title_and_no_topic_breaks_the_search(titles: list[str], cared: list[Topic]) -> None:
    """Whatever stands in them; the order is the same every time."""
    shelf = tuple(article(title, key=f"https://example.org/{n}") for n, title in enumerate(titles))
    world = state({}, vocabulary=VOCABULARY, articles=shelf)
    found = Library(world).matches(cared)
    assert found == Library(world).matches(cared)
    assert all(match.words and match.topics for match in found)
