"""What was handed in by systemd? ``{ credential = "NAME" }`` is the file of that name in ``$CREDENTIALS_DIRECTORY``.

Such a file is there for the process that systemd started, and for no other: by hand there is none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.files import read_bounded
from daemon.config.problems import Problem

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,59}")
_NOWHERE = "/run/credentials"
_LIMIT = 4096


def credential(value: object, environ: Mapping[str, str]) -> Path | None:
    """Return the file that ``value`` names as a credential, there or not; None if it names none."""
    if not isinstance(value, dict) or set(value) != {"credential"}:
        return None
    name = value["credential"]
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return None
    return Path(environ.get("CREDENTIALS_DIRECTORY") or _NOWHERE, name)


def with_ping(run: object, environ: Mapping[str, str], problems: list[Problem]) -> object:
    """Return the table ``[run]`` with the address of ``ping`` in place of its credential; by hand there is no ping."""
    path = credential(run.get("ping"), environ) if isinstance(run, dict) else None
    if path is None or not isinstance(run, dict):
        return run
    found: dict[str, Any] = {key: value for key, value in run.items() if key != "ping"}
    if environ.get("CREDENTIALS_DIRECTORY"):
        try:
            found["ping"] = read_bounded(path, _LIMIT).decode().strip()
        except (OSError, ValueError):
            hint = f"LoadCredential={path.name}:FILE in the unit"
            problems.append(Problem(path="run.ping", text="no such credential was handed in", hint=hint))
    return found
