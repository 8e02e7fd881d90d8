"""What does the configuration file say? Reads it whole and tells everything that is wrong with it at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from connectors._address import fold
from connectors.model import Model
from connectors.records import Account
from daemon.config.beside import HOLIDAYS, TARGETS, days_off, read_targets
from daemon.config.document import Said, examine
from daemon.config.places import located
from daemon.config.problems import ConfigError
from daemon.config.reading import read_document
from daemon.config.tables import MeTable, RoutineTable, StrengthTable, WordsTable, WriteTable
from daemon.config.values import holidays_of
from daemon.model import DEFAULT_WEIGHTS, CadenceRules, Capacity, Me, Routine, Settings, StrengthRules


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
    beside: Mapping[str, Path]
    """Files that are read with the configuration, by the key that names them."""
    model: Model | None
    """Who says drafts in other words; None: nobody."""
    every: timedelta
    """Time between two ticks of ``kith run``."""
    ping: str | None
    """Where a watcher is told how each tick went."""
    private_hosts: frozenset[str]
    """Hosts at home on which the watcher may be."""
    metrics: Path | None
    """The file for Prometheus's textfile collector."""


def load(path: Path, environ: Mapping[str, str], today: date) -> Configuration:
    """Return the configuration at ``path``.

    ``environ`` gives ``HOME``, ``STATE_DIRECTORY`` and ``XDG_STATE_HOME``; ``today`` says which years' holidays are
    needed. Reads the files that it names beside itself. Raises ConfigError with all problems at once.
    """
    path = path.absolute()
    said = examine(read_document(path), path.parent, environ)
    if said.problems:
        raise ConfigError(said.problems)
    write, folder, run = said.tables["write"], said.tables["words"].folder, said.tables["run"]
    named = {"me.targets": said.tables["me"].targets, "routine.holidays": said.tables["routine"].holidays}
    beside = {key: located(name, path.parent, environ) for key, name in named.items() if name}
    return Configuration(
        path=path,
        state=said.state,
        state_named=said.state_named,
        settings=_settings(said, today, beside),
        accounts=said.accounts.opened,
        kinds=said.accounts.kinds,
        write_confirmed=write.confirmed,
        write_hash=_hash(write),
        templates_folder=located(folder, path.parent, environ) if folder else None,
        beside=beside,
        model=_model(said.tables["words"]),
        every=run.every,
        ping=run.ping,
        private_hosts=frozenset(run.private_hosts),
        metrics=located(run.metrics, path.parent, environ) if run.metrics else None,
    )


def _model(words: WordsTable) -> Model | None:
    if words.endpoint is None:
        return None
    return Model(endpoint=words.endpoint, model=words.model, private_hosts=tuple(words.private_hosts))


def _settings(said: Said, today: date, beside: Mapping[str, Path]) -> Settings:
    found, write = said.tables, said.tables["write"]
    targets = read_targets(beside[TARGETS]) if TARGETS in beside else ()
    return Settings(
        me=_me(found["me"]),
        routine=_routine(found["routine"], found["me"], beside.get(HOLIDAYS), today),
        capacity=Capacity(**found["capacity"].model_dump()),
        strength=_strength(found["strength"]),
        cadence=CadenceRules(**found["cadence"].model_dump()),
        people=said.people,
        tags=said.tags,
        lists=frozenset(found["lists"].addresses),
        signature=found["words"].signature,
        reminders=write.reminders,
        drafts=write.drafts,
        received=frozenset(name for name, account in said.accounts.opened.items() if vars(account).get("received")),
        hints=_hints(said.accounts.opened),
        calendars=_calendars(said.accounts.opened),
        targets=targets,
    )


def _hints(accounts: Mapping[str, Account]) -> Mapping[str, tuple[str, ...]]:
    """Return the platforms that each account listens to; of an account of another kind there are none."""
    found = {name: tuple(vars(account).get("hints", ())) for name, account in accounts.items()}
    return {name: platforms for name, platforms in found.items() if platforms}


def _calendars(accounts: Mapping[str, Account]) -> frozenset[str]:
    """Return the ids of the calendars read that are addresses, folded."""
    ids = (fold(name) for account in accounts.values() for name in vars(account).get("calendars", ()))
    return frozenset(name for name in ids if name is not None)


def _me(table: MeTable) -> Me:
    return Me(
        name=table.name,
        addresses=tuple(dict.fromkeys(table.addresses)),
        zone=table.timezone,
        language=table.language,
        hours=table.hours,
        open_domains=frozenset(table.open_domains),
    )


def _routine(table: RoutineTable, me: MeTable, holidays: Path | None, today: date) -> Routine:
    named = days_off(holidays, me.timezone.key, today) if holidays is not None else frozenset()
    return Routine(
        blocks=tuple(table.blocks),
        length=table.length,
        days_off=frozenset(table.days_off),
        review=table.review,
        review_draft=table.review_draft,
        holidays=holidays_of(me.country, today) | named,
        ignore_titles=tuple(title.casefold() for title in table.ignore_titles),
        diary=table.diary,
    )


def _strength(table: StrengthTable) -> StrengthRules:
    weights = {**DEFAULT_WEIGHTS, **table.weights}
    return StrengthRules(weights=weights, half_life=table.half_life, day_limit=table.day_limit)


def _hash(write: WriteTable) -> str:
    said = json.dumps(write.model_dump(exclude={"confirmed"}), sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:32]
