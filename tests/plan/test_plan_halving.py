"""Kith proposes half as much while hardly anything of it is acted on (PRACTICE 4, P25)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from daemon.model import Capacity, Entry
from daemon.plan import is_halved
from tests.histories import NOW, SETTINGS, days, entry, state
from tests.plan.situations import friends, plan_for, written


def row(number: int, ago: float, fate: str) -> Entry:
    start = NOW - days(ago)
    return replace(
        entry("reconnect", f"x-{number}"),
        key=f"reconnect/x-{number}/f/0",
        state=fate,
        start=start,
        end=start + timedelta(minutes=15),
        decided=start - days(7),
        settled=start + days(1),
        ref="r",
    )


def weeks(*fates: str) -> tuple[Entry, ...]:
    """Two reminders a week, the last of them four days ago."""
    first = 4 + 3.5 * (len(fates) - 1)
    return tuple(row(number, first - 3.5 * number, fate) for number, fate in enumerate(fates))


PASSED, DONE = "passed", "overtaken"


@pytest.mark.parametrize(
    ("fates", "expected"),
    [
        ([PASSED] * 8, True),
        (["dismissed"] * 8, True),
        ([*[PASSED] * 7, DONE], True),
        ([*[PASSED] * 6, DONE, DONE], True),
        ([*[PASSED] * 5, DONE, DONE, PASSED], False),
        ([PASSED] * 4, False),
        ([*[PASSED] * 8, DONE, PASSED], True),
        ([*[PASSED] * 8, DONE, DONE, DONE], False),
        ([], False),
    ],
)
def test_when_reminders_are_halved(fates: list[str], *, expected: bool) -> None:
    """Fewer than one in five acted on over four weeks halves; one in three ends it; three weeks tell nothing."""
    assert is_halved(weeks(*fates), NOW) is expected


def test_what_was_only_just_written_tells_nothing() -> None:
    """A reminder of yesterday still has time."""
    assert not is_halved(tuple(row(number, number / 8, PASSED) for number in range(8)), NOW)


def test_a_halved_week_holds_half() -> None:
    """Of four reminders a week two are left, and nobody is lost: the others are held for the week."""
    limits = replace(SETTINGS, capacity=Capacity(reminders_week=4))
    usual = plan_for(state(friends(12), settings=limits))
    halved = plan_for(state(friends(12), settings=limits, entries=weeks(*[PASSED] * 8)))

    def first_week(plan: object) -> int:
        rows = written(plan, "reconnect")  # type: ignore[arg-type]
        return sum(item.start is not None and item.start < NOW + days(6) for item in rows)

    assert (first_week(usual), first_week(halved)) == (4, 2)
