"""The container: linted, and it says the same as the code and the units."""

from __future__ import annotations

import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from daemon.cli import COMMANDS
from daemon.config.places import default_path, state_path

ROOT = Path(__file__).parents[2]
CONTAINERFILE = (ROOT / "Containerfile").read_text()
COMPOSE = (ROOT / "compose.example.yaml").read_text()


def linter(name: str) -> Path:
    path = Path(sys.prefix, "bin", name)
    if not path.exists():
        pytest.skip(f"{name} is not installed here")
    return path


def test_the_linters_have_nothing_to_say() -> None:
    """hadolint finds nothing in the Containerfile, compose-lint nothing in the compose example."""
    for words in (
        [linter("hadolint"), "Containerfile"],
        [linter("compose-lint"), "check", "--quiet", "--fail-on", "low", "compose.example.yaml"],
    ):
        said = subprocess.run(words, check=False, cwd=ROOT, capture_output=True, text=True)
        assert said.returncode == 0, said.stdout + said.stderr


def test_it_is_nobody_and_all_it_has_is_one_volume() -> None:
    """The last user is a number that is not root's; the root of the file system is read-only; no port is opened."""
    users = re.findall(r"(?m)^USER (\S+)$", CONTAINERFILE)
    assert users[-1].split(":")[0] not in {"0", "root"}
    assert users[-1].split(":")[0].isdigit()
    assert "EXPOSE" not in CONTAINERFILE
    assert "ports:" not in COMPOSE
    assert "read_only: true" in COMPOSE
    assert re.findall(r"(?m)^VOLUME (\S+)$", CONTAINERFILE) == ["/data"]


def test_configuration_and_state_lie_on_the_volume() -> None:
    """With the image's environment Kith looks for both where the volume is, if the configuration names no state."""
    environ = dict(re.findall(r"\b([A-Z_]+)=(/data\S*)", CONTAINERFILE))
    assert default_path(environ) == Path("/data/config.toml")
    assert state_path(None, Path("/data"), environ) == (Path("/data/state"), True)


def test_the_commands_in_it_exist() -> None:
    """Entry point, command and health check are commands of Kith."""
    assert 'ENTRYPOINT ["kith"]' in CONTAINERFILE
    command = re.search(r'(?m)^CMD \["(\w+)"\]$', CONTAINERFILE)
    health = re.search(r"HEALTHCHECK[^\n]*\\\n    CMD .*?kith (\w+)", CONTAINERFILE)
    assert command
    assert health
    assert {command[1], health[1]} == {"run", "status"} <= set(COMMANDS)


def test_no_secret_can_get_into_the_image() -> None:
    """What .dockerignore lets in is source: everything else is out, and each COPY finds what it names."""
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    let_in = {line[1:] for line in lines if line.startswith("!")}
    assert not any(fnmatch(name, pattern) for name in ("config.toml", "client.json", "state") for pattern in let_in)
    copied = {
        word.lstrip("./") for line in re.findall(r"(?m)^COPY (?!--)(.*) \S+$", CONTAINERFILE) for word in line.split()
    }
    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)
