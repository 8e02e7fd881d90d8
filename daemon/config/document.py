"""Is everything in the document as it should be? Checks table by table, and the tables against each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from connectors._address import fold
from daemon.config import tables
from daemon.config.accounts import Accounts, Ground, check_write, read_accounts
from daemon.config.credentials import with_ping
from daemon.config.places import state_path
from daemon.config.problems import Problem, dotted, explain, nearest, unknown
from daemon.model import Wish

T = TypeVar("T", bound=tables.Table)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the document says: everything that could be read, and the problems of the rest."""

    tables: Mapping[str, Any]
    """By name, those of ``tables.TABLES``; None for one with a problem."""
    state: Path
    state_named: bool
    people: Mapping[str, Wish]
    tags: Mapping[str, Wish]
    accounts: Accounts
    problems: tuple[Problem, ...]


def examine(document: dict[str, Any], base: Path, environ: Mapping[str, str]) -> Said:
    """Return what ``document`` says; its paths are relative to the folder ``base``."""
    reading = _Reading(document=document, problems=[])
    reading.problems += [unknown((key,), tables.KEYS) for key in document if key not in tables.KEYS]
    state, state_named = state_path(_state(reading), base, environ)
    document["run"] = with_ping(document.get("run", {}), environ, reading.problems)
    found = {name: reading.table(name, model) for name, model in tables.TABLES.items()}
    tags = _tags(reading)
    people = _people(reading, tags)
    accounts = read_accounts(reading.entries("accounts"), Ground(base=base, state=state, environ=environ))
    reading.problems += accounts.problems
    _check_together(reading, found, accounts)
    problems = tuple(reading.problems)
    return Said(
        tables=found,
        state=state,
        state_named=state_named,
        people=people,
        tags=tags,
        accounts=accounts,
        problems=problems,
    )


@dataclass(slots=True)
class _Reading:
    """A document on its way to a configuration, with the problems found so far."""

    document: dict[str, Any]
    problems: list[Problem]

    def table(self, name: str, model: type[T]) -> T | None:
        """Return the table ``name``, or None with its problems noted."""
        return self.entry((name,), self.document.get(name, {}), model)

    def entry(self, path: tuple[str, ...], value: object, model: type[T]) -> T | None:
        """Return ``value`` as ``model``, or None with its problems noted under ``path``."""
        try:
            return model.model_validate(value)
        except ValidationError as error:
            self.problems += explain(error, path, model.model_fields)
            return None

    def entries(self, name: str) -> dict[str, object]:
        """Return the sub-tables of ``name``, empty with a problem noted if it is no table."""
        value = self.document.get(name, {})
        if isinstance(value, dict):
            return value
        self.problems.append(Problem(path=name, text="must be a table"))
        return {}


def _state(reading: _Reading) -> str | None:
    state = reading.document.get("state")
    if state is None or (isinstance(state, str) and state and state.isprintable()):
        return state
    reading.problems.append(Problem(path="state", text="must be the name of a folder in quotes"))
    return None


def _tags(reading: _Reading) -> dict[str, Wish]:
    wishes = {}
    for name, value in reading.entries("tags").items():
        table = reading.entry(("tags", name), value, tables.TagTable)
        wishes[name] = Wish(**table.model_dump()) if table else Wish()
    return wishes


def _people(reading: _Reading, tags: Mapping[str, Wish]) -> dict[str, Wish]:
    wishes: dict[str, Wish] = {}
    for number, (key, value) in enumerate(reading.entries("people").items(), 1):
        path = ("people", f"#{number}")  # the key is an address: not repeated
        table = reading.entry(path, value, tables.PersonTable)
        address = fold(key)
        if address is None or address in wishes:
            text = (
                "is named twice" if address else 'must be named by a mail address in quotes: [people."ada@example.com"]'
            )
            reading.problems.append(Problem(path=dotted(*path), text=text))
        elif table is not None:
            wishes[address] = Wish(**table.model_dump(exclude={"tags"}), tags=tuple(table.tags))
            reading.problems += _unknown_tags(path, table.tags, tags)
    return wishes


def _unknown_tags(path: tuple[str, ...], named: list[str], tags: Mapping[str, Wish]) -> list[Problem]:
    return [
        Problem(path=dotted(*path, "tags"), text=f"entry {number} has no table [tags.NAME]", hint=nearest(name, tags))
        for number, name in enumerate(named, 1)
        if name not in tags
    ]


def _check_together(reading: _Reading, found: Mapping[str, tables.Table | None], accounts: Accounts) -> None:
    match found["routine"]:
        case tables.RoutineTable(blocks=blocks, days_off=off) if {block.weekday for block in blocks} <= set(off):
            text = "all of them are on days off: no reminder could stand anywhere"
            reading.problems.append(Problem(path="routine.blocks", text=text))
    place = "routine.review_draft"
    match found["routine"], found["write"]:
        case tables.RoutineTable(review_draft=True, review=None), _:
            reading.problems.append(Problem(path=place, text="there is no review to be a draft: review is false"))
        case tables.RoutineTable(review_draft=True), tables.WriteTable(drafts=None):
            hint = "choose one in [write] drafts"
            reading.problems.append(Problem(path=place, text="no account takes drafts", hint=hint))
    me = found["me"]
    zone = me.timezone.key if isinstance(me, tables.MeTable) else "UTC"
    reading.problems += check_write(reading.document.get("write"), accounts, zone)
