"""What of Google's libraries waits until it is used? Signatures of service accounts, and httplib2's own logins.

Nobody who logs in as a person needs either; together they take 14 MB of memory and a tenth of a second. Whoever reads
an attribute of such a module gets the real one, so nothing is missing. The standard library only.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

UNUSED = ("google.auth.crypt", "google.auth.iam", "google.auth.jwt", "httplib2.auth")


class Later(ModuleType):
    """Stands in ``sys.modules`` for a module until something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        """Import the real module, put it in the place of this one, and return what it has under ``name``."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


def put_off() -> None:
    """Let the modules of ``UNUSED`` wait, if nobody has imported them yet."""
    for name in UNUSED:
        sys.modules.setdefault(name, Later(name))
