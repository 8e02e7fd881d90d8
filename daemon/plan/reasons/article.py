"""article: something to read that fits what somebody cares about (PRACTICE 5.6).

What the user saved makes a draft; what a feed had is a line in the reminder, no more. One a person in 60 days, and none
of them twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from daemon.model import Cause, Entry
from daemon.plan.desk import Desk
from daemon.plan.reasons.reason import Reason, Reminded, told
from daemon.plan.reasons.rests import UNUSED
from daemon.relate.articles import article_key, is_article, library

NAME = "article"
AGAIN = timedelta(days=60)
TOPICS = 3
"""Topics that are named as evidence."""


def _causes(desk: Desk, person: str, reminded: Reminded | None) -> Iterator[Cause]:
    if reminded is None or not desk.state.articles:
        return
    used = [entry for entry in desk.entries.get(person, ()) if entry.state not in UNUSED and _articles(entry)]
    if any(desk.state.now - (entry.decided or desk.state.now) < AGAIN for entry in used):
        return
    seen = {key for entry in used for key in _articles(entry)}
    for match in library(desk.state).matches(desk.once(told).of(person)):
        key = article_key(match.article)
        if key not in seen:
            keys = (evidence for topic in match.topics[:TOPICS] for evidence in topic.evidence[:1])
            sources = (evidence for evidence in keys if not evidence.startswith("tag/"))
            yield Cause(
                reason=NAME, person=person, evidence=tuple(dict.fromkeys((key, *sources))), draft=match.article.saved
            )
            return


def _articles(entry: Entry) -> list[str]:
    return [key for key in entry.evidence if is_article(key)]


REASON = Reason(name=NAME, causes=_causes, again=AGAIN, generic=True, gives=True)
