"""How does a week look in a terminal? Titles and names are text: never markup, never control characters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from daemon import compose
from daemon.cli.screens import console
from daemon.compose.names import plain, shortened, shown
from daemon.model import State
from daemon.review import Group, Review

if TYPE_CHECKING:
    from rich.table import Table

WIDEST = 44
"""Characters of a name or title in a column."""
PAIRS = (
    ("events", "events attended", "new_people", "new people met there"),
    ("hours", "hours in them", "", ""),
    ("new_people", "new people met", "followed_up", "followed up within 7 days"),
    ("mails", "mails written", "conversations", "one-to-one talks and calls"),
    ("drafts_offered", "drafts offered", "drafts_sent", "sent"),
    ("reminders_set", "reminders set", "reminders_acted_on", "acted on"),
)
CAME = (
    ("followed_up", "followed up"),
    ("second_meetings", "met again"),
    ("targets", "on your list"),
    ("pending", "still to follow up"),
)


def week_text(found: Review, state: State, templates: Mapping[str, str]) -> None:
    """Show the review."""
    from rich.text import Text

    out = console()
    zone = state.settings.me.zone
    out.print(Text(f"Week {found.week}, up to {found.until.astimezone(zone):%a %d %b %H:%M}", style="bold"))
    out.print(Text("The figure behind a number is the mean of the four weeks before.\n", style="dim"))
    if found.away:
        out.print("Week off. Nothing counted.\n")
    else:
        out.print(_pairs(found))
    for line in _lines(found, state):
        out.print(Text(line), soft_wrap=True)
    if found.groups:
        out.print()
        out.print(_groups(found.groups))
    asked = compose.questions(found, state, templates)
    if asked:
        out.print(Text("\nOnly you can say:", style="bold"))
        for line in asked:
            out.print(Text(f"  {line}"), soft_wrap=True)


def _verdict(group: Group) -> str:
    """Return the verdict with what it rests on, which may be older than the quarter of the columns."""
    since = f"since {group.evidence.since:%d %b}"
    if group.verdict == "routine":
        parts = ((len(getattr(group.evidence, name)), word) for name, word in CAME)
        return f"routine: {', '.join(f'{count} {word}' for count, word in parts if count)} {since}"
    if group.verdict == "rut":
        return f"nothing came of it {since}: what is it for now?"
    return "new: too early to tell" if group.verdict == "new" else "closed: always the same people"


def _table(*columns: tuple[str, bool]) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, right in columns:
        table.add_column(name, justify="right" if right else "left", max_width=None if right else 2 * WIDEST)
    return table


def _pairs(found: Review) -> Table:
    from rich.text import Text

    table = _table(
        ("activity", False), ("", True), ("usual", True), ("what came of it", False), ("", True), ("usual", True)
    )
    done, came = found.numbers.activity, found.numbers.productivity
    for one, words, other, result in PAIRS:
        left = (words, _number(getattr(done, one).value), _number(found.before.activity.get(one, 0)))
        right = ("", "", "")
        if other:
            right = (result, _number(getattr(came, other).value), _number(found.before.productivity.get(other, 0)))
        table.add_row(*map(Text, (*left, *right)))
    return table


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _lines(found: Review, state: State) -> Iterator[str]:
    yield ""
    met = found.last
    if met.activity.new_people.value:
        new, followed = met.activity.new_people.value, met.productivity.followed_up.value
        yield f"The week before, as known now: met {_number(new)} new, followed up {_number(followed)}."
    if found.last_ten.met:
        yield f"The last {len(found.last_ten.met)} people met: {len(found.last_ten.followed_up)} followed up."
    if found.key.of:
        due = _names(found.key.due, state)
        yield f"Key people: {len(found.key.in_touch)} of {found.key.of} in touch.{f' Not: {due}.' if due else ''}"
    yield f"Growing slots: {len(found.growing.holders)} of {found.growing.slots}{_moved(found, state)}."
    owed = _names(found.help.owed, state)
    help_ = f"Help given {_number(found.help.given.value)}, received {_number(found.help.received.value)}."
    yield f"{help_}{f' Owed to: {owed}.' if owed else ''}"
    if found.ahead:
        yield f"In the calendar for the next seven days: {_names(found.ahead, state)}."
    if found.initiative_lost:
        yield f"Used to begin, and did not for 90 days: {_names(found.initiative_lost, state)}."


def _moved(found: Review, state: State) -> str:
    graduated, faded = (_names(who, state) for who in (found.growing.graduated, found.growing.faded))
    return f"{f'; established now: {graduated}' if graduated else ''}{f'; faded: {faded}' if faded else ''}"


def _names(persons: Sequence[str], state: State) -> str:
    known = [shortened(shown(state.people[who]), WIDEST) for who in persons if who in state.people]
    return ", ".join(known[:10]) + (f" and {len(known) - 10} more" if len(known) > 10 else "")


def _groups(groups: Sequence[Group]) -> Table:
    from rich.text import Text

    table = _table(
        ("group, 13 weeks", False),
        ("hours", True),
        ("new", True),
        ("followed up", True),
        ("met again", True),
        ("targets", True),
        ("", False),
    )
    for item in groups:
        numbers = (len(who) for who in (item.new_people, item.followed_up, item.second_meetings, item.targets))
        name = shortened(plain(item.name), WIDEST) or "(private)"
        table.add_row(*map(Text, (name, _number(item.hours), *map(str, numbers), _verdict(item))))
    return table
