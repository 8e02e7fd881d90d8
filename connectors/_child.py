"""How is hostile input read that no bound beforehand makes harmless? In a process of its own, which can be ended.

The child is a new interpreter with this one's search path and nothing of its environment. Before it imports what reads
it gives up memory, time, files and other processes by the kernel's own limits; the parent ends it when its time is
over, whatever it does. It gets bytes and returns JSON, of bounded size; nothing else of it is believed. The standard
library only.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import IO, Any

from connectors.records import BadData, Unavailable

_BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from connectors._child import serve; serve(sys.argv[2:])"
)
_FILES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a child may use: seconds (by the clock, and of a processor), bytes of memory, bytes of its answer."""

    seconds: float = 30.0
    memory: int = 320 << 20
    answer: int = 4 << 20


def read_in_child(place: str, data: bytes, limits: Limits | None = None) -> Any:
    """Return what the function at ``place`` ("module:name") makes of ``data``, as JSON keeps it.

    Raises BadData if it comes to no end within ``limits``, Unavailable where no process can be started.
    """
    limits = limits or Limits()
    said = [place, str(limits.memory), str(int(limits.seconds) + 1), str(limits.answer)]
    command = [sys.executable, "-I", "-X", "utf8", "-c", _BOOT, json.dumps(sys.path), *said]
    try:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter, our own words
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"TZ": "UTC"},
            cwd="/",
            close_fds=True,
            start_new_session=True,
        )
    except OSError as error:
        raise Unavailable(f"no process can be started: {error.strerror}") from None
    answer, in_time = _exchange(child, data, limits)
    if not in_time:
        raise BadData("takes too long to read")
    if child.returncode != 0 or len(answer) > limits.answer:
        raise BadData("cannot be read within its bounds")
    try:
        return json.loads(answer)
    except (ValueError, RecursionError):
        raise BadData("cannot be read within its bounds") from None


def _exchange(child: subprocess.Popen[bytes], data: bytes, limits: Limits) -> tuple[bytes, bool]:
    """Return what ``child`` answers to ``data``, a byte more than its bound at most, and whether it did so in time.

    It is gone afterwards.
    """
    assert child.stdin is not None  # noqa: S101 - both are pipes
    assert child.stdout is not None  # noqa: S101
    late = threading.Event()

    def end() -> None:
        late.set()
        _kill(child)

    curfew = threading.Timer(limits.seconds, end)
    feeder = threading.Thread(target=_feed, args=(child.stdin, data), daemon=True)
    try:
        curfew.start()
        feeder.start()
        answer = child.stdout.read(limits.answer + 1)
        if len(answer) <= limits.answer:
            child.wait()
    finally:
        curfew.cancel()
        _end(child)
        feeder.join()
    return answer, not late.is_set()


def _feed(pipe: IO[bytes], data: bytes) -> None:
    with suppress(OSError):  # it may have ended before it read everything
        pipe.write(data)
    with suppress(OSError):
        pipe.close()


def _kill(child: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill the child and whatever it started; harmless once it has ended."""
    if child.poll() is None:
        _kill(child)
        child.kill()
    child.wait()
    if child.stdout is not None:
        child.stdout.close()


# -- in the child ------------------------------------------------------------------------------------------------------


def serve(said: list[str]) -> None:
    """Be the child: read all of the standard input, answer on the standard output, end."""
    place, memory, seconds, size = said[0], int(said[1]), int(said[2]), int(said[3])
    _give_up(memory, seconds)
    module, _, name = place.partition(":")
    read: Callable[[bytes], Any] = getattr(import_module(module), name)
    answer = json.dumps(read(sys.stdin.buffer.read())).encode()
    if len(answer) > size:
        sys.exit(1)
    sys.stdout.buffer.write(answer)


def _give_up(memory: int, seconds: int) -> None:
    """Let the kernel hold this process to its limits; what a system does not know of is passed over."""
    wanted = {
        "RLIMIT_AS": memory,
        "RLIMIT_CPU": seconds,
        "RLIMIT_CORE": 0,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_NOFILE": _FILES,
        "RLIMIT_NPROC": 0,
    }
    for name, most in wanted.items():
        if (number := getattr(resource, name, None)) is not None:
            hard = resource.getrlimit(number)[1]
            limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(number, (limit, limit))
