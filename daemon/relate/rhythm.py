"""How often do two people touch each other? Two-way mail, episodes, the median gap (PRACTICE 3, P8, P27)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median

from daemon.model import Touchpoint

PAIR = timedelta(days=30)
EPISODE = 7
"""Days: touches closer than this are one episode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A mail and its echo: one written, one heard, at most 30 days apart; ``at`` is the later one's time."""

    at: datetime
    threads: tuple[str, ...]


def two_way_mails(touches: Iterable[Touchpoint]) -> tuple[Pair, ...]:
    """Match each ``wrote`` with a ``heard`` at most 30 days away, each counted once, as many pairs as there can be.

    ``touches`` are in order of time. Taking the earliest of both sides first leaves the most for those that follow.
    """
    wrote: list[Touchpoint] = []
    heard: list[Touchpoint] = []
    for item in touches:
        if item.kind in {"wrote", "heard"}:
            (wrote if item.kind == "wrote" else heard).append(item)
    found, mine, theirs = [], 0, 0
    while mine < len(wrote) and theirs < len(heard):
        sent, got = wrote[mine], heard[theirs]
        near = abs(sent.at - got.at) <= PAIR
        if near:
            found.append(_pair(sent, got))
        mine += near or sent.at < got.at
        theirs += near or got.at < sent.at
    return tuple(found)


def _pair(sent: Touchpoint, got: Touchpoint) -> Pair:
    threads = tuple(item.thread for item in (sent, got) if item.thread is not None)
    return Pair(at=max(sent.at, got.at), threads=threads)


def median_gap(days: Collection[date]) -> float | None:
    """Return the median days from the end of one episode to the beginning of the next; None below two episodes."""
    ordered = sorted(days)
    gaps = [(after - before).days for before, after in pairwise(ordered)]
    between = [gap for gap in gaps if gap >= EPISODE]
    return float(median(between)) if between else None
