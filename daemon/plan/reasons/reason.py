"""What is a reason? One small module each, behind this interface: who has one, and what it rests on.

A module ``daemon/plan/reasons/NAME.py`` has one ``REASON``, listed in ``ALL`` (``daemon.plan.reasons``), best first.
What there is to say of it stands in the compose room: ``SAYS`` (``daemon.compose.occasions``) makes an ``Occasion`` out
of the cause's evidence, ``words/LANG/draft-NAME.N.txt`` and ``line-NAME.txt`` put it into words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from daemon.model import Cause
from daemon.plan.desk import Desk
from daemon.relate.topics import Topics

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """A reminder, proposed now or standing already, that a draft could go with."""

    kind: str
    reason: str
    person: str
    fact: str
    evidence: tuple[str, ...]
    start: datetime
    decided: datetime
    also: tuple[str, ...] = ()


Causes: TypeAlias = Callable[[Desk, str, Reminded | None], Iterable[Cause]]
"""Yields the causes for one person today, the best first. Told of the reminder that stands or is proposed, if any."""


def told(desk: Desk) -> Topics:
    """Return what everybody cares about, for ``desk.once``."""
    return Topics(desk.state)


def nobody(_: Desk) -> Iterable[str]:
    """Yield nobody: a reason that comes up only with a reminder that is due anyway."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A reason with a source. ``name`` is its code word, in JSON, templates and ``kith why``."""

    name: str
    causes: Causes
    awake: Callable[[Desk], Iterable[str]] = nobody
    """Who has this reason on a day of its own: those get a reminder for it though none is due."""
    again: timedelta | None = YEAR
    """How long it rests for a person once it was used; None: each source is a reason of its own."""
    generic: bool = False
    """Rests 180 days after a draft was deleted, the third deletion ends it (C33); else only that evidence is gone."""
    gives: bool = False
    """Has something for the other: good for dormant people, too (PRACTICE 3)."""
