"""How does a replay look in a terminal? A chart of its weeks, who was proposed, who was missed, and what else might be.

Names are text: never markup, never control characters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Protocol
from zoneinfo import ZoneInfo

import click

from daemon.backtest import OUTCOMES, Judged, Missed, Result, Tally
from daemon.cli.screens import WIDEST, WORDS, console, count

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

SHOWN = 15
"""Rows of a table: --json has all."""
NUMBERS = ("", "in touch", "unasked", "no place")
BARS: Mapping[str, tuple[str, str]] = {
    "in-touch": ("█", "green"),
    "later": ("▒", "yellow"),
    "silent": ("░", "red"),
    "open": ("·", "dim"),
}
"""By outcome: what one proposal looks like in the chart. The sign says it without the colour."""
SAID: Mapping[str, str] = {
    "in-touch": "in touch within six weeks",
    "later": "in touch later",
    "silent": "silent ever since",
    "open": "too early to tell",
}
SHORT = ("in touch", "later", "silent", "too early")
UNASKED = "\nIn touch again after six weeks or more, unasked: no error, you did it yourself"
BY_TIME = "So many records are not detected anew for each day: each fact counts from its time on, as it is seen today."


class Way(Protocol):
    """One way of setting Kith, and what it came to; ``named`` is "" for today's settings."""

    @property
    def named(self) -> str:
        """How it differs from today's settings."""

    @property
    def result(self) -> Result:
        """What it came to."""


def backtest_text(ways: Sequence[Way], zone: ZoneInfo, *, exact: bool) -> None:
    """Show what today's settings would have proposed, and how other ones compare."""
    from rich.text import Text

    today, out = ways[0].result, console()
    weeks = list(today.weeks)
    out.print(Text(f"What Kith would have proposed, {weeks[0]} to {weeks[-1]}", style="bold"))
    out.print(Text("Only what was known then; you saw none of it, so nobody was refused.\n", style="dim"))
    out.print(_chart(today))
    out.print(_legend())
    for line in _sums(today.tally):
        out.print(Text(line), soft_wrap=True)
    if today.rows:
        out.print(Text("\nProposed", style="bold"))
        out.print(_people(today.rows, zone))
    if today.missed:
        out.print(Text(UNASKED, style="bold"))
        out.print(_unasked(today.missed, zone))
    if len(ways) > 1:
        out.print(Text("\nCompared", style="bold"))
        out.print(_compared(ways))
    else:
        click.echo("\nOther settings beside these:  kith backtest --capacity 3 --capacity 8 --cadence established=90")
    if not exact:
        click.echo(BY_TIME)


def _chart(result: Result) -> Table:
    from rich.text import Text

    table = _table(("week", False), ("proposed", False), *((name, True) for name in NUMBERS))
    outcomes: dict[str, Counter[str]] = {}
    for row in result.rows:
        outcomes.setdefault(row.week, Counter())[row.outcome] += 1
    for week, tally in result.weeks.items():
        bar = Text()
        for outcome in OUTCOMES:
            sign, style = BARS[outcome]
            bar.append(sign * 2 * outcomes.get(week, Counter())[outcome], style=style)
        numbers = (tally.proposed, tally.outcomes["in-touch"], tally.missed, tally.full)
        table.add_row(week, bar, *map(_number, numbers))
    return table


def _legend() -> Text:
    from rich.text import Text

    found = Text()
    for outcome in OUTCOMES:
        sign, style = BARS[outcome]
        found.append(f"{sign * 2} ", style=style)
        found.append(f"{SAID[outcome]}   ")
    found.append("\n")
    return found


def _sums(tally: Tally) -> Iterator[str]:
    people = "one person" if tally.people == 1 else f"{tally.people} people"
    yield f"{count(tally.proposed, 'proposal')} of {people}."
    if tally.precision is not None:
        parts = ", ".join(f"{tally.outcomes[outcome]} {SAID[outcome]}" for outcome in OUTCOMES[:3])
        yield f"Of {tally.judged} whose six weeks are over: {parts}. In touch anyway: {tally.precision:.0%}."
    if tally.soon:
        yield f"Met within 14 days: {tally.soon}. Where that stood in the calendar already, Kith would have waited."
    if tally.full:
        yield f"Due, and no place left in that week: {tally.full}. A larger capacity would show them."


def _people(rows: Sequence[Judged], zone: ZoneInfo) -> Table:
    """Return who was proposed, the most often first."""
    by_person: dict[str, list[Judged]] = {}
    for row in rows:
        by_person.setdefault(row.proposed.person, []).append(row)
    table = _table(("name", False), ("times", True), *((name, True) for name in SHORT), ("last", False))
    listed = sorted(by_person.values(), key=lambda items: (-len(items), items[0].proposed.person))
    for items in listed[:SHOWN]:
        counts = Counter(row.outcome for row in items)
        last = items[-1].proposed
        table.add_row(
            _text(last.name),
            str(len(items)),
            *(_number(counts[outcome]) for outcome in OUTCOMES),
            f"{last.at.astimezone(zone):%Y-%m-%d} {last.kind}",
        )
    return _ended(table, len(listed))


def _unasked(missed: Sequence[Missed], zone: ZoneInfo) -> Table:
    table = _table(("name", False), ("day", False), ("how", False), ("after days", True), ("why Kith was quiet", False))
    for item in sorted(missed, key=lambda item: (item.touch.at, item.person))[-SHOWN:]:
        day = f"{item.touch.at.astimezone(zone):%Y-%m-%d}"
        table.add_row(_text(item.name), day, item.touch.kind, f"{item.days:.0f}", WORDS.get(item.why, item.why))
    return _ended(table, len(missed))


def _compared(ways: Sequence[Way]) -> Table:
    names = ("settings", "proposed", "people", "in touch", "later", "silent", "of all", "unasked", "no place")
    table = _table(*((name, name != "settings") for name in names))
    table.columns[0].no_wrap, table.columns[0].min_width = False, len("reminders_week 99")
    for way in ways:
        tally = way.result.tally
        share = "-" if tally.precision is None else f"{tally.precision:.0%}"
        judged = (str(tally.outcomes[outcome]) for outcome in OUTCOMES[:3])
        numbers = (str(tally.proposed), str(tally.people), *judged, share, str(tally.missed), str(tally.full))
        table.add_row(way.named or "as they are", *numbers)
    return table


def _table(*columns: tuple[str, bool]) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, right in columns:
        side: Literal["left", "right"] = "right" if right else "left"
        table.add_column(name, justify=side, no_wrap=True, overflow="ellipsis", max_width=WIDEST)
    return table


def _ended(table: Table, rows: int) -> Table:
    if rows > SHOWN:
        table.caption, table.caption_justify = f"{SHOWN} of {rows}; --json has all", "left"
    return table


def _text(name: str) -> Text:
    from rich.text import Text

    return Text(name or "-")


def _number(number: int) -> str:
    return str(number) if number else ""
