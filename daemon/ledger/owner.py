"""Is the state's folder ours, and nobody else's? Asked before anything in it is believed or written.

A link would lead our writes elsewhere; what belongs to somebody else may be planted; and what root wrote there, the
user whose state it is could not write again (reliability F5, F9, F10).
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from connectors.files import make_folder, objection, user_name
from daemon.ledger.folder import Unsuited

_FILES = re.compile(r"ledger\.jsonl(\..{1,40})?|secret|never|lock|run\.lock|before-restore-\d{1,9}\.tar")
_FOLDERS = frozenset({"tokens", "run", "corrupt", "restoring", "restored"})
_MENDS = {
    "is a link": "and Kith follows none in its state: put there what it leads to",
    "is no file": "move it away",
    "is no folder": "move it away",
}


def own_folder(folder: Path) -> None:
    """Make the folder of the state (0700) where there is none, and prove that it and what of ours is in it is ours.

    Raises Unsuited with words that say what to do, OSError.
    """
    make_folder(folder)
    _prove_owner(folder)
    for item in folder.iterdir():
        ours = item.name in _FOLDERS
        if ours or _FILES.fullmatch(item.name):
            _prove(item, folder=ours)


def shut(folder: Path) -> bool:
    """Let nobody else into the folder of the state; tell whether others could look into it before. Raises OSError."""
    if not stat.S_IMODE(folder.stat().st_mode) & 0o077:
        return False
    folder.chmod(0o700)
    return True


def _prove_owner(folder: Path) -> None:
    """The folder may be reached by a link (another disk), as long as nobody but us or root made that."""
    owner, me = folder.stat().st_uid, os.geteuid()
    if owner != me:
        name = user_name(owner)
        raise _refused(folder, f"belongs to {name}", f"run Kith as {name}, or: {_give(folder, me)}")
    if folder.is_symlink() and folder.lstat().st_uid not in {0, me}:
        raise _refused(folder, f"is a link of {user_name(folder.lstat().st_uid)}", "name the folder it leads to")


def _prove(path: Path, *, folder: bool) -> None:
    if what := objection(path, folder=folder):
        raise _refused(path, what, _MENDS.get(what, _give(path, os.geteuid())))


def _give(path: Path, user: int) -> str:
    return f"sudo chown -R {user_name(user)} {path}"


def _refused(path: Path, what: str, mends: str) -> Unsuited:
    return Unsuited(0, f"it {what}: {mends}", str(path))
