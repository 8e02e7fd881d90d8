"""What do one person's facts come to? A pure function of those facts: no day, no decision, nobody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from daemon.model import MEETINGS, WEAK, StrengthRules, Touchpoint, local_day
from daemon.relate.project import Project, Threads
from daemon.relate.rhythm import ECHOING, Echoes, median_gap
from daemon.relate.strength import Running

MUTE: frozenset[str] = frozenset({"copied", "note", "gathering"})
"""Kinds that do not break silence (P7: a routine meeting does)."""
FROM_ME: frozenset[str] = frozenset({"wrote", "introduction", "forwarded"})
HELP: frozenset[str] = frozenset({"introduction", "forwarded"})
SIGNS: frozenset[str] = MEETINGS | {"heard", "routine-meeting"}
"""Kinds that show the other person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A mail of the user's that nothing of the other has followed."""

    at: datetime
    account: str
    thread: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One person's facts, summed up. Counts and times leave notes out; ``None`` where there is no such fact."""

    touches: int = 0
    first_touch: datetime | None = None
    last_touch: datetime | None = None
    address: str = ""
    """The address last used, in either direction."""
    weight: float = 0.0
    """Strength at the time of the last touch."""
    spoke: Touchpoint | None = None
    """The last touch that breaks silence: what makes a reconnect due."""
    deep: datetime | None = None
    """The last one-to-one or call."""
    sign: datetime | None = None
    """The last sign of the other."""
    met: bool = False
    """There was a one-to-one, a small group or a call."""
    sat_together: bool = False
    """There was a one-to-one or a small group (the gate)."""
    two_way: tuple[date, ...] = ()
    gap: float | None = None
    """Median days between episodes."""
    tie_days: tuple[date, ...] = ()
    """Days with a touch that is not weak."""
    mail_days: tuple[date, ...] = ()
    mail_threads: int = 0
    """Two-way mail: its days, and in how many threads (C1)."""
    threads: int = 0
    i_began_thread: bool = False
    began_by_me: int = 0
    began_by_them: int = 0
    given: tuple[datetime, ...] = ()
    received: tuple[datetime, ...] = ()
    unanswered: tuple[Message, ...] = ()
    project: Project | None = None
    """The one series, title or thread that is 80 % of the touches (C21)."""


class Summing:
    """Sums up one person's facts while they come in order of time (those of one time in order of key)."""

    def __init__(self, rules: StrengthRules, zone: ZoneInfo) -> None:
        self._zone = zone
        self._count = 0
        self._first: datetime | None = None
        self._last: datetime | None = None
        self._address = ""
        self._strength = Running(rules)
        self._spoke: Touchpoint | None = None
        self._deep: datetime | None = None
        self._sign: datetime | None = None
        self._met = self._sat_together = self._i_began_thread = False
        self._two_way: list[date] = []
        self._tie_days: list[date] = []
        self._mail_days: list[date] = []
        self._echoes = Echoes()
        self._mail_threads: set[str] = set()
        self._threads: set[str] = set()
        self._began: dict[str, str] = {}
        self._beginnings: Counter[str] = Counter()
        self._given: list[datetime] = []
        self._received: list[datetime] = []
        self._unanswered: list[Touchpoint] = []
        self._parts = Threads()

    def add(self, item: Touchpoint) -> None:
        """Add one fact that was not there."""
        if item.kind == "note":
            return
        kind, day = item.kind, local_day(item.at, self._zone)
        self._count += 1
        self._first, self._last = self._first or item.at, item.at
        self._address = item.address if "@" in item.address else self._address
        self._strength.add(day, item)
        self._parts.add(day, item)
        if kind not in MUTE:
            self._spoke = item
        if kind not in WEAK:
            _add_day(self._tie_days, day)
        if kind in MEETINGS:
            self._met = True
            self._deep = self._deep if kind == "small-group" else item.at
            self._sat_together = self._sat_together or kind != "call"
            _add_day(self._two_way, day)
        elif kind in ECHOING:
            for pair in self._echoes.add(item):  # the later mail of a pair is ``item``: days come in order
                self._mail_threads.update(pair.threads)
                _add_day(self._mail_days, day)
                _add_day(self._two_way, day)
        if item.thread is not None:
            self._threads.add(item.thread)
        if item.began is not None:
            self._begin(item, item.began)
        self._help(item)

    def _begin(self, item: Touchpoint, began: str) -> None:
        self._i_began_thread = self._i_began_thread or (began == "me" and item.thread is not None)
        name = item.thread or item.source
        known = self._began.get(name)
        if known != began:
            self._began[name] = began
            self._beginnings[began] += 1
            if known is not None:
                self._beginnings[known] -= 1

    def _help(self, item: Touchpoint) -> None:
        kind, helped_me = item.kind, _helped_me(item)
        if helped_me:
            self._received.append(item.at)
        elif kind in HELP:
            self._given.append(item.at)
        if helped_me or kind in SIGNS:
            self._sign = item.at
            self._unanswered.clear()
        elif kind in FROM_ME and (self._sign is None or item.at > self._sign):
            self._unanswered.append(item)

    def summary(self) -> Summary:
        """Return what the facts so far come to."""
        if self._last is None:
            return Summary()
        return Summary(
            touches=self._count,
            first_touch=self._first,
            last_touch=self._last,
            address=self._address,
            weight=self._strength.at(self._last),
            spoke=self._spoke,
            deep=self._deep,
            sign=self._sign,
            met=self._met,
            sat_together=self._sat_together,
            two_way=tuple(self._two_way),
            gap=median_gap(self._two_way),
            tie_days=tuple(self._tie_days),
            mail_days=tuple(self._mail_days),
            mail_threads=len(self._mail_threads),
            threads=len(self._threads),
            i_began_thread=self._i_began_thread,
            began_by_me=self._beginnings["me"],
            began_by_them=self._beginnings["them"],
            given=tuple(self._given),
            received=tuple(self._received),
            unanswered=tuple(
                Message(at=item.at, account=item.account, thread=item.thread) for item in self._unanswered
            ),
            project=self._parts.project(),
        )


def summarise(touchpoints: Iterable[Touchpoint], rules: StrengthRules, zone: ZoneInfo) -> Summary:
    """Return the summary of one person's facts, in any order; the same key twice is one fact."""
    return _summed(touchpoints, rules, zone).summary()


def _summed(touchpoints: Iterable[Touchpoint], rules: StrengthRules, zone: ZoneInfo) -> Summing:
    made = Summing(rules, zone)
    for item in _in_order(touchpoints):
        made.add(item)
    return made


def _in_order(touchpoints: Iterable[Touchpoint]) -> Iterable[Touchpoint]:
    """Return each fact once, in order; they mostly come so."""
    found = tuple(touchpoints)
    if all(one.at < other.at for one, other in pairwise(found)):
        return found
    return sorted({item.key: item for item in found}.values(), key=_order)


class Summaries:
    """The summaries of persons, each kept until that person's facts change.

    ``growing``: what they were summed up from is kept, too, so that facts that are only added cost no more than
    themselves; that takes memory, and pays where every day of a year is looked at.
    """

    def __init__(self, *, growing: bool = False) -> None:
        self._known: dict[str, tuple[Sequence[Touchpoint], datetime | None, Summary]] = {}
        self._sums: dict[str, Summing] = {}
        self._growing = growing
        self._rules: tuple[StrengthRules, ZoneInfo] | None = None

    def of(
        self, person: str, facts: Sequence[Touchpoint], rules: StrengthRules, zone: ZoneInfo, now: datetime
    ) -> Summary:
        """Return the summary of those ``facts`` that are not later than ``now``.

        It is kept while ``facts`` is the same tuple: who has new facts gets a new one.
        """
        if self._rules != (rules, zone):
            self._known.clear()
            self._sums.clear()
            self._rules = rules, zone
        before, last, known = self._known.get(person, (None, None, None))
        if known is not None and before is facts and (last is None or last <= now):
            return known
        grown = self._growing and known is not None and _goes_on(before or (), facts)
        last = facts[-1].at if grown else max((item.at for item in facts), default=None)
        if last is None or last <= now:
            found = self._summed(person, facts, len(before or ()) if grown else 0, rules, zone)
            self._known[person] = facts, last, found
            return found
        return summarise([item for item in facts if item.at <= now], rules, zone)

    def _summed(
        self, person: str, facts: Sequence[Touchpoint], known: int, rules: StrengthRules, zone: ZoneInfo
    ) -> Summary:
        """Return the summary of ``facts``, the first of which, ``known`` in number, were summed up before."""
        if not self._growing:
            return summarise(facts, rules, zone)
        if known:
            for item in facts[known:]:
                self._sums[person].add(item)
        else:
            self._sums[person] = _summed(facts, rules, zone)
        return self._sums[person].summary()


def _goes_on(before: Sequence[Touchpoint], facts: Sequence[Touchpoint]) -> bool:
    """Tell whether ``facts`` are those of ``before``, and new ones after them in time."""
    if not before or facts[: len(before)] != before:
        return False
    return all(_order(one) < _order(other) for one, other in pairwise(facts[len(before) - 1 :]))


def _order(item: Touchpoint) -> tuple[datetime, str]:
    return item.at, item.key


def _add_day(days: list[date], day: date) -> None:
    """Add ``day``, not before the last of ``days``, once."""
    if not days or days[-1] != day:
        days.append(day)


def _helped_me(item: Touchpoint) -> bool:
    # M5, M6: what is sent is help given; an introduction that was received was begun by the other
    return item.kind == "introduction" and item.began == "them"
