"""What stands in the configuration file? Reads TOML without believing it (reliability F15)."""

from __future__ import annotations

import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from daemon.config.problems import ConfigError, Problem

SIZE_LIMIT = 256 * 1024
_DOT_LIMIT = 200
"""Dots in one line. The time tomllib takes for a dotted key grows with the square of its length."""
_HINT = "text stands in quotes, the name of a table in brackets, each key once"
_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")


def read_document(path: Path) -> dict[str, Any]:
    """Return the tables of the TOML file at ``path``. Raises ConfigError with one problem if that cannot be done."""
    text = _text(path)
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > _DOT_LIMIT:
            raise _wrong(f"line {number} holds more than {_DOT_LIMIT} dots")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _wrong(_syntax(str(error), text), _HINT) from None
    except (RecursionError, MemoryError, ValueError):
        raise _wrong("is nested too deeply, or holds a number too long to read") from None


def _text(path: Path) -> str:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise _wrong(f"{path} is not a file")
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except FileNotFoundError:
        raise _wrong(f"there is no file {path}", "config.example.toml shows every key") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a file name"
        raise _wrong(f"{path} cannot be read: {reason}") from None
    if len(data) > SIZE_LIMIT:
        raise _wrong(f"{path} is larger than {SIZE_LIMIT // 1024} KiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _wrong(f"line {line} is not UTF-8", "save the file as UTF-8") from None


def _syntax(message: str, text: str) -> str:
    """Return a message of tomllib with its place in front; what it quotes of the file is left out."""
    place = _PLACE.search(message)
    trouble = message[: place.start()] if place else message
    if trouble.startswith("Cannot"):
        trouble = "the same key or table stands here twice"
    line, column = (place[1], place[2]) if place and place[1] else (str(text.count("\n") + 1), "1")
    return f"line {line}, column {column}: {trouble[:1].lower()}{trouble[1:]}"


def _wrong(text: str, hint: str = "") -> ConfigError:
    return ConfigError([Problem(path="", text=text, hint=hint)])
