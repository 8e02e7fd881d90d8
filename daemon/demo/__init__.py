"""What can a newcomer try everything on? A whole invented world of files."""

from __future__ import annotations

from daemon.demo.world import MARKS, is_world, make_world

__all__ = ["MARKS", "is_world", "make_world"]
