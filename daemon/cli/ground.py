"""What every command begins with: its options, the session, and whom PERSON means."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from connectors.records import Keeping
from daemon.cli.codes import say
from daemon.model import Person
from daemon.session import Session, open_session
from daemon.state import Memory

FIRST_YEAR, LAST_YEAR = 1980, 2200
config_option = click.option(
    "--config",
    "config",
    type=click.Path(dir_okay=False, readable=False, path_type=Path),  # what cannot be read is 78, said with the rest
    metavar="FILE",
    help="Configuration [default: $KITH_CONFIG, then $XDG_CONFIG_HOME/kith/config.toml, then /etc/kith/config.toml]",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
now_option = click.option("--now", "now", metavar="ISO", help="Look from another day (date or time, ISO 8601).")


def begin(config: Path | None, now: str | None = None) -> Session:
    """Open a session and say which state it uses when nothing names one. Raises ConfigError, click.UsageError."""
    session = open_session(config)
    if not session.configuration.state_named:
        say(f"kith: state in {session.configuration.state}")
    if now is None:
        return session
    return Session(configuration=session.configuration, now=read_now(now, session.zone))


def read_now(text: str, zone: ZoneInfo) -> datetime:
    """Return the instant of ``--now``: a day means its noon, no offset means the user's zone (U12)."""
    try:
        day = len(text) == 10
        moment = datetime.combine(date.fromisoformat(text), time(12)) if day else datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"--now: not a day or time in ISO 8601: {text[:40]!r}") from None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise click.UsageError(f"--now: a year from {FIRST_YEAR} to {LAST_YEAR}, please")
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def called(person: Person) -> str:
    """Return how to speak of ``person`` in the terminal: by name, else by an address, else by the id."""
    return person.name or next(iter(person.addresses), person.id)


def refuse_far_writes(session: Session) -> None:
    """A made-up day writes into files or an emulator only (U12). Raises click.UsageError."""
    settings = session.configuration.settings
    for name in filter(None, (settings.reminders, settings.drafts)):
        account = session.configuration.accounts[name]
        if isinstance(account, Keeping) and not account.is_local():
            raise click.UsageError(f"--now: the account {name} is real; from another day only files are written")


def find_person(memory: Memory, text: str) -> Person:
    """Return the person meant by an id, an address, or an unambiguous part of a name. Raises click.UsageError."""
    from connectors._address import fold

    people = {person.id: person for person in memory.facts.people}
    known = memory.aliases().get(text)
    if known is not None:
        return people[known]
    address = fold(text)
    words = text.casefold().split()
    exact = [person for person in people.values() if address in person.addresses]
    full = [person for person in people.values() if words and sorted(person.name.casefold().split()) == sorted(words)]
    part = [person for person in people.values() if words and all(word in person.name.casefold() for word in words)]
    found = exact or full or part
    if len(found) == 1:
        return found[0]
    if not found:
        raise click.UsageError("nobody is known by that id, address or name; see: kith people")
    shown = "\n".join(f"  {item.id}  {item.name}  {next(iter(item.addresses), '(card)')}" for item in found[:10])
    raise click.UsageError(f"{len(found)} people are meant by that; say which, by id or address:\n{shown}")
