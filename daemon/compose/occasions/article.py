"""article: its title and address, and what it fits: what the other needs, or a topic that the two had between them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from connectors.records import Article
from daemon.compose.names import plain
from daemon.compose.occasions.noted import said
from daemon.compose.occasions.occasion import HOW, Occasion, touches_of
from daemon.compose.quotes import INNER_QUOTES, hurts, sayable, topic_between
from daemon.model import Cause, Person, State, local_day
from daemon.relate.articles import Library, Match, article_key
from daemon.relate.topics import Topics

WORDS = 4


def article(cause: Cause, person: Person, state: State) -> Occasion | None:
    """Return what there is to read, and why it is for that person; None once it fits no more, or if it could hurt."""
    item = next((item for item in state.articles if article_key(item) in cause.evidence), None)
    match = None if item is None else _match(item, person, state)
    if item is None or match is None or item.at is None or hurts(item.title, state.vocabulary):
        return None
    topic, day = _between(cause, person, state)
    return Occasion(
        how="saved" if item.saved else "feed",
        day=day or local_day(item.at, state.settings.me.zone),
        topic=topic,
        text="" if topic else _needed(match, state),
        link=item.key,
        title=_title(item, state),
        words=", ".join(plain(word) for word in match.words[:WORDS]),
    )


def _match(item: Article, person: Person, state: State) -> Match | None:
    return Library(replace(state, articles=(item,))).match(item.key, Topics(state).of(person.id))


def _between(cause: Cause, person: Person, state: State) -> tuple[str, date | None]:
    """Return the latest topic in the evidence that may be quoted, and its day."""
    for touch in reversed(touches_of(cause, person, state)):
        topic = topic_between(touch, person, state)
        if topic and touch.kind in HOW and not touch.rule.startswith("M7"):
            return topic, local_day(touch.at, state.settings.me.zone)
    return "", None


def _needed(match: Match, state: State) -> str:
    """Return what the other needs and the article is about, as noted: nothing else that was noted is quotable (C4)."""
    needs = (topic.shown for topic in match.topics if topic.source == "needs")
    return next((text for need in needs if (text := said(need, state))), "")


def _title(item: Article, state: State) -> str:
    """Return the title as a mail may say it; "" for one that is long, asks, or looks like code: the address remains."""
    line = plain(item.title).translate(INNER_QUOTES).strip(" .,;:!-")
    return line if sayable(line, state.vocabulary) else ""
