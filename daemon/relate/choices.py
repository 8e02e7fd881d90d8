"""What has the user decided about each person? Decisions in order of time, the latest wins."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from daemon.model import CIRCLES, MARKS, Circle, Decision

TICKETS: frozenset[str] = frozenset({"key", "target", "admired"})
"""Marks that open the gate into the network."""
_LONGEST = 3650


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What was decided about one person; ``marks`` hold the time of each mark that stands, as last said."""

    marks: Mapping[str, datetime] = field(default_factory=dict)
    key_since: datetime | None = None
    """When ``key`` was said first: saying it again costs nobody the place among the key people."""
    circle: Circle | None = None
    circled: datetime | None = None
    wished: datetime | None = None
    """When the user last wished for a longer conversation: an ``x``."""
    every: int | None = None
    holds_slot: bool = False

    @property
    def ticket(self) -> bool:
        """Tell whether the user wants this person in the network: the later of a mark and a circle wins."""
        tickets = [at for mark, at in self.marks.items() if mark in TICKETS]
        given = max([*tickets, self.wished] if self.wished else tickets, default=None)
        if self.circled is None or (given is not None and given > self.circled):
            return given is not None
        return self.circle == "network"


NONE = Choices()


def choices(decisions: Iterable[Decision], now: datetime) -> Mapping[str, Choices]:
    """Return what ``decisions`` up to ``now`` come to, by person id."""
    found: dict[str, Choices] = {}
    for item in sorted(decisions, key=lambda decision: (decision.at, decision.key)):
        if item.at <= now:
            found[item.about] = _after(found.get(item.about, NONE), item)
    return found


def _after(before: Choices, item: Decision) -> Choices:
    if item.kind == "mark" and item.value in MARKS:
        return _marked(before, {**before.marks, item.value: item.at})
    if item.kind == "unmark":
        return _marked(before, {mark: at for mark, at in before.marks.items() if mark != item.value})
    if item.kind == "circle" and item.value in CIRCLES:
        return replace(before, circle=cast("Circle", item.value), circled=item.at)
    if item.kind in {"every", "x"}:
        return replace(before, wished=item.at) if item.kind == "x" else replace(before, every=_days(item.value))
    if item.kind in {"slot", "slot-free"}:
        return replace(before, holds_slot=item.kind == "slot")
    return before


def _marked(before: Choices, marks: Mapping[str, datetime]) -> Choices:
    return replace(before, marks=marks, key_since=(before.key_since or marks["key"]) if "key" in marks else None)


def key_people(made: Mapping[str, Choices], persons: Container[str], limit: int) -> frozenset[str]:
    """Return the ``limit`` among ``persons`` who were marked ``key`` first: more than that nobody can tend."""
    marked = ((item.key_since, who) for who, item in made.items() if item.key_since is not None and who in persons)
    return frozenset(who for _, who in sorted(marked)[: max(limit, 0)])


def _days(text: str) -> int | None:
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(_LONGEST)) else 0
    return number if 0 < number <= _LONGEST else None
