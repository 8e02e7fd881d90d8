"""undo: what Kith wrote is taken back as far as the user has not made it theirs, and what stays is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from daemon.cli import documents, screens
from daemon.cli.codes import Ended, say, worst
from daemon.cli.ground import begin, config_option, find_person, json_option, now_option, refuse_far_writes
from daemon.model import OPEN_STATES, Entry, local_day
from daemon.session import Session
from daemon.state import Memory
from daemon.tick import is_confirmed
from daemon.undo import Undone
from daemon.undo import undo as undo_entries

LEFT = {
    "edited": "left as it is, because you changed it",
    "waiting": "cannot be reached now, so the next tick takes it back",
    "stuck": "left where it is: its account refuses, or is not configured for it any more",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the user wants back: everything, what was written since a day, or what is about somebody."""

    everything: bool
    since: date | None
    person: str | None

    def test(self, memory: Memory) -> Callable[[Entry], bool]:
        """Return what tells whether an entry is meant. Raises click.UsageError for somebody unknown."""
        zone = memory.settings.me.zone
        if self.person is not None:
            found = find_person(memory, self.person).id
            return lambda entry: found in (entry.person, *entry.also)
        since = self.since
        return lambda entry: since is None or local_day(_written_at(entry, memory.now), zone) >= since


@click.command(epilog="Example: kith undo --since 2026-11-20")
@config_option
@json_option
@now_option
@click.option("--all", "everything", is_flag=True, help="Everything, and the yes to writing.")
@click.option("--since", metavar="DAY", help="What was written on that day or later (2026-11-20).")
@click.option("--person", metavar="PERSON", help="What is about this person.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def undo(
    config: Path | None,
    *,
    as_json: bool,
    now: str | None,
    everything: bool,
    since: str | None,
    person: str | None,
    yes: bool,
) -> None:
    """Take back the reminders and drafts that you have not changed. The same matters rest for their interval.

    A round-up that names the person goes as a whole. What you have changed is yours: it stays, and is counted.
    """
    session = begin(config, now)
    if now is not None:
        refuse_far_writes(session)
    wanted = _wanted(session, everything=everything, since=since, person=person)
    if everything and not yes:
        click.confirm(f"Take back {_standing(session)}, but for what you changed?", abort=True, err=True)
    with session.ledger(write=True) as ledger:
        memory = session.memory(ledger)
        is_meant, state = wanted.test(memory), memory.state()
        undone = undo_entries(ledger, tuple(session.worlds(state.entries)), state, is_meant, unconfirm=everything)
        session.settle()
        confirmed = is_confirmed(ledger, session.world())
    _tell(undone, session.zone, confirmed=confirmed, as_json=as_json)
    if everything:
        _tell_what_follows(session)
    raise Ended(worst(item.code for item in undone.troubles))


def _wanted(session: Session, *, everything: bool, since: str | None, person: str | None) -> Wanted:
    if everything + (since is not None) + (person is not None) != 1:
        text = f"{_standing(session)} stand. Say what to take back: --all, --since DAY or --person PERSON, one of them"
        raise click.UsageError(text)
    try:
        return Wanted(everything=everything, since=None if since is None else date.fromisoformat(since), person=person)
    except ValueError:
        raise click.UsageError("--since: not a day, such as 2026-11-20") from None


def _written_at(entry: Entry, now: datetime) -> datetime:
    return (entry.settled if entry.state == "written" else None) or entry.decided or now


def _standing(session: Session) -> str:
    with session.ledger(write=False) as ledger:
        kinds = Counter(_kind(entry) for entry in ledger.entries() if entry.state in OPEN_STATES)
    return " and ".join(screens.count(kinds[kind], kind) for kind in ("reminder", "draft"))


# -- what came of it ---------------------------------------------------------------------------------------------------


def _tell(undone: Undone, zone: ZoneInfo, *, confirmed: bool, as_json: bool) -> None:
    for trouble in undone.troubles:
        mend = f"   mend it with: {trouble.remedy}" if trouble.code == "needs-login" else ""
        say(f"kith: {trouble.account}: {trouble.text}{mend}")
    for why, entries in _left(undone):
        for line in _counted(entries, zone):
            say(f"kith: {LEFT[why]}: {line}")
    if as_json:
        click.echo(documents.as_json(undone_json(undone, zone, confirmed=confirmed)))
        return
    for entry in undone.taken:
        click.echo(f"- {screens.one_line(entry, zone)}{'' if entry.ref else ' (was never written)'}")
    kinds = Counter(map(_kind, undone.taken))
    said = " and ".join(screens.count(number, kind) for kind, number in sorted(kinds.items(), reverse=True))
    click.echo(f"{said or 'Nothing'} taken back.")


def undone_json(undone: Undone, zone: ZoneInfo, *, confirmed: bool) -> dict[str, Any]:
    """Return what was taken back, and what was left and why."""
    return {
        "taken_back": [documents.entry_json(entry, zone) for entry in undone.taken],
        "left": [{**documents.entry_json(entry, zone), "why": why} for why, found in _left(undone) for entry in found],
        "confirmed": confirmed,
        "troubles": [documents.trouble_json(item) for item in undone.troubles],
    }


def _left(undone: Undone) -> Iterator[tuple[str, tuple[Entry, ...]]]:
    yield from (("edited", undone.edited), ("waiting", undone.waiting), ("stuck", undone.stuck))


def _counted(entries: Iterable[Entry], zone: ZoneInfo) -> Iterator[str]:
    """Yield how many of a kind, day and account there are: no name, no title."""
    found = Counter((entry.account, _day(entry, zone), _kind(entry)) for entry in entries)
    yield from (f"{screens.count(n, kind)} of {day} ({account})" for (account, day, kind), n in sorted(found.items()))


def _kind(entry: Entry) -> str:
    return "draft" if entry.is_draft else "reminder"


def _day(entry: Entry, zone: ZoneInfo) -> str:
    at = entry.start or entry.decided
    return local_day(at, zone).isoformat() if at else "?"


def _tell_what_follows(session: Session) -> None:
    if session.configuration.write_confirmed:
        say(
            "kith: [write] confirmed = true stands in the configuration: the next tick writes again, but for what rests"
            " now. Set it to false to end that"
        )
    else:
        say("kith: nothing is written from now on, until you say   kith once --yes")
