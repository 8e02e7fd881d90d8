"""demo: a believable year in one command, and in one screen what Kith makes of it."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from connectors.files import make_folder
from daemon.cli import screens
from daemon.cli.codes import say
from daemon.cli.ground import now_option, read_now
from daemon.cli.ticks import import_all
from daemon.demo import MARKS, is_world, make_world
from daemon.ledger import Ledger
from daemon.model import Decision, Opinion, State
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
    session = open_session(folder / "config.toml", moment)
    with session.ledger(write=True) as ledger:
        world = session.world()
        _first_look(session, ledger)
        import_all(session, ledger, world)
        _show(session, ledger, folder)


def _fresh(out: Path) -> Path:
    """Make way for a new world; a folder that holds anything else than an old one is left alone."""
    make_folder(out)
    if any(out.iterdir()) and ({item.name for item in out.iterdir()} - MADE or not is_world(out)):
        raise click.UsageError(f"--out: {out} holds other things than a demo world; name an empty folder")
    for item in out.iterdir():
        shutil.rmtree(item) if item.is_dir() and not item.is_symlink() else item.unlink()
    return out


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
    click.echo(f"A made-up year of Clara Winter, consultant in Vienna: {events} events, {mails} sent mails.\n")
    click.echo(f"Found by itself: {len(state.people)} people, {len(network)} of them in her network. The strongest:")
    for opinion in network[:5]:
        click.echo(f"  {_line(opinion, state, session.zone)}")
    uncounted: dict[str, int] = {}
    for verdict in facts.verdicts.values():
        if not verdict.counted:
            uncounted[verdict.rule] = uncounted.get(verdict.rule, 0) + 1
    counts = ", ".join(
        f"{rule} {count}" for rule, count in sorted(uncounted.items(), key=lambda item: (-item[1], item[0]))
    )
    click.echo(
        f"\nNot counted, by rule: {counts}; {len(facts.ignored)} addresses are nobody (kith people --ignored).\n"
    )
    click.echo("In her calendar and in Drafts, as her phone shows them:\n")
    reminders = sorted(
        (item for item in state.entries if item.start), key=lambda item: (item.start or state.now, item.key)
    )
    drafts = [item for item in state.entries if item.kind == "draft"]
    for entry in (*reminders[:3], *drafts[:1]):
        screens.entry_text(entry, state)
    config = folder / "config.toml"
    click.echo(f"All of it lies in {folder}: config.toml, calendar.ics, Sent.mbox, kith.ics, Mail/Drafts. Try:")
    for command in ("people", "plan", f"why {network[0].person}" if network else "people --ignored"):
        click.echo(f"  kith {command} --config {config}")
    if abs((datetime.now(UTC) - session.now).days) > 7:
        say("kith: this world ended more than 7 days from today: look at it with --now")


def _line(opinion: Opinion, state: State, zone: ZoneInfo) -> str:
    person = state.people[opinion.person]
    last = opinion.last_touch.astimezone(zone).strftime("%d %b") if opinion.last_touch else "-"
    marks = f", {', '.join(sorted(opinion.marks))}" if opinion.marks else ""
    return f"{person.name or person.addresses[0]:<24} {opinion.stage}{marks}, {opinion.touches} touches, last {last}"
