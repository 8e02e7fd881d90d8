"""What stands in the files that the configuration names beside itself? Kinds of people wanted, and days off.

A file that is not there says nothing, and ``check`` says that it is missing; one that cannot be believed is a problem
of the configuration.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from connectors.records import ConnectorError, Event
from daemon.config.problems import ConfigError, Problem, dotted, explain, unknown
from daemon.config.reading import read_document
from daemon.config.tables import MOST, TargetTable
from daemon.model import Target

TARGETS, HOLIDAYS = "me.targets", "routine.holidays"
_PLACE = ("me", "targets")


def read_targets(path: Path) -> tuple[Target, ...]:
    """Return the kinds of people in the TOML file at ``path``, none if it is not there. Raises ConfigError."""
    if not path.exists():
        return ()
    try:
        document = read_document(path)
    except ConfigError as error:
        raise ConfigError(_placed(error.problems)) from None
    rows, problems = document.pop("target", []), [unknown((*_PLACE, key), ("target",)) for key in document]
    if not isinstance(rows, list) or len(rows) > MOST:
        raise ConfigError([*problems, Problem(path=TARGETS, text=f"has to be a list of [[target]], {MOST} at most")])
    made = [_target(number, row, problems) for number, row in enumerate(rows, 1)]
    kinds = [target.kind.casefold() for target in made if target is not None]
    twice = next((kind for kind in kinds if kinds.count(kind) > 1), None)
    if twice is not None:
        problems.append(Problem(path=TARGETS, text=f"target #{kinds.index(twice) + 1} stands there twice"))
    if problems:
        raise ConfigError(problems)
    return tuple(target for target in made if target is not None)


def _target(number: int, row: object, problems: list[Problem]) -> Target | None:
    path = (*_PLACE, f"#{number}")
    try:
        table = TargetTable.model_validate(row)
    except ValidationError as error:
        problems += explain(error, path, TargetTable.model_fields)
        return None
    if not (table.names or table.words or table.domains):
        text = "needs names, words or domains: else nobody can be told to be one"
        problems.append(Problem(path=dotted(*path), text=text))
        return None
    values_of: dict[str, Any] = table.model_dump()
    return Target(kind=table.kind, **{name: tuple(values_of[name]) for name in ("names", "words", "domains")})


def _placed(problems: Iterable[Problem]) -> Iterator[Problem]:
    return (Problem(path=TARGETS, text=item.text, hint=item.hint) for item in problems)


def days_off(path: Path, zone: str, today: date) -> frozenset[date]:
    """Return the days that the whole-day events of the calendar file at ``path`` cover, from before ``today`` to 60
    days ahead; none if it is not there. Raises ConfigError if it is no calendar."""
    if not path.exists():
        return frozenset()
    from connectors.ics import IcsSource

    try:
        page = IcsSource("holidays", path, "busy", zone).pull(None, datetime.combine(today, time(), tzinfo=UTC))
    except ConnectorError as error:
        raise ConfigError([Problem(path=HOLIDAYS, text=str(error))]) from None
    events = (item for item in page.items if isinstance(item, Event) and item.status != "cancelled")
    return frozenset(day for event in events for day in _days(event))


def _days(event: Event) -> Iterator[date]:
    """Yield the days of a whole-day event; one that begins at a time is no holiday."""
    if isinstance(event.start, datetime) or isinstance(event.end, datetime):
        return
    for number in range(min((event.end - event.start).days, 366)):
        yield event.start + timedelta(days=number)
