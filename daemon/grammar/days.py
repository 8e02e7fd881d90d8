"""Which day does the user mean? "yesterday", "am 12.11." look back; "3w", "bis Freitag", "until March" look ahead."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from daemon.grammar.words import Words
from daemon.model import Vocabulary

LONGEST_AGO = 300
"""A day without a year that would lie further back than this is one still to come."""
LONGEST_AHEAD = 5 * 366
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\.?")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})(?:\.(\d{4}|\d{2})?)?\.?")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?")
_NUMBER = re.compile(r"(\d{1,2})(?:\.|st|nd|rd|th)?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_COUNT = re.compile(r"(\d{1,3})([^\W\d_]*)\.?")
_UNITS = ("day", "week", "month", "year")


@dataclass(frozen=True, slots=True)
class Day:
    """A day read at some token, and where it ends; ``day`` is None if what stands there lies in the wrong direction."""

    day: date | None
    after: int


@dataclass(frozen=True, slots=True)
class _Written:
    """A date as it was typed: year and day of the month may be missing."""

    month: int
    after: int
    day: int | None = None
    year: int | None = None


def looking_back(words: Words, at: int, today: date, vocabulary: Vocabulary) -> Day | None:
    """Return the past day that stands at token ``at``, today included; None if no day stands there.

    ``Day.day`` is None for a day to come: whoever "called tomorrow" has a plan, not a report.
    """
    start = words.past(at, vocabulary["day-on"])
    found = _near(words, start, today, vocabulary) or _ago(words, start, today, vocabulary)
    if found is None:
        found = _last_weekday(words, start, today, vocabulary, short=start > at)
    if found is None:
        written = _date(words, start, vocabulary)
        if written is None or written.day is None:
            return None
        found = Day(_back(written, today), written.after)
    return Day(found.day, words.past_all(found.after, vocabulary["day-parts"]))


def looking_ahead(words: Words, at: int, today: date, vocabulary: Vocabulary) -> Day | None:
    """Return the day to come that stands at token ``at``; None if no day, or none later than today, stands there.

    A month alone means its first day, and is one only behind "until" or "in".
    """
    start = words.past_all(at, vocabulary["day-until"] | vocabulary["day-in"] | vocabulary["day-on"])
    led = start > at
    found = (
        _soon(words, start, today, vocabulary)
        or _span(words, start, today, vocabulary)
        or _next(words, start, today, vocabulary)
        or _coming_weekday(words, start, today, vocabulary, short=led)
    )
    if found is None:
        written = _date(words, start, vocabulary)
        if written is None or (written.day is None and not led):
            return None
        found = Day(_ahead(written, today), written.after)
    if found.day is None or not today < found.day <= today + timedelta(days=LONGEST_AHEAD):
        return None
    return found


def _near(words: Words, at: int, today: date, vocabulary: Vocabulary) -> Day | None:
    for name, days in (("day-before-yesterday", 2), ("day-yesterday", 1), ("day-today", 0)):
        after = words.past(at, vocabulary[name])
        if after > at:
            return Day(_moved(today, -days), after)
    soon = _soon(words, at, today, vocabulary) or _next(words, at, today, vocabulary)
    return None if soon is None else Day(None, soon.after)


def _soon(words: Words, at: int, today: date, vocabulary: Vocabulary) -> Day | None:
    for name, days in (("day-after-tomorrow", 2), ("day-tomorrow", 1)):
        after = words.past(at, vocabulary[name])
        if after > at:
            return Day(_moved(today, days), after)
    return None


def _ago(words: Words, at: int, today: date, vocabulary: Vocabulary) -> Day | None:
    """Read "3 days ago", "vor zwei Wochen"."""
    start = words.past(at, vocabulary["day-ago-before"])
    counted = _counted(words, start, vocabulary)
    if counted is None:
        return None
    number, unit, after = counted
    end = words.past(after, vocabulary["day-ago"])
    return Day(_later(today, -number, unit), end) if start > at or end > after else None


def _span(words: Words, at: int, today: date, vocabulary: Vocabulary) -> Day | None:
    counted = _counted(words, at, vocabulary)
    return None if counted is None else Day(_later(today, counted[0], counted[1]), counted[2])


def _counted(words: Words, at: int, vocabulary: Vocabulary) -> tuple[int, str, int] | None:
    """Read a number and its unit, in one token (3w) or in two: number, unit, where they end."""
    found = _COUNT.fullmatch(words.word(at))
    number = int(found[1]) if found else _number_word(words.word(at), vocabulary)
    if number is None:
        return None
    if found and found[2]:
        unit = _unit(found[2], vocabulary)
        return None if unit is None else (number, unit, at + 1)
    unit = _unit(words.word(at + 1), vocabulary)
    return None if unit is None else (number, unit, at + 2)


def _number_word(word: str, vocabulary: Vocabulary) -> int | None:
    return next((number for number in range(1, 7) if word in vocabulary[f"number-{number}"]), None)


def _unit(word: str, vocabulary: Vocabulary) -> str | None:
    return next((unit for unit in _UNITS if word in vocabulary[f"unit-{unit}"]), None)


def _later(today: date, number: int, unit: str) -> date | None:
    if unit in {"day", "week"}:
        return _moved(today, number * (7 if unit == "week" else 1))
    months = today.year * 12 + today.month - 1 + number * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    if not date.min.year <= year <= date.max.year:
        return None
    return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))


def _next(words: Words, at: int, today: date, vocabulary: Vocabulary) -> Day | None:
    """Read "next week" (its Monday), "nächsten Monat" (its first day), "next Friday" (that of next week)."""
    start = words.past(at, vocabulary["day-next"])
    if start == at:
        return None
    monday = _moved(today, 7 - today.weekday())
    weekday = _weekday(words.word(start), vocabulary, short=True)
    if weekday is not None:
        return Day(monday and _moved(monday, weekday), start + 1)
    unit = _unit(words.word(start), vocabulary)
    if unit == "week":
        return Day(monday, start + 1)
    if unit in {"month", "year"}:
        day = _later(today, 1, unit)
        return Day(day and day.replace(day=1, month=1 if unit == "year" else day.month), start + 1)
    return None


def _last_weekday(words: Words, at: int, today: date, vocabulary: Vocabulary, *, short: bool) -> Day | None:
    start = words.past(at, vocabulary["day-last"])
    weekday = _weekday(words.word(start), vocabulary, short=short or start > at)
    if weekday is None or _dated(words, start + 1, vocabulary) is not None:
        return None
    back = (today.weekday() - weekday) % 7
    return Day(_moved(today, -(back or 7 if start > at else back)), start + 1)


def _coming_weekday(words: Words, at: int, today: date, vocabulary: Vocabulary, *, short: bool) -> Day | None:
    weekday = _weekday(words.word(at), vocabulary, short=short)
    if weekday is None or _dated(words, at + 1, vocabulary) is not None:
        return None
    return Day(_moved(today, (weekday - today.weekday() - 1) % 7 + 1), at + 1)


def _weekday(word: str, vocabulary: Vocabulary, *, short: bool) -> int | None:
    """Return the number of a weekday; abbreviations are names and small words elsewhere: only where they are led in."""
    for number in range(7):
        if word in vocabulary[f"weekday-{number + 1}"] or (short and word in vocabulary[f"weekday-short-{number + 1}"]):
            return number
    return None


def _date(words: Words, at: int, vocabulary: Vocabulary) -> _Written | None:
    """Read a date, "Fri 12 Feb" and "Freitag, 12.2." too."""
    start = at
    if _weekday(words.word(at), vocabulary, short=True) is not None:
        start = at + 1 + sum(1 for sign in (words.word(at + 1),) if sign in {",", "."})
    found = _dated(words, start, vocabulary)
    return found if found is None or start == at or found.day is not None else None


def _dated(words: Words, at: int, vocabulary: Vocabulary) -> _Written | None:
    at += words.word(at) in {",", "."} and bool(_NUMBER.match(words.word(at + 1)))
    word = words.word(at)
    if found := _ISO.fullmatch(word):
        return _Written(int(found[2]), at + 1, int(found[3]), int(found[1]))
    if found := _DOTTED.fullmatch(word):
        return _Written(int(found[2]), at + 1, int(found[1]), _year(found[3]))
    if found := _SLASHED.fullmatch(word):
        return _slashed(int(found[1]), int(found[2]), _year(found[3]), at + 1)
    return _day_and_month(words, at, vocabulary)


def _slashed(one: int, other: int, year: int | None, after: int) -> _Written | None:
    """Read 25/12 and 12/25; 3/4 is 3 April to some and 4 March to others, so nothing."""
    if one > 12 >= other:
        return _Written(other, after, one, year)
    return _Written(one, after, other, year) if other > 12 >= one or one == other else None


def _day_and_month(words: Words, at: int, vocabulary: Vocabulary) -> _Written | None:
    """Read "12 Nov", "12. November 2027", "Nov 12th", "March"."""
    number = _NUMBER.fullmatch(words.word(at))
    start = words.past(at + 1, vocabulary["day-of"]) if number else at
    month = _month(words.word(start), vocabulary)
    if month is None:
        return None
    after = start + 1
    if number is None:
        after += words.word(after) == "." and bool(_NUMBER.fullmatch(words.word(after + 1)))
        number = _NUMBER.fullmatch(words.word(after))
        after = after + 1 if number else start + 1
    year_at = after + (words.word(after) in {",", "."})
    year = int(words.word(year_at)) if _YEAR.fullmatch(words.word(year_at)) else None
    return _Written(month, after if year is None else year_at + 1, int(number[1]) if number else None, year)


def _month(word: str, vocabulary: Vocabulary) -> int | None:
    return next((number for number in range(1, 13) if word in vocabulary[f"month-{number}"]), None)


def _year(text: str | None) -> int | None:
    return None if not text else int(text) if len(text) == 4 else 2000 + int(text)


def _back(written: _Written, today: date) -> date | None:
    """Return the latest such day that is not in the future."""
    if written.year is not None:
        day = _made(written.year, written)
        return day if day is not None and day <= today else None
    for year in (today.year, today.year - 1):
        day = _made(year, written)
        if day is not None and day <= today:
            return day if (today - day).days <= LONGEST_AGO else None
    return None


def _ahead(written: _Written, today: date) -> date | None:
    """Return the first such day after today."""
    years = (today.year, today.year + 1) if written.year is None else (written.year,)
    days = (_made(year, written) for year in years)
    return next((day for day in days if day is not None and day > today), None)


def _made(year: int, written: _Written) -> date | None:
    try:
        return date(year, written.month, written.day or 1)
    except ValueError:
        return None


def _moved(day: date, days: int) -> date | None:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None
