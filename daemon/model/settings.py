"""What does the user want, and which words do rules listen to?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Literal
from zoneinfo import ZoneInfo


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
