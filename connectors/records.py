"""What crosses the border between Kith and the outside world?

Values, protocols and errors that every connector speaks. Standard library only, and no word of people,
relationships or plans: those are the daemon's.

Conventions: instants are aware ``datetime`` in UTC; an all-day event has ``date`` values (``end`` exclusive, as in
RFC 5545); addresses are folded once by the connector (``connectors._address.fold``), display names are clean single
lines of at most 200 characters; absent is ``None`` or an empty tuple.

The error tree::

    ConnectorError
    +-- Unavailable    the next tick is the retry
    |   +-- Gone       what we write into is gone as a whole
    +-- NeedsLogin     the user has to log in again; the rest goes on
    +-- BadData        the source as a whole cannot be believed (not one item: those are ``Skipped``)
    +-- Rejected       this one write will never be accepted as it is
    +-- Edited         what we wrote is no longer as we wrote it: it is the user's now
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias, TypeVar, runtime_checkable

Answer: TypeAlias = Literal["accepted", "declined", "tentative", "needs-action"]
Role: TypeAlias = Literal["work", "busy", "calls"]
Status: TypeAlias = Literal["confirmed", "tentative", "cancelled"]
EventKind: TypeAlias = Literal[
    "default", "focus", "out-of-office", "working-location", "birthday", "special-day", "from-mail"
]
"""``special-day``: what a contact has every year beside a birthday, and the user's own birthday."""
GuestKind: TypeAlias = Literal["person", "room", "group"]
Cursor: TypeAlias = Mapping[str, Any]
"""Where a source was left: JSON values only, opaque to everybody but the connector that made it."""
HTML_LIMIT = 64 * 1024
"""Bytes of the HTML of a draft; a mail of more than 102 kB is cut by Gmail when it is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A mailbox of RFC 5322: an address and the display name written beside it (empty when none)."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """An attendee of RFC 5545: who is invited and what they answered (PARTSTAT, CUTYPE)."""

    address: str
    name: str = ""
    answer: Answer = "needs-action"
    kind: GuestKind = "person"
    me: bool = False
    """The source itself says that this is the owner of the calendar (Google's ``self``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One occurrence of a calendar event.

    ``key`` is natural: the iCal UID, followed for an occurrence of a series by ``/`` and its original start in UTC
    (``20260211T173000Z``; ``20260211`` when all-day); never the account. ``source_id`` is what the source calls it
    (the UID for iCalendar files) and is shared by the occurrences of a series.
    """

    key: str
    uid: str
    source_id: str
    account: str
    start: datetime | date
    end: datetime | date
    title: str = ""
    calendar: str = ""
    role: Role = "work"
    owned: bool = True
    """The calendar is the user's own, so an event without guests is the user's."""
    series: str | None = None
    organiser: Mailbox | None = None
    guests: tuple[Guest, ...] = ()
    status: Status = "confirmed"
    free: bool = False
    kind: EventKind = "default"
    private: bool = False
    guests_hidden: bool = False
    """The guest list is known to be incomplete (Google's ``attendeesOmitted``)."""
    tagged: bool = False
    """``#kith`` stands in the title or the description."""
    ours: bool = False
    """Written by Kith (X-KITH-KEY): never evidence."""

    @property
    def all_day(self) -> bool:
        """Tell whether the event has dates instead of instants."""
        return not isinstance(self.start, datetime)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The headers of one mail.

    ``key`` is the Message-ID without angle brackets; where it is absent or was reused for another mail, a hash of From,
    Date, To and Subject, or the Message-ID followed by ``#`` and that hash. ``at`` is the Date header when it lies
    within 36 hours of the server's (or the mbox line's) time, else that time; ``None`` when neither can be believed.
    """

    key: str
    account: str
    at: datetime | None
    message_id: str | None = None
    sender: Mailbox | None = None
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    bcc: tuple[Mailbox, ...] = ()
    subject: str = ""
    in_reply_to: str | None = None
    root: str | None = None
    """The first id of References, or In-Reply-To where there are none: the beginning of the thread."""
    sent: bool = True
    """Out of a Sent folder (or carrying Gmail's Sent label); ``False`` for received mail."""
    draft: bool = False
    automatic: bool = False
    """Auto-Submitted other than "no", a bounce (null or daemon sender), or a calendar reply by its Content-Type."""
    bulk: bool = False
    """List-Id, List-Post or Precedence bulk/list/junk."""
    thread: str | None = None
    """What the source itself calls the thread (Gmail's threadId); None where it has no name for threads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """Something to read on the web: out of a feed, or ``saved`` by the user (a reading list, a mail to oneself).

    ``key`` is its address: http or https, printable ASCII without spaces, at most 500 characters, without a login.
    Nothing of it is ever asked for. ``at`` is when it came out or was saved, None when only the day of its first
    reading can tell. ``title`` is a clean line of at most 200 characters, "" when unknown; ``about`` at most 200 more,
    to find by, never to be shown.
    """

    key: str
    account: str
    title: str = ""
    at: datetime | None = None
    saved: bool = False
    about: str = ""


Item: TypeAlias = Event | Message
Platform: TypeAlias = Literal["linkedin"]
"""A platform whose mails an account may be asked to listen to (``hints``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """One item that could not be read: where it stands (position or line, never its content) and why, in words."""

    where: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A promise: the pull holds everything the source has under ``source_id`` from ``start`` to ``end``.

    ``source_id`` None means the whole calendar. A stored event in that span which the pull does not hold is absent.
    """

    source_id: str | None
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """What a source had since a cursor.

    ``gone`` holds source ids that were deleted or cancelled explicitly (of an article: its key). ``listed`` is how many
    items the source holds in all (None when it cannot say), so that the caller can notice a source that came back
    suspiciously empty.
    ``caught_up`` False means: pull again with the new cursor; ``current``: there is more to read, but the newest 24
    months are in. ``notes`` are facts worth telling the user, such as
    "names no guests: titles only".
    """

    cursor: Cursor
    items: tuple[Item, ...] = ()
    gone: tuple[str, ...] = ()
    complete: tuple[Listing, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    caught_up: bool = True
    current: bool = False
    listed: int | None = None
    notes: tuple[str, ...] = ()
    troubles: tuple[ConnectorError, ...] = ()
    """Why a part of the account could not be read while the rest went on; the cursor keeps that part's place."""
    half_read: bool = False
    """A part that could not be read now was never read to its end: ``caught_up`` speaks of the others only."""
    known_only: bool = False
    """Received mail among ``items`` is to be kept only if its sender is known: the source knows no people (T18)."""
    articles: tuple[Article, ...] = ()
    worth_saving: bool = False
    """The cursor has come to know what is not to be asked again, though nothing came."""
    foreign: bool = False
    """The login is of another account than the one that was read so far: nothing was read, the cursor is as it was."""
    hints_only: bool = False
    """Received mail among ``items`` is to be kept only if it is a hint: read for the sake of platforms alone (T19)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """How one login of an account stands: what it is for, and the trouble with it and its remedy, empty when well."""

    name: str
    since: datetime | None = None
    trouble: str = ""
    remedy: str = ""
    missing: bool = False
    """It was never given: a rung that was not climbed yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What an account knows of itself without asking anybody: its logins, what it spent today, notes for the user."""

    logins: tuple[Login, ...] = ()
    spent: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Today's requests and quota units, by service: ``{"gmail": {"requests": 12, "units": 140}}``."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """An event to be written into a calendar of Kith's own. No guests, ever."""

    key: str
    title: str
    body: str
    start: datetime
    end: datetime
    alarm: int | None = None
    """Minutes before ``start`` at which the phone rings; None for a silent one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A mail to be put into Drafts, to exactly one recipient, or to ``second`` as well: an introduction."""

    key: str
    sender: Mailbox
    to: Mailbox
    subject: str
    body: str
    at: datetime
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    """What stands in References before the mail that is answered: the beginning of the thread."""
    thread: str | None = None
    """The ``Message.thread`` of the mail that is answered: Gmail puts no answer into a thread without it."""
    second: Mailbox | None = None
    html: str = ""
    """The same for who reads mail as HTML: a whole document of ``HTML_LIMIT`` bytes at most; "" for a mail of text
    alone."""

    @property
    def recipients(self) -> tuple[Mailbox, ...]:
        """Whom it goes to."""
        return (self.to,) if self.second is None else (self.to, self.second)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Proof of a write: what the other side calls it, and the fingerprint of what it then held."""

    key: str
    ref: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of something we wrote, decided by id and content, never by guess.

    ``state``: ``untouched``; ``edited`` (its text); ``moved`` (its time only; ``at`` says where to); ``done`` (ticked
    off, edited or not); ``gone`` (it is not there any more). ``title`` and ``body`` are as found.
    """

    key: str
    state: Literal["untouched", "edited", "moved", "done", "gone"]
    at: datetime | None = None
    title: str = ""
    body: str = ""


T_contra = TypeVar("T_contra", Reminder, Draft, contravariant=True)


class Source(Protocol):
    """Reads records. Read-only: a pull changes nothing on the other side."""

    @property
    def name(self) -> str:
        """The account's name in the configuration."""
        ...

    def pull(self, cursor: Cursor | None, now: datetime) -> Pull:
        """Return what is new since ``cursor`` (None: from the beginning), at most one page.

        Raises Unavailable, NeedsLogin or BadData. Never raises for one bad item.
        """
        ...


class Sink(Protocol[T_contra]):
    """Writes reminders or drafts; every verb is idempotent and touches only what carries our key."""

    def look(self, receipts: Sequence[Receipt]) -> tuple[Fate, ...]:
        """Tell what became of each of ``receipts``, in their order."""
        ...

    def count(self) -> int:
        """Return how many things stand there that Kith wrote, whatever ledger it had then. Raises Unavailable."""
        ...

    def find(self, key: str) -> Receipt | None:
        """Return the receipt of what was written under ``key`` if it is there: settles an ambiguous write."""
        ...

    def create(self, item: T_contra) -> Receipt:
        """Write ``item``; what already stands under its key is left as it is. Raises Unavailable or Rejected."""
        ...

    def change(self, receipt: Receipt, item: T_contra) -> Receipt:
        """Replace what ``receipt`` names by ``item``. Raises Edited unless it is as we wrote it, Unavailable.

        ``item`` has the key of ``receipt``. A draft that says ``item`` already, because an answer was lost, is left.
        """
        ...

    def withdraw(self, receipt: Receipt) -> None:
        """Take back what ``receipt`` names; already gone is fine. Raises Edited unless it is as we wrote it."""
        ...


class ReminderSink(Sink[Reminder], Protocol):
    """Writes reminders, and brings on what stands there field by field: title, body, time (start and end)."""

    def amend(self, receipt: Receipt, before: Reminder, after: Reminder, *, seen: bool = True) -> Receipt:
        """Bring what ``receipt`` names from ``before`` to ``after``; a field that is not as ``before`` is the user's.

        Such a field stays, and one that stands as ``after`` already is left. The receipt is that of what then stands
        there, so that a look tells it as untouched until somebody changes it again. Two things go on being told: a
        time that the user chose (moved, and never brought back), and, with ``seen`` False, an edit that the caller
        does not know of yet. Raises Edited if it is not there any more (or ticked off), Unavailable, Rejected.
        """
        ...


class Account(Protocol):
    """One account of the configuration: a frozen dataclass whose fields are the keys of its table.

    ``open_*`` get the account's name, the user's zone name (floating times, written reminders) and return None where
    the account does not read or write that.
    """

    def open_source(self, name: str, zone: str) -> Source | None:
        """Return the reader of this account."""
        ...

    def open_reminders(self, name: str, zone: str) -> ReminderSink | None:
        """Return the writer of reminders."""
        ...

    def open_drafts(self, name: str, zone: str) -> Sink[Draft] | None:
        """Return the writer of drafts."""
        ...

    def problems(self) -> tuple[tuple[str, str], ...]:
        """List what is wrong with the values together: pairs of key and words, empty when all is well."""
        ...


@runtime_checkable
class Keeping(Protocol):
    """An account that keeps things of its own in the state: logins, counts of what it spent."""

    def kept_in(self, state: Path) -> Account:
        """Return the account, keeping its things below the folder ``state``."""
        ...

    def settle(self, name: str) -> None:
        """Write down, once a tick, what is to be remembered and is no business of the ledger's."""
        ...

    def is_local(self) -> bool:
        """Tell whether everything the account reads and writes is on this machine."""
        ...

    def standing(self, name: str, zone: str, writes: frozenset[str], now: datetime) -> Standing:
        """Return how the account stands; asks nobody. ``writes``: what it was chosen for, "reminders", "drafts"."""
        ...


class ConnectorError(Exception):
    """Base of everything a connector raises on purpose. The text names no person, title or address."""


class Unavailable(ConnectorError):
    """The other side cannot be reached or is not there for now; the next tick is the retry."""


class Gone(Unavailable):
    """What we write into is gone as a whole (the calendar, the Drafts folder): nothing is written without a yes."""


@dataclass
class NeedsLogin(ConnectorError):
    """The login is gone; ``remedy`` is the one command that mends it."""

    text: str
    remedy: str = field(default="")

    def __str__(self) -> str:
        return self.text


class BadData(ConnectorError):
    """The source as a whole cannot be believed: nothing of it is used and the cursor stays."""


class Rejected(ConnectorError):
    """The other side will never take this write as it is: park the row and show it."""


class Edited(ConnectorError):
    """What we wrote is not as we wrote it any more: it is the user's, never touched again."""
