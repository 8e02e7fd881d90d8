"""What does every piece of work begin with? The configuration, the state, and the day to look from."""

from __future__ import annotations

import os
import time as clock
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from connectors.files import read_bounded
from connectors.records import Keeping, Standing
from daemon.config import Configuration, default_path, load
from daemon.ledger import Busy, Ledger, is_cramped, open_ledger
from daemon.model import OPEN_STATES, Entry, Loss, Vocabulary
from daemon.plan.notices import DISK
from daemon.state import Memory
from daemon.vocabulary import load_templates, load_vocabulary
from daemon.world import Quiet, World

T = TypeVar("T")
BUILT = datetime(2020, 1, 1, tzinfo=UTC)
"""No clock that is set says less: a small machine without a battery begins in 1970."""
LOCK_PATIENCE = 10.0
"""Seconds a command waits for a tick under way to end."""


class ClockUnset(Exception):
    """This machine does not know what day it is: nothing is read, judged or written then (reliability T1)."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """The ground of a command or a tick: the configuration, and ``now`` (aware)."""

    configuration: Configuration
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        """The user's time zone."""
        return self.configuration.settings.me.zone

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The word lists of every language: people have titles in several."""
        return load_vocabulary()

    @cached_property
    def templates(self) -> Mapping[str, str]:
        """The templates, the user's own in place of ours. Raises OSError or ValueError for a file of theirs."""
        return load_templates(self.configuration.templates_folder)

    @cached_property
    def key(self) -> str:
        """Hash of the configuration file and the templates: the same key means the same wishes."""
        texts = (
            _read(self.configuration.path),
            *(_read(path) for _, path in sorted(self.configuration.beside.items())),
            *(text.encode() for _, text in sorted(self.templates.items())),
        )
        return sha256(b"\0".join(texts)).hexdigest()[:16]

    @contextmanager
    def ledger(self, *, write: bool) -> Iterator[Ledger]:
        """Open the state; to write, wait a little for a tick under way. Raises Busy after that, ClockUnset."""
        if write:
            prove_clock()
        state = self.configuration.state
        ledger = patiently(lambda: open_ledger(state)) if write else open_ledger(state, write=False)
        try:
            yield ledger
        finally:
            ledger.close()

    def memory(self, ledger: Ledger) -> Memory:
        """Return what is known on this session's day."""
        made = self.configuration
        return Memory(ledger, made.settings, self.vocabulary, self.now, made.accounts)

    def world(self, accept: frozenset[str] = frozenset(), *, anew: bool = False, quiet: Quiet | None = None) -> World:
        """Open the accounts. ``accept``, ``anew`` and ``quiet`` are those of ``World``."""
        made = self.configuration
        settings, zone = made.settings, self.zone.key
        sources = {name: item for name, a in made.accounts.items() if (item := a.open_source(name, zone)) is not None}
        reminders, drafts = settings.reminders, settings.drafts
        return World(
            settings=settings,
            vocabulary=self.vocabulary,
            templates=self.templates,
            sources=sources,
            kinds=made.kinds,
            reminders=made.accounts[reminders].open_reminders(reminders, zone) if reminders else None,
            drafts=made.accounts[drafts].open_drafts(drafts, zone) if drafts else None,
            write_hash=made.write_hash,
            write_confirmed=made.write_confirmed,
            accept=accept,
            say_again=made.model.say_again if made.model is not None else None,
            losses=lambda: tuple(self.losses()),
            anew=anew,
            key=self.key,
            quiet=quiet,
        )

    def standing(self, name: str) -> Standing | None:
        """Return how the account ``name`` stands by what it keeps itself; None for one that keeps nothing."""
        account, settings = self.configuration.accounts[name], self.configuration.settings
        if not isinstance(account, Keeping):
            return None
        writes = {use for use in ("reminders", "drafts") if getattr(settings, use) == name}
        return account.standing(name, self.zone.key, frozenset(writes), self.now)

    def losses(self) -> Iterator[Loss]:
        """Yield what ended or is about to: logins, and the room for the state while that can still be said."""
        state = self.configuration.state
        if is_cramped(state):
            yield Loss(account="", login=DISK, remedy=f"df -h {state}")
        for name in self.configuration.accounts:
            standing = self.standing(name)
            for item in standing.logins if standing else ():
                if item.trouble and not item.missing:
                    yield Loss(account=name, login=item.name, remedy=item.remedy)

    def worlds(self, entries: Iterable[Entry]) -> Iterator[World]:
        """Open one world for each place that is written into: those chosen, then those in which some of ``entries``
        stand from before."""
        world, made, zone = self.world(), self.configuration, self.zone.key
        chosen = made.settings
        before = {(item.account, item.is_draft) for item in entries if item.state in OPEN_STATES}
        places = dict.fromkeys(((chosen.reminders, False), (chosen.drafts, True), *sorted(before)))
        for name, is_draft in places:
            account = made.accounts.get(name or "")
            if account is None:
                continue
            reminders = None if is_draft else account.open_reminders(name or "", zone)
            drafts = account.open_drafts(name or "", zone) if is_draft else None
            if reminders is not None or drafts is not None:
                settings = replace(
                    chosen,
                    reminders=name if reminders is not None else None,
                    drafts=name if drafts is not None else None,
                )
                yield replace(world, reminders=reminders, drafts=drafts, settings=settings)

    def settle(self) -> None:
        """Let the accounts write down what is theirs to remember, once a tick: counts of what they spent."""
        for name, account in self.configuration.accounts.items():
            if isinstance(account, Keeping):
                account.settle(name)


def open_session(config: Path | None, now: datetime | None = None) -> Session:
    """Read the configuration (None: where it is by default). Raises ConfigError."""
    moment = datetime.now(UTC)
    configuration = load(config or default_path(os.environ), os.environ, moment.date())
    return Session(configuration=configuration, now=now or moment)


def prove_clock() -> None:
    """Raise ClockUnset if this machine's clock is not set."""
    moment = datetime.now(UTC)
    if moment < BUILT:
        raise ClockUnset(f"this machine's clock says {moment:%Y-%m-%d}: nothing is read or written until it is set")


def _read(path: Path) -> bytes:
    """Return what the configuration file says now; nothing once it is gone, which is said where it is read anew."""
    try:
        return read_bounded(path, 1 << 20)
    except (OSError, ValueError):
        return b""


def patiently(take: Callable[[], T]) -> T:
    """Return what ``take`` returns, tried again for a while as long as it raises Busy."""
    deadline = clock.monotonic() + LOCK_PATIENCE
    while True:
        try:
            return take()
        except Busy:
            if clock.monotonic() > deadline:
                raise
            clock.sleep(0.1)
