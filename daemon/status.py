"""What was the last tick, for machines and for ``kith status``? The status file and the metrics: counts and codes.

Nothing of anybody stands in them. They lie outside the ledger: an idle tick writes nothing else that
stays (RULINGS C24).
"""

from __future__ import annotations

import fcntl
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.files import make_folder, read_whole, write_atomically
from daemon.world import Quiet, Report

RUN_LOCK = "run.lock"
READABLE = 0o644
"""The collector of metrics runs as a user of its own."""


def status_folder(state: Path) -> Path:
    """Return where the status file lies: ``$RUNTIME_DIRECTORY``, else ``run/`` in the state (RULINGS C24)."""
    runtime = os.environ.get("RUNTIME_DIRECTORY")
    return Path(runtime) if runtime else state / "run"


def write_status(
    state: Path, report: Report, now: datetime, upcoming: datetime | None = None, problem: int = 0
) -> None:
    """Write what the last tick was, and the exit code for a ``problem`` it met outside its accounts. Raises OSError."""
    _write(
        state,
        {
            "last_tick": now.isoformat(),
            "next_tick": upcoming.isoformat() if upcoming else None,
            "problem": _problem(state, problem, now),
            "new": report.new,
            "accounts": {
                name: item.last_success.isoformat() if item.last_success else None
                for name, item in report.sources.items()
            },
            "quiet": {
                **asdict(report.quiet),
                "since": report.quiet.since.isoformat(),
                "until": report.quiet.until.isoformat(),
            }
            if report.quiet
            else None,
            "troubles": [
                {"account": item.account, "code": item.code, "text": item.text, "remedy": item.remedy}
                for item in report.troubles
            ],
        },
    )


def write_problem(state: Path, code: int, now: datetime, upcoming: datetime | None = None) -> None:
    """Write that a tick came to nothing, with the exit ``code`` that stands for why; the one before stays known.

    Raises OSError.
    """
    planned = upcoming.isoformat() if upcoming else None
    known = {**read_status(state), "problem": _problem(state, code, now)}
    _write(state, {**known, "next_tick": planned, "quiet": None})


def _problem(state: Path, code: int, now: datetime) -> dict[str, Any] | None:
    """Return what is wrong and since when: from its first tick on."""
    before = read_status(state).get("problem") if code else None
    same = isinstance(before, dict) and before.get("code") == code
    since = str(before["since"]) if same and isinstance(before, dict) and "since" in before else now.isoformat()
    return {"code": code, "since": since} if code else None


def _write(state: Path, document: Mapping[str, Any]) -> None:
    folder = status_folder(state)
    make_folder(folder)
    write_atomically(folder / "status.json", json.dumps(document, indent=1).encode())


def read_quiet(state: Path) -> Quiet | None:
    """Return what the last tick left behind, None when that is not known."""
    try:
        found = read_status(state)["quiet"]
        since, until = (datetime.fromisoformat(found[name]) for name in ("since", "until"))
        return Quiet(key=str(found["key"]), sequence=int(found["sequence"]), since=since, until=until)
    except (KeyError, TypeError, ValueError):
        return None


def read_status(state: Path) -> Mapping[str, Any]:
    """Return what ``write_status`` wrote last; empty before the first tick or when it is damaged."""
    try:
        document = json.loads(read_whole(status_folder(state) / "status.json"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def runner_of(state: Path) -> str | None:
    """Return the number of the process that holds the lock of the one ``kith run`` on this state, None if none does."""
    try:
        lock = os.open(state / RUN_LOCK, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return os.pread(lock, 32, 0).decode(errors="replace").strip() or "unknown"
    else:
        return None
    finally:
        os.close(lock)


# -- metrics -----------------------------------------------------------------------------------------------------------


def write_metrics(path: Path, text: str) -> None:
    """Put ``text`` where Prometheus's textfile collector reads it. Raises OSError."""
    write_atomically(path, text.encode(), READABLE)


def metrics(status: Mapping[str, Any], code: int, now: datetime, written: Mapping[str, int], seconds: float) -> str:
    """Return the metrics of the tick that ended at ``now`` with ``code``; ``status`` is what the status file holds."""
    lines = [
        *_metric(
            "kith_problem_code", "Exit code for what is wrong beyond the accounts, 0 when all is well.", [("", code)]
        ),
        *_metric("kith_tick_ended_timestamp_seconds", "When the last tick ended.", [("", now.timestamp())]),
        *_metric("kith_tick_duration_seconds", "How long the last tick took.", [("", round(seconds, 3))]),
        *_metric("kith_tick_new_records", "Records that the last finished tick read.", [("", status.get("new", 0))]),
        *_metric(
            "kith_tick_written",
            "Rows of the outbox that this tick settled.",
            [(f'{{row="{name}"}}', count) for name, count in sorted(written.items())],
        ),
        *_metric(
            "kith_account_success_timestamp_seconds",
            "When the account was last read well.",
            [
                (f'{{account="{name}"}}', datetime.fromisoformat(at).timestamp())
                for name, at in sorted(status.get("accounts", {}).items())
                if at
            ],
        ),
        *_metric(
            "kith_account_problem",
            "1 for what the last finished tick found wrong with an account.",
            [(f'{{account="{name}",code="{what}"}}', 1) for name, what in _problems(status.get("troubles", ()))],
        ),
    ]
    return "\n".join([*lines, ""])


def _problems(troubles: Sequence[Mapping[str, str]]) -> Sequence[tuple[str, str]]:
    return sorted(Counter((item["account"], item["code"]) for item in troubles))


def _metric(name: str, means: str, values: Sequence[tuple[str, float]]) -> Iterator[str]:
    if values:
        yield f"# HELP {name} {means}"
        yield f"# TYPE {name} gauge"
        yield from (f"{name}{labels} {value}" for labels, value in values)
