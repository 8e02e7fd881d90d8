"""What stands on the page? Words, numbers that unfold, pictures with the table behind each: plain values, all text."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of text under their headings; the first cell of a row names it."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: int = 0
    """Rows that were left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A chart: what it is called, what it shows in a sentence, and the numbers it was drawn from."""

    name: str
    told: str
    svg: Markup
    """"" where there is nothing to draw: ``told`` says so."""
    table: Table
    legend: tuple[tuple[str, str], ...] = ()
    """Class of a colour, and what it means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A number, and the facts behind it, a line each."""

    shown: str
    lines: tuple[str, ...] = ()
    more: int = 0
    """Lines that were left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Activity beside productivity, and the usual of both: the mean of the four weeks before."""

    activity: str
    done: Facts
    productivity: str
    came: Facts
    usual: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Something counted of people: what it is, how many, and who."""

    name: str
    people: Facts
    named: bool = False
    """Each line behind the number is a name, and no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTold:
    """One group: what it is for so far (``routine``, ``rut``, ``new``, ``closed``), with the evidence."""

    name: str
    verdict: str
    evidence: Facts
    question: str
    """"" but for a rut: its one question."""
    numbers: tuple[Standing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What was counted in a week, and how people and groups stand."""

    pairs: tuple[Pair, ...]
    weekly: tuple[Picture, ...]
    ring: Picture
    standings: tuple[Standing, ...]
    groups: Picture
    told: tuple[GroupTold, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The review of one week."""

    title: str
    span: str
    until: str
    language: str
    """That of ``lead``, ``suggestions`` and ``questions``."""
    lead: tuple[str, ...]
    """The one thing to do; what made the week good."""
    suggestions: tuple[str, ...]
    counted: Counted | None
    """None in a week off: what the year was like is all there is."""
    year: Picture
    network: Picture
    questions: tuple[str, ...]
    others: tuple[tuple[str, str], ...] = ()
    """Pages of other weeks: their names, and the files beside this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What of the review of one week stands in a mail; as on the page, where both have it."""

    title: str
    span: str
    until: str
    language: str
    lead: tuple[str, ...]
    suggestions: tuple[str, ...]
    pairs: tuple[Pair, ...]
    """None in a week off, nor standings or groups."""
    standings: tuple[Standing, ...]
    groups: tuple[GroupTold, ...]
    questions: tuple[str, ...]
    command: str
    """What makes the page."""
