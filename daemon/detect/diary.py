"""Which events hang together? Habits (E10), the same meeting twice (E11) and titles, kept so that one event more or
less costs only those it hangs together with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from connectors.records import Event
from daemon.detect import habits
from daemon.detect.habits import HABIT_LIMIT, Mark
from daemon.detect.many import Many
from daemon.detect.outcomes import Held, Outcomes

Read: TypeAlias = Callable[[str], Event | None]


class Diary:
    """All events as they hang together; ``read`` returns an event by key, as it is after a change."""

    def __init__(self, outcomes: Outcomes, read: Read) -> None:
        self._outcomes = outcomes
        self._read = read
        self._at = Many()
        self._links: dict[Mark, Counter[Mark]] = {}
        self._habits: set[Mark] = set()

    # -- habits (E10) --------------------------------------------------------------------------------------------------

    def mark(self, event: Event, sign: int) -> set[Mark]:
        """Note that ``event`` may be one of a habit (1) or is none any more (-1); return what habits that concerns."""
        first, *others = habits.marks(event)
        (self._at.add if sign > 0 else self._at.drop)(first, event.key)
        for other in others:
            self._link(first, other, sign)
            self._link(other, first, sign)
        return {first, *others}

    def _link(self, one: Mark, other: Mark, sign: int) -> None:
        linked = self._links.setdefault(one, Counter())
        linked[other] += sign
        if not linked[other]:
            del linked[other]
        if not linked:
            del self._links[one]

    def weigh(self, marks: Iterable[Mark]) -> set[str]:
        """Judge again the habits of ``marks``; return the keys of events that belong to one no more, or now."""
        done: set[Mark] = set()
        found: set[str] = set()
        for mark in marks:
            if mark not in done:
                together = self._together(mark)
                done |= together
                found |= self._judge(together)
        return found

    def _judge(self, together: set[Mark]) -> set[str]:
        keys = {mark: self._at.get(mark) for mark in together}
        is_habit = habits.is_habit([self._outcomes.meetings[key] for found in keys.values() for key in found])
        changed = {mark for mark in together if (mark in self._habits) != is_habit}
        (self._habits.update if is_habit else self._habits.difference_update)(together)
        return {key for mark in changed for key in keys[mark]}

    def _together(self, mark: Mark) -> set[Mark]:
        found, waiting = {mark}, [mark]
        while waiting:
            for other in self._links.get(waiting.pop(), ()):
                if other not in found:
                    found.add(other)
                    waiting.append(other)
        return found

    def is_habit(self, event: Event) -> bool:
        """Tell whether ``event``, if it counts for habits, is one of a habit."""
        return habits.marks(event)[0] in self._habits

    # -- the same meeting twice (E11) ----------------------------------------------------------------------------------

    def twice(self, before: Mapping[str, Held | None]) -> set[str]:
        """Apply E11 anew around what has changed, given what stood there ``before``; return the keys judged again."""
        near: set[str] = set()
        waiting: list[tuple[str, Held]] = []
        for key, held in before.items():
            now = self._outcomes.meetings.get(key)
            waiting += [(key, item) for item in (held, now) if item is not None]
        while waiting:
            key, held = waiting.pop()
            if _takes_place(self._outcomes.meetings.get(key)):
                near.add(key)
            found = [item for item in self._beside(key, held) if item[0] not in near]
            near.update(key for key, _ in found)
            waiting += found
        self._judge_twice(near)
        return near

    def _beside(self, key: str, held: Held) -> list[tuple[str, Held]]:
        if not _takes_place(held):
            return []
        people = {who for who, _, _ in held.present}
        near = ((other, self._outcomes.meetings[other]) for other in self._outcomes.around(held) if other != key)
        return [
            (other, meeting)
            for other, meeting in near
            if _takes_place(meeting) and _overlap(meeting, held) and any(who in people for who, _, _ in meeting.present)
        ]

    def _judge_twice(self, near: set[str]) -> None:
        held = {key: self._outcomes.meetings[key] for key in near}
        events = {key: event for key in near if (event := self._read(key)) is not None}
        people = {key: frozenset(who for who, _, _ in item.present) for key, item in held.items()}
        twice = habits.duplicates([held[key].plain(event) for key, event in sorted(events.items())], people)
        for key, item in held.items():
            self._outcomes.hold(key, item.judged(twice=key in twice, habit=item.habit))


def for_habits(held: Held | None) -> bool:
    """Tell whether a meeting counts for habits: by its guests (E6), not too many, and once."""
    return (
        held is not None
        and held.plain_kind not in {None, "call"}
        and held.verdict.rule == "E6"
        and not held.twice
        and held.size <= HABIT_LIMIT
    )


def _takes_place(held: Held | None) -> bool:
    return held is not None and held.plain_kind is not None and bool(held.present)


def _overlap(one: Held, other: Held) -> bool:
    return one.start == other.start or (one.start < other.end and other.start < one.end)
