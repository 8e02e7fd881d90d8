"""What did the user answer to what Kith wrote, and when is a matter settled?

A reminder that nobody answered counts as *passed* seven days after its day (P24), although it may stand in the calendar
for longer: it makes room for the next cycle, and two in a row say the same as two deletions.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from daemon.model import OPEN_STATES, PROPOSED, UNDONE, Entry

PASSED = timedelta(days=7)
_UNSEEN = frozenset({"withdrawn", "failed"})


def is_known(entry: Entry, now: datetime) -> bool:
    """Tell whether ``entry`` was decided by ``now``: from an earlier day, what came later is invisible (U12)."""
    return entry.decided is None or entry.decided <= now


def is_passed(entry: Entry, now: datetime) -> bool:
    """Tell whether ``entry`` is a reminder that stood unanswered for seven days after its day (P24)."""
    if entry.state == "passed":
        return True
    unanswered = entry.state in OPEN_STATES - {"edited"}
    return unanswered and _day_is_past(entry, now)


def is_open(entry: Entry, now: datetime) -> bool:
    """Tell whether ``entry`` still asks for something: it stands, and a reminder's day is not a week past."""
    return entry.state in OPEN_STATES and not entry.leaving and not _day_is_past(entry, now)


def settled_at(entry: Entry, now: datetime) -> datetime | None:
    """Return when ``entry`` was settled, a week after its day if it passed by; None while it is open."""
    if is_open(entry, now):
        return None
    if entry.start is not None and (entry.state in OPEN_STATES or entry.state == "passed"):
        return min(entry.start + PASSED, now)
    return entry.settled or entry.decided or now


def never_stood(entry: Entry) -> bool:
    """Tell whether ``entry`` was taken back before the user could see it on its day.

    What the user took back was seen, and what was rejected would be rejected again: such a matter rests.
    """
    if entry.state != "withdrawn" or entry.problem == UNDONE:
        return False
    return entry.ref is None or (entry.start is not None and entry.settled is not None and entry.settled < entry.start)


def rested_since(entries: Iterable[Entry], now: datetime) -> datetime | None:
    """Return when the last of ``entries`` was settled, None if none was. What never stood asks for no rest."""
    times = (settled_at(entry, now) for entry in entries if not never_stood(entry))
    return max((at for at in times if at is not None), default=None)


def refusals(entries: Iterable[Entry], sign: datetime | None, now: datetime) -> int:
    """Return how many reminders in a row, the last one settled among them, were deleted or passed since ``sign``."""
    settled = sorted(
        (at, entry.key, entry)
        for entry in entries
        if entry.kind in PROPOSED and entry.state not in _UNSEEN and (at := settled_at(entry, now)) is not None
    )
    run = 0
    for at, _, entry in settled:
        if sign is None or at > sign:
            run = run + 1 if entry.state == "dismissed" or is_passed(entry, now) else 0
    return run


def _day_is_past(entry: Entry, now: datetime) -> bool:
    return entry.start is not None and entry.start + PASSED <= now
