"""How does a frozen value become JSON and back? One codec for every dataclass the ledger keeps.

Fields that hold their default are left out, so a row is short and a new field with a default needs no migration.
Instants are ISO 8601 in UTC ending in ``Z``, dates ``YYYY-MM-DD``; tuples are lists; sets are sorted lists.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")
Step = Callable[[Any], Any]


class UnstorableError(ValueError):
    """A value that JSON does not keep: NaN, an infinite number, a lone surrogate, a foreign type."""


def dump(document: Mapping[str, Any]) -> bytes:
    """Return ``document`` as one line of UTF-8 JSON. Raises UnstorableError for what would not come back the same.

    Refused so are NaN and infinite numbers, lone surrogates, whole numbers of more than 64 bits, tuples, sets, keys
    that are no text, and whatever else JSON has no form for.
    """
    plain = document if type(document) is dict else dict(document)
    try:
        raw = _ENCODE(plain)
        same = parse(raw) == plain
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise UnstorableError(f"not storable as JSON: {type(error).__name__}") from None
    if not same or (_LONG.search(raw) and not _fits(plain)):
        raise UnstorableError("not storable as JSON: it would not come back the same")
    return raw


def _fits(value: Any) -> bool:
    """Tell whether every whole number in ``value`` has 64 bits at most: others few readers of JSON keep."""
    if isinstance(value, dict):
        return all(map(_fits, value.values()))
    if isinstance(value, list):
        return all(map(_fits, value))
    return not isinstance(value, int) or -(1 << 63) <= value < 1 << 64


_LONG = re.compile(rb"[0-9]{19}")
_ENCODE = msgspec.json.Encoder().encode
parse = msgspec.json.decode
"""Return the JSON value of one line."""


def parser(kind: type[T]) -> Callable[[bytes], T]:
    """Return what reads a line straight into a ``kind``: faster than ``decode``, but it knows no ``date`` unions."""
    return msgspec.json.Decoder(kind).decode


def encode(value: Any) -> dict[str, Any]:
    """Return the dataclass ``value`` as a JSON document without its defaults."""
    document: dict[str, Any] = {}
    for name, default, step, _ in _plan(type(value)):
        item = getattr(value, name)
        if item != default:
            document[name] = item if step is None else step(item)
    return document


def decode(kind: type[T], document: Mapping[str, Any]) -> T:
    """Return the ``kind`` that ``encode`` made ``document`` of; unknown fields are left out."""
    arguments = {}
    for name, _, _, step in _plan(kind):
        if name in document:
            item = document[name]
            arguments[name] = item if step is None else step(item)
    return kind(**arguments)


Plan = tuple[tuple[str, Any, Step | None, Step | None], ...]
_PLANS: dict[type, Plan] = {}


def _plan(kind: type[Any]) -> Plan:
    """Return name, default, and how to write and to read, of every field; worked out once a class."""
    if kind not in _PLANS:
        hints = typing.get_type_hints(kind)
        _PLANS[kind] = tuple((item.name, _default(item), *_steps(hints[item.name])) for item in fields(kind))
    return _PLANS[kind]


def _default(item: Any) -> Any:
    if item.default is not MISSING:
        return item.default
    return item.default_factory() if item.default_factory is not MISSING else MISSING


def _steps(hint: Any) -> tuple[Step | None, Step | None]:
    """Return how a value of type ``hint`` is written and read; None where JSON has it already."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if hint is datetime or set(parts) >= {datetime, date}:
        return _write_moment, _read_moment
    if origin in (types.UnionType, typing.Union):
        return _optional(*_steps(next(part for part in parts if part is not types.NoneType)))
    if origin is tuple:
        return _several(tuple, *_steps(parts[0]))
    if origin is frozenset:
        return sorted, frozenset
    return (encode, _reader(hint)) if is_dataclass(hint) else (None, None)


def _reader(kind: Any) -> Step:
    return lambda document: decode(kind, document)


def _optional(write: Step | None, read: Step | None) -> tuple[Step | None, Step | None]:
    def guarded(step: Step | None) -> Step | None:
        return step and (lambda item: None if item is None else step(item))

    return guarded(write), guarded(read)


def _several(kind: type, write: Step | None, read: Step | None) -> tuple[Step, Step]:
    if write is None or read is None:
        return list, kind
    return (lambda items: [write(item) for item in items]), (lambda items: kind(read(item) for item in items))


def _write_moment(at: date) -> str:
    if not isinstance(at, datetime):
        return at.isoformat()
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _read_moment(text: str) -> date:
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
