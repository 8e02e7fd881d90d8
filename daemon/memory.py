"""What does a process that goes on for years do with memory it needs no more?"""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress


def give_back() -> None:
    """Return free memory to the system, where the C library can (``malloc_trim``): by itself it only keeps it."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
