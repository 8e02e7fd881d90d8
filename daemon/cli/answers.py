"""mark, merge, split, forget: what the user tells Kith."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from daemon.cli.codes import Ended, say
from daemon.cli.ground import begin, called, config_option, find_person
from daemon.forget import forget_person
from daemon.ledger import Ledger
from daemon.model import CIRCLES, MARKS, Decision, Person
from daemon.relate import opinions
from daemon.session import Session
from daemon.state import Memory


@click.command(epilog="Example: kith mark anna key")
@config_option
@click.option("--remove", is_flag=True, help="Take the marks away.")
@click.option(
    "--sheet",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Take what stands on a sheet that was gone through elsewhere.",
)
@click.argument("person", required=False)
@click.argument("words", nargs=-1)
def mark(config: Path | None, person: str | None, words: tuple[str, ...], *, remove: bool, sheet: Path | None) -> None:
    """Mark PERSON: key, target, admired, muted or never.

    Or say the circle: network, colleague, household, service or correspondent. Without PERSON the thirty strongest
    open in $EDITOR, a line each, with what Kith would say in front.
    """
    wrong = [word for word in words if word not in MARKS | CIRCLES]
    if wrong:
        raise click.UsageError(
            f"no mark is called {wrong[0]!r}; known: {', '.join(sorted(MARKS))}; {', '.join(sorted(CIRCLES))}"
        )
    if person is None or sheet is not None:
        if person is not None or remove:
            raise click.UsageError("--remove needs a PERSON, and --sheet goes without one")
        from daemon.cli.marks import go_through

        raise Ended(go_through(begin(config), sheet))
    if not words:
        raise click.UsageError(f"mark them as what? {', '.join(sorted(MARKS))}; {', '.join(sorted(CIRCLES))}")
    session = begin(config)
    with session.ledger(write=True) as ledger:
        memory = session.memory(ledger)
        found = find_person(memory, person)
        if "key" in words and not remove:
            leave_room(memory, found)
        for word in words:
            kind = "circle" if word in CIRCLES else "unmark" if remove else "mark"
            value = "" if kind == "circle" and remove else word
            _decide(session, ledger, found, kind, value)
    click.echo(f"{'no longer' if remove else 'marked'} {', '.join(words)}: {called(found)}")


def leave_room(memory: Memory, person: Person) -> None:
    """Raise click.UsageError if ten others are key: nobody tends eleven people well (PRACTICE 4)."""
    thoughts = opinions(memory.state())
    others = sum("key" in item.marks for item in thoughts.values() if item.person != person.id)
    most = memory.settings.capacity.key
    if others >= most:
        raise click.UsageError(
            f"{others} people are key already, and {most} is the most: kith mark PERSON key --remove"
        )


@click.command(epilog="Example: kith merge ada@example.com ada@old.example")
@config_option
@click.argument("person")
@click.argument("other")
def merge(config: Path | None, person: str, other: str) -> None:
    """Say that PERSON and OTHER are one. It can be split again."""
    session = begin(config)
    with session.ledger(write=True) as ledger:
        memory = session.memory(ledger)
        first, second = find_person(memory, person), find_person(memory, other)
        if first.id == second.id:
            raise click.UsageError("these are one person already")
        _decide(session, ledger, first, "merge", second.id)
    addresses = len(first.addresses) + len(second.addresses)
    click.echo(f"merged: {addresses} address{'' if addresses == 1 else 'es'} are one person now")


@click.command(epilog="Example: kith split ada ada@old.example")
@config_option
@click.argument("person")
@click.argument("address", required=False)
def split(config: Path | None, person: str, address: str | None) -> None:
    """Say that ADDRESS is somebody else than PERSON; without one, that the cards which joined PERSON are.

    ADDRESS may be the id of one of those cards, as `kith why PERSON --json` shows it.
    """
    session = begin(config)
    with session.ledger(write=True) as ledger:
        found = find_person(session.memory(ledger), person)
        out = [address] if address in found.cards else list(found.cards) if address is None else []
        if not found.addresses or (address is None and not out):
            raise click.UsageError("no card has joined this person; see: kith why PERSON")
        for item in out or [_one_of_several(found, address or "")]:
            _decide(session, ledger, found, "split", item)
    click.echo(f"split: {'the card' if out else 'the address'} is a person of its own now")


def _one_of_several(person: Person, text: str) -> str:
    from connectors._address import fold

    folded = fold(text)
    if folded is None or folded not in person.addresses or len(person.addresses) == 1:
        raise click.UsageError("that address is not one of several addresses of this person; see: kith why PERSON")
    return folded


@click.command(epilog="Example: kith forget anna@helio.example")
@config_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.argument("person")
def forget(config: Path | None, person: str, *, yes: bool) -> None:
    """Erase PERSON everywhere, for ever. Only a salted hash stays, so that they never come back."""
    session = begin(config)
    with session.ledger(write=True) as ledger:
        memory = session.memory(ledger)
        found = find_person(memory, person)
        if not yes:
            click.confirm(f"Erase {called(found)} and everything about them?", abort=True, err=True)
        left = forget_person(ledger, session.world(), memory, found)
    from daemon.cli.marks import let_go

    let_go(session, {found.id, *found.cards})
    click.echo("forgotten: nothing about this person is left in Kith's state")
    for where in left:
        say(f"kith: left as it is, because you changed it: {where}")


def _decide(session: Session, ledger: Ledger, person: Person, kind: str, value: str) -> None:
    """Store a decision and derive again what depends on it, in one commit."""
    key = f"{kind}/{person.id}/{value if kind in {'mark', 'unmark'} else ''}/{_stamp(ledger.decisions())}"
    with ledger.unit():
        ledger.save_decisions([Decision(key=key, at=session.now, kind=kind, about=person.id, value=value)])
        session.memory(ledger).save()


def _stamp(decisions: Iterable[Decision]) -> int:
    return sum(1 for _ in decisions) + 1
