"""What did the user say, what did Kith write, and how do the accounts stand?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from daemon.model.words import EntryKind, EntryState


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Something decided, by the user or by Kith, at a time, with a reason.

    ``kind`` and what ``about`` and ``value`` hold:

    ====================  =========================  ==========================================
    mark / unmark         person id                  one of ``MARKS``
    circle                person id                  one of ``CIRCLES``
    tone                  person id                  formal, familiar
    language / every      person id                  language code; days
    note                  person id                  the text
    keep                  address                    "" (this address is a person, for good)
    merge                 person id                  the other person id
    split                 person id                  the address taken out, or the id of a card
    slot / slot-free      person id                  reason in words
    confirm               ""                         hash of the ``[write]`` table
    sign                  person id                  kind of touch the user reported (N1)
    x                     person id                  key of the event or entry it was said about
    promise               person id                  what was promised; ``reason``: the day it is due (ISO 8601)
    agreed                person id                  key of the introduction that they said yes to, as the user says
    card                  person id                  the name; ``reason`` holds the rest (``detect.cards``)
    offered               person id                  a mark that Kith proposed: it does so once
    told                  ""                         a title in which the user promised something (``daemon.told``)
    purpose               series or folded title     what a group is for now, in the user's words
    title                 folded title               ``open`` or ``closed``: whether events of that title are open ones
    ====================  =========================  ==========================================
    """

    key: str
    at: datetime
    kind: str
    about: str
    value: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What a reminder that stands is to become, in the fields that are still Kith's: the user's stay as they are."""

    title: str
    body: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the outbox: what Kith writes, for whom, why, and what became of it.

    ``key`` is kind, person, a hash of the fact that made it due, and the cycle, joined by slashes; never today's date.
    ``start`` and ``end`` are None for drafts, whose ``title`` is the subject; ``person`` is "" for ``NOTICES`` and
    ``LOOKING_BACK``.
    """

    key: str
    kind: EntryKind
    person: str
    account: str
    reason: str
    fact: str
    """Key of the touchpoint that made it due (first meeting, last touch)."""
    cycle: int
    evidence: tuple[str, ...]
    title: str
    body: str
    start: datetime | None = None
    end: datetime | None = None
    alarm: int | None = None
    to: str | None = None
    """Drafts: the folded address; of a notice or a review that stands among them an own one."""
    to_name: str = ""
    second: str | None = None
    """Drafts: the folded address of the other of two that it goes to: an introduction."""
    second_name: str = ""
    sender: str | None = None
    state: EntryState = "waiting"
    decided: datetime | None = None
    settled: datetime | None = None
    """When ``state`` last changed."""
    ref: str | None = None
    fingerprint: str | None = None
    problem: str = ""
    also: tuple[str, ...] = ()
    """Roundups: the other persons on the list."""
    leaving: str = ""
    """Why it is about to be taken back; "" while it may stand."""
    found_title: str = ""
    """The title as it was last read, once the user had changed it; so ``found_body``."""
    found_body: str = ""
    amended: Amendment | None = None
    """What it is about to become; what stands is not looked at until that is carried out."""
    thread: str | None = None
    """Drafts: the thread it goes on with, by the id of its beginning (``Touchpoint.thread``); None for a new mail."""
    in_reply_to: str | None = None
    """Drafts: the Message-ID of the mail it answers."""
    changed: bool = False
    """The user has changed its words, whatever became of it then."""
    place: str = ""
    """Drafts: the key under which it stands where it took the place of an earlier one; "" for its own."""
    html: str = ""
    """Drafts: what stands as HTML beside the text; only until it is written, then the fingerprint tells of it."""

    @property
    def outside(self) -> str:
        """The key under which it stands outside."""
        return self.place or self.key

    @property
    def is_draft(self) -> bool:
        """Tell whether it stands among the drafts: one to somebody, or to the user (``is_to_oneself``)."""
        return self.kind == "draft" or self.to is not None

    @property
    def is_to_oneself(self) -> bool:
        """Tell whether it is a draft of the user's to themself: a notice where no calendar can be written, a review."""
        return self.is_draft and self.kind != "draft"

    @property
    def is_amending(self) -> bool:
        """Tell whether it stands and is to be amended, or was amended and not settled."""
        return self.amended is not None and self.ref is not None and not self.is_draft


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """How a source stands: the cursor, how much it listed, and since when it is or is not well."""

    account: str
    kind: str
    cursor: Mapping[str, Any] | None = None
    listed: int | None = None
    caught_up: bool = False
    current: bool = False
    """The newest 24 months are in, so that people may be written about; so is whatever is caught up."""
    last_success: datetime | None = None
    problem: str = ""
    """Code: unavailable, needs-login, bad-data, suspicious; "" when well."""
    detail: str = ""
    remedy: str = ""
    problem_since: datetime | None = None
    notes: tuple[str, ...] = ()
    skipped: int = 0
    reads: Literal["events", "mail"] = "events"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A login that ended: of which account, what it was for (calendar, mail, drafts), and what mends it.

    ``CONFIGURATION`` in its place: a new configuration was refused, and the one before goes on. ``DISK``: there is
    hardly any room left for the state.
    """

    account: str
    login: str
    remedy: str
