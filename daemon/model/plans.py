"""What does Kith think on a day, and what does it mean to write?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from connectors.records import Article, Event
from daemon.model.facts import Person, Touchpoint
from daemon.model.outbox import Decision, Entry, SourceState
from daemon.model.settings import Settings, Vocabulary
from daemon.model.words import Circle, EntryKind, Stage


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
