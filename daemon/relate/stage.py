"""Where does a relationship stand? met, growing, established, dormant (PRACTICE 3, P9, C8)."""

from __future__ import annotations

from daemon.model import CadenceRules, Stage
from daemon.relate.summary import Summary

KEY_DORMANT = 365.0
"""Days of silence after which even a key person is dormant (C8)."""


def is_established(summary: Summary) -> bool:
    """Tell whether there were 3 two-way touches over 30 days with a one-to-one or call, or 6 over 90 of any kinds."""
    days = summary.two_way
    span = (days[-1] - days[0]).days if days else 0
    return (len(days) >= 3 and span >= 30 and summary.deep is not None) or (len(days) >= 6 and span >= 90)


def dormant_after(worst: float, rules: CadenceRules, *, key: bool) -> float:
    """Return the silence in days after which somebody established is dormant.

    A wish for more frequent touches shortens the worst case, but nobody is given up sooner for being wanted more often.
    """
    return max(worst, KEY_DORMANT if key else rules.established[1])


def stage(summary: Summary, silence: float | None, limit: float, *, slot: bool) -> Stage:
    """Return the stage of somebody in the network: dormant after ``limit`` days, growing with a ``slot``."""
    if is_established(summary):
        return "dormant" if silence is not None and silence > limit else "established"
    return "growing" if slot else "met"
