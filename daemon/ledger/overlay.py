"""What does an updater of TinyDB work on? The rows as they are, with what it changes on top."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from daemon.ledger.codec import parse
from daemon.ledger.lines import Rows


class Overlay(MutableMapping[int, Any]):
    """A table as an updater sees it: decoded documents by id."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._cleared = False
        self.changed: dict[int, Any] = {}
        """Documents by id; None for deleted ones."""

    def __contains__(self, number: object) -> bool:
        if number in self.changed:
            return self.changed[number] is not None
        return not self._cleared and number in self._rows

    def __getitem__(self, number: int) -> Any:
        if number not in self:
            raise KeyError(number)
        if number not in self.changed:
            self.changed[number] = parse(self._rows[number])  # a private copy: an error commits nothing
        return self.changed[number]

    def __setitem__(self, number: int, document: Any) -> None:
        self.changed[number] = document

    def __delitem__(self, number: int) -> None:
        if number not in self:
            raise KeyError(number)
        self.changed[number] = None

    def __iter__(self) -> Iterator[int]:
        if not self._cleared:
            yield from (number for number in self._rows if self.changed.get(number, self) is not None)
        behind = () if self._cleared else self._rows
        yield from (number for number, item in self.changed.items() if item is not None and number not in behind)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def clear(self) -> None:
        """Delete every row."""
        self.changed = dict.fromkeys(self._rows)
        self._cleared = True


class Documents(Mapping[str, Mapping[str, Any]]):
    """The rows as TinyDB reads them: by the text of their id, decoded one at a time."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def __getitem__(self, number: str) -> Mapping[str, Any]:
        document: dict[str, Any] = parse(self._rows[int(number)])
        return document

    def __iter__(self) -> Iterator[str]:
        return map(str, self._rows)

    def __len__(self) -> int:
        return len(self._rows)
