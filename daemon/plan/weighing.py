"""Which reasons are there to write to somebody, which one wins, what speaks against the others? For ``kith why``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from daemon.compose.occasions import occasion_of
from daemon.model import Entry, Opinion, State
from daemon.plan.desk import Desk, desk
from daemon.plan.drafts import REMINDERS, standing
from daemon.plan.eyes import eyes
from daemon.plan.reasons import Reminded, weighed
from daemon.plan.reconnects import evidence
from daemon.relate import is_open

Outcome: TypeAlias = Literal["best", "behind", "line", "not-today", "used", "refused", "no-source", "nothing-to-say"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A reason that competed.

    ``behind`` a better one; a ``line`` in the reminder only; ``not-today`` but on its own day; ``used`` or ``refused``
    before (``until``: it rests); or with ``nothing-to-say`` that may stand in a mail.
    """

    reason: str
    outcome: Outcome
    evidence: tuple[str, ...]
    until: datetime | None = None


def contenders(
    state: State, opinions: Mapping[str, Opinion], person: str, planned: Iterable[Entry]
) -> tuple[Contender, ...]:
    """Return the reasons there are to write to ``person`` today, the best first; ``planned`` is what ``decide`` writes.

    Where no reminder of theirs stands or is planned: as if one came today.
    """
    if person not in opinions:
        return ()
    today = desk(state, opinions, eyes(state), frozenset())
    return tuple(_judged(today, person, _reminded(today, person, planned)))


def _judged(today: Desk, person: str, reminded: Reminded | None) -> Iterator[Contender]:
    won = False
    for item in weighed(today, person, reminded):
        cause, outcome = item.cause, item.why
        if not outcome and occasion_of(cause, today.state.people[person], today.state) is None:
            outcome = "nothing-to-say"
        if not outcome and not cause.draft:
            outcome = "line"
        if not outcome and cause.day not in {None, today.time.day_of(today.state.now)}:
            outcome = "not-today"
        if not outcome:
            outcome, won = "behind" if won else "best", True
        yield Contender(reason=cause.reason, outcome=outcome, evidence=cause.evidence, until=item.until)  # type: ignore[arg-type]


def _reminded(today: Desk, person: str, planned: Iterable[Entry]) -> Reminded | None:
    now = today.state.now
    stands = [entry for entry in today.entries.get(person, ()) if is_open(entry, now)]
    mine = [*stands, *(entry for entry in planned if entry.person == person)]
    found = sorted((item for item in mine if item.kind in REMINDERS), key=lambda item: REMINDERS[item.kind])
    if found:
        return standing(found[0], now)
    facts = today.facts(person)
    if not facts:
        return None
    return Reminded(
        kind="reconnect",
        reason="due",
        person=person,
        fact=facts[-1].key,
        evidence=evidence(facts, facts[-1]),
        start=now,
        decided=now,
    )
