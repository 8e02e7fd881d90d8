"""backup and restore: the whole state in one file, and back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from daemon import backup as saving
from daemon.cli.codes import BAD_DATA, CONFIGURATION, STATE, Ended, say
from daemon.cli.ground import begin, config_option
from daemon.ledger.archive import Listing, NewerBackup, NoBackup, verify
from daemon.ledger.folder import Lock
from daemon.session import Session, patiently


@click.command(epilog="Example: kith backup kith-2026-11-20.tar")
@config_option
@click.option("--with-secrets", is_flag=True, help="The logins too. Keep such a file as you keep a password.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(config: Path | None, file: Path, *, with_secrets: bool) -> None:
    """Save the whole state in FILE (0600): what was read, what you said, what was written. Stops nothing.

    The same state gives the same file. Logins are left out: after a restore elsewhere, log in again.
    """
    session = begin(config)
    with session.ledger(write=False) as ledger:
        if ledger.healing:
            say(f"kith: {ledger.healing}")
        try:
            made = saving.back_up(ledger, file, logins=with_secrets)
        except saving.NothingThere:
            raise click.UsageError("there is no state to save yet. Run: kith once") from None
        except saving.Foreign:
            raise click.UsageError(f"{file} is there and is no backup of Kith's: it is not overwritten") from None
        except NoBackup as error:
            say(f"kith: backup: the file that was written {error}; is the disk sound? {file} was not touched")
            raise Ended(BAD_DATA) from None
        except OSError as error:
            say(f"kith: backup: {file} cannot be written: {error.strerror or error}; what was there before still is")
            raise Ended(STATE) from None
    size = sum(item.size for item in made.files.values())
    click.echo(f"saved and read back: commit {made.sequence}, {size:,} bytes, {_logins(made)}")


def _logins(made: Listing) -> str:
    return "logins included" if made.logins else "no logins"


@click.command(epilog="Example: kith restore kith-2026-11-20.tar")
@config_option
@click.option("--yes", is_flag=True, help="Although this state holds something: that is kept in a backup of its own.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(config: Path | None, file: Path, *, yes: bool) -> None:
    """Let the state be the one in FILE, a backup. Stop `kith run` before.

    The file is proven first. Whoever you have forgotten since stays forgotten, and who is "never" stays so.
    """
    session = begin(config)
    state = session.configuration.state
    try:
        _verify(file)
        with _alone(session):
            done = saving.restore(file, state, session.memory, replacing=yes)
    except NoBackup as error:
        say(f"kith: restore: the file {error}; nothing was changed")
        raise Ended(BAD_DATA) from None
    except NewerBackup as error:
        say(f"kith: restore: {error}; nothing was changed")
        raise Ended(CONFIGURATION) from None
    except saving.Occupied:
        text = "holds something. To put the backup in its place, and keep what is there in a backup of its own"
        raise click.UsageError(f"the state in {state} {text}:   kith restore {file} --yes") from None
    _tell(done)


def _verify(file: Path) -> None:
    try:
        verify(file)
    except OSError as error:
        raise click.UsageError(f"{file} cannot be read: {error.strerror or 'it is no plain file'}") from None


@contextmanager
def _alone(session: Session) -> Iterator[None]:
    """Keep ``kith run`` and every other writer away. Raises Busy, OSError."""
    from daemon.ledger.restoring import finish
    from daemon.loop import only_one

    state = session.configuration.state
    running, lock = only_one(state), Lock(state)
    try:
        patiently(lock.take)
        finish(state)
        yield
    finally:
        lock.release()
        os.close(running)


def _tell(done: saving.Restored) -> None:
    click.echo(f"restored: commit {done.listing.sequence}, {_logins(done.listing)}")
    if done.before is not None:
        say(f"kith: what was there before lies in {done.before}")
    if done.forgotten:
        say(f"kith: {done.forgotten} forgotten since the backup, and forgotten again")
    say("kith: the next tick reads on from there. See first what it would write:   kith plan")
