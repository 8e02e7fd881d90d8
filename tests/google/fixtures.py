"""Fixtures for any test that needs a Google of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.google.server import Server


@pytest.fixture
def google() -> Iterator[Server]:
    """Give a stand-in for Google that ends with the test."""
    with Server() as server:
        yield server
