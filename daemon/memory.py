"""What does a process do with memory that it needs no more?"""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress


def collect_seldom() -> None:
    """Let Python look for cycles of dead values less often: there are values by the ten thousand, hardly a cycle."""
    gc.set_threshold(100_000, 50, 50)


def give_back() -> None:
    """Return free memory to the system, where the C library can (``malloc_trim``): by itself it only keeps it."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
