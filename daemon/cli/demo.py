"""demo: a believable year in one command, and in one screen what Kith makes of it."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from connectors.files import make_folder, write_atomically
from daemon.cli import screens
from daemon.cli.codes import say
from daemon.cli.ground import now_option, read_now
from daemon.cli.ticks import import_all
from daemon.demo import MARKS, is_world, make_world
from daemon.ledger import Ledger
from daemon.model import Decision, Facts, Opinion, State
from daemon.pages import Keeper
from daemon.relate import opinions
from daemon.session import Session, open_session

ZONE = ZoneInfo("Europe/Vienna")
MADE = frozenset({"config.toml", "calendar.ics", "Sent.mbox", "Mail", "kith.ics", "state"})


@click.command(epilog="Example: kith demo --out world")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Leave the whole world in this folder.")
@now_option
def demo(out: Path | None, now: str | None) -> None:
    """Make up a year of meetings and mails, run Kith over it, and show what it finds and writes."""
    moment = datetime.now(UTC) if now is None else read_now(now, ZONE)
    folder = _fresh(out) if out else Path(tempfile.mkdtemp(prefix="kith-demo-"))
    make_world(folder, moment)
    _same_ids(folder / "state")
    session = open_session(folder / "config.toml", moment)
    with session.ledger(write=True) as ledger:
        world = session.world()
        _first_look(session, ledger)
        import_all(session, ledger, world)
        Keeper().keep(ledger, world, session.now)
        _show(session, ledger, folder)


def _fresh(out: Path) -> Path:
    """Make way for a new world; a folder that holds anything else than an old one is left alone."""
    make_folder(out)
    if any(out.iterdir()) and ({item.name for item in out.iterdir()} - MADE or not is_world(out)):
        raise click.UsageError(f"--out: {out} holds other things than a demo world; name an empty folder")
    for item in out.iterdir():
        shutil.rmtree(item) if item.is_dir() and not item.is_symlink() else item.unlink()
    return out


def _same_ids(state: Path) -> None:
    """Give the made-up state a secret of its own making: the same world has the same ids every time."""
    make_folder(state)
    write_atomically(state / "secret", sha256(b"a made-up year").digest())


def _first_look(session: Session, ledger: Ledger) -> None:
    """Mark the people the made-up user would mark: by address, so before anybody is found."""
    with ledger.unit():
        ledger.save_decisions(
            Decision(key=f"mark/{number}", at=session.now, kind="mark", about=ledger.person_id(address), value=word)
            for number, (address, word) in enumerate(MARKS)
        )


def _show(session: Session, ledger: Ledger, folder: Path) -> None:
    memory = session.memory(ledger)
    state, facts = memory.state(), memory.detailed()
    thoughts = opinions(state)
    network = sorted((item for item in thoughts.values() if item.stage), key=lambda item: (-item.strength, item.person))
    events, mails = len(memory.records.events), len(memory.records.messages)
    click.echo(f"A made-up year of Clara Winter, consultant in Vienna: {events} events, {mails} sent mails.")
    click.echo(
        f"\nKith found {len(state.people)} people by itself, {len(network)} of them in her network. The strongest:"
    )
    for opinion in network[:5]:
        click.echo(f"  {_line(opinion, state, session.zone)}")
    click.echo(f"\nNot counted: {_uncounted(facts)}.")
    click.echo(f"{len(facts.ignored)} addresses are nobody: {_nobody(facts)}.\n")
    about_people = (item for item in state.entries if item.start and item.person)
    reminders = sorted(about_people, key=lambda item: (item.start or state.now, item.key))
    drafts = [item for item in state.entries if item.kind == "draft"]
    screens.phones((*reminders[:3], *drafts[:1]), state)
    _next_steps(session, folder, network)


def _uncounted(facts: Facts) -> str:
    counts = Counter(verdict.rule for verdict in facts.verdicts.values() if not verdict.counted)
    return ", ".join(f"{count} {screens.RULES.get(rule, rule)} ({rule})" for rule, count in counts.most_common())


def _nobody(facts: Facts) -> str:
    counts = Counter(item.rule for item in facts.ignored)
    return ", ".join(f"{count} {screens.IGNORED[rule]}" for rule, count in counts.most_common(4))


def _next_steps(session: Session, folder: Path, network: Sequence[Opinion]) -> None:
    config = folder / "config.toml"
    click.echo(f"All of it lies in {folder}: calendar.ics and Sent.mbox were read, kith.ics and Mail/Drafts written.")
    click.echo("Ask on, with --config and that folder's config.toml:")
    for command in ("people", "people --ignored", f"why {network[0].person}", "plan"):
        click.echo(f"  kith {command} --config {config}")
    page = max((folder / "state" / "reviews").glob("2*.html"), default=None)
    if page is not None:
        click.echo(f"And look at her week in a browser:\n  {page}")
    if abs((datetime.now(UTC) - session.now).days) > 7:
        say("kith: this world ended more than 7 days from today: look at it with --now")


def _line(opinion: Opinion, state: State, zone: ZoneInfo) -> str:
    person = state.people[opinion.person]
    last = opinion.last_touch.astimezone(zone).strftime("%d %b") if opinion.last_touch else "-"
    marks = f", {', '.join(sorted(opinion.marks))}" if opinion.marks else ""
    return f"{person.name or person.addresses[0]:<24} {opinion.stage}{marks}, {opinion.touches} touches, last {last}"
