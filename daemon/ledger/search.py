"""Which rows can a TinyDB query hold for at all? Answered by indexes, where the query's shape allows it.

TinyDB keeps the shape of a query in a private field, for its cache: ``("==", ("person",), "p-1")``, ``("and",
frozenset(...))`` and so on. A shape that is not known here only means that every row is tested.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from daemon.ledger.indexes import Indexes

_FROM = frozenset({">", ">="})
_TO = frozenset({"<", "<="})


def candidates(query: Any, indexes: Indexes) -> list[int] | None:
    """Return the ids of the rows ``query`` may hold for, in order; None if it may hold for any."""
    return _of_shape(getattr(query, "_hash", None), indexes)


def _of_shape(shape: Any, indexes: Indexes) -> list[int] | None:
    match shape:
        case ("==", (str(name),), value):
            postings = indexes.get(name)
            return None if postings is None else postings.at(value)
        case ("one_of", (str(name),), tuple() | frozenset() as values):
            return _union(_of_shape(("==", (name,), value), indexes) for value in values)
        case (">" | ">=" | "<" | "<=", (str(name),), _):
            return _range(name, [shape], indexes)
        case ("or", frozenset() as shapes):
            return _union(_of_shape(item, indexes) for item in shapes)
        case ("and", frozenset() as shapes):
            return _all_of(shapes, indexes)
    return None


def _all_of(shapes: Iterable[Any], indexes: Indexes) -> list[int] | None:
    """Return the fewest candidates that one condition leaves; the two ends of a range are taken together."""
    ranges: dict[str, list[Any]] = {}
    found: list[list[int] | None] = []
    for shape in shapes:
        match shape:
            case (">" | ">=" | "<" | "<=", (str(name),), _):
                ranges.setdefault(name, []).append(shape)
            case _:
                found.append(_of_shape(shape, indexes))
    found += [_range(name, ends, indexes) for name, ends in ranges.items()]
    return min((item for item in found if item is not None), key=len, default=None)


def _range(name: str, ends: Iterable[Any], indexes: Indexes) -> list[int] | None:
    postings = indexes.get(name)
    if postings is None or not all(isinstance(value, str) for _, _, value in ends):
        return None
    first = max((value for sign, _, value in ends if sign in _FROM), default=None)
    last = min((value for sign, _, value in ends if sign in _TO), default=None)
    return postings.between(first, last)


def _union(found: Iterable[list[int] | None]) -> list[int] | None:
    union: set[int] = set()
    for ids in found:
        if ids is None:
            return None
        union.update(ids)
    return sorted(union)
