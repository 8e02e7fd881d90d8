"""Whom does a text that looks back name, and how? Never whom the user does not want to read of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from daemon.compose.language import Tongue
from daemon.compose.names import shortened, shown
from daemon.compose.templates import Words
from daemon.model import State, Touchpoint, local_day
from daemon.relate import choices

NAME = 30
TITLE = 40
LISTED = 5
"""Names in one line of a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A review in words; ``asked``: the keys of its questions, in the order of the lines; ``named``: ids of whom it
    names."""

    words: Words
    asked: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """Names people and days; ``named`` collects whom it has named."""

    state: State
    tongue: Tongue
    named: dict[str, None] = field(default_factory=dict)

    def name(self, who: str) -> str:
        """Return what to call somebody, without a question mark; "" for who is not to be named."""
        person = self.state.people.get(who)
        chosen = choices((item for item in self.state.decisions if item.about == who), self.state.now).get(who)
        if person is None or (chosen is not None and {"muted", "never"} & chosen.marks.keys()):
            return ""
        self.named[who] = None
        return shortened(shown(person), NAME).replace("?", "")

    def all(self, persons: Sequence[str]) -> list[str]:
        """Return the names of the first five of ``persons``."""
        return [name for who in persons[:LISTED] if (name := self.name(who))]

    def line(self, persons: Sequence[str]) -> str:
        """Return the names of ``persons`` in one line, of many the first five."""
        names, rest = self.all(persons), len(persons) - LISTED
        return ", ".join(names) + (f" +{rest}" if names and rest > 0 else "")

    def day_of(self, item: Touchpoint) -> str:
        """Return the day of a touch in words."""
        return self.day(local_day(item.at, self.state.settings.me.zone))

    def day(self, day: date) -> str:
        """Return ``day`` in words."""
        return self.tongue.day(day, local_day(self.state.now, self.state.settings.me.zone), "date-short")


def number(value: float) -> str:
    """Return a number with one decimal at most."""
    return f"{value:.1f}".removesuffix(".0")
