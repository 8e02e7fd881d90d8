"""review: the week in numbers, activity beside what came of it, in the terminal or as JSON (PRACTICE 7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from connectors.files import write_atomically
from daemon import pages
from daemon.cli import documents
from daemon.cli.codes import say
from daemon.cli.ground import begin, config_option, json_option, now_option
from daemon.model import State, local_day
from daemon.review import Activity, Ask, Figure, Group, Productivity, Review, Tip, Week
from daemon.session import Session


@click.command(epilog="Example: kith review --week 2026-W47")
@config_option
@json_option
@now_option
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write a page to look at."
)
@click.option("--week", "week", metavar="WEEK", help="An ISO week such as 2026-W47 [default: that of today].")
def review(config: Path | None, *, as_json: bool, now: str | None, html: Path | None, week: str | None) -> None:
    """Show what came of a week: what you did, and beside it whom you met, followed up with and spoke to.

    The numbers are as known today; with --now, as known then. Nothing is written, but for FILE with --html: one page
    with everything in it, for any browser.
    """
    if html is not None and as_json:
        raise click.UsageError("--html and --json: one of them, please")
    session = begin(config, now)
    asked = _week(week, session)
    with session.ledger(write=False) as ledger:
        memory = session.memory(ledger)
        if html is not None:
            _write(html, pages.html(memory, session.templates, asked))
            return
        found, counted = pages.look(memory, asked)
    state = counted.state
    if as_json:
        click.echo(documents.as_json(review_json(found, state)))
        return
    from daemon.cli.week import week_text

    week_text(found, state, session.templates)


def _write(file: Path, page: str) -> None:
    try:
        write_atomically(file, page.encode("utf-8", "replace"))
    except OSError as error:
        raise click.UsageError(f"{file}: cannot be written: {error.strerror}") from None
    say(f"kith: the page is {file}")


def _week(text: str | None, session: Session) -> Week:
    today = Week.of(local_day(session.now, session.zone))
    if text is None:
        return today
    try:
        found = Week.read(text)
    except ValueError:
        raise click.UsageError(f"--week: not a week such as {today}") from None
    if found > today:
        raise click.UsageError(f"--week: {found} has not begun yet")
    return found


def review_json(found: Review, state: State) -> dict[str, Any]:
    """Return the review (DESIGN 5), and what stands behind its numbers: ``facts`` holds the keys, by name."""
    zone = state.settings.me.zone
    activity, productivity = found.numbers.activity, found.numbers.productivity
    return {
        "week": str(found.week),
        "until": documents.moment(found.until, zone),
        "activity": _values(activity),
        "productivity": _values(productivity),
        "before": {"activity": dict(found.before.activity), "productivity": dict(found.before.productivity)},
        "last_week": {"activity": _values(found.last.activity), "productivity": _values(found.last.productivity)},
        "last_ten": {"met": len(found.last_ten.met), "followed_up": len(found.last_ten.followed_up)},
        "key": {"in_touch": len(found.key.in_touch), "of": found.key.of, "due": list(found.key.due)},
        "growing": {
            "slots": found.growing.slots,
            "used": len(found.growing.holders),
            "holders": list(found.growing.holders),
            "graduated": list(found.growing.graduated),
            "faded": list(found.growing.faded),
        },
        "help": {
            "given": int(found.help.given.value),
            "received": int(found.help.received.value),
            "owed": list(found.help.owed),
        },
        "initiative_lost": list(found.initiative_lost),
        "groups": [_group(item) for item in found.groups],
        "questions": [_question(item, state) for item in found.questions],
        "suggestions": [_tip(item) for item in found.suggestions],
        "good": None if found.good is None else {"person": found.good.person, "facts": _good(found)},
        "ahead": list(found.ahead),
        "away": found.away,
        "halved": found.halved,
        "facts": {
            "activity": _facts(activity),
            "productivity": _facts(productivity),
            "last_ten": {"met": list(found.last_ten.met), "followed_up": list(found.last_ten.followed_up)},
            "help": {"given": _keys(found.help.given.facts), "received": _keys(found.help.received.facts)},
        },
    }


def _good(found: Review) -> list[str]:
    made = found.good
    return [] if made is None else _keys((made.first, made.step, made.met))


def _figures(numbers: Activity | Productivity) -> Iterator[tuple[str, Figure]]:
    return ((item.name, getattr(numbers, item.name)) for item in fields(numbers))


def _values(numbers: Activity | Productivity) -> dict[str, float]:
    return {name: figure.value for name, figure in _figures(numbers)}


def _facts(numbers: Activity | Productivity) -> dict[str, list[str]]:
    return {name: _keys(figure.facts) for name, figure in _figures(numbers)}


def _keys(keys: Sequence[str]) -> list[str]:
    return [key.replace("\t", " ") for key in keys]


def _group(item: Group) -> dict[str, Any]:
    evidence = item.evidence
    return {
        "name": item.name,
        "series": item.series,
        "hours": item.hours,
        "new_people": len(item.new_people),
        "followed_up": len(item.followed_up),
        "second_meetings": len(item.second_meetings),
        "targets": len(item.targets),
        "verdict": item.verdict,
        "evidence": {
            "since": evidence.since.isoformat(),
            "occurrences": evidence.occurrences,
            "hours": evidence.hours,
            "new_people": list(evidence.new_people),
            "followed_up": list(evidence.followed_up),
            "second_meetings": list(evidence.second_meetings),
            "targets": list(evidence.targets),
            "pending": list(evidence.pending),
        },
        "facts": {
            "events": _keys(item.events),
            "new_people": list(item.new_people),
            "followed_up": list(item.followed_up),
            "second_meetings": list(item.second_meetings),
            "targets": list(item.targets),
        },
    }


def _question(item: Ask, state: State) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "about": list(item.about),
        "title": item.title,
        "at": documents.moment(item.at, state.settings.me.zone),
        "count": item.count,
        "facts": _keys(item.facts),
    }


def _tip(item: Tip) -> dict[str, Any]:
    return {"kind": item.kind, "about": list(item.about), "title": item.title}
