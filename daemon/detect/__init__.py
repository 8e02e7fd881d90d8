"""Whom did the user meet and write to? Records in, facts out (PRACTICE 1 and 2, pure).

The straight line is ``study``; ``Chronicle`` comes to the same facts from what changed since.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from daemon.detect.addresses import is_nobody
from daemon.detect.applying import by_person, changed_facts, changed_people
from daemon.detect.book import name_book
from daemon.detect.cards import accepted, card_decision
from daemon.detect.chronicle import Chronicle, Moved
from daemon.detect.ground import TELLING
from daemon.detect.habits import series as series_of
from daemon.detect.habits import title_key
from daemon.detect.meetings import doubt
from daemon.detect.namesakes import namesakes
from daemon.detect.outcomes import Filed, Held
from daemon.detect.revision import Change, revise
from daemon.detect.study import Study, study
from daemon.detect.touches import one_line
from daemon.detect.upcoming import Background, Expected, background, habit_marks, open_event
from daemon.model import Decision, Facts, Person, Records, Settings, Vocabulary
from daemon.names import same_name

__all__ = [
    "TELLING",
    "Background",
    "Change",
    "Chronicle",
    "Expected",
    "Filed",
    "Held",
    "Moved",
    "Study",
    "accepted",
    "background",
    "by_person",
    "card_decision",
    "changed_facts",
    "changed_people",
    "detect",
    "doubt",
    "habit_marks",
    "is_nobody",
    "name_book",
    "namesakes",
    "one_line",
    "open_event",
    "revise",
    "same_name",
    "series_of",
    "study",
    "title_key",
]


def detect(
    records: Records,
    *,
    settings: Settings,
    vocabulary: Vocabulary,
    decisions: Sequence[Decision],
    now: datetime,
    known: Sequence[Person],
    new_id: Callable[[str], str],
    caught_up: bool,
) -> Facts:
    """Return everything that ``records`` say at ``now``.

    ``known`` are the persons stored before: their ids stay. ``new_id`` makes an id of an address,
    always the same. ``caught_up`` False: an answered mail may be one of the user's not yet read, so nothing is proven
    by it (P18). The order of the input never matters.
    """
    return study(
        records,
        settings=settings,
        vocabulary=vocabulary,
        decisions=decisions,
        now=now,
        known=known,
        new_id=new_id,
        caught_up=caught_up,
    ).facts
