"""What does a process do with memory that it needs no more?"""

from __future__ import annotations

import ctypes
import gc
import resource
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

SLACK = 2 << 20
"""Bytes that are not worth giving back."""


def collect_seldom() -> None:
    """Let Python look for cycles of dead values less often: there are values by the ten thousand, hardly a cycle."""
    gc.set_threshold(100_000, 50, 50)


def give_back() -> None:
    """Return free memory to the system, where the C library can (``malloc_trim``): by itself it only keeps it."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


class Level:
    """How much memory this process held when it last gave some back."""

    def __init__(self) -> None:
        self._low = 0

    def ebb(self, pack: Callable[[], object] = int) -> None:
        """Once ``SLACK`` more is held than after the last time, let ``pack`` make smaller what can be, and give back
        what is free: looking for it takes as long as an idle tick. Where much was free, look once more the next time:
        then more may be.

        Between two such looks only what is new is looked through for cycles of dead values: that takes no time, and
        they do not lie among what stays.
        """
        if (before := resident()) <= self._low + SLACK:
            gc.collect()
            return
        gc.unfreeze()
        pack()
        give_back()
        gc.freeze()
        after = resident()
        self._low = 0 if before - after > SLACK else after


def resident() -> int:
    """Return the bytes of memory that this process holds, 0 where the system does not tell."""
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize()
    return 0
