"""pick-up: the last subject or meeting, if it may be quoted; as often as the two should be in touch (PRACTICE 5.6)."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.model import Cause
from daemon.plan.desk import Desk
from daemon.plan.reasons.reason import Reason, Reminded
from daemon.plan.reasons.rests import refused
from daemon.plan.sources import is_there

NAME = "pick-up"


def _causes(desk: Desk, person: str, reminded: Reminded | None) -> Iterator[Cause]:
    """Yield what the reconnect rests on, without what a deleted draft rested on (C33) and what is there no more."""
    if reminded is None or reminded.kind != "reconnect":
        return
    gone = refused(entry for entry in desk.entries.get(person, ()) if entry.kind == "draft")
    keys = (key for key in reminded.evidence if key not in gone and is_there(key, person, desk.state))
    evidence = tuple(keys)
    if evidence:
        yield Cause(reason=NAME, person=person, evidence=evidence)


# its reminder comes when the two should be in touch again: that is its cadence
REASON = Reason(name=NAME, causes=_causes, again=None, generic=True)
