"""How does a folder become a ledger? Lock, file, secret, schema."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from connectors.files import remove_left_overs, sync_folder
from daemon.ledger.folder import LEDGER, Lock, prove_replace, read_secret
from daemon.ledger.ledger import BULKY, DERIVED, INDEXES, LASTING, Ledger
from daemon.ledger.migrations import STEPS, Step, migrate
from daemon.ledger.owner import own_folder, shut
from daemon.ledger.restoring import finish, origin
from daemon.ledger.storage import JournalStorage
from daemon.ledger.table import JournalTable


def open_ledger(folder: Path, *, write: bool = True, lean: bool = False, steps: tuple[Step, ...] = STEPS) -> Ledger:
    """Open the state in ``folder``, made on first use (0700). One writer at a time; readers at any time.

    ``lean``: to be kept open for years, so rows stay on the disk until they are asked for.
    Rows of an older schema are brought forward by ``steps``; a reader does so in memory. Raises Busy, Unsuited,
    NewerSchema, ``Damaged``, OSError.
    """
    if not write:
        return _reader(folder, steps)
    own_folder(folder)
    lock = Lock(folder)
    lock.take()
    storage = None
    try:
        exposed = shut(folder)
        remove_left_overs(folder)
        finish(folder)
        if not (folder / LEDGER).exists():
            with suppress(PermissionError):
                sync_folder(folder.parent)  # whoever made the folder may have been killed before
            prove_replace(folder)
        storage = _storage(folder, write=True, bulky=BULKY if lean else frozenset())
        ledger = Ledger(folder, storage, read_secret(folder, make=not storage.sequence), lock)
        migrate(storage, ledger, steps)
        ledger.exposed = exposed
    except BaseException:
        if storage is not None:
            storage.close()
        lock.release()
        raise
    return ledger


def _reader(folder: Path, steps: tuple[Step, ...]) -> Ledger:
    folder = origin(folder)
    storage = _storage(folder, write=False)
    ledger = Ledger(folder, storage, read_secret(folder, make=False) if storage.sequence else bytes(32))
    if storage.sequence:
        migrate(storage, ledger, steps)
    return ledger


def _storage(folder: Path, *, write: bool, bulky: Collection[str] = frozenset()) -> JournalStorage:
    return JournalStorage(
        folder / LEDGER, write=write, indexes=INDEXES, lasting=LASTING, bulky=bulky, mend=_derive_again
    )


def _derive_again(storage: JournalStorage) -> None:
    """After a healing the facts may be older than the records: they hold no longer."""
    JournalTable(storage, "meta").put({"key": DERIVED, "value": None})
