"""The year is lived once; every test looks at the same one."""

from __future__ import annotations

import os

import pytest

from tests.year.year import Year, live


@pytest.fixture(scope="session")
def year(tmp_path_factory: pytest.TempPathFactory) -> Year:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)  # the power stays on
        return live(tmp_path_factory.mktemp("year") / "house")
