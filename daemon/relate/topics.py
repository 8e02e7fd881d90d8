"""What does a person care about? Words of meeting titles and subjects, tags, and what the user noted, with evidence.

``needs:``, ``offers:`` and ``interests:`` in a note are the user's own words and weigh most; a title word counts by the
days it stood in titles between the two. Names, stop words of any language and boilerplate say nothing (PRACTICE 5.7).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from daemon.model import State

TopicSource: TypeAlias = Literal["needs", "offers", "interests", "tag", "title"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A word or phrase that a person cares about."""

    word: str
    """Folded as the list ``topic-stop`` of the vocabulary is: case and accents gone; one word, or a noted phrase."""
    shown: str
    """As the user or a title wrote it last."""
    source: TopicSource
    weight: float
    """1 for what the user noted, below that for tags and titles."""
    evidence: tuple[str, ...]
    """Keys of the touchpoints or decisions it was read in, the latest first; for a tag ``tag/NAME``."""
    quotable: bool = False
    """May stand in a mail (C4): read in a quotable title, or noted behind ``needs:``, ``offers:`` or in quotes."""


def topics(person: str, state: State) -> tuple[Topic, ...]:
    """Return what ``person`` cares about, the weightiest first, then by word."""
    del person, state
    return ()
