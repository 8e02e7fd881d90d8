"""plan, once, run: the tick, seen from the command line."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import click

from connectors.records import Skipped
from daemon.cli import documents, screens
from daemon.cli.codes import CONFIGURATION, Ended, exit_code_of, say, worst
from daemon.cli.ground import begin, config_option, json_option, now_option, refuse_far_writes
from daemon.config import ConfigError, missing_files
from daemon.falls import Falls
from daemon.herald import EXPOSED, Herald, is_heard_by_the_journal, line_of
from daemon.ledger import Ledger
from daemon.manager import Manager
from daemon.model import Decision
from daemon.pages import Keeper
from daemon.plan.pending import with_pending
from daemon.session import Session
from daemon.status import read_quiet, write_status
from daemon.tick import catch_up, is_confirmed, rehearse, writing
from daemon.world import Report, World


@click.command(epilog="Example: kith plan --now 2026-12-01")
@config_option
@json_option
@now_option
def plan(config: Path | None, *, as_json: bool, now: str | None) -> None:
    """Show every event and draft the next tick would write, and why the others are held. Writes nothing."""
    session = begin(config, now)
    with session.ledger(write=False) as ledger:
        world = session.world()
        if not ledger.sources():
            say("kith: nothing has been read yet. Run: kith once   (it writes nothing anywhere before --yes)")
            world = replace(world, sources={})
        report = rehearse(ledger, world, session.now)
    _tell_troubles(report)
    if (world.reminders or world.drafts) and not report.confirmed:
        say(f"kith: none of this is written yet. {how_to_begin(session)}")
    if not all(source.caught_up for source in report.sources.values()):
        say("kith: not all has been read yet: this is the plan so far, and nobody is written about. Run: kith once")
    if report.state is not None and as_json:
        click.echo(documents.as_json(documents.plan_json(report.plan, report.state)))
    elif report.state is not None:
        screens.plan_text(report.plan, report.state)
    raise Ended(worst(item.code for item in report.troubles))


@click.command(epilog="Example: kith once --yes")
@config_option
@json_option
@now_option
@click.option("--yes", is_flag=True, help="Confirm writing into the accounts of [write], once and for all.")
@click.option(
    "--accept",
    multiple=True,
    metavar="ACCOUNT",
    help="Believe an account that came back empty, or as another's.",
)
def once(config: Path | None, *, as_json: bool, now: str | None, yes: bool, accept: tuple[str, ...]) -> None:
    """Do one tick: read what is new, decide, write reminders and drafts. The first one imports everything."""
    session = begin(config, now)
    unknown = set(accept) - set(session.configuration.accounts)
    if unknown:
        raise click.UsageError(f"--accept: no account is called {min(unknown)!r}")
    if now is not None:
        refuse_far_writes(session)
    with session.ledger(write=True) as ledger:
        _first_run(session, ledger)
        if ledger.torn:
            say("kith: the last commit was cut off by a crash; it lies in corrupt/, nothing else is lost")
        if ledger.healing:
            say(f"kith: {ledger.healing}")
        if ledger.exposed:
            say(f"kith: {EXPOSED}")
        if yes:
            _confirm(session, ledger)
        quiet = None if accept or yes else read_quiet(session.configuration.state)
        world = session.world(frozenset(accept), anew=yes, quiet=quiet)
        herald = Herald(Manager({})) if now is None else None
        if herald is not None:
            herald.begin(session.configuration)
        report = import_all(session, ledger, world)
        if herald is not None:
            if all(trouble.part for trouble in report.troubles):
                Falls(session.configuration.state).forgive()
            said = line_of(report, writing(world, confirmed=report.confirmed))
            herald.end(session.configuration, report, said, None, 0)
            if is_heard_by_the_journal(os.environ):
                say(said)
        ledger.fold()
        if trouble := Keeper().keep(ledger, world, session.now):
            say(f"kith: {trouble}")
        _tell(session, ledger, world, report, as_json=as_json)
    raise Ended(worst(item.code for item in report.troubles))


def import_all(session: Session, ledger: Ledger, world: World) -> Report:
    """Tick until every source is read to its end, with a progress line when a person watches."""
    with screens.progress() as advance:
        report = catch_up(ledger, world, session.now, advance)
    write_status(session.configuration.state, report, session.now)
    session.settle()
    return report


def _first_run(session: Session, ledger: Ledger) -> None:
    """A file that was never there is a wrong path (78); one that went away is unavailable (69)."""
    known = set(ledger.sources())
    missing = [item for item in missing_files(session.configuration) if _account_of(item.path) not in known]
    if missing:
        raise ConfigError(missing)


def _account_of(path: str) -> str:
    return path.split(".")[1] if path.startswith("accounts.") else ""


def _confirm(session: Session, ledger: Ledger) -> None:
    configuration = session.configuration
    if configuration.write_confirmed is False:
        say("kith: [write] confirmed = false in the configuration forbids writing; --yes cannot overrule it")
        raise Ended(CONFIGURATION)
    key = f"confirm/{configuration.write_hash}"
    with ledger.unit():
        ledger.save_decisions(
            [Decision(key=key, at=session.now, kind="confirm", about="", value=configuration.write_hash)]
        )


def _tell(session: Session, ledger: Ledger, world: World, report: Report, *, as_json: bool) -> None:
    _tell_troubles(report)
    for account, items in report.skipped.items():
        _tell_skipped(account, items)
    if as_json:
        click.echo(documents.as_json(documents.report_json(report, ledger.entries(), world.settings.me.zone)))
    else:
        screens.report_text(report, ledger.entries())
    if (world.reminders or world.drafts) and not is_confirmed(ledger, world):
        if not as_json and report.state is not None:
            screens.plan_text(with_pending(report.plan, report.state, report.unseen), report.state)
        say(f"kith: nothing was written. {how_to_begin(session)}")


def how_to_begin(session: Session) -> str:
    """Return how writing begins that has not been confirmed."""
    if session.configuration.write_confirmed is False:
        return "[write] confirmed = false in the configuration forbids it"
    return "If this plan is what you want:   kith once --yes"


def _tell_troubles(report: Report) -> None:
    for trouble in report.troubles:
        remedy = f"   mend it with: {trouble.remedy}" if trouble.remedy else ""
        say(f"kith: {trouble.account}: {trouble.text}{remedy}")


def _tell_skipped(account: str, items: tuple[Skipped, ...]) -> None:
    for item in items[:5]:
        say(f"kith: {account}: {item.where}: {item.why}")
    if len(items) > 5:
        say(f"kith: {account}: and {len(items) - 5} more items that could not be read")


@click.command(epilog="Example: kith run")
@config_option
def run(config: Path | None) -> None:
    """Tick for ever, every `[run] every` (15 minutes). Ends cleanly at SIGTERM or Ctrl-C."""
    from daemon.loop import run_for_ever

    session = begin(config)
    with session.ledger(write=False) as ledger:
        _first_run(session, ledger)
    raise Ended(run_for_ever(config, exit_code_of))
