"""What reads hostile input is held to its bounds from outside, and ends whatever it does."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from connectors._child import Limits, read_in_child
from connectors.records import BadData

HERE = "tests.connectors.readers"


def test_it_returns_what_was_read() -> None:
    """As JSON keeps it."""
    assert read_in_child(f"{HERE}:length", b"x" * 3_000_000) == {"length": 3_000_000}


def test_it_knows_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No secret, no home, no working directory, no open file of this process."""
    monkeypatch.setenv("SECRET", "secret")
    mine = os.open(__file__, os.O_RDONLY)
    os.set_inheritable(mine, True)
    try:
        told = read_in_child(f"{HERE}:surroundings", b"")
    finally:
        os.close(mine)
    assert set(told["names"]) <= {"TZ", "LC_CTYPE"}
    assert (told["folder"], told["files"]) == ("/", [0, 1, 2])


BEYOND = "memory sleep spin writes forks error endless_answer flood closes deep_answer dies no_json".split()


@pytest.mark.parametrize("name", BEYOND)
def test_whoever_goes_beyond_the_bounds_is_ended(name: str, tmp_path: Path) -> None:
    """More memory, more time, a file written, a process started, a crash: bad data, and nothing is left of it."""
    limits = Limits(seconds=1.0 if name in {"sleep", "spin", "closes"} else 20.0, memory=192 << 20, answer=100_000)
    target = tmp_path / "written"
    with pytest.raises(BadData):
        read_in_child(f"{HERE}:{name}", str(target).encode(), limits)
    assert not target.exists() or not target.stat().st_size
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_a_child_that_will_not_die_is_killed() -> None:
    """It ignores every signal that can be ignored."""
    assert signal.SIGTERM
    with pytest.raises(BadData, match="too long"):
        read_in_child(f"{HERE}:stubborn", b"", Limits(seconds=1.0))
