"""What does Kith know and want? The frozen values that every room of the daemon shares.

Records (``connectors.records``) are stored; a ``Touchpoint`` is derived from a record by a rule; opinions are computed,
never stored; a ``Decision`` is stored with its time and reason; an ``Entry`` is one row of the outbox: something Kith
writes into the user's calendar or Drafts, and what became of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

from connectors.records import Article, Event, Message

TouchKind: TypeAlias = Literal[
    "one-to-one",
    "small-group",
    "gathering",
    "routine-meeting",
    "call",
    "wrote",
    "heard",
    "copied",
    "introduction",
    "forwarded",
    "note",
]
Circle: TypeAlias = Literal["colleague", "household", "service", "correspondent", "network"]
Stage: TypeAlias = Literal["met", "growing", "established", "dormant"]
Mark: TypeAlias = Literal["key", "target", "admired", "muted", "never"]
CardSource: TypeAlias = Literal["debrief", "typed", "vcard", "connections", "linkedin"]
"""What told a name: a debrief, the user in other ways, an address book, LinkedIn's list, LinkedIn's mail."""
EntryKind: TypeAlias = Literal[
    "follow-up",
    "reconnect",
    "roundup",
    "draft",
    "handshake",
    "notice",
    "sentinel",
    "brief",
    "debrief",
    "promise",
    "review",
    "review-draft",
    "letter",
    "introduction",
]
EntryState: TypeAlias = Literal[
    "waiting",
    "written",
    "edited",
    "moved",
    "dismissed",
    "done",
    "sent",
    "overtaken",
    "discarded",
    "withdrawn",
    "passed",
    "failed",
    "noted",
]
DAY = timedelta(days=1)
OPEN_STATES: frozenset[str] = frozenset({"waiting", "written", "edited", "moved"})
"""States of an entry that still stands, or is about to stand, where the user sees it."""
ANSWERED: Mapping[str, EntryState] = {
    "passed": "passed",
    "overtaken": "overtaken",
    "done": "done",
    "dismissed": "dismissed",
}
"""What an entry is once it was taken back, by why: all else is only withdrawn."""
UNDONE = "undone"
"""Why an entry leaves that the user takes back (``kith undo``): the matter rests, and nobody was refused."""
WEAK: frozenset[str] = frozenset({"gathering", "routine-meeting", "copied", "note"})
MEETINGS: frozenset[str] = frozenset({"one-to-one", "small-group", "call"})
"""Kinds that make a two-way day by themselves (PRACTICE 3, P8)."""
MARKS: frozenset[str] = frozenset({"key", "target", "admired", "muted", "never"})
NOTICES: frozenset[str] = frozenset({"handshake", "notice", "sentinel"})
"""Kinds of entry that are about Kith itself: of no person, outside the budget, written whatever else is held back."""
LOOKING_BACK: frozenset[str] = frozenset({"review", "review-draft", "letter"})
"""Kinds of entry that look back on a week or a year: of no person, outside the budget (PRACTICE 7)."""
PROPOSED: frozenset[str] = frozenset({"follow-up", "reconnect", "roundup"})
"""Kinds of reminder that Kith proposes by itself: those that count when it asks whether it asks too much."""
CIRCLES: frozenset[str] = frozenset({"colleague", "household", "service", "correspondent", "network"})
OUTSIDE: frozenset[str] = frozenset({"colleague", "household", "service"})
"""Circles that are no networking: nobody in them is followed up with, and the review leaves them out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """The user: ``addresses`` folded, ``zone`` of the user's days, ``hours`` the working day."""

    name: str
    addresses: tuple[str, ...]
    zone: ZoneInfo
    language: str = "en"
    hours: tuple[time, time] = (time(9), time(17))
    open_domains: frozenset[str] = frozenset()
    """Own domains that make nobody a colleague (a university, an association; P17)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A networking block: a weekday (Monday is 0) and the time it begins."""

    weekday: int
    at: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Routine:
    """When reminders may stand (PRACTICE 4)."""

    blocks: tuple[Block, ...] = (Block(weekday=1, at=time(9)), Block(weekday=3, at=time(9)))
    length: int = 15
    """Minutes of one reminder."""
    days_off: frozenset[int] = frozenset({5, 6})
    holidays: frozenset[date] = frozenset()
    ignore_titles: tuple[str, ...] = ()
    """Events whose title holds one of these (case folded) count as nothing for proposals: pupils, courses (C35)."""
    review: Block | None = Block(weekday=4, at=time(16))
    """When the review of the week stands; None: there is none."""
    review_draft: bool = False
    """The review is a draft of the user's to themself, too."""
    diary: bool = True
    """A reminder whose day has come stays as done when the matter is settled otherwise; False: it is taken away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """How much a person can tend (PRACTICE 4)."""

    key: int = 10
    growing: int = 3
    reminders_week: int = 5
    reminders_day: int = 2
    follow_ups_week: int = 3
    items_week: int = 8
    items_day: int = 3
    drafts: int = 3


DEFAULT_WEIGHTS: Mapping[str, float] = {
    "one-to-one": 5.0,
    "call": 3.0,
    "small-group": 2.0,
    "introduction": 2.0,
    "forwarded": 2.0,
    "wrote": 1.0,
    "heard": 1.0,
    "gathering": 0.5,
    "routine-meeting": 0.2,
    "copied": 0.1,
    "note": 0.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StrengthRules:
    """Interactions Rank (PRACTICE 3): weights per kind, ``half_life`` in days, ``day_limit`` per person and day."""

    weights: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    half_life: float = 90.0
    day_limit: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CadenceRules:
    """Ideal and worst-case interval in days for each standing (PRACTICE 3)."""

    key: tuple[int, int] = (21, 42)
    growing: tuple[int, int] = (14, 28)
    established: tuple[int, int] = (60, 120)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the configuration says of one person (``[people."ada@x"]``) or tag (``[tags.NAME]``)."""

    every: int | None = None
    """Ideal interval in days; the worst case is its double."""
    tone: Literal["formal", "familiar"] | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A kind of person whom the user wants to know, out of the file of ``[me] targets`` (P29)."""

    kind: str
    """What they are, in the user's words."""
    names: tuple[str, ...] = ()
    """Full names of those who are meant."""
    words: tuple[str, ...] = ()
    """Words or phrases that tell one, in a name, a note or a card."""
    domains: tuple[str, ...] = ()
    """Mail domains of theirs, subdomains included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The validated configuration as the pure rooms see it."""

    me: Me
    routine: Routine = Routine()
    capacity: Capacity = Capacity()
    strength: StrengthRules = StrengthRules()
    cadence: CadenceRules = CadenceRules()
    people: Mapping[str, Wish] = field(default_factory=dict)
    """By folded address."""
    tags: Mapping[str, Wish] = field(default_factory=dict)
    lists: frozenset[str] = frozenset()
    """Configured mailing lists: addresses, or ``@host`` for a whole host."""
    signature: str = ""
    reminders: str | None = None
    """Account that gets reminders; None for none."""
    drafts: str | None = None
    received: frozenset[str] = frozenset()
    """Accounts that read received mail too (the silence rule needs it; C22)."""
    hints: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Accounts to the platforms whose mails make cards ("linkedin"): nobody else's mails do."""
    calendars: frozenset[str] = frozenset()
    """Ids of the calendars read that are addresses: whose calendar the user reads is household (C20)."""
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Word lists by name (``data/*.toml``): platforms, role words, prefixes, words of open events and so on.

    Words are case folded, those of detection without accents too (``detect.names.fold``). Pure rooms get it as an
    argument; ``daemon.vocabulary`` reads it.
    """

    lists: Mapping[str, frozenset[str]]

    def __getitem__(self, name: str) -> frozenset[str]:
        """Return the list called ``name``. Raises KeyError if no data file has it."""
        return self.lists[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody Kith knows: ``id`` is opaque and stable, ``addresses`` the one last written to first."""

    id: str
    name: str
    """The best display name, "" when only addresses are known."""
    addresses: tuple[str, ...]
    certain_name: bool = False
    """Two words or more, not a company, and the same in two sources: good for a greeting (PRACTICE 5, T24)."""
    dead: tuple[str, ...] = ()
    """Addresses that bounced: no drafts there (M4)."""
    card: bool = False
    """Known by name only: no addresses, and never a draft."""
    linked: bool = False
    """Known by name only, and LinkedIn has them: they can be written to there."""
    cards: tuple[str, ...] = ()
    """Ids of the cards that are this person: each stays a valid way to name them (C6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One thing that tells a name: a line of a debrief, an entry of an address book, an accepted invitation.

    ``key`` is that of the decision or the mail; ``id`` the person's if nothing else tells of them. ``at`` is when they
    were met, or became known.
    """

    key: str
    id: str
    name: str
    at: datetime
    source: CardSource
    addresses: tuple[str, ...] = ()
    profile: str = ""
    """What tells two people of one name apart at a platform: the address of a page of theirs."""
    note: str = ""
    event: str | None = None
    """Key of the event they were met at, if the user said so."""
    person: str = ""
    """Id of the person it belongs to; "" before that is known."""
    why: str = ""
    """Why it is this person's, where it joined somebody with an address."""
    guess: str | None = None
    """Key of the open event at which they were probably met: a guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touchpoint:
    """One fact: this person was touched, then, in this way, by that rule.

    ``key`` is the source's key, a tab, and the folded address; ``source`` the key of the record (for a proof by M7 the
    Message-ID that was answered). ``at`` is UTC: an event's start (midnight of the first day in the user's zone when
    all-day), a mail's time.
    """

    key: str
    source: str
    address: str
    person: str
    at: datetime
    kind: TouchKind
    rule: str
    account: str
    title: str = ""
    """Title or subject as it stands in the record, cleaned of controls."""
    thread: str | None = None
    """Mail: the key of the thread's beginning. None for events."""
    began: Literal["me", "them"] | None = None
    """Who began that thread, or who organised that meeting; None when unknown."""
    series: str | None = None
    """Events: what makes occurrences one habit: the series id, else the folded title."""
    recurring: bool = False
    minutes: int = 0
    private: bool = False
    """Never quoted (P34)."""
    mine: str = ""
    """The own address used: the sender's of a mail of the user's, else ""."""
    others: bool = False
    """Mail: somebody beside the user and this person is on it."""

    @property
    def weak(self) -> bool:
        """Tell whether the kind is one of the weak ones (PRACTICE 2)."""
        return self.kind in WEAK


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Why a record counted or not: the rule (E0..E12, M1..M8), and what it came to in words."""

    rule: str
    counted: bool
    why: str
    kind: str | None = None
    """For events also ``attendance``: of the event, nobody touched."""
    open: bool = False
    """An open event (E12)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """An address that is nobody, with the code of PRACTICE 1 / RULINGS U3 (A1 own ... A12) and its records."""

    address: str
    rule: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Birthday:
    """The ``day`` ("03-14") on which a person has their birthday; no calendar says the year."""

    person: str
    day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something only the user can say: ``kind`` merge, own-address, household, ambiguous-name, doubtful-title, card,
    birthday (whose), birthday-day (which)."""

    kind: str
    about: tuple[str, ...]
    """Person ids, addresses, days or source keys, as the kind needs."""
    why: str
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What detection makes of all records. Order is by key, so equal inputs give equal outputs."""

    people: tuple[Person, ...]
    touchpoints: tuple[Touchpoint, ...]
    ignored: tuple[Ignored, ...]
    verdicts: Mapping[str, Verdict]
    """By record key: every record has one."""
    guest_verdicts: Mapping[str, Verdict]
    """By record key, tab, folded address: guests and recipients that did not count although their record did."""
    questions: tuple[Question, ...] = ()
    own: frozenset[str] = frozenset()
    """Own addresses: configured and adopted."""
    cards: tuple[Card, ...] = ()
    """In order of time."""
    birthdays: tuple[Birthday, ...] = ()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What Kith thinks of one person on a day: computed, never stored. Days are floats, ages from ``now``."""

    person: str
    circle: Circle
    circle_why: str
    gate: str | None
    """Why the person is in the network (marked, meetings, thread, mail); None when outside."""
    stage: Stage | None
    """None outside the network."""
    marks: frozenset[str]
    strength: float
    touches: int
    """Touchpoints without notes."""
    first_touch: datetime | None
    last_touch: datetime | None
    two_way_days: tuple[date, ...]
    ideal: float
    worst: float
    silence: float | None
    """Days since any touch but copied, note and gathering; None when there never was one."""
    depth: float | None
    """Days since the last one-to-one or call."""
    due: float | None
    """(silence - ideal) / ideal; 0 while a meeting stands ahead; None outside the network."""
    ahead: datetime | None
    """The next one-to-one or small group in the coming 14 days."""
    silent: bool
    """The silence rule holds: two messages of the user's unanswered for 14 days."""
    began_by_me: int = 0
    began_by_them: int = 0
    helped: int = 0
    helped_by: int = 0
    key: bool = False
    """Tended as a key person: marked ``key``, and among the first ``capacity.key`` who were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that deciding needs, on one day. Mappings by person id; touchpoints in order of time."""

    now: datetime
    settings: Settings
    vocabulary: Vocabulary
    people: Mapping[str, Person]
    touchpoints: Mapping[str, tuple[Touchpoint, ...]]
    ahead: Mapping[str, tuple[Touchpoint, ...]]
    """What upcoming events would count as, were they over: by ``detect.ahead``."""
    calendar: tuple[Event, ...]
    """Events from 14 days back to 60 days ahead, ours excluded: for free slots and days off."""
    open_events: frozenset[str]
    """Keys of those in ``calendar`` that are open (E12): a conference is no day off (P35)."""
    entries: tuple[Entry, ...]
    decisions: tuple[Decision, ...]
    sources: Mapping[str, SourceState]
    earliest: datetime | None
    """The earliest record of any account: no first meeting and no anniversary from a half-read past (P26)."""
    editions: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    """By the key of an open event around today: when earlier events of its title ended."""
    met_at: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)
    """Of whom the user meets in the days ahead: the title and start of the open event at which they probably met."""
    articles: tuple[Article, ...] = ()
    """What there is to read now, by key: each once, the user's own before a feed's."""
    birthdays: Mapping[str, str] = field(default_factory=dict)
    """By person: the birthday ("03-14") that an event around today tells of (C46)."""
    household: frozenset[str] = frozenset()
    """Persons whose address is the id of a calendar the user sees (C20)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A reason to be in touch with one person, and the source it has (PRACTICE 5.6).

    ``evidence``: keys of touchpoints, records, decisions or whatever else the reason rests on; all that is said of it,
    in a draft or in a line, is taken from there.
    """

    reason: str
    person: str
    evidence: tuple[str, ...]
    draft: bool = True
    """Makes a draft; False: only a line in the reminder."""
    day: date | None = None
    """The user's day it belongs on; None: it goes with the person's next reminder."""
    times: tuple[datetime, ...] = ()
    """Free half hours that a draft may offer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Something worth writing, before it has words. Every word will be taken from the evidence."""

    kind: EntryKind
    person: str
    reason: str
    fact: str
    cycle: int
    evidence: tuple[str, ...]
    start: datetime | None = None
    end: datetime | None = None
    alarm: int | None = None
    also: tuple[str, ...] = ()
    times: tuple[datetime, ...] = ()
    """Free half hours that a draft may offer."""
    causes: tuple[Cause, ...] = ()
    """Reminders: what the person may be written to about, the best first; their lines stand in the description."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Why somebody is not written about now (codes of RULINGS U6), and until when if that is known."""

    person: str
    kind: str
    why: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """An entry to be taken back because ``why``."""

    key: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to write, to change and to take back, who was left out and why, and what was decided on the way."""

    write: tuple[Entry, ...] = ()
    amend: tuple[Entry, ...] = ()
    """Rows that stand, with ``amended`` set."""
    withdraw: tuple[Withdrawal, ...] = ()
    held: tuple[Held, ...] = ()
    decisions: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Every stored record, by key."""

    events: Mapping[str, Event] = field(default_factory=dict)
    messages: Mapping[str, Message] = field(default_factory=dict)


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """Return the user's calendar day of the instant ``at``."""
    return at.astimezone(zone).date()


def instant(value: datetime | date, zone: ZoneInfo) -> datetime:
    """Return ``value`` as an instant: a date is its midnight in ``zone``."""
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time(), tzinfo=zone)


def days_between(earlier: datetime, later: datetime) -> float:
    """Return the days from ``earlier`` to ``later`` as a float (P36)."""
    return (later - earlier) / DAY
