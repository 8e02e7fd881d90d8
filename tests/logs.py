"""A guard for the whole suite: no log holds a name or an address of anybody in any fixture.

A log is what a service's journal hears: stderr of ``kith run`` and ``kith once`` and of what runs in the tests' own
process, and what libraries log. What a command says to the person who called it is none.
"""

from __future__ import annotations

import logging
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
ADDRESS = re.compile(r"[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,5}[a-zA-Z]{2,24}")
NAMED = re.compile(r"CN=\"?([^\n:;\"<>]{8,60})|\"?((?:[^\W\d_][\w'’-]+ ){1,3}[^\W\d_][\w'’-]+)\"? <[\w.+%-]+@")
UNATTENDED = {"run", "once"}
NOT_PEOPLE = {"tests/systemd", "tests/logs.py"}
"""kith@anna.service is no address."""
_said: list[str] = []


@cache
def somebody() -> tuple[frozenset[str], frozenset[str]]:
    """Return the addresses and the full names in the suite's files and the demo's, folded."""
    addresses, names = set[str](), set[str]()
    for folder in ("tests", "daemon/demo"):
        for path in (ROOT / folder).rglob("*"):
            skipped = any(str(path.relative_to(ROOT)).startswith(item) for item in NOT_PEOPLE)
            if path.suffix in {".py", ".toml", ".ics", ".eml", ".mbox", ".vcf", ".csv"} and not skipped:
                text = path.read_text("utf-8", errors="replace")
                addresses |= {item.casefold() for item in ADDRESS.findall(text)}
                names |= {(one or other).casefold() for one, other in NAMED.findall(text)}
                names |= {item.casefold() for item in re.findall(r"(?m)^(\S+ [^|\n]*\S) +\| \S+@", text)}
    return frozenset(addresses), frozenset(name for name in names if " " in name)


def personal(text: str) -> set[str]:
    """Return what in ``text`` is somebody's name or address."""
    addresses, names = somebody()
    folded = text.casefold()
    return {item for item in ADDRESS.findall(folded) if item in addresses} | {name for name in names if name in folded}


def hear(text: str | bytes | None) -> None:
    """Take ``text`` for a part of a log of the test that runs."""
    if text:
        _said.append(text if isinstance(text, str) else text.decode(errors="replace"))


class Ear(logging.Handler):
    """Hears what libraries log, at the level from which Python would print it."""

    def emit(self, record: logging.LogRecord) -> None:
        hear(record.getMessage())


@pytest.fixture(scope="session", autouse=True)
def _listening() -> Iterator[None]:
    """Hear the libraries, and the stderr of every ``kith run`` and ``kith once`` that a test starts."""
    ear, real = Ear(logging.WARNING), subprocess.Popen.communicate

    def communicate(self: subprocess.Popen[Any], *args: Any, **kwargs: Any) -> Any:
        out, err = real(self, *args, **kwargs)
        words = self.args if isinstance(self.args, list | tuple) else ()
        if UNATTENDED & set(map(str, words)):
            hear(err)
        return out, err

    logging.getLogger().addHandler(ear)
    subprocess.Popen.communicate = communicate  # type: ignore[method-assign]
    yield
    subprocess.Popen.communicate = real  # type: ignore[method-assign]
    logging.getLogger().removeHandler(ear)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Fail a test that passed, if what was logged in it names somebody."""
    report = yield
    if report.when == "call":
        folder = getattr(item, "funcargs", {}).get("tmp_path")
        logs = [path.read_text(errors="replace") for path in folder.glob("**/log") if path.is_file()] if folder else []
        text = "\n".join([report.capstderr, *_said, *logs])
        _said.clear()
        found = personal(text) if report.passed and text.strip() else set()
        if found:
            report.outcome = "failed"
            report.longrepr = f"a log of this test names {sorted(found)}"
    return report
