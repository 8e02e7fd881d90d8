"""Can this recurrence rule be expanded, and how many instances will that be?

Asked before any library expands it: some rules never come true or never end, and would be searched for minutes
(reliability 0.3, C1; dateutil looks for the next instance until the year 9999).
"""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import chain, islice, takewhile
from math import prod
from typing import Any

Rule = Mapping[str, Sequence[Any]]

RULE_LIMIT = 2000
DENSE_LIMIT = 20_000
SHORT_LIMIT = 1_000
SETPOS_DAYS = 2200
LOOK_AHEAD = 8 * 366
"""Days beyond the horizon in which a rule must come true: a 29 February, across 1900."""
WEEKDAYS = {name: number for number, name in enumerate(("MO", "TU", "WE", "TH", "FR", "SA", "SU"))}
SHORT = ("HOURLY", "MINUTELY", "SECONDLY")
_WEEKDAY = re.compile(r"([+-]?\d{0,3})(MO|TU|WE|TH|FR|SA|SU)")
_TIMES = ("BYHOUR", "BYMINUTE", "BYSECOND")


def objection(rule: Rule, start: date, horizon: date) -> str | None:
    """Say why ``rule``, begun at ``start`` (wall time), cannot be expanded up to ``horizon``; None when it can."""
    frequency = str(_one(rule, "FREQ", "")).upper()
    if len(str(rule)) > RULE_LIMIT or int(_one(rule, "INTERVAL", 1)) < 1:
        return "a recurrence rule without meaning"
    first = start.date() if isinstance(start, datetime) else start
    if not _comes_true(rule, frequency, first, horizon):
        return "a recurrence rule that never comes true"
    if frequency in SHORT:
        return _short_objection(rule, start)
    if prod(len(rule.get(name, (0,))) for name in _TIMES) > 1 and _reaches(rule, start, horizon, DENSE_LIMIT):
        return "a recurrence rule with too many instances"
    return None


def newest(rules: Sequence[Rule], start: date, horizon: date, limit: int) -> datetime | None:
    """Return the wall time of the ``limit``-th instance before ``horizon``, counted back; None if there are fewer.

    Only for rules without objection.
    """
    first = start.date() if isinstance(start, datetime) else start
    days = max(0, (horizon - first).days) + 1
    if days * sum(max(1, prod(len(rule.get(name, (0,))) for name in _TIMES)) for rule in rules) <= limit:
        return None
    found = sorted(chain.from_iterable(deque(_until(rule, start, horizon), maxlen=limit + 1) for rule in rules))
    return found[-limit] if len(found) > limit else None


def _until(rule: Rule, start: date, horizon: date) -> Iterator[datetime]:
    """Yield the instances of ``rule`` before ``horizon``, COUNT and the day of UNTIL respected."""
    until = _one(rule, "UNTIL", None)
    last = horizon if until is None else min(horizon, _day(until) + timedelta(days=1))
    within = takewhile(lambda wall: wall.date() < last, _starts(rule, _wall(start)))
    return islice(within, _one(rule, "COUNT", None))


def short(rule: Rule) -> bool:
    """Tell whether ``rule`` repeats more often than daily."""
    return str(_one(rule, "FREQ", "")).upper() in SHORT


def goes_on(rule: Rule, start: date, horizon: date) -> bool:
    """Tell whether ``rule`` may have instances after ``horizon``."""
    until, count = _one(rule, "UNTIL", None), _one(rule, "COUNT", None)
    if until is not None:
        return _day(until) >= horizon
    return count is None or sum(1 for _ in _until(rule, start, horizon)) < count


def begins_with(rule: Rule, start: date) -> bool:
    """Tell whether ``start`` itself is an instance of ``rule`` (else it is none: both engines of the corpus agree)."""
    wall = _wall(start)
    return next(_starts(rule, wall), None) == wall


def _short_objection(rule: Rule, start: date) -> str | None:
    count, until = _one(rule, "COUNT", None), _one(rule, "UNTIL", None)
    if count is None and until is None:
        return "a recurrence rule below a day that never ends"
    last = date.max if until is None else _day(until)
    if (count is None or count > SHORT_LIMIT) and _reaches(rule, start, last, SHORT_LIMIT):
        return "a recurrence rule below a day with too many instances"
    return None


def _reaches(rule: Rule, start: date, last: date, limit: int) -> bool:
    beyond = next(islice(_starts(rule, _wall(start)), limit, None), None)
    return beyond is not None and beyond.date() <= last


def _starts(rule: Rule, wall: datetime) -> Iterator[datetime]:
    from dateutil.rrule import rrulestr

    parts = (f"{name}={_listed(values)}" for name, values in rule.items() if name.upper() not in {"UNTIL", "COUNT"})
    return iter(rrulestr(";".join(parts), dtstart=wall))


def _listed(values: Sequence[Any]) -> str:
    return ",".join(str(value) for value in values)


# -- does any day fit? -------------------------------------------------------------------------------------------------


def _comes_true(rule: Rule, frequency: str, first: date, horizon: date) -> bool:
    fits = _filters(rule, frequency, first)
    step = int(_one(rule, "INTERVAL", 1)) if frequency == "DAILY" else 1
    span = max(0, (horizon - first).days) + LOOK_AHEAD
    days = (first + timedelta(days=offset) for offset in range(0, span, step))
    if not any(all(fit(day) for fit in fits) for day in days):
        return False
    return "BYSETPOS" not in rule or _position_exists(rule, frequency, first, fits)


def _position_exists(rule: Rule, frequency: str, first: date, fits: Sequence[Callable[[date], bool]]) -> bool:
    """Tell whether the smallest position of BYSETPOS is inside the largest set of a period."""
    finer = _TIMES[SHORT.index(frequency) + 1 :] if frequency in SHORT else _TIMES
    size = prod(len(rule.get(name, (0,))) for name in finer)
    if frequency not in SHORT:
        days = (first + timedelta(days=offset) for offset in range(SETPOS_DAYS))
        sets = Counter(_period(frequency, day) for day in days if all(fit(day) for fit in fits))
        size *= max(sets.values(), default=0)
    return min(abs(int(position)) for position in rule["BYSETPOS"]) <= size


def _period(frequency: str, day: date) -> tuple[int, ...]:
    if frequency == "YEARLY":
        return (day.year,)
    if frequency == "MONTHLY":
        return (day.year, day.month)
    return tuple(day.isocalendar())[:2] if frequency == "WEEKLY" else (day.toordinal(),)


def _filters(rule: Rule, frequency: str, first: date) -> list[Callable[[date], bool]]:
    """Return what a day must fulfil to be an instance; never more than dateutil asks for."""
    months = {int(value) for value in rule.get("BYMONTH", ())}
    days = {int(value) for value in rule.get("BYMONTHDAY", ())}
    year_days = {int(value) for value in rule.get("BYYEARDAY", ())}
    weekdays = [_WEEKDAY.fullmatch(str(value).upper()) for value in rule.get("BYDAY", ())]
    free = not (days or year_days or weekdays or "BYWEEKNO" in rule or "BYEASTER" in rule)
    if free and frequency in {"YEARLY", "MONTHLY"}:
        days = {first.day}
        months = months or ({first.month} if frequency == "YEARLY" else set())
    fits: list[Callable[[date], bool]] = [_phase(frequency, int(_one(rule, "INTERVAL", 1)), first)]
    if months:
        fits.append(lambda day: day.month in months)
    if days:
        fits.append(lambda day: day.day in days or day.day - monthrange(day.year, day.month)[1] - 1 in days)
    if year_days:
        fits.append(lambda day: _year_day(day) in year_days or _year_day(day) - 366 - isleap(day.year) in year_days)
    if weekdays:
        named = [(_ordinal(found), WEEKDAYS[found[2]]) for found in weekdays if found]
        monthly = frequency == "MONTHLY" or (frequency == "YEARLY" and bool(months))
        fits.append(lambda day: any(_weekday_fits(day, nth, weekday, monthly) for nth, weekday in named))
    return fits


def _phase(frequency: str, interval: int, first: date) -> Callable[[date], bool]:
    if frequency == "YEARLY":
        return lambda day: (day.year - first.year) % interval == 0
    if frequency == "MONTHLY":
        return lambda day: ((day.year - first.year) * 12 + day.month - first.month) % interval == 0
    return lambda _: True


def _weekday_fits(day: date, nth: int, weekday: int, monthly: bool) -> bool:  # noqa: FBT001 - a lambda's argument
    if day.weekday() != weekday:
        return False
    place = day.day if monthly else _year_day(day)
    length = monthrange(day.year, day.month)[1] if monthly else 365 + isleap(day.year)
    return nth in {0, (place - 1) // 7 + 1, -((length - place) // 7 + 1)}


def _ordinal(found: re.Match[str]) -> int:
    return int(found[1]) if found[1] not in {"", "+", "-"} else 0


def _year_day(day: date) -> int:
    return day.timetuple().tm_yday


def _one(rule: Rule, name: str, default: Any) -> Any:
    values = rule.get(name)
    return values[0] if values else default


def _day(when: date) -> date:
    return when.date() if isinstance(when, datetime) else when


def _wall(start: date) -> datetime:
    if isinstance(start, datetime):
        return start.replace(tzinfo=None)
    return datetime(start.year, start.month, start.day)  # noqa: DTZ001 - wall time: a rule knows no zone
