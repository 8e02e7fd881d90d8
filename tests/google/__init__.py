"""A stand-in for Google over real HTTP: see README.md.

pytest puts ``tests/`` first on the path, so that this package is also found as ``google``. Under that name it only
opens the way to the installed ``google.auth`` and its neighbours.
"""

from __future__ import annotations

from pkgutil import extend_path

if __name__ == "google":
    __path__ = extend_path(__path__, __name__)
else:
    from .server import Server
    from .switches import Switches

    __all__ = ["Server", "Switches"]
