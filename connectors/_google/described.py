"""What is kept of Google's description of one of its APIs? What makes a request; nothing that is there to be read.

The words about all methods and the fields of all answers are four fifths of a discovery document, and googleapiclient
makes as much again of them for ``help()``: 2 MB in all. The standard library only.
"""

from __future__ import annotations

import json
from typing import Any

_TOLD = frozenset({"description", "enumDescriptions", "scopes", "$ref"})
_AROUND = ("auth", "icons", "schemas")


def described(text: str) -> dict[str, Any]:
    """Return the discovery document ``text`` with every method and parameter, but without words and schemas."""
    document: dict[str, Any] = json.loads(text, object_hook=_bare)
    for name in _AROUND:
        document.pop(name, None)
    return document


def _bare(found: dict[str, Any]) -> dict[str, Any]:
    """Return an object without what is only told. A parameter may be called so, too: that is an object itself."""
    return {name: value for name, value in found.items() if name not in _TOLD or isinstance(value, dict)}
