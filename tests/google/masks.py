"""Which part of an answer was asked for? ``fields=a,b(c,d),e/f,g/*`` parsed, checked and applied."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from .answers import invalid

Mask = dict[str, Any]
"""A name leads to the mask of what is in it; an empty mask takes everything."""

_TOKEN = re.compile(r"[A-Za-z0-9_.$@:-]+|[*,/()]")


@lru_cache(maxsize=256)
def _tokens(text: str) -> tuple[str, ...]:
    tokens = tuple(_TOKEN.findall(text))
    if "".join(tokens) != re.sub(r"\s", "", text) or not tokens:
        raise _bad(text)
    return tokens


def _bad(text: str) -> Exception:
    return invalid(f"Invalid field selection {text[:60]}", "fields", reason="invalidParameter")


def parse(text: str) -> Mask:
    """Parse *text*. Raises Refused (400) if it is no field selection."""
    tokens = list(_tokens(text))
    mask = _selection(tokens)
    if tokens:
        raise _bad(text)
    return mask


def _selection(tokens: list[str]) -> Mask:
    mask: Mask = {}
    while True:
        _merge(mask, _path(tokens))
        if not tokens or tokens[0] != ",":
            return mask
        tokens.pop(0)


def _path(tokens: list[str]) -> Mask:
    if not tokens or tokens[0] in {",", "/", "(", ")"}:
        raise _bad("".join(tokens))
    name = tokens.pop(0)
    below: Mask = {}
    if tokens and tokens[0] == "/":
        tokens.pop(0)
        below = _path(tokens)
    elif tokens and tokens[0] == "(":
        tokens.pop(0)
        below = _selection(tokens)
        if not tokens or tokens.pop(0) != ")":
            raise _bad(name)
    return {name: below}


def _merge(mask: Mask, more: Mask) -> None:
    for name, below in more.items():
        if name in mask and mask[name] and below:
            _merge(mask[name], below)
        else:
            mask[name] = below if name not in mask else {}


def check(mask: Mask, schema: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Raise Refused (400) if *mask* names a field that *schema* does not have."""
    schema = _inner(schema, schemas)
    known, anything = schema.get("properties", {}), schema.get("additionalProperties")
    for name, below in mask.items():
        if name == "*":
            continue
        if name not in known and not anything:
            raise _bad(name)
        if below:
            check(below, known.get(name) or anything or {}, schemas)


def _inner(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema or schema.get("type") == "array":
        schema = schemas[schema["$ref"]] if "$ref" in schema else schema["items"]
    return schema


def apply(mask: Mask, value: Any) -> Any:
    """Give the part of *value* that *mask* takes; in arrays, of each item."""
    if not mask:
        return value
    if isinstance(value, list):
        return [apply(mask, item) for item in value]
    if not isinstance(value, dict):
        return value
    star = mask.get("*")
    picked = {}
    for name, inner in value.items():
        below = mask.get(name, star)
        if below is not None:
            picked[name] = apply(below, inner)
    return picked
