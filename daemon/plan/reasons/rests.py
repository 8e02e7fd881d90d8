"""How long does a reason rest? Once used, for a year; evidence of a deleted draft for good (PRACTICE 6, C33)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from daemon.model import OPEN_STATES, Entry
from daemon.plan.reasons.reason import Reason

REST = timedelta(days=180)
LAST_TIME = 3
"""The deletion after which a reason that can come again does not (C33)."""
FOR_EVER = timedelta(days=36_500)
UNUSED: frozenset[str] = frozenset({"withdrawn", "failed", "passed"})
"""What was taken back untouched used nothing up: its reason may come again (PRACTICE 4)."""


def refused(drafts: Iterable[Entry]) -> frozenset[str]:
    """Return the evidence that drafts rested on which the user deleted: never offered again (C33)."""
    return frozenset(key for entry in drafts if entry.state == "discarded" for key in entry.evidence)


def rest(reason: Reason, drafts: Iterable[Entry], now: datetime) -> datetime | None:
    """Return until when ``reason`` rests for the person of ``drafts``, None if it does not."""
    mine = [entry for entry in drafts if entry.reason == reason.name and entry.state not in UNUSED]
    ends = [_used(entry) + reason.again for entry in mine if reason.again and entry.state not in OPEN_STATES]
    if reason.generic:
        discarded = [_used(entry) for entry in mine if entry.state == "discarded"]
        ends += [at + REST for at in discarded]
        ends += [now + FOR_EVER] if len(discarded) >= LAST_TIME else []
    return max((at for at in ends if at > now), default=None)


def _used(entry: Entry) -> datetime:
    found = entry.settled or entry.decided
    assert found is not None  # noqa: S101 - a settled row says when
    return found
