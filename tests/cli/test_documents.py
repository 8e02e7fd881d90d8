"""What is written about Kith agrees with Kith."""

from __future__ import annotations

import ast
import re
import shutil
import tomllib
from importlib.metadata import files
from pathlib import Path

import pytest

from daemon.cli import COMMANDS
from daemon.cli.screens import IGNORED, RULES
from tests.cli.conftest import NOW, Kith

ROOT = Path(__file__).parent.parent.parent
CODE = [*ROOT.glob("daemon/**/*.py"), *ROOT.glob("connectors/**/*.py")]


@pytest.mark.parametrize("page", ["docs/contracts.md", "README.md"])
def test_every_command_is_documented(page: str) -> None:
    """Each command stands in the contracts; each that a page names exists."""
    text = (ROOT / page).read_text()
    named = set(re.findall(r"`(?:\.venv/bin/)?kith ([a-z]+)", text))
    assert named <= set(COMMANDS)
    if page == "docs/contracts.md":
        table = text.split("## Exit codes")[0]
        assert [name for name in COMMANDS if f"`{name}" not in table] == []


def test_the_readmes_configuration_does_what_it_says(kith: Kith, made: Path, tmp_path: Path) -> None:
    """The ten lines of the README, literally, beside an exported calendar and an exported Sent folder."""
    lines = re.search(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert lines is not None
    (tmp_path / "config.toml").write_text(lines[1].replace("ada@example.com", "clara@winter-consulting.example"))
    for name in ("calendar.ics", "Sent.mbox"):
        shutil.copy(made / name, tmp_path / name)
    options = ("--config", tmp_path / "config.toml", "--now", NOW)
    assert kith("check", *options[:2]).code == 0
    assert kith("once", *options).code == 0
    assert not (tmp_path / "kith.ics").exists()
    assert kith("once", "--yes", *options).code == 0
    assert (tmp_path / "kith.ics").read_bytes().count(b"BEGIN:VEVENT") >= 3
    assert list((tmp_path / "Mail" / "Drafts" / "cur").iterdir())


def test_every_rule_is_documented() -> None:
    """Each rule that has words on the screen has a row in docs/rules.md, and so has each code of the ignored."""
    text = (ROOT / "docs" / "rules.md").read_text()
    assert [rule for rule in (*RULES, *IGNORED) if f"| {rule} |" not in text] == []


def test_the_lock_files_pin_everything_with_hashes_and_name_no_host() -> None:
    """Every requirement of pyproject.toml is pinned with hashes; no index is named."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for name, wanted in (
        ("requirements.txt", declared["dependencies"]),
        ("requirements-dev.txt", declared["optional-dependencies"]["dev"]),
    ):
        text = (ROOT / name).read_text()
        pinned = set(re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE))
        assert {re.split(r"[><=\[]", item)[0].lower().replace("_", "-") for item in wanted} <= pinned
        assert text.count("==") <= text.count("--hash=sha256:")
        assert "://" not in text
        assert "--index-url" not in text


def test_what_is_installed_starts_nothing_by_itself() -> None:
    """No package that Kith runs on brings a .pth file, which each Python there would carry out (S9); none is a language
    model or a client of one (C24)."""
    names = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    found = {name: files(name) or [] for name in names if name != "setuptools"}
    assert {name for name, paths in found.items() if any(path.suffix == ".pth" for path in paths)} == set()
    assert not names & {"openai", "anthropic", "transformers", "torch", "llama-cpp-python", "ollama", "langchain"}


NOBODY_TO_ASK = ("Path.home", ".expanduser", ".getuser", ".getlogin", ".ttyname")


def test_nobody_asks_who_or_where_the_user_is() -> None:
    """Under a service there may be no home, no name, no terminal (reliability P9): only the environment is asked."""
    for path in CODE:
        called = {
            ast.unparse(node) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)
        }
        assert not {name for name in called if name.endswith(NOBODY_TO_ASK)}, path


SPEAKERS = {
    "connectors/_google/transport.py": {"requests", "urllib3", "httplib2"},
    "connectors/_google/session.py": {"requests", "urllib3"},
    "connectors/_google/login.py": {"requests"},
    "connectors/_google/listener.py": {"http"},
    "connectors/_google/wire.py": {"googleapiclient"},
    "daemon/manager.py": {"socket"},
    "daemon/ping.py": {"requests"},
}
"""The modules that speak with anybody, and with what; the transport refuses what is not on its list of methods."""
NETWORK = {"smtplib", "socket", "http", "urllib", "requests", "urllib3", "httplib2", "googleapiclient"}


def test_no_code_could_send() -> None:
    """Nothing imports what sends mail, or writes what makes a server send invitations; few modules speak at all."""
    for path in CODE:
        tree = ast.parse(path.read_text())
        imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
        imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        speaks = {name.partition(".")[0] for name in imported - {"urllib.parse"}} & NETWORK
        assert speaks <= SPEAKERS.get(path.relative_to(ROOT).as_posix(), set()), path


def test_what_was_written_invites_nobody(made: Path) -> None:
    """The reminders of the demo carry no guest and no organiser; the drafts no trace of Kith."""
    calendar = (made / "kith.ics").read_bytes()
    assert b"BEGIN:VEVENT" in calendar
    assert not re.search(rb"^(ATTENDEE|ORGANIZER|METHOD)|ACTION:EMAIL", calendar, re.MULTILINE)
    for path in (made / "Mail" / "Drafts" / "cur").iterdir():
        assert b"kith" not in path.read_bytes().lower()
        assert path.name.endswith(":2,D")
