"""How often do two people touch each other? Two-way mail, episodes, the median gap (PRACTICE 3, P8, P27)."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median

from daemon.model import Touchpoint

PAIR = timedelta(days=30)
ECHOING: frozenset[str] = frozenset({"wrote", "heard"})
"""Kinds of mail that answer one another."""
EPISODE = 7
"""Days: touches closer than this are one episode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A mail and its echo: one written, one heard, at most 30 days apart; ``at`` is the later one's time."""

    at: datetime
    threads: tuple[str, ...]


class Echoes:
    """Matches each ``wrote`` with a ``heard`` at most 30 days away, each counted once, as many as there can be.

    Facts come in order of time. Taking the earliest of both sides first leaves the most for those that follow.
    """

    def __init__(self) -> None:
        self._wrote: deque[Touchpoint] = deque()
        self._heard: deque[Touchpoint] = deque()

    def add(self, item: Touchpoint) -> Sequence[Pair]:
        """Return the pairs that ``item``, of one of ``ECHOING``, completes."""
        (self._wrote if item.kind == "wrote" else self._heard).append(item)
        if not (self._wrote and self._heard):
            return ()
        return tuple(self._pairs())

    def _pairs(self) -> Iterator[Pair]:
        while self._wrote and self._heard:
            sent, got = self._wrote[0], self._heard[0]
            near = abs(sent.at - got.at) <= PAIR
            if near:
                yield _pair(sent, got)
            if near or sent.at < got.at:
                self._wrote.popleft()
            if near or got.at < sent.at:
                self._heard.popleft()


def _pair(sent: Touchpoint, got: Touchpoint) -> Pair:
    threads = tuple(item.thread for item in (sent, got) if item.thread is not None)
    return Pair(at=max(sent.at, got.at), threads=threads)


def median_gap(days: Collection[date]) -> float | None:
    """Return the median days from the end of one episode to the beginning of the next; None below two episodes."""
    ordered = sorted(days)
    gaps = [(after - before).days for before, after in pairwise(ordered)]
    between = [gap for gap in gaps if gap >= EPISODE]
    return float(median(between)) if between else None
