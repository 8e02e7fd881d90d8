"""What came of it? Proposals of a replay beside what the user really did afterwards.

``open``: the six weeks after the day of the proposal are not over yet, so it is not judged. Else ``in-touch``: the
first touch after the proposal that is not weak came within them; ``later``: after them; ``silent``: none ever came.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from daemon.backtest.outbox import Outbox, Proposed
from daemon.compose.names import shown
from daemon.model import MEETINGS, Person, Touchpoint, local_day

Outcome: TypeAlias = Literal["in-touch", "later", "silent", "open"]
OUTCOMES: tuple[Outcome, ...] = ("in-touch", "later", "silent", "open")
SIX_WEEKS = timedelta(weeks=6)
SOON = timedelta(days=14)
"""Who is met so soon after a proposal may have stood in the calendar already: then Kith would have waited (C23)."""
FULL: frozenset[str] = frozenset({"week-full", "day-full"})
"""Why somebody was held who was due and found no place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A proposal and what came of it; ``touch`` is the first touch after it."""

    proposed: Proposed
    week: str
    outcome: Outcome
    touch: Touchpoint | None = None

    @property
    def soon(self) -> bool:
        """Tell whether the two met so soon that the meeting may have been arranged before."""
        touch = self.touch
        return touch is not None and touch.kind in MEETINGS and touch.at - self.proposed.decided <= SOON


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Somebody of the network with whom the user was in touch again after six weeks or more, unasked."""

    person: str
    week: str
    touch: Touchpoint
    days: float
    """Since the touch before."""
    why: str
    """Why Kith had left them in peace at the last look (codes of RULINGS U6)."""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The numbers of a replay, or of one of its weeks. ``people`` counts persons, the rest proposals."""

    proposed: int
    people: int
    outcomes: Mapping[Outcome, int]
    soon: int
    missed: int
    full: int
    """Persons who were due and found no place, in each week."""

    @property
    def judged(self) -> int:
        """Proposals whose six weeks are over."""
        return self.proposed - self.outcomes.get("open", 0)

    @property
    def precision(self) -> float | None:
        """The share of judged proposals after which the two were in touch within six weeks."""
        return self.outcomes.get("in-touch", 0) / self.judged if self.judged else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A replay, judged: ``weeks`` by ISO week, every week of it."""

    rows: tuple[Judged, ...]
    missed: tuple[Missed, ...]
    tally: Tally
    weeks: Mapping[str, Tally]


def judge(
    box: Outbox,
    people: Mapping[str, Person],
    facts: Mapping[str, Sequence[Touchpoint]],
    ids: Mapping[str, str],
    *,
    now: datetime,
) -> Result:
    """Return what came of everything proposed in ``box`` until ``now``.

    ``people`` and ``facts`` (in order of time) are today's, by today's person ids; ``ids`` leads from every id to them.
    """
    zone = box.settings.me.zone
    strong = {who: tuple(item for item in items if not item.weak and item.at <= now) for who, items in facts.items()}
    proposals = [_today(item, people, ids) for item in box.proposed() if item.at <= now]
    rows = tuple(_judged(item, strong.get(item.person, ()), now, zone) for item in proposals)
    missed = tuple(_missed(box, proposals, strong, ids, zone))
    missed = tuple(replace(item, name=shown(people[item.person])) for item in missed if item.person in people)
    late = {(week_of(at, zone), who) for at, held in box.held.items() for who, why in held.items() if why in FULL}
    full, weeks = Counter(week for week, _ in late), sorted({week_of(at, zone) for at in (*box.network, now)})
    return Result(
        rows=rows,
        missed=missed,
        tally=_tally(rows, missed, len(late)),
        weeks={week: _of_week(week, rows, missed, full[week]) for week in weeks},
    )


def _today(item: Proposed, people: Mapping[str, Person], ids: Mapping[str, str]) -> Proposed:
    """Return ``item`` about whoever that person is today, if there is anybody."""
    who = ids.get(item.person, item.person)
    return replace(item, person=who, name=shown(people[who])) if who in people else item


def week_of(at: datetime, zone: ZoneInfo) -> str:
    """Return the ISO week of ``at`` in the user's zone: "2026-W47" (P36)."""
    year, week, _ = local_day(at, zone).isocalendar()
    return f"{year}-W{week:02}"


def _judged(item: Proposed, facts: Sequence[Touchpoint], now: datetime, zone: ZoneInfo) -> Judged:
    index = bisect_right(facts, item.decided, key=lambda fact: fact.at)
    touch, over = next(iter(facts[index : index + 1]), None), item.at + SIX_WEEKS
    outcome: Outcome = "silent" if touch is None else "in-touch" if touch.at <= over else "later"
    outcome = outcome if over <= now else "open"
    return Judged(proposed=item, week=week_of(item.at, zone), outcome=outcome, touch=touch)


def _missed(
    box: Outbox,
    proposals: Iterable[Proposed],
    facts: Mapping[str, Sequence[Touchpoint]],
    ids: Mapping[str, str],
    zone: ZoneInfo,
) -> Iterator[Missed]:
    asked: dict[str, list[Proposed]] = {}
    for item in proposals:
        asked.setdefault(ids.get(item.person, item.person), []).append(item)
    looks = sorted(box.network)
    inside = {at: {ids.get(who, who): who for who in box.network[at]} for at in looks}
    for person, items in sorted(facts.items()):
        for before, touch in pairwise(items):
            last = bisect_left(looks, touch.at) - 1
            known = inside[looks[last]].get(person) if last >= 0 else None
            if known is None or touch.at - before.at < SIX_WEEKS or _covers(asked.get(person, ()), touch.at):
                continue
            yield Missed(
                person=person,
                week=week_of(touch.at, zone),
                touch=touch,
                days=(touch.at - before.at) / timedelta(days=1),
                why=box.held[looks[last]].get(known, ""),
            )


def _covers(proposals: Iterable[Proposed], at: datetime) -> bool:
    return any(item.decided <= at <= item.at + SIX_WEEKS for item in proposals)


def _of_week(week: str, rows: Iterable[Judged], missed: Iterable[Missed], full: int) -> Tally:
    return _tally([row for row in rows if row.week == week], [item for item in missed if item.week == week], full)


def _tally(rows: Sequence[Judged], missed: Sequence[Missed], full: int) -> Tally:
    counts = Counter(row.outcome for row in rows)
    return Tally(
        proposed=len(rows),
        people=len({row.proposed.person for row in rows}),
        outcomes={outcome: counts[outcome] for outcome in OUTCOMES},
        soon=sum(row.soon for row in rows),
        missed=len(missed),
        full=full,
    )
