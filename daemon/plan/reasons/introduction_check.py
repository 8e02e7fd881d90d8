"""introduction-check: three weeks after the user made two people known to each other (M5), with Kith's help or without.

One of the two is asked: whoever needed something, else whom the user is closer to. Both would be a survey.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from daemon.model import Cause, Touchpoint
from daemon.plan.desk import Desk
from daemon.plan.reasons.reason import Reason, Reminded, told

NAME = "introduction-check"
AFTER = timedelta(days=21)
UNTIL = timedelta(days=51)
"""Thirty days more to ask (PRACTICE 4, shelf life)."""


def introductions(desk: Desk) -> tuple[tuple[Touchpoint, Touchpoint], ...]:
    """Return the introductions that the user made three weeks ago or somewhat more: the fact about each of the two."""
    found: dict[str, list[Touchpoint]] = {}
    for person in desk.opinions:
        for item in reversed(desk.facts(person)):
            if item.at < desk.state.now - UNTIL:
                break
            if item.kind == "introduction" and item.mine and item.at <= desk.state.now - AFTER:
                found.setdefault(item.source, []).append(item)
    pairs = [both for _, both in sorted(found.items()) if len({item.person for item in both}) == 2]
    return tuple((both[0], both[-1]) for both in pairs)


def _asked(desk: Desk, one: Touchpoint, other: Touchpoint) -> tuple[Touchpoint, Touchpoint]:
    """Return the two with whom is to be asked in front."""

    def rank(item: Touchpoint) -> tuple[bool, float, str]:
        needs = any(True for _ in desk.once(told).noted(item.person, "needs"))
        return not needs, -desk.opinions[item.person].strength, item.person

    return (one, other) if rank(one) <= rank(other) else (other, one)


def _awake(desk: Desk) -> Iterator[str]:
    yield from (_asked(desk, *both)[0].person for both in desk.once(introductions))


def _causes(desk: Desk, person: str, _: Reminded | None) -> Iterator[Cause]:
    for both in desk.once(introductions):
        asked, other = _asked(desk, *both)
        if asked.person == person:
            yield Cause(reason=NAME, person=person, evidence=(asked.key, other.key))


REASON = Reason(name=NAME, causes=_causes, awake=_awake)
