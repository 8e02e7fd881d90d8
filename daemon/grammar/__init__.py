"""What did the user type? One grammar for titles, debrief and review lines, own events and mails to oneself (pure)."""

from __future__ import annotations

from daemon.grammar.additions import added, lines_added
from daemon.grammar.answers import Said, Word, answer, title_answer
from daemon.grammar.debriefs import About, Line, debrief
from daemon.grammar.replies import assent, replies
from daemon.grammar.reports import Report, Told, report, spoken
from daemon.grammar.text import plain
from daemon.grammar.wants import Want, Wanted, wanted
from daemon.grammar.who import Kind

__all__ = [
    "About",
    "Kind",
    "Line",
    "Report",
    "Said",
    "Told",
    "Want",
    "Wanted",
    "Word",
    "added",
    "answer",
    "assent",
    "debrief",
    "lines_added",
    "plain",
    "replies",
    "report",
    "spoken",
    "title_answer",
    "wanted",
]
