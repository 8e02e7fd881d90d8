"""The commands as a person calls them: words in, exit code and both streams out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from daemon.cli import main
from tests.logs import UNATTENDED, hear

NOW = "2026-11-20T09:00:00"


@dataclass(frozen=True)
class Ran:
    """What a command left behind: exit code, stdout, stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Kith = Callable[..., Ran]


@pytest.fixture
def kith(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Kith:
    def run(*words: str | Path) -> Ran:
        capsys.readouterr()
        monkeypatch.setattr("sys.argv", ["kith", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        if words[0] in UNATTENDED:
            hear(err)
        return Ran(int(ended.value.code or 0), out, err)

    return run


def quietly(*words: str | Path) -> None:
    """Run a command that ends well, for a world that several tests copy."""
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()):
        patch.setattr("sys.argv", ["kith", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
    assert not ended.value.code, words


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo world after its tick: made once, copied for each test that changes it."""
    folder = tmp_path_factory.mktemp("demo") / "world"
    quietly("demo", "--out", folder, "--now", NOW)
    return folder


@pytest.fixture
def world(made: Path, tmp_path: Path) -> Path:
    """A copy of the demo world; its configuration is ``world / "config.toml"``."""
    return Path(shutil.copytree(made, tmp_path / "world", copy_function=shutil.copy2))


@pytest.fixture
def small(tmp_path: Path) -> Any:
    """A home with one calendar (``small.py``)."""
    from tests.cli.small import Small

    return Small(tmp_path)
