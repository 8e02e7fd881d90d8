"""first-meeting: the two met for the first time, and the follow-up of it stands (PRACTICE 5.1)."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.model import Cause
from daemon.plan.desk import Desk
from daemon.plan.reasons.reason import Reason, Reminded, told

NAME = "first-meeting"


def _causes(desk: Desk, person: str, reminded: Reminded | None) -> Iterator[Cause]:
    if reminded is not None and reminded.kind == "follow-up" and reminded.reason == NAME:
        yield Cause(reason=NAME, person=person, evidence=(*reminded.evidence, *_needs(desk, person, reminded)))


def _needs(desk: Desk, person: str, reminded: Reminded) -> Iterator[str]:
    """Yield what the user noted there of what they need: it may be quoted (C4)."""
    met = next((item.at for item in desk.facts(person) if item.key == reminded.fact), None)
    for note, _ in desk.once(told).noted(person, "needs", "quoted"):
        if met is not None and note.at >= met:
            yield note.key
            return


REASON = Reason(name=NAME, causes=_causes)
