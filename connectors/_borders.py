"""Where in an mbox does each message begin?

At its From_ line: ``From ``, somebody, and a date, at the start of a line after a blank one. Looking from any place
after a From_ line finds the same messages, so a file can be read in pieces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from mmap import mmap

from connectors._mime import HEADER_LIMIT, TOLERANCE, date_of, end_of_headers
from connectors.records import BadData, Skipped

UNKNOWN_ZONE = timedelta(hours=14)

_MONTHS = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DATE = (
    rb"((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?[ ]+(?:" + _MONTHS + rb"[ ]+\d{1,2}|\d{1,2}[ ]+" + _MONTHS + rb")"
    rb"(?:[ ]+\d{4})?[ ]+\d{1,2}:\d\d(?::\d\d)?(?:[ ]+(?:[A-Z]{1,5}|[+-]\d{4}))?(?:[ ]+\d{4})?(?:[ ]+[+-]\d{4})?)"
)
_FROM = re.compile(rb"From (?:([^\r\n]{1,320}?)[ ]+)?" + _DATE + rb"[ \t]*\r?\n")
_BARE = re.compile(rb"From -?[ ]?\r?\n(?=[!-9;-~]{1,100}:)")
_ZONED = re.compile(r"[+-]\d{4}\b|\b(?:GMT|UTC|UT)\b")


@dataclass(frozen=True, slots=True)
class Border:
    """A From_ line: where it is, and the time it tells."""

    at: int
    end: int
    received: datetime | None
    tolerance: timedelta
    trusted: bool
    """The time is that of sending or arriving."""


@dataclass(frozen=True, slots=True)
class Found:
    """One message in the file: its From_ line, and its headers from ``start`` to ``end``."""

    border: Border
    start: int
    end: int


def messages(data: mmap, offset: int) -> Iterator[Found | Skipped]:
    """Yield the messages after ``offset`` (0, or the end of the headers of one), and what is cut or too large."""
    border = _first(data) if offset == 0 else _next(data, offset)
    while border is not None:
        if isinstance(border, Skipped):
            yield border
            return
        start = border.end
        end = end_of_headers(data, start - 1)
        if end < 0 and start + HEADER_LIMIT >= len(data):
            yield Skipped(where=f"byte {border.at}", why="is cut in its headers; read when the rest is there")
            return
        if end < 0:
            yield Skipped(where=f"byte {border.at}", why=f"has headers larger than {HEADER_LIMIT} bytes")
            border = _next(data, start + HEADER_LIMIT)
            continue
        yield Found(border, start, max(start, end))
        border = _next(data, end)


def _year_last(text: str) -> str:
    """Put the zone behind the year, where the standard library looks for it (Takeout has it before)."""
    return re.sub(r" ([+-]\d{4}) (\d{4})$", r" \2 \1", text)


def _first(data: mmap) -> Border | Skipped | None:
    start = 3 if data[:3] == b"\xef\xbb\xbf" else 0
    while data[start : start + 1] in {b"\r", b"\n"}:
        start += 1
    head = data[start : start + 1000]
    border = _border(data, start)
    if border is not None or not head:
        return border
    if len(head) < 1000 and head.count(b"\n") < 2 and (head.startswith(b"From ") or b"From ".startswith(head)):
        return Skipped(where=f"byte {start}", why="is cut in its first line; read when the rest is there")
    raise BadData("is not an mbox file")


def _next(data: mmap, offset: int) -> Border | None:
    """Find the next From_ line after a blank one."""
    place = data.find(b"\nFrom ", offset)
    while place >= 0:
        if data[place - 1 : place] == b"\n" or data[place - 2 : place] == b"\n\r":
            border = _border(data, place + 1)
            if border is not None:
                return border
        place = data.find(b"\nFrom ", place + 1)
    return None


def _border(data: mmap, place: int) -> Border | None:
    head = data[place : place + 1000]
    if _BARE.match(head):
        return Border(place, place + head.index(b"\n") + 1, None, TOLERANCE, trusted=False)
    found = _FROM.match(head)
    if found is None:
        return None
    text = found[2].decode("ascii", "replace")
    tolerance = TOLERANCE if _ZONED.search(text) else TOLERANCE + UNKNOWN_ZONE
    # "From - " is Thunderbird's: the time at which it filed the mail, not when anything was sent.
    return Border(place, place + found.end(), date_of(_year_last(text)), tolerance, trusted=found[1] != b"-")
