"""A guard for the whole run: no stand-in was ever asked to do what lets mail go out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.google.server import Server


@pytest.fixture(scope="session", autouse=True)
def never_sends() -> Iterator[None]:
    """Fail the run (in each of its processes) if a request that sends reached any stand-in."""
    yield
    check()


def check() -> None:
    """Raise AssertionError if a request that sends reached any stand-in."""
    assert not Server.violations, (
        f"these requests would have sent mail: {[(one.verb, one.method, one.sends) for one in Server.violations]}"
    )
