"""What does the configuration file say? Reads it whole and tells everything that is wrong with it at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from connectors._address import fold
from connectors.records import Account
from daemon.config import tables
from daemon.config.accounts import Accounts, check_write, read_accounts
from daemon.config.places import located, state_path
from daemon.config.problems import ConfigError, Problem, dotted, explain, nearest, unknown
from daemon.config.reading import read_document
from daemon.config.values import holidays_of
from daemon.model import DEFAULT_WEIGHTS, CadenceRules, Capacity, Me, Routine, Settings, StrengthRules, Wish

T = TypeVar("T", bound=tables.Table)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A valid configuration: what the rooms need of it, and how the accounts are opened."""

    path: Path
    state: Path
    state_named: bool
    """False when neither the key ``state`` nor ``$STATE_DIRECTORY`` said where the state is (C10)."""
    settings: Settings
    accounts: Mapping[str, Account]
    kinds: Mapping[str, str]
    write_confirmed: bool | None
    """``[write] confirmed``: may writing begin? None: the state knows (C36)."""
    write_hash: str
    """Hash of the ``[write]`` table without ``confirmed``: what a confirmation was given for."""
    templates_folder: Path | None
    every: timedelta
    """Time between two ticks of ``kith run``."""


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


def load(path: Path, environ: Mapping[str, str], today: date) -> Configuration:
    """Return the configuration at ``path``.

    ``environ`` gives ``HOME``, ``STATE_DIRECTORY`` and ``XDG_STATE_HOME``; ``today`` says which years' holidays are
    needed. Looks at no other file. Raises ConfigError with all problems at once.
    """
    path = path.absolute()
    reading = _Reading(document=read_document(path), problems=[])
    reading.problems += [unknown((key,), tables.KEYS) for key in reading.document if key not in tables.KEYS]
    state = _state(reading)
    found = {name: reading.table(name, model) for name, model in tables.TABLES.items()}
    tags = _tags(reading)
    people = _people(reading, tags)
    accounts = read_accounts(reading.entries("accounts"), path.parent, environ)
    reading.problems += accounts.problems
    _check_together(reading, found, accounts)
    if reading.problems:
        raise ConfigError(reading.problems)
    return _configuration(path, state, environ, found, people, tags, accounts, today)


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
            text = "is named twice" if address else 'must be named by a mail address in quotes: [people."ada@example.com"]'
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
    match found["write"], found["me"]:
        case tables.WriteTable() as write, me:
            zone = me.timezone.key if isinstance(me, tables.MeTable) else "UTC"
            reading.problems += check_write(write, accounts, zone)


def _configuration(
    path: Path,
    state: str | None,
    environ: Mapping[str, str],
    found: Mapping[str, Any],
    people: Mapping[str, Wish],
    tags: Mapping[str, Wish],
    accounts: Accounts,
    today: date,
) -> Configuration:
    place, named = state_path(state, path.parent, environ)
    write, folder = found["write"], found["words"].folder
    return Configuration(
        path=path,
        state=place,
        state_named=named,
        settings=_settings(found, people, tags, today),
        accounts=accounts.opened,
        kinds=accounts.kinds,
        write_confirmed=write.confirmed,
        write_hash=_hash(write),
        templates_folder=located(folder, path.parent, environ) if folder else None,
        every=found["run"].every,
    )


def _settings(
    found: Mapping[str, Any], people: Mapping[str, Wish], tags: Mapping[str, Wish], today: date
) -> Settings:
    write = found["write"]
    return Settings(
        me=_me(found["me"]),
        routine=_routine(found["routine"], found["me"].country, today),
        capacity=Capacity(**found["capacity"].model_dump()),
        strength=_strength(found["strength"]),
        cadence=CadenceRules(**found["cadence"].model_dump()),
        people=people,
        tags=tags,
        lists=frozenset(found["lists"].addresses),
        signature=found["words"].signature,
        reminders=write.reminders,
        drafts=write.drafts,
    )


def _me(table: tables.MeTable) -> Me:
    return Me(
        name=table.name,
        addresses=tuple(dict.fromkeys(table.addresses)),
        zone=table.timezone,
        language=table.language,
        hours=table.hours,
        open_domains=frozenset(table.open_domains),
    )


def _routine(table: tables.RoutineTable, country: str | None, today: date) -> Routine:
    return Routine(
        blocks=tuple(table.blocks),
        length=table.length,
        days_off=frozenset(table.days_off),
        holidays=holidays_of(country, today),
        ignore_titles=tuple(title.casefold() for title in table.ignore_titles),
    )


def _strength(table: tables.StrengthTable) -> StrengthRules:
    weights = {**DEFAULT_WEIGHTS, **table.weights}
    return StrengthRules(weights=weights, half_life=table.half_life, day_limit=table.day_limit)


def _hash(write: tables.WriteTable) -> str:
    said = json.dumps(write.model_dump(exclude={"confirmed"}), sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:32]
