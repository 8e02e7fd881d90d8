"""Which library draws the charts? pygal, imported when a page is made, without the import hook that it leaves behind.

The hook is for maps, which nobody here draws; Python 3.11 warns of it at every later import.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType


def library() -> ModuleType:
    """Return pygal."""
    pygal, _ = import_module("pygal"), import_module("pygal.style")
    sys.meta_path[:] = [hook for hook in sys.meta_path if not isinstance(hook, pygal.PluginImportFixer)]
    return pygal
