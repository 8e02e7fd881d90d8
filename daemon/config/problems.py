"""What is wrong with the configuration, in words that help to mend it?

No problem repeats a value: values are addresses, names and titles. Names of keys, accounts and files are repeated.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from connectors._address import clean

_BARE = re.compile(r"[A-Za-z0-9_-]{1,60}")
_LATER = frozenset({"history"})
"""Keys that the pages of this version name as coming."""
_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a known key",
    "string_type": "must be text in quotes",
    "string_too_short": "must not be empty",
    "string_too_long": "must be at most {max_length} characters",
    "path_type": "must be a file name in quotes",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "list_type": "must be a list, in square brackets",
    "tuple_type": "must be a list, in square brackets",
    "dict_type": "must be a table",
    "mapping_type": "must be a table",
    "model_type": "must be a table",
    "literal_error": "must be {expected}",
    "too_short": "needs {min_length} or more entries",
    "too_long": "may have {max_length} entries at most",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "value_error": "{error}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: the dotted path of the key (empty for the file as a whole), the trouble and a hint."""

    path: str
    text: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.path}: " if self.path else ""
        return f"{place}{self.text}{f' ({self.hint})' if self.hint else ''}"


class ConfigError(Exception):
    """The configuration cannot be used; ``problems`` holds everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def dotted(*parts: str) -> str:
    """Return the path of a key as it is written in TOML; a part that could be an address is left out."""
    return ".".join(_shown(part) for part in parts)


def nearest(key: str, known: Iterable[str]) -> str:
    """Return a hint for the misspelled ``key``: the nearest of ``known``, or all of them that are plain names."""
    names = sorted(name for name in known if _BARE.fullmatch(name))
    if key in _LATER:
        return "comes later"
    close = difflib.get_close_matches(key.casefold(), names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]}?"
    return f"known here: {', '.join(names)}" if names else ""


def unknown(path: tuple[str, ...], known: Iterable[str]) -> Problem:
    """Return the problem of a key nobody knows; ``path`` ends with it."""
    return Problem(path=dotted(*path), text=_WORDS["extra_forbidden"], hint=nearest(path[-1], known))


def explain(
    error: ValidationError, path: tuple[str, ...], known: Iterable[str], keys: Mapping[str, str] | None = None
) -> list[Problem]:
    """Return what pydantic found below ``path`` in plain words; ``known`` are the keys of that table.

    ``keys`` gives the key for a field that is called otherwise.
    """
    names, renamed = tuple(known), keys or {}
    return [
        _problem(
            item["type"],
            tuple(renamed.get(part, part) if isinstance(part, str) else part for part in item["loc"]),
            item.get("ctx", {}),
            path,
            names,
        )
        for item in error.errors(include_url=False, include_input=False)
    ]


def _problem(
    kind: str, loc: tuple[int | str, ...], context: dict[str, object], path: tuple[str, ...], known: tuple[str, ...]
) -> Problem:
    keys = [part for part in loc if isinstance(part, str)]
    entry = next((f"entry {part + 1} " for part in loc if isinstance(part, int)), "")
    words = entry + _WORDS.get(kind, "cannot be read").format_map(context)
    if kind == "extra_forbidden":
        return unknown((*path, *keys), known)
    return Problem(path=dotted(*path, *keys), text=words)


def _shown(part: str) -> str:
    if _BARE.fullmatch(part) or re.fullmatch(r"#\d+", part):
        return part
    return '"..."' if "@" in part else f'"{clean(part, 60)}"'
