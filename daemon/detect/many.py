"""Under which marks does a record stand? Indexes that cost little where most marks have one."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, MutableMapping
from typing import Generic, TypeVar

T = TypeVar("T")


class Many:
    """Keys by mark. A mark without keys is not there."""

    __slots__ = ("_keys",)

    def __init__(self) -> None:
        self._keys: dict[Hashable, str | set[str]] = {}

    def __contains__(self, mark: object) -> bool:
        return mark in self._keys

    def get(self, mark: Hashable) -> Collection[str]:
        """Return the keys under ``mark``; they are to be read before anything is added or dropped."""
        found = self._keys.get(mark, ())
        return (found,) if isinstance(found, str) else found

    def add(self, mark: Hashable, key: str) -> None:
        """Put ``key`` under ``mark``; twice is once."""
        found = self._keys.setdefault(mark, key)
        if isinstance(found, set):
            found.add(key)
        elif found != key:
            self._keys[mark] = {found, key}

    def drop(self, mark: Hashable, key: str) -> None:
        """Take ``key`` away from ``mark``; where it does not stand nothing happens."""
        found = self._keys.get(mark)
        if isinstance(found, set):
            found.discard(key)
            if len(found) == 1:
                self._keys[mark] = found.pop()
        elif found == key:
            del self._keys[mark]


class Tuples(MutableMapping[str, tuple[T, ...]], Generic[T]):
    """Tuples by key; of what stands alone no tuple is kept."""

    __slots__ = ("_values",)

    def __init__(self) -> None:
        self._values: dict[str, T | tuple[T, ...]] = {}

    def __getitem__(self, key: str) -> tuple[T, ...]:
        found = self._values[key]
        return found if isinstance(found, tuple) else (found,)

    def __setitem__(self, key: str, items: tuple[T, ...]) -> None:
        self._values[key] = items[0] if len(items) == 1 else items

    def __delitem__(self, key: str) -> None:
        del self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
