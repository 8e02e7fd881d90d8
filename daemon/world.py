"""What does a tick touch, and what does it tell? The accounts and words it works with, and its report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.records import (
    BadData,
    ConnectorError,
    Draft,
    NeedsLogin,
    Pull,
    Receipt,
    ReminderSink,
    Sink,
    Skipped,
    Source,
)
from daemon.knowledge import Knowledge
from daemon.ledger import Ledger
from daemon.model import Entry, Loss, Plan, Settings, SourceState, State, Vocabulary
from daemon.review import Review, Survey
from daemon.vocabulary import load_mail


@dataclass(frozen=True, kw_only=True)
class Quiet:
    """What a tick left behind when it had decided: with the ledger at ``sequence`` and under the configuration ``key``,
    nothing new is to be decided from ``since`` to ``until`` (the end of that quarter of an hour)."""

    key: str
    sequence: int
    since: datetime
    until: datetime

    def holds(self, key: str, ledger: Ledger, now: datetime) -> bool:
        """Tell whether deciding again would only repeat what was decided."""
        return (self.key, self.sequence) == (key, ledger.sequence) and self.since <= now < self.until


@dataclass(frozen=True, kw_only=True)
class World:
    """All that a tick touches: the settings, the words, the accounts by name."""

    settings: Settings
    vocabulary: Vocabulary
    templates: Mapping[str, str]
    sources: Mapping[str, Source]
    kinds: Mapping[str, str]
    reminders: ReminderSink | None = None
    drafts: Sink[Draft] | None = None
    write_hash: str = ""
    write_confirmed: bool | None = None
    accept: frozenset[str] = frozenset()
    """Accounts whose shrunken listing the user has accepted."""
    key: str = ""
    """Hash of the configuration and the user's templates."""
    quiet: Quiet | None = None
    """What the last tick left behind, if it is known."""
    early: bool = True
    """Decide although more is to be read, as soon as the newest two years are in: not at each page of an import."""
    knowledge: Knowledge = field(default_factory=Knowledge)
    """What is known of the ledger's facts from the tick before, if that was in this process."""
    losses: Callable[[], tuple[Loss, ...]] = tuple
    """Tells which logins are lost; asks nobody."""
    say_again: Callable[[str], str | None] | None = None
    """Says a text in other words, if the user named a model; None from it: no answer came."""
    anew: bool = False
    """The user has just said yes to writing: what is gone as a whole may be begun anew."""

    strange: frozenset[str] = frozenset()
    """Accounts whose login is of somebody else than before: neither looked at nor written into."""
    left_alone: Mapping[str, datetime] = field(default_factory=dict)
    """Accounts that are not to be read, and until when: reading them ended whoever goes on."""
    reading: Callable[[str], object] = str
    """Hears which account is about to be read, "" when that is over."""

    def html(self, found: Review, laid: Survey) -> str:
        """Return the HTML of a review in a draft, "" where it would be too large."""
        from daemon.page import in_mail  # once a week

        return in_mail(found, laid, self.templates, load_mail())


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Something that went wrong: ``code`` foreign, needs-login, bad-data, suspicious, unavailable or rejected."""

    account: str
    code: str
    text: str
    remedy: str = ""
    part: str = ""
    """What could not be looked at or written: reminders or drafts; "" for reading."""


def trouble_of(account: str, error: ConnectorError) -> Trouble:
    """Return what ``error`` means for ``account``."""
    code = "unavailable"
    if isinstance(error, NeedsLogin | BadData):
        code = "needs-login" if isinstance(error, NeedsLogin) else "bad-data"
    remedy = error.remedy if isinstance(error, NeedsLogin) else ""
    return Trouble(account=account, code=code, text=str(error), remedy=remedy)


def receipt_of(ledger: Ledger, entry: Entry) -> Receipt:
    """Return the receipt of what ``entry`` stands for outside."""
    return Receipt(key=ledger.alias(entry.outside), ref=entry.ref or "", fingerprint=entry.fingerprint or "")


@dataclass(frozen=True, kw_only=True)
class Pulled:
    """One source after its page: what came, and how the source stands."""

    state: SourceState
    pull: Pull | None = None
    trouble: Trouble | None = None
    strange: bool = False
    """The login is of somebody else than before."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a tick did, for the one line it logs and for the user.

    ``caught_up`` False: there is more to read, nothing was decided. ``state`` is what it decided on; None when nothing
    was, because more is to be read or nothing has happened since the last tick.
    """

    state: State | None = None
    new: int = 0
    caught_up: bool = False
    plan: Plan = field(default_factory=Plan)
    confirmed: bool = True
    delivered: tuple[Entry, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    skipped: Mapping[str, tuple[Skipped, ...]] = field(default_factory=dict)
    sources: Mapping[str, SourceState] = field(default_factory=dict)
    quiet: Quiet | None = None
    unseen: frozenset[str] = frozenset()
    """What could not be looked at: reminders, drafts."""
