"""Readers that go beyond all bounds, each in a way of its own: for the child's tests."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any


def length(data: bytes) -> Any:
    return {"length": len(data)}


def surroundings(_: bytes) -> Any:
    files = sorted(int(path.name) for path in Path("/proc/self/fd").iterdir())
    return {"names": sorted(os.environ), "folder": str(Path.cwd()), "files": files[:-1]}


def memory(_: bytes) -> Any:
    return len(bytearray(400 << 20))


def sleep(_: bytes) -> Any:
    time.sleep(3600)


def spin(_: bytes) -> Any:
    while True:
        pass


def writes(data: bytes) -> Any:
    Path(data.decode()).write_text("written")


def forks(_: bytes) -> Any:
    os.setuid(65534) if os.getuid() == 0 else None  # the limit does not hold for root
    return os.fork()


def error(_: bytes) -> Any:
    raise RuntimeError


def endless_answer(_: bytes) -> Any:
    return "x" * 200_000


def flood(_: bytes) -> Any:
    while True:
        sys.stdout.write("x" * 100_000)


def closes(_: bytes) -> Any:
    os.close(1)
    time.sleep(3600)


def deep_answer(_: bytes) -> Any:
    sys.stdout.write("[" * 90_000)
    sys.stdout.flush()
    os._exit(0)


def dies(_: bytes) -> Any:
    os.kill(os.getpid(), signal.SIGSEGV)


def no_json(_: bytes) -> Any:
    sys.stdout.write("hello")
    sys.stdout.flush()
    os._exit(0)


def stubborn(_: bytes) -> Any:
    for number in set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    time.sleep(3600)
