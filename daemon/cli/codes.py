"""With which code does a command end, and what does it say? DESIGN 5: the first that applies.

2 usage, 78 configuration (newer schema too), 75 another one is running, 1 bug, 74 state cannot be written, 77 needs
login, 65 bad or suspicious data, 69 some account unavailable, 0 fine.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable
from contextlib import suppress

import click

FINE = 0
BUG = 1
USAGE = 2
BAD_DATA = 65
UNAVAILABLE = 69
STATE = 74
BUSY = 75
LOGIN = 77
CONFIGURATION = 78
INTERRUPTED = 130

TROUBLES = {
    "foreign": CONFIGURATION,
    "needs-login": LOGIN,
    "bad-data": BAD_DATA,
    "suspicious": BAD_DATA,
    "unavailable": UNAVAILABLE,
    "rejected": FINE,
}
_ORDER = (CONFIGURATION, LOGIN, BAD_DATA, UNAVAILABLE, FINE)


class Ended(Exception):
    """A command that ends with a code, everything said."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(code)


def worst(codes: Iterable[str]) -> int:
    """Return the exit code of a tick that met troubles of these ``codes``."""
    found = {TROUBLES[code] for code in codes}
    return next((code for code in _ORDER if code in found), FINE)


def say(text: str) -> None:
    """Say one line to the person: stderr, never among the data. One that nobody takes any more ends nothing."""
    with suppress(OSError):
        click.echo(text, err=True)


def exit_code_of(error: BaseException) -> int:
    """Say what went wrong in words, and return the code to end with."""
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else BUG
    if isinstance(error, Ended):
        return error.code
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, KeyboardInterrupt | click.Abort):
        say("kith: stopped; what was committed is safe, the next run goes on from there")
        return INTERRUPTED
    return _of_input(error)


def _of_input(error: BaseException) -> int:
    from daemon.config import ConfigError

    if isinstance(error, click.ClickException):
        error.show()
        return USAGE
    if isinstance(error, ConfigError):
        for problem in error.problems:
            say(f"kith: configuration: {problem}")
        return CONFIGURATION
    return FINE if isinstance(error, BrokenPipeError) else _of_state(error)


def _of_state(error: BaseException) -> int:
    from daemon.ledger import Busy, Damaged, NewerFormat, NewerSchema
    from daemon.session import ClockUnset

    if isinstance(error, ClockUnset):
        say(f"kith: {error}")
        return UNAVAILABLE
    if isinstance(error, Busy | NewerSchema | NewerFormat):
        say(f"kith: {error}")
        return BUSY if isinstance(error, Busy) else CONFIGURATION
    if isinstance(error, Damaged):
        say(f"kith: {error}; nothing was changed. Bring the state back from a backup, or move it away to begin anew.")
        return STATE
    if isinstance(error, OSError):
        say(f"kith: the state cannot be read or written: {error.strerror or error} ({error.filename or 'ledger'})")
        return STATE
    with suppress(OSError):
        traceback.print_tb(error.__traceback__, file=sys.stderr)  # never the message: it may hold anything
    say(f"kith: this is a bug ({type(error).__name__}); the state is safe")
    return BUG
