"""A stand-in for Google over real HTTP: see README.md."""

from __future__ import annotations

from tests.google.server import Server
from tests.google.switches import Switches

__all__ = ["Server", "Switches"]
