"""What came of the week? Activity beside productivity, groups, questions and suggestions: facts in, a review out.

Pure. ``past`` reads what happened out of the records and their verdicts; ``survey`` lays everything out once, so that
many weeks can be asked: ``numbers`` gives the five pairs of a week, ``weekly`` the whole review.
"""

from __future__ import annotations

from daemon.review.numbers import numbers
from daemon.review.past import past
from daemon.review.survey import Survey, survey
from daemon.review.values import (
    Activity,
    Ask,
    Before,
    Doubt,
    Evidence,
    Figure,
    Good,
    Group,
    Growing,
    Help,
    Key,
    LastTen,
    Letter,
    Numbers,
    Occasion,
    Past,
    Productivity,
    Review,
    Tip,
    Week,
)
from daemon.review.weekly import weekly
from daemon.review.yearly import Annual, is_long_enough, yearly

__all__ = [
    "Activity",
    "Annual",
    "Ask",
    "Before",
    "Doubt",
    "Evidence",
    "Figure",
    "Good",
    "Group",
    "Growing",
    "Help",
    "Key",
    "LastTen",
    "Letter",
    "Numbers",
    "Occasion",
    "Past",
    "Productivity",
    "Review",
    "Survey",
    "Tip",
    "Week",
    "is_long_enough",
    "numbers",
    "past",
    "survey",
    "weekly",
    "yearly",
]
