"""How long the long runs are (``KITH_EFFORT=10`` makes them ten times as long as CI's), and what fsync costs."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(scope="session")
def effort() -> int:
    return int(os.environ.get("KITH_EFFORT", "1"))


@pytest.fixture
def no_real_fsync(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the time out of fsync, where the power stays on or the disk is a model: what it promises is ``power``'s."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
