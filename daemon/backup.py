"""How is the state saved in one file, and how does it come back? Whoever was forgotten since stays forgotten.

A backup is one commit's state, read without stopping anybody. A restore proves all of it before it touches anything,
makes the new state whole beside the old one, saves the old one in a backup of its own, and only then decides.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from connectors.files import LEFT_OVER, make_folder, read_bounded, read_start, sync_folder, write_atomically
from daemon.forget import forget_again
from daemon.ledger import Damaged, Ledger, open_ledger
from daemon.ledger.archive import Listing, NoBackup, is_backup, listing_of, pack, unpack, verify
from daemon.ledger.folder import LEDGER, Contents, SecretLost, is_login
from daemon.ledger.generations import make_room, older, set_aside
from daemon.ledger.replay import scan
from daemon.ledger.restoring import begin, decide, give_up
from daemon.ledger.whole import is_empty, prove
from daemon.model import Decision
from daemon.state import Memory

_LOGIN_LIMIT = 1 << 16
Remember = Callable[[Ledger], Memory]


class NothingThere(Exception):
    """There is no state to save."""


class Occupied(Exception):
    """The state holds something already."""


class Foreign(Exception):
    """A file that is no backup of Kith's is not overwritten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What came back, where the state before lies now (None: it held nothing), and how many stayed forgotten."""

    listing: Listing
    before: Path | None = None
    forgotten: int = 0


# -- saving ------------------------------------------------------------------------------------------------------------


def back_up(ledger: Ledger, file: Path, *, logins: bool) -> Listing:
    """Save the state that ``ledger`` was opened for in ``file`` (0600), read it back, then let it take its place.

    Raises NothingThere, Foreign, OSError; NoBackup if the disk gives back something else.
    """
    if not ledger.sequence:
        raise NothingThere
    with suppress(FileNotFoundError):
        if (start := read_start(file, 512)) and not is_backup(start):
            raise Foreign
    contents: Contents = {**ledger.contents(), **(_logins(ledger.folder) if logins else {})}
    listing = listing_of(contents, schema=ledger.meta("schema"), sequence=ledger.sequence)
    draft = file.with_name(f".{file.name[:180]}.{os.getpid()}.new{LEFT_OVER}")
    try:
        write_atomically(draft, pack(listing, contents))
        verify(draft)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(file.parent)
    return listing


def _logins(folder: Path) -> Contents:
    found = sorted(folder.glob("tokens/*.json"))
    names = {f"tokens/{path.name}": read_bounded(path, _LOGIN_LIMIT) for path in found if not path.is_symlink()}
    return {name: partial(_once, raw) for name, raw in names.items() if is_login(name)}


def _once(raw: bytes) -> tuple[bytes]:
    return (raw,)


# -- bringing back -----------------------------------------------------------------------------------------------------


def restore(archive: Path, folder: Path, remember: Remember, *, replacing: bool) -> Restored:
    """Let the state in ``folder`` be the one in ``archive``. Only for whoever holds the lock of ``folder``.

    ``remember`` returns what is known of a ledger; ``replacing``: although the state there holds something. Raises
    NoBackup, Occupied, ``NewerBackup``, ``NewerSchema``, OSError; nothing is changed then.
    """
    old = _opened(folder)
    holds = old is None or not is_empty(old)
    if holds and not replacing:
        raise Occupied
    staged = begin(folder)
    try:
        listing = unpack(archive, partial(_take, staged))
        forgotten = _made_ready(staged, folder, old, remember)
        before = _saved(folder, old) if holds else None
    except BaseException:
        give_up(folder)
        raise
    decide(folder)
    return Restored(listing=listing, before=before, forgotten=forgotten)


def _opened(folder: Path) -> Ledger | None:
    """Return the state that is there, None where it is too damaged to be read."""
    try:
        return open_ledger(folder, write=False)
    except (Damaged, SecretLost):
        return None


def _take(staged: Path, name: str, pieces: Iterable[bytes]) -> None:
    make_folder((staged / name).parent)
    write_atomically(staged / name, pieces)


def _made_ready(staged: Path, folder: Path, old: Ledger | None, remember: Remember) -> int:
    """Prove every row of the new state, and carry over what outlives a restore: who was forgotten, who is "never"."""
    found = scan(staged / LEDGER)
    if not found.whole or found.damage or found.end != found.size:
        raise NoBackup("holds a ledger that is not whole")
    with open_ledger(staged) as new:
        try:
            prove(new)
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
            raise NoBackup(f"holds rows that no Kith wrote ({type(error).__name__})") from None
        new.never_again_as(folder)
        if old is not None:
            with new.unit():
                new.save_decisions(_never_written(old, new))
            new.count_on(old.sequence + 1)
        return forget_again(new, remember)


def _never_written(old: Ledger, new: Ledger) -> Iterable[Decision]:
    """Return the marks "never" of the ``old`` state, about the same people in the ``new`` one."""
    marks = {item.about: item for item in old.decisions() if item.kind in {"mark", "unmark"} and item.value == "never"}
    first = {person.id: person.addresses[0] for person in old.people() if person.addresses}
    same = new.contents()["secret"]() == old.contents()["secret"]()
    known = {item.key for item in new.decisions()}
    for about, item in marks.items():
        who = about if same or about not in first else new.person_id(first[about])
        key = item.key.replace(about, who)
        if item.kind == "mark" and key not in known:
            yield replace(item, key=key, about=who)


def _saved(folder: Path, old: Ledger | None) -> Path | None:
    """Save the state before; what is too damaged for that goes to ``corrupt/``. Return the backup of it."""
    if old is not None:
        place = make_room(folder)
        back_up(old, place, logins=True)
        return place
    for path in (folder / LEDGER, *older(folder / LEDGER)):
        if path.exists():
            set_aside(path, "replaced")
    return folder / "corrupt"
