"""Can a text from outside hold up a pattern? Every regular expression of the house against texts made to."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import subprocess
import sys

import connectors
import daemon
from connectors._address import ADDRESS_LIMIT
from daemon.detect import addresses

SIZE = 1000
"""Signs: what is matched is cut to so much before, a title for one."""
OF_ADDRESSES = {addresses._VERP.pattern: ADDRESS_LIMIT}
"""Patterns that see nothing but parts of addresses."""
SECONDS = 20
"""Of CPU, for all patterns and texts together; one that runs away takes years."""


def patterns() -> list[re.Pattern[str]]:
    """Return every pattern that a module of the house keeps, by itself or in a table."""
    found: dict[tuple[str, int], re.Pattern[str]] = {}
    for package in (connectors, daemon):
        for item in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not item.name.endswith("__main__"):
                for value in vars(importlib.import_module(item.name)).values():
                    for one in _within(value):
                        if isinstance(one.pattern, str):
                            found[one.pattern, one.flags] = one
    return list(found.values())


def _within(value: object) -> list[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        return [value]
    if isinstance(value, dict):
        return [one for item in value.values() for one in _within(item)]
    if isinstance(value, tuple | list | frozenset | set):
        return [one for item in value for one in _within(item)]
    return []


def texts() -> list[str]:
    """Return long texts of one or two signs, with something at the end that fits nothing."""
    signs = [
        "a",
        "1",
        " ",
        "-",
        ".",
        "\n",
        "\t",
        "ä",
        "a ",
        "a-",
        "a.",
        "1 ",
        "a@",
        "- ",
        "(",
        "<a",
        "Re: ",
        "a\n",
        "&#1;",
        "\\",
    ]
    whole = [sign * (SIZE // len(sign)) for sign in signs]
    return [text + end for text in whole for end in ("", "\0")]


def run() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    found = patterns()
    for pattern in found:
        print(json.dumps(pattern.pattern), flush=True)
        for text in texts():
            part = text[-OF_ADDRESSES.get(pattern.pattern, SIZE) :]
            pattern.search(part)
            pattern.match(part)
            pattern.fullmatch(part)
    print(len(found), flush=True)


def test_no_pattern_can_be_held_up() -> None:
    """No text of two thousand signs costs a pattern more than its share: a process with a bound of CPU proves it."""
    done = subprocess.run(
        [sys.executable, "-c", "from tests.test_patterns import run; run()"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"held up: {done.stdout.splitlines()[-1:]} {done.stderr}"
    assert int(done.stdout.split()[-1]) > 60
