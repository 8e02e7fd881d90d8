"""What does Kith say of itself? One event to shake hands with, one for each login that was lost, and the sentinel
(PRACTICE 8).

None is about a person: they need only the user's yes to writing, no finished import and no open eyes, and stand
outside the budget.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from daemon import compose
from daemon.model import OPEN_STATES, UNDONE, Entry, EntryKind, Loss, Plan, Settings, Withdrawal, local_day
from daemon.plan.agenda import DAY, at_time
from daemon.plan.overtaken import STALE, can_leave
from daemon.plan.sentinel import sentinel

QUARTER = timedelta(minutes=15)
AWAKE = (time(8), time(21))
"""Nobody's phone rings for trouble outside these hours."""
REST = timedelta(days=7)
"""A notice that was deleted, or stood unanswered, comes again after this if the trouble lasts."""
GREETING = "handshake"
CONFIGURATION = "configuration"
"""In place of a login: the configuration was refused."""
DISK = "disk"
"""In place of a login: there is hardly any room left for the state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What there is to know before saying something: the whole outbox, the lost logins by what they are called here."""

    entries: Sequence[Entry]
    lost: Mapping[str, Loss]
    settings: Settings
    now: datetime
    templates: Mapping[str, str]

    def write(self) -> Iterator[Entry]:
        """Yield what is to be written."""
        reminders = self.settings.reminders
        if reminders is not None and all(entry.is_draft or entry.account != reminders for entry in self.entries):
            words = compose.notice("handshake", {}, self.settings.me.language, self.templates)
            yield _entry(self, "handshake", GREETING, words)
        for about, loss in sorted(self.lost.items()):
            if not self._is_told(about):
                values, today = {"login": loss.login, "remedy": loss.remedy}, local_day(self.now, self.settings.me.zone)
                words = compose.notice("notice", values, self.settings.me.language, self.templates, today)
                made = _entry(self, "notice", about, words)
                yield to_oneself(made, self.settings) if self._needs_draft() else made

    def withdraw(self) -> Iterator[Withdrawal]:
        """Yield what is no longer true, or stood for long enough."""
        for entry in self.entries:
            if entry.kind not in {"handshake", "notice"} or not can_leave(entry):
                continue
            stood, since = REST if entry.kind == "notice" else STALE, entry.start or entry.decided
            if entry.kind == "notice" and entry.fact not in self.lost:
                yield Withdrawal(key=entry.key, why="mended")
            elif since is not None and since + stood <= self.now:
                yield Withdrawal(key=entry.key, why="passed")

    def _needs_draft(self) -> bool:
        """Tell whether no calendar can be written: there is none, or its login is lost and that to the drafts lives."""
        lost, drafts = {(loss.account, loss.login) for loss in self.lost.values()}, self.settings.drafts
        blind = self.settings.reminders is None or (self.settings.reminders, "calendar") in lost
        return blind and drafts is not None and (drafts, "drafts") not in lost

    def _is_told(self, about: str) -> bool:
        return any(entry.fact == about and self._holds(entry) for entry in self.entries)

    def _holds(self, entry: Entry) -> bool:
        """Tell whether ``entry`` stands, or was deleted, not long ago."""
        last = entry.start or entry.decided if entry.state in OPEN_STATES else entry.settled
        said = entry.state in OPEN_STATES or entry.state == "dismissed" or entry.problem == UNDONE
        return said and (last is None or self.now < last + REST)


def notices(
    entries: Sequence[Entry], losses: Iterable[Loss], settings: Settings, now: datetime, templates: Mapping[str, str]
) -> Plan:
    """Return what to write about Kith itself, what to move, and which notices are no longer true; ``entries`` is the
    whole outbox."""
    if settings.reminders is None and settings.drafts is None:
        return Plan()
    lost = {f"login/{loss.account}/{loss.login}": loss for loss in losses}
    board = Board(entries=entries, lost=lost, settings=settings, now=now, templates=templates)
    own = Plan() if settings.reminders is None else sentinel(entries, settings, now, templates)
    return Plan(write=(*board.write(), *own.write), amend=own.amend, withdraw=(*board.withdraw(), *own.withdraw))


def _entry(board: Board, kind: EntryKind, about: str, words: compose.Words) -> Entry:
    cycle = sum(entry.fact == about for entry in board.entries)
    start = _next_quarter(board.now)
    start = _waking(start, board.settings.me.zone) if kind == "notice" else start
    return Entry(
        key=f"{kind}//{sha256(about.encode()).hexdigest()[:10]}/{cycle}",
        kind=kind,
        person="",
        account=board.settings.reminders or "",
        reason=_reason(kind, about),
        fact=about,
        cycle=cycle,
        evidence=(about,),
        title=words.title,
        body=words.body,
        start=start,
        end=start + QUARTER,
        alarm=0 if kind == "notice" else None,
        decided=board.now,
    )


def to_oneself(entry: Entry, settings: Settings) -> Entry:
    """Return ``entry`` as a draft of the user's to themself: it may say Kith, for nobody else will ever read it."""
    own, name = settings.me.addresses[0], settings.me.name
    about: dict[str, Any] = {"account": settings.drafts, "to": own, "to_name": name, "sender": own}
    return replace(entry, **about, start=None, end=None, alarm=None)


def _reason(kind: EntryKind, about: str) -> str:
    if kind != "notice":
        return "first-event"
    return {CONFIGURATION: "refused", DISK: "disk-full"}.get(about.rpartition("/")[2], "login-lost")


def _next_quarter(now: datetime) -> datetime:
    return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) + QUARTER


def _waking(at: datetime, zone: ZoneInfo) -> datetime:
    """Return ``at``, or the next morning when that is in the night."""
    clock, day = at.astimezone(zone).time(), local_day(at, zone)
    if AWAKE[0] <= clock < AWAKE[1]:
        return at
    return at_time(day if clock < AWAKE[0] else day + DAY, AWAKE[0], zone)
