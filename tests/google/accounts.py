"""Whose data is it? One Google account with all that it holds, and what a request may know while it is answered."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime

from .calendars import Calendars
from .mailbox import Mailbox
from .switches import Switches
from .tasks import Tasks


@dataclass(slots=True, kw_only=True)
class Account:
    """One account: its mailbox, calendars and tasks, and the quota it spent."""

    email: str
    zone: str
    mailbox: Mailbox
    calendars: Calendars
    tasks: Tasks
    units: Counter[str] = field(default_factory=Counter)
    recent: dict[str, deque[tuple[datetime, int]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Who asks, when, and what their token allows: the scopes by which this very method may be called."""

    account: Account
    now: datetime
    scopes: frozenset[str]
    useful: frozenset[str]
    project: str
    switches: Switches
