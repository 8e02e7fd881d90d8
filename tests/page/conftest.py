"""A page out of the demo world: made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.page.values import Page
from tests.page.pages import Looked, look, page_of


@pytest.fixture(scope="session")
def looked(tmp_path_factory: pytest.TempPathFactory) -> Looked:
    """The demo world after its tick, and the review of its last week."""
    return look(tmp_path_factory.mktemp("page") / "world")


@pytest.fixture(scope="session")
def page(looked: Looked) -> Page:
    """The page of that week."""
    return page_of(looked)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pages are put for the browser."""
    return tmp_path_factory.mktemp("pages")
