"""What follows from the records? People and their touchpoints, and why the rest did not count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from connectors.records import Event, Message
from daemon.model.words import WEAK, CardSource, TouchKind


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

    ``source`` is the key of the record (for a proof by M7 the Message-ID that was answered), ``address`` folded. ``at``
    is UTC: an event's start (midnight of the first day in the user's zone when all-day), a mail's time.
    """

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
    def key(self) -> str:
        """The source, a tab and the address: made when it is asked for, as it is longer than all the rest."""
        return f"{self.source}\t{self.address}"

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
class Records:
    """Every stored record, by key."""

    events: Mapping[str, Event] = field(default_factory=dict)
    messages: Mapping[str, Message] = field(default_factory=dict)
