"""What does Kith look like on a full year? Makes a believable world of files to try everything on.

The world is Clara Winter's: a consultant in Vienna, her calendar, her sent mail, her Drafts. All of it is invented. It
ends at ``now``, and the same ``now`` makes the same bytes.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from random import Random

from daemon.demo import ordinary
from daemon.demo.agenda import calendar_file
from daemon.demo.calendar_traps import entries
from daemon.demo.days import Days
from daemon.demo.mail_traps import strays
from daemon.demo.people import ALIAS, EVERYBODY, ME, ME_NAME
from daemon.demo.post import mbox_file

MARKS: tuple[tuple[str, str], ...] = (
    (EVERYBODY["Maria Huber"].address, "key"),
    (EVERYBODY["Thomas Aigner"].address, "key"),
    (EVERYBODY["Karim Haddad"].address, "target"),
)
"""Marks that Clara gave: a configuration cannot hold them."""

_MAIL_FOLDERS = ("Drafts", "Sent")
_MADE_BY = "# Made by `kith demo`"
_CONFIGURATION = f"""\
{_MADE_BY}: an invented world, to try every command on.
state = "state"

[me]
name = "{ME_NAME}"
addresses = ["{ME}", "{ALIAS}"]
timezone = "Europe/Vienna"

[accounts.calendar]
kind = "ics"
path = "calendar.ics"
reminders = "kith.ics"

[accounts.sent]
kind = "mbox"
path = "Sent.mbox"

[accounts.mail]
kind = "maildir"
path = "Mail"
drafts = "Drafts"

[write]
reminders = "calendar"
drafts = "mail"
confirmed = true
"""


def make_world(out: Path, now: datetime) -> None:
    """Write ``config.toml``, ``calendar.ics``, ``Sent.mbox`` and empty Maildirs ``Drafts`` and ``Sent`` under ``Mail``.

    ``out`` is the folder for them, made if absent; ``now`` is aware, and nothing in the world is later but meetings
    ahead. A world made earlier is replaced. Raises FileExistsError if one of the files stands there and is not of our
    making, OSError if it cannot be written.
    """
    days = Days(now=now)
    random = Random("kith demo")  # noqa: S311 - a story, not a secret
    meetings = [*ordinary.meetings(days, random), *entries(days)]
    letters = [*ordinary.letters(days, random), *strays(days)]
    files = {
        "calendar.ics": calendar_file(meetings),
        "Sent.mbox": mbox_file(letters),
        "config.toml": _CONFIGURATION.encode(),
    }
    _refuse_foreign(out, files)
    for folder in _MAIL_FOLDERS:
        for part in ("cur", "new", "tmp"):
            (out / "Mail" / folder / part).mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (out / name).write_bytes(content)


def is_world(folder: Path) -> bool:
    """Tell whether ``folder`` holds the configuration of a demo world: then what lies there may be replaced."""
    configuration = folder / "config.toml"
    return configuration.is_file() and configuration.read_bytes().startswith(_MADE_BY.encode())


def _refuse_foreign(out: Path, names: dict[str, bytes]) -> None:
    """Keep somebody's own files from being overwritten by a careless ``--out``."""
    if is_world(out):
        return
    for name in names:
        if (out / name).exists():
            raise FileExistsError(f"{out / name} is not of a demo world: choose another folder")
