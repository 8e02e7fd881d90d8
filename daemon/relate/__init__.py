"""What does Kith think of each person today? Facts in, opinions out: strength, circle, stage, cadence, due.

Opinions are computed, never stored. What takes long, a person's ``Summary``, depends on that person's facts alone and
is kept in memory until they change (``Summaries``); all that depends on the day, the decisions or other people is in
``opinion``.
"""

from __future__ import annotations

from daemon.relate.answers import PASSED, is_known, is_open, is_passed, never_stood, rested_since, settled_at
from daemon.relate.choices import choices
from daemon.relate.circle import by_mail_alone
from daemon.relate.opinion import Surroundings, opinion, opinions, reconsider, surroundings
from daemon.relate.proposals import key_proposals, mute_proposals, strongest
from daemon.relate.strength import strength
from daemon.relate.summary import Summaries, Summary, summarise
from daemon.relate.targets import kinds_of, texts_about, uncovered

__all__ = [
    "PASSED",
    "Summaries",
    "Summary",
    "Surroundings",
    "by_mail_alone",
    "choices",
    "is_known",
    "is_open",
    "is_passed",
    "key_proposals",
    "kinds_of",
    "mute_proposals",
    "never_stood",
    "opinion",
    "opinions",
    "reconsider",
    "rested_since",
    "settled_at",
    "strength",
    "strongest",
    "summarise",
    "surroundings",
    "texts_about",
    "uncovered",
]
