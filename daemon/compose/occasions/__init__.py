"""What is there to say of each reason? One function a reason, out of the evidence of its cause alone."""

from __future__ import annotations

from collections.abc import Mapping

from daemon.compose.occasions.article import article
from daemon.compose.occasions.dates import anniversary, birthday, both_going
from daemon.compose.occasions.introductions import check, introduction
from daemon.compose.occasions.meetings import conversation, meeting
from daemon.compose.occasions.noted import congratulation, promised
from daemon.compose.occasions.occasion import QUOTED, Occasion, Says
from daemon.compose.occasions.pick_up import last_topic
from daemon.model import Cause, Person, State

__all__ = ["QUOTED", "SAYS", "Occasion", "occasion_of"]

SAYS: Mapping[str, Says] = {
    "promised": promised,
    "conversation": conversation,
    "first-meeting": meeting,
    "introduction-check": check,
    "congratulation": congratulation,
    "birthday": birthday,
    "both-going": both_going,
    "anniversary": anniversary,
    "article": article,
    "pick-up": last_topic,
    "introduction": introduction,
    "introduction-second": introduction,
    "introduction-made": introduction,
}
"""By the name of the reason."""


def occasion_of(cause: Cause, person: Person, state: State) -> Occasion | None:
    """Return what there is to say of ``cause`` to ``person``; None for nothing, or a reason unknown here."""
    says = SAYS.get(cause.reason)
    return says(cause, person, state) if says is not None and cause.evidence else None
