"""What of Google's libraries waits until it is used? Signatures, logins of machines, and guesses at encodings.

Nobody who logs in as a person needs any of it: no service account, no login of httplib2's, no loop of asyncio's (for
lookups about service accounts); and the bytes of an answer are read as JSON, whatever encoding they might be in.
Together they take 18 MB of memory and over a tenth of a second. Whoever reads an attribute of such a module gets the
real one, so nothing is missing. The standard library only.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from types import ModuleType
from typing import Any

UNUSED = (
    "asyncio",
    "google.auth.crypt",
    "google.auth.iam",
    "google.auth.jwt",
    "httplib2.auth",
)
GUESSES = "charset_normalizer"


class Later(ModuleType):
    """Stands in ``sys.modules`` for a module until something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        """Import the real module, put it in the place of this one, and return what it has under ``name``."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


def put_off() -> None:
    """Let the modules of ``UNUSED`` and ``GUESSES`` wait, if nobody has imported them yet."""
    for name in UNUSED:
        sys.modules.setdefault(name, Later(name))
    if GUESSES not in sys.modules and (spec := find_spec(GUESSES)) is not None:
        with suppress(PackageNotFoundError):
            guesses = Later(GUESSES)
            # requests wants to see the version when it is imported, and Python where a package lies
            vars(guesses).update(__version__=version(GUESSES), __path__=spec.submodule_search_locations)
            sys.modules[GUESSES] = guesses
