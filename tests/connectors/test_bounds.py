"""Whatever a file holds, a page of it takes bounded memory and time: proven in a process that measures itself."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

NOW = datetime(2026, 11, 22, tzinfo=UTC)
MOST_MEGABYTES, MOST_SECONDS = 384, 30
"""MemoryHigh= of the units; of CPU, a tenth of their WatchdogSec=."""
BEGIN = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n"
END = b"END:VCALENDAR\r\n"
EVENT = b"BEGIN:VEVENT\r\nUID:%d\r\nDTSTART:20261110T090000Z\r\nDTEND:20261110T100000Z\r\nEND:VEVENT\r\n"
BORDER = b"From clara@winter.example Fri Nov 20 10:15:00 2026\n"
HEADERS = b"From: clara@winter.example\nTo: nora@lindqvist.example\nDate: Fri, 20 Nov 2026 10:15:00 +0100\n"
LARGE = 20 << 20


def calendar(*events: bytes) -> bytes:
    return BEGIN + b"".join(events) + END


def event(more: bytes) -> bytes:
    return calendar(EVENT.replace(b"END:VEVENT", more + b"\r\nEND:VEVENT") % 1)


def many(count: int, more: bytes = b"") -> bytes:
    one = EVENT.replace(b"END:VEVENT", more + b"END:VEVENT")
    return calendar(*(one % number for number in range(count)))


def mail(more: bytes = b"") -> bytes:
    return BORDER + HEADERS + more + b"\n\n"


FILES: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "a calendar beyond the bound": ("ics", lambda: calendar(b"X" * (65 << 20)), "BadData"),
    "a calendar of too many events": ("ics", lambda: many(100_001), "BadData"),
    "one folded line": ("ics", lambda: event(b"SUMMARY:" + b"x\r\n " * (LARGE // 4)), "0"),
    "events in events": ("ics", lambda: calendar(b"BEGIN:VEVENT\r\n" * 50_000 + b"END:VEVENT\r\n" * 50_000), "0"),
    "alarms in alarms": ("ics", lambda: event(b"BEGIN:VALARM\r\n" * 200_000 + b"UID:2\r\n"), "1"),
    "rules without end": ("ics", lambda: many(2_000, b"RRULE:FREQ=SECONDLY\r\n"), "2000"),
    "one header": ("mbox", lambda: BORDER + b"Subject: " + b"x" * LARGE, "0"),
    "one line": ("mbox", lambda: mail() + b"x" * LARGE + b"\n", "1"),
    "headers without end": ("mbox", lambda: mail(b"X-A: b\n" * (LARGE // 7)), "0"),
    "an address without end": ("mbox", lambda: mail(b"Cc: " + b"a@b.example, " * 60_000), "1"),
    "brackets without end": ("mbox", lambda: mail(b"Cc: " + b"(" * 100_000), "1"),
}


def read(kind: str, path: Path) -> str:
    """Read one page; return how many items came, or which error of the connectors'."""
    from connectors.ics import IcsSource
    from connectors.mbox import MboxSource
    from connectors.records import ConnectorError

    source = IcsSource("a", path, "work", "UTC") if kind == "ics" else MboxSource("a", path)
    try:
        return str(len(source.pull(None, NOW).items))
    except ConnectorError as error:
        return type(error).__name__


def measure(kind: str, path: str) -> None:
    found, spent = read(kind, Path(path)), time.process_time()
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    print(json.dumps([found, int(peak[1]) / 1024 if peak else 0, spent]))


@pytest.mark.parametrize("what", FILES)
def test_a_page_of_anything_is_bounded(what: str, tmp_path: Path) -> None:
    """Endless, nested, or only large: below the memory that the units give Kith, and far below their patience."""
    kind, made, expected = FILES[what]
    (tmp_path / "file").write_bytes(made())
    code = f"from tests.connectors.test_bounds import measure; measure({kind!r}, {str(tmp_path / 'file')!r})"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    found, megabytes, seconds = json.loads(done.stdout)
    assert found == expected
    assert megabytes < MOST_MEGABYTES
    assert seconds < MOST_SECONDS
    print(f"{what}: {megabytes:.0f} MB, {seconds:.1f} s")
