"""What is kept beside the ledger's file? The files before the last folds, and the evidence of what went wrong.

``ledger.jsonl.1`` is what a fold replaced last, ``.3`` the oldest kept. ``corrupt/`` holds torn tails and
damaged files.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path

from connectors.files import CHUNK, make_folder, open_regular, sync_folder, write_atomically

KEPT = 3
_REPLACED = re.compile(r"before-restore-(\d{1,9})\.tar")
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


def older(path: Path) -> tuple[Path, ...]:
    """Return where the generations of ``path`` are, the newest first, there or not."""
    return tuple(path.with_name(f"{path.name}.{number}") for number in range(1, KEPT + 1))


def rotate(path: Path) -> None:
    """Make the file at ``path`` generation 1 too, and each older one a generation older. Raises OSError.

    Killed in between, at most the oldest is lost; done again for the same file, nothing is.
    """
    newest, *_ = places = older(path)
    if newest.exists() and newest.samefile(path):
        return
    free = next((at for at, place in enumerate(places) if not place.exists()), KEPT - 1)
    for at in range(free, 0, -1):
        places[at - 1].replace(places[at])
    duplicate(path, newest)


def keep(path: Path, name: str) -> None:
    """Let the file at ``path`` stay as ``PATH.NAME`` beside the generations; one there stays. Raises OSError."""
    other = path.with_name(f"{path.name}.{name}")
    if not other.exists():
        duplicate(path, other)


def set_aside(path: Path, what: str, start: int = 0) -> Path:
    """Keep the bytes of ``path`` from ``start`` on in ``corrupt/`` under a name of its own. Raises OSError."""
    folder = path.parent / "corrupt"
    make_folder(folder)
    if folder.is_symlink():
        raise OSError(f"{folder}: a link, not a folder")
    name, number = f"{path.name}.{what}", 1
    while (folder / name).exists():
        number += 1
        name = f"{path.name}.{what}-{number}"
    if start:
        write_atomically(folder / name, _bytes(path, start))
    else:
        duplicate(path, folder / name)
    return folder / name


def drop(path: Path) -> None:
    """Delete every older file, what restores replaced, and everything in ``corrupt/``: somebody asked to be forgotten.

    Raises OSError.
    """
    evidence = path.parent / "corrupt"
    for item in (*path.parent.glob(f"{path.name}.*"), *replaced(path.parent), *evidence.glob("*")):
        item.unlink(missing_ok=True)
    sync_folder(path.parent)
    if evidence.is_dir():
        sync_folder(evidence)


def replaced(folder: Path) -> list[Path]:
    """Return the backups of what restores replaced, the oldest first."""
    found = ((_REPLACED.fullmatch(item.name), item) for item in folder.glob("before-restore-*"))
    return [item for _, item in sorted((int(name[1]), item) for name, item in found if name is not None)]


def make_room(folder: Path) -> Path:
    """Return where the backup of what a restore replaces goes; of those before, the newest stay. Raises OSError."""
    before = replaced(folder)
    for item in before[: 1 - KEPT]:
        item.unlink()
    number = int(before[-1].stem.rpartition("-")[2]) + 1 if before else 1
    return folder / f"before-restore-{number}.tar"


def duplicate(path: Path, other: Path) -> None:
    """Let ``other`` be the same bytes: a second name where the file system has such, else a copy."""
    try:
        other.hardlink_to(path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        write_atomically(other, _bytes(path, 0))
    sync_folder(other.parent)


def _bytes(path: Path, start: int) -> Iterator[bytes]:
    file = open_regular(path)
    try:
        os.lseek(file, start, os.SEEK_SET)
        while part := os.read(file, CHUNK):
            yield part
    finally:
        os.close(file)
