"""With what is a template tried before it is believed? Occasions of every reason, with all it may say, and less."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product

from daemon.compose.occasions import SAYS, Occasion
from daemon.compose.threads import Thread

DAY = date(2025, 10, 14)
OFFER = (datetime(2026, 11, 25, 14, tzinfo=UTC), datetime(2026, 12, 2, 10, tzinfo=UTC))
"""Half hours that a draft is tried with."""
TOPICS = ("Reusable packaging", "Packaging and the new rules")
_ANSWERED = frozenset({"wrote", "sent", "heard"})
TEXT = "part-time CFO"


def occasions(reason: str) -> Iterator[Occasion]:
    """Yield what a draft for ``reason`` is tried with; nothing for a reason unknown."""
    if reason in SAYS:
        yield from _OCCASIONS.get(reason, _noted)()


def _meetings() -> Iterator[Occasion]:
    for how, topic, text in product(("met", "group", "spoke", "there"), (TOPICS[0], ""), ("", TEXT)):
        yield Occasion(how=how, day=DAY, topic=topic or (TOPICS[1] if how == "there" else ""), text=text)


def _conversations() -> Iterator[Occasion]:
    yield from (replace(item, times=OFFER) for item in _meetings())


def _topics() -> Iterator[Occasion]:
    for how, topic in product(("met", "group", "spoke", "wrote", "sent", "heard"), TOPICS):
        yield Occasion(how=how, day=DAY, topic=topic)
        if how in _ANSWERED:
            thread = Thread(key="a@b.example", answered="a@b.example", subject=f"Re: {topic}", address="ada@b.example")
            yield Occasion(how=how, day=DAY, topic=topic, thread=thread)


def _events() -> Iterator[Occasion]:
    yield from (Occasion(how=how, day=DAY, topic=topic) for how, topic in product(("going", "again"), TOPICS))


def _anniversaries() -> Iterator[Occasion]:
    yield from (item for item in _meetings() if item.how != "spoke" and not item.text)


def _articles() -> Iterator[Occasion]:
    title, link = "What changes for packaging in 2028", "https://example.org/packaging"
    for topic, text, shown in product((TOPICS[0], ""), ("", TEXT), (title, "")):
        yield Occasion(how="saved", day=DAY, topic=topic, text="" if topic else text, link=link, title=shown)


def _noted() -> Iterator[Occasion]:
    for text, offer in ((TEXT, "finance for small firms"), ("a trainer for machine safety", "printing")):
        yield Occasion(how="noted", day=DAY, topic="", other="Georg Lang", who="Anna Berger", text=text, offer=offer)


_OCCASIONS: Mapping[str, Callable[[], Iterator[Occasion]]] = {
    "first-meeting": _meetings,
    "conversation": _conversations,
    "pick-up": _topics,
    "both-going": _events,
    "anniversary": _anniversaries,
    "article": _articles,
}
"""All other reasons are tried with what was noted."""
