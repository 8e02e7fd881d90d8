"""What does a review say? The values of one ISO week: every number with the facts behind it (PRACTICE 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from daemon.model import instant

Verdict: TypeAlias = Literal["routine", "rut", "new", "closed"]
AskKind: TypeAlias = Literal["ambiguous-name", "doubtful-title", "household", "by-mail", "unanswered", "calls", "rut"]
TipKind: TypeAlias = Literal["follow-up", "leave-group", "free-slot"]


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """An ISO week (P36), in the user's zone: ``str()`` is "2026-W47"."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Week:
        """Return the week of ``day``."""
        year, number, _ = day.isocalendar()
        return cls(year, number)

    @classmethod
    def read(cls, text: str) -> Week:
        """Return the week called "2026-W47". Raises ValueError for anything else."""
        year, mark, number = text.partition("-W")
        plain = mark and year.isascii() and year.isdigit() and number.isascii() and number.isdigit()
        if not plain or (len(year), len(number)) != (4, 2):
            raise ValueError(f"not a week like 2026-W47: {text[:40]!r}")
        return cls.of(date.fromisocalendar(int(year), int(number), 1))

    @property
    def monday(self) -> date:
        """Its first day."""
        return date.fromisocalendar(self.year, self.number, 1)

    def before(self, weeks: int = 1) -> Week:
        """Return the week that many weeks earlier (negative: later)."""
        return Week.of(self.monday - timedelta(weeks=weeks))

    def begins(self, zone: ZoneInfo) -> datetime:
        """Return its first instant."""
        return instant(self.monday, zone)

    def ends(self, zone: ZoneInfo) -> datetime:
        """Return the first instant of the week after."""
        return datetime.combine(self.monday + timedelta(weeks=1), time(), tzinfo=zone)

    def __str__(self) -> str:
        """Return its name in ISO 8601."""
        return f"{self.year:04}-W{self.number:02}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """One event that counted (P31): a counted meeting, a gathering, an open event, an attendance; calls are none.

    ``hours``: whole days count eight each, anything else its length, at most twelve.
    """

    key: str
    start: datetime
    end: datetime
    hours: float
    title: str
    series: str | None
    """What makes occurrences one group (``Touchpoint.series``): the series id, else the folded title."""
    recurring: bool
    kind: str
    """``one-to-one, small-group, gathering, routine-meeting`` or ``attendance``."""
    open: bool
    """An open event (E12)."""
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail of the user's that was written (M1, M2, M5, M6; no draft, nothing automatic, none to oneself)."""

    key: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """An event whose title only the user can read: it may mean several people (E9), or be an open event (E12)."""

    key: str
    at: datetime
    kind: Literal["ambiguous-name", "doubtful-title"]
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What happened beside the touchpoints: from the records and their verdicts (``past``). In order of time."""

    occasions: tuple[Occasion, ...] = ()
    letters: tuple[Letter, ...] = ()
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number, and the keys of the facts behind it: it can be unfolded (of which table, its field says)."""

    value: float = 0
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What was done in a week."""

    events: Figure = Figure()
    """Occasions; keys of events. Left out are those where everybody touched is a colleague, household or a service."""
    hours: Figure = Figure()
    """Hours in them; keys of events."""
    new_people: Figure = Figure()
    """People met for the first time, anywhere; ids of persons."""
    mails: Figure = Figure()
    """Mails written, left out as with events; keys of mails."""
    drafts_offered: Figure = Figure()
    """Drafts made that week; keys of entries."""
    reminders_set: Figure = Figure()
    """Reminders (follow-up, reconnect, roundup, promise) that stood in that week; keys of entries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Productivity:
    """What came of it, as known at the time of looking."""

    new_people: Figure = Figure()
    """Those of the week's new people who were met at its events: not by a call; ids of persons."""
    followed_up: Figure = Figure()
    """Whom the user wrote to, called or met one-to-one within 7 days: of the week's new people, and of those known whom
    the user wished for with an ``x`` (C14); ids of persons."""
    conversations: Figure = Figure()
    """One-to-one meetings and calls; colleagues, household and services left out; keys of the records they come
    from."""
    drafts_sent: Figure = Figure()
    """Those of the drafts offered that were sent by now; keys of entries."""
    reminders_acted_on: Figure = Figure()
    """Those of the reminders set that were acted on by now: done, overtaken by a touch, written into; entries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The five pairs of one week."""

    week: Week
    activity: Activity = Activity()
    productivity: Productivity = Productivity()


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The mean of the four weeks before, by the names of the pairs."""

    activity: Mapping[str, float] = field(default_factory=dict)
    productivity: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastTen:
    """The last ten people met for the first time, the latest first, and who of them were followed up by now."""

    met: tuple[str, ...] = ()
    followed_up: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Key people (ids): in touch within their interval, or with a meeting ahead; and those who are due."""

    in_touch: tuple[str, ...] = ()
    due: tuple[str, ...] = ()

    @property
    def of(self) -> int:
        """How many there are."""
        return len(self.in_touch) + len(self.due)


@dataclass(frozen=True, slots=True, kw_only=True)
class Growing:
    """The growing slots: how many there are, who holds one now, and who graduated or faded in the week (ids)."""

    slots: int = 0
    holders: tuple[str, ...] = ()
    graduated: tuple[str, ...] = ()
    faded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """Help of the week: mails that introduced or passed on, promises kept; and to whom help is owed (ids, P28)."""

    given: Figure = Figure()
    received: Figure = Figure()
    owed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a verdict on a group rests on: what came of it since ``since`` (8 weeks, or its last six occurrences)."""

    since: date
    occurrences: int
    """Of all time, up to the week's end."""
    hours: float
    new_people: tuple[str, ...] = ()
    followed_up: tuple[str, ...] = ()
    second_meetings: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    """Met within the last 7 days: the time for following up is not over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A series, or events of one title, over the quarter (13 weeks) that ends with the week. People are ids.

    ``followed_up``: of the new people, within 7 days. ``second_meetings``: whoever was first met there, whenever, and
    met or called outside it for the first time in the quarter. ``targets``: of the new people, those marked target.
    """

    series: str
    name: str
    """Its latest title, cleaned of controls; "" for a private one."""
    events: tuple[str, ...]
    """Keys of its events in the quarter."""
    hours: float
    new_people: tuple[str, ...]
    followed_up: tuple[str, ...]
    second_meetings: tuple[str, ...]
    targets: tuple[str, ...]
    verdict: Verdict
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question to the user, one line of the review.

    ``about``: person ids (``by-mail``, ``unanswered``, ``calls``, ``household``, ``ambiguous-name``: who may be meant),
    the series (``rut``) or the folded title (``doubtful-title``). ``facts``: keys of what it comes from; ``title``: the
    event's. ``count``: calls, reminders, events.
    """

    kind: AskKind
    about: tuple[str, ...]
    facts: tuple[str, ...] = ()
    title: str = ""
    at: datetime | None = None
    count: int = 0

    touch: str = ""
    """``ambiguous-name``: the kind of touch that the title tells of."""

    @property
    def key(self) -> str:
        """What makes it the same question again, and tells what an answer is about: its parts, joined by tabs."""
        place = (self.facts[0], self.touch) if self.kind == "ambiguous-name" else ()
        return "\t".join((self.kind, *place, *self.about))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """A suggestion that can be done in the calendar at once: whom (ids) or which group (series) it is about."""

    kind: TipKind
    about: tuple[str, ...]
    title: str = ""

    @property
    def key(self) -> str:
        """What an answer to it is about, joined by tabs."""
        return "\t".join((self.kind, *self.about))


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """What made the week good: somebody met a second time, and what led to it (keys of touchpoints)."""

    person: str
    first: str
    step: str
    met: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One week, counted up to ``until``. The numbers' facts are keys; people are ids."""

    week: Week
    until: datetime
    numbers: Numbers
    before: Before
    last: Numbers
    """The week before, as known now: what came of it since its own review."""
    last_ten: LastTen = LastTen()
    key: Key = Key()
    growing: Growing = Growing()
    help: Help = Help()
    initiative_lost: tuple[str, ...] = ()
    """People of the network who used to begin and began nothing for 90 days, although the user did (ids)."""
    groups: tuple[Group, ...] = ()
    questions: tuple[Ask, ...] = ()
    suggestions: tuple[Tip, ...] = ()
    """At most three."""
    good: Good | None = None
    ahead: tuple[str, ...] = ()
    """With whom a talk of a few stands in the calendar in the coming 7 days (ids)."""
    away: bool = False
    """A week off, or one in which nothing was counted: the review says only that."""
    halved: bool = False
    """Kith proposes half as much, because hardly any reminder is acted on (P25)."""
