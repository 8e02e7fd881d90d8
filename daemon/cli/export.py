"""export: everything Kith knows, as JSON that other programs can read (DESIGN 5)."""

from __future__ import annotations

from pathlib import Path

import click

from connectors.files import write_atomically
from daemon.cli import documents
from daemon.cli.ground import begin, config_option, now_option
from daemon.cli.said import note_json, promise_json
from daemon.relate import opinions
from daemon.state import Memory


@click.command(epilog="Example: kith export network.json")
@config_option
@now_option
@click.option("--json", "as_json", is_flag=True, default=True, help="As JSON (the only form in this version).")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
def export(config: Path | None, file: Path | None, *, now: str | None, as_json: bool) -> None:  # noqa: ARG001 - the one form
    """Write everything Kith knows as JSON into FILE (0600), or print it."""
    session = begin(config, now)
    with session.ledger(write=False) as ledger:
        text = documents.as_json(document(session.memory(ledger)))
    if file is None:
        click.echo(text)
    else:
        try:
            write_atomically(file, f"{text}\n".encode())
        except OSError as error:
            raise click.UsageError(f"{file}: cannot be written: {error.strerror}") from None


def document(memory: Memory) -> dict[str, object]:
    """Return the exported document: people, touchpoints, events, mails, groups, reminders, drafts, notes, promises,
    cards, and decisions."""
    state = memory.state()
    facts = memory.detailed()
    zone = state.settings.me.zone
    titles = {item.key: item.title for item in memory.records.events.values()}
    notes = [item for item in state.decisions if item.kind == "note"]
    promises = [item for item in state.decisions if item.kind == "promise"]
    return {
        "people": documents.people_json(state, opinions(state)),
        "touchpoints": [documents.touchpoint_json(item, zone, state.settings.strength) for item in facts.touchpoints],
        "events": [documents.event_json(item, facts, zone) for item in memory.records.events.values()],
        "mails": [documents.mail_json(item, facts, zone) for item in memory.records.messages.values()],
        "groups": documents.groups_json(facts),
        "reminders": [documents.entry_json(item, zone) for item in state.entries if item.kind != "draft"],
        "drafts": [documents.entry_json(item, zone) for item in state.entries if item.kind == "draft"],
        "notes": [note_json(item, zone) for item in notes],
        "promises": [promise_json(item, state.entries, zone) for item in promises],
        "cards": [documents.card_json(item, titles, zone) for item in facts.cards],
        "decisions": [
            {"kind": item.kind, "about": item.about, "value": item.value, "at": documents.moment(item.at, zone)}
            for item in state.decisions
            if item.kind not in {"note", "promise", "told", "confirm", "card"}
        ],
    }
