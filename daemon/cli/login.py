"""login: give Kith its permissions at Google, one after the other, each explained, each useful alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from daemon.cli.codes import FINE, LOGIN, Ended
from daemon.cli.ground import begin, config_option
from daemon.config import ConfigError, Problem
from daemon.ledger import own_folder
from daemon.session import Session

if TYPE_CHECKING:
    from connectors._google.grants import Grant, GrantName
    from connectors._google.login import Client, Consent
    from connectors._google.token import Token
    from connectors.google import Google

End = Literal["given", "skipped", "failed"]
PORT = 8765
PATIENCE = 600.0
"""Seconds that a listener waits for the browser."""

EXPLAINED = {
    "calendar": (
        "Your calendar. Kith reads the events of the calendars in your configuration{own}. "
        "It cannot change or delete anything in your other calendars."
    ),
    "mail": (
        "Your sent mail, the headers only: to whom, when, and the subject. Not the text; this permission cannot "
        "read it, and Google enforces that."
    ),
    "drafts": (
        "Drafts. Kith puts a text into your Drafts folder; you read it, change it and send it, or not. Google will say "
        '"and send emails": there is no smaller permission for drafts, and Kith has no code that sends.'
    ),
}
OWN = {
    "events": ", and keeps one calendar of its own, named Kith, for reminders",
    "tasks": ", and keeps one list of its own in Google Tasks for reminders (Google lets it see your other lists, too)",
}
LOST = {
    "calendar.events.readonly": "no meeting is seen",
    "calendar.calendarlist.readonly": "calendars cannot be listed, and Kith's own one cannot be found again",
    "calendar.app.created": "no reminders are written",
    "tasks": "no reminders are written into Google Tasks",
    "gmail.metadata": "nobody you write to is seen",
    "gmail.compose": "no drafts are written",
}
WARNED = (
    "Google will warn that it has not verified this app: it is your own (docs/google.md). "
    'Choose "Advanced", then "Go to ... (unsafe)", and tick every box.'
)


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """What one call of the command works with."""

    session: Session
    name: str
    account: Google
    client: Client
    listen: int | None

    def say(self, text: str = "") -> None:
        """Say one line to the person."""
        click.echo(text)


@click.command(epilog="Example: kith login home")
@click.argument("account")
@config_option
@click.option("--only", type=click.Choice(["calendar", "mail", "drafts"]), help="Ask for this permission only.")
@click.option("--again", is_flag=True, help="Ask anew, even where a login works.")
@click.option(
    "--listen",
    is_flag=False,
    flag_value=PORT,
    type=click.IntRange(0, 65535),
    metavar="[PORT]",
    help=f"Take the answer on 127.0.0.1:PORT [{PORT}] instead of asking you to paste it (ssh -L PORT:127.0.0.1:PORT).",
)
def login(account: str, config: Path | None, *, only: str | None, again: bool, listen: int | None) -> None:
    """Log in to Google: calendar, sent mail, drafts, one permission after the other, as far as your configuration
    needs them. Each is explained first and can be skipped."""
    ladder = _ladder(begin(config), account, listen)
    wanted = ladder.account.wanted(_writes(ladder))
    if only is not None and only not in wanted:
        raise click.UsageError(f"--only: the configuration does not need {only} of the account {account}")
    own_folder(ladder.session.configuration.state)
    grants = [grant for grant in wanted if only in {None, grant}]
    ends = [_climb(ladder, grant, (number, len(grants)), again=again) for number, grant in enumerate(grants, 1)]
    ladder.say()
    ladder.say("Next: kith once    (it reads, shows the plan, and writes nothing anywhere before --yes)")
    raise Ended(FINE if "given" in ends and "failed" not in ends else LOGIN)


def _ladder(session: Session, name: str, listen: int | None) -> Ladder:
    from connectors._google.login import read_client
    from connectors.google import Google

    account = session.configuration.accounts.get(name)
    if account is None:
        known = ", ".join(session.configuration.accounts)
        raise click.UsageError(f"there is no account of that name; the configuration has {known}")
    if not isinstance(account, Google):
        raise click.UsageError(f"the account {name} needs no login: it is of kind {session.configuration.kinds[name]}")
    try:
        client = read_client(account.client, account.endpoints())
    except ValueError as error:
        raise ConfigError([Problem(path=f"accounts.{name}.client", text=str(error))]) from None
    return Ladder(session=session, name=name, account=account, client=client, listen=listen)


def _writes(ladder: Ladder) -> frozenset[str]:
    settings = ladder.session.configuration.settings
    chosen = (("reminders", settings.reminders), ("drafts", settings.drafts))
    return frozenset(use for use, name in chosen if name == ladder.name)


def _climb(ladder: Ladder, name: GrantName, place: tuple[int, int], *, again: bool) -> End:
    """Ask for one permission, unless there is a login that works; return what came of it."""
    from connectors._google.grants import Grant

    grant = Grant(ladder.account.where(), ladder.name, name)
    scopes = ladder.account.wanted(_writes(ladder))[name]
    ladder.say()
    ladder.say(f"{place[0]} of {place[1]}: {_explained(ladder, name)}")
    if not again and _works(ladder, grant, scopes):
        return "given"
    token = _ask(ladder, scopes)
    return token if isinstance(token, str) else _keep(ladder, grant, scopes, token)


def _explained(ladder: Ladder, name: GrantName) -> str:
    own = OWN[ladder.account.written_as] if "reminders" in _writes(ladder) else ""
    return EXPLAINED[name].format(own=own)


def _works(ladder: Ladder, grant: Grant, scopes: tuple[str, ...]) -> bool:
    """Tell whether the login that is there does; what it sees is said."""
    from connectors._google.standing import lacking
    from connectors.records import ConnectorError

    try:
        missing = lacking(grant.token(), scopes)
    except ConnectorError as error:
        if grant.is_there():
            ladder.say(f"  {error}.")
        return False
    if missing:
        ladder.say(f"  The login that is there lacks: {', '.join(missing)}.")
        return False
    ladder.say("  You are logged in already.")
    return _tell_seen(ladder, grant.name)


def _ask(ladder: Ladder, scopes: tuple[str, ...]) -> Token | End:
    """Return the token, or why there is none, which was said."""
    from connectors._google.listener import listening
    from connectors._google.login import Consent, Denied
    from connectors.records import Unavailable

    try:
        if ladder.listen is None:
            return _pasted(ladder, Consent(ladder.client, scopes))
        with listening(ladder.listen) as listener:
            consent = Consent(ladder.client, scopes, listener.redirect)
            listener.is_answer = consent.is_answer
            _show(ladder, consent)
            ladder.say(f"  Waiting for the browser at {listener.redirect} (Ctrl-C ends it) ...")
            answer = listener.wait(PATIENCE)
            if answer is not None:
                return consent.redeem(answer)
            ladder.say("  No answer came.")
    except Denied as error:
        ladder.say(f"  Not given: {error}.")
    except Unavailable as error:
        ladder.say(f"  {error}. Try again later: kith login {ladder.name}")
    except OSError as error:
        ladder.say(f"  The port cannot be used ({error.strerror}); choose another: --listen PORT")
    except ValueError as error:
        ladder.say(f"  {error}.")
    return "failed"


def _show(ladder: Ladder, consent: Consent) -> None:
    ladder.say(f"  {WARNED}")
    ladder.say("  Open this address in a browser, on any machine:")
    ladder.say()
    ladder.say(consent.url)
    ladder.say()


def _pasted(ladder: Ladder, consent: Consent) -> Token | End:
    from connectors._google.login import WrongAnswer

    _show(ladder, consent)
    ladder.say("  At the end the browser says that it cannot open a page at 127.0.0.1. That is right: copy the whole")
    ladder.say("  address of that page out of the address bar.")
    while True:
        text: str = click.prompt("  Paste it here, or type skip", prompt_suffix=": ")
        if text.strip().casefold() == "skip":
            ladder.say(f"  Skipped. Later: kith login {ladder.name}")
            return "skipped"
        try:
            return consent.redeem(text)
        except WrongAnswer as error:
            ladder.say(f"  Not yet: {error}.")


def _keep(ladder: Ladder, grant: Grant, scopes: tuple[str, ...], token: Token) -> End:
    from connectors._google.standing import lacking

    missing = lacking(token, scopes)
    for scope in missing:
        ladder.say(f"  A box was left unticked ({scope}): {LOST[scope]}.")
    if not [scope for scope in scopes if scope not in missing and scope != "calendar.calendarlist.readonly"]:
        ladder.say("  So nothing was given, and nothing is kept.")
        return "failed"
    grant.store(token, datetime.now(UTC))
    ladder.say(f"  Logged in; kept in {grant.path}.")
    if missing:
        ladder.say(f"  To tick it after all: kith login {ladder.name} --only {grant.name}")
    return "given" if _tell_seen(ladder, grant.name) else "failed"


def _tell_seen(ladder: Ladder, name: GrantName) -> bool:
    """Try the login with one cheap call and say what it sees; tell whether it is worth keeping as it is."""
    from connectors._google.seen import seen
    from connectors._google.wire import wires_of
    from connectors.records import NeedsLogin, Unavailable

    wires = wires_of(ladder.account, ladder.name, ladder.session.zone.key)
    try:
        for line in seen(ladder.account, wires, name, ladder.session.configuration.settings.me.addresses):
            ladder.say(f"  It {line}." if line.startswith("sees") else f"  {line[:1].upper()}{line[1:]}.")
    except NeedsLogin as error:
        ladder.say(f"  {error}. Mend it: {error.remedy}")
        return False
    except Unavailable as error:
        ladder.say(f"  It could not be tried just now: {error}.")
    finally:
        wires.close()
        ladder.account.settle(ladder.name)
    return True
