"""Guards that hold for the whole suite: no network beyond loopback, no configuration or state of the machine's user."""

from __future__ import annotations

import gc
import os
import socket
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings

from tests.google.plugin import never_sends
from tests.logs import _listening, pytest_runtest_makereport

__all__ = ["_listening", "never_sends", "pytest_runtest_makereport"]

gc.set_threshold(50_000, 20, 20)  # thousands of tests are collected, and hardly a cycle
settings.register_profile("kith", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.load_profile("kith")


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anywhere but this machine fails the test that tries it."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        if self.family != socket.AF_UNIX and not str(address[0]).startswith(("127.", "::1", "localhost")):  # type: ignore[index]
            pytest.fail(f"a test tried to reach {address!r}")
        real(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", connect)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what has to stay together and takes long: nobody waits for it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)


@pytest.fixture(scope="session", autouse=True)
def _goes_on() -> Iterator[None]:
    """What a command does because its process ends is not done here: this one goes on, and collects what it leaves;
    nor is all that thousands of tests hold looked through at every tick of theirs."""
    seldom = SimpleNamespace(
        collect=lambda: 0, freeze=lambda: None, unfreeze=lambda: None, set_threshold=lambda *_: None
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("daemon.memory.gc", seldom)
        patch.setattr("gc.freeze", lambda: None)
        patch.setattr("gc.set_threshold", lambda *_: None)
        yield


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield a new folder each time: ``mktemp`` looks through all there are, and there is one for each test."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in count())


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch, _homes: Iterator[Path]) -> None:
    """No test reads or writes the configuration or the state of whoever runs it."""
    home = next(_homes)
    home.mkdir()
    for name in (
        "KITH_CONFIG",
        "STATE_DIRECTORY",
        "RUNTIME_DIRECTORY",
        "XDG_RUNTIME_DIR",
        "CREDENTIALS_DIRECTORY",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / ".local/state"))


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Folder of the shared evaluation data; the test says that it was skipped when there is none."""
    folder = os.environ.get("KITH_CORPORA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("KITH_CORPORA is not set: the shared corpora are not here")
    return Path(folder)
