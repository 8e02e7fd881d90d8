"""How is work done that takes much memory for a while? In a copy of this process, which ends with it.

The copy sees all that is here, what no commit holds yet, too. It holds none of what is open (locks, sockets, the log)
but what it is told to read from, hears no signal in this process's stead, and does not outlive it.
"""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import signal
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, TypeVar

T = TypeVar("T")
_HEARD = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM)
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


class Ended(Exception):
    """The copy ended before its work was done; in words, its status."""


@contextmanager
def copied(work: Callable[[BinaryIO], object], keep: Collection[int] = ()) -> Iterator[BinaryIO]:
    """Let a copy of this process do ``work``; yield what that writes into the file it is given, while it does.

    The descriptors ``keep`` stay open in the copy; it is gone afterwards. Raises OSError where no process can be had,
    Ended at the end if the copy did not come to its own.
    """
    reading, writing = os.pipe()
    try:
        child = _fork()
    except OSError:
        os.close(reading)
        os.close(writing)
        raise
    if child == 0:
        _do(work, writing, keep)
    os.close(writing)
    try:
        with os.fdopen(reading, "rb") as told:
            yield told
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    finally:  # that nobody listens any more ends it, too: its next word finds a broken pipe
        _, status = os.waitpid(child, 0)
    if status:
        raise Ended(f"ended by {status}")


def made(
    work: Callable[[], T],
    *,
    shared: Iterable[object] = (),
    bulk: Iterable[type] = (),
    keep: Collection[int] = (),
) -> T:
    """Return what ``work`` returns, made in a copy of this process and pickled.

    It refers to the very objects ``shared`` where the copy's refers to them. ``bulk`` are dataclasses it holds by the
    thousand, not within each other and in no set. Raises OSError where no process can be had, Ended if it came to
    nothing.
    """
    here, kinds = tuple(shared), tuple(bulk)
    try:
        with copied(lambda told: _Pickler(told, here, kinds).tell(work()), keep) as told:
            found: T = _Unpickler(told, here, kinds).hear()
    except (EOFError, pickle.UnpicklingError) as error:
        raise Ended(str(error)) from None
    return found


def made_or_here(
    work: Callable[[], T],
    *,
    shared: Iterable[object] = (),
    bulk: Iterable[type] = (),
    keep: Collection[int] = (),
) -> T:
    """Return what ``made`` does; where no copy can be had or it came to nothing, what ``work`` returns here: what went
    wrong is seen then."""
    with suppress(OSError, Ended):
        return made(work, shared=shared, bulk=bulk, keep=keep)
    return work()


# -- the copy ----------------------------------------------------------------------------------------------------------


def _fork() -> int:
    """Begin a copy that a signal simply ends, as does the end of this process; return its number, 0 in the copy.

    Raises OSError.
    """
    parent = os.getpid()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)  # none may reach handlers that tell this process of it
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # a copy has one thread, and needs no other
            child = os.fork()
        if child == 0:
            for number in _HEARD:
                signal.signal(number, signal.SIG_DFL)
            with suppress(OSError, AttributeError):
                ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return child


def _do(work: Callable[[BinaryIO], object], writing: int, keep: Collection[int]) -> NoReturn:
    code = 1
    try:
        gc.freeze()  # looking for cycles among what is shared would copy it
        _let_go({writing, *keep})
        with os.fdopen(writing, "wb") as told:
            work(told)
        code = 0
    finally:
        os._exit(code)


def _let_go(kept: Collection[int]) -> None:
    """Let every descriptor but ``kept`` lead nowhere: closed, its number would be given to another file."""
    nowhere = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    for number in {0, 1, 2, *_descriptors()} - {nowhere, *kept}:
        with suppress(OSError):
            os.dup2(nowhere, number, inheritable=False)


def _descriptors() -> Iterable[int]:
    """Return the numbers of all open descriptors, and perhaps others."""
    for folder in ("/proc/self/fd", "/dev/fd"):
        with suppress(OSError):
            return [int(item.name) for item in Path(folder).iterdir()]
    return range(os.sysconf("SC_OPEN_MAX"))


# -- its answer --------------------------------------------------------------------------------------------------------


class _Pickler(pickle.Pickler):
    """Pickles values of ``kinds`` as lists of what each field holds: of each value by itself, unpickling would keep as
    much again up to its end, amidst what stays."""

    def __init__(self, file: BinaryIO, shared: Iterable[object], kinds: Iterable[type]) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._shared = {id(item): ~number for number, item in enumerate(shared)}
        self._kinds = {kind: number for number, kind in enumerate(kinds)}
        self._numbers: dict[int, int] = {}
        self._values: list[Any] = []

    def persistent_id(self, item: object) -> int | None:
        """Return what stands for what is shared (below 0), and for a value of ``kinds``."""
        kind = self._kinds.get(type(item))
        if kind is None:
            return self._shared.get(id(item))
        number = self._numbers.setdefault(id(item), len(self._values))
        if number == len(self._values):
            self._values.append(item)
        return number * len(self._kinds) + kind

    def tell(self, found: object) -> None:
        """Pickle ``found``, and then the values in it; equal texts in these are one object from then on."""
        self.dump(found)
        said: dict[str, str] = {}
        for kind in self._kinds:
            values = [item for item in self._values if type(item) is kind]
            for field in fields(kind):
                held = (getattr(item, field.name) for item in values)
                self.dump([said.setdefault(value, value) if type(value) is str else value for value in held])


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: BinaryIO, shared: tuple[object, ...], kinds: tuple[type, ...]) -> None:
        super().__init__(file)
        self._shared = shared
        self._kinds = kinds
        self._values: list[Any] = []

    def persistent_load(self, which: int) -> Any:
        """Return what is shared, or a value; when it is first named it is made, and holds nothing yet."""
        if which < 0:
            return self._shared[~which]
        number, kind = divmod(which, len(self._kinds))
        if number == len(self._values):
            self._values.append(object.__new__(self._kinds[kind]))
        return self._values[number]

    def hear(self) -> Any:
        """Return what ``tell`` pickled."""
        found = self.load()
        for kind in self._kinds:
            values = [item for item in self._values if type(item) is kind]
            for field in fields(kind):
                for item, value in zip(values, self.load(), strict=True):
                    object.__setattr__(item, field.name, value)
        return found
