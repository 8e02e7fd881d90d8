"""What every command begins with: the configuration, the state, the day to look from."""

from __future__ import annotations

import os
import time as clock
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from daemon.cli.codes import say
from daemon.config import Configuration, default_path, load
from daemon.ledger import Busy, Ledger, open_ledger
from daemon.model import Person
from daemon.state import Memory
from daemon.tick import World
from daemon.vocabulary import load_templates, load_vocabulary

F = TypeVar("F", bound=Callable[..., Any])

LOCK_PATIENCE = 10.0
"""Seconds a command waits for a tick under way to end."""

config_option = click.option(
    "--config",
    "config",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Configuration [default: $KITH_CONFIG, then $XDG_CONFIG_HOME/kith/config.toml, then /etc/kith/config.toml]",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
now_option = click.option("--now", "now", metavar="ISO", help="Look from another day (date or time, ISO 8601).")


@dataclass(frozen=True, kw_only=True)
class Session:
    """A command's ground: ``now`` is aware; ``looking`` tells that it was given by --now."""

    configuration: Configuration
    now: datetime
    looking: bool

    @property
    def zone(self) -> ZoneInfo:
        """The user's time zone."""
        return self.configuration.settings.me.zone

    @contextmanager
    def ledger(self, *, write: bool) -> Iterator[Ledger]:
        """Open the state; to write, wait a little for a tick under way. Raises Busy after that."""
        ledger = _patiently(self.configuration.state) if write else open_ledger(self.configuration.state, write=False)
        if ledger.torn:
            say(
                "kith: the last commit was cut off by a crash; it lies in corrupt/, nothing else is lost"
            )
        try:
            yield ledger
        finally:
            ledger.close()

    def memory(self, ledger: Ledger) -> Memory:
        """Return what is known on this session's day."""
        settings = self.configuration.settings
        return Memory(ledger, settings, load_vocabulary(_languages(settings.me.language)), self.now)

    def world(self, accept: frozenset[str] = frozenset()) -> World:
        """Open the accounts and read the words."""
        made = self.configuration
        settings, zone = made.settings, self.zone.key
        sources = {name: item for name, a in made.accounts.items() if (item := a.open_source(name, zone)) is not None}
        reminders, drafts = settings.reminders, settings.drafts
        return World(
            settings=settings,
            vocabulary=load_vocabulary(_languages(settings.me.language)),
            templates=load_templates(made.templates_folder),
            sources=sources,
            kinds=made.kinds,
            reminders=made.accounts[reminders].open_reminders(reminders, zone) if reminders else None,
            drafts=made.accounts[drafts].open_drafts(drafts, zone) if drafts else None,
            write_hash=made.write_hash,
            write_confirmed=made.write_confirmed,
            accept=accept,
        )


def open_session(config: Path | None, now: str | None = None) -> Session:
    """Read the configuration. Raises ConfigError, click.UsageError for a bad ``now``."""
    path = config or default_path(os.environ)
    today = datetime.now(UTC)
    configuration = load(path, os.environ, today.date())
    if not configuration.state_named:
        say(f"kith: state in {configuration.state}")
    moment = today if now is None else read_now(now, configuration.settings.me.zone)
    return Session(configuration=configuration, now=moment, looking=now is not None)


def read_now(text: str, zone: ZoneInfo) -> datetime:
    """Return the instant of ``--now``: a day means its noon, no offset means the user's zone (U12)."""
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), time(12), tzinfo=zone).astimezone(UTC)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"--now: not a day or time in ISO 8601: {text[:40]!r}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def find_person(memory: Memory, text: str) -> Person:
    """Return the person meant by an id, an address, or an unambiguous part of a name. Raises click.UsageError."""
    from connectors._address import fold

    people = {person.id: person for person in memory.facts.people}
    known = memory.aliases().get(text)
    if known is not None:
        return people[known]
    address = fold(text)
    words = text.casefold().split()
    exact = [person for person in people.values() if address in person.addresses]
    full = [person for person in people.values() if words and sorted(person.name.casefold().split()) == sorted(words)]
    part = [person for person in people.values() if words and all(word in person.name.casefold() for word in words)]
    found = exact or full or part
    if len(found) == 1:
        return found[0]
    if not found:
        raise click.UsageError("nobody is known by that id, address or name; see: kith people")
    shown = "\n".join(f"  {item.id}  {item.name}  {item.addresses[0]}" for item in found[:10])
    raise click.UsageError(f"{len(found)} people are meant by that; say which, by id or address:\n{shown}")


def _patiently(state: Path) -> Ledger:
    deadline = clock.monotonic() + LOCK_PATIENCE
    while True:
        try:
            return open_ledger(state)
        except Busy:
            if clock.monotonic() > deadline:
                raise
            clock.sleep(0.1)


def _languages(language: str) -> tuple[str, ...]:
    return ("en",) if language == "en" else ("en", language)
