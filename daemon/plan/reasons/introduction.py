"""introduction: needs meet offers. First the one who needs is asked, then the other, then both get the introduction.

Each step only after the user's own yes to the one before: in headers a no looks like a yes (PRACTICE 5.7).
"""

from __future__ import annotations

from collections.abc import Iterator

from daemon.model import Cause
from daemon.plan.desk import Desk
from daemon.plan.reasons.reason import Causes, Reason, Reminded

ASK, SECOND, MADE = "introduction", "introduction-second", "introduction-made"


def _step(name: str) -> Causes:
    def causes(_: Desk, person: str, reminded: Reminded | None) -> Iterator[Cause]:
        if reminded is not None and reminded.kind == "introduction" and reminded.reason == name:
            yield Cause(reason=name, person=person, evidence=reminded.evidence)

    return causes


REASON = Reason(name=ASK, causes=_step(ASK), gives=True)
# these complete what was begun
STEPS = tuple(Reason(name=name, causes=_step(name), again=None) for name in (SECOND, MADE))
