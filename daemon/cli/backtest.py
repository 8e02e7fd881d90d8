"""backtest: what Kith would have proposed in the past year, and what came of it, before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from daemon import backtest as replaying
from daemon.backtest import ByTime, Judged, Knowing, Missed, Past, Result, Tally, Walk
from daemon.cli import documents, evidence
from daemon.cli.codes import say
from daemon.cli.ground import begin, config_option, json_option, now_option
from daemon.model import CadenceRules, Capacity, Records, Settings, State, Touchpoint
from daemon.session import Session
from daemon.state import Memory

MOST_WEEKS = 520
MOST = 100
LONGEST = 3650
FEW = 5_000
"""So many records are walked through day by day as they came; of more each fact counts from its time on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One way of setting Kith, and what it came to. ``named`` says how it differs from today's; "" for today's."""

    named: str
    settings: Settings
    result: Result


@click.command(epilog="Example: kith backtest --capacity 3 --capacity 8")
@config_option
@json_option
@now_option
@click.option("--weeks", type=click.IntRange(1, MOST_WEEKS), default=52, show_default=True, help="Whole weeks back.")
@click.option("--capacity", multiple=True, metavar="N|KEY=N", help="Compare: reminders a week, or a key of [capacity].")
@click.option("--cadence", multiple=True, metavar="KEY=DAYS", help="Compare: a key of [cadence], such as key=30.")
def backtest(
    config: Path | None,
    *,
    as_json: bool,
    now: str | None,
    weeks: int,
    capacity: tuple[str, ...],
    cadence: tuple[str, ...],
) -> None:
    """Replay the past year with today's settings: whom Kith would have proposed, with whom you were in touch anyway,
    who went silent. Writes nothing, anywhere.

    Several --capacity are compared with each other; --cadence holds for all of them.
    """
    session = begin(config, now)
    ways = _ways(session.configuration.settings, capacity, cadence)
    with session.ledger(write=False) as ledger:
        memory = session.memory(ledger)
        if not ledger.sources():
            say("kith: nothing has been read yet. Run: kith once   (it writes nothing anywhere before --yes)")
        state = memory.state()
        exact = sum(len(ledger.table(name).keys()) for name in ("events", "mails")) <= FEW
        found = _compared(session, memory, state, ways, weeks=weeks, exact=exact)
    if as_json:
        click.echo(documents.as_json(_document(found, session, exact=exact)))
    else:
        evidence.backtest_text(found, session.zone, exact=exact)


def _compared(
    session: Session, memory: Memory, state: State, ways: Mapping[str, Settings], *, weeks: int, exact: bool
) -> tuple[Compared, ...]:
    settings, ids = memory.settings, memory.aliases()
    past = Past(
        records=memory.records if exact else _lately(memory, weeks),
        decisions=memory.decisions,
        settings=settings,
        vocabulary=session.vocabulary,
        new_id=memory.ledger.person_id,
        caught_up=memory.caught_up,
        earliest=None if exact else state.earliest,
    )
    times = replaying.looks(weeks, session.now, past, None if exact else state.touchpoints)
    begins = min(times, default=session.now)
    knowing: Knowing = Walk(past, begins) if exact else ByTime(past, begins, state.people, state.touchpoints, ids)
    boxes = replaying.replay(knowing, times, tuple(ways.values()), past, session.templates)
    return tuple(
        Compared(
            named=named,
            settings=settings,
            result=replaying.judge(box, state.people, state.touchpoints, ids, now=session.now),
        )
        for (named, settings), box in zip(ways.items(), boxes, strict=True)
    )


def _lately(memory: Memory, weeks: int) -> Records:
    """Return the events that the calendar of one of these weeks may show: more is not read where facts are believed."""
    since = memory.now - timedelta(weeks=weeks + 4)
    return Records(events={f"{it.account}\t{it.key}": it for it in memory.ledger.events_since(since.date())})


# -- what is compared ------------------------------------------------------------------------------------------------


def _ways(today: Settings, capacity: Sequence[str], cadence: Sequence[str]) -> Mapping[str, Settings]:
    """Return the settings to replay by what is different in them, today's first. Raises click.UsageError."""
    paces = dict(_pace(text, today.cadence) for text in cadence)
    rules = replace(today.cadence, **paces)
    slower = ", ".join(f"{name} {low}/{high} days" for name, (low, high) in paces.items())
    ways = {"": today}
    for text in capacity or ((None,) if paces else ()):
        changes = {} if text is None else dict(_limits(text))
        named = ", ".join([*(f"{name} {number}" for name, number in changes.items()), *filter(None, [slower])])
        ways[named] = replace(today, capacity=replace(today.capacity, **changes), cadence=rules)
    return ways


def _limits(text: str) -> Iterator[tuple[str, int]]:
    known = {field.name for field in fields(Capacity)}
    for part in text.split(","):
        name, equals, number = part.strip().rpartition("=")
        name = name if equals else "reminders_week"
        if name not in known or not (number.isascii() and number.isdigit()) or int(number[:9]) > MOST:
            raise click.UsageError(f"--capacity: a number up to {MOST}, or one of {', '.join(sorted(known))} with =N")
        yield name, int(number)


def _pace(text: str, rules: CadenceRules) -> tuple[str, tuple[int, int]]:
    name, _, days = text.partition("=")
    low, slash, high = days.partition("/")
    numbers = [int(part) for part in (low, high) if part.isascii() and part.isdigit() and 0 < int(part[:9]) <= LONGEST]
    known = {field.name for field in fields(CadenceRules)}
    if name not in known or not numbers or len(numbers) != 1 + bool(slash):
        raise click.UsageError(f"--cadence: one of {', '.join(sorted(known))} with =DAYS or =DAYS/LONGEST")
    before = getattr(rules, name)
    return name, (numbers[0], numbers[1] if high else numbers[0] * before[1] // before[0])


# -- JSON --------------------------------------------------------------------------------------------------------------


def _document(found: Sequence[Compared], session: Session, *, exact: bool) -> dict[str, Any]:
    """Return the replay of today's settings in full, and the sums of all."""
    today = found[0].result
    return {
        "from": min(today.weeks, default=None),
        "to": max(today.weeks, default=None),
        "knowledge": "day by day" if exact else "by time",
        "tally": _tally(today.tally),
        "weeks": [{"week": week, **_tally(tally)} for week, tally in today.weeks.items()],
        "proposed": [_judged(row, session) for row in today.rows],
        "missed": [_missed(item, session) for item in today.missed],
        "compared": [_way(item) for item in found],
    }


def _way(item: Compared) -> dict[str, Any]:
    settings = item.settings
    return {
        "different": item.named or None,
        "capacity": {field.name: getattr(settings.capacity, field.name) for field in fields(Capacity)},
        "cadence": {field.name: list(getattr(settings.cadence, field.name)) for field in fields(CadenceRules)},
        **_tally(item.result.tally),
    }


def _tally(found: Tally) -> dict[str, Any]:
    share = found.precision
    return {
        "proposed": found.proposed,
        "people": found.people,
        **{outcome.replace("-", "_"): count for outcome, count in found.outcomes.items()},
        "judged": found.judged,
        "precision": None if share is None else round(share, 3),
        "met_soon": found.soon,
        "missed": found.missed,
        "no_place": found.full,
    }


def _judged(row: Judged, session: Session) -> dict[str, Any]:
    item = row.proposed
    return {
        "week": row.week,
        "decided": documents.moment(item.decided, session.zone),
        "at": documents.moment(item.at, session.zone),
        "person": item.person,
        "name": item.name,
        "kind": item.kind,
        "reason": item.reason,
        "outcome": row.outcome,
        "touch": _touch(row.touch, session),
        "met_soon": row.soon,
    }


def _missed(item: Missed, session: Session) -> dict[str, Any]:
    return {
        "week": item.week,
        "person": item.person,
        "name": item.name,
        "touch": _touch(item.touch, session),
        "days": round(item.days, 1),
        "why": item.why or None,
    }


def _touch(item: Touchpoint | None, session: Session) -> dict[str, Any] | None:
    if item is None:
        return None
    return {"key": item.key.replace("\t", " "), "kind": item.kind, "at": documents.moment(item.at, session.zone)}
