"""How is one property of a calendar event replaced while every other byte of the event stays?"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet

from connectors._fields import Field

_LINE = re.compile(rb"[^\n]*\n(?:[ \t][^\n]*\n)*|[^\n]+\Z")
"""A line with the lines it is folded into."""
_NAME = re.compile(rb"[A-Za-z0-9-]+")


_PROPERTIES: Mapping[Field, tuple[bytes, ...]] = {
    "title": (b"SUMMARY",),
    "body": (b"DESCRIPTION",),
    "time": (b"DTSTART", b"DTEND", b"DURATION"),
}


def amended(block: bytes, ours: AbstractSet[Field], old: bytes, new: bytes) -> bytes:
    """Return the event ``block`` with the fields ``ours`` as the event ``new`` has them, and the alarm too where it
    says what the event ``old`` said."""
    block = _replaced(block, new, [name for field in ours for name in _PROPERTIES[field]])
    return _swapped(block, dict(zip(_alarms(old), _alarms(new), strict=False))) if "title" in ours else block


def _replaced(block: bytes, fresh: bytes, names: Collection[bytes]) -> bytes:
    new = {name: line for name, line, depth in _lines(fresh) if depth == 1 and name in names}
    ending = b"\r\n" if b"\r\n" in block else b"\n"
    new = {name: line.replace(b"\r\n", ending) for name, line in new.items()}
    made: list[bytes] = []
    for name, line, depth in _lines(block):
        if depth == 1 and name == b"END":
            made += new.values()
        made.append(new.pop(name, b"") if depth == 1 and name in names else line)
    return b"".join(made)


def _swapped(block: bytes, lines: Mapping[bytes, bytes]) -> bytes:
    return b"".join(lines.get(line, line) if depth > 1 else line for _, line, depth in _lines(block))


def _alarms(block: bytes) -> list[bytes]:
    """Return the lines by which the alarms of ``block`` say what they ring for."""
    return [line for name, line, depth in _lines(block) if depth > 1 and name == b"DESCRIPTION"]


def _lines(block: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    """Yield name, bytes and depth of each line: 1 for the event's own, its END included, more within an alarm."""
    depth = 0
    for match in _LINE.finditer(block):
        found = _NAME.match(match[0])
        name = found[0].upper() if found else b""
        depth += name == b"BEGIN"
        yield name, match[0], depth
        depth -= name == b"END"
