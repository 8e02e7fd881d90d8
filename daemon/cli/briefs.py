"""brief: whom to look for at an evening, or what there is to say before a meeting. Prints what the calendar gets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from connectors.records import Event
from daemon.cli import documents
from daemon.cli.codes import say
from daemon.cli.ground import begin, called, config_option, json_option, now_option
from daemon.model import State, instant
from daemon.plan import brief as brief_of
from daemon.plan.briefs import Brief
from daemon.relate import opinions
from daemon.session import Session


@click.command(epilog='Example: kith brief "founders meetup"')
@config_option
@json_option
@now_option
@click.argument("event", required=False)
def brief(config: Path | None, event: str | None, *, as_json: bool, now: str | None) -> None:
    """Show whom to seek out at EVENT and why, or what there is to say before a meeting.

    EVENT is a part of the title, or of the name of somebody who comes; without one, the next event about which there is
    something to say. Up to 60 days ahead.
    """
    session = begin(config, now)
    with session.ledger(write=False) as ledger:
        memory = session.memory(ledger)
        state = memory.state()
        coming = [item for item in _coming(state) if event is None or _is_meant(item, event, state)]
        if event is not None and not coming:
            raise click.UsageError("no event of the coming 60 days is called so, and nobody in one")
        opened = [item for item in coming if item.key in state.open_events]
        made = _first(replace(state, editions=memory.editions(opened)), coming, session)
    if as_json:
        click.echo(documents.as_json(None if made is None else brief_json(made, state, session.zone)))
    elif made is not None:
        start = instant(made.event.start, session.zone).astimezone(session.zone)
        click.echo(f"{start:%a %d %b %Y, %H:%M}  {made.words.title}\n\n{made.words.body}")
    if made is None:
        say(
            "kith: nothing to say before that" if event is not None else "kith: nothing to say before what stands ahead"
        )


def _coming(state: State) -> Sequence[Event]:
    """Return the events that are not over, the next one first."""
    zone = state.settings.me.zone
    found = {event.key: event for event in state.calendar if instant(event.end, zone) > state.now}
    return sorted(found.values(), key=lambda event: (instant(event.start, zone), event.key))


def _is_meant(event: Event, text: str, state: State) -> bool:
    """Tell whether ``text`` is part of the title of ``event``, or of the name of somebody whom the user meets there."""
    if text == event.key:
        return True
    there = [who for who, items in state.ahead.items() if any(item.source == event.key for item in items)]
    named = (event.title, *(called(state.people[who]) for who in there if who in state.people))
    return any(all(word in name.casefold() for word in text.casefold().split()) for name in named)


def _first(state: State, coming: Sequence[Event], session: Session) -> Brief | None:
    thoughts = opinions(state)
    found = (brief_of(event, state, thoughts, session.templates) for event in coming)
    return next((made for made in found if made is not None), None)


def brief_json(made: Brief, state: State, zone: ZoneInfo) -> dict[str, Any]:
    """Return a brief: what it is about, when it stands in the calendar, and who is named."""
    return {
        "event": {"key": made.event.key, "title": made.event.title, "start": _moment(made.event, zone)},
        "at": documents.moment(made.at, zone),
        "reason": made.reason,
        "title": made.words.title,
        "body": made.words.body,
        "sought": list(_sought_json(made, state.people)),
        "people": [who for who in (made.person, *made.people) if who],
    }


def _sought_json(made: Brief, people: Mapping[str, object]) -> Iterator[dict[str, Any]]:
    for one in made.sought:
        yield {"person": one.person if one.person in people else None, "name": one.name, "kind": one.kind}


def _moment(event: Event, zone: ZoneInfo) -> str | None:
    return documents.moment(instant(event.start, zone), zone)
