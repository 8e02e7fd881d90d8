"""import: an exported address book, or LinkedIn's list of connections, becomes cards."""

from __future__ import annotations

from pathlib import Path

import click

from daemon.cli.codes import BAD_DATA, Ended, say
from daemon.cli.ground import begin, config_option, now_option
from daemon.imports import Imported

SHOWN = 5


@click.command("import", epilog="Example: kith import Connections.csv")
@config_option
@now_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(config: Path | None, file: Path, *, now: str | None) -> None:
    """Make cards of the people in FILE: vCards (.vcf), or LinkedIn's Connections.csv.

    A card is somebody known by name. It joins a person when it has their address or, alone, their full name; nobody
    counts as met because of an import, and no draft goes to an address out of one. Twice is once.
    """
    from connectors.contacts import read_contacts
    from connectors.records import BadData
    from daemon.imports import cards_of

    session = begin(config, now)
    try:
        book = read_contacts(file)
    except BadData as error:
        say(f"kith: import: the file {error}; nothing was imported")
        raise Ended(BAD_DATA) from None
    except OSError as error:
        raise click.UsageError(f"the file cannot be read: {error.strerror}") from None
    with session.ledger(write=True) as ledger:
        me = session.configuration.settings.me
        made = cards_of(
            book, ledger.decisions(), me=me, new_id=ledger.person_id, is_forgotten=ledger.is_forgotten, now=session.now
        )
        stored = {**made.new, **made.changed}
        joined = 0
        if stored:
            with ledger.unit():
                ledger.save_decisions(stored.values())
                memory = session.memory(ledger)
                memory.save()
            joined = sum(card.key in stored and bool(card.why) for card in memory.detailed().cards)
    _tell(made, joined)


def _tell(made: Imported, joined: int) -> None:
    for item in made.skipped[:SHOWN]:
        say(f"kith: import: {item.where} {item.why}")
    if len(made.skipped) > SHOWN:
        say(f"kith: import: and {len(made.skipped) - SHOWN} more were left out")
    counts = [f"{len(made.new)} new card{'' if len(made.new) == 1 else 's'}"]
    counts += [f"{len(made.changed)} changed"] if made.changed else []
    counts += [f"{joined} joined somebody known"] if joined else []
    counts += [f"{made.known} known already"] if made.known else []
    counts += [f"{len(made.skipped)} left out"] if made.skipped else []
    click.echo(f"imported: {', '.join(counts)}")
