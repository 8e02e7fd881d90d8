"""Is the example configuration whole, valid, and honest about the defaults?"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import connectors
from daemon.config import Configuration, load, missing_files
from daemon.config.accounts import key_of
from daemon.config.tables import ENTRIES, TABLES
from daemon.model import DEFAULT_WEIGHTS

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
TODAY = date(2026, 11, 22)
DOCUMENT = tomllib.loads(EXAMPLE.read_text("utf-8"))
LEAST: dict[str, dict[str, Any]] = {
    "me": {"name": "Ada Example", "addresses": ["ada@example.com"], "timezone": "Europe/Berlin"},
    "accounts.agenda": {"kind": "ics", "path": "calendar.ics", "reminders": "kith.ics"},
    "accounts.club": {"kind": "ics", "url": "https://calendar.example/other.ics"},
    "accounts.home": {"kind": "google"},
    "accounts.archive": {"kind": "mbox", "path": "Sent.mbox"},
    "accounts.local": {"kind": "maildir", "path": "Mail"},
    "accounts.reading": {"kind": "feed", "reading_list": "list.txt"},
    'people."grace@example.org"': {},
    "tags.mentors": {},
}


NEEDED = {
    ("accounts.agenda", "path"),
    ("accounts.agenda", "reminders"),
    ("accounts.club", "url"),
    ("accounts.reading", "reading_list"),
}
"""Keys without a default that these accounts cannot do without."""


def _stated() -> dict[tuple[str, str], str]:
    """Return what the example says of each key: ``required`` or its default, by table and key."""
    found, table = {}, ""
    for line in EXAMPLE.read_text("utf-8").splitlines():
        if header := re.fullmatch(r"\[(.+)\]", line):
            table = header[1]
        elif key := re.match(r"([\w-]+) = (.*)", line):
            said = re.search(r"# (required|default: (.+))$", line)
            found[table, key[1]] = (said[2] or said[1]) if said else ""
    return found


STATED = _stated()


def _written(value: object) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_written(item)}' for key, item in value.items())} }}"
    return json.dumps(value)  # the values here read the same in JSON and in TOML


def _loaded(folder: Path, tables: Mapping[str, Mapping[str, Any]]) -> Configuration:
    lines = [
        line
        for name, table in tables.items()
        for line in (f"[{name}]", *(f"{key} = {_written(value)}" for key, value in table.items()))
    ]
    (folder / "config.toml").write_text("\n".join(lines))
    return load(folder / "config.toml", {"HOME": str(folder)}, TODAY)


def test_it_loads_as_it_stands(tmp_path: Path) -> None:
    """With its files made, the example is a configuration without a problem."""
    (tmp_path / "config.toml").write_bytes(EXAMPLE.read_bytes())
    (tmp_path / "calendar.ics").touch()
    (tmp_path / "Sent.mbox").touch()
    (tmp_path / "Mail").mkdir()
    (tmp_path / "targets.toml").touch()
    (tmp_path / "holidays.ics").write_text("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nEND:VCALENDAR\n")
    (tmp_path / "reading.txt").touch()
    made = load(tmp_path / "config.toml", {}, TODAY)
    assert set(made.kinds.values()) == set(connectors.KINDS)
    assert missing_files(made) == ()


def _known() -> set[tuple[str, str]]:
    tables = {(name, key) for name, model in TABLES.items() for key in model.model_fields}
    entries = {(name, key) for name, model in ENTRIES.items() for key in model.model_fields}
    accounts = {
        (kind, key_of(item))
        for kind in connectors.KINDS
        if (made := connectors.account_class(kind)) is not None
        for item in fields(made)  # type: ignore[arg-type]  # an account is a dataclass by contract
        if item.init
    }
    return tables | entries | accounts | {("strength.weights", kind) for kind in DEFAULT_WEIGHTS}


def _shown() -> set[tuple[str, str]]:
    tables = {(name, key) for name in TABLES for key in DOCUMENT[name]}
    entries = {(name, key) for name in ENTRIES for table in DOCUMENT[name].values() for key in table}
    accounts = {(table["kind"], key) for table in DOCUMENT["accounts"].values() for key in table if key != "kind"}
    return tables | entries | accounts | {("strength.weights", kind) for kind in DOCUMENT["strength"]["weights"]}


def test_every_key_is_in_it() -> None:
    """The example shows each key that the code knows, and none that it does not."""
    assert _shown() == _known()


def test_every_line_says_its_default() -> None:
    """Beside each key stands its default or that it is required; only the kind of an account needs neither."""
    assert {key for key, said in STATED.items() if not said} == {
        (f"accounts.{name}", "kind") for name in ("agenda", "club", "archive", "home", "local", "reading")
    }


DEFAULTS = {key: said for key, said in STATED.items() if said not in {"", "required", "none"} and key[0]}


@pytest.mark.parametrize("key", DEFAULTS, ids=".".join)
def test_a_stated_default_is_the_default(tmp_path: Path, key: tuple[str, str]) -> None:
    """Writing the stated default into a configuration changes nothing."""
    table, name = key
    value = tomllib.loads(f"value = {DEFAULTS[key]}")["value"]
    plain = _loaded(tmp_path, LEAST)
    written = _loaded(tmp_path, {**LEAST, table: {**LEAST.get(table, {}), name: value}})
    assert written == plain


@pytest.mark.parametrize("key", [key for key, said in STATED.items() if said in {"none", "required"}], ids=".".join)
def test_what_has_no_default_makes_a_difference(tmp_path: Path, key: tuple[str, str]) -> None:
    """A key that is required or has no default may be changed to the value shown, and is then read."""
    table, name = key
    bare = {**LEAST, table: {k: v for k, v in LEAST.get(table, {}).items() if k != name}}
    value = _value(table, name)
    written = _loaded(tmp_path, {**LEAST, table: {**LEAST.get(table, {}), name: value}})
    if STATED[key] == "required":
        with pytest.raises(Exception, match="is missing"):
            _loaded(tmp_path, bare)
    elif (table, name) not in NEEDED:
        assert written != _loaded(tmp_path, bare)


def _value(table: str, name: str) -> Any:
    value: Any = DOCUMENT
    for part in re.findall(r'"[^"]+"|[^.]+', table):
        value = value[part.strip('"')]
    return value[name]
