"""first-meeting: the two met for the first time, and the follow-up of it stands (PRACTICE 5.1)."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.model import Cause
from daemon.plan.desk import Desk
from daemon.plan.reasons.reason import Reason, Reminded

NAME = "first-meeting"


def _causes(_: Desk, person: str, reminded: Reminded | None) -> Iterator[Cause]:
    if reminded is not None and reminded.kind == "follow-up" and reminded.reason == NAME:
        yield Cause(reason=NAME, person=person, evidence=reminded.evidence)


REASON = Reason(name=NAME, causes=_causes)
