"""mark, note, merge, split, forget: what the user tells Kith."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from daemon.cli.codes import say
from daemon.cli.ground import begin, called, config_option, find_person
from daemon.forget import forget_person
from daemon.ledger import Ledger
from daemon.model import CIRCLES, MARKS, Decision, Person
from daemon.relate import opinions
from daemon.session import Session
from daemon.state import Memory

TONES = {"du": "familiar", "familiar": "familiar", "sie": "formal", "formal": "formal"}
SIGNS = {"called": "call", "spoke": "call", "met": "one-to-one", "telefoniert": "call", "getroffen": "one-to-one"}
_SIGN = re.compile(r"(?P<word>\w+)(?:\s+(?P<day>\d{4}-\d{2}-\d{2}|today|yesterday|heute|gestern))?", re.UNICODE)
TEXT_LIMIT = 2_000


@click.command(epilog="Example: kith mark anna key")
@config_option
@click.option("--remove", is_flag=True, help="Take the marks away.")
@click.argument("person")
@click.argument("words", nargs=-1, required=True)
def mark(config: Path | None, person: str, words: tuple[str, ...], *, remove: bool) -> None:
    """Mark PERSON: key, target, admired, muted or never.

    Or say the circle: network, colleague, household, service or correspondent.
    """
    wrong = [word for word in words if word not in MARKS | CIRCLES]
    if wrong:
        raise click.UsageError(
            f"no mark is called {wrong[0]!r}; known: {', '.join(sorted(MARKS))}; {', '.join(sorted(CIRCLES))}"
        )
    session = begin(config)
    with session.ledger(write=True) as ledger:
        memory = session.memory(ledger)
        found = find_person(memory, person)
        if "key" in words and not remove:
            _leave_room(memory, found)
        for word in words:
            kind = "circle" if word in CIRCLES else "unmark" if remove else "mark"
            value = "" if kind == "circle" and remove else word
            _decide(session, ledger, found, kind, value)
    click.echo(f"{'no longer' if remove else 'marked'} {', '.join(words)}: {called(found)}")


def _leave_room(memory: Memory, person: Person) -> None:
    """A person tends ten key people well, not eleven (PRACTICE 4): one has to go before another comes."""
    thoughts = opinions(memory.state())
    others = sum("key" in item.marks for item in thoughts.values() if item.person != person.id)
    most = memory.settings.capacity.key
    if others >= most:
        raise click.UsageError(
            f"{others} people are key already, and {most} is the most: kith mark PERSON key --remove"
        )


@click.command(epilog='Example: kith note anna "needs: a part-time CFO"')
@config_option
@click.argument("person")
@click.argument("words", nargs=-1, required=True, metavar="TEXT")
def note(config: Path | None, person: str, words: tuple[str, ...]) -> None:
    """Note TEXT on PERSON.

    "called", "spoke" or "met" (with a day, or none for today) counts as just that; "du" sets the tone.
    """
    text = " ".join(words)
    if not text.strip() or len(text) > TEXT_LIMIT or any("\ud800" <= c <= "\udfff" for c in text):
        raise click.UsageError(f"a note has 1 to {TEXT_LIMIT} readable characters")
    session = begin(config)
    with session.ledger(write=True) as ledger:
        found = find_person(session.memory(ledger), person)
        kind, value, at = read_note(text, session.now, session.zone)
        _decide(session, ledger, found, kind, value, at=at, reason=text if kind == "sign" else "")
    click.echo(f"noted ({value if kind != 'note' else 'note'}): {called(found)}")


def read_note(text: str, now: datetime, zone: ZoneInfo) -> tuple[str, str, datetime]:
    """Return kind of decision, value and time of a note. A touch in the future is refused (click.UsageError)."""
    words = text.strip().casefold()
    if words in TONES:
        return "tone", TONES[words], now
    found = _SIGN.fullmatch(words)
    if found is None or found["word"] not in SIGNS:
        return "note", text.strip(), now
    at = _day(found["day"], now, zone)
    if at > now:
        raise click.UsageError("that day has not come yet: it counts when it is over")
    return "sign", SIGNS[found["word"]], at


def _day(word: str | None, now: datetime, zone: ZoneInfo) -> datetime:
    if word in {None, "today", "heute"}:
        return now
    if word in {"yesterday", "gestern"}:
        return now - timedelta(days=1)
    try:
        return datetime.combine(date.fromisoformat(str(word)), time(12), tzinfo=zone)
    except ValueError:
        raise click.UsageError(f"not a day: {word}") from None


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
    click.echo("forgotten: nothing about this person is left in Kith's state")
    for where in left:
        say(f"kith: left as it is, because you changed it: {where}")


def _decide(
    session: Session,
    ledger: Ledger,
    person: Person,
    kind: str,
    value: str,
    *,
    at: datetime | None = None,
    reason: str = "",
) -> None:
    """Store a decision and derive again what depends on it, in one commit."""
    when = at or session.now
    turn = when.astimezone(session.zone).date() if kind == "sign" else _stamp(ledger.decisions())
    key = f"{kind}/{person.id}/{value if kind in {'mark', 'unmark', 'sign'} else ''}/{turn}"
    with ledger.unit():
        ledger.save_decisions([Decision(key=key, at=when, kind=kind, about=person.id, value=value, reason=reason)])
        session.memory(ledger).save()


def _stamp(decisions: Iterable[Decision]) -> int:
    return sum(1 for _ in decisions) + 1
