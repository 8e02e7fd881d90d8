"""import: address books and lists of connections become cards; an export of Kith's brings back what you said."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from connectors.files import TooLarge, read_bounded, read_start
from connectors.records import BadData, Skipped
from daemon.cli.codes import BAD_DATA, Ended, say
from daemon.cli.ground import begin, config_option, now_option
from daemon.imports import Imported
from daemon.returning import decisions_of, read_export
from daemon.session import Session

SHOWN = 5
EXPORT_LIMIT = 256 << 20


@click.command("import", epilog="Example: kith import Connections.csv")
@config_option
@now_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(config: Path | None, file: Path, *, now: str | None) -> None:
    """Make cards of the people in FILE: vCards (.vcf), or LinkedIn's Connections.csv. Or read back what you said.

    FILE may be what `kith export` wrote (JSON): your marks, notes, merges and cards come back, whatever state they are
    from; what you read and whom you met is made from your accounts again.

    A card is somebody known by name. It joins a person when it has their address or, alone, their full name; nobody
    counts as met because of an import, and no draft goes to an address out of one. Twice is once.
    """
    from connectors.contacts import read_contacts
    from daemon.imports import cards_of

    session = begin(config, now)
    if _is_json(file):
        _bring_back(session, file)
        return
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


def _is_json(file: Path) -> bool:
    """Tell whether FILE is no address book. Raises click.UsageError if it cannot be read."""
    try:
        return read_start(file.resolve(), 64).lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"["))
    except OSError as error:
        raise click.UsageError(f"the file cannot be read: {error.strerror or 'it is no regular file'}") from None


def _bring_back(session: Session, file: Path) -> None:
    """Store what an export of Kith's holds and is not known yet."""
    try:
        export = read_export(read_bounded(file, EXPORT_LIMIT))
    except BadData as error:
        say(f"kith: import: the file {error}; nothing was imported")
        raise Ended(BAD_DATA) from None
    except TooLarge as error:
        say(f"kith: import: the file is {error}; nothing was imported")
        raise Ended(BAD_DATA) from None
    with session.ledger(write=True) as ledger:
        made = decisions_of(export, ledger.decisions(), new_id=ledger.person_id, is_forgotten=ledger.is_forgotten)
        if made.new:
            with ledger.unit():
                ledger.save_decisions(made.new.values())
                session.memory(ledger).save()
    _tell_skipped(made.skipped)
    counts = [f"{len(made.new)} of what you said", f"{made.known} known already"]
    counts += [f"{len(made.skipped)} left out"] if made.skipped else []
    click.echo(f"imported: {', '.join(counts)}")


def _tell_skipped(skipped: Sequence[Skipped]) -> None:
    for item in skipped[:SHOWN]:
        say(f"kith: import: {item.where} {item.why}")
    if len(skipped) > SHOWN:
        say(f"kith: import: and {len(skipped) - SHOWN} more were left out")


def _tell(made: Imported, joined: int) -> None:
    _tell_skipped(made.skipped)
    counts = [f"{len(made.new)} new card{'' if len(made.new) == 1 else 's'}"]
    counts += [f"{len(made.changed)} changed"] if made.changed else []
    counts += [f"{joined} joined somebody known"] if joined else []
    counts += [f"{made.known} known already"] if made.known else []
    counts += [f"{len(made.skipped)} left out"] if made.skipped else []
    click.echo(f"imported: {', '.join(counts)}")
