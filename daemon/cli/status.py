"""status: what Kith did, when it does it next, what is wrong, and the one command that mends it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from connectors.records import Standing
from daemon.cli import documents, screens
from daemon.cli.codes import BUG, BUSY, CONFIGURATION, STATE, TROUBLES, UNAVAILABLE, Ended, worst
from daemon.cli.ground import begin, config_option, json_option, now_option
from daemon.ledger import Ledger, is_cramped
from daemon.model import OPEN_STATES, Entry, SourceState
from daemon.plan import is_halved
from daemon.session import Session
from daemon.status import read_status, runner_of
from daemon.tick import is_confirmed, writing

OVERDUE = 3
"""So many intervals after it was planned, a tick that has not ended hangs, or nobody runs any: the longest pause is in
the plan already, and each page that is read plans anew."""
LEAST = timedelta(minutes=30)
"""But no tick hangs before this: one page may take its time."""
_PROBLEMS: Mapping[int, tuple[str, str]] = {
    STATE: ("the state cannot be read or written", "df -h {state}"),
    CONFIGURATION: ("the configuration is refused; kith run goes on with the one before", "kith check"),
    UNAVAILABLE: ("this machine's clock is not set", "timedatectl"),
    BUSY: ("another process holds the state", "kith status"),
    BUG: ("ticks do not come to their end; the log of kith run says how", "kith once"),
}
ROOM = ("there is hardly any room left for the state: soon nothing new can be remembered", "df -h {state}")
UNSEEN = timedelta(days=3)
"""A first event that stands for longer was perhaps not seen (RULINGS T7)."""


@click.command(epilog="Example: kith status --json")
@config_option
@json_option
@now_option
def status(config: Path | None, *, as_json: bool, now: str | None) -> None:
    """Show what Kith did last, what comes next, and what is wrong. Ends with 0 when all is well."""
    session = begin(config, now)
    with session.ledger(write=False) as ledger:
        document = status_json(session, ledger)
    click.echo(documents.as_json(document)) if as_json else screens.status_text(document)
    accounts = worst(item["problem"] for item in document["accounts"] if item["problem"])
    problem = document["problem"]
    raise Ended(problem["code"] if problem else accounts)


def status_json(session: Session, ledger: Ledger) -> dict[str, Any]:
    """Return how everything stands: out of the ledger, and the status file of the last tick."""
    last = read_status(session.configuration.state)
    stored = ledger.sources()
    entries = [entry for entry in ledger.entries() if entry.state in OPEN_STATES]
    memory = session.memory(ledger)
    return {
        "accounts": [
            _standing(
                session, _told(_account(name, kind, stored.get(name), _seen(name, stored, last, session.zone)), last)
            )
            for name, kind in session.configuration.kinds.items()
        ],
        "problem": problem_in(last, session),
        "last_tick": _local(last.get("last_tick"), session.zone),
        "next_tick": _local(last.get("next_tick"), session.zone),
        "people": len(memory.facts.people),
        "touchpoints": len(memory.facts.touchpoints),
        "reminders": sum(not entry.is_draft for entry in entries),
        "drafts": sum(entry.is_draft for entry in entries),
        "outbox": sum(
            entry.state == "waiting" or bool(entry.leaving) or entry.amended is not None for entry in entries
        ),
        "halved": is_halved(ledger.entries(), session.now),
        "confirmed": (confirmed := is_confirmed(ledger, world := session.world())),
        "writing": writing(world, confirmed=confirmed),
        "handshake": _handshake(ledger.entries(), session.now),
    }


def problem_in(last: Mapping[str, Any], session: Session) -> dict[str, Any] | None:
    """Return what the last ticks met beyond the accounts: exit code, words, since when, and what mends it."""
    found = last.get("problem")
    if isinstance(found, dict) and isinstance(found.get("code"), int):
        text, remedy = _PROBLEMS.get(found["code"], _PROBLEMS[BUG])
        since, remedy = _local(found.get("since"), session.zone), remedy.format(state=session.configuration.state)
        return {"code": found["code"], "since": since, "text": text, "remedy": remedy}
    if is_cramped(session.configuration.state):
        text, remedy = ROOM
        remedy = remedy.format(state=session.configuration.state)
        return {"code": STATE, "since": None, "text": text, "remedy": remedy}
    planned, patience = last.get("next_tick"), max(OVERDUE * session.configuration.every, LEAST)
    if not planned or session.now <= datetime.fromisoformat(planned) + patience:
        return None
    process = runner_of(session.configuration.state)
    text = "a tick was planned and did not come" if process is None else f"kith run (process {process}) hangs in a tick"
    remedy = "kith run" if process is None else f"kill -9 {process}; kith run"
    return {"code": UNAVAILABLE, "since": _local(planned, session.zone), "text": text, "remedy": remedy}


def _handshake(entries: Iterable[Entry], now: datetime) -> str | None:
    """Return what became of the first event: ``heard`` (deleted), ``standing``, ``unseen`` (for three days), None."""
    found = next((entry for entry in entries if entry.kind == "handshake"), None)
    if found is None or found.state in {"waiting", "failed"}:
        return None
    if found.state == "dismissed":
        return "heard"
    return "unseen" if found.start is not None and now - found.start > UNSEEN else "standing"


def _told(row: dict[str, Any], last: Mapping[str, Any]) -> dict[str, Any]:
    """Add what the last tick found wrong with writing into the account: the ledger knows of reading only."""
    for trouble in last.get("troubles", ()):
        if row["ok"] and trouble["account"] == row["name"] and trouble["code"] in TROUBLES:
            return {
                **row,
                "ok": False,
                "problem": trouble["code"],
                "detail": trouble["text"],
                "remedy": trouble["remedy"],
            }
    return row


def _standing(session: Session, row: dict[str, Any]) -> dict[str, Any]:
    """Add what the account itself knows: its logins, what it spent today. A login that is lost is trouble at once."""
    name = row["name"]
    standing = session.standing(name)
    if standing is None or standing == Standing():
        return row
    row = {
        **row,
        "logins": [documents.login_json(item, session.zone) for item in standing.logins],
        "spent": standing.spent,
        "notes": [*row.get("notes", ()), *standing.notes],
    }
    lost = [item for item in standing.logins if item.trouble and not item.missing]
    nobody = [item for item in standing.logins if item.missing] if all(i.missing for i in standing.logins) else []
    for item in (*lost, *nobody)[:1] if row["ok"] else ():
        row |= {"ok": False, "problem": "needs-login", "detail": item.trouble, "remedy": item.remedy}
    return row


def _seen(name: str, stored: Mapping[str, SourceState], last: Mapping[str, Any], zone: ZoneInfo) -> str | None:
    """Return when the account was last read well: the status file knows it better than the ledger."""
    known = stored[name].last_success if name in stored else None
    return _local(last.get("accounts", {}).get(name), zone) or documents.moment(known, zone)


def _local(text: str | None, zone: ZoneInfo) -> str | None:
    return documents.moment(datetime.fromisoformat(text), zone) if text else None


def _account(name: str, kind: str, source: SourceState | None, seen: str | None) -> dict[str, Any]:
    if source is None:
        return {"name": name, "kind": kind, "ok": True, "problem": None, "remedy": None, "last_success": None}
    return {
        "name": name,
        "kind": kind,
        "ok": not source.problem,
        "problem": source.problem or None,
        "detail": source.detail or None,
        "remedy": source.remedy or None,
        "last_success": seen,
        "caught_up": source.caught_up,
        "items": source.listed,
        "skipped": source.skipped,
        "notes": list(source.notes),
    }
