"""In which words does Kith say it? Reminders for the user's calendar, drafts for the user's Drafts folder.

Words come from templates and word lists only; every date, name and title in them stands in the facts. The rules of
PRACTICE 5 are enforced by code after rendering, too: a draft that breaks one is not made.
"""

from daemon.compose import briefs
from daemon.compose.catalogue import problems
from daemon.compose.debriefs import debrief, done, noted, noted_review
from daemon.compose.drafts import draft, said_by
from daemon.compose.letters import letter
from daemon.compose.naming import Reviewed
from daemon.compose.notices import notice
from daemon.compose.quotes import quotable
from daemon.compose.reminders import promise, reminder
from daemon.compose.reviews import Sentences, questions, review, sentences
from daemon.compose.templates import Words

__all__ = [
    "Reviewed",
    "Sentences",
    "Words",
    "briefs",
    "debrief",
    "done",
    "draft",
    "letter",
    "noted",
    "noted_review",
    "notice",
    "problems",
    "promise",
    "questions",
    "quotable",
    "reminder",
    "review",
    "said_by",
    "sentences",
]
