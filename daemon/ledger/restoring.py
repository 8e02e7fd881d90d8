"""How does another state take the place of the one that is there? Decided by one rename, and carried out to its end.

The new files are made whole in ``restoring/``. Renaming that folder to ``restored/`` is the decision: before it the
old state stands, after it the new one, whoever is killed when. Then file by file goes to its place; whoever opens the
state to write finishes that first, and whoever reads meanwhile reads in ``restored/``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from connectors.files import LEFT_OVER, make_folder, sync_folder
from daemon.ledger.folder import LEDGER, NEVER, SECRET, is_login
from daemon.ledger.generations import duplicate

_MADE, _DECIDED = "restoring", "restored"


def origin(folder: Path) -> Path:
    """Return where the state of ``folder`` is read: there, or where a restore was cut off."""
    return folder / _DECIDED if _is_folder(folder / _DECIDED) else folder


def begin(folder: Path) -> Path:
    """Return an empty folder for the new files of the state in ``folder``; only for its one writer. Raises OSError."""
    made = folder / _MADE
    _clear(made)
    make_folder(made)
    return made


def give_up(folder: Path) -> None:
    """Throw away what was made. Raises OSError."""
    _clear(folder / _MADE)


def decide(folder: Path) -> None:
    """Let what was made be the state from now on. Raises OSError."""
    made = folder / _MADE
    for place in (made, *(item for item in made.iterdir() if _is_folder(item))):
        sync_folder(place)
    made.replace(folder / _DECIDED)
    sync_folder(folder)
    finish(folder)


def finish(folder: Path) -> None:
    """Carry out what was decided, and clear away what was not; only for the one writer of ``folder``. Raises OSError.

    Generations of the file before go: they are another state's, and nothing of it may heal this one.
    """
    decided, made = folder / _DECIDED, folder / _MADE
    _clear(made)
    if not _is_folder(decided):
        return
    for item in folder.glob(f"{LEDGER}.*"):
        item.unlink()
    for name in _files(decided):
        make_folder((folder / name).parent)
        _place(decided / name, folder / name)
    sync_folder(folder)
    decided.replace(made)
    sync_folder(folder)
    _clear(made)


def _files(folder: Path) -> Iterator[str]:
    yield from (name for name in (LEDGER, SECRET, NEVER) if (folder / name).is_file())
    yield from sorted(name for item in folder.glob("tokens/*") if is_login(name := f"tokens/{item.name}"))


def _place(source: Path, target: Path) -> None:
    if not target.is_symlink() and target.exists() and target.samefile(source):
        return
    draft = target.with_name(f".{target.name}{LEFT_OVER}")
    draft.unlink(missing_ok=True)
    duplicate(source, draft)
    draft.replace(target)
    sync_folder(target.parent)


def _is_folder(path: Path) -> bool:
    if path.is_symlink():
        raise OSError(f"{path}: a link, not a folder")
    return path.is_dir()


def _clear(folder: Path) -> None:
    if not _is_folder(folder):
        return
    for item in sorted(folder.rglob("*"), reverse=True):
        if item.is_dir() and not item.is_symlink():
            item.rmdir()
        else:
            item.unlink()
    folder.rmdir()
    sync_folder(folder.parent)
