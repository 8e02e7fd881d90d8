"""How do the commands look in a terminal? Tables and progress with rich, imported when something is shown.

Text from outside is cleaned of terminal escapes where it came in, and never read as markup here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from daemon.cli.cards import card_lines
from daemon.cli.motives import reason_lines, topic_lines
from daemon.cli.said import said_lines
from daemon.model import OPEN_STATES, Entry, Plan, State
from daemon.plan import is_halved
from daemon.world import Report

if TYPE_CHECKING:
    from rich.console import Console

RULES_SHOWN = 40
WIDEST = 44
"""Characters of a column: one endless name must not squeeze the others out."""
HALVED = "Half as many reminders as usual: hardly any were acted on in four weeks. One in three, and they are back."
WORDS = {
    "not-due": "not due yet",
    "meeting-ahead": "a meeting stands ahead",
    "waiting": "in the waiting room",
    "week-full": "this week is full",
    "day-full": "the day is full",
    "drafts-full": "three drafts wait already",
    "no-free-slot": "no free slot in the networking block",
    "no-reason": "no reason that gives",
    "muted": "muted by you",
    "never": "never, as you said",
    "dismissed": "you dismissed it, or took it back, for now",
    "snoozed": "a reminder stands already",
    "silent": "two messages without an answer: nobody is pushed",
    "blind": "a source cannot be seen",
}
WHYS = {
    "overtaken": "the two of you were in touch since",
    "passed": "its day is long past, or the next one takes its place",
    "answered": "you answered its reminder",
    "shelf-life": "too old to be sent",
    "late": "its time was over before it could be written",
    "displaced": "something more urgent needs the place",
    "muted": "muted by you",
    "never": "never, as you said",
    "left": "not in your network any more",
    "gone": "what it rests on is not there any more",
    "undone": "you took it back",
    "mended": "the login works again",
    "done": "done, as you said",
    "dismissed": "not this time, as you said",
}
"""Why something is taken back (``daemon.plan.overtaken``)."""
WRITING = {
    "unconfirmed": "Writing waits for your yes. Look at: kith plan    and say yes with: kith once --yes",
    "forbidden": "Nothing is written: [write] confirmed = false in the configuration forbids it.",
    "off": "Nothing is written: [write] names no account.",
}


def console() -> Console:
    """Return where tables go: stdout, plain when it is no terminal."""
    from rich.console import Console

    known = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(highlight=False, markup=False, emoji=False, width=None if known else 136)


def _table(*columns: str) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        right = column in {"strength", "touches", "due", "count"}
        table.add_column(
            column, justify="right" if right else "left", no_wrap=True, overflow="ellipsis", max_width=WIDEST
        )
    return table


def people_text(rows: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> None:
    """Show everybody: first the network, then the others."""
    from rich.text import Text

    inside = [row for row in rows if row["stage"] is not None]
    others = [row for row in rows if row["stage"] is None]
    table = _table("name", "stage", "last touch", "touches", "strength", "due", "marks", "address")
    for row in (*inside, *others):
        table.add_row(
            Text(row["name"] or "-"),
            row["stage"] or row["circle"],
            _day(row["last_touch"], zone),
            str(row["touches"]),
            f"{row['strength']:.1f}",
            "" if row["due"] is None else f"{row['due']:+.1f}",
            ", ".join(row["marks"]),
            Text(row["addresses"][0] if row["addresses"] else "(card)"),
        )
    console().print(table)
    click.echo(f"\n{len(inside)} in your network, {len(others)} others. Not people: kith people --ignored")


def ignored_text(rows: Sequence[Mapping[str, Any]]) -> None:
    """Show the addresses that are nobody."""
    from rich.text import Text

    table = _table("count", "rule", "address", "why")
    for row in rows:
        table.add_row(str(row["count"]), row["rule"], Text(row["address"]), IGNORED.get(row["rule"], ""))
    console().print(table)
    click.echo(f"\n{len(rows)} addresses are nobody. One of them is a person?  kith people --keep ADDRESS")


IGNORED = {
    "A1": "your own",
    "A2": "a machine",
    "A3": "a role, not a person",
    "A4": "a reply token",
    "A5": "a mailing list",
    "A6": "a room or resource",
    "A7": "an event platform, scheduler or bot",
    "A8": "only ever copied",
    "A9": "only ever in a crowd",
    "A10": "a guest who never answered",
    "A11": "wrote, and you never answered",
    "A12": "only ever in a broadcast",
}


RULES = {
    "E0": "not yours",
    "E1": "not over yet",
    "E2": "cancelled, declined or uninvited",
    "E3": "declined by the guest",
    "E5": "unanswered invitations",
    "E6": "too many to have met anybody",
    "E7": "all-day",
    "E8": "focus time, birthdays and the like",
    "E9": "without guests",
    "E11": "copies of another event",
    "E12": "open events, nobody named",
    "M1": "to no person",
    "M2": "broadcasts",
    "M3": "received from nobody known",
    "M4": "automatic, to yourself, or unsubscribing",
    "M8": "without a believable date",
}


def plan_text(plan: Plan, state: State) -> None:
    """Show the plan: each item as it would stand in the calendar or in Drafts, then who is held and why."""
    for entry in plan.write:
        entry_text(entry, state)
    for entry in plan.amend:
        if entry.amended is not None:
            at = when(entry.amended.start, state.settings.me.zone)
            click.echo(f"~ changes: {entry.title} -> {at}  {entry.amended.title}")
    entries = {entry.key: entry for entry in state.entries}
    for going in plan.withdraw:
        entry = entries[going.key]
        click.echo(f"- takes back {one_line(entry, state.settings.me.zone)}")
        click.echo(f"    {WHYS.get(going.why, going.why)}{'' if entry.ref else '; it was never written'}")
    if not plan.write and not plan.amend and not plan.withdraw:
        click.echo("Nothing to write.")
    if is_halved(state.entries, state.now):
        click.echo(HALVED)
    held: dict[str, int] = {}
    for item in plan.held:
        held[item.why] = held.get(item.why, 0) + 1
    if held:
        listed = ", ".join(f"{count} {WORDS.get(why, why)}" for why, count in sorted(held.items(), key=lambda x: -x[1]))
        click.echo(f"Held: {listed}.")


def one_line(entry: Entry, zone: ZoneInfo) -> str:
    """Return what a reminder or a draft is, in one line."""
    if entry.is_draft:
        return f"draft to {_to_whom(entry)}: {entry.title}"
    return f"{when(entry.start, zone)}  {entry.title}"


def _to_whom(entry: Entry) -> str:
    return "yourself" if entry.is_to_oneself else entry.to_name or entry.to or ""


def entry_text(entry: Entry, state: State) -> None:
    """Show one reminder or draft literally."""
    zone = state.settings.me.zone
    if entry.is_draft:
        click.echo(f"+ Draft to {'yourself' if entry.is_to_oneself else entry.to_name} <{entry.to}>")
        click.echo(f"  Subject: {entry.title}{' (in its thread)' if entry.in_reply_to else ''}")
    else:
        click.echo(f"+ {when(entry.start, zone)}  {entry.title}")
    for line in entry.body.splitlines():
        click.echo(f"    {line}" if line else "")
    click.echo("")


def phones(entries: Sequence[Entry], state: State) -> None:
    """Show entries as a phone shows them, side by side where the terminal is wide enough."""
    from rich.columns import Columns
    from rich.panel import Panel
    from rich.text import Text

    zone = state.settings.me.zone
    panels = []
    for entry in entries:
        where = f"Draft to {_to_whom(entry)}" if entry.is_draft else when(entry.start, zone)
        subtitle = None if entry.is_draft else f"{entry.account}: Kith"
        body = Text(f"{entry.title}\n\n{entry.body}")
        panels.append(Panel(body, title=Text(where), subtitle=subtitle, title_align="left", width=66))
    console().print(Columns(panels, padding=(0, 1)))


def report_text(report: Report, entries: Iterable[Entry]) -> None:
    """Show what a tick did, in two lines; ``entries`` is the outbox after it."""
    standing = [item for item in entries if item.state in OPEN_STATES]
    drafts = sum(item.is_draft for item in standing)
    stand = f"standing: {count(len(standing) - drafts, 'reminder')}, {count(drafts, 'draft')}"
    if report.state is None:
        click.echo(f"Nothing new. {stand}." if report.caught_up else "More is to be read: run kith once again.")
        return
    touchpoints = sum(map(len, report.state.touchpoints.values()))
    click.echo(f"{report.new} new records; {len(report.state.people)} people, {touchpoints} touchpoints.")
    wrote = sum(item.state == "written" and item.settled == report.state.now for item in report.delivered)
    click.echo(f"{wrote} written now; {stand}.")


def why_text(story: Mapping[str, Any], zone: ZoneInfo) -> None:
    """Show one person's facts, opinions and what did not count."""
    opinion = story["opinion"]
    click.echo(f"{story['name'] or '-'}  {' '.join(story['addresses'])}  ({story['id']})")
    if story["birthday"]:
        click.echo(f"Birthday: {day_of_year(story['birthday'])}, as your calendar says.")
    click.echo(f"Circle: {opinion['circle']}: {opinion['circle_why']}")
    marks = ", ".join(opinion["marks"]) or "none"
    if opinion["stage"]:
        click.echo(f"In your network: {opinion['gate']}. Stage: {opinion['stage']}. Marks: {marks}.")
    click.echo(
        f"Strength {opinion['strength']:.2f}, {opinion['two_way_days']} two-way days. "
        f"Silent for {_days(opinion['silence'])}, ideal {_days(opinion['ideal'])}, at worst {_days(opinion['worst'])}."
    )
    click.echo(
        f"You began {opinion['began']['me']}, they began {opinion['began']['them']}. "
        f"Help given {opinion['help']['given']}, received {opinion['help']['received']}."
    )
    for line in (*card_lines(story), *said_lines(story["said"]), *topic_lines(story["topics"])):
        click.echo(line)
    _facts(story, zone)
    for item in story["written"]:
        click.echo(f"Written: {item['kind']} {_day(item['at'], zone)} ({item['reason']}): {item['fate']}")
    for line in reason_lines(story["reasons"]):
        click.echo(line)
    for item in story["planned"]:
        click.echo(f"Planned: {item['kind']} {_day(item['at'], zone)}: {item['reason']}")
    for item in story["held"]:
        until = f" until {_day(item['until'], zone)}" if item["until"] else ""
        click.echo(f"Held: {WORDS.get(item['why'], item['why'])}{until}")


def _facts(story: Mapping[str, Any], zone: ZoneInfo) -> None:
    from rich.text import Text

    counted, other = story["facts"], story["not_counted"]
    table = _table("day", "kind", "rule", "what")
    for row in counted[:RULES_SHOWN]:
        table.add_row(_day(row["at"], zone), row["kind"], row["rule"], Text(row["title"]))
    click.echo(f"\nFacts ({len(counted)}):")
    console().print(table)
    if len(counted) > RULES_SHOWN:
        click.echo(f"... and {len(counted) - RULES_SHOWN} older ones (--json shows all)")
    if other:
        table = _table("day", "rule", "why not", "what")
        for row in other[:RULES_SHOWN]:
            table.add_row(_day(row["at"], zone), row["rule"], row["why"], Text(row["title"]))
        click.echo(f"\nNot counted ({len(other)}):")
        console().print(table)
    click.echo("")


def status_text(document: Mapping[str, Any]) -> None:
    """Show how everything stands; what is wrong comes with its remedy."""
    for item in document["accounts"]:
        state = f"{item['problem']}: {item['detail']}" if item["problem"] else "ok"
        click.echo(f"{item['name']} ({item['kind']}): {state}")
        if item["remedy"]:
            click.echo(f"    mend it with: {item['remedy']}")
        for note in _notes(item):
            click.echo(f"    {note}")
    if document["problem"]:
        since = document["problem"]["since"]
        click.echo(f"{f'Since {since}' if since else 'Now'}: {document['problem']['text']}")
        click.echo(f"    mend it with: {document['problem']['remedy']}")
    click.echo(
        f"Last tick {document['last_tick'] or 'never'}; "
        f"next {document['next_tick'] or 'not planned (kith run, or a timer)'}"
    )
    click.echo(
        f"{document['people']} people, {document['touchpoints']} touchpoints; "
        f"standing: {count(document['reminders'], 'reminder')}, {count(document['drafts'], 'draft')}; "
        f"{document['outbox']} waiting to be written."
    )
    if document["handshake"] == "unseen":
        click.echo('The first event, "Kith is here", was never deleted: is the calendar shown on your phone?')
    if document["halved"]:
        click.echo(HALVED)
    if document["writing"] in WRITING:
        click.echo(WRITING[document["writing"]])


def _notes(item: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is worth knowing of an account: its logins that are not well, what it spent today, its notes."""
    for login in item.get("logins", ()):
        if not login["ok"] and login["detail"] != item.get("detail"):
            yield f"{login['name']}: {login['detail']}   mend it with: {login['remedy']}"
    spent = item.get("spent") or {}
    if spent:
        parts = (f"{row['requests']} to {name} ({row['units']} units)" for name, row in sorted(spent.items()))
        yield f"requests today: {', '.join(parts)}"
    yield from item.get("notes", ())


@contextmanager
def progress() -> Iterator[Callable[[Report], None]]:
    """Show a line that counts up while a person watches a long import; nothing when nobody does."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading ...", total=None)
        total = 0

        def advance(report: Report) -> None:
            nonlocal total
            total += report.new
            bar.update(task, description=f"read {total} records")

        yield advance


def count(number: int, what: str) -> str:
    """Return ``number`` of ``what``, as one says it."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def when(at: datetime | None, zone: ZoneInfo) -> str:
    """Return day and time in the user's zone, "" for none."""
    return "" if at is None else at.astimezone(zone).strftime("%a %d %b %Y %H:%M")


def _day(text: str | None, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(text).astimezone(zone).strftime("%Y-%m-%d") if text else "-"


def day_of_year(text: str) -> str:
    """Return a day such as "03-14" in words."""
    return datetime.strptime(f"2000-{text}", "%Y-%m-%d").replace(tzinfo=UTC).strftime("%d %B").lstrip("0")


def _days(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f} days"
