"""Work done in a copy of the process: what comes of it, and what the copy may not take with it or leave behind."""

from __future__ import annotations

import fcntl
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from daemon.apart import Ended, _Pickler, copied, made
from daemon.loop import GRACE

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    about: object


def said(work: Any, keep: tuple[int, ...] = ()) -> Any:
    """What ``work`` returned as text in a copy."""
    with copied(lambda told: told.write(str(work()).encode()), keep) as told:
        return told.read().decode()


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_what_is_made_apart_is_what_would_be_made_here() -> None:
    """The same values; what is one object there is one here, what is shared is this process's own, and texts that are
    equal in what comes by the thousand are one."""
    own, here = object(), os.getpid()

    def work() -> Any:
        assert os.getpid() != here
        words = [Word(text="".join(("a", "bc")), about=own) for _ in range(3)]
        return words, {"last": words[-1]}, own, Word

    words, named, shared, kind = made(work, shared=(own,), bulk=(Word,))
    assert words == [Word("abc", own)] * 3
    assert named["last"] is words[-1]
    assert shared is own is words[0].about
    assert words[0].text is words[1].text
    assert kind is Word


@pytest.mark.parametrize("how", ["error", "exit", "killed", "no pickle"])
def test_a_copy_that_comes_to_nothing_says_so_and_nothing_else(how: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Whatever ends it: one error here, no word of its own, nothing left open, and no process left over."""

    def work() -> Any:
        print("not to be seen", file=sys.stderr, flush=True)
        if how == "error":
            raise ZeroDivisionError
        if how == "exit":
            sys.exit(0)
        return (lambda: None) if how == "no pickle" else os.kill(os.getpid(), signal.SIGKILL)

    before = descriptors()
    with pytest.raises(Ended):
        made(work)
    assert descriptors() == before
    assert capfd.readouterr() == ("", "")
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_half_an_answer_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy that is ended while it says what came of its work has made nothing."""

    class Half(_Pickler):
        def tell(self, found: object) -> None:
            file.write(pickle.dumps(found)[:-10_000])

        def __init__(self, told: BinaryIO, *_: object) -> None:
            nonlocal file
            file = told

    file: BinaryIO
    monkeypatch.setattr("daemon.apart._Pickler", Half)
    with pytest.raises(Ended):
        made(lambda: [*range(20_000)])


@pytest.mark.parametrize("missing", ["os.fork", "os.pipe"])
def test_where_no_process_can_be_had_that_is_told(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No process, or no descriptors: OSError, and nothing stays open or held back."""

    def none() -> Any:
        raise BlockingIOError

    before, held_back = descriptors(), signal.pthread_sigmask(signal.SIG_BLOCK, ())
    monkeypatch.setattr(missing, none)
    with pytest.raises(BlockingIOError):
        made(lambda: 1)
    assert descriptors() == before
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == held_back


def test_a_copy_holds_nothing_that_is_open(tmp_path: Path) -> None:
    """No lock, no socket, no log: only its pipe, and what it is told to read from."""
    (tmp_path / "kept").write_text("rows")
    kept = os.open(tmp_path / "kept", os.O_RDONLY)
    lock = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def look() -> list[str]:
        return [os.pread(kept, 4, 0).decode(), *sorted({str(item.readlink()) for item in held()})]

    with socket.create_server(("127.0.0.1", 0)):
        rows, *open_files = eval(said(look, (kept,)))  # noqa: S307 - a list of ours
    assert rows == "rows"
    assert [name.partition(":")[0] for name in open_files] == [os.devnull, str(tmp_path / "kept"), "pipe"]
    os.close(kept)
    os.close(lock)


def test_a_copy_at_work_holds_no_lock(tmp_path: Path) -> None:
    """Where this process lets a lock go it is free, though the copy was made while it was held."""
    path, done = tmp_path / "lock", tmp_path / "done"
    lock = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def work(told: BinaryIO) -> None:
        told.write(b"!")
        told.flush()
        while not done.exists():
            time.sleep(0.01)

    with copied(work) as told:
        assert told.read(1) == b"!"
        os.close(lock)
        with path.open() as again:
            fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
        done.touch()


def held() -> Iterator[Path]:
    """The descriptors of this process, the one to list them with left out."""
    return (item for item in Path("/proc/self/fd").iterdir() if item.is_symlink())


@contextmanager
def minded() -> Iterator[int]:
    """Handlers and a wakeup pipe as ``kith run`` has them."""
    hears, tells = os.pipe2(os.O_NONBLOCK)
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: None) for number in numbers}
    woken = signal.set_wakeup_fd(tells)
    try:
        yield hears
    finally:
        signal.set_wakeup_fd(woken)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(hears)
        os.close(tells)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_the_copy_ends_it_and_is_told_to_nobody(number: signal.Signals) -> None:
    """The copy has no handlers: the process it comes of hears nothing, and is not ended by it."""
    with minded() as hears:
        with pytest.raises(Ended, match=f"by {int(number)}$"), copied(lambda _: os.kill(os.getpid(), number)) as told:
            assert told.read() == b""
        with pytest.raises(BlockingIOError):
            os.read(hears, 1)


def test_a_copy_nobody_listens_to_ends() -> None:
    """Whoever stops reading is not waited for in vain."""

    def talk(told: BinaryIO) -> None:
        while True:
            told.write(b"x" * 65_536)

    with pytest.raises(Ended), copied(talk) as told:
        assert told.read(1) == b"x"
    begun = time.monotonic()
    with pytest.raises(ZeroDivisionError), copied(lambda _: time.sleep(60)):
        raise ZeroDivisionError
    assert time.monotonic() < begun + 30


DIES = """
import os, sys, time
from daemon.apart import copied
def work(told):
    told.write(b"%d" % os.getpid())
    told.flush()
    time.sleep(60)
with copied(work) as told:
    print(told.read1().decode(), flush=True)
    time.sleep(60)
"""
WAITS = """
import os, sys, threading, time
from pathlib import Path
from types import SimpleNamespace
from daemon.apart import made
from daemon.falls import Falls
from daemon.loop import signals_minded
from daemon.manager import Manager
def work():
    os.write(out, b"%d\\n" % os.getpid())
    time.sleep(60)
falls = Falls(Path("/nowhere"))
runner = SimpleNamespace(stop=threading.Event(), herald=SimpleNamespace(manager=Manager({})), falls=falls)
out = os.dup(1)
with signals_minded(runner):
    made(work, keep=(out,))
"""
TWICE = """
import atexit, sys
from daemon.apart import made
atexit.register(print, "over")
print("begun")
assert made(lambda: 7) == 7
"""


def python(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": "."}
    )


def test_a_copy_does_not_outlive_whom_it_works_for() -> None:
    """Killed, the process takes its copy with it."""
    with python(DIES) as process:
        assert process.stdout is not None
        copy = Path("/proc", process.stdout.readline().strip())
        assert copy.exists()
        process.kill()
        process.wait()
        gone(copy)


def gone(copy: Path) -> None:
    """Wait until the process at ``copy`` is no more; nobody need have asked for its status."""
    until = time.monotonic() + 10
    while copy.exists() and "\nState:\tZ" not in (copy / "status").read_text():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_kith_run_ends_in_time_though_a_copy_is_at_work() -> None:
    """SIGTERM while the process waits for its copy: it ends within its grace, with 0, and the copy with it."""
    with python(WAITS) as process:
        assert process.stdout is not None
        copy, begun = Path("/proc", process.stdout.readline().strip()), time.monotonic()
        assert copy.exists()
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0
        assert time.monotonic() < begun + GRACE + 1
        gone(copy)


def test_nothing_is_said_twice() -> None:
    """What waits in a buffer, or for the end of the process, is this process's alone."""
    with python(TWICE) as process:
        assert process.communicate()[0].splitlines() == ["begun", "over"]
