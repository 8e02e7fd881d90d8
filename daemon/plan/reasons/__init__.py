"""Why write to somebody today? Reasons with a source compete for the one draft a person may have; the best one wins.

No reason, no draft (PRACTICE 5.6). ``weighed`` names the winner and the losers, and why those lost: for ``kith why``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from daemon.model import Cause, Entry
from daemon.plan.desk import Desk
from daemon.plan.reasons import (
    anniversary,
    article,
    birthday,
    both_going,
    congratulation,
    conversation,
    first_meeting,
    introduction,
    introduction_check,
    pick_up,
    promised,
)
from daemon.plan.reasons.reason import Reason, Reminded
from daemon.plan.reasons.rests import refused, rest

__all__ = ["ALL", "Reason", "Reminded", "Weighed", "hindrance", "reason_called", "weighed", "winners"]

ALL: tuple[Reason, ...] = (
    promised.REASON,
    conversation.REASON,
    first_meeting.REASON,
    introduction.REASON,
    *introduction.STEPS,
    introduction_check.REASON,
    congratulation.REASON,
    birthday.REASON,
    both_going.REASON,
    anniversary.REASON,
    article.REASON,
    pick_up.REASON,
)
"""Every reason, the best first: what the user said, what happens soon, what was long ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A cause and what speaks against it: "" nothing, ``used`` within its rest, ``refused``: a draft was deleted."""

    cause: Cause
    why: str = ""
    until: datetime | None = None


def reason_called(name: str) -> Reason | None:
    """Return the reason of that name, or None."""
    return next((reason for reason in ALL if reason.name == name), None)


def weighed(desk: Desk, person: str, reminded: Reminded | None = None) -> Iterator[Weighed]:
    """Yield every cause there is to write to ``person`` today, the best first, with what speaks against it."""
    drafts = [entry for entry in desk.entries.get(person, ()) if entry.kind == "draft"]
    for reason in ALL:
        for cause in reason.causes(desk, person, reminded):
            yield _weighed(desk, reason, cause, drafts)


def winners(desk: Desk, person: str, reminded: Reminded | None = None) -> list[Cause]:
    """Return the causes that nothing speaks against, the best first."""
    return [item.cause for item in weighed(desk, person, reminded) if not item.why]


def hindrance(desk: Desk, reason: Reason, cause: Cause) -> str:
    """Return what speaks against ``cause`` (``Weighed.why``), "" for nothing."""
    drafts = [entry for entry in desk.entries.get(cause.person, ()) if entry.kind == "draft"]
    return _weighed(desk, reason, cause, drafts).why


def _weighed(desk: Desk, reason: Reason, cause: Cause, drafts: list[Entry]) -> Weighed:
    if not cause.evidence or set(cause.evidence) <= refused(drafts):
        return Weighed(cause=cause, why="refused" if cause.evidence else "no-source")
    until = rest(reason, drafts, desk.state.now)
    return Weighed(cause=cause, why="" if until is None else "used", until=until)
