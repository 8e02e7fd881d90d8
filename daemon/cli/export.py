"""export: everything Kith knows, in forms that other programs read: JSON (DESIGN 5), CSV for spreadsheets, vCards."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from connectors.files import make_folder, write_atomically
from daemon.cli import documents
from daemon.cli.ground import begin, config_option, now_option
from daemon.cli.said import note_json, promise_json
from daemon.cli.sheets import sheets
from daemon.cli.vcards import vcards
from daemon.ledger.codec import encode
from daemon.relate import opinions
from daemon.returning import KINDS
from daemon.state import Memory


@click.command(epilog="Example: kith export network.json")
@config_option
@now_option
@click.option("--format", "form", type=click.Choice(["json", "csv", "vcard"]), default="json", help="[default: json]")
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@click.argument("file", required=False, type=click.Path(path_type=Path))
def export(config: Path | None, file: Path | None, *, now: str | None, form: str) -> None:
    """Write everything Kith knows into FILE (0600), or print it.

    `kith import` reads the JSON back: what you said, not what was read in your accounts. As CSV it is several tables:
    FILE is a folder then. As vCards it is the people.
    """
    session = begin(config, now)
    with session.ledger(write=False) as ledger:
        made = _made(session.memory(ledger), form)
    if isinstance(made, str) and file is None:
        click.echo(made, nl=False)
        return
    if file is None:
        raise click.UsageError("several tables need a folder: kith export --format csv FOLDER")
    try:
        _write(file, made)
    except OSError as error:
        raise click.UsageError(f"{file}: cannot be written: {error.strerror}") from None


def _made(memory: Memory, form: str) -> str | Mapping[str, str]:
    """Return the text, or the texts of several tables."""
    if form == "csv":
        return sheets(document(memory))
    if form == "vcard":
        state = memory.state()
        return vcards(state, opinions(state), memory.detailed().cards)
    return f"{documents.as_json(document(memory))}\n"


def _write(file: Path, made: str | Mapping[str, str]) -> None:
    if isinstance(made, str):
        write_atomically(file, made.encode("utf-8", "replace"))
        return
    make_folder(file)
    for name, text in made.items():
        write_atomically(file / f"{name}.csv", text.encode("utf-8", "replace"))


def document(memory: Memory) -> dict[str, object]:
    """Return the exported document: what is known, by table, and what `kith import` reads back: every decision as it is
    stored (``told``), and the address behind each id (``ids``)."""
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
        "reminders": [documents.entry_json(item, zone) for item in state.entries if not item.is_draft],
        "drafts": [documents.entry_json(item, zone) for item in state.entries if item.is_draft],
        "notes": [note_json(item, zone) for item in notes],
        "promises": [promise_json(item, state.entries, zone) for item in promises],
        "cards": [documents.card_json(item, titles, zone) for item in facts.cards],
        "decisions": [
            {"kind": item.kind, "about": item.about, "value": item.value, "at": documents.moment(item.at, zone)}
            for item in state.decisions
            if item.kind not in {"note", "promise", "told", "confirm", "card"}
        ],
        "told": [
            {**encode(item), "at": item.at.astimezone(zone).isoformat()}
            for item in memory.decisions
            if item.kind in KINDS
        ],
        "ids": {memory.ledger.person_id(each): each for item in state.people.values() for each in item.addresses},
    }
