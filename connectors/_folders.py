"""Where in a folder of Maildirs is the one called so, and which mails does it hold?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

PLACES = ("new", "cur")


def maildir(path: Path, name: str) -> Path | None:
    """Return the Maildir called ``name`` in ``path``, plain or dotted (Maildir++), None if there is none."""
    for candidate in (path / name, path / f".{name.lstrip('.')}"):
        if any((candidate / place).is_dir() for place in PLACES):
            return candidate
    return None


def place_for(path: Path, name: str) -> Path:
    """Return where a new Maildir called ``name`` belongs: dotted where its neighbours are."""
    dotted = any(True for _ in _dotted(path))
    return path / (f".{name.lstrip('.')}" if dotted else name)


def mails(folder: Path) -> dict[str, Path]:
    """Return the files of a Maildir by base name, in its order; trashed ones, links and folders left out.

    Raises OSError.
    """
    found: dict[str, Path] = {}
    for place in PLACES:
        if not (folder / place).is_dir():
            continue
        with os.scandir(folder / place) as entries:
            for entry in entries:
                if entry.name[0] != "." and entry.is_file(follow_symlinks=False) and "T" not in flags(entry.name):
                    found[entry.name.partition(":2,")[0]] = Path(entry.path)
    return dict(sorted(found.items()))


def flags(name: str) -> str:
    """Return the flags in the name of a mail's file."""
    return name.partition(":2,")[2]


def _dotted(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from (item for item in path.iterdir() if item.name[0] == "." and (item / "cur").is_dir())
