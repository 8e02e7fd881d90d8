"""Where does a relationship stand? met, growing, established, dormant (PRACTICE 3, P9, C8)."""

from __future__ import annotations

from daemon.model import Stage
from daemon.relate.summary import Summary

KEY_DORMANT = 365.0
"""Days of silence after which even a key person is dormant (C8)."""


def is_established(summary: Summary) -> bool:
    """Tell whether there were 3 two-way touches over 30 days with a one-to-one or call, or 6 over 90 of any kinds."""
    days = summary.two_way
    span = (days[-1] - days[0]).days if days else 0
    return (len(days) >= 3 and span >= 30 and summary.deep is not None) or (len(days) >= 6 and span >= 90)


def stage(summary: Summary, silence: float | None, worst: float, *, key: bool, slot: bool) -> Stage:
    """Return the stage of somebody in the network; ``slot`` tells whether they hold a growing one. Days are floats."""
    if is_established(summary):
        limit = max(KEY_DORMANT, worst) if key else worst
        return "dormant" if silence is not None and silence > limit else "established"
    return "growing" if slot else "met"
