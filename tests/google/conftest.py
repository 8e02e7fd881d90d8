"""The stand-in's own tests: a server for each, and plain http for oauthlib."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.google.clients import opened
from tests.google.fixtures import google

__all__ = ["google"]


@pytest.fixture(autouse=True)
def _clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """oauthlib takes http only when told; httplib2 knows of no hosts without proxy; connections end with the test."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("OAUTHLIB_RELAX_TOKEN_SCOPE", "1")
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield
    while opened:
        opened.pop().close()
