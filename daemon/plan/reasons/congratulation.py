"""congratulation: the user noted what to congratulate on (``kith note anna "congratulate: new job"``).

Headers alone tell of no success: a new domain may be a new job, a new provider or a firm that changed its name, and
what LinkedIn sends about several people is no knowledge of one. So a draft rests on the user's word only; that somebody
writes from another company's domain than before is a line in the reminder, as a guess with the word that makes it one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from daemon.model import Cause, Touchpoint
from daemon.plan.desk import Desk
from daemon.plan.reasons.reason import Reason, Reminded, told

NAME = "congratulation"
NOTED = "congratulate"
FRESH = timedelta(days=14)
MOVED = timedelta(days=60)
"""How long a new domain is news."""
_MAILS: frozenset[str] = frozenset({"wrote", "heard", "forwarded"})
LEAST = 3
"""Mails at the old domain before the new one says anything."""


def _awake(desk: Desk) -> Iterator[str]:
    for person, note, _ in desk.once(told).everybody(NOTED):
        if desk.state.now - note.at <= FRESH:
            yield person


def _causes(desk: Desk, person: str, _: Reminded | None) -> Iterator[Cause]:
    for note, _item in desk.once(told).noted(person, NOTED):
        if desk.state.now - note.at <= FRESH:
            yield Cause(reason=NAME, person=person, evidence=(note.key,))
    moved = _moved(desk, person)
    if moved is not None:
        yield Cause(reason=NAME, person=person, evidence=moved, draft=False)


def _moved(desk: Desk, person: str) -> tuple[str, str] | None:
    """Return the last mail at the old company's domain and the first at the new one, if there was such a change."""
    mails = [item for item in desk.facts(person) if item.kind in _MAILS and _company(desk, item)]
    first = len(mails)
    while first and _company(desk, mails[first - 1]) == _company(desk, mails[-1]):
        first -= 1
    before, after = mails[:first], mails[first:]
    if len(before) < LEAST or desk.state.now - after[0].at > MOVED:
        return None
    old = {_company(desk, item) for item in before[-LEAST:]}
    is_back = any(_company(desk, item) == _company(desk, after[0]) for item in before)
    return None if len(old) > 1 or is_back else (before[-1].key, after[0].key)


def _company(desk: Desk, item: Touchpoint) -> str:
    """Return the domain of a company's address, "" for one at a free provider."""
    host = item.address.rpartition("@")[2]
    return "" if host in desk.state.vocabulary["free-mail"] else host


REASON = Reason(name=NAME, causes=_causes, awake=_awake)
