"""What do vCards say (RFC 6350 and 2426, 2.1 forgiven)? Names, addresses, what somebody does, when it was saved.

Read by hand: icalendar's reader of content lines refuses the bare parameters of 2.1 (``EMAIL;INTERNET:``), and takes
the escapes out of a value before it is parted at its semicolons.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from connectors._address import clean, fold
from connectors.contacts import ADDRESSES, Contact
from connectors.records import Skipped

LINE_LIMIT = 16 * 1024
"""Longer ones are pictures, sounds and keys."""
PROPERTIES = 500
"""Properties of one card that are looked at."""
_NAME = re.compile(r"(?:[\w-]{1,60}\.)?([A-Za-z0-9-]{1,60})[ \t]*(?=[;:])")
_PARAMETERS = re.compile(r';((?:"[^"]*"|[^";:]+)*)')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_READ = frozenset({"FN", "N", "EMAIL", "ORG", "TITLE", "KIND", "REV", "X-ABSHOWAS"})


@dataclass(slots=True)
class _Lines:
    """One card as it is read: the line it begins at, and the first values of what is read of it."""

    line: int
    values: dict[str, list[str]] = field(default_factory=dict)
    seen: int = 0

    def take(self, name: str, value: str) -> None:
        """Keep a value."""
        found = self.values.setdefault(name, [])
        if len(found) < ADDRESSES:
            found.append(value)

    def first(self, name: str) -> str:
        """Return the first value of ``name``, "" if there is none."""
        return next(iter(self.values.get(name, ())), "")


def entries(text: str) -> Iterator[Contact | Skipped]:
    """Yield the people on the cards of ``text``."""
    card: _Lines | None = None
    for line, raw in _unfolded(text):
        begins, ends = raw.strip().upper() == "BEGIN:VCARD", raw.strip().upper() == "END:VCARD"
        if card is not None and begins:
            yield Skipped(where=f"line {card.line}", why="does not end")
        if begins:
            card = _Lines(line)
        elif card is not None and ends:
            yield _contact(card)
            card = None
        elif card is not None and card.seen < PROPERTIES:
            card.seen += 1
            _read(card, raw)
    if card is not None:
        yield Skipped(where=f"line {card.line}", why="does not end")


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line with its number: continued ones as one, no longer than the limit."""
    at, parts, size = 0, [""], 0
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        soft = parts[-1].endswith("=") and _is_quoted(parts[0])
        if not soft and line[:1] not in {" ", "\t"}:
            yield at, "".join(parts)[:LINE_LIMIT]
            at, parts, size = number, [line], len(line)
        elif size <= LINE_LIMIT:
            parts[-1] = parts[-1].removesuffix("=") if soft else parts[-1]
            parts.append(line if soft else line[1:])
            size += len(line)
    yield at, "".join(parts)[:LINE_LIMIT]


def _is_quoted(line: str) -> bool:
    return "QUOTED-PRINTABLE" in line.partition(":")[0].upper()


def _read(card: _Lines, raw: str) -> None:
    found = _NAME.match(raw)
    if found is None or found[1].upper() not in _READ or len(raw) >= LINE_LIMIT:
        return
    place, parameters = found.end(), list[str]()
    while (one := _PARAMETERS.match(raw, place)) is not None:
        parameters.append(one[1].upper())
        place = one.end()
    if raw[place : place + 1] == ":":
        card.take(found[1].upper(), _decoded(raw[place + 1 :], parameters))


def _decoded(value: str, parameters: list[str]) -> str:
    """Return a value of vCard 2.1 without its quoted-printable."""
    if not any(item in {"QUOTED-PRINTABLE", "ENCODING=QUOTED-PRINTABLE"} for item in parameters):
        return value
    charset = next((item.removeprefix("CHARSET=") for item in parameters if item.startswith("CHARSET=")), "UTF-8")
    data = quopri.decodestring(value.encode("latin-1", "replace"))
    try:
        return data.decode(charset.strip('"'), "replace")
    except LookupError:
        return data.decode("utf-8", "replace")


def _contact(card: _Lines) -> Contact | Skipped:
    where = f"line {card.line}"
    kind, shown = card.first("KIND").strip().casefold(), card.first("X-ABSHOWAS").strip().casefold()
    if kind not in {"", "individual"} or shown == "company":
        return Skipped(where=where, why="is no person")
    name = _name(_plain(card.first("FN")), [_plain(part) for part in _parts(card.first("N"))])
    if not name:
        return Skipped(where=where, why="has no name")
    addresses = (fold(_plain(value)) for value in card.values.get("EMAIL", ()))
    work = (_plain(card.first("TITLE")), *(_plain(part) for part in _parts(card.first("ORG"))[:1]))
    return Contact(
        where=where,
        name=name,
        addresses=tuple(dict.fromkeys(address for address in addresses if address is not None)),
        note=", ".join(filter(None, work)),
        saved=_saved(card.first("REV")),
    )


def _parts(value: str) -> list[str]:
    """Return the parts of a value between its semicolons, escapes left as they are."""
    parts, begun, place = list[str](), 0, 0
    while place < len(value):
        if value[place] == ";":
            parts.append(value[begun:place])
            begun = place + 1
        place += 2 if value[place] == "\\" else 1
    return [*parts, value[begun:]]


def _plain(value: str) -> str:
    return clean(_ESCAPE.sub(lambda found: " " if found[1] in "nN" else found[1], value))


def _name(shown: str, parts: list[str]) -> str:
    """Return first and family name: as they are shown, unless titles and degrees stand with them there."""
    family, given = (*parts, "", "")[:2]
    said = " ".join(filter(None, (given, family))) if given and family else shown or given or family
    return shown if sorted(shown.casefold().split()) == sorted(said.casefold().split()) else said


def _saved(text: str) -> date | None:
    """Return when a card was last changed, None if that cannot be read."""
    try:
        moment = datetime.fromisoformat(text.strip()[:40])
        return moment.date() if len(text.strip()) <= 10 else moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        return None
