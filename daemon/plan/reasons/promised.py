"""promised: what the user promised falls due; the words of the promise may be quoted (PRACTICE 5.3, C4)."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.model import Cause
from daemon.plan.desk import Desk
from daemon.plan.reasons.reason import Reason, Reminded

NAME = "promised"


def _causes(_: Desk, person: str, reminded: Reminded | None) -> Iterator[Cause]:
    if reminded is not None and reminded.kind == "promise":
        yield Cause(reason=NAME, person=person, evidence=(reminded.fact,))


# each promise is a reason of its own
REASON = Reason(name=NAME, causes=_causes, again=None)
